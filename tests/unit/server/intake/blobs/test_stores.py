"""What every store of bodies does, whichever it is."""

import os
from itertools import repeat
from uuid import uuid4

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.intake.blobs import Kind, Owner, Record

OWNER = Owner(Kind.ATTACHMENT, 7, 12)


def records(*bodies, owner=OWNER):
    return [Record(owner, body) for body in bodies]


def test_bodies_come_back_byte_for_byte(store):
    bodies = [b"", b"short", os.urandom(5000), b"repeated " * 10_000]
    references = store.append(records(*bodies))
    assert [store.read(reference) for reference in references] == bodies
    assert [store.size(reference) for reference in references] == [len(body) for body in bodies]
    assert [b"".join(store.pieces(reference)) for reference in references] == bodies


def test_nothing_to_store_stores_nothing(store):
    assert store.append([]) == []
    assert list(store.objects()) == []


def test_references_fit_into_their_column(store):
    [small], large = store.append(records(b"x" * 100_000)), store.put([b"x" * 1_000_000], OWNER)
    assert max(len(small), len(large)) <= 64


@pytest.mark.parametrize("pieces", [[], [b""], [b"one"], [os.urandom(300_000) for _ in range(30)]])
def test_a_large_blob_comes_back_as_it_was_put(store, pieces):
    reference = store.put(iter(pieces), OWNER)
    assert b"".join(store.pieces(reference)) == store.read(reference) == b"".join(pieces)
    assert store.size(reference) == sum(map(len, pieces))


def test_a_large_blob_of_zeros_is_given_in_small_pieces(store):
    reference = store.put(repeat(bytes(1_000_000), 50), OWNER)
    assert max(len(piece) for piece in store.pieces(reference)) <= 300_000
    assert store.size(reference) == 50_000_000


def test_what_fails_while_it_is_put_leaves_nothing(store):
    def broken():
        yield os.urandom(1_000_000)
        raise ZeroDivisionError

    with pytest.raises((ZeroDivisionError, StorageError)):
        store.put(broken(), OWNER)
    assert list(store.large()) == []


def test_walking_tells_whose_each_record_is(store):
    owners = [Owner(Kind.EVENT, 3, uuid4().int), Owner(Kind.FAILED, 2**40, 0)]
    references = store.append([Record(owner, b"body") for owner in owners])
    pack = references[0].partition(":")[0]
    assert [(found.reference, found.owner) for found in store.records(pack)] == list(
        zip(references, owners, strict=True)
    )


def test_contents_are_given_record_by_record_without_what_was_erased(store):
    references = store.append(records(b"first", b"second", b"third"))
    store.erase(references[1:2])
    [pack] = store.packs(with_open=True)
    assert [(found.reference, content) for found, content in store.contents(pack.name)] == [
        (references[0], b"first"),
        (references[2], b"third"),
    ]


def test_large_blobs_are_listed_with_their_owners(store):
    reference = store.put([b"content"], OWNER)
    [(found, _)] = store.large()
    assert (found.reference, found.owner) == (reference, OWNER)


def test_what_was_erased_is_in_no_file_and_its_neighbours_stay(store, raw_bytes):
    secret = os.urandom(200)  # does not compress, so that its bytes lie in the store as they are
    first, gone, last = store.append(records(b"first", secret, b"last"))
    large = store.put([secret], OWNER)
    assert secret in b"".join(raw_bytes().values())
    store.erase([gone, large])
    assert secret not in b"".join(raw_bytes().values())
    assert (store.read(first), store.read(last)) == (b"first", b"last")


def test_an_erased_body_says_so(store):
    [gone] = store.append(records(b"body"))
    store.erase([gone])
    store.erase([gone])
    with pytest.raises(StorageError, match="was erased"):
        store.read(gone)


def test_erasing_what_is_not_there_is_no_error(store):
    store.erase([f"L:{'0' * 32}:100", f"{'1' * 20}:0:100", "77:0:100"])


def test_erasing_a_place_between_records_changes_nothing(store, raw_bytes):
    [reference] = store.append(records(os.urandom(500)))
    before = raw_bytes()
    pack = reference.partition(":")[0]
    store.erase([f"{pack}:5:40", f"{pack}:0:40"])
    assert raw_bytes() == before


def test_a_discarded_file_is_gone_and_a_record_of_a_pack_stays(store):
    [small], large = store.append(records(b"small")), store.put([b"large"], OWNER)
    store.discard([small, large, large])
    assert store.read(small) == b"small"
    with pytest.raises(StorageError, match="not there"):
        store.read(large)


def test_a_pack_that_was_removed_is_gone(store):
    [reference] = store.append(records(b"x"))
    store.remove(reference.partition(":")[0])
    store.remove(reference.partition(":")[0])
    with pytest.raises(StorageError, match="not there"):
        store.read(reference)


@pytest.mark.parametrize("reference", ["5:4000000", "999999:20", "0:3", "1:60"])
def test_a_place_that_holds_no_record_is_never_returned(store, reference):
    [known] = store.append(records(b"some words"))
    with pytest.raises(StorageError):
        store.read(f"{known.partition(':')[0]}:{reference}")


@pytest.mark.parametrize(
    "reference",
    ["", "x", "1:2", "../../etc/passwd:0:10", "1:-2:3", "1:2:3:4", "1:2:3\n", "L:../x:3", f"L:{'g' * 32}:1", "٣:1:1"],
)
def test_a_reference_is_numbers_and_nothing_else(store, reference):
    for use in (store.read, store.size, lambda text: b"".join(store.pieces(text))):
        with pytest.raises(StorageError, match="does not name"):
            use(reference)


def test_damage_is_never_returned(store, raw_bytes):
    [small], large = store.append(records(os.urandom(300))), store.put([os.urandom(300)], OWNER)
    for name, content in raw_bytes().items():
        damaged = bytearray(content)
        damaged[150] ^= 1
        if name.endswith(".pack"):
            store.remove(small.partition(":")[0])
        else:
            store.discard([large])
        store.adopt(name, [bytes(damaged)])
    for reference in (small, large):
        with pytest.raises(StorageError, match=r"damaged|unpacked"):
            store.read(reference)


def test_a_copy_in_another_store_has_the_same_references(store, raw_bytes, tmp_path):
    from crashdesk.server.intake.blobs.local import LocalBlobs

    [small], large = store.append(records(b"small")), store.put([b"large"], OWNER)
    other = LocalBlobs.open(tmp_path / "other")
    for name, content in raw_bytes().items():
        other.adopt(name, [content])
    assert (other.read(small), other.read(large)) == (b"small", b"large")
    [again] = other.append(records(b"later"))
    assert (other.read(small), other.read(again)) == (b"small", b"later")


@pytest.mark.parametrize(
    "name", ["../x.pack", "large/aa/../../x", "large/ab/" + "c" * 32, "x", "append.lock", "1.pack"]
)
def test_a_foreign_name_is_no_file_of_a_store(store, name):
    with pytest.raises(StorageError, match="no file of a store"):
        store.adopt(name, [b"x"])
