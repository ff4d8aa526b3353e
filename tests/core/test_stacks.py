"""Stacks of threads: by stack pointer, guard and flag, in every combination, and in a real program."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import pytest

from memviz.core.host import Host
from memviz.core.snapshot import Snapshot
from tests.builders import snapshot
from tests.programs import compiled, running

LARGE = 0x11000  # pages: 272 MiB, more than a stack is taken for without being mapped as one


class Layout(NamedTuple):
    """One private anonymous region at page 0x7f00000: its flags, its guard, and how many stack pointers lie in it."""

    pointers: int
    guard: str  # "", "region" (PROT_NONE below it) or "installed" (MADV_GUARD_INSTALL)
    mapped_as_stack: bool  # MAP_STACK, which sets the flag `nh`
    size: int  # pages
    name: str

    def snapshot(self) -> Snapshot:
        flags = ["rd", "wr", *["nh"] * self.mapped_as_stack, *["gu"] * (self.guard == "installed")]
        lines = [f"7f00000-{0x7F00000 + self.size:x} rw-p {self.name} rss=8k flags={','.join(flags)}"]
        if self.guard == "region":
            lines.insert(0, "7effff0-7f00000 ---p flags=mr")
        pointers = [0x7F00000 * 4096 + self.size * 4096 * (number + 1) // 4 for number in range(self.pointers)]
        return snapshot(*lines, stack_pointers=pointers)

    def category(self) -> str:
        """The category by the rules: a stack pointer proves use, a guard or MAP_STACK that it was made for it."""
        made_for_it = bool(self.guard) or self.mapped_as_stack
        if "stack" in self.name:
            return "thread stack"  # the program says so
        if self.pointers and made_for_it:
            return "thread stack" if self.pointers == 1 else "joined thread stacks"
        if self.name:
            return "named anonymous"
        if self.pointers:
            return "stack set by the program" if self.pointers == 1 and self.size < LARGE else "memory with stacks"
        return "likely thread stack" if self.guard and self.mapped_as_stack and self.size < LARGE else "anonymous"


LAYOUTS = [
    Layout(*values)
    for values in itertools.product(
        (0, 1, 2, 3),
        ("", "region", "installed"),
        (False, True),
        (4, 0x103, 0x800, LARGE),
        ("", "[anon:stack]", "[anon:x]"),
    )
]


def test_that_every_layout_of_a_stack_has_the_category_that_its_evidence_allows() -> None:
    found = {layout: layout.snapshot() for layout in LAYOUTS}
    wrong = {}
    for layout, seen in found.items():
        row = seen.regions.find(0x7F00000 * 4096)
        name = seen.categories[int(seen.regions["category"][row])].name
        if name != layout.category():
            wrong[layout] = name
    assert len(LAYOUTS) > 200
    assert wrong == {}


def test_that_memory_with_a_stack_pointer_in_it_is_never_surely_anonymous_and_nothing_else() -> None:
    for layout in LAYOUTS:
        block = next(block for block in layout.snapshot().blocks if block.end > 0x7F00000 * 4096)
        if layout.pointers:
            assert (block.category, block.sure) != ("anonymous", True), layout


@pytest.mark.parametrize("guarded", list(itertools.product((True, False), repeat=4)))
def test_that_neighbouring_stacks_are_blocks_of_their_own(guarded: tuple[bool, ...]) -> None:
    """Regions side by side, with and without guards between them, each with the stack pointer of a thread."""
    lines, pointers, page = [], [], 0x7F0000
    for number, has_guard in enumerate(guarded):
        if has_guard:
            lines.append(f"{page:x}-{page + 1:x} ---p flags=mr")
            page += 1
        # different flags keep the kernel from joining them
        lines.append(f"{page:x}-{page + 16:x} rw-p rss=8k flags=rd,wr,nh,{('dd', 'lo')[number % 2]}")
        pointers.append((page + 8) * 4096)
        page += 16
    blocks = [block for block in snapshot(*lines, stack_pointers=pointers).blocks if block.group == "stack"]
    assert [block.regions for block in blocks] == [1 + has_guard for has_guard in guarded]
    assert {block.category for block in blocks} == {"thread stack"}


ORIGINS = (
    ("g4096", "p", "s", "h"), ("p", "p", "p"), ("s", "g0"), ("h", "h"), ("g4096", "g4096"), ("g0", "g4096"),
    ("g0", "g0", "g0"), ("g65536", "g0", "g4096", "g0"),
)  # fmt: skip


@pytest.mark.live
@pytest.mark.parametrize("origins", ORIGINS, ids="-".join)
def test_that_the_stacks_of_a_real_program_are_told_by_their_origin(
    host: Host, tmp_path_factory: pytest.TempPathFactory, origins: tuple[str, ...]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "stacks"
    folder.mkdir(exist_ok=True)
    with running([str(compiled("stacks", folder)), *origins], "end") as (pid, lines):
        seen = host.snapshot(pid)
        places = [(origin, int(address, 16)) for origin, address in map(str.split, lines[:-1])]
    rows = [seen.regions.find(address) for _, address in places]
    allowed = {"p": {"stack set by the program"}, "h": {"memory with stacks"}, "s": {"thread stack"}}
    for (origin, address), row in zip(places, rows, strict=True):
        category = seen.categories[int(seen.regions["category"][row])].name
        joined = {"joined thread stacks"} if rows.count(row) > 1 else {"thread stack"}
        assert category in allowed.get(origin, joined), (origin, hex(address), category)
