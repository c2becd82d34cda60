"""Facts about this computer for a feedback that the product opened without facts of its own.

The same sections and fields as the SDK's snapshot, as far as they can be known outside the product.
"""

import os
import platform
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QLocale, QTimeZone
from PySide6.QtGui import QGuiApplication, QScreen


def sections() -> dict[str, Mapping[str, Any]]:
    """Return the sections of the snapshot that describe machine, system and screens."""
    found = {"os": _system(), "device": _device(), "culture": _culture(), "screens": _screens()}
    return {name: {key: value for key, value in facts.items() if value} for name, facts in found.items()}


def _system() -> dict[str, Any]:
    try:
        release = platform.freedesktop_os_release()
        name, version = release.get("NAME", ""), release.get("VERSION_ID", "")
    except OSError:
        name, version = platform.system(), platform.release()
    return {"name": name, "version": version, "kernel_version": platform.release()}


def _device() -> dict[str, Any]:
    return {"arch": platform.machine(), "processor_count": os.cpu_count()}


def _culture() -> dict[str, Any]:
    zone = QTimeZone.systemTimeZoneId()
    return {"locale": QLocale.system().name(), "timezone": bytes(zone.data()).decode("ascii", "replace")}


def _screens() -> dict[str, Any]:
    screens = [_screen(screen) for screen in QGuiApplication.screens()]
    return {"count": len(screens), "screens": screens}


def _screen(screen: QScreen) -> dict[str, Any]:
    size = screen.size()
    return {
        "width": size.width(),
        "height": size.height(),
        "pixel_ratio": screen.devicePixelRatio(),
        "logical_dpi": round(screen.logicalDotsPerInch(), 1),
        "refresh_hz": round(screen.refreshRate(), 1),
    }
