"""What a person decided, carried out in the outbox; on the background thread."""

from dataclasses import replace

from crashdesk.agent.ui import reply
from crashdesk.agent.ui.feedback_report import FeedbackDraft, draft_to_json
from crashdesk.agent.ui.feedback_window import Sending
from crashdesk.agent.ui.looking import sizes_from_json
from crashdesk.agent.ui.problems import Problem, parse
from crashdesk.agent.ui.reply import Action, Reply, compose
from crashdesk.outbox import facts
from crashdesk.outbox.notices import Consent, Notices
from crashdesk.outbox.store import NewReport, Outbox, State
from crashdesk.protocol import withdrawal
from crashdesk.protocol.envelope import Envelope, new_event_id


def settle(outbox: Outbox, problem: Problem, given: Reply, feedback_id: str) -> None:
    """Do what a person answered about a problem: the words go with its newest report."""
    if given.action is Action.LATER:
        keep_draft(outbox, problem.newest.report_id, given)
    else:
        newest, *repeats = problem.report_ids
        whole = problem.newest.envelope
        _settle_one(outbox, newest, given, compose(whole, given, feedback_id) if whole.items else whole)
        for number in repeats:
            settle_repeat(outbox, number, given)
    if given.action is Action.SEND and given.contact:
        outbox.set_fact(facts.CONTACT, given.contact)
    if given.is_for_ever:
        standing = reply.standing_from_json(outbox.fact(facts.ANSWERS))
        standing.pop(problem.likeness, None)
        outbox.set_fact(facts.ANSWERS, reply.standing_to_json({**standing, problem.likeness: given}))


def settle_repeat(outbox: Outbox, report_id: int, given: Reply) -> None:
    """Apply an answer that was given before to another report of the same problem."""
    report = outbox.get(report_id)
    if report is None or report.state is not State.WAITING or given.action is Action.LATER:
        return
    envelope = parse(report.envelope)
    _settle_one(outbox, report_id, given, compose(envelope, given.for_repeats(envelope), ""))


def _settle_one(outbox: Outbox, report_id: int, given: Reply, envelope: Envelope) -> None:
    report = outbox.get(report_id)
    if report is not None and report.state is State.WAITING:
        if given.action is Action.REFUSE:
            outbox.refuse(report_id)
        else:
            data = envelope.to_bytes() if envelope.items else report.envelope  # damaged: the server shall say so
            outbox.approve(report_id, None if data == report.envelope else data)
    outbox.set_fact(facts.draft_of_report(report_id), None)


def keep_draft(outbox: Outbox, report_id: int, given: Reply) -> None:
    """Remember what was entered, if anything was."""
    has_entries = bool(given.words or given.how_often or given.contact or given.removed)
    outbox.set_fact(facts.draft_of_report(report_id), given.draft() if has_entries else None)


def keep_feedback_draft(outbox: Outbox, draft: FeedbackDraft) -> None:
    outbox.set_fact(facts.DRAFT_OF_FEEDBACK, None if draft.is_empty else draft_to_json(draft))


def put_feedback(outbox: Outbox, sending: Sending, product: str) -> None:
    """Put a feedback that the person sent into the outbox, withdrawable, and forget its draft."""
    secret = withdrawal.new_secret()
    envelope = sending.envelope()
    envelope.headers["withdrawal_digest"] = withdrawal.digest_of(secret)
    outbox.put(
        NewReport(
            event_id=sending.feedback_id,
            kind="feedback",
            category="feedback",
            title=_title(sending.draft),
            likeness="",
            envelope=envelope.to_bytes(),
            dsn=sending.opening.dsn,
            state=State.READY,
            withdrawal_secret=secret,
            product=product,
            release=sending.opening.release,
            by_person=True,
        )
    )
    outbox.set_fact(facts.DRAFT_OF_FEEDBACK, None)
    if sending.draft.contact:
        outbox.set_fact(facts.CONTACT, sending.draft.contact)


def _title(draft: FeedbackDraft) -> str:
    first = draft.words.splitlines()[0] if draft.words else draft.files[0].name
    return first if len(first) <= 120 else f"{first[:119]}…"


def set_consent(outbox: Outbox, notices: Notices, consent: Consent) -> None:
    """Remember the choice; "always" also sends what waits now, as its window says."""
    notices.set_consent(consent)
    if consent is Consent.GIVEN:
        for report in outbox.waiting():
            send_waiting(outbox, report.id)


def remember_size(outbox: Outbox, name: str, width: int, height: int) -> None:
    outbox.set_fact(facts.WINDOWS, {**sizes_from_json(outbox.fact(facts.WINDOWS)), name: [width, height]})


def send_now(outbox: Outbox, number: int) -> None:
    """Send what waits for the person, or try again at once what failed before."""
    report = outbox.get(number)
    if report is not None and report.state is State.WAITING:
        send_waiting(outbox, number)
    else:
        outbox.retry(number)


def send_waiting(outbox: Outbox, number: int) -> None:
    """Send a waiting report without its window: with the words of its draft, never with a picture nobody looked at."""
    draft = outbox.fact(facts.draft_of_report(number))
    if isinstance(draft, dict):
        report = outbox.get(number)
        given = replace(reply.reply_from_draft(draft), action=Action.SEND)
        if report is not None:
            _settle_one(outbox, number, given, compose(parse(report.envelope), given, new_event_id()))
    else:
        settle_repeat(outbox, number, Reply(Action.SEND))
