"""How a place in the code is written, so that it keeps its name through small renames.

Between releases functions get wrapped (``_do_x``), extended (``x_ex``) and reordered (``post_json``, ``json_post``),
and modules move to another package: order, affixes and packages are left out.
"""

import re
from functools import lru_cache

FILLERS = frozenset({"do", "ex", "ext", "impl", "inner", "internal", "the"})
COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
RENAMED_TYPES = {"EnvironmentError": "OSError", "IOError": "OSError", "PatternError": "error"}
_HUMP = re.compile(r"([a-z0-9])([A-Z])")
_NAME_LIMIT = 120


@lru_cache(maxsize=20_000)
def function_words(function: str) -> str:
    """Return the words of a function's own name, sorted, without fillers: ``_do_post_json`` gives ``json_post``."""
    name = _HUMP.sub(r"\1_\2", function[-_NAME_LIMIT:].rpartition(".")[2]).lower()
    words = [word for word in name.split("_") if word and word not in FILLERS]
    return "_".join(sorted(words)) or name


@lru_cache(maxsize=20_000)
def last_part(module: str) -> str:
    """Return a module's own name without its packages."""
    return module[-_NAME_LIMIT:].rpartition(".")[2]


def type_name(name: str) -> str:
    """Return an exception type under the name that it has in every version of Python."""
    own_name = name[:_NAME_LIMIT].rpartition(".")[2]
    return RENAMED_TYPES.get(own_name, own_name)
