"""How numbers are written, and some read: sizes, addresses, counts, shares and durations."""

from __future__ import annotations

KIB, MIB, GIB, TIB = 1 << 10, 1 << 20, 1 << 30, 1 << 40
_STEPS = (("EiB", 1 << 60), ("PiB", 1 << 50), ("TiB", TIB), ("GiB", GIB), ("MiB", MIB), ("KiB", KIB))
DASH = "–"  # what stands where a value is unknown


def size(count: int) -> str:
    """`45.2 MiB`: one decimal below 100, none above; exact bytes below 1 KiB."""
    sign, count = ("-", -count) if count < 0 else ("", count)
    for unit, step in _STEPS:
        if count >= step - step // 2048:  # half of the unit below less: there it would be rounded to 1,024
            value = count / step
            return f"{sign}{value:.1f} {unit}" if value < 99.95 else f"{sign}{value:,.0f} {unit}"
    return f"{sign}{count} B"


def signed(count: int) -> str:
    """A difference: `+38.0 MiB`, `-2.0 MiB`."""
    return f"{'+' if count > 0 else ''}{size(count)}"


def report_size(count: float) -> str:
    """`45.2 MB`, 1024-based with one decimal: only for the two text reports, whose form is fixed."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if round(abs(value), 1) < 1024:
            return f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TB"


def parse_size(text: str) -> int:
    """`10M`, `1.5GiB`, `4096` in bytes, 1024-based; raises ValueError."""
    letters = text.strip().lower().removesuffix("b").removesuffix("i")
    factors = {"k": KIB, "m": MIB, "g": GIB, "t": TIB}
    factor = factors.get(letters[-1:], 1)
    number = float(letters[:-1] if factor > 1 else letters)
    if not 0 <= number * factor < 1 << 64:
        raise ValueError(f"not a size: {text}")
    return int(number * factor)


def is_pid(text: str) -> bool:
    """Whether it is a process number: digits, and few enough that the kernel could mean one."""
    return text.isascii() and text.isdecimal() and len(text) <= 10


def address(value: int) -> str:
    """`0x7f12_3456_7000`: groups of four digits are easier to compare."""
    return f"0x{value:_x}"


def number(value: int) -> str:
    """`65,054`."""
    return f"{value:,}"


def counted(count: int, what: str, ending: str = "s") -> str:
    """`1 region`, `65,054 regions`."""
    return f"{count:,} {what}{'' if count == 1 else ending}"


def percent(part: float, whole: float) -> str:
    """`62 %`, `0.3 %`, and a dash where there is no whole."""
    if not whole:
        return DASH
    share = 100 * part / whole
    if abs(share) >= 9.95 or not share:
        return f"{share:.0f} %"
    return f"{share:.1f} %" if abs(share) >= 0.05 else "< 0.1 %" if share > 0 else "> -0.1 %"


def duration(seconds: float) -> str:
    """`3 d 4 h`, `4 min 12 s`, `0.25 s`, `< 0.001 s`: two units at most."""
    if 0 < seconds < 0.001:
        return "< 0.001 s"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    seconds = round(seconds)
    parts: list[str] = []
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
