"""What goes when, on real rows and real packs: samples of bodies, ages, bytes, repeats; counts stay."""

import os
from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest
from django.db import connection

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.events import bodies, policies, queries, services
from crashdesk.server.events.ids import first_at
from crashdesk.server.events.models import Attachment, Event, FailedReport, FreedPack, GoneBlob, SeenEnvelope
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.intake.blobs import Kind, Owner, Record
from crashdesk.server.issues import compaction, retention
from crashdesk.server.issues.models import Issue
from crashdesk.server.issues.sweeping import Sweep, sweep_all
from support.rows import NOON, a_project, an_event, an_issue, an_occurrence

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=1)
_places = count(1)


def new_id(at):
    """Return an id of that time, whatever ids other tests took."""
    return first_at(at) + next(_places)


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.CRASHDESK_DATA = tmp_path


@pytest.fixture
def project():
    return a_project()


def finish(pieces):
    for _ in pieces:
        pass


def stored(kind, project_id, row, data=None):
    return bodies.blobs().append([Record(Owner(kind, project_id, row), data or os.urandom(500))])[0]


def events(project, number, issue_id=7, at=NOON, **more):
    """Store events with bodies, in one portion."""
    ids = [uuid4() for _ in range(number)]
    data = [os.urandom(500) for _ in ids]
    references = bodies.blobs().append(
        [Record(Owner(Kind.EVENT, project.pk, found.int), body) for found, body in zip(ids, data, strict=True)]
    )
    return [
        an_event(project.pk, issue_id, id=new_id(at), event_id=found, body=reference, **more)
        for found, reference in zip(ids, references, strict=True)
    ]


def a_file(project, event_id, at=NOON):
    row_id = new_id(at)
    fields = {"sha256": "0" * 64, "name": "a.txt", "size_bytes": 1, "received_at": at}
    blob = stored(Kind.ATTACHMENT, project.pk, row_id)
    return Attachment.objects.create(project_id=project.pk, id=row_id, event_id=event_id, blob=blob, **fields)


def kept(project, issue_id=7):
    return [row.id for row in reversed(queries.kept_bodies(project.pk, issue_id))]


def test_an_issue_keeps_as_many_bodies_as_its_policy_says_and_all_rows(project):
    policies.set_policy(project.pk, {"bodies_per_issue": 10})
    rows = events(project, 50)
    finish(retention.sample_bodies(LATER))
    left = kept(project)
    assert (len(left), left[0], left[-1]) == (10, rows[0].id, rows[-1].id)
    assert Event.objects.count() == 50
    assert FreedPack.objects.get().freed_bytes > 40 * 500


def test_other_issues_are_left_alone(project):
    policies.set_policy(project.pk, {"bodies_per_issue": 10})
    events(project, 20), events(project, 8, issue_id=8), events(a_project("other"), 15)
    finish(retention.sample_bodies(LATER))
    assert (len(kept(project)), len(kept(project, 8))) == (10, 8)


def test_bodies_with_words_or_files_stay(project):
    policies.set_policy(project.pk, {"bodies_per_issue": 5})
    rows = events(project, 40)
    a_file(project, rows[10].event_id)
    Feedback.objects.create(
        project_id=project.pk, id=1, feedback_id=uuid4(), event_id=rows[20].event_id, happened_at=NOON, received_at=NOON
    )
    finish(retention.sample_bodies(LATER))
    assert {rows[10].id, rows[20].id} <= set(kept(project))
    assert len(kept(project)) == 7


def test_events_of_another_release_or_variant_stay_in_the_mixture(project):
    policies.set_policy(project.pk, {"bodies_per_issue": 6})
    events(project, 60)
    rare = [*events(project, 1, release="2.0"), *events(project, 1, variant=9), *events(project, 1, likeness="1-x")]
    events(project, 5)
    finish(retention.sample_bodies(LATER))
    assert {row.id for row in rare} <= set(kept(project))


def test_the_next_sampling_begins_where_the_last_one_ended(project):
    policies.set_policy(project.pk, {"bodies_per_issue": 10})
    events(project, 12)
    finish(retention.sample_bodies(LATER))
    events(project, 30, at=LATER)
    finish(retention.sample_bodies(LATER + timedelta(minutes=1)))
    assert len(kept(project)) == 10


def test_kept_bodies_are_found_by_their_own_index(project):
    events(project, 3)
    rows = queries.with_body(Event.objects.filter(project_id=project.pk, issue_id=7))
    own_names = {"sqlite": "event_with_body", "postgresql": "issue_id_id_idx"}  # partitions name theirs themselves
    assert own_names[connection.vendor] in rows.explain()


