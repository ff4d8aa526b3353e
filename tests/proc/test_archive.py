"""A tar, whoever wrote it and however, answers like the folder that it was made of."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from memviz.core.capture import open_capture
from memviz.errors import Malformed
from memviz.proc import reader
from memviz.proc.archive import read_archive
from memviz.proc.link import Direct, Frame, ReaderLink
from tests import builders
from tests.archives import END, FILES, file, process, record
from tests.archives import pax as pax_header

ALL = ",".join(sorted(reader.PROCESS_FILES))
LISTED = "stat,statm,status,cmdline,maps,smaps,exe"
PIDS = ("7", "8", "9", "10", "11", "99")


def requests() -> list[tuple[str, ...]]:
    asked: list[tuple[str, ...]] = [
        ("host", ",".join(reader.HOST_FILES)), ("users", "0,1"), ("processes", LISTED), ("processes", ALL),
        ("processes", LISTED, "7,99"), ("processes", "environ"), ("counters",), ("follow", ",".join(PIDS)), ("tick",),
        ("follow",), ("tick",), ("pages", "7", "1", "0-1000"), ("nonsense",),
        ("files", "x", "stat"), ("files", "7", "../7/stat"),
        ("cgroup", "2", b"/a".hex(), "memory.current,ls,memory.stat"), ("cgroup", "2", b"/".hex(), "ls"),
        ("cgroup", "2", b"/b".hex(), "ls"), ("cgroup", "2", b"/a/..".hex(), "ls"), ("cgroup", "1", b"/".hex(), "ls"),
        ("cgroup", "2", b"/a".hex(), "passwd"), ("cgroup", "3", "", "ls"),
    ]  # fmt: skip
    for pid in PIDS:
        asked += [("files", pid, ALL), ("files", pid, f"{LISTED},stat"), ("threads", pid, "stat,syscall")]
        asked += [("files", pid, "statm,status", "71"), ("files", pid, "statm", "5")]
    return asked


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with everything that a capture may hold, odd things among them."""
    root = tmp_path_factory.mktemp("capture") / "tree"
    for pid in (7, 8, 9):
        home = root / "proc" / str(pid)
        (home / "task" / "71").mkdir(parents=True)
        for name, text in FILES.items():
            (home / name).write_bytes(text)
            (home / "task" / "71" / name).write_bytes(text)
        (home / "exe").symlink_to("/usr/bin/program")
        (home / "fd").mkdir()
        (home / "fd" / "0").symlink_to("/dev/null")
        (home / "environ").write_bytes(b"A=1\0")
    (root / "proc" / "8" / "smaps").write_bytes(
        builders.smaps_text(*[f"{at:x}-{at + 1:x} rw-p" for at in range(1, 4000, 2)])
    )
    (root / "proc" / "8" / "cmdline").write_bytes(b"word\0" * 40_000)
    (root / "proc" / "8" / "statm").unlink()
    (root / "proc" / "9" / "stat").write_bytes(b"")
    (root / "proc" / "9" / "maps").mkdir()
    (root / "proc" / "9" / "smaps").unlink()
    (root / "proc" / "9" / "smaps").symlink_to("/proc/self/smaps")
    (root / "proc" / "9" / "status").unlink()
    os.link(root / "proc" / "7" / "status", root / "proc" / "9" / "status")
    os.mkfifo(root / "proc" / "9" / "io")
    (root / "proc" / "10").mkdir()
    (root / "proc" / "11").write_bytes(b"no folder")
    (root / "proc" / "meminfo").write_bytes(b"MemTotal:  1 kB\n")
    (root / "proc" / "self").symlink_to("7")
    group = root / "sys" / "fs" / "cgroup" / ("a" * 90) / ("b" * 90)
    group.mkdir(parents=True)
    (root / "sys/fs/cgroup/a/inner").mkdir(parents=True)
    (root / "sys/fs/cgroup/cgroup.controllers").write_bytes(b"memory\n")
    (root / "sys/fs/cgroup/a/memory.current").write_bytes(b"4096\n")
    return root


def answers(link: ReaderLink) -> dict[tuple[str, ...], object]:
    """The answers to all requests; the bytes of each file together, for frames may be cut elsewhere."""
    found: dict[tuple[str, ...], object] = {}
    for request in requests():
        frames: list[Frame] = []
        for frame in link.ask(*request):
            if frame.kind == reader.END:  # an inode of 0 is none
                frame = frame._replace(data=frame.data.removesuffix(b" inode=0"))
            if frames and frame[:2] == frames[-1][:2] == (reader.DATA, frame.tag):
                frames[-1] = frame._replace(data=frames[-1].data + frame.data)
            else:
                frames.append(frame)
        found[request] = frames
    return found


def by_tar(*options: str) -> Callable[[Path, Path], None]:
    def make(root: Path, made: Path) -> None:
        words = [str(root) if option == "ROOT" else option for option in options]
        subprocess.run(["tar", "-cf", made, *words], cwd=root, check=True, capture_output=True)

    return make


def by_python(form: int, mode: str) -> Callable[[Path, Path], None]:
    def make(root: Path, made: Path) -> None:
        with tarfile.open(made, mode, format=form) as tar:  # type: ignore[call-overload]  # a mode in a variable
            tar.add(root, "capture")

    return make


