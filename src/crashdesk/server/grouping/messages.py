"""What is the same in the messages of one failure: numbers, ids, paths, addresses and quoted text are taken out.

Short codes behind a word such as HTTP or error stay: 401 and 503 are different failures.
"""

import re

READ_LIMIT = 1000
TEMPLATE_LIMIT = 200
_VARYING = re.compile(
    r"""
      (?P<code>\b(?:http|status|code|errno|error|exit|signal)(?:\ code)?[\ :=#]{0,2}-?\d{1,4}\b)
    | (?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s'"<>]+)
    | (?P<email>\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b)
    | (?P<uuid>\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b)
    | (?P<quoted>(?<!\w)'[^'\n]*'(?!\w)|"[^"\n]*"|`[^`\n]*`|«[^»\n]*»|“[^”\n]*”|„[^“”\n]*[“”])
    | (?P<path>(?:\b[a-z]:[\\/]|\\\\|~/|(?<![\w.])\.{0,2}/)[^\s'"<>|:*?]+)
    | (?P<address>\b0x[0-9a-f]+\b)
    | (?P<date>\b\d{4}-\d\d-\d\d(?:[t\ ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:z|[+-]\d\d:?\d\d)?)?\b)
    | (?P<time>\b\d{1,2}:\d\d(?::\d\d)?\b)
    | (?P<ip>\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b)
    | (?P<hex>\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b)
    | (?P<number>[-+]?\b\d[\d.,]*(?:e[+-]?\d+)?)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SYSTEM_CODE = re.compile(r"\[(?:errno|winerror) -?\d{1,6}\]", re.IGNORECASE)
_HTTP_STATUS = re.compile(r"\b(?:http|status)(?:\ code)?[\ :=#]{0,2}([1-5]\d\d)\b", re.IGNORECASE)


def http_status(message: str) -> str:
    """Return the HTTP status that a message names, such as ``http 401``; empty when it names none."""
    found = _HTTP_STATUS.search(message[:READ_LIMIT])
    return f"http {found[1]}" if found else ""


def template(message: str) -> str:
    """Return the first line of `message` with everything that varies replaced by the name of its kind."""
    first = next((line for line in message[:READ_LIMIT].splitlines() if line.strip()), "")
    system_code = _SYSTEM_CODE.match(first)
    if system_code:
        return system_code.group().lower()  # what follows is in the language of the machine
    return " ".join(_VARYING.sub(_placeholder, first).split())[:TEMPLATE_LIMIT]


def _placeholder(match: re.Match[str]) -> str:
    kind = match.lastgroup
    return match.group().lower() if kind == "code" else f"<{kind}>"
