"""Notice the moment the host imports a library, so that we attach to it without importing it ourselves."""

import sys
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from crashdesk.sdk import guard

if TYPE_CHECKING:  # not at run time: importlib.abc brings more than the rest of the SDK
    from importlib.machinery import ModuleSpec

Arrived = Callable[[ModuleType], None]


class _NoticingLoader:
    """Loads through the module's own loader, then tells; leaves no trace of itself in the module."""

    def __init__(self, real: Any, arrived: Arrived) -> None:
        self._real = real
        self._arrived = arrived

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)  # whoever only asks for the spec sees the real loader's abilities

    def create_module(self, spec: "ModuleSpec") -> ModuleType | None:
        create: Callable[[ModuleSpec], ModuleType | None] = self._real.create_module
        return create(spec)

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None:
            spec.loader = self._real
        module.__loader__ = self._real
        self._real.exec_module(module)
        self._arrived(module)


class ImportWatch:
    """A finder in front of the others that finds nothing itself and only wraps the loaders it was asked about."""

    def __init__(self) -> None:
        self._wanted: dict[str, list[Arrived]] = {}

    def when(self, name: str, arrived: Arrived) -> None:
        """Call `arrived` with module `name`: now if it is loaded, else right after its import."""
        module = sys.modules.get(name)
        if module is not None and not _is_loading(module):
            with guard.inside(f"attaching to {name}"):
                arrived(module)
            return
        self._wanted.setdefault(name, []).append(arrived)

    def install(self) -> None:
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        self._wanted.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> "ModuleSpec | None":
        if name not in self._wanted:
            return None
        spec = self._found_by_others(name, path, target)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _NoticingLoader(spec.loader, self._tell)  # type: ignore[assignment] # by its methods
        return spec

    def _found_by_others(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> "ModuleSpec | None":
        for finder in list(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            if finder is self or find_spec is None:
                continue
            spec: ModuleSpec | None = find_spec(name, path, target)
            if spec is not None:
                return spec
        return None

    def _tell(self, module: ModuleType) -> None:
        for arrived in self._wanted.pop(module.__name__, []):
            with guard.inside(f"attaching to {module.__name__}"):
                arrived(module)


class without:  # noqa: N801 - reads as a statement: with without("django"):
    """Context manager: this thread does not find a package that the host has not imported itself."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._thread = threading.get_ident()

    def __enter__(self) -> None:
        if self._package not in sys.modules:
            sys.meta_path.insert(0, self)

    def __exit__(self, *_error: object) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == self._package and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _is_loading(module: ModuleType) -> bool:
    """Whether the module's body still runs further up the stack."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))
