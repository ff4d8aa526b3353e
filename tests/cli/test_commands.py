"""Every command as a person would type it, in this process or in one of its own."""

from __future__ import annotations

import csv
import io
import json
import mmap
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memviz.cli.main import COMMANDS, command
from tests.cli.conftest import SLEEPER, Run, answer
from tests.programs import running

pytestmark = pytest.mark.live
ABOUT_A_PROCESS = ("summary", "regions", "layout", "cpu")


@pytest.mark.parametrize("name", COMMANDS)
def test_that_every_command_has_help_with_an_example_that_parses(run: Run, name: str) -> None:
    status, out, _ = run(name, "--help")
    assert status == 0
    assert command(name).EXAMPLE in out
    assert command(name).HELP in out


def test_that_the_help_names_every_command(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    assert all(f"\n  {name} " in out for name in COMMANDS)


def test_that_the_version_is_told(run: Run) -> None:
    assert run("--version")[1].startswith("memviz ")


@pytest.mark.parametrize("name", ABOUT_A_PROCESS)
def test_that_a_command_prints_plain_text_into_a_pipe(run: Run, sleeper: int, name: str) -> None:
    status, out, err = run(name, sleeper)
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert out.strip()


@pytest.mark.parametrize("name", ABOUT_A_PROCESS)
def test_that_json_is_json_and_names_the_process(run: Run, sleeper: int, name: str) -> None:
    assert answer(run, name, sleeper, "--json")["pid"] == sleeper


def test_that_the_documented_keys_of_regions_are_there(run: Run, sleeper: int) -> None:
    told = answer(run, "regions", sleeper, "--json")
    assert {"pid", "name", "time", "page_size", "totals", "groups", "blocks", "regions", "absent"} <= set(told)
    assert {"size", "rss", "pss", "swap"} <= set(told["totals"])
    assert {"count", "size", "rss"} <= set(told["groups"]["text"])
    assert {"name", "group", "regions", "size", "rss"} <= set(told["blocks"][0])
    keys = (
        "start end size permissions offset device inode path category group block rss pss shared_clean shared_dirty "
        "private_clean private_dirty referenced anonymous swap locked flags kernel_page_size thp_eligible"
    )
    for region in told["regions"]:
        assert set(keys.split()) <= set(region)
        assert int(region["end"], 16) - int(region["start"], 16) == region["size"]
    assert sum(block["rss"] for block in told["blocks"]) == told["totals"]["rss"]
    assert sum(group["rss"] for group in told["groups"].values()) == told["totals"]["rss"]


def by_hand(text: str) -> dict[int, dict[str, str]]:
    """smaps line by line, as slowly as one likes: fields by the start of the region."""
    blocks: dict[int, dict[str, str]] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if "-" in key.split(" ")[0]:
            start, _, rest = line.partition("-")
            block = blocks.setdefault(int(start, 16), {"header": rest})
        else:
            block[key] = value.strip()
    return blocks


def test_that_regions_agree_with_the_kernel_to_the_byte_on_a_stopped_process(run: Run) -> None:
    with running(SLEEPER, "ready") as (pid, _):
        os.kill(pid, signal.SIGSTOP)
        try:
            before = Path(f"/proc/{pid}/smaps").read_text()
            told = answer(run, "regions", pid, "--json")
        finally:
            os.kill(pid, signal.SIGCONT)
    kernel = by_hand(before)
    assert len(kernel) == len(told["regions"])
    for region in told["regions"]:
        fields = kernel[int(region["start"], 16)]
        end, permissions, offset, device, inode, *path = fields["header"].split(None, 5)
        assert (int(end, 16), permissions) == (int(region["end"], 16), region["permissions"])
        assert (int(offset, 16), device, int(inode)) == (region["offset"], region["device"], region["inode"])
        assert "".join(path) == region["path"]
        assert fields["VmFlags"].split() == region["flags"]
        # not PSS, and not what is private: how many others map a library changes while the process stands still
        for name, column in (("Rss", "rss"), ("Anonymous", "anonymous"), ("Swap", "swap"), ("Locked", "locked")):
            assert int(fields[name].removesuffix(" kB")) << 10 == region[column]
    assert told["totals"]["pss"] == sum(region["pss"] for region in told["regions"])


def test_that_filters_narrow_the_list_and_the_sums_follow(run: Run, sleeper: int) -> None:
    everything = answer(run, "regions", sleeper, "--json")["regions"]
    code = answer(run, "regions", sleeper, "--perm", "x", "--json")["regions"]
    assert 0 < len(code) < len(everything)
    assert all("x" in region["permissions"] for region in code)
    large = answer(run, "regions", sleeper, "--min", "1M", "--json")["regions"]
    assert all(region["size"] >= 1 << 20 for region in large)
    heap = answer(run, "regions", sleeper, "--group", "heap", "--json")["regions"]
    assert heap
    assert {region["group"] for region in heap} == {"heap"}
    libc = answer(run, "regions", sleeper, "--path", "libc", "--json")["regions"]
    assert libc
    assert all("libc" in region["path"] or "libc" in region["block"] for region in libc)


def test_that_sorting_and_limiting_hold_for_every_form(run: Run, sleeper: int) -> None:
    told = answer(run, "regions", sleeper, "--sort", "rss", "--limit", "3", "--json")["regions"]
    assert [region["rss"] for region in told] == sorted((region["rss"] for region in told), reverse=True)
    assert len(told) == 3
    _, out, _ = run("regions", sleeper, "--sort", "rss", "--limit", "3", "--csv", "--columns", "rss,start")
    assert [row["rss"] for row in csv.DictReader(io.StringIO(out))] == [str(region["rss"]) for region in told]


def test_that_fast_leaves_residency_out_and_says_so(run: Run, sleeper: int) -> None:
    told = answer(run, "regions", sleeper, "--fast", "--json")
    assert told["totals"]["rss"] is None
    assert told["regions"][0]["rss"] is None
    assert told["absent"]["residency"]["reason"] == "unsupported"


def test_that_blocks_can_be_listed(run: Run, sleeper: int) -> None:
    told = answer(run, "regions", sleeper, "--blocks", "--sort", "rss", "--json")["blocks"]
    assert told[0]["rss"] == max(block["rss"] for block in told)
    status, out, _ = run("regions", sleeper, "--blocks", "--group", "stack")
    assert status == 0
    assert "main stack" in out


def test_that_an_address_is_explained(run: Run, sleeper: int) -> None:
    region = answer(run, "regions", sleeper, "--path", "libc", "--perm", "x", "--json")["regions"][0]
    told = answer(run, "explain", sleeper, region["start"], "--json")
    assert told["region"]["start"] == region["start"]
    assert "libc" in told["sentence"]


def test_that_the_state_of_the_very_page_is_told(run: Run, sleeper: int) -> None:
    stack = next(r for r in answer(run, "regions", sleeper, "--json")["regions"] if r["path"] == "[stack]")
    for address in (int(stack["end"], 16) - 8, int(stack["start"], 16)):
        entry = pagemap_entry(sleeper, address)
        told = answer(run, "explain", sleeper, hex(address), "--json")["page"]
        assert told == ("private, in memory" if entry >> 63 else "not in memory")
    assert answer(run, "explain", sleeper, "0x10", "--json")["page"] is None


def pagemap_entry(pid: int, address: int) -> int:
    """What the kernel itself says of a page."""
    with open(f"/proc/{pid}/pagemap", "rb") as file:
        file.seek(address // mmap.PAGESIZE * 8)
        return int.from_bytes(file.read(8), sys.byteorder)


def test_that_a_process_is_found_by_name_and_several_are_listed(run: Run, tmp_path: Path) -> None:
    program = tmp_path / "memviz-sleeper"
    program.symlink_to(shutil.which("sleep") or pytest.skip("no sleep here"))
    assert run("summary", "memviz-sleeper")[0] == 3
    with subprocess.Popen([program, "60"]) as first:
        try:
            status, out, _ = run("summary", "memviz-sleeper")
            assert (status, f"pid {first.pid}" in out) == (0, True)
            with subprocess.Popen([program, "60"]) as second:
                try:
                    status, out, err = run("summary", "memviz-sleeper")
                    assert (status, out) == (2, "")
                    assert all(f" {process.pid}  memviz-sleeper" in err for process in (first, second))
                    assert run("summary", "memviz-sleeper", "--biggest")[0] == 0
                finally:
                    second.kill()
        finally:
            first.kill()


def test_that_the_list_of_processes_has_this_one(run: Run) -> None:
    told = answer(run, "ps", "--json")["processes"]
    (mine,) = [row for row in told if row["pid"] == os.getpid()]
    assert mine["rss"] > 1 << 20
    assert mine["private_swap"] <= mine["rss"] + mine["swap"]
    status, out, _ = run("ps", "--tree", "--limit", "5")
    assert status == 0
    assert "processes" in out


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["regions"], 2, "required"),
        (["regions", "1", "--group", "nonsense"], 2, "unknown group"),
        (["regions", "1", "--perm", "q"], 2, "permissions are letters"),
        (["regions", "1", "--min", "much"], 2, "is no size"),
        (["regions", "999999999"], 3, "does not exist"),
        (["explain", "1", "elsewhere"], 2, "is no address"),
        (["ps", "--columns", "nonsense"], 2, "unknown column"),
        (["--nonsense"], 2, "unrecognized"),
        (["--via", "/nonexistent/command", "ps"], 1, "cannot be started"),
        (["--via", "false", "ps"], 1, "has ended"),
        (["--proc-root", "/nonexistent", "ps"], 2, "no such folder"),
        (["regions", "1", "--blocks", "--perm", "x"], 2, "--perm is for regions"),
    ],
)
def test_that_a_mistake_is_one_line_with_its_exit_status(run: Run, words: list[str], status: int, text: str) -> None:
    found, out, err = run(*words)
    assert found == status
    assert text in err
    assert err.count("\n") == 1
    assert out == ""


