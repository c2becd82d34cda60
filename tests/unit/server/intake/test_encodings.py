"""Content encodings: every form that clients send, and bombs, cuts and rubbish refused with a reason."""

import gzip
import os
import resource
import zlib
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crashdesk import clock
from crashdesk.server.intake.encodings import PIECE_BYTES, DecodingLimits, RefusedBody, pieces

LIMITS = DecodingLimits()
TEXT = b'{"event_id":"0123456789abcdef0123456789abcdef"}\n' + os.urandom(3000).hex().encode()


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


FORMS = {
    "gzip": ("gzip", gzip.compress),
    "gzip in two members": ("gzip", lambda data: gzip.compress(data[:10]) + gzip.compress(data[10:])),
    "deflate with zlib header": ("deflate", zlib.compress),
    "deflate without header": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "zstd in two frames": ("zstd", lambda data: zstandard.compress(data[:10]) + zstandard.compress(data[10:])),
}


def decoded(body: bytes, encoding: str, limits: DecodingLimits = LIMITS) -> bytes:
    return b"".join(pieces(body, encoding, limits))


def refusal(body: bytes, encoding: str, limits: DecodingLimits = LIMITS) -> tuple[str, int]:
    with pytest.raises(RefusedBody) as caught:
        decoded(body, encoding, limits)
    return caught.value.reason, caught.value.status


@pytest.mark.parametrize("form", FORMS)
def test_each_form_unpacks(form):
    encoding, compress = FORMS[form]
    assert decoded(compress(TEXT), encoding) == TEXT


@pytest.mark.parametrize("name", ["", "identity", " Identity ", "\t"])
def test_no_encoding_has_several_names(name):
    assert decoded(TEXT, name) == TEXT


def test_names_are_read_whatever_their_case():
    assert decoded(gzip.compress(TEXT), " GZip") == TEXT


@pytest.mark.parametrize("name", ["lzma", "gzip, gzip", "gzip,br", "aws-chunked", "x" * 1000])
def test_an_unknown_encoding_and_more_than_one_layer_are_415(name):
    assert refusal(TEXT, name) == ("encoding_unknown", 415)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.999])
def test_a_body_that_ends_too_early_is_400(form, kept):
    encoding, compress = FORMS[form]
    body = compress(TEXT)
    assert refusal(body[: int(len(body) * kept)], encoding) == ("encoding_truncated", 400)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_rubbish_is_400(encoding):
    assert refusal(b"\xff\xfe rubbish that nobody compressed", encoding)[1] == 400


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_many_parts_of_one_body_join_wherever_they_end(encoding):
    compress = {"gzip": gzip.compress, "zstd": zstandard.compress}[encoding]
    texts = [os.urandom(length) for length in range(600)]
    assert decoded(b"".join(map(compress, texts)), encoding) == b"".join(texts)


@pytest.mark.parametrize("count", [10_001, 900_000])
@pytest.mark.parametrize(
    ("encoding", "empty"),
    [
        ("gzip", gzip.compress(b"", mtime=0)),
        ("zstd", zstandard.compress(b"")),
        ("zstd", b"\x50\x2a\x4d\x18" + bytes(4)),  # a frame to be skipped
    ],
)
def test_endless_empty_parts_are_refused_before_they_cost_time(encoding, empty, count):
    started = clock.monotonic()
    assert refusal(empty * count, encoding) == ("encoding_broken", 400)
    assert clock.monotonic() - started < 2


def test_bytes_behind_a_gzip_member_are_left_alone():
    assert decoded(gzip.compress(TEXT) + b"\0" * 100, "gzip") == TEXT


COMPRESSORS = {
    "gzip": lambda: zlib.compressobj(wbits=16 + zlib.MAX_WBITS),
    "deflate": lambda: zlib.compressobj(wbits=-zlib.MAX_WBITS),
    "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
    "br": lambda: brotli.Compressor(quality=4),
}


def bomb(encoding: str) -> bytes:
    """Return what unpacks to 150 MB of nothing, made without ever holding that."""
    compressor = COMPRESSORS[encoding]()
    add = compressor.process if encoding == "br" else compressor.compress
    end = compressor.finish if encoding == "br" else compressor.flush
    return b"".join([add(b"\0" * 1_000_000) for _ in range(150)]) + end()


@pytest.mark.parametrize("encoding", COMPRESSORS)
def test_a_bomb_is_413_before_it_fills_the_memory(encoding):
    body = bomb(encoding)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RefusedBody, match="body_unpacks_too_large") as caught:
        sum(map(len, pieces(body, encoding, LIMITS)))
    assert caught.value.status == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 15_000  # kB


def test_a_high_ratio_is_honest_while_the_result_is_small():
    assert decoded(gzip.compress(b"\0" * 4_000_000), "gzip") == b"\0" * 4_000_000


def test_a_body_above_the_input_cap_is_413():
    assert refusal(b"x" * 101, "", DecodingLimits(input_bytes=100)) == ("body_too_large", 413)


def test_a_body_above_the_output_cap_is_413():
    limits = DecodingLimits(output_bytes=len(TEXT) - 1)
    assert refusal(gzip.compress(TEXT), "gzip", limits) == ("body_unpacks_too_large", 413)


def test_a_zstd_frame_that_demands_a_huge_window_is_refused():
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = compressor.compress(os.urandom(1000)) + compressor.flush()
    assert refusal(body, "zstd") == ("encoding_broken", 400)


@pytest.mark.parametrize("form", FORMS)
def test_no_piece_is_larger_than_promised(form):
    encoding, compress = FORMS[form]
    assert max(map(len, pieces(compress(b"abc" * 500_000), encoding, LIMITS))) <= PIECE_BYTES


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", ""]))
def test_whatever_comes_it_unpacks_or_is_refused(body, encoding):
    with suppress(RefusedBody):
        decoded(body, encoding)
