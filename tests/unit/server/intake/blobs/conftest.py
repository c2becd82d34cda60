"""Stores of both kinds, for the tests that hold for either."""

import logging

import pytest

from crashdesk.server.intake.blobs.local import LocalBlobs
from crashdesk.server.intake.blobs.objects import ObjectBlobs
from support.object_stores import KEYS, new_bucket, object_server


@pytest.fixture(scope="session")
def s3_address():
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    with object_server() as address:
        yield address


@pytest.fixture
def bucket(s3_address, monkeypatch):
    for name, text in KEYS.items():
        monkeypatch.setenv(name, text)
    return new_bucket(s3_address)


@pytest.fixture(params=["local", "object store"])
def store(request, tmp_path):
    if request.param == "local":
        return LocalBlobs.open(tmp_path / "blobs")
    request.getfixturevalue("bucket")
    address = request.getfixturevalue("s3_address")
    return ObjectBlobs.open(request.getfixturevalue("bucket"), "some/prefix", endpoint=address)


@pytest.fixture
def raw_bytes(store):
    """Everything that the store keeps, as it lies there."""
    return lambda: {name: b"".join(store.export(name, size)) for name, size in store.objects()}
