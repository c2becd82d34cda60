from crashdesk.server.grouping.frames import Origin, module_of, origins
from crashdesk.server.grouping.reading import frames as read
from support.events import event, frame, library_frame


def judged(*stack, **more):
    return [origin.value for origin in origins(read({"frames": list(stack)}), event(**more))]


def test_a_frozen_programs_libraries_are_not_its_own():
    root = "/Applications/Fieldbook.app/Contents/MacOS"
    stack = [
        frame("fieldbook.app", "main", abs_path=f"{root}/fieldbook/app.py"),
        frame("asyncio.runners", "run", abs_path=f"{root}/asyncio/runners.py"),
        frame("PIL.Image", "save", abs_path=f"{root}/PIL/Image.py"),
        frame("jsonschema.validators", "validate", abs_path=f"{root}/jsonschema/validators.py"),
    ]
    found = judged(*stack, modules={"pillow": "13.0", "jsonschema": "4"})
    assert found == ["own", "system", "library", "library"]


def test_a_product_installed_among_the_libraries_is_its_own():
    stack = [library_frame("fieldbook.app", "main"), library_frame("PIL.Image", "save")]
    assert judged(*stack) == ["own", "library"]


def test_without_a_usable_release_the_stacks_beginning_names_the_product():
    stack = [library_frame("click.core", "invoke"), library_frame("fieldbook.app", "main")]
    assert judged(*stack, release="2.4.0") == ["library", "own"]


def test_a_product_installed_from_its_checkout_is_its_own_though_it_is_a_distribution():
    root = "/home/anna/src/bigcorp/fieldbook"
    stack = [
        frame("__main__", "<module>", abs_path=f"{root}/__main__.py"),
        frame("bigcorp.fieldbook.app", "main", abs_path=f"{root}/app.py"),
        library_frame("yaml.scanner", "scan"),
    ]
    found = judged(*stack, modules={"bigcorp": "1.0", "pyyaml": "6"}, release="fieldbook@2.4.0")
    assert found == ["own", "own", "library"]


def test_a_thread_of_a_product_installed_from_its_checkout_is_its_own():
    worker = frame("bigcorp.fieldbook.worker", "run", abs_path="/home/anna/src/bigcorp/fieldbook/worker.py")
    assert judged(worker, modules={"bigcorp": "1.0"}) == ["own"]


def test_a_script_is_the_product_and_not_the_library_that_it_calls():
    root = "/opt/frozen"
    stack = [
        frame("__main__", "main", abs_path=f"{root}/main.py"),
        frame("yaml.scanner", "scan", abs_path=f"{root}/yaml/scanner.py"),
    ]
    assert judged(*stack, modules={"pyyaml": "6"}, release="1") == ["own", "library"]


def test_frames_of_a_stack_without_modules_are_judged_by_their_paths():
    stack = [
        frame("", "run", abs_path="/usr/lib/python3.11/threading.py"),
        frame("", "wrapped", abs_path="/opt/fieldbook/crashdesk/sdk/hooks/threads.py"),
        frame("", "refresh", abs_path="/opt/fieldbook/fieldbook/books.py"),
        frame("", "call", abs_path="/x/site-packages/shiboken6/call.py", in_app=None),
    ]
    assert judged(*stack) == ["system", "system", "own", "library"]


def test_windows_paths_are_read_like_others():
    path = r"C:\Program Files\Fieldbook\python\Lib\site-packages\jsonschema\validators.py"
    assert judged(
        frame("fieldbook.app", "main"), frame("jsonschema.validators", "validate", abs_path=path, in_app=False)
    ) == [
        "own",
        "library",
    ]


def test_generated_code_and_reporters_are_system():
    stack = [
        frame("fieldbook.app", "main"),
        frame("x", "y", abs_path="<frozen importlib._bootstrap>"),
        library_frame("sentry_sdk.integrations.threading", "run"),
        frame("crashdesk.sdk.hooks.futures", "run"),
    ]
    assert judged(*stack) == ["own", "system", "system", "system"]


def test_a_mark_inside_the_libraries_means_that_the_maker_named_the_package():
    assert judged(frame("fieldbook.app", "main"), library_frame("fieldkit.io", "read", in_app=True)) == ["own", "own"]


def test_other_platforms_keep_their_marks():
    stack = [
        frame("", "run", abs_path="app:///node_modules/x/index.js"),
        frame("", "main", abs_path="app:///main.js"),
        frame("", "emit", abs_path="node:events"),
    ]
    assert judged(*stack, platform="node") == ["library", "own", "system"]


def test_a_frame_without_a_module_takes_its_name_from_the_path():
    def named(path, module=""):
        return module_of(read({"frames": [frame(module, "f", abs_path=path)]})[0])

    assert named("/usr/lib/python3.11/json/decoder.py") == "json.decoder"
    assert named("/opt/x/site-packages/fieldbook/table/rows.py") == "fieldbook.table.rows"
    assert named("/home/anna/tool.py", "__main__") == "tool"
    assert named("/home/anna/fieldbook/__main__.py", "__main__") == "fieldbook"
    assert named("") == ""


def test_origins_are_one_a_frame_also_for_none():
    assert origins((), {}) == []
    assert Origin("own") is Origin.OWN
