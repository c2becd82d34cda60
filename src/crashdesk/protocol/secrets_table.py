r"""Table of what is removed from text: keys, tokens, passwords, cards, home folders; patterns for `re` and RE2 alike.

Both matchers must agree, so the patterns use no lookaround, no ``\s``, ``\w``, ``\d`` or ``\b``. None of them crosses
SEPARATOR, with which the strings of one report are joined for a single pass. `hints` are cheap: a rule is tried only
when one of them stands in the text (in lower case where the pattern ignores case).
`code_pattern` is for source code, where only a literal can be a secret: a developer must see ``token = read()``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

REMOVED = "[removed]"
SEPARATOR = "\x1e"

_BLANK = r"[ \t]{0,3}"
_QUOTED = (
    r"""\[removed\]|\\+["'][^"'\x1e]*["']?|"""
    r"""[bBuUrRfF]{0,2}"(?:[^"\\\x1e]|\\[^\x1e])*"?|[bBuUrRfF]{0,2}'(?:[^'\\\x1e]|\\[^\x1e])*'?"""
)
_VALUE = rf"""(?:{_QUOTED}|[^ \t\r\n"'&,;<>\x1e]+)"""
_REST_OF_LINE = rf"""(?:{_QUOTED}|[^ \t\r\n\x1e][^\r\n\x1e]*)"""
_ASSIGNED = rf"""[\\"']{{0,4}}\]?{_BLANK}(?:=>|:=|[:=]){_BLANK}"""
_PAIRED = rf"""["']{_BLANK},{_BLANK}"""
_TAIL = r"(?:s|id|key|value|hash|string|text|[0-9]{1,3})?(?:[-_.][0-9a-z_.-]{0,30})?"
_WORDS = r"(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|credential|session[-_. ]?id|[cx]srf)"
_KEY_WORDS = r"(?:(?:api|access|account|private|signing|encryption)[-_. ]?key|auth[-_. ]?(?:key|code))"

