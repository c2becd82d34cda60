"""My reports: what was sent, what waits, what cannot be sent and why, and what can be done about each."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from crashdesk.agent.ui import icons, theme
from crashdesk.agent.ui.readable import day, time_of_day, visible
from crashdesk.agent.ui.sentences import MARKS
from crashdesk.agent.ui.sheet import Sheet, button, plain_label
from crashdesk.outbox.store import Report, State


def _tr(text: str) -> str:
    return QCoreApplication.translate("OutboxWindow", text)


def moment(at: datetime, now: datetime) -> str:
    """Return a time as people say it: today's hour, else the day."""
    here = at.astimezone()
    clock = time_of_day(here)
    if here.date() == now.astimezone().date():
        return _tr("today, {time}").format(time=clock)
    return f"{day(here)}, {clock}"


def state_in_words(report: Report, now: datetime) -> str:
    """Return where a report stands, why, and what comes next."""
    reason = visible(report.reason or "")
    if report.state is State.WAITING:
        return _tr("Waits for your answer")
    if report.state is State.LATER:
        minutes = max(1, round((report.next_at - now).total_seconds() / 60)) if report.next_at else 1
        told = _tr("Tried again in about {minutes} min").format(minutes=minutes)
        return f"{told}: {reason}" if reason else told
    if report.state is State.PARKED:
        return _tr("Not sent: {reason}").format(reason=reason or _tr("the server refused it"))
    if report.state is State.DONE:
        return _tr("Sent {when}").format(when=moment(report.sent_at, now)) if report.sent_at else _tr("Sent")
    return _tr("Being sent")


class OutboxWindow(Sheet):
    """The list; `send` and `delete` get the number of the chosen report."""

    least_height = 420

    def __init__(self, product: str, send: Callable[[int], None], delete: Callable[[int], None]) -> None:
        super().__init__("outboxWindow", 760)
        self._reports: dict[int, Report] = {}
        self._now = datetime.min.replace(tzinfo=UTC)
        self.set_head(_tr("My reports about {product}").format(product=product), "crashdesk", "accent")
        self._build_list()
        self._build_buttons(send, delete)
        self.fit()
        self._list.setFocus()

    def _build_list(self) -> None:
        self._list = QTreeWidget()
        self._list.setObjectName("outboxReports")
        self._list.setAccessibleName(_tr("Reports, newest first"))
        self._list.setHeaderLabels([_tr("Report"), _tr("When"), _tr("State")])
        self._list.setRootIsDecorated(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._list.header().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self._list.itemSelectionChanged.connect(self._follow)
        self._trouble = plain_label("", "problem")
        self._trouble.setObjectName("outboxTrouble")
        self._empty = plain_label(_tr("No reports yet. After a crash, or when you send feedback, they stand here."))
        self._empty.setObjectName("outboxEmpty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._detail = plain_label("", "meta")
        self._detail.setObjectName("outboxDetail")
        self.column.addWidget(self._trouble)
        self.column.addWidget(self._empty)
        self.column.addWidget(self._list, 1)
        self.column.addWidget(self._detail)

    def _build_buttons(self, send: Callable[[int], None], delete: Callable[[int], None]) -> None:
        self._delete = button(_tr("&Delete"), "outboxDelete")
        self._delete.setToolTip(_tr("The report is deleted from this computer and not sent."))
        self._delete.clicked.connect(lambda: self._act(delete))
        self._send = button(_tr("&Send now"), "outboxSend", "main")
        self._send.clicked.connect(lambda: self._act(send))
        close = button(_tr("&Close"), "outboxClose")
        close.clicked.connect(self.close)
        self.buttons.addWidget(self._delete)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        self.buttons.addWidget(self._send)

    def show_reports(self, reports: Sequence[Report], now: datetime, trouble: str | None = None) -> None:
        """Show the reports; the chosen one stays chosen, nothing jumps."""
        chosen = self._chosen()
        self._now = now
        self._reports = {report.id: report for report in reports}
        self._list.clear()
        for report in reports:
            row = self._row(report, now)
            self._list.addTopLevelItem(row)
            if chosen is not None and report.id == chosen.id:
                self._list.setCurrentItem(row)
        if self._list.currentItem() is None and reports:
            self._list.setCurrentIndex(self._list.model().index(0, 0))
        self._trouble.setText(_tr("Nothing can be sent at the moment. {reason}").format(reason=visible(trouble or "")))
        self._trouble.setVisible(bool(trouble) and any(report.state is State.LATER for report in reports))
        self._empty.setVisible(not reports)
        self._list.setVisible(bool(reports))
        self._follow()

    def _row(self, report: Report, now: datetime) -> QTreeWidgetItem:
        title = visible(report.title).replace("\n", " ")
        row = QTreeWidgetItem([title, moment(report.created_at, now), state_in_words(report, now)])
        row.setData(0, Qt.ItemDataRole.UserRole, report.id)
        row.setIcon(0, self._icon(report))
        for column in (0, 2):
            row.setToolTip(column, row.text(column))
        row.setToolTip(1, report.created_at.astimezone().isoformat(" ", "seconds"))
        return row

    def _icon(self, report: Report) -> QIcon:
        name, colour = MARKS.get(report.kind, ("crash", "red"))
        return icons.icon(name, getattr(theme.colours(), colour))

    def _chosen(self) -> Report | None:
        row = self._list.currentItem()
        return None if row is None else self._reports.get(int(row.data(0, Qt.ItemDataRole.UserRole)))

    def _follow(self) -> None:
        chosen = self._chosen()
        self._detail.setText("" if chosen is None else state_in_words(chosen, self._now))
        self._send.setEnabled(chosen is not None and chosen.state in {State.WAITING, State.LATER, State.PARKED})
        self._delete.setEnabled(
            chosen is not None and chosen.state in {State.WAITING, State.READY, State.LATER, State.PARKED}
        )

    def _act(self, action: Callable[[int], None]) -> None:
        chosen = self._chosen()
        if chosen is not None:
            action(chosen.id)
