from crashdesk.agent.ui.problems import Memory, Problem, Waiting, plan, read
from crashdesk.agent.ui.reply import Action, Reply
from support.waiting_reports import envelope, event

SEND = Reply(Action.SEND)


def waiting(number: int, likeness: str = "1-aa", run: str = "first run", **own) -> Waiting:
    payload = event(**own)
    payload["contexts"]["app"]["app_start_time"] = run
    return read(number, likeness, envelope(payload).to_bytes())


def ask(*reports: Waiting, memory: Memory | None = None) -> list[Problem]:
    return list(plan(reports, memory or Memory(), "Fieldbook").ask)


def test_equal_reports_are_one_problem_asked_about_by_its_newest() -> None:
    (problem,) = ask(waiting(3), waiting(2), waiting(1))
    assert (problem.newest.report_id, problem.times) == (3, 3)


def test_other_likeness_is_another_problem() -> None:
    assert [problem.likeness for problem in ask(waiting(2, "1-bb"), waiting(1))] == ["1-bb", "1-aa"]


def test_reports_without_a_likeness_are_asked_about_one_by_one() -> None:
    assert len(ask(waiting(2, ""), waiting(1, ""))) == 2


def test_repeat_in_the_same_run_gets_the_answer_of_that_run() -> None:
    memory = Memory()
    memory.note(ask(waiting(1))[0], SEND)
    decided = plan([waiting(2)], memory, "Fieldbook")
    assert not decided.ask
    assert [(report.report_id, reply) for report, reply in decided.settled] == [(2, SEND)]


def test_same_problem_in_a_new_run_is_asked_about_again() -> None:
    memory = Memory()
    memory.note(ask(waiting(1))[0], SEND)
    assert len(ask(waiting(2, run="second run"), memory=memory)) == 1


def test_answer_for_ever_holds_in_every_run() -> None:
    memory = Memory()
    memory.note(ask(waiting(1))[0], Reply(Action.REFUSE, is_for_ever=True))
    assert not ask(waiting(2, run="second run"), memory=memory)


def test_forgotten_answer_is_asked_for_again() -> None:
    memory, (problem,) = Memory(), ask(waiting(1))
    memory.note(problem, Reply(Action.SEND, is_for_ever=True))
    memory.forget(problem)
    assert len(ask(waiting(1), memory=memory)) == 1


def test_damaged_report_still_gets_its_window() -> None:
    (problem,) = ask(read(7, "1-aa", b"not an envelope"))
    assert (problem.report_ids, problem.last_step) == ((7,), "")


def test_last_step_is_what_the_person_did_not_what_followed() -> None:
    payload = event()
    payload["breadcrumbs"]["values"].append({"category": "ui.window", "message": "Window “Error” opened"})
    (problem,) = ask(read(1, "1-aa", envelope(payload).to_bytes()))
    assert problem.last_step == "Clicked “Remove” in “Entries”"


def test_last_step_is_one_the_person_recognises_not_one_in_the_toolkits_words() -> None:
    payload = event()
    payload["breadcrumbs"]["values"].append({"category": "ui.key", "message": "Pressed Return in QListView"})
    payload["breadcrumbs"]["values"].append({"category": "ui.click", "message": "Clicked qt_scrollarea_viewport"})
    (problem,) = ask(read(1, "1-aa", envelope(payload).to_bytes()))
    assert problem.last_step == "Clicked “Remove” in “Entries”"


def test_only_a_program_that_says_so_went_on() -> None:
    assert ask(waiting(1, program_went_on=True))[0].went_on
    assert not ask(waiting(1))[0].went_on
    assert not ask(waiting(1, program_went_on="yes"))[0].went_on
