"""Measurements as text and as records for JSON."""

from __future__ import annotations

from statistics import median

from benchmarks.record import Benchmark, Measurement
from memviz import units

WIDTH = 44  # of what was measured, in characters


def as_text(benchmark: Benchmark, measurement: Measurement) -> str:
    """A few lines: name, value, goal and verdict; then ours, the peer, and notes."""
    goal = benchmark.goal
    value = goal.form.format(goal.value(measurement))
    lines = [f"{benchmark.name:18} {value:>16}   goal: {goal.text}: {goal.verdict(measurement)}"]
    lines += [
        f"  {what:{WIDTH}} {_spread(values, measurement.unit)}"
        for what, values in ((benchmark.ours, measurement.ours), (benchmark.peer, measurement.peer))
        if values
    ]
    if len(measurement.ours) > 1:
        lines.append(f"  {'the fastest of each':{WIDTH}} {goal.form.format(goal.value(measurement.fastest)):>10}")
    lines += [f"  {note}" for note in measurement.notes]
    return "\n".join(lines)


def _spread(values: tuple[float, ...], unit: str) -> str:
    middle, low, high = (amount(value, unit) for value in (median(values), min(values), max(values)))
    return f"{middle:>10}  ({low} to {high}, {len(values)} rounds)"


def amount(value: float, unit: str) -> str:
    """`312 ms`, `4.20 us`, `12.3 MiB`."""
    if unit == "B":
        return units.size(int(value))
    if unit == "core":
        return f"{value:.2%}"
    for name, step in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(value) >= step or name == "us":
            return f"{value / step:.3g} {name}"
    raise AssertionError("the last unit takes everything")


def as_record(benchmark: Benchmark, measurement: Measurement) -> dict[str, object]:
    """Everything that was measured."""
    goal = benchmark.goal
    return {
        "name": benchmark.name, "ours": benchmark.ours, "peer": benchmark.peer, "goal": goal.text,
        "value": goal.value(measurement), "of_the_fastest": goal.value(measurement.fastest),
        "verdict": goal.verdict(measurement), "unit": measurement.unit,
        "our_values": measurement.ours, "peer_values": measurement.peer, "notes": measurement.notes,
    }  # fmt: skip


def failure(benchmark: Benchmark, kind: str, why: str) -> tuple[dict[str, object], str]:
    """The record and the line of a benchmark that gave no measurement: `kind` is `absent` or `error`."""
    word = "not measured" if kind == "absent" else "FAILED"
    return {"name": benchmark.name, "goal": benchmark.goal.text, kind: why}, f"{benchmark.name:18} {word}: {why}"