def test_that_a_kernel_thread_has_no_regions_to_list(run: Run) -> None:
    rows = [row for row in answer(run, "ps", "--kernel", "--json")["processes"] if row["vms"] == 0 and row["ppid"] == 2]
    if not rows:
        pytest.skip("no kernel thread can be seen from here")
    status, out, err = run("regions", rows[0]["pid"], "--blocks")
    assert (status, out) == (1, "")
    assert "kernel thread" in err


def test_that_a_closed_pipe_ends_the_command_quietly(sleeper: int) -> None:
    line = f"{sys.executable} -m memviz regions {sleeper} --json | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_that_help_needs_neither_numpy_nor_a_reader() -> None:
    code = "import sys; from memviz.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print([m for m in ('numpy', 'psutil', 'rich', 'subprocess') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_that_the_doctor_finds_the_kernel_and_says_so_in_json_too(run: Run) -> None:
    findings = {finding["name"]: finding for finding in answer(run, "doctor", "--json")["findings"]}
    assert findings["kernel"]["state"] == "good"
    status, out, _ = run("doctor")
    assert status == 0
    assert all(name in out for name in findings)


def test_that_the_machine_is_told(run: Run) -> None:
    told = answer(run, "system", "--json")
    assert told["memory_total"] == sum(part["size"] for part in told["waterfall"] if part["size"] is not None)
    assert "total" in run("system")[1]
    assert "measured" in run("system", "--all")[1]


