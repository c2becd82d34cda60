"""A person's steps as breadcrumbs: clicks, menu actions, shortcuts, keys, windows. Never what they typed.

One filter on the application sees every event of the program, so it must be quick with those it does not want, and no
exception may leave it: in PySide6 that ends the program.
"""

import _thread
from collections.abc import Callable
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.qt import names
from crashdesk.sdk.qt.binding import Binding

Breadcrumb = Callable[..., dict[str, Any]]


def make_filter(binding: Binding, breadcrumb: Breadcrumb) -> Any:
    """Return the QObject that watches; its class can only be made once the binding is loaded."""
    steps = Steps(binding, breadcrumb)
    wanted = steps.wanted
    take = steps.take

    class TrailFilter(binding.core.QObject):  # type: ignore[misc,name-defined] # the base is the host's
        def eventFilter(self, target: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
            try:
                kind = event.type()
                if kind in wanted:
                    take(kind, target, event)
            except KeyboardInterrupt:
                _thread.interrupt_main()  # not here, but soon
            except BaseException as error:  # noqa: BLE001 - see the module's text
                guard.note("Qt trail", error)
            return False

    return TrailFilter()


class Steps:
    """Turns wanted events into breadcrumbs."""

    def __init__(self, binding: Binding, breadcrumb: Breadcrumb) -> None:
        self._binding = binding
        self._breadcrumb = breadcrumb
        self._last: tuple[Any, Any] = (None, None)
        self._typed: dict[str, Any] | None = None
        kinds = binding.core.QEvent.Type
        self._takers: dict[Any, Callable[[Any, Any], None]] = {
            kinds.MouseButtonPress: self._press,
            kinds.MouseButtonDblClick: self._double_click,
            kinds.MouseButtonRelease: self._release,
            kinds.KeyPress: self._key,
            kinds.Shortcut: self._shortcut,
            kinds.Show: self._show,
            kinds.Close: self._close,
        }
        self.wanted = frozenset(self._takers)
        self._any_thread = frozenset({kinds.Shortcut})

    def take(self, kind: Any, target: Any, event: Any) -> None:
        """Note one wanted event, if it is about a widget and not the same input on its way up to the parents."""
        widgets = self._binding.widgets
        if widgets is None or (kind not in self._any_thread and not isinstance(target, widgets.QWidget)):
            return  # the same input goes first to the native window
        self._takers[kind](target, event)

    def _is_new_input(self, target: Any, event: Any) -> bool:
        """Only what came from outside counts, and of one input only its first receiver."""
        if not event.spontaneous():
            return False
        key = (event.type(), event.timestamp())
        same, first = self._last
        if key == same and target is not first and target.isAncestorOf(first):
            return False
        self._last = (key, target)
        return True

    def _press(self, target: Any, event: Any) -> None:
        if self._is_new_input(target, event) and not isinstance(target, self._binding.widgets.QMenu):
            self._add("click", self._words_of_click("Clicked", target, event), **self._place(target, event))

    def _double_click(self, target: Any, event: Any) -> None:
        if self._is_new_input(target, event):
            self._add("click", self._words_of_click("Double-clicked", target, event), **self._place(target, event))

    def _release(self, target: Any, event: Any) -> None:
        """Only menus act on release: pressed on the bar, released on an entry."""
        if isinstance(target, self._binding.widgets.QMenu) and self._is_new_input(target, event):
            action = target.actionAt(event.position().toPoint())
            if action is not None:
                self._chose(target, action)

    def _chose(self, menu: Any, action: Any) -> None:
        name = names.action_name(action)
        self._add("menu", f"Chose “{name}” in a menu", path=names.path(menu), action=action.objectName() or name)

    def _shortcut(self, target: Any, event: Any) -> None:
        action_class = getattr(self._binding.gui, "QAction", None)
        button_class = getattr(self._binding.widgets, "QAbstractButton", None)
        keys = event.key().toString()
        if button_class is not None and isinstance(target, button_class):  # its mnemonic
            words = f"Pressed {keys} for “{names.spoken(target)}”"
            self._add("shortcut", words, keys=keys, path=names.path(target))
        if action_class is not None and isinstance(target, action_class):
            name = names.action_name(target)
            self._add("shortcut", f"Pressed {keys} for “{name}”", keys=keys, action=target.objectName() or name)

    def _key(self, target: Any, event: Any) -> None:
        if not self._is_new_input(target, event):
            return
        if self._is_typing(target, event):
            self._count_typed(target)
        elif _number(event.key()) not in self._modifiers():
            keys = self._binding.gui.QKeySequence(event.keyCombination()).toString()
            self._add("key", f"Pressed {keys} in {names.spoken(target)}", path=names.path(target), keys=keys)

    def _show(self, target: Any, event: Any) -> None:
        if self._is_real_window(target) and not event.spontaneous():
            self._add("window", f"Window {names.spoken(target)} opened", **_window(target))

    def _close(self, target: Any, _event: Any) -> None:
        if self._is_real_window(target):
            self._add("window", f"Window {names.spoken(target)} closed", **_window(target))

    def _is_real_window(self, widget: Any) -> bool:
        window_type = self._binding.core.Qt.WindowType
        return bool(widget.isWindow()) and widget.windowType() in (
            window_type.Window,
            window_type.Dialog,
            window_type.Sheet,
        )

    def _is_typing(self, widget: Any, event: Any) -> bool:
        """Printable keys in a text field; elsewhere (Space on a check box) they are commands."""
        core = self._binding.core.Qt
        command = core.KeyboardModifier.ControlModifier | core.KeyboardModifier.AltModifier
        text = event.text()
        is_text = bool(text) and text.isprintable() and not event.modifiers() & command
        return is_text and bool(widget.testAttribute(core.WidgetAttribute.WA_InputMethodEnabled))

    def _count_typed(self, widget: Any) -> None:
        """How much was typed, never what; in a password field not even how much."""
        path = names.path(widget)
        if self._typed is not None and self._typed["data"]["path"] == path:
            self._typed["data"]["characters"] += 0 if self._is_secret(widget) else 1
            return
        self._add("type", f"Typed in {names.spoken(widget)}", path=path, characters=1)
        self._typed = self._newest

    def _is_secret(self, widget: Any) -> bool:
        line_edit = self._binding.widgets.QLineEdit
        return isinstance(widget, line_edit) and widget.echoMode() != line_edit.EchoMode.Normal

    def _modifiers(self) -> frozenset[int]:
        keys = self._binding.core.Qt.Key
        alone = (keys.Key_Shift, keys.Key_Control, keys.Key_Alt, keys.Key_Meta, keys.Key_AltGr, keys.Key_CapsLock)
        return frozenset(_number(key) for key in alone)

    def _words_of_click(self, verb: str, target: Any, event: Any) -> str:
        widgets = self._binding.widgets
        if isinstance(target, widgets.QMenuBar):
            action = target.actionAt(event.position().toPoint())
            return f"{verb} the menu “{names.action_name(action)}”" if action is not None else f"{verb} the menu bar"
        view = self._view_of(target)
        if view is not None:
            return f"{verb} a row in {names.spoken(view)}"
        return f"{verb} {names.spoken(target)}"

    def _place(self, target: Any, event: Any) -> dict[str, Any]:
        view = self._view_of(target)
        if view is None:
            return {"path": names.path(target)}
        index = view.indexAt(event.position().toPoint())
        return {"path": names.path(view), "row": index.row(), "column": index.column()}

    def _view_of(self, target: Any) -> Any:
        """Return the item view whose inner area was hit, if any; the text of an item is the person's own."""
        parent = target.parentWidget()
        is_view = isinstance(parent, self._binding.widgets.QAbstractItemView) and parent.viewport() == target
        return parent if is_view else None

    def _add(self, what: str, words: str, **data: Any) -> None:
        self._typed = None
        self._newest = self._breadcrumb(words, category=f"ui.{what}", kind="user", data=data)


def _number(key: Any) -> int:
    """Return a key as a number: PyQt6 gives events numbers, PySide6 members of the enumeration."""
    return int(getattr(key, "value", key))


def _window(widget: Any) -> dict[str, Any]:
    return {"path": names.path(widget), "modal": bool(widget.isModal())}
