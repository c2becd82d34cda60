"""A name is planted wherever a report can carry it, then erased: no file holds it afterwards, and no number changed."""

import gzip
import json
from uuid import UUID, uuid4

import pytest
from django.db import connection

from crashdesk.errors import StorageError, UsageError
from crashdesk.protocol import withdrawal
from crashdesk.protocol.envelope import Item
from crashdesk.server.events import queries as events
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.models import Attachment, Erasure, Event, FailedReport
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.issues.erasure import Person, erase_person, erase_project, withdraw
from crashdesk.server.issues.models import Issue, IssueTag, IssueUser
from crashdesk.server.releases.models import ReleaseCommit
from crashdesk.server.sessions.models import SessionRun
from support.events import event, raised
from support.reports import a_new_row, an_envelope, event_item

NAME, MAIL = "Mirabel Quillfeather", "mirabel@quill.example"
THEIRS, FOREIGN, OTHER, WORDS = (uuid4().hex for _ in range(4))


def quiet(_text):
    """Say nothing."""


def feedback_item(name=NAME, mail=MAIL):
    words = {"contexts": {"feedback": {"name": name, "contact_email": mail, "message": f"It broke, says {name}."}}}
    return Item.from_json("feedback", words | {"event_id": WORDS})


def plant(world):
    user = {"id": "u-7781", "email": MAIL, "username": NAME}
    steps = [{"message": f"opened the file of {NAME}"}]
    theirs = event(raised(value="broke"), event_id=THEIRS, user=user, tags={"customer": NAME}, breadcrumbs=steps)
    mention = event(
        raised("LookupError", f"no customer {NAME.upper()} here"), event_id=FOREIGN, user={"id": "u-2"}, tags={"a": "b"}
    )
    other = event(raised(value="broke"), event_id=OTHER, user={"id": "u-3"}, tags={"customer": "Somebody"})
    session = {
        "sid": str(uuid4()),
        "did": "u-7781",
        "init": True,
        "started": "2026-03-02T12:00:00Z",
        "status": "exited",
    }
    session |= {"timestamp": "2026-03-02T12:10:00Z", "attrs": {"release": "fieldbook@2.4.0"}}
    log = Item({"type": "attachment", "filename": "app.log"}, f"user={MAIL}\n".encode() * 30)
    shot = Item({"type": "attachment", "filename": f"{NAME}.png"}, b"\x89PNG" + bytes(100))
    world.process(
        an_envelope(event_item(theirs), log, event_id=THEIRS),
        an_envelope(event_item(mention), shot, event_id=FOREIGN),
        an_envelope(event_item(other), event_id=OTHER),
        an_envelope(feedback_item(), event_id=WORDS),
        an_envelope(Item.from_json("session", session)),
    )
    broken = gzip.compress(
        b'{"event_id":"' + uuid4().hex.encode() + b'"}\n{"type":"event"}\n{"user": "' + NAME.encode()
    )
    world.accept(a_new_row(broken, project_id=world.project_id, encoding="gzip"))
    worker = world.worker()
    while worker.step():
        pass
    commit = {"author_name": NAME, "author_email": MAIL, "message": f"Mended, thanks to {NAME}"}
    ReleaseCommit.objects.create(project_id=world.project_id, version="1", position=0, commit_id="c", **commit)


def texts_of(data):
    """Yield the bytes of every file, with what lies compressed in them unpacked."""
    store = blobs()
    for pack in store.packs(with_open=True):
        yield from (content for _, content in store.contents(pack.name))
    for stored, _ in store.large():
        yield store.read(stored.reference)
    for path in data.rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def rows_of_tables():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of tables
            yield repr(cursor.fetchall()).encode()


def is_anywhere(world, *names):
    forms = [form for name in names for form in (name.lower().encode(), name.lower().encode("utf-16-le"))]
    found = [*texts_of(world.server.data), *rows_of_tables()]
    return any(form in text.lower() for text in found for form in forms)


@pytest.fixture
def planted(world):
    plant(world)
    assert (Event.objects.count(), FailedReport.objects.count(), SessionRun.objects.count()) == (3, 1, 1)
    assert is_anywhere(world, NAME)
    assert is_anywhere(world, MAIL)
    return world