def test_that_a_tree_is_summed_and_a_child_stands_below_its_parent(run: Run) -> None:
    family = "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'])"
    family += "; print(child.pid, flush=True); sys.stdin.read()"
    with running([sys.executable, "-c", family], "") as (pid, lines):
        child = int(lines[-1])
        told = answer(run, "summary", pid, "--tree", "--json")
        _, out, _ = run("summary", pid, "--tree")
    assert {process["pid"] for process in told["processes"]} >= {pid, child}
    assert told["totals"]["pss"] == sum(process["pss"] for process in told["processes"])
    assert told["totals"]["uss"] <= told["totals"]["pss"] <= told["totals"]["rss"]
    rows = [line for line in out.splitlines() if line.split()[:1] in ([str(pid)], [str(child)])]
    assert rows[0].index("python") < rows[1].index("python")


def test_that_a_control_group_is_told_by_a_process_in_it(run: Run) -> None:
    from memviz.core.cgroup import read_cgroup
    from memviz.core.connect import open_host
    from memviz.errors import Unsupported

    host = open_host()
    try:
        read_cgroup(host, os.getpid())
    except Unsupported as error:
        pytest.skip(f"no control group to look at: {error}")
    finally:
        host.close()
    status, out, _ = run("summary", "--cgroup", os.getpid())
    assert status == 0
    assert "control group " in out
    assert answer(run, "summary", "--cgroup", os.getpid(), "--json")["together"]["count"] >= 1
    assert run("summary", "--cgroup", "/no/such/group")[0] == 2


def test_that_another_system_than_linux_tells_what_psutil_knows_and_says_the_rest(
    run: Run, monkeypatch: pytest.MonkeyPatch, sleeper: int
) -> None:
    monkeypatch.setattr("memviz.core.connect.on_linux", lambda: False)
    assert sleeper in [row["pid"] for row in answer(run, "ps", "--json")["processes"]]
    assert answer(run, "system", "--json")["memory_total"] > 1 << 20
    assert answer(run, "summary", sleeper, "--json")["memory"]["rss"] > 1 << 20
    status, out, err = run("summary", sleeper)
    assert (status, "RSS" in out, "Linux only" in err) == (0, True, True)
    status, _, err = run("regions", sleeper)
    assert status == 1
    assert "needs Linux" in err


def test_that_json_of_what_cannot_be_read_has_the_exit_status_of_its_reason(run: Run) -> None:
    status, out, err = run("regions", 2, "--json")
    assert json.loads(out)["absent"]["regions"]["reason"] == "unsupported"
    assert status == 1
    assert err.count("\n") == 1
