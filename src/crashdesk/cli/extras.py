"""Which extra of the package brings which library; read by error messages and by ``crashdesk doctor``."""

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

# distribution to the module that it brings; a test compares it with pyproject.toml
EXTRAS: dict[str, dict[str, str]] = {
    "sdk": {"sentry-sdk": "sentry_sdk", "platformdirs": "platformdirs"},
    "agent": {
        "PySide6-Essentials": "PySide6",
        "requests": "requests",
        "sqlite-utils": "sqlite_utils",
        "truststore": "truststore",
    },
    "server": {
        "brotli": "brotli",
        "django": "django",
        "django-allauth": "allauth",
        "django-csp": "csp",
        "django-htmx": "django_htmx",
        "google-re2": "re2",
        "h11": "h11",
        "httptools": "httptools",
        "lark": "lark",
        "markdown-it-py": "markdown_it",
        "obstore": "obstore",
        "orjson": "orjson",
        "packaging": "packaging",
        "prometheus-client": "prometheus_client",
        "python-multipart": "python_multipart",
        "uvicorn": "uvicorn",
        "waitress": "waitress",
        "whitenoise": "whitenoise",
        "zstandard": "zstandard",
    },
    "native": {"py-spy": ""},  # brings a program, no module
    "postgres": {"psycopg": "psycopg"},
}


def missing_libraries(extra: str) -> list[str]:
    """Return the distributions of `extra` whose module this Python cannot import; nothing is imported to find out."""
    return [name for name, module in EXTRAS[extra].items() if not _is_there(name, module)]


def extra_with(module: str) -> str | None:
    """Return the extra that brings the top-level `module`, or None for a module that is not one of ours."""
    return next((extra for extra, libraries in EXTRAS.items() if module and module in libraries.values()), None)


def install_line(extra: str) -> str:
    return f"pip install 'crashdesk[{extra}]'"


def _is_there(distribution: str, module: str) -> bool:
    if module:
        return find_spec(module) is not None
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
