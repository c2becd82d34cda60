"""Which frames are the product's own. The SDK's mark is often wrong on the desktop, so the server decides.

In frozen programs every library lies beside the product and is marked as its own; a product installed with pip lies
among the libraries and is marked as foreign. Names tell more than marks: the standard library by its list, other
libraries by the event's list of distributions, the product by its release and by where its stack begins.
"""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from crashdesk.server.grouping import standard_library
from crashdesk.server.grouping.reading import Frame, mapping, text


class Origin(Enum):
    """Whose code a frame is."""

    OWN = "own"
    LIBRARY = "library"
    SYSTEM = "system"


REPORTERS = ("crashdesk.sdk", "sentry_sdk", "raven")
REPORTER_DIRECTORIES = ("/crashdesk/sdk/", "/sentry_sdk/")
ENTRY_LIBRARIES = frozenset(
    {"anyio", "apscheduler", "celery", "click", "gunicorn", "ipython", "pyqt6", "pyside6", "pytest", "streamlit",
     "trio", "twisted", "typer", "uvicorn"}
)  # fmt: skip
DISTRIBUTION_OF = {
    "bs4": "beautifulsoup4",
    "crypto": "pycryptodome",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "fitz": "pymupdf",
    "git": "gitpython",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "usb": "pyusb",
    "win32com": "pywin32",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
_LIBRARY_DIRECTORY = re.compile(r"/(?:site|dist)-packages/|/node_modules/")
_PACKAGE_START = re.compile(r".*(?:/(?:site|dist)-packages/|/lib/python\d(?:\.\d+)?/)")


@lru_cache(maxsize=20_000)
def _normal(name: str) -> str:
    """Return a package's name the way the package index compares names."""
    return re.sub(r"[-_.\s]+", "-", name).lower()


STANDARD_LIBRARY = frozenset(_normal(name) for name in standard_library.NAMES)


def module_of(frame: Frame) -> str:
    """Return the frame's module; from its path where the SDK gave none or only ``__main__``."""
    if frame.module and frame.module != "__main__":
        return frame.module
    return _module_of_path(frame.path)


def _module_of_path(path: str) -> str:
    inside = _PACKAGE_START.sub("", path)
    parts = (inside if inside != path else "/".join(path.rsplit("/", 2)[-2:])).split("/")
    stem = parts[-1].rsplit(".", 1)[0]
    named = stem if stem not in {"__main__", "__init__"} else ""
    is_in_package = inside != path or not named
    return ".".join(part for part in [*(parts[:-1] if is_in_package else []), named] if part)


def origins(frames: Sequence[Frame], event: Mapping[str, Any]) -> list[Origin]:
    """Return whose code each frame is, in the light of the whole event."""
    if text(event.get("platform")) not in {"", "python"}:
        return [_by_mark(frame) for frame in frames]
    distributions = {_normal(name) for name in mapping(event.get("modules"))}
    tops = [_normal(module_of(frame).partition(".")[0]) for frame in frames]
    found = [_origin(frame, top, distributions) for frame, top in zip(frames, tops, strict=True)]
    product = _product_among(tops, found, frames, event) if Origin.LIBRARY in found else ""
    return [
        Origin.OWN if origin is Origin.LIBRARY and top == product else origin
        for origin, top in zip(found, tops, strict=True)
    ]


def _by_mark(frame: Frame) -> Origin:
    if frame.is_marked_own is False or _LIBRARY_DIRECTORY.search(frame.path):
        return Origin.LIBRARY
    return Origin.SYSTEM if frame.path.startswith(("node:", "<", "native ")) else Origin.OWN


def _origin(frame: Frame, top: str, distributions: set[str]) -> Origin:
    path = frame.path
    if path.startswith("<") or top in STANDARD_LIBRARY or _is_reporter(frame):
        return Origin.SYSTEM
    if "-packages/" in path and _LIBRARY_DIRECTORY.search(path):
        # an SDK marks these as own only when the product's maker named them
        return Origin.OWN if frame.is_marked_own else Origin.LIBRARY
    return Origin.LIBRARY if DISTRIBUTION_OF.get(top, top) in distributions else Origin.OWN


def _is_reporter(frame: Frame) -> bool:
    if frame.module:
        return frame.module.startswith(REPORTERS)
    return any(directory in frame.path for directory in REPORTER_DIRECTORIES)


def _product_among(
    tops: Sequence[str], found: Sequence[Origin], frames: Sequence[Frame], event: Mapping[str, Any]
) -> str:
    """Return which of the packages that look like libraries is the product, which may be installed like one.

    It is the package whose ``__main__`` runs, else the one that release or product name, else, when nothing on the
    stack is the product's for sure, the one in which the stack begins.
    """
    running = _package_around_main(frames)
    if running:
        return running
    named = _normal(_name_of_product(event))
    if named in tops:
        return named
    return "" if Origin.OWN in found else _outermost(tops, found)


def _package_around_main(frames: Sequence[Frame]) -> str:
    main = next((frame.path for frame in frames if frame.module == "__main__"), "")
    if main:
        for frame in frames:
            top, _, _ = frame.module.partition(".")
            before, inside, _ = frame.path.rpartition("/" + frame.module.replace(".", "/"))
            if inside and main.startswith(f"{before}/{top}/"):
                return _normal(top)
    return ""


def _name_of_product(event: Mapping[str, Any]) -> str:
    """Return the package that the release names (``fieldbook@2.4.0``), else the product's name."""
    package, at, _ = text(event.get("release")).partition("@")
    context = mapping(mapping(event.get("contexts")).get("crashdesk"))
    return package if at else text(context.get("product"))


def _outermost(tops: Sequence[str], found: Sequence[Origin]) -> str:
    """Return the package in which the stack begins, apart from what only starts programs and tasks."""
    for top, origin in zip(tops, found, strict=True):
        if origin is Origin.LIBRARY and top not in ENTRY_LIBRARIES:
            return top
    return ""
