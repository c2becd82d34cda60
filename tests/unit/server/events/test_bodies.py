"""Bodies in an object store, chosen by settings: stored, moved and given back there; older local ones stay readable."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.events import bodies, freed, queries
from crashdesk.server.events.models import Event
from crashdesk.server.events.moving import moving, unmoved
from crashdesk.server.intake.blobs import Kind, Owner, Place, Record, open_blobs
from crashdesk.server.issues import compaction
from support.object_stores import KEYS, new_bucket, object_server
from support.rows import a_project, an_event

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def address():
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    with object_server() as found:
        yield found


@pytest.fixture
def data(settings, tmp_path):
    settings.CRASHDESK_DATA = tmp_path
    return tmp_path


@pytest.fixture
def in_bucket(address, data, monkeypatch):
    """Let settings choose a fresh bucket from now on."""

    def choose():
        chosen = {"CRASHDESK_BLOBS": f"s3://{new_bucket(address)}/desk", "CRASHDESK_BLOBS_ENDPOINT": address}
        for name, text in (KEYS | chosen).items():
            monkeypatch.setenv(name, text)

    return choose


def stored(project, number):
    ids = [uuid4() for _ in range(number)]
    records = [
        Record(Owner(Kind.EVENT, project.pk, found.int), b'{"a":"%b"}' % os.urandom(99).hex().encode()) for found in ids
    ]
    references = bodies.blobs().append(records)
    return [an_event(project.pk, event_id=found, body=body) for found, body in zip(ids, references, strict=True)]


def test_a_bucket_takes_and_gives_bodies_and_its_space_comes_back(in_bucket, data):
    in_bucket()
    rows = stored(a_project(), 20)
    freed.free([row.body for row in rows[1:]])
    Event.objects.filter(id__in=[row.id for row in rows[1:]]).update(body="")
    before = sum(size for _, size in bodies.blobs().objects())
    for _ in compaction.compact(clock.now() + timedelta(hours=1)):
        pass
    assert sum(size for _, size in bodies.blobs().objects()) < before / 5
    assert list(queries.body(rows[0])) == ["a"]
    assert not (data / "blobs").exists()


def test_bodies_from_before_the_bucket_stay_readable_and_can_be_erased(in_bucket, data):
    project = a_project()
    [old] = stored(project, 1)
    in_bucket()
    [new] = stored(project, 1)
    store = bodies.blobs()
    assert [list(queries.body(row)) for row in (old, new)] == [["a"], ["a"]]
    large = store.put([b"large"], Owner(Kind.ATTACHMENT, 1, 1))
    assert (store.size(large), b"".join(store.pieces(large))) == (5, b"large")
    store.erase([old.body, new.body, large])
    contents = [content for pack in store.packs(with_open=True) for _, content in store.contents(pack.name)]
    assert contents == []


@pytest.mark.parametrize("url", ["http://bucket/x", "s3://", "s3:bucket", "bucket", "s3://bucket/x?y=1"])
def test_what_names_no_bucket_is_refused(data, url):
    with pytest.raises(UsageError, match="no place for bodies"):
        open_blobs(Place(data / "blobs", url))


def may_move():
    """Return whether somebody else, with a connection of their own, could move blobs now."""

    def ask():
        try:
            with moving(waits=False) as is_held:
                return is_held
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(ask).result()


def test_nobody_moves_what_is_being_copied(data):
    with unmoved(), unmoved():
        assert not may_move()
    assert may_move()


def test_one_at_a_time_moves(data):
    with moving():
        assert not may_move()
    assert may_move()