_WORD_HINTS = ("passw", "passphrase", "passcode", "pwd", "secret", "token", "credential", "session", "srf")
_KEY_HINTS = (
    *("apikey", "api_key", "api-key", "api.key", "api key"),
    *("access", "account", "private", "signing", "encryption", "auth"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret: how it looks, what stands in its place, why it goes, and an invented example."""

    name: str
    pattern: str
    replacement: str | Callable[[Any], str]
    description: str
    example: str
    hints: tuple[str, ...] = ()
    is_optional: bool = False
    code_pattern: str | None = None
    sees_far: bool = False

    @property
    def ignores_case(self) -> bool:
        return self.pattern.startswith("(?i)")

    @property
    def minds_neighbours(self) -> bool:
        """Whether what stands around a match decides, so that a removal there can lay a match bare."""
        return self.sees_far or "(^|" in self.pattern or "(?:^|" in self.pattern or callable(self.replacement)


def _stands_alone(match: Any) -> bool:
    """Say whether the match is no piece of a longer word, number or id."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[max(start - 2, 0) : start][::-1], text[end : end + 2]
    return not _is_attached(before) and not _is_attached(after)


def _is_attached(chars: str) -> bool:
    return chars[:1].isalnum() or chars[:1] == "_" or (chars[:1] in {"-", "."} and chars[1:].isalnum())


def _without_cards(match: Any) -> str:
    """Remove the card number from a run of digits in groups; other numbers stay."""
    run: str = match.group(0)
    if not _stands_alone(match):
        return run
    gaps = [place for place, char in enumerate(run) if char in " -"]
    for start in (0, *(gap + 1 for gap in gaps)):
        for end in (len(run), *reversed(gaps)):
            if 13 <= end - start <= 32 and is_card(run[start:end]):
                return run[:start] + REMOVED + run[end:]
    return run


def is_card(text: str) -> bool:
    """Say whether `text` is the number of a payment card: its length, its first digits and its check digit."""
    digits = [int(char) for char in text if char.isdigit()]
    if not 13 <= len(digits) <= 19 or not (3 <= digits[0] <= 6 or 2221 <= int(text[:4]) <= 2720):
        return False
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _without_iban(match: Any) -> str:
    """Remove a bank account number when its check digits are right; words that follow it stay."""
    run: str = match.group(0)
    if not _stands_alone(match):
        return run
    ends = [*(place for place, char in enumerate(run) if char == " "), len(run)]
    for end in reversed(ends):
        compact = run[:end].replace(" ", "")
        if 15 <= len(compact) <= 34 and int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1:
            return REMOVED + run[end:]
    return run


def _when_alone(match: Any) -> str:
    return REMOVED if _stands_alone(match) else str(match.group(0))


def _basic_credentials(match: Any) -> str:
    """Remove what follows ``Basic`` unless it is a plain word."""
    value = match.group(2)
    is_word = value.isalpha() and (value.islower() or value.istitle())
    return str(match.group(0)) if is_word else match.group(1) + REMOVED


RULES: tuple[Rule, ...] = (
    Rule(
        "private_key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,8}-----[^-\x1e]*(?:-[^-\x1e]+){0,6}"
        r"(?:-----END [A-Z0-9 ]{0,60}-----)?",
        REMOVED,
        "Private keys in PEM form.",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJB\n-----END RSA PRIVATE KEY-----",
        ("PRIVATE KEY",),
    ),
    Rule(
        "jwt",
        r"(^|[^0-9A-Za-z_-])eyJ[0-9A-Za-z_-]{5,}\.[0-9A-Za-z_-]{5,}(?:\.[0-9A-Za-z_-]*)?",
        rf"\1{REMOVED}",
        "Signed tokens (JWT).",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        ("eyJ",),
    ),
    Rule(
        "bearer",
        r"(?i)((?:^|[^0-9a-z])bearer[ \t]{1,3})[0-9a-z+/=._~-]{8,}",
        rf"\1{REMOVED}",
        "Tokens after the word Bearer.",
        "Bearer 0123abcd4567",
        ("bearer",),
    ),
    Rule(
        "basic",
        r"((?:^|[^0-9A-Za-z])(?:[Bb]asic|BASIC)[ \t]{1,3})([0-9A-Za-z+/=]{8,})",
        _basic_credentials,
        "User name and password after the word Basic.",
        "Basic YWRhOnNlY3JldA==",
        ("asic ", "ASIC ", "asic\t", "ASIC\t"),
    ),
    Rule(
        "authorization",
        rf"(?i)(authorization{_ASSIGNED}){_REST_OF_LINE}",
        rf"\1{REMOVED}",
        "The Authorization header.",
        'Authorization: Digest username="ada"',
        ("authorization",),
        code_pattern=rf"(?i)(authorization{_ASSIGNED})(?:{_QUOTED})",
    ),
    Rule(
        "cookie",
        rf"(?i)(cookies?2?{_ASSIGNED}){_REST_OF_LINE}",
        rf"\1{REMOVED}",
        "Cookies in either direction.",
        "Set-Cookie: sid=38afes7a8; HttpOnly",
        ("cookie",),
        code_pattern=rf"(?i)(cookies?2?{_ASSIGNED})(?:{_QUOTED})",
    ),
    Rule(
        "url_credentials",
        r"""(://)[^/?#<> \t\r\n"'\x1e]+@""",
        rf"\1{REMOVED}@",
        "User name and password in an address.",
        "https://ada:secret@example.org/x",
        ("://",),
    ),
    Rule(
        "url_parameter",
        r"(?i)([?&;](?:sig|signature|key|code|auth|x-amz-(?:signature|credential|security-token))=)"
        r"""[^&;#<> \t\r\n"'\x1e]+""",
        rf"\1{REMOVED}",
        "Signatures, keys and one-time codes among the parameters of an address.",
        "https://example.org/f?sig=abc%2Fdef&x=1",
        ("sig=", "signature=", "key=", "code=", "auth=", "x-amz-"),
    ),
    Rule(
        "assigned_secret",
        rf"(?i)({_WORDS}{_TAIL}{_ASSIGNED}){_VALUE}|({_WORDS}{_TAIL}{_PAIRED})(?:{_QUOTED})",
        rf"\1\2{REMOVED}",
        "Values of passwords, secrets, tokens and session ids, as written in text, code, JSON or an address.",
        'db_password = "correct horse"',
        _WORD_HINTS,
        code_pattern=rf"(?i)({_WORDS}{_TAIL}{_ASSIGNED})()(?:{_QUOTED})",
    ),
    Rule(
        "assigned_key",
        rf"(?i)({_KEY_WORDS}{_TAIL}{_ASSIGNED}){_VALUE}|({_KEY_WORDS}{_TAIL}{_PAIRED})(?:{_QUOTED})",
        rf"\1\2{REMOVED}",
        "Values of keys for services, as written in text, code, JSON or an address.",
        "api_key: 12345",
        _KEY_HINTS,
        code_pattern=rf"(?i)({_KEY_WORDS}{_TAIL}{_ASSIGNED})()(?:{_QUOTED})",
    ),
    Rule(
        "option",
        rf"(?i)(--?[0-9a-z-]{{0,20}}(?:{_WORDS}|{_KEY_WORDS}){_TAIL}[ \t=]+){_VALUE}",
        rf"\1{REMOVED}",
        "Secrets given as options of a command.",
        "--password hunter2",
        (*_WORD_HINTS, *_KEY_HINTS),
    ),
    Rule(
        "element",
        rf"(?i)(<[^<>\x1e]{{0,80}}(?:{_WORDS}|{_KEY_WORDS})[^<>\x1e]{{0,80}}>)[^<\x1e]+",
        rf"\1{REMOVED}",
        "Secrets between the tags of XML.",
        "<password>hunter2</password>",
        (*_WORD_HINTS, *_KEY_HINTS),
        sees_far=True,
    ),
    Rule("aws_key", r"(^|[^0-9A-Za-z])(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[0-9A-Z]{16,}", rf"\1{REMOVED}",
         "Access key ids of Amazon Web Services.", "AKIAIOSFODNN7EXAMPLE",
         ("AKIA", "ASIA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA")),
    Rule("google_key", r"AIza[0-9A-Za-z_-]{30,}|ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}", REMOVED,
         "Keys and tokens of Google.", "AIzaSyA-0123456789abcdefghijklmnopqrstu", ("AIza", "ya29.", "GOCSPX-")),
    Rule("azure_key", r"(?i)((?:sharedaccess(?:key|signature)|accountkey)=)[0-9a-z+/=%&-]{16,}", rf"\1{REMOVED}",
         "Keys in connection texts of Azure.", "AccountKey=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==",
         ("sharedaccess", "accountkey=")),
    Rule("github_token", r"gh[opsur]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,}", REMOVED,
         "Tokens of GitHub.", "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
         ("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_")),
    Rule("gitlab_token", r"gl(?:pat|ptt|dt|rt|cbt)-[0-9A-Za-z_-]{16,}", REMOVED,
         "Tokens of GitLab.", "glpat-0123456789abcdefghij", ("glpat-", "glptt-", "gldt-", "glrt-", "glcbt-")),
    Rule("slack_token", r"xox[abeoprs]-[0-9A-Za-z-]{10,}|(?:hooks\.slack\.com/services/)[0-9A-Za-z/]{10,}", REMOVED,
         "Tokens and hooks of Slack.", "xoxb-0123456789-abcdefghij", ("xox", "hooks.slack.com")),
    Rule("stripe_key", r"[prs]k_(?:live|test)_[0-9A-Za-z]{10,}|whsec_[0-9A-Za-z+/=]{10,}", REMOVED,
         "Keys of Stripe.", "sk_live_0123456789abcdef", ("k_live_", "k_test_", "whsec_")),
    Rule("package_token",
         r"npm_[0-9A-Za-z]{30,}|pypi-[0-9A-Za-z_-]{16,}|hf_[0-9A-Za-z]{30,}|dop_v1_[0-9a-f]{40,}", REMOVED,
         "Tokens of package and model registries and hosting.", "pypi-AgEIcHlwaS5vcmcCJDAxMjM0NTY3",
         ("npm_", "pypi-", "hf_", "dop_v1_")),
    Rule("ai_key", r"(^|[^0-9A-Za-z])sk-[0-9A-Za-z_-]{20,}", rf"\1{REMOVED}",
         "Keys of language model services.", "sk-proj-0123456789abcdefghijkl", ("sk-",)),
    Rule("mail_key", r"SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|key-[0-9a-f]{32}", REMOVED,
         "Keys of mail services.", "SG.0123456789abcdefghij.0123456789abcdefghij", ("SG.", "key-")),
    Rule("bot_token", r"(^|[^0-9A-Za-z])[0-9]{8,10}:AA[0-9A-Za-z_-]{30,}", rf"\1{REMOVED}",
         "Tokens of chat bots.", "123456789:AAabcdefghijklmnopqrstuvwxyz0123456", (":AA",)),
    Rule("sentry_token", r"sntry[su]_[0-9A-Za-z_+/=-]{16,}|cdt_[0-9A-Za-z_-]{16,}", REMOVED,
         "Tokens of this server and of Sentry.", "cdt_0123456789abcdefghij", ("sntrys_", "sntryu_", "cdt_")),
    Rule("card", r"[2-6][0-9]{3}(?:[ -][0-9]{3,6}){2,8}|[2-6][0-9]{12,18}", _without_cards,
         "Numbers of payment cards whose check digit is right.", "4111 1111 1111 1111"),
    Rule("iban", r"[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]){11,30}", _without_iban,
         "Numbers of bank accounts (IBAN) whose check digits are right.", "DE89 3704 0044 0532 0130 00"),
    Rule("social_security", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", _when_alone,
         "Social security numbers of the United States.", "078-05-1120"),
    Rule("home_folder",
         r"""(^|[^0-9A-Za-z_.-])(?:/home/|/Users/|[A-Za-z]:[\\/]+Users[\\/]+)[^\\/:*?"'<>|,; \t\r\n\x1e]+""", r"\1~",
         "The folder of a person, whose name is in it.", "/home/ada/notes.txt", ("/home/", "Users")),
    Rule("email", r"[0-9A-Za-z._%+-]{1,64}@[0-9A-Za-z-]{1,63}(?:\.[0-9A-Za-z-]{1,63}){0,8}\.[A-Za-z]{2,24}", REMOVED,
         "Mail addresses.", "ada@example.org", ("@",), is_optional=True),
    Rule("ip_address", r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}", _when_alone,
         "Network addresses (IPv4).", "192.0.2.17", (".",), is_optional=True),
)  # fmt: skip

SENSITIVE_KEY = (
    r"(?i)passw(?:or)?d|passphrase|passcode|pwd|secret|token|credential|cookie|[cx]srf|authorization|authentication|"
    r"(?:api|access|account|private|signing|encryption)[-_. ]?key|session[-_. ]?(?:id|key)|"
    r"auth[-_. ]?(?:key|code|header|data)|credit[-_. ]?card|card[-_. ]?number|connection[-_. ]?string|"
    r"(?:^|[-_. ])(?:auth|pass|pin|otp|cvv|cvc|ssn|iban|jwt|bearer|dsn)$|^(?:env|environ)$"
)
