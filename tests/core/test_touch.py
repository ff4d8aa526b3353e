"""What a touch of a page is said to do is what the kernel does to a child that touches it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from memviz.cli.main import main
from memviz.core.host import Host
from memviz.core.pages import GUARD_PAGE, IN_SWAP, NOT_IN_MEMORY, PAGE_STATES, spans, state_at
from memviz.core.snapshot import Snapshot
from memviz.core.source import PageRuns
from memviz.core.touch import SIGBUS, SIGSEGV, UNKNOWN, WORKS, may_end_early, touch
from tests.builders import snapshot

PROGRAM = Path(__file__).parent.parent / "programs" / "touching.py"
ENOUGH = 1000


class Member(NamedTuple):
    """One access to one page, and what came of it: `ok` or a signal."""

    name: str
    address: int
    access: str
    verdict: str


class Seen(NamedTuple):
    pid: int
    snapshot: Snapshot
    pages: PageRuns
    members: list[Member]


@pytest.fixture(scope="module")
def seen(host: Host) -> Iterator[Seen]:
    with subprocess.Popen([sys.executable, PROGRAM], stdin=-1, stdout=-1, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            addresses = {}
            for line in program.stdout:
                if line.startswith("ready"):
                    break
                _, name, address = line.split()
                addresses[name] = int(address)
            found = host.snapshot(program.pid)
            pages = host.pages(program.pid, spans(found))
            program.stdin.write("\n")
            program.stdin.flush()
            members = []
            for line in program.stdout:
                if line.startswith("done"):
                    break
                name, access, verdict = line.split()
                members.append(Member(name, addresses[name], access, verdict))
            yield Seen(program.pid, found, pages, members)
        finally:
            program.stdin.close()
            program.kill()


def said(seen: Seen, host: Host | None, member: Member) -> str:
    """As memviz has it; without a host the size of the file is not known."""
    row = seen.snapshot.regions.find(member.address)
    assert row is not None
    state = state_at(seen.pages, member.address)
    size = None
    if host is not None and may_end_early(seen.snapshot, row, state):
        region = seen.snapshot.regions[row]
        size = host.mapped_size(seen.pid, region.start, region.end)
    outcome = getattr(touch(seen.snapshot, row, member.address, state, size), member.access)
    return {WORKS: "ok"}.get(outcome.what, outcome.what)


@pytest.mark.live
def test_that_what_is_said_of_a_touch_is_what_the_kernel_does(seen: Seen, host: Host) -> None:
    if host.hello.uid != 0:
        pytest.skip("the size of a mapped file is told to root only")
    assert len(seen.members) >= ENOUGH
    assert {member.verdict for member in seen.members} == {"ok", "SIGSEGV", "SIGBUS"}
    wrong = [(member, told) for member in seen.members if (told := said(seen, host, member)) != member.verdict]
    assert wrong == []


@pytest.mark.live
def test_that_what_is_said_without_the_size_of_the_file_is_never_wrong(seen: Seen) -> None:
    told = [(member, said(seen, None, member)) for member in seen.members]
    assert [(member, what) for member, what in told if what not in (member.verdict, UNKNOWN)] == []
    assert all("SIGBUS" in words(seen, member) for member, what in told if member.verdict == "SIGBUS")


def words(seen: Seen, member: Member) -> str:
    row = seen.snapshot.regions.find(member.address)
    assert row is not None
    return touch(seen.snapshot, row, member.address, state_at(seen.pages, member.address)).sentence


@pytest.mark.live
def test_that_explain_names_the_signal(seen: Seen, host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    if host.hello.uid != 0:
        pytest.skip("the size of a mapped file is told to root only")
    chosen = {member.address: member for member in seen.members[::7]}
    for address, member in list(chosen.items())[::4]:
        assert main(["explain", str(seen.pid), f"{address:x}", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)["touch"][member.access]["what"]
        assert {WORKS: "ok"}.get(told, told) == member.verdict, member
        assert main(["explain", str(seen.pid), f"{address:x}"]) == 0
        text = capsys.readouterr().out
        assert member.verdict == "ok" or member.verdict in text, member


@pytest.mark.parametrize("flags", ["rd,wr,mr,io", "rd,wr,mr,pf", "rd,wr,mr,um", "rd,wr,mr,ui"])
def test_that_who_is_asked_first_is_said(flags: str) -> None:
    seen = snapshot(f"700-710 rw-s /dev/dri/card0 flags={flags}")
    for outcome in touch(seen, 0, 0x700000, NOT_IN_MEMORY)[:2]:
        assert outcome.what == UNKNOWN
        assert "driver" in outcome.words or "userfaultfd" in outcome.words


@pytest.mark.parametrize("state", PAGE_STATES, ids=lambda state: state.name)
@pytest.mark.parametrize(
    "permissions", ["---p", "r--p", "rw-p", "r-xp", "rwxp", "-w-p", "--xp", "r--s", "rw-s", "---s"]
)
@pytest.mark.parametrize("path", ["", "/data", "[heap]", "/memfd:x\\ (deleted)"])
def test_that_nothing_is_filled_that_may_not_be_touched(state: object, permissions: str, path: str) -> None:
    seen = snapshot(f"700-710 {permissions} {path}")
    found = touch(seen, 0, 0x700000, state)  # type: ignore[arg-type]  # a PageState
    if state is GUARD_PAGE or permissions.startswith("---"):
        assert {outcome.what for outcome in found} == {SIGSEGV}
        assert found.sentence.startswith("Touching it ends in SIGSEGV")
    if "w" not in permissions:
        assert found.write.what == SIGSEGV
    if state is IN_SWAP and "w" in permissions:
        assert found.write.what == WORKS
    if path.startswith("/") and state is NOT_IN_MEMORY and permissions.startswith("rw"):
        assert "SIGBUS" in found.sentence
        assert touch(seen, 0, 0x70F000, NOT_IN_MEMORY, 0xF000).write.what == SIGBUS
        assert touch(seen, 0, 0x70F000, NOT_IN_MEMORY, 0xF001).write.what == WORKS
