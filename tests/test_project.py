"""The project around the package: wheel, set-up, lint rules and the account of tests."""

import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tokenize
from pathlib import Path

import pytest

import memviz
from memviz.assets import asset, asset_text

REPOSITORY = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)


def output_of(*command: str | Path, cwd: Path) -> str:
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# -- resources and the wheel ----------------------------------------------------------------------


def test_that_an_asset_is_found_in_the_checkout() -> None:
    assert asset_text("groups.md") == (REPOSITORY / "resources" / "groups.md").read_text()


def test_that_a_missing_asset_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"'no\.such' is missing"):
        asset("no.such")


def test_that_every_group_of_memory_is_explained() -> None:
    sections = re.split(r"^## ", asset_text("groups.md"), flags=re.MULTILINE)[1:]
    explained = {name: text.strip() for name, _, text in (s.partition("\n") for s in sections)}
    groups = "text data heap stack library anonymous file shared kernel reserved"
    assert [*explained] == groups.split()
    assert all(text.endswith(".") for text in explained.values())


@pytest.mark.slow
def test_that_the_wheel_runs_and_finds_its_resources_where_there_is_no_checkout(
    tmp_path: Path,
) -> None:
    """In an empty environment that borrows the dependencies of this one, without the network."""
    pip = (sys.executable, "-m", "pip", "--quiet")
    build = (*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", ".")
    output_of(*build, REPOSITORY, cwd=tmp_path)
    (wheel,) = tmp_path.glob("memviz-*.whl")

    venv = tmp_path / "venv"
    output_of(sys.executable, "-m", "venv", "--without-pip", venv, cwd=tmp_path)
    (site_packages,) = venv.glob("lib/python*/site-packages")
    (site_packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    python = venv / "bin" / "python"
    install = (*pip, "--python", python, "install", "--no-index", "--no-deps", "--ignore-installed")
    output_of(*install, wheel, cwd=tmp_path)

    assert memviz.__version__ in output_of(venv / "bin" / "memviz", "--version", cwd=tmp_path)
    program = "from memviz.assets import asset; print(asset('groups.md'))"
    place = output_of(python, "-c", program, cwd=tmp_path).strip()
    assert place == str(site_packages / "memviz" / "resources" / "groups.md")


# -- the set-up -----------------------------------------------------------------------------------

OLD_PYTHON = '#!/bin/sh\ncase "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac\n'
NEW_PYTHON = "#!/bin/sh\nexit 0\n"
TOOLS = ("bash", "cat", "dirname", "grep", "ls", "readlink", "sed", "sha256sum", "sort")


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH of a machine that has what every Debian has, and neither Python nor apt-get."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, f"this machine has no {tool}"
        (directory / tool).symlink_to(found)
    return directory


def write_program(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def run_script(script: str, path: Path, venv: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "MEMVIZ_VENV": str(venv), "MEMVIZ_PYTHON": ""}
    return run(path / "bash", REPOSITORY / "scripts" / script, cwd=path, **environment)


@pytest.mark.parametrize("script", ["run", "test", "check", "bench"])
def test_that_a_machine_without_python_gets_one_clear_line(script: str, bare_path: Path, tmp_path: Path) -> None:
    done = run_script(script, bare_path, tmp_path / "venv")
    assert done.returncode == 1
    assert done.stderr == (
        "memviz: Python 3.11 or newer is needed, and there is no python3 here; "
        "on Debian or Ubuntu type: sudo apt-get install -y python3 python3-venv\n"
    )
    assert not (tmp_path / "venv").exists()


def test_that_a_machine_with_an_old_python_is_told_its_version(bare_path: Path, tmp_path: Path) -> None:
    write_program(bare_path / "python3", OLD_PYTHON)
    done = run_script("run", bare_path, tmp_path / "venv")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, and python3 here is 3.9;" in done.stderr
    assert done.stderr.count("\n") == 1


def test_that_a_python_without_its_venv_module_is_told_with_the_package_to_install(
    bare_path: Path, tmp_path: Path
) -> None:
    write_program(bare_path / "python3", '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\n')
    done = run_script("run", bare_path, tmp_path / "venv")
    assert done.returncode == 1
    assert done.stderr == (
        "memviz: python3 lacks its venv module; on Debian or Ubuntu type: sudo apt-get install -y python3-venv\n"
    )


def test_that_the_newest_python_is_taken_where_python3_is_too_old(bare_path: Path) -> None:
    write_program(bare_path / "python3", OLD_PYTHON)
    write_program(bare_path / "python3.9", OLD_PYTHON)
    for name in ("python3.11", "python3.12", "python3.12-config"):
        write_program(bare_path / name, NEW_PYTHON)
    program = f'source {REPOSITORY}/scripts/_setup.sh; find_python; echo "$python"'
    done = run(bare_path / "bash", "-c", program, cwd=bare_path, PATH=str(bare_path))
    assert done.stdout == "python3.12\n", done.stderr


def test_that_the_set_up_is_done_again_only_for_more_packages_or_another_python(
    bare_path: Path, tmp_path: Path
) -> None:
    for name in ("python3.11", "python3.12"):
        write_program(bare_path / name, NEW_PYTHON)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(bare_path / "python3.11")
    program = f"""
        source {REPOSITORY}/scripts/_setup.sh
        printf '%s\\n' "$(key)" run '' >"$stamp"
        set_up run && echo done before
        is_ready dev || echo more packages
        ln -sf {bare_path}/python3.12 "$venv/bin/python"
        is_ready run || echo another python
    """
    environment = {"MEMVIZ_VENV": str(tmp_path / "venv"), "MEMVIZ_PYTHON": ""}
    done = run("bash", "-c", program, cwd=tmp_path, **environment)
    assert done.stdout.splitlines() == ["done before", "more packages", "another python"]
    assert done.stderr == ""


def test_that_a_directory_of_the_users_is_never_made_an_environment(bare_path: Path, tmp_path: Path) -> None:
    write_program(bare_path / "python3", NEW_PYTHON)
    precious = tmp_path / "home" / "letter.txt"
    precious.parent.mkdir()
    precious.write_text("dear")
    done = run_script("run", bare_path, precious.parent)
    assert done.returncode == 1
    assert "is not a Python environment" in done.stderr
    assert precious.read_text() == "dear"


# -- every ignore of a rule has a reason ----------------------------------------------------------

IGNORE = re.compile(r"#\s*(?:noqa|type:\s*ignore|mypy:|ruff:)")
IGNORE_WITH_REASON = re.compile(r"#\s*(?:noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|type: ignore\[[a-z, -]+\])\s+# \w.*")
RULE_SWITCHED_OFF = re.compile(
    r'\s*(?:"[A-Z]+\d*"|"[^"]+\.py" = \[|ignore = \[".*|(?:ignore_|disable_).*=|\w+ = false\b)'
)


def ignores_without_reason(source: str) -> list[str]:
    comments = (
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    )
    return [c for c in comments if IGNORE.search(c) and not IGNORE_WITH_REASON.search(c)]


def test_that_every_ignore_in_the_code_has_a_rule_and_a_reason() -> None:
    files = [f for part in ("memviz", "tests", "scripts") for f in REPOSITORY.glob(f"{part}/**/*.py")]
    bare = {str(f.relative_to(REPOSITORY)): ignores_without_reason(f.read_text()) for f in files}
    assert not {file: comments for file, comments in bare.items() if comments}


@pytest.mark.parametrize(
    ("comment", "has_reason"),
    [
        ("# type: ignore", False),
        ("# type: ignore[arg-type]", False),
        ("# type: ignore[arg-type]  # numpy's stubs lack this overload", True),
        ("# noqa", False),
        ("# noqa: E501, N802", False),
        ("# noqa: N802  # Qt calls it", True),
        ("# mypy: ignore-errors", False),
        ("# an ordinary remark", True),
    ],
)
def test_that_an_ignore_needs_both_a_rule_and_a_reason(comment: str, has_reason: bool) -> None:
    assert (not ignores_without_reason(f"x = 1  {comment}\n")) == has_reason


def test_that_every_rule_switched_off_for_the_project_has_a_reason() -> None:
    section, listing, previous = "", "", ""
    bare = []
    for line in (REPOSITORY / "pyproject.toml").read_text().splitlines():
        if line.startswith("["):
            section, listing = line, ""
        elif " = [" in line and not line.startswith(" "):
            listing = line
        in_scope = "mypy" in section or ("ruff" in section and "select" not in listing)
        has_reason = "#" in line or previous.lstrip().startswith("#")
        if in_scope and RULE_SWITCHED_OFF.match(line) and not has_reason:
            bare.append(line)
        previous = line
    assert not bare


# -- the account of tests in conftest.py ----------------------------------------------------------

SAMPLE = """
import logging
import pytest

@pytest.mark.skip
def test_without_a_reason(): pass

def test_that_says_nothing(): pytest.skip("")

@pytest.mark.skip(reason="no such kernel")
def test_with_a_reason(): pass

@pytest.mark.fault
def test_of_a_fault(): pass

@pytest.mark.fault
def test_of_a_fault_elsewhere(): pytest.skip("needs root")

def test_that_warns(): logging.getLogger("memviz").warning("lost a frame")

def test_that_expects_a_warning(caplog):
    logging.getLogger("memviz").warning("lost a frame")
    assert "lost a frame" in caplog.text
    caplog.clear()
"""


def test_that_silent_skips_and_unexpected_warnings_fail_and_fault_tests_are_counted(
    tmp_path: Path,
) -> None:
    shutil.copy(REPOSITORY / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = fault: live\n")
    (tmp_path / "test_sample.py").write_text(SAMPLE)
    (tmp_path / "test_module.py").write_text("import pytest\npytest.skip(allow_module_level=True)")
    pytest_here = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    done = run(*pytest_here, "--continue-on-collection-errors", cwd=tmp_path)
    assert done.returncode == 1
    # Failed: the silent call. Errors: the silent mark, the silent module, and the warning of a test
    # that passed until then.
    assert "1 failed, 3 passed, 2 skipped, 3 errors" in done.stdout
    assert "test_module.py was skipped without a reason" in done.stdout
    assert "unexpected log output:\nWARNING memviz: lost a frame" in done.stdout
    assert "fault tests: 1 ran live, 1 skipped (1 x needs root)" in done.stdout