def test_old_rows_go_with_their_blobs_and_counts_stay(project):
    policies.set_policy(project.pk, {"events_days": 30, "attachments_days": 10, "failed_days": 5})
    issue = an_issue(project.pk, an_occurrence(), an_occurrence())
    old, young = events(project, 450, issue_id=issue.id), events(project, 3, issue_id=issue.id, at=LATER)
    a_file(project, old[0].event_id)
    FailedReport.objects.create(
        project_id=project.pk, id=new_id(NOON), received_at=NOON, reason="x", blob=stored(Kind.FAILED, project.pk, 0)
    )
    finish(retention.remove_old(NOON + timedelta(days=30, seconds=1)))
    assert [row.id for row in Event.objects.order_by("id")] == [row.id for row in young]
    assert (Attachment.objects.count(), FailedReport.objects.count()) == (0, 0)
    assert Issue.objects.get().event_count == 2
    assert FreedPack.objects.get().freed_bytes > 452 * 500


def test_a_policy_of_no_age_keeps_everything(project):
    policies.set_policy(project.pk, {"events_days": 0})
    events(project, 3)
    finish(retention.remove_old(NOON + timedelta(days=4000)))
    assert Event.objects.count() == 3


def test_the_oldest_bodies_beyond_a_projects_bytes_go(project):
    rows = events(project, 40)
    a_file(project, rows[0].event_id)
    policies.set_policy(project.pk, {"most_bytes": 10_000, "bodies_per_issue": 0})
    finish(retention.keep_within_bytes(LATER))
    left = kept(project)
    assert left[0] == rows[0].id
    assert left[1:] == [row.id for row in rows[-(len(left) - 1) :]]
    assert 15 < len(left) < 21


def test_repeats_are_recognised_for_a_month(project):
    old, young = uuid4(), uuid4()
    services.note_envelopes(project.pk, [old], NOON)
    services.note_envelopes(project.pk, [young], NOON + timedelta(days=2))
    finish(retention.forget_repeats(NOON + timedelta(days=31)))
    assert [row.envelope_id for row in SeenEnvelope.objects.all()] == [young]


def test_the_disk_gets_the_space_back(project, tmp_path, monkeypatch):
    store = compaction.blobs()
    monkeypatch.setattr(store._packs, "_pack_bytes", 40_000)
    policies.set_policy(project.pk, {"bodies_per_issue": 10})
    now = clock.now()
    rows = [row for _ in range(20) for row in events(project, 50, at=now)]
    before = used(tmp_path)
    sweep_all(now + timedelta(hours=1))
    assert used(tmp_path) < before / 5
    left = queries.kept_bodies(project.pk, 7)
    assert (len(left), left[-1].id, left[0].id) == (10, rows[0].id, rows[-1].id)
    assert {len(store.read(row.body)) for row in left} == {500}


def test_the_pack_that_is_written_to_gives_its_space_back_too(project, tmp_path, monkeypatch):
    monkeypatch.setattr(compaction, "ROLLED_BYTES", 50_000)
    policies.set_policy(project.pk, {"bodies_per_issue": 10})
    now = clock.now()
    for _ in range(4):
        events(project, 100, at=now)
    before = used(tmp_path)
    finish(retention.sample_bodies(now + timedelta(hours=1)))
    finish(compaction.compact(now + timedelta(hours=1)))
    assert used(tmp_path) < before / 5
    assert {len(compaction.blobs().read(row.body)) for row in queries.kept_bodies(project.pk, 7)} == {500}


def used(directory):
    return sum(path.stat().st_blocks * 512 for path in (directory / "blobs").rglob("*") if path.is_file())


def test_a_pack_is_written_anew_without_what_no_row_names(project, monkeypatch):
    store = compaction.blobs()
    monkeypatch.setattr(store._packs, "_pack_bytes", 1000)
    first, second = events(project, 2)[0], events(project, 2)[0]
    pack = first.body.partition(":")[0]
    Event.objects.exclude(id__in=[first.id, second.id]).update(body="")
    body = store.read(first.body)
    finish(compaction.rewrite(pack))
    first.refresh_from_db()
    assert first.body.partition(":")[0] != pack
    assert store.read(first.body) == body
    assert pack not in [found.name for found in store.packs()]


def test_a_compaction_that_was_cut_short_is_done_again(project, monkeypatch):
    store = compaction.blobs()
    monkeypatch.setattr(store._packs, "_pack_bytes", 60_000)
    monkeypatch.setattr(compaction, "RECORDS_AT_ONCE", 10)
    rows = events(project, 110)
    events(project, 5)
    pack = rows[0].body.partition(":")[0]
    half = compaction.rewrite(pack)
    for _ in range(4):
        next(half)
    half.close()
    assert all(len(store.read(row.body)) == 500 for row in Event.objects.all())
    finish(compaction.rewrite(pack))
    assert all(len(store.read(row.body)) == 500 for row in Event.objects.all())


