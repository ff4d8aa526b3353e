"""What every demo keeps to, whatever it does: its protocol, its limits, and no trace of itself."""

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from memviz.demos import DEMOS, FOLDER, Demo, command
from memviz.demos.options import HALF_AN_HOUR
from tests.demos import kernel
from tests.demos.driver import LAST_PROMPT, PATIENCE, PROMPT, reason_in, start_demo

pytestmark = pytest.mark.live

every_demo = pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)


def becomes_true(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@every_demo
def test_that_it_can_be_walked_through_to_the_end(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        assert running.lines[:2] == [f"pid {running.pid}", demo.title]
        taken = running.steps()
        assert taken
        if not any(taken):
            pytest.skip(f"not one step can be taken here: {reason_in(running.lines)}")
        assert running.prompt == LAST_PROMPT
        assert running.close() == 0


@every_demo
def test_that_every_line_is_plain_ascii_and_has_its_place(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        running.steps()
    known = (PROMPT + ": ", "done: ", "look with: memviz ", "fact ", "not here: ")
    for line in running.lines[2:-1]:
        assert line.startswith(known)
        assert line.isascii()
        assert line.isprintable()
        assert "{" not in line or demo.name == "names"


@every_demo
def test_that_the_end_of_its_input_is_its_end(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        assert running.close() == 0
    with start_demo(demo.name, folder=tmp_path) as running:
        running.steps(2)
        assert running.close() == 0


@every_demo
def test_that_it_leaves_no_process_and_no_file(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        running.steps()
    assert not kernel.processes_of_session(running.pid)
    assert not list(tmp_path.iterdir())


@every_demo
def test_that_it_cleans_up_when_it_is_told_to_end(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        running.steps(3)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not kernel.processes_of_session(running.pid)
    assert not list(tmp_path.iterdir())


@every_demo
def test_that_nothing_goes_on_when_it_is_killed(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        running.steps(3)
        running.process.kill()
        running.process.wait(PATIENCE)
        assert becomes_true(lambda: not kernel.processes_of_session(running.pid))


@every_demo
def test_that_it_has_set_its_limits_and_keeps_them(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, folder=tmp_path) as running:
        running.steps()
        limits = kernel.limits(running.pid)
        assert int(limits["Max address space"]) <= demo.address_space
        assert int(limits["Max data size"]) <= demo.data
        assert int(limits["Max core file size"]) == 0
        assert kernel.status(running.pid, "VmPeak") <= demo.address_space
        assert kernel.status(running.pid, "VmHWM") <= demo.data


@every_demo
def test_that_it_holds_after_all_steps(demo: Demo, tmp_path: Path) -> None:
    with start_demo(demo.name, "--hold", folder=tmp_path) as running:
        assert running.prompt == LAST_PROMPT
        announced = sum(line.startswith("Next: ") for line in running.lines)
        answered = sum(line.startswith(("done: ", "not here: ")) for line in running.lines)
        assert announced == answered > 0
        assert running.process.poll() is None


@every_demo
def test_that_it_uses_only_the_standard_library(demo: Demo) -> None:
    tree = ast.parse(Path(demo.path).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.module
            top = node.module.partition(".")[0]
            assert top in sys.stdlib_module_names or node.module.startswith("memviz.demos")
        if isinstance(node, ast.Import):
            assert all(alias.name in sys.stdlib_module_names for alias in node.names)


def test_that_the_demos_have_different_names_and_their_files_are_all_listed() -> None:
    assert len({demo.name for demo in DEMOS}) == len(DEMOS)
    with_steps = {
        str(file)
        for file in Path(FOLDER).glob("*.py")
        if any(isinstance(node, ast.FunctionDef) and node.name == "steps" for node in ast.parse(file.read_text()).body)
    }
    assert with_steps == {demo.path for demo in DEMOS}


def test_that_a_demo_loads_nothing_of_memviz_but_its_folder() -> None:
    """Were `memviz/__init__.py` run, its `__version__` would be there."""
    program = (
        "import runpy, sys; sys.argv = ['demos', 'touch', '--hold'];"
        f"runpy.run_path({os.path.join(FOLDER, '__main__.py')!r})['run']();"
        "import memviz; print(hasattr(memviz, '__version__'), *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        input="",
        capture_output=True,
        text=True,
        check=True,
    )
    has_version, *modules = done.stdout.splitlines()[-1].split()
    assert has_version == "False"
    ours = {name for name in modules if name.startswith("memviz.")}
    assert "memviz.demos.touch" in ours
    assert all(name.startswith("memviz.demos") for name in ours)


def test_that_it_goes_on_by_itself_when_asked() -> None:
    with start_demo("touch", "--auto=0.05") as running:
        assert running.process.wait(PATIENCE) == 0
        assert running.process.stdout is not None
        rest = running.process.stdout.read().decode()
    assert (" ".join(running.lines) + rest).count("fact ") == 5
    assert rest.endswith(LAST_PROMPT + "\n")


def test_that_it_ends_when_its_time_is_over() -> None:
    with start_demo("touch", "--limit=0.2") as running:
        assert running.process.wait(PATIENCE) == 0


def test_that_it_lives_for_half_an_hour_unless_told_and_stuck_for_less_than_a_minute() -> None:
    assert HALF_AN_HOUR == 1800
    assert all(demo.seconds < 60 for demo in DEMOS if demo.name == "stuck")


def test_that_it_ends_with_its_parent_though_its_input_goes_on() -> None:
    reading, writing = os.pipe()
    start = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", start, *command("touch")],
        stdin=reading,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        demo = os.pidfd_open(int(parent.stdout.readline().split()[1]))
        assert parent.stdout.readline()
        assert parent.stdout.readline().startswith(PROMPT)
        assert not kernel.ends(demo, 0.1)
        parent.kill()
        assert kernel.ends(demo, PATIENCE)
    for descriptor in (demo, reading, writing):
        os.close(descriptor)


@pytest.mark.parametrize("options", [["--hold"], ["--auto=0.05"]])
def test_that_it_goes_through_all_steps_without_any_input(options: list[str]) -> None:
    with subprocess.Popen(command("touch", *options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(b"Press Enter to end"):
                break
        if options == ["--hold"]:
            assert process.poll() is None
            process.kill()
        assert sum(line.startswith(b"done: ") for line in lines) >= 3


def test_that_it_does_not_mind_when_nobody_reads_it() -> None:
    with subprocess.Popen(
        command("touch", "--hold"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["no-such-demo"], "no-such-demo"),
        (["touch", "3"], "touch takes no number"),
        (["regions", "0"], "regions takes a number from 1 to 65000"),
        (["regions", "65001"], "regions takes a number from 1 to 65000"),
        (["touch", "--limit=-1"], "-1"),
        (["touch", "--auto=nan"], "nan"),
        ([], "NAME"),
    ],
)
def test_that_what_cannot_be_meant_is_a_usage_error(arguments: list[str], reason: str) -> None:
    done = subprocess.run(
        [*command("")[:-1], *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert reason in done.stderr
    assert not done.stdout


def test_that_stuck_says_what_it_needs_to_who_is_not_root() -> None:
    program = (
        "import os, runpy, sys; sys.argv = ['demos', 'stuck']; os.geteuid = lambda: 1000;"
        f"runpy.run_path({FOLDER!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("not here: this demo needs root and /dev/fuse")
