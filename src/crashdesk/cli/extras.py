"""Which extra of the package brings which library; read by error messages and by ``crashdesk doctor``."""

from importlib.util import find_spec

EXTRAS: dict[str, tuple[str, ...]] = {
    "sdk": ("sentry_sdk", "platformdirs"),
    "agent": ("PySide6", "requests", "sqlite_utils", "truststore"),
    "server": (
        "django", "allauth", "csp", "django_htmx", "ninja", "granian", "whitenoise",
        "brotli", "lark", "markdown_it", "orjson", "packaging", "pygments", "re2", "zstandard",
    ),
    "native": ("pystack",),
    "postgres": ("psycopg",),
}  # fmt: skip


def missing_libraries(extra: str) -> list[str]:
    """Return the libraries of `extra` that this Python cannot import; nothing is imported to find out."""
    return [name for name in EXTRAS[extra] if find_spec(name) is None]


def extra_with(library: str) -> str | None:
    """Return the extra that brings the top-level module `library`, or None for a module that is not one of ours."""
    return next((extra for extra, libraries in EXTRAS.items() if library in libraries), None)


def install_line(extra: str) -> str:
    return f"pip install 'crashdesk[{extra}]'"