def without_folders(root: Path, made: Path) -> None:
    listed = subprocess.run(["find", ".", "-not", "-type", "d", "-print0"], cwd=root, capture_output=True, check=True)
    names = listed.stdout + b"./proc/10\0./proc/9/maps\0./sys/fs/cgroup/a/inner\0./sys/fs/cgroup/" + b"a" * 90 + b"\0"
    subprocess.run(["tar", "-cf", made, "--null", "-T", "-"], cwd=root, input=names, check=True)


FORMS: dict[str, Callable[[Path, Path], None]] = {
    **{f"GNU tar {form}": by_tar(f"--format={form}", ".") for form in ("gnu", "oldgnu", "pax", "posix", "ustar")},
    **{
        f"GNU tar, sparse {at}": by_tar("-S", "--format=pax", f"--sparse-version={at}", ".")
        for at in ("0.0", "0.1", "1.0")
    },
    "GNU tar, sparse": by_tar("-S", "--format=gnu", "."),
    "GNU tar, names without a point": by_tar("proc", "sys"),
    "GNU tar, absolute names": by_tar("-P", "--transform=s,^.*/tree,/tree,", "ROOT"),
    "GNU tar, incremental": by_tar("--format=gnu", "-G", "."),
    "GNU tar, times": by_tar("--format=posix", "--pax-option=exthdr.name=%d/x/%f,comment=a", "."),
    **{f"GNU tar {option}": by_tar(option, ".") for option in ("-z", "-j", "-J")},
    "without folders": without_folders,
    **{
        f"Python, form {form}, {mode}": by_python(form, mode)
        for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
        for mode in ("w", "w:gz", "w:bz2", "w:xz")
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_that_a_tar_answers_like_its_folder(form: str, folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "x.tar"
    FORMS[form](folder, made)
    expected = answers(Direct(reader.Reader(str(folder))))
    for request, answer in answers(read_archive(str(made))).items():
        assert answer == expected[request], request


def test_that_a_proc_that_is_the_root_answers_like_its_folder(folder: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-cf", tmp_path / "x.tar", "."], cwd=folder / "proc", check=True)
    expected = answers(Direct(reader.Reader(str(folder / "proc"))))
    assert answers(read_archive(str(tmp_path / "x.tar"))) == expected


def test_that_holes_of_a_sparse_file_are_zeros(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    (root / "proc" / "7").mkdir(parents=True)
    with (root / "proc" / "7" / "smaps").open("wb") as sparse:
        for at in range(60):
            sparse.seek(at * 262_144)
            sparse.write(b"row %d\n" % at)
        sparse.truncate(20_000_000)
    expected = answers(Direct(reader.Reader(str(root))))
    for version in ("0.0", "0.1", "1.0", ""):
        form = ("--format=pax", f"--sparse-version={version}") if version else ("--format=gnu",)
        by_tar("-S", *form, "proc")(root, tmp_path / "x.tar")
        assert (tmp_path / "x.tar").stat().st_size < 2_000_000, "it was not written as sparse"
        assert answers(read_archive(str(tmp_path / "x.tar")))["files", "7", ALL] == expected["files", "7", ALL]


def test_that_every_case_of_the_shared_data_opens_as_a_tar(shared: Path, tmp_path: Path) -> None:
    cases = sorted({folder.parent for folder in (shared / "cases").glob("*/*") if folder.name.isdigit()})
    assert len(cases) > 10
    for case in cases:
        for form in ("GNU tar -z", "Python, form 2, w"):
            made = tmp_path / f"{case.name}.tar"
            FORMS[form](case, made)
            ours, theirs = open_capture(str(made)), open_capture(str(case))
            for row in theirs.processes():
                assert ours.snapshot(row.pid).totals == theirs.snapshot(row.pid).totals
            assert [row.pid for row in ours.processes()] == [row.pid for row in theirs.processes()]


def test_that_the_last_of_several_members_of_one_name_counts(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(process() + file(b"proc/7/statm", b"1000 2 1 1 0 1 0\n") + END)
    assert open_capture(str(tmp_path / "x.tar")).sample(7).rss == 8192


def test_that_common_records_hold_for_all_members_but_those_with_their_own(tmp_path: Path) -> None:
    common = pax_header(record(b"comment", b"x"), kind=b"g")
    (tmp_path / "x.tar").write_bytes(common + process() + common + END)
    assert open_capture(str(tmp_path / "x.tar")).sample(7).rss == 409_600


def test_that_a_large_real_capture_opens(tmp_path: Path) -> None:
    smaps = builders.smaps_text(*[f"{at:x}-{at + 1:x} rw-p rss=4k" for at in range(1, 2000, 2)]) * 60
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz", compresslevel=1) as tar:
        for pid in range(1, 6):
            root = tmp_path / "one"
            (root / "proc" / str(pid)).mkdir(parents=True)
            for name, text in {**FILES, "smaps": smaps}.items():
                (root / "proc" / str(pid) / name).write_bytes(text)
            tar.add(root, ".")
            shutil.rmtree(root)
    link = read_archive(str(tmp_path / "x.tar.gz"))
    assert sum(len(frame.data) for frame in link.ask("files", "5", "smaps") if frame.kind == reader.DATA) == len(smaps)


@pytest.mark.parametrize("text", [b"", b"hello", END])
def test_that_what_is_no_capture_is_malformed_and_named(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "a\x1bb.tar").write_bytes(text)
    with pytest.raises(Malformed, match=r"a\\x1bb\.tar: "):
        open_capture(str(tmp_path / "a\x1bb.tar"))
