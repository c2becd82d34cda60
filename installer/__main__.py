"""`python3 installer demo|test|doctor`: sets up what is missing and runs it; needs nothing but Python 3.11 or later."""

# This file alone must be readable by any Python 3, so that an old one can say what is wrong.
import os
import sys

OLDEST = (3, 11)


def _newer_python() -> "str | None":
    """Return the name of a Python on the path that is new enough, if there is one."""
    for minor in range(19, OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        for directory in os.environ.get("PATH", "").split(os.pathsep):
            if os.access(os.path.join(directory, name), os.X_OK):
                return name
    return None


def _too_old() -> int:
    found = _newer_python()
    way_out = (
        "Run: %s installer %s" % (found, " ".join(sys.argv[1:])) if found else "Install Python 3.11 or later first."
    )
    sys.stderr.write(
        "Crashdesk needs Python 3.11 or later; this is Python %d.%d. %s\n"
        % (sys.version_info[0], sys.version_info[1], way_out)
    )
    return 1


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(_too_old())
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    from installer.commands import main

    sys.exit(main(sys.argv[1:]))
