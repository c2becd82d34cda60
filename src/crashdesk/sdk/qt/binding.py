"""The Qt binding the host already imported; its modules are taken from where the interpreter keeps them."""

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

NAMES = ("PySide6", "PyQt6")


@dataclass(frozen=True, slots=True)
class Binding:
    """One loaded binding; `gui` and `widgets` are None while the host has not imported them."""

    name: str
    core: Any

    @property
    def gui(self) -> Any:
        return _loaded(f"{self.name}.QtGui")

    @property
    def widgets(self) -> Any:
        return _loaded(f"{self.name}.QtWidgets")

    @property
    def version(self) -> str:
        """Version of the binding itself."""
        package = sys.modules.get(self.name)
        return str(getattr(package, "__version__", "") or getattr(self.core, "PYQT_VERSION_STR", ""))

    def application(self) -> Any:
        """Return the running QApplication (or its smaller kinds), or None."""
        return self.core.QCoreApplication.instance()

    def is_gui_thread(self) -> bool:
        """Whether widgets may be touched here and now."""
        application = self.application()
        return application is not None and self.core.QThread.currentThread() == application.thread()


def of_core(module: ModuleType) -> Binding:
    """Return the binding whose QtCore was just imported."""
    return Binding(module.__name__.rpartition(".")[0], module)


def _loaded(name: str) -> Any:
    return sys.modules.get(name)
