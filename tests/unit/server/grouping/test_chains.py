from crashdesk.server.grouping.chains import cause
from crashdesk.server.grouping.reading import exceptions
from support.events import event, frame, raised

SHELL = frame("fieldbook.shell", "guarded")
DEEP = frame("fieldbook.table", "filter_rows")


def cause_of(*chain):
    return cause(exceptions(event(*chain)))


def test_an_exception_raised_where_the_first_was_caught_is_a_wrapper():
    found = cause_of(raised("KeyError", frames=[SHELL, DEEP]), raised("CommandError", frames=[SHELL]))
    assert found.type == "KeyError"


def test_the_causes_stack_begins_at_the_programs_start():
    main = frame("fieldbook.app", "main")
    found = cause_of(raised("KeyError", frames=[SHELL, DEEP]), raised("CommandError", frames=[main, SHELL]))
    assert [entry.function for entry in found.frames] == ["main", "guarded", "filter_rows"]


def test_an_exception_from_deeper_in_the_handler_is_a_failure_of_its_own():
    found = cause_of(raised("KeyError", frames=[SHELL]), raised("TypeError", frames=[SHELL, DEEP]))
    assert found.type == "TypeError"


def test_wrappers_of_wrappers_are_followed_to_the_end():
    chain = [raised(name, frames=[SHELL, DEEP] if name == "A" else [SHELL]) for name in "ABC"]
    assert cause_of(*chain).type == "A"


def test_a_declared_cause_is_followed_wherever_it_was_raised():
    inner = raised("KeyError", frames=[DEEP], mechanism={"exception_id": 1, "parent_id": 0, "source": "__cause__"})
    outer = raised("CommandError", frames=[SHELL, frame("fieldbook.errors", "fail")], mechanism={"exception_id": 0})
    assert cause_of(inner, outer).type == "KeyError"


def test_a_group_stands_for_its_first_exception():
    def member(type_, number):
        source = {"exception_id": number, "parent_id": 0, "source": f"exceptions[{number - 1}]"}
        return raised(type_, mechanism=source)

    group = raised("ExceptionGroup", mechanism={"exception_id": 0, "is_exception_group": True})
    assert cause_of(member("Second", 2), member("First", 1), group).type == "First"


def test_a_group_without_ids_stands_for_the_exception_before_it():
    group = raised("ExceptionGroup", mechanism={"is_exception_group": True})
    assert cause_of(raised("Only"), group).type == "Only"


def test_a_group_alone_stands_for_itself():
    assert cause_of(raised("ExceptionGroup", mechanism={"is_exception_group": True})).type == "ExceptionGroup"


def test_exceptions_without_stacks_are_not_unwrapped():
    assert cause_of({"type": "A"}, {"type": "B"}).type == "B"
