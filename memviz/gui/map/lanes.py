"""Where a position along the line lies in the picture: rows like lines of text, or one column."""

from __future__ import annotations

from dataclasses import dataclass, replace

ROWS, COLUMN = "rows", "column"
LEAST_PITCH, MOST_PITCH = 27.0, 72.0  # pixels from row to row
LOW_PITCH, LOW_PANE, HIGH_PANE = 16.0, 240.0, 600.0  # the least in a low pane; between the two it grows
NARROW_PANE = 900.0
NARROW_GUTTER = 84.0  # on the right of a narrow pane
LEFT_GUTTER, RIGHT_GUTTER, MARGIN, LOW_MARGIN = 118.0, 132.0, 10.0, 4.0
COLUMN_WIDTH = 0.34  # of the room that a column takes; its labels have the rest


@dataclass(frozen=True, slots=True)
class Lanes:
    """`count` lanes of `width` pixels along the line, `pitch` apart and `thickness` thick; places are in pixels of the
    view. In a column the one lane stands upright, with high addresses on top."""

    layout: str
    left: float
    top: float
    width: int
    count: int
    pitch: int
    thickness: int
    right: float = RIGHT_GUTTER  # pixels beside the lanes
    room: int = 0  # the width that there is, where the lanes are narrower so as to hold whole cells

    @property
    def capacity(self) -> float:
        """Pixels of line that all lanes show together."""
        return float(self.width * self.count)

    @property
    def upright(self) -> bool:
        return self.layout == COLUMN

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width and height of all lanes."""
        if self.upright:
            return self.left, self.top, self.thickness, self.width
        return self.left, self.top, self.width, (self.count - 1) * self.pitch + self.thickness

    def within(self, height: float) -> Lanes:
        """The same rows, as many as a pane of another height has room for."""
        room = height - 2 * self.top + self.pitch - self.thickness
        return replace(self, count=max(int(room // self.pitch), 1))

    def of_cells(self, cell: int) -> Lanes:
        """The same rows, of a whole number of cells of so many pixels (0: of any width)."""
        room = self.room or self.width
        width = room // cell * cell if cell and not self.upright else 0
        return replace(self, width=width or room, room=room)

    def moved(self, along: float, to: Lanes) -> float:
        """Where on others, of another width, the place of a visible position lies."""
        if self.width == to.width or not 0 <= along < self.capacity:
            return along
        x, y = self.place(along)
        return to.along(x, y + self.thickness / 2)

    def along(self, x: float, y: float) -> float:
        """How far along the visible line a place lies, clipped to the lanes."""
        if self.upright:
            return min(max(self.top + self.width - y, 0.0), self.width - 1e-6)
        row = min(max(int((y - self.top + (self.pitch - self.thickness) / 2) // self.pitch), 0), self.count - 1)
        return row * self.width + min(max(x - self.left, 0.0), self.width - 1e-6)

    def holds(self, x: float, y: float) -> bool:
        """Whether a place lies on a lane (or on the slit below one)."""
        left, top, width, height = self.box
        return left <= x < left + width and top - 2 <= y < top + height + 2

    def place(self, along: float) -> tuple[float, float]:
        """The place of a position: x and top of its lane; in a column, left of the lane and y."""
        if self.upright:
            return self.left, self.top + self.width - along
        row = min(max(int(along // self.width), 0), self.count - 1)
        return self.left + along - row * self.width, self.top + row * self.pitch

    def pieces(self, first: float, last: float) -> list[tuple[float, float, float, float]]:
        """The rectangles (x, y, width, height) that the visible part of [first, last) takes, lane by lane."""
        first, last = max(first, 0.0), min(last, self.capacity)
        if last <= first:
            return []
        if self.upright:
            return [(self.left, self.top + self.width - last, self.thickness, last - first)]
        found = []
        for row in range(int(first // self.width), int(-(-last // self.width))):
            low, high = max(first, row * self.width), min(last, (row + 1) * self.width)
            if high > low:
                x = self.left + low - row * self.width
                found.append((x, self.top + row * self.pitch, high - low, float(self.thickness)))
        return found


def rows_in(width: float, height: float, text: float = 1.0) -> int:
    """How many rows at most a pane of this size may have: they are closer in a low one."""
    share = min(max((height / text - LOW_PANE) / (HIGH_PANE - LOW_PANE), 0.0), 1.0)
    pitch = LOW_PITCH + (LEAST_PITCH - LOW_PITCH) * share
    return max(int((height - 2 * _margin(height, text)) // (pitch * text)), 1)


def make_rows(width: float, height: float, count: int, text: float = 1.0) -> Lanes:
    """So many rows that fill the pane; what they cannot fill is left above and below them alike."""
    margin = _margin(height, text)
    room = height - 2 * margin
    pitch = int(max(min(room / count, MOST_PITCH * text), 8))
    gap = 2 if pitch < 20 else 3 if pitch < 24 else 5 if pitch < 40 else 8
    top = margin + max(int(room - pitch * count + gap) // 2, 0)
    left, right = LEFT_GUTTER * text, (RIGHT_GUTTER if width >= NARROW_PANE * text else NARROW_GUTTER) * text
    return Lanes(ROWS, left, top, max(int(width - left - right), 40), count, pitch, pitch - gap, right)


def _margin(height: float, text: float) -> float:
    return LOW_MARGIN if height < HIGH_PANE * text else MARGIN


def make_column(width: float, height: float, text: float = 1.0) -> Lanes:
    """One upright lane."""
    left = LEFT_GUTTER * text
    thick = max(int((width - left) * COLUMN_WIDTH), 40)
    long = max(int(height - 2 * MARGIN), 40)
    return Lanes(COLUMN, left, MARGIN, long, 1, thick, thick)
