"""A made-up program of many modules, and the crashes of all its sites as the unmodified Python SDK captures them.

Every site is a place of its own: its module, functions and type of exception; a third of the crashes chain causes.
Run as a script in a process of its own: ``python program.py SITES FILE`` writes one event as JSON a line.
"""

import importlib
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SITES_IN_MODULE = 5
ERRORS = (
    "KeyError",
    "ValueError",
    "TypeError",
    "IndexError",
    "AttributeError",
    "RuntimeError",
    "LookupError",
    "OSError",
)
AREAS = ("ledger", "stock", "parcels", "people", "prices", "reports", "search", "imports", "printing", "sync")
VERBS = ("load", "merge", "check", "price", "split", "order", "write", "close", "rank", "map")
BREADCRUMBS = 30

_MODULE = '''"""{area}: module {number} of the program."""

LIMIT = {number}


class {area_title}{number}Error({base}):
    """What this module raises itself."""


def pass_{area}_{number}_on(route, step, order, answers):
    """Ask the next module on the way, or do it here at its end."""
    started_at = answers.get("started_at", 0)
    answers["{area}"] = [line["sku"] for line in order["lines"][:3]]
    if route:
        following, rest = route[0], route[1:]
        label = f"{area}/{number} asks {{following.__name__}}"
        return following.begin(rest, step, order, answers)
    return SITES[step](order, order["customer"], order["lines"])


begin = pass_{area}_{number}_on

{sites}

SITES = [{names}]
'''

_DESK = '''"""Where orders come in: every crash ends here and is reported."""


def handle(route, step, order, capture):
    """Work on one order."""
    try:
        return route[0].begin(route[1:], step, order, {{}})
    except Exception as error:
        capture(error)
'''.replace("{{}}", "{}")

_SITE = '''
def {name}(order, customer, lines):
    """Go through the lines of an order."""
    total = 0
    seen = {{line["sku"]: line for line in lines}}
    for place, line in enumerate(lines):
        total += line["count"] * line["cents"]
    return _{name}_inner(order, seen, total)


def _{name}_inner(order, seen, total):
    note = f"order {{order['number']}} of {{total}} cents"
    parts = note.split()
    address = {{"street": "Harbour Lane", "house": total % 97, "town": "Northwick"}}
    {raising}
'''
_PLAIN = "raise {error}(f\"{words} {{order['number']}}\")"
_CHAINED = """try:
        seen["{key}"]["count"] += len(parts)
    except KeyError as error:
        raise {error}(f"{words} {{order['number']}}") from error"""


def crashes(sites: int, seed: int = 1) -> list[bytes]:
    """Return one captured event for every site, as JSON; the SDK runs in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="crashdesk-program-") as directory:
        found = Path(directory) / "events"
        subprocess.run([sys.executable, __file__, str(sites), str(seed), str(found)], check=True)
        return found.read_bytes().splitlines()


def write_program(directory: Path, sites: int, rolls: random.Random) -> list[tuple[str, int]]:
    """Write the package ``shop`` into `directory`; return the module and the place in it of every site."""
    package = directory / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    modules = [f"{AREAS[number % len(AREAS)]}_{number}" for number in range(-(-sites // SITES_IN_MODULE))]
    (package / "desk.py").write_text(_DESK)
    for number, name in enumerate(modules):
        (package / f"{name}.py").write_text(_module(number, rolls))
    return [(modules[site // SITES_IN_MODULE], site % SITES_IN_MODULE) for site in range(sites)]


def _module(number: int, rolls: random.Random) -> str:
    area = AREAS[number % len(AREAS)]
    names = [f"{rolls.choice(VERBS)}_{area}_{number}_{place}" for place in range(SITES_IN_MODULE)]
    own_error = f"{area.title()}{number}Error"
    sites = [_SITE.format(name=name, raising=_raising(name, own_error, rolls)) for name in names]
    return _MODULE.format(
        area=area,
        area_title=area.title(),
        number=number,
        base=rolls.choice(ERRORS),
        sites="\n".join(sites),
        names=", ".join(names),
    )


def _raising(name: str, own_error: str, rolls: random.Random) -> str:
    error = rolls.choice((*ERRORS, own_error))
    words = f"cannot {name.replace('_', ' ')} for order"
    return (_CHAINED if rolls.random() < 1 / 3 else _PLAIN).format(error=error, words=words, key=name)


def _order(number: int, rolls: random.Random) -> dict:
    lines = [
        {
            "sku": f"SKU-{rolls.randrange(10_000):05}",
            "lot": f"{rolls.getrandbits(64):016x}",
            "count": rolls.randrange(1, 9),
            "cents": rolls.randrange(100, 9_000),
        }
        for _ in range(rolls.randrange(4, 12))
    ]
    customer = {"name": f"Customer {rolls.randrange(5_000)}", "mail": "someone@example.org", "token": "abc123"}
    return {"number": number, "customer": customer, "lines": lines}


def _captured(sites: int, seed: int, directory: Path) -> Iterator[bytes]:
    import sentry_sdk

    rolls = random.Random(seed)
    found: list[dict] = []
    places = write_program(directory, sites, rolls)
    sys.path.insert(0, str(directory))
    sentry_sdk.init(
        "http://key@127.0.0.1/1",
        before_send=lambda event, _hint: found.append(event),
        auto_enabling_integrations=False,
        in_app_include=["shop"],
        environment="production",
        release="shop@1.0.0",
        max_breadcrumbs=BREADCRUMBS,
    )
    modules = sorted({name for name, _ in places})
    for number, (name, place) in enumerate(places):
        way = [*(rolls.choice(modules) for _ in range(rolls.randrange(2, 7))), name]
        route = [importlib.import_module(f"shop.{module}") for module in way]
        _crash(sentry_sdk, route, place, _order(number, rolls))
        yield json.dumps(found.pop(), default=str).encode()


def _crash(sdk, route: list, place: int, order: dict) -> None:
    from shop import desk  # written a moment ago

    with sdk.isolation_scope() as scope:
        for step in range(BREADCRUMBS):
            scope.add_breadcrumb(
                category=f"ui.{VERBS[step % 10]}",
                message=f"step {step} of order {order['number']}",
                data={"widget": f"{AREAS[step % 7]}Panel", "milliseconds": step * 37 % 100},
            )
        scope.set_context("cart", {"lines": len(order["lines"]), "currency": "EUR"})
        desk.handle(route, place, order, sdk.capture_exception)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as below, Path(sys.argv[3]).open("wb") as target:
        target.writelines(line + b"\n" for line in _captured(int(sys.argv[1]), int(sys.argv[2]), Path(below)))
