"""Readers and the processes that use them: forks, readers that are killed, analyzers that nobody closes."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from memviz.core.analyzer import MemoryAnalyzer
from memviz.core.connect import open_host
from memviz.core.host import Host
from memviz.errors import MemvizError
from memviz.proc.limits import Limits
from memviz.proc.link import Link

pytestmark = pytest.mark.live
FORKS = Path(__file__).with_name("forks.py")
ROOT = Path(__file__).parents[2]
HANGING = 300.0  # seconds; guards against a child that waits for ever
ME = os.getpid()


def run(*command: str | Path) -> str:
    """The output of a Python program that must end by itself."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            output, errors = process.communicate(timeout=HANGING)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            pytest.fail(f"it hangs: {command}")
    assert process.returncode == 0, errors[-3000:]
    return output


def children() -> set[int]:
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # the thread has ended since
            found.update(map(int, (task / "children").read_text().split()))
    return found


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def is_alive(pid: int) -> bool:
    """A zombie is not: who reaps an orphan, and when, is init's affair."""
    try:
        return b") Z" not in Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it does not come true"
        time.sleep(0.01)


# -- forks ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("how", ["fork", "forkpty", "nested", "thread", "at_once", "exit", "pool", "executor"])
def test_that_parent_and_children_all_get_right_answers(how: str) -> None:
    found = json.loads(run(FORKS, how))
    assert found["members"] == 20
    assert found["calls"] > 40
    assert not found["wrong"], f"{len(found['wrong'])} of {found['calls']} failed:\n" + found["wrong"][0]


def test_that_a_fork_while_memviz_is_imported_by_a_thread_leaves_a_child_that_can_use_it() -> None:
    found = json.loads(run(FORKS, "fork", "busy", "snapshot"))
    assert not found["wrong"], found["wrong"][0]


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_that_an_analyzer_can_be_given_to_another_process(method: str) -> None:
    code = f"""
import multiprocessing, os
from memviz import MemoryAnalyzer
if __name__ == "__main__":
    with MemoryAnalyzer() as analyzer, multiprocessing.get_context({method!r}).Pool(2) as pool:
        me = os.getpid()
        print([found["pid"] == me for found in pool.map(analyzer.get_detailed_memory_info, [me] * 4)])
        print(analyzer.get_detailed_memory_info(me)["pid"] == me)
"""
    assert run("-c", code) == "[True, True, True, True]\nTrue\n"


def test_that_a_pickled_analyzer_keeps_how_it_was_opened() -> None:
    with MemoryAnalyzer(7.0, via="env A=1") as analyzer, pickle.loads(pickle.dumps(analyzer)) as copied:
        assert (copied.cache_seconds, copied.host.name) == (7.0, "env A=1")
        assert copied.host.link.pid != analyzer.host.link.pid
    with contextlib.closing(open_host()) as host, pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(MemoryAnalyzer(host=host))


FORKED = """
import os, signal, sys, time
from memviz import MemoryAnalyzer
analyzer = MemoryAnalyzer(cache_seconds=0)
analyzer.get_detailed_memory_info(os.getpid())
reader = analyzer.host.link.pid
child = os.fork()
if not child:
    {child}
    sys.stdin.read()
    os._exit(0)
print(reader, child, flush=True)
{parent}
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("child", ["pass", "analyzer.close()", "del analyzer", "analyzer.get_system_memory_context()"])
@pytest.mark.parametrize("parent", ["analyzer.close()", "del analyzer", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_that_a_child_that_lives_on_does_not_keep_the_reader_of_its_parent(parent: str, child: str) -> None:
    code = FORKED.format(child=child, parent=parent)
    command = [sys.executable, "-W", "ignore", "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        reader, other = map(int, process.stdout.readline().split())
        if "kill" not in parent:
            assert process.stdout.readline() == b"ready\n"
        until(lambda: not is_alive(reader))
        assert is_alive(other)
        process.stdin.close()
        until(lambda: not is_alive(other))


@pytest.mark.parametrize("child", ["pass", "analyzer.close()", "analyzer.get_system_memory_context()", "sys.exit()"])
def test_that_whatever_a_child_does_the_parent_goes_on_with_its_reader(child: str) -> None:
    code = f"""
import os, sys
from memviz import MemoryAnalyzer
analyzer = MemoryAnalyzer(cache_seconds=0)
for _ in range(5):
    analyzer.get_detailed_memory_info(os.getpid())
    before = analyzer.host.link.pid
    child = os.fork()
    if not child:
        {child}
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0
    analyzer.get_detailed_memory_info(os.getpid())
    assert analyzer.host.link.pid == before
"""
    run("-c", code)


def test_that_an_answer_that_was_under_way_belongs_to_the_parent() -> None:
    code = """
import os
from memviz import MemvizError
from memviz.proc.link import Link
link = Link()
frames = link.ask("files", str(os.getpid()), "smaps")
whole = [next(frames)]
child = os.fork()
if not child:
    try:
        frames = list(frames)
        os._exit(0 if frames[-1].kind == 3 else 1)  # it had come already
    except MemvizError as error:
        os._exit(0 if "forked" in str(error) else 2)
assert os.waitpid(child, 0)[1] == 0
whole += frames
text = b"".join(frame.data for frame in whole if frame.kind == 1)
assert whole[-1].number("errno") == 0 and text.count(b"VmFlags") == text.count(b"Rss:") > 20
"""
    run("-c", code)


def test_that_what_a_child_executes_has_no_descriptor_of_a_reader() -> None:
    code = """
