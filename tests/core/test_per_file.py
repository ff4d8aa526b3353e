"""Absence is per file: each file of a process fails in each way, and only what it tells is not there."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from memviz.core.host import Host
from memviz.core.plain import layout_dict, memory_dict, regions_by_group, regions_dict, summary_dict
from memviz.core.snapshot import Snapshot
from memviz.core.unknown import SOURCES, TABLES
from memviz.proc import reader
from memviz.proc.link import Frame
from tests.process_states import OTHERS, WITH_MEMORY, stat_text, unexplained

FILES = {"stat": stat_text("S"), **WITH_MEMORY, **OTHERS}
CODES = (errno.EACCES, errno.EPERM, errno.ESRCH, errno.ENOENT, errno.EIO, errno.ETIMEDOUT)
DICTS: dict[str, Callable[[Host, Snapshot], dict[str, Any]]] = {
    "memory": memory_dict,
    "summary": summary_dict,
    "regions": lambda host, snapshot: regions_dict(snapshot),
    "by group": lambda host, snapshot: regions_by_group(snapshot),
    "layout": lambda host, snapshot: layout_dict(snapshot),
}
ALL_NAMES = re.compile(r"\b(smaps|maps|statm|status|limits|cgroup|oom_score_adj|oom_score|cmdline)\b")


class Scripted:
    """A reader that answers with FILES, of which some fail. `asked` are the files that were asked for."""

    def __init__(self, codes: dict[str, int]) -> None:
        self.codes = codes
        self.asked: set[str] = set()

    def ask(self, verb: str, *arguments: str) -> Iterator[Frame]:
        if verb == "hello":
            facts = "page_size=4096\nclock_ticks=100\nkernel=6.18.0\nmachine=x86_64\nuid=1001\ncpus=2\ntime=5\n"
            yield Frame(reader.DATA, 0, facts.encode())
        elif verb in ("files", "host"):
            names = arguments[1 if verb == "files" else 0].split(",")
            for tag, name in enumerate(names):
                self.asked.add(name)
                code = self.codes.get(name, 0 if name in FILES else errno.ENOENT)
                if not code:
                    yield Frame(reader.DATA, tag, FILES[name])
                yield Frame(reader.FILE, tag, f"errno={code} alive=1".encode())
        yield Frame(reader.END, 0, b"errno=0 inode=9" if verb != "cgroup" else b"errno=2")

    def close(self) -> None: ...


def told(what: str, codes: dict[str, int]) -> tuple[dict[str, Any], set[str]]:
    link = Scripted(codes)
    host = Host(link)
    answer: dict[str, Any] = json.loads(json.dumps(DICTS[what](host, host.snapshot(7))))
    return answer, link.asked


def nulls(value: Any, part: str = "") -> set[tuple[str, str]]:
    """The outermost part and the key of each null."""
    if isinstance(value, list):
        return set().union(*(nulls(each, part) for each in value))
    found: set[tuple[str, str]] = set()
    for key, item in value.items() if isinstance(value, dict) else ():
        found |= {(part, key)} if item is None else nulls(item, part or key) if key != "absent" else set()
    return found


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", [name for name in FILES if name not in ("stat", "maps")])
@pytest.mark.parametrize("what", DICTS)
def test_that_only_what_a_file_tells_is_absent_without_it(what: str, name: str, code: int) -> None:
    whole, _ = told(what, {})
    answer, asked = told(what, {name: code})
    assert list(unexplained(answer)) == []
    for part, key in nulls(answer) - nulls(whole):
        if part == "standing":
            continue  # made of several
        of_table = part in TABLES
        assert name in ("smaps" if of_table else SOURCES.get(key, name)), f"{part}.{key} is not told by {name}"
        if of_table:
            assert answer["absent"][key]["detail"] == answer["absent"]["residency"]["detail"] or key in SOURCES
    fresh = {key: why for key, why in answer["absent"].items() if key not in whole["absent"]}
    for key, why in fresh.items():
        named = set(ALL_NAMES.findall(why["detail"]))
        assert named <= {name}, f"{key}: {why['detail']}"
        assert named <= asked
    if name == "smaps" and "regions" in answer and isinstance(answer["regions"], list):
        assert [region["start"] for region in answer["regions"]] == [region["start"] for region in whole["regions"]]
        assert [region["size"] for region in answer["regions"]] == [region["size"] for region in whole["regions"]]


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
def test_that_without_smaps_and_maps_the_rest_is_told(code: int) -> None:
    answer, _ = told("memory", {"smaps": code, "maps": code})
    assert list(unexplained(answer)) == []
    assert answer["rss"] == 100 * 4096
    assert answer["peak_rss"] == 400 << 10
    assert answer["region_count"] is None
