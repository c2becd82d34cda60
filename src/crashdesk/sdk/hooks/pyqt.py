"""PyQt ends the program after an exception in a slot, as long as nobody has set ``sys.excepthook``.

Our hook alone would change that: the program would go on in a state its maker never meant. So after the report it
ends as it would have without us.
"""

import faulthandler
import os
import sys
from typing import Any


def would_abort(earlier: Any) -> bool:
    """Whether PyQt, without our hook, would have ended the program after this exception."""
    untouched = earlier is sys.__excepthook__
    return untouched and any(f"{name}.QtCore" in sys.modules for name in ("PyQt6", "PyQt5"))


def abort() -> None:
    """End by SIGABRT as PyQt's qFatal does, without a second report by faulthandler."""
    faulthandler.disable()
    os.abort()
