"""Files of one `key value` a line: status, meminfo, smaps_rollup, vmstat, memory.stat, io, limits, pressure."""

from __future__ import annotations

import re

from memviz.errors import Malformed

_KEYED = re.compile(rb"(?:([^\s:]+(?: [^\s:]+)*):|([^\s:]+)[ \t])([^\n]*)")
_COUNT = re.compile(rb"(\d{1,20})( kB)?")
_PRESSURE = re.compile(r"(\w+)((?: \w+=\d+(?:\.\d+)?)+)")
_LIMIT = re.compile(rb"(Max [a-z ]*?[a-z]) {2,}(\d{1,20}|unlimited) +(?:\d{1,20}|unlimited)(?: .*)?")
_CAPABILITIES = {12: "CAP_NET_ADMIN", 19: "CAP_SYS_PTRACE", 21: "CAP_SYS_ADMIN", 38: "CAP_PERFMON"}


def parse_keyed(text: bytes) -> dict[str, bytes]:
    """Key to the rest of its line, stripped; other lines raise Malformed. A repeated key keeps its first value."""
    result: dict[str, bytes] = {}
    for line in text.split(b"\n"):
        if not line:
            continue
        match = _KEYED.fullmatch(line)
        if match is None:
            raise Malformed(f"not `key value`: {line[:80]!r}")
        result.setdefault((match[1] or match[2]).decode("ascii", "backslashreplace"), match[3].strip())
    return result


def parse_counts(text: bytes) -> dict[str, int]:
    """The keys whose value is one number, kB turned into bytes; other lines are left out."""
    result = {}
    for key, value in parse_keyed(text).items():
        match = _COUNT.fullmatch(value)
        if match is not None:
            result[key] = int(match[1]) << 10 if match[2] else int(match[1])
    return result


def parse_pressure(text: bytes) -> dict[str, dict[str, float]]:
    """`some avg10=0.00 avg60=0.00 avg300=0.00 total=0`: averages in percent, totals in microseconds."""
    result = {}
    for line in text.split(b"\n"):
        match = _PRESSURE.fullmatch(line.decode("ascii", "replace"))
        if match is not None:
            pairs = (pair.partition("=") for pair in match[2].split())
            result[match[1]] = {key: float(value) for key, _, value in pairs}
        elif line:
            raise Malformed(f"not a pressure file: {line[:80]!r}")
    return result


def parse_limits(text: bytes) -> dict[str, int | None]:
    """Soft limits by name (`Max stack size`), in the file's units; None is unlimited."""
    result: dict[str, int | None] = {}
    for line in text.split(b"\n")[1:]:
        match = _LIMIT.fullmatch(line)
        if match is not None:
            result[match[1].decode("ascii")] = None if match[2] == b"unlimited" else int(match[2])
        elif line:
            raise Malformed(f"not a limits file: {line[:80]!r}")
    return result


def capabilities(status: bytes) -> frozenset[str]:
    """Those of CapEff that decide what may be read."""
    try:
        mask = int(parse_keyed(status).get("CapEff", b"0"), 16)
    except ValueError:
        raise Malformed("CapEff is not a number") from None
    return frozenset(name for bit, name in _CAPABILITIES.items() if mask >> bit & 1)
