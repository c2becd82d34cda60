from hypothesis import given
from hypothesis import strategies as st

from crashdesk.server.grouping.fingerprint import group
from support.events import event, frame, library_frame, message, raised

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["values", "frames", "stacktrace", "type", "value", "mechanism", "module", "function", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


def key(found):
    return group(found).key


def parts(found):
    return [(part.what, part.value) for part in group(found).parts]


def test_the_same_failure_has_one_key_whatever_its_line_and_value():
    first = event(raised("KeyError", "'a'", [frame("fieldbook.table", "filter_rows", lineno=10)]))
    second = event(raised("KeyError", "'b'", [frame("fieldbook.table", "filter_rows", lineno=99)]))
    assert key(first) == key(second)


def test_another_type_at_the_same_place_is_another_group():
    assert key(event(raised("KeyError"))) != key(event(raised("IndexError")))


def test_another_place_is_another_group():
    here = event(raised(frames=[frame("fieldbook.table", "filter_rows")]))
    there = event(raised(frames=[frame("fieldbook.table", "sort_rows")]))
    assert key(here) != key(there)


def test_the_way_to_the_failing_function_does_not_count():
    by_menu = event(raised(frames=[frame("fieldbook.menu", "clicked"), frame("fieldbook.table", "filter_rows")]))
    by_key = event(raised(frames=[frame("fieldbook.keys", "pressed"), frame("fieldbook.table", "filter_rows")]))
    assert key(by_menu) == key(by_key)


def test_the_library_function_that_failed_below_counts():
    place = frame("fieldbook.pictures", "save")
    full = event(raised("ValueError", frames=[place, library_frame("PIL.Image", "save")]))
    mode = event(raised("ValueError", frames=[place, library_frame("PIL.JpegImagePlugin", "_save")]))
    assert key(full) != key(mode)


def test_the_message_of_a_library_counts_without_what_varies():
    stack = [frame("fieldbook.config", "check"), library_frame("jsonschema.validators", "validate")]
    missing = [event(raised("ValidationError", f"'{name}' is a required property", stack)) for name in ("api", "name")]
    small = event(raised("ValidationError", "3 is less than the minimum of 5", stack))
    assert key(missing[0]) == key(missing[1]) != key(small)


def test_an_own_message_does_not_count_as_it_is_translated_and_reworded():
    stack = [frame("fieldbook.net", "fetch")]
    own = {"type_": "SyncError", "module": "fieldbook.errors", "frames": stack}
    assert key(event(raised(value="not found", **own))) == key(event(raised(value="nicht gefunden", **own)))


def test_an_http_status_in_an_own_message_counts():
    own = {"type_": "SyncError", "module": "fieldbook.errors", "frames": [frame("fieldbook.net", "fetch")]}
    expired, away = (event(raised(value=f"HTTP {status}: token abc", **own)) for status in (401, 503))
    assert key(expired) != key(away)


def test_a_wrapper_of_nearly_the_same_name_is_no_caller():
    helper = [frame("fieldbook.checks", "require"), frame("fieldbook.checks", "_do_require")]
    own = {"type_": "FieldbookError", "module": "fieldbook.errors"}
    before = event(raised(frames=[frame("fieldbook.notes", "open_note"), helper[0]], **own))
    after = event(raised(frames=[frame("fieldbook.notes", "open_note"), *helper], **own))
    assert key(before) == key(after)


def test_standard_library_frames_below_do_not_count():
    place = frame("fieldbook.store", "load")
    old = frame("json.decoder", "raw_decode", abs_path="/usr/lib/python3.11/json/decoder.py", in_app=None)
    new = frame("json.decoder", "scan_once", abs_path="/usr/lib/python3.13/json/decoder.py", in_app=None)
    assert key(event(raised(frames=[place, old]))) == key(event(raised(frames=[place, new])))


def test_a_comprehension_frame_of_an_old_python_does_not_count():
    place = frame("fieldbook.table", "filter_rows")
    inside = frame("fieldbook.table", "<listcomp>")
    assert key(event(raised(frames=[place]))) == key(event(raised(frames=[place, inside])))


def test_a_helper_that_raises_the_products_own_error_is_told_apart_by_its_caller():
    helper = frame("fieldbook.checks", "require")
    own = {"type_": "FieldbookError", "module": "fieldbook.errors"}
    title = event(raised(frames=[frame("fieldbook.notes", "open_note"), helper], **own))
    other = event(raised(frames=[frame("fieldbook.books", "open_book"), helper], **own))
    assert key(title) != key(other)


def test_a_function_without_a_name_is_helped_by_the_message():
    nameless = [frame("app", "?")]
    first = event(raised("TypeError", "no 'foo' of null", nameless), platform="javascript")
    second = event(raised("TypeError", "too many arguments", nameless), platform="javascript")
    assert key(first) != key(second)


def test_endless_recursion_is_grouped_by_the_place_that_recurs():
    walk = frame("fieldbook.tree", "walk")
    ends_here = event(raised("RecursionError", frames=[walk] * 40))
    ends_there = event(raised("RecursionError", frames=[*[walk] * 40, frame("fieldbook.tree", "label")]))
    assert key(ends_here) == key(ends_there)


def test_a_hang_is_apart_from_an_error_at_the_same_place():
    stack = [frame("fieldbook.search", "search_all")]
    hang = event(raised("Hang", frames=stack), contexts={"crashdesk": {"kind": "hang"}})
    assert parts(hang)[0] == ("kind", "hang")
    assert key(hang) != key(event(raised("Hang", frames=stack)))


def test_a_hang_is_not_told_apart_by_the_moment_at_which_it_was_seen():
    def hang(*below):
        stack = [frame("fieldbook.search", "search_all"), *below]
        return event(raised("Hang", frames=stack), contexts={"crashdesk": {"kind": "hang"}})

    assert key(hang()) == key(hang(library_frame("regex.core", "match")))


def test_a_native_crash_takes_its_place_from_the_thread_that_crashed():
    def crash(function):
        stack = {"frames": [frame("", function, abs_path="/opt/fieldbook/fieldbook/books.py")]}
        return event(
            {"type": "SIGSEGV", "value": "Segmentation fault"},
            threads={"values": [{"crashed": True, "stacktrace": stack}, {"stacktrace": {"frames": []}}]},
            contexts={"crashdesk": {"kind": "native"}},
        )

    assert parts(crash("refresh")) == [("kind", "native"), ("exception", "SIGSEGV"), ("frame", "books.refresh")]
    assert key(crash("refresh")) != key(crash("remove"))


def test_messages_are_grouped_by_their_template():
    assert key(message("Import of 12 rows failed")) == key(message("Import of 40 rows failed"))
    assert key(message("Import of 12 rows failed")) != key(message("Export of 12 rows failed"))


def test_a_message_is_apart_from_an_error_without_a_stack():
    assert key(message("x")) != key(event({"type": "", "value": "x"}))


def test_an_error_without_a_stack_is_grouped_by_type_and_message():
    assert key(event({"type": "E", "value": "row 3"})) == key(event({"type": "E", "value": "row 4"}))


def test_the_clients_fingerprint_decides_alone():
    here = event(raised("KeyError"), fingerprint=["payment", 7])
    there = event(raised("IndexError"), fingerprint=["payment", 7])
    assert key(here) == key(there)
    assert parts(here) == [("client", "payment"), ("client", "7")]


def test_default_in_the_clients_fingerprint_means_our_rules_as_well():
    alone = event(raised("KeyError"))
    split = event(raised("KeyError"), fingerprint=["{{ default }}", "tenant-a"])
    same = event(raised("KeyError"), fingerprint=["{{default}}"])
    assert key(same) == key(alone)
    assert parts(split) == [*parts(alone), ("client", "tenant-a")]


def test_an_unusable_client_fingerprint_is_left_aside():
    assert key(event(fingerprint="x")) == key(event(fingerprint=[])) == key(event(fingerprint=[None])) == key(event())


def test_the_version_stands_with_the_key():
    found = group(event(), 1)
    assert (found.version, len(found.key)) == (1, 32)


def test_each_part_is_told_as_it_stands_in_the_code():
    found = group(
        event(raised("KeyError", frames=[frame("fieldbook.net", "_do_post_json")]), fingerprint=["{{ default }}", "x"])
    )
    assert [str(part) for part in found.parts] == [
        "kind of failure: error",
        "type of the exception: KeyError",
        "place in the product: net._do_post_json",
        "chosen by the product: x",
    ]


def test_version_1_never_changes():
    found = event(
        raised("KeyError", "'RGBA'", [library_frame("PIL.JpegImagePlugin", "_save")]),
        raised("OSError", "cannot write", [frame("fieldbook.codec", "_do_saveImage")]),
    )
    assert key(found) == "a31d8b16975130b95d498e083a4a2a38"


@given(
    st.dictionaries(st.sampled_from(["exception", "threads", "contexts", "fingerprint", "modules", "platform"]), ODD)
)
def test_no_odd_value_makes_grouping_fail(odd):
    assert group(odd).key
