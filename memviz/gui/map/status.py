"""What stands in the place of the map where there is none: one sentence, what would help, one action."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from memviz.gui.session.session import Session
from memviz.gui.session.state import DENIED, EMPTY, FAILED, GONE, LOADING, NOT_ANSWERING, State
from memviz.gui.theme import Theme

CANCEL, AGAIN, COPY = "Cancel", "Try again", "Copy"
ACTIONS = {LOADING: CANCEL, FAILED: AGAIN, NOT_ANSWERING: AGAIN, DENIED: COPY, GONE: "", EMPTY: ""}
LARGE = 1.15
WIDEST = 620


class Lock(QWidget):
    """The sign of what may not be read."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName("Locked")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * 2.4)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.width() / 24
        body = QRectF(4 * side, 11 * side, 16 * side, 11 * side)
        painter.setPen(QPen(self.theme.dim, 2.2 * side))
        path = QPainterPath(QPointF(8 * side, 11 * side))
        path.lineTo(8 * side, 7 * side)
        path.arcTo(QRectF(8 * side, 3 * side, 8 * side, 8 * side), 180, -180)
        path.lineTo(16 * side, 11 * side)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.dim)
        painter.drawRoundedRect(body, 2 * side, 2 * side)


class StatusPage(QWidget):
    """`cancel_wanted` and `again_wanted` are what its button asks for; copying it does itself."""

    cancel_wanted = Signal()
    again_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.state = State()
        self.lock = Lock(session.theme, self)
        self.sentence, self.remedy = QLabel(self), QLabel(self)
        self.progress, self.button = QProgressBar(self), QPushButton(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # it takes what the map leaves
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(220, 4)
        self.progress.setAccessibleName("Reading")
        for label in (self.sentence, self.remedy):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            label.setMaximumWidth(WIDEST)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.button.clicked.connect(self._act)
        self.other = QPushButton(self)
        self._offers = False
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(2)
        for widget in (self.lock, self.sentence, self.remedy, self.progress, self.button, self.other):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        session.theme_changed.connect(self._take_theme)
        self.other.hide()
        self.say(session.state)

    def offer(self, action: QAction) -> None:
        """Where something may not be read, a button for this as well; none while it is disabled."""
        self.other.setText(action.text().replace("&", ""))
        self.other.setToolTip(action.toolTip())
        self.other.clicked.connect(action.trigger)
        action.enabledChanged.connect(self._show_offer)
        self._show_offer(action.isEnabled())

    def _show_offer(self, offers: bool) -> None:
        self._offers = offers
        self.other.setVisible(offers and self.state.kind == DENIED)

    def say(self, state: State) -> None:
        self.state = state
        font = self.font()
        font.setPointSizeF(max(font.pointSizeF(), 5.0) * LARGE)
        self.sentence.setFont(font)
        self.sentence.setText(state.sentence)
        self.remedy.setText(state.remedy)
        self.remedy.setVisible(bool(state.remedy))
        self.lock.setVisible(state.kind == DENIED)
        self.progress.setVisible(state.kind == LOADING)
        action = ACTIONS.get(state.kind, "")
        self.button.setText("Copy what would help" if action == COPY else action)
        self.button.setVisible(bool(action) and (action != COPY or bool(state.remedy)))
        self.other.setVisible(self._offers and state.kind == DENIED)
        for label in (self.sentence, self.remedy):
            label.setMinimumWidth(min(WIDEST, max(self.width() - 60, 100)))
        self.setAccessibleName(state.sentence)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # whatever Qt hands over
        for label in (self.sentence, self.remedy):
            label.setMinimumWidth(min(WIDEST, max(self.width() - 60, 100)))

    def _act(self) -> None:
        action = ACTIONS.get(self.state.kind)
        if action == CANCEL:
            self.cancel_wanted.emit()
        elif action == AGAIN:
            self.again_wanted.emit()
        elif action == COPY:
            QGuiApplication.clipboard().setText(self.state.remedy)
            self.session.said.emit("Copied: what would help")

    def _take_theme(self, theme: Theme) -> None:
        self.lock.theme = theme
        self.lock.update()