import os, sys
from memviz import MemoryAnalyzer
analyzer = MemoryAnalyzer()
analyzer.get_system_memory_context()
child = os.fork()
if not child:
    listing = "import os; print(*sorted(os.listdir('/proc/self/fd')))"
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", listing])
sys.exit(os.waitpid(child, 0)[1] != 0)
"""
    assert run("-c", code) == "0 1 2 3\n"  # the last one is that of the listing


# -- readers that end -------------------------------------------------------------------------------------------------

ENDINGS = [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE,
           signal.SIGUSR1, signal.SIGALRM, signal.SIGQUIT]  # fmt: skip
METHODS = [
    "get_detailed_memory_info", "analyze_memory_regions", "analyze_cpu_behavior", "get_memory_layout_analysis",
    "get_comprehensive_analysis", "get_process_memory_summary", "get_memory_regions_report",
]  # fmt: skip


def pid_of(analyzer: MemoryAnalyzer) -> int:
    return int(analyzer.host.link.pid)  # type: ignore[attr-defined]  # a Link, which has it


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda number: number.name)
def test_that_a_reader_that_was_killed_is_started_again(ending: signal.Signals) -> None:
    with MemoryAnalyzer(cache_seconds=0) as analyzer:
        for method in METHODS:
            before = pid_of(analyzer)
            os.kill(before, ending)
            assert getattr(analyzer, method)(ME)
            until(lambda before=before: not is_alive(before))
            assert pid_of(analyzer) != before
        os.kill(pid_of(analyzer), ending)
        assert analyzer.get_system_memory_context()


def test_that_a_reader_that_is_killed_again_and_again_costs_no_more_than_errors() -> None:
    """Every call gives an answer or a MemvizError, and in the end there is one reader."""
    before, ends = children(), threading.Event()
    with MemoryAnalyzer(cache_seconds=0) as analyzer:

        def kill() -> None:
            while not ends.wait(0.05):
                for pid in children() - before:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)

        thread = threading.Thread(target=kill)
        thread.start()
        try:
            for _ in range(40):
                with contextlib.suppress(MemvizError):
                    assert analyzer.get_detailed_memory_info(ME)["pid"] == ME
        finally:
            ends.set()
            thread.join()
        assert analyzer.get_detailed_memory_info(ME)["pid"] == ME
        assert len(children() - before) == 1


def test_that_a_reader_that_was_stopped_is_replaced_by_another() -> None:
    with MemoryAnalyzer(0, host=Host(Link(limits=Limits(silence=2.0)))) as analyzer:
        analyzer.get_detailed_memory_info(ME)
        before = pid_of(analyzer)
        os.kill(before, signal.SIGSTOP)
        assert analyzer.get_detailed_memory_info(ME)["pid"] == ME
        assert pid_of(analyzer) != before
        assert not is_alive(before)


def test_that_a_reader_that_never_answered_is_not_started_twice_for_one_call(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho started >> {log}\nexit 3\n")
    program.chmod(0o755)
    with MemoryAnalyzer(via=str(program)) as analyzer:
        for count in range(1, 4):
            with pytest.raises(MemvizError, match=r"has ended \(exit status 3\)"):
                analyzer.get_detailed_memory_info(ME)
            assert log.read_text().count("started") <= count + 1


def test_that_an_analyzer_that_was_closed_starts_no_reader() -> None:
    before = children()
    analyzer = MemoryAnalyzer()
    analyzer.close()
    for method in METHODS:
        with pytest.raises(MemvizError, match="closed"):
            getattr(analyzer, method)(ME)
    assert children() == before


# -- analyzers that nobody closes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["nothing", "memory", "list", "failed"])
def test_that_a_hundred_analyzers_that_were_dropped_leave_nothing(use: str) -> None:
    gc.collect()
    processes, before = children(), descriptors()
    gc.disable()
    try:
        for _ in range(100 if use == "nothing" else 25):
            analyzer = MemoryAnalyzer()
            if use == "memory":
                analyzer.get_detailed_memory_info(ME)
            elif use == "list":
                assert analyzer.host.processes()
            elif use == "failed":
                os.kill(pid_of(analyzer), signal.SIGKILL)
            del analyzer
    finally:
        gc.enable()
    assert descriptors() == before
    assert children() == processes


@pytest.mark.parametrize(
    "ending", ["pass", "raise SystemExit(0)", "os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)"]
)
def test_that_no_reader_outlives_its_interpreter(ending: str) -> None:
    code = f"""
import os, signal
import memviz
analyzer = memviz.MemoryAnalyzer()
analyzer.get_system_memory_context()
memviz.snapshot(os.getpid())
print(*open(f"/proc/self/task/{{os.getpid()}}/children").read().split(), flush=True)
{ending}
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        readers = list(map(int, process.stdout.read().split()))
    assert len(readers) == 2
    until(lambda: not any(map(is_alive, readers)))


# -- threads ----------------------------------------------------------------------------------------------------------


def test_that_threads_and_forks_of_one_analyzer_all_get_answers_that_json_can_hold() -> None:
    code = """
import json, os, threading
from memviz import MemoryAnalyzer
analyzer, wrong, counted = MemoryAnalyzer(cache_seconds=0.05), [], []
methods = [name for name in dir(analyzer) if name.startswith(("get_", "analyze_")) and "system" not in name]
def ask(pid, rounds):
    for name in methods * rounds:
        found = getattr(analyzer, name)(pid)
        text = json.dumps(found, allow_nan=False)
        assert f'"pid": {pid}, ' in text or f"for PID {pid}" in text
        counted.append(name)
def work():
    try:
        ask(os.getpid(), 4)
        child = os.fork()
        if not child:
            try:
                ask(os.getpid(), 1)
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
    except BaseException as error:
        wrong.append(repr(error))
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(counted), wrong)
"""
    assert run("-c", code) == f"{8 * 4 * 7} []\n"
