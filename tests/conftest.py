"""What every test shares: a directory of captured data, an account of skips, no surprise logs."""

import logging
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from memviz.core.connect import open_host
from memviz.core.host import Host

REPOSITORY = Path(__file__).resolve().parent.parent

TOLD = pytest.StashKey[list[str]]()

# How long an example takes depends on what else the machine does; a hang is faulthandler's to end.
# `--hypothesis-profile=` takes the others: `gate` answers the same for the same tree, so that a change is
# refused for what it did; `hunt` searches long for what nobody thought of.
settings.register_profile("memviz", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
settings.register_profile("hunt", deadline=None, max_examples=3000)
settings.load_profile("memviz")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Captured /proc trees and other data too large for the repository: `MEMVIZ_SHARED`."""
    directory = Path(os.environ.get("MEMVIZ_SHARED") or REPOSITORY.parent / "shared")
    if not directory.is_dir():
        pytest.skip("no captured data here: MEMVIZ_SHARED names no directory")
    return directory


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """This machine through a reader process of its own, one for all tests that only ask."""
    opened = open_host()
    yield opened
    opened.close()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Says a line in the summary at the end of the run: what was measured, not whether it passed."""
    lines: list[str] = request.config.stash.setdefault(TOLD, [])
    return lines.append


@pytest.fixture(autouse=True)
def no_unexpected_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning or worse fails its test; one that expects it asserts it and `caplog.clear()`s."""
    yield
    unexpected = [
        f"{record.levelname} {record.name}: {record.getMessage()}"
        for record in caplog.get_records("setup") + caplog.get_records("call")
        if record.levelno >= logging.WARNING
    ]
    if unexpected:
        pytest.fail("unexpected log output:\n" + "\n".join(unexpected), pytrace=False)


# -- the account: every skip says why, and it is told how many fault tests ran live ---------------


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Why *report* was skipped: empty when nobody said, None when it was not skipped at all."""
    if not report.skipped or hasattr(report, "wasxfail") or not isinstance(report.longrepr, tuple):
        return None
    reason = report.longrepr[2].removeprefix("Skipped").removeprefix(":").strip()
    # pytest's own words for a bare `mark.skip` and for a `skipif` with nothing but a condition
    return "" if reason == "unconditional skip" or reason.startswith("condition: ") else reason


def fail_without_reason(report: pytest.TestReport | pytest.CollectReport) -> None:
    if skip_reason(report) == "":
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped without a reason"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_without_reason(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_without_reason(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash.get(TOLD, []):
        terminalreporter.write_line(line)
    ran = 0
    skipped: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if not isinstance(report, pytest.TestReport) or "fault" not in report.keywords:
                continue
            reason = skip_reason(report)
            if reason is not None:
                skipped[reason] += 1
            elif report.when == "call":
                ran += 1
    reasons = "; ".join(f"{count} x {reason}" for reason, count in skipped.items())
    terminalreporter.write_line(
        f"fault tests: {ran} ran live, {skipped.total()} skipped" + (f" ({reasons})" * bool(reasons))
    )