def test_rows_outlive_a_power_loss_before_their_old_pack_goes(project, monkeypatch):
    store = compaction.blobs()
    monkeypatch.setattr(store._packs, "_pack_bytes", 1000)
    [row] = events(project, 1)
    events(project, 3)
    pack, steps = row.body.partition(":")[0], []
    monkeypatch.setattr(compaction, "make_lasting", lambda: steps.append(("synced", pack_names(store))))
    finish(compaction.rewrite(pack))
    assert pack not in pack_names(store)
    [(_, before)] = steps
    assert pack in before


def pack_names(store):
    return [found.name for found in store.packs(with_open=True)]


def test_a_body_that_is_moved_while_it_is_read_is_found(project, monkeypatch):
    store = compaction.blobs()
    monkeypatch.setattr(store._packs, "_pack_bytes", 100)
    event_id = uuid4()
    row = an_event(project.pk, event_id=event_id, body=stored(Kind.EVENT, project.pk, event_id.int, b'{"a":1}' * 1))
    stored(Kind.FAILED, project.pk, 0)
    finish(compaction.rewrite(row.body.partition(":")[0]))
    assert queries.body(row) == {"a": 1}


def test_young_blobs_without_a_row_are_left_for_their_transaction(project):
    store = compaction.blobs()
    large = store.put([b"large"], Owner(Kind.ATTACHMENT, project.pk, 3))
    finish(compaction.remove_unnamed(clock.now()))
    assert store.read(large) == b"large"
    finish(compaction.remove_unnamed(clock.now() + timedelta(hours=1)))
    assert list(store.large()) == []


def test_a_large_file_that_a_crash_left_half_written_goes_once_it_is_no_longer_young(project, tmp_path):
    compaction.blobs().put([b"large"], Owner(Kind.ATTACHMENT, project.pk, 3))
    [whole] = tmp_path.rglob("large/*/*")
    half = whole.with_name("ab" * 16 + ".new")
    half.write_bytes(b"half")
    finish(compaction.remove_half_written(clock.now()))
    assert half.exists()
    finish(compaction.remove_half_written(clock.now() + timedelta(hours=1)))
    assert (half.exists(), whole.exists()) == (False, True)


def test_large_files_that_rows_name_stay(project):
    row = a_file(project, uuid4())
    row.blob = compaction.blobs().put([b"large"], Owner(Kind.ATTACHMENT, project.pk, row.id))
    row.save()
    finish(compaction.remove_unnamed(clock.now() + timedelta(hours=1)))
    assert queries.content(row) == b"large"


def test_a_large_file_goes_with_its_row(project):
    row = a_file(project, uuid4())
    row.blob = compaction.blobs().put([b"large"], Owner(Kind.ATTACHMENT, project.pk, row.id))
    row.save()
    finish(retention.remove_old(NOON + timedelta(days=91)))
    assert GoneBlob.objects.count() == 1
    sweep_all(clock.now())
    assert (GoneBlob.objects.count(), list(compaction.blobs().large())) == (0, [])


def test_a_slice_ends_in_time_and_the_next_one_goes_on(project):
    policies.set_policy(project.pk, {"bodies_per_issue": 2})
    for issue_id in range(30):
        events(project, 4, issue_id=issue_id)
    sweep = Sweep()
    slices = 0
    while sweep.work(LATER, seconds=0.001):
        slices += 1
    assert slices > 3
    assert all(len(kept(project, issue_id)) == 2 for issue_id in range(30))
    assert not sweep.work(LATER)


def test_what_another_process_did_lately_is_not_done_again(project):
    policies.set_policy(project.pk, {"events_days": 1})
    first = Sweep()
    while first.work(NOON):
        pass
    events(project, 3, at=NOON - timedelta(days=2))
    second = Sweep()
    while second.work(NOON + timedelta(seconds=5)):
        pass
    assert Event.objects.count() == 3


def test_a_policy_keeps_what_is_not_named_and_refuses_what_cannot_be(project):
    assert policies.policy(project.pk) == policies.DEFAULT
    assert policies.set_policy(project.pk, {"events_days": 7}).bodies_per_issue == 100
    assert policies.policy(project.pk).events_days == 7
    for changes in ({"x": 1}, {"events_days": -1}, {"bodies_per_issue": 1}, {"events_days": 2**40}):
        with pytest.raises(UsageError):
            policies.set_policy(project.pk, changes)


def test_what_is_no_longer_kept_is_said(project):
    with pytest.raises(queries.BodyNotKept, match="no longer kept"):
        queries.body(an_event(project.pk, body=""))
