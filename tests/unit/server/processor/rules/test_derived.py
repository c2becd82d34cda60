from crashdesk.protocol.likeness import likeness_key
from crashdesk.protocol.snapshot import SECTIONS
from crashdesk.server.processor.rules import derive, frames, release, scrub, snapshot, tags
from support.drafts import a_draft
from support.events import event, frame, library_frame, message, raised


def applied(rule, payload, **arrival):
    draft = a_draft(payload, **arrival)
    rule.apply(draft)
    return draft


def test_the_last_exception_names_the_event():
    draft = applied(derive, event(raised("KeyError"), raised("CommandError", "open failed")))
    assert (draft.kind, draft.type, draft.value) == ("python", "CommandError", "open failed")


def test_a_message_names_itself():
    draft = applied(derive, message("disk is nearly full"))
    assert (draft.kind, draft.level, draft.type, draft.value) == ("message", "info", "", "disk is nearly full")


def test_what_has_neither_exception_nor_message_is_named_by_its_kind():
    assert applied(derive, {"platform": "native", "level": "fatal"}).value == "Native crash"


def test_the_place_is_the_innermost_own_frame_by_the_servers_judgement():
    own = frame("fieldbook.table", "filter_rows", in_app=False)
    draft = a_draft(event(raised(frames=[own, library_frame("PIL.Image", "save", in_app=None)])))
    frames.apply(draft)
    derive.apply(draft)
    assert draft.culprit == "fieldbook.table in filter_rows"
    marks = [entry["in_app"] for entry in draft.payload["exception"]["values"][0]["stacktrace"]["frames"]]
    assert marks == [True, False]


def test_frames_of_threads_are_marked_as_well():
    stack = {"frames": [library_frame("PIL.Image", "save", in_app=None), "odd"]}
    draft = applied(frames, {"threads": {"values": [{"stacktrace": stack}, {}]}, "stacktrace": "odd", "modules": {}})
    (entry,) = draft.payload["threads"]["values"][0]["stacktrace"]["frames"]
    assert entry["in_app"] is True  # nothing else on this stack could be the product


def test_a_users_digest_is_the_same_in_one_project_and_tells_nobody_who():
    first = applied(derive, event(user={"id": 7})).user_digest
    assert first == applied(derive, event(user={"id": "7", "email": "x@example.org"})).user_digest
    assert first != applied(derive, event(user={"id": 7}), project_id=2).user_digest
    assert len(first) == 16


def test_an_automatic_address_goes_into_the_digest_only():
    payload = event(user={"ip_address": "{{auto}}"})
    draft = applied(derive, payload, remote="192.0.2.7")
    assert draft.user_digest == applied(derive, event(user={"ip_address": "192.0.2.7"})).user_digest
    assert "192.0.2.7" not in str(draft.payload)


def test_nobody_has_no_digest():
    for user in (None, {}, "anna", {"id": None}, {"ip_address": "{{auto}}"}):
        assert applied(derive, event(user=user)).user_digest == ""


def test_the_clients_likeness_is_taken_where_it_has_the_form():
    told = {"crashdesk": {"likeness": "1-0123456789abcdef"}}
    assert applied(derive, event(contexts=told)).likeness == "1-0123456789abcdef"
    other = event(contexts={"crashdesk": {"likeness": "x' --"}})
    assert applied(derive, other).likeness == likeness_key(other)


def test_release_and_environment_fit_their_columns():
    draft = applied(release, {"release": " a\n b" + "c" * 300, "environment": 7})
    assert draft.release.startswith("a b")
    assert (len(draft.release), draft.environment) == (200, "7")
    assert applied(release, {"release": ["x"]}).release == ""


def test_tags_come_from_client_contexts_and_event():
    payload = event(
        raised(mechanism={"type": "excepthook", "handled": False}),
        tags=[["theme", "dark"], ["blank", " "]],
        contexts={"os": {"name": "Windows", "version": "11"}, "qt": {"version": "6.11", "binding": "PySide6"}},
    )
    draft = a_draft(payload)
    for rule in (release, snapshot, derive, tags):
        rule.apply(draft)
    assert dict(draft.tags) == {
        "level": "error",
        "release": "fieldbook@2.4.0",
        "environment": "production",
        "handled": "no",
        "mechanism": "excepthook",
        "theme": "dark",
        "os": "Windows 11",
        "os.name": "Windows",
        "qt": "6.11",
        "qt.binding": "PySide6",
    }


def test_a_client_cannot_hide_our_own_tags():
    draft = applied(tags, event(tags={"level": "harmless", "os": "mine"}))
    draft.facts.append(("os", "Linux"))
    tags.apply(draft)
    assert dict(draft.tags)["level"] == "error"
    assert dict(draft.tags)["os"] == "mine"


def test_every_fact_that_becomes_a_tag_is_declared_in_the_snapshot_or_known_from_other_clients():
    of_others = {("browser", "name"), ("browser", "version"), ("device", "model")}
    for _, section, fields in snapshot.FACTS:
        declared = next((known.fields for known in SECTIONS if known.name == section), {})
        assert all(name in declared or (section, name) in of_others for name in fields)


def test_a_snapshot_of_a_newer_sdk_is_noted():
    draft = applied(snapshot, {"contexts": {"crashdesk": {"snapshot_version": 99}, "os": "odd"}})
    assert draft.notes == [{"rule": "snapshot", "problem": "newer_than_server", "version": 99}]


def test_tags_are_bounded():
    draft = applied(tags, event(tags={f"k{number}" * 99: "v" * 999 for number in range(99)}))
    assert len(draft.tags) == tags.MOST_TAGS
    assert max(len(text) for pair in draft.tags for text in pair) == 200


def test_secrets_of_other_sdks_are_removed():
    payload = event(
        request={"headers": {"Authorization": "Bearer abcdefghijklmnop1234"}}, extra={"password": "hunter2"}
    )
    draft = applied(scrub, payload)
    assert "hunter2" not in str(draft.payload)
    assert "abcdefghijklmnop1234" not in str(draft.payload)
    assert draft.payload["exception"] == payload["exception"]