def test_a_person_is_in_no_file_afterwards_and_every_count_stays(planted):
    before = sorted(Issue.objects.values_list("number", "event_count", "user_count", "feedback_count"))
    users, tags = IssueUser.objects.count(), sum(IssueTag.objects.values_list("count", flat=True))
    for told in (MAIL, NAME, "u-7781"):
        erase_person(Person(told, planted.project_id), "admin@example.org", quiet)
    assert not is_anywhere(planted, NAME, MAIL, "u-7781")
    assert sorted(Issue.objects.values_list("number", "event_count", "user_count", "feedback_count")) == before
    assert (IssueUser.objects.count(), sum(IssueTag.objects.values_list("count", flat=True))) == (users, tags)
    assert Event.objects.count() == 3


def test_what_others_sent_stays(planted):
    erase_person(Person(MAIL), "admin@example.org", quiet)
    other = events.event([planted.project_id], OTHER)
    assert events.body(other)["tags"] == [["customer", "Somebody"]]
    assert Event.objects.get(event_id=UUID(THEIRS)).body == ""


def test_a_mention_takes_the_body_only(planted):
    erase_person(Person(NAME), "admin@example.org", quiet)
    foreign = events.event([planted.project_id], FOREIGN)
    assert foreign.body == ""
    issue = Issue.objects.get(project_id=planted.project_id, id=foreign.issue_id)
    assert issue.value == "no customer [erased] here"


def test_one_line_says_who_had_how_much_erased_and_never_whose_it_was(planted):
    done = erase_person(Person(MAIL, planted.project_id), "admin@example.org", quiet)
    line = Erasure.objects.get()
    assert (line.by, line.kind, line.project_id) == ("admin@example.org", "person", planted.project_id)
    assert line.counts == done.counts
    assert done.counts["events"] == 1
    assert done.counts["feedback"] == 1
    assert MAIL not in json.dumps(line.counts)


def test_a_short_id_takes_only_its_users_reports(planted):
    erase_person(Person("u-3"), "admin@example.org", quiet)
    assert Event.objects.exclude(body="").count() == 2


def test_erasing_again_finds_nothing_more(planted):
    erase_person(Person(MAIL), "admin@example.org", quiet)
    again = erase_person(Person(MAIL), "admin@example.org", quiet)
    assert sum(again.counts.values()) == 0


def test_a_project_is_in_no_file_afterwards(planted):
    erase_project(planted.project_id, "admin@example.org", quiet)
    assert not is_anywhere(planted, NAME, MAIL, "u-7781", "LookupError")
    assert (Event.objects.count(), Issue.objects.count(), Attachment.objects.count()) == (0, 0, 0)
    assert Erasure.objects.get().kind == "project"


def test_who_knows_the_secret_of_a_report_takes_it_back(world):
    secret = withdrawal.new_secret()
    body = event(user={"email": MAIL}, event_id=THEIRS)
    log = Item({"type": "attachment", "filename": "a.log"}, MAIL.encode())
    digest = withdrawal.digest_of(secret)
    world.process(
        an_envelope(event_item(body), log, event_id=THEIRS, withdrawal_digest=digest),
        an_envelope(event_item(event(event_id=OTHER)), event_id=OTHER),
        an_envelope(feedback_item(), event_id=WORDS, withdrawal_digest=digest),
    )
    assert not withdraw(world.project_id, UUID(THEIRS), withdrawal.new_secret())
    assert not withdraw(world.project_id, uuid4(), secret)
    assert withdraw(world.project_id, UUID(THEIRS), secret)
    assert withdraw(world.project_id, UUID(WORDS), secret)
    assert (Attachment.objects.count(), Feedback.objects.count()) == (0, 0)
    with pytest.raises(events.BodyNotKept):
        events.body(Event.objects.get(event_id=UUID(THEIRS)))
    assert MAIL.encode() not in b"".join(content for _, content in blobs().contents("1"))


def test_an_issue_of_one_withdrawn_report_goes_with_it(world):
    secret = withdrawal.new_secret()
    body = event(raised(value=f"no {NAME}"), event_id=THEIRS)
    digest = withdrawal.digest_of(secret)
    world.process(an_envelope(event_item(body), event_id=THEIRS, withdrawal_digest=digest))
    assert withdraw(world.project_id, UUID(THEIRS), secret)
    assert (Issue.objects.count(), Event.objects.count()) == (0, 0)


def test_reports_that_wait_are_not_passed_over(world):
    world.accept(a_new_row(an_envelope(event_item(event())), project_id=world.project_id))
    with pytest.raises(StorageError, match="1 reports wait to be processed"):
        erase_person(Person(MAIL), "admin@example.org", quiet)


def test_nobody_is_no_person():
    with pytest.raises(UsageError):
        Person("  ")
