"""Paths of every shape with at most one place that others than root can change: is that one found, and no other?

A random tree is described once and looked at twice: as made-up answers of lstat and readlink, which needs no rights,
and as real files, which only root can make.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memviz.core.ownership import MOST_LINKS, is_roots_own, weak_place
from tests.safe import safe_folder

FOLDER, FILE, LINK = stat.S_IFDIR, stat.S_IFREG, stat.S_IFLNK
OTHER_KINDS = (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK)


@dataclass(frozen=True)
class Node:
    kind: int
    mode: int = 0o755
    uid: int = 0
    target: str = ""


@dataclass
class Tree:
    """`path` leads to a file over the nodes of `route`; others can change those in `aside`, on no way to it. Names are
    absolute, `/` is the root of the tree."""

    nodes: dict[str, Node] = field(default_factory=lambda: {"/": Node(FOLDER)})
    route: list[str] = field(default_factory=lambda: ["/"])
    aside: list[str] = field(default_factory=list)
    path: str = ""

    def lstat(self, path: str) -> os.stat_result:
        node = self.nodes.get(path)
        if node is None:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
        return os.stat_result((node.kind | node.mode, 0, 0, 1, node.uid, 0, 0, 0, 0, 0))

    def readlink(self, path: str) -> str:
        return self.nodes[path].target

    def weak(self) -> str:
        return weak_place(self.path, lstat=self.lstat, readlink=self.readlink)


class Grower:
    """Draws a trusted tree; every node has another name."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.tree, self.count = draw, Tree(), 0

    def add(self, folder: str, node: Node, route: bool = True) -> str:
        self.count += 1
        place = os.path.join(folder, f"n{self.count}")
        self.tree.nodes[place] = node
        (self.tree.route if route else self.tree.aside).append(place)
        return place

    def mode(self) -> int:
        return self.draw(st.sampled_from([0o755, 0o555, 0o700, 0o711, 0o1755, 0o2755]))

    def walk(self, here: str, depth: int) -> tuple[str, str]:
        """Names from the folder `here` on, and the folder they lead to."""
        text = ""
        for step in self.draw(st.lists(st.sampled_from(["folder", "back", "same", "link", "link"]), max_size=4)):
            if step == "same":
                text += self.draw(st.sampled_from(["/.", "/"]))
            elif step == "link" and depth:
                target, goal = self.target(here, depth - 1)
                place = self.add(here, Node(LINK, 0o777, target=target))
                text += "/" + os.path.basename(place)
                here = goal
            else:
                place = self.add(here, Node(FOLDER, self.mode()))
                text += "/" + os.path.basename(place)
                if step == "back":
                    text += "/.."
                else:
                    here = place
            self.add(here, Node(self.draw(st.sampled_from([FOLDER, FILE])), 0o777, 1000), route=False)
        return text, here

    def target(self, here: str, depth: int) -> tuple[str, str]:
        """The text of a link in `here` to some folder, and that folder."""
        how = self.draw(st.sampled_from(["absolute", "below", "far up", *["beside"] * (here != "/")]))
        if how == "absolute":
            text, goal = self.walk("/", depth)
            return text if text.startswith("/") else "/", goal
        ups = {"below": 0, "beside": 1, "far up": 9}[how]
        start = here
        for _ in range(ups):
            start = os.path.dirname(start)
        text, goal = self.walk(start, depth)
        return "/".join(["."] + [".."] * ups) + text, goal

    def grow(self) -> Tree:
        text, here = self.walk("/", 2)
        links = []  # each to the next, the last one to the file
        for _ in range(self.draw(st.integers(0, 2))):
            way, goal = self.target(here, 1)
            links.append((self.add(here, Node(LINK, 0o777)), way))
            here = goal
        file = self.add(here, Node(FILE, self.mode()))
        places = [place for place, _ in links] + [file]
        for (place, way), following in zip(links, places[1:], strict=True):
            self.tree.nodes[place] = Node(LINK, 0o777, target=f"{way}/{os.path.basename(following)}")
        self.tree.path = f"{text}/{os.path.basename(places[0])}"
        return self.tree


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    return Grower(draw).grow()


def without_rights(node: Node) -> list[Node]:
    """All the ways in which others than root could change it."""
    owners = [replace(node, uid=uid) for uid in (1, 1000, 65534, 4294967294)]
    if node.kind == LINK:
        return owners
    bits = (0o020, 0o002, 0o022, 0o1022, 0o1002, 0o2020, 0o3022)
    return owners + [replace(node, mode=node.mode | bit) for bit in bits]


def broken(node: Node, is_last: bool) -> list[Node | None]:
    """All the ways in which it would not lead to a file."""
    wrong: list[Node | None] = [None, *(replace(node, kind=kind, mode=0o755) for kind in OTHER_KINDS)]
    if node.kind == LINK:
        return [*wrong, *(replace(node, target=target) for target in ("/missing", "missing", "./../../missing"))]
    return [*wrong, replace(node, kind=FOLDER if is_last else FILE)]


@given(tree=trees())
@settings(max_examples=200)
def test_that_a_path_that_is_roots_own_is_found_to_be_so(tree: Tree) -> None:
    assert tree.weak() == ""


@given(tree=trees(), data=st.data())
@settings(max_examples=300)
def test_that_one_place_that_others_can_change_is_found_wherever_it_is(tree: Tree, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(tree.route))
    tree.nodes[place] = data.draw(st.sampled_from(without_rights(tree.nodes[place])))
    assert f"{place} " in tree.weak()


@given(tree=trees(), data=st.data())
@settings(max_examples=200)
def test_that_a_path_that_leads_to_no_file_is_refused(tree: Tree, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(tree.route[1:]))
    node = data.draw(st.sampled_from(broken(tree.nodes[place], place == tree.route[-1])))
    del tree.nodes[place]
    if node is not None:
        tree.nodes[place] = node
    assert tree.weak()


@pytest.mark.parametrize("length", [1, 2, 3, 40, 41])
@pytest.mark.parametrize("form", ["{}", "/{}", "./{}", "../{}", "a/../{}", "{}/x"])
def test_that_links_in_a_circle_end(length: int, form: str) -> None:
    tree = Tree(path="/l0")
    tree.nodes["/a"] = Node(FOLDER)
    for number in range(length):
        tree.nodes[f"/l{number}"] = Node(LINK, 0o777, target=form.format(f"l{(number + 1) % length}"))
    assert "too many symbolic links" in tree.weak()


@pytest.mark.parametrize(("count", "good"), [(0, True), (1, True), (MOST_LINKS, True), (MOST_LINKS + 1, False)])
def test_that_as_many_links_are_followed_as_the_kernel_follows(count: int, good: bool) -> None:
    tree = Tree(path=f"/l{count}")
    tree.nodes["/l0"] = Node(FILE)
    for number in range(1, count + 1):
        tree.nodes[f"/l{number}"] = Node(LINK, 0o777, target=f"l{number - 1}")
    assert (tree.weak() == "") is good


@pytest.mark.parametrize(
    "path",
    ["", "x", "./x", "../etc/passwd", "~/x", " /etc/passwd", "etc/passwd", "\0", "/etc\0/x", "/" * 5000 + "x" * 300],
)
def test_that_what_is_no_absolute_path_is_refused(path: str) -> None:
    assert weak_place(path)


@pytest.mark.parametrize(
    "error", [errno.EACCES, errno.EIO, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ESTALE]
)
def test_that_what_cannot_be_looked_at_is_refused(error: int) -> None:
    tree = Tree(path="/a/b/c")
    tree.nodes |= {"/a": Node(FOLDER), "/a/b": Node(FOLDER), "/a/b/c": Node(FILE)}

    def failing(place: str) -> Callable[[str], os.stat_result]:
        def lstat(path: str) -> os.stat_result:
            if path == place:
                raise OSError(error, os.strerror(error), path)
            return tree.lstat(path)

        return lstat

    for place in tree.nodes:
        assert weak_place(tree.path, lstat=failing(place), may_be_missing=True)


def test_that_only_what_is_missing_may_be_missing() -> None:
    tree = Tree(path="/a/b/c")
    tree.nodes["/a"] = Node(FOLDER)
    assert weak_place(tree.path, may_be_missing=True, lstat=tree.lstat) == ""
    assert weak_place(tree.path, lstat=tree.lstat) == "/a/b does not exist"
    tree.nodes["/a"] = Node(FOLDER, 0o777)
    assert weak_place(tree.path, may_be_missing=True, lstat=tree.lstat) == "/a can be written by others than root"


# -- the same on a disk -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def safe() -> Iterator[Path]:
    with safe_folder() as folder:
        yield folder


@contextlib.contextmanager
def on_disk(tree: Tree, safe: Path) -> Iterator[str]:
    """The tree as real files, and the path in it. The folder itself is the root: `..` there must not lead out."""
    folder = Path(tempfile.mkdtemp(dir=safe))
    folder.chmod(0o755)
    try:
        for place, node in tree.nodes.items():
            path = str(folder) + place.rstrip("/")
            if node.kind == LINK:
                os.symlink(str(folder) + node.target if node.target.startswith("/") else node.target, path)
            elif node.kind != FOLDER:
                os.mknod(path, node.kind | 0o600)
            elif place != "/":
                os.mkdir(path)
        for place, node in reversed(tree.nodes.items()):
            path = str(folder) + place.rstrip("/")
            os.lchown(path, node.uid, 0)
            if node.kind != LINK:
                os.chmod(path, node.mode)
        yield str(folder) + tree.path
    finally:
        shutil.rmtree(folder)


def fits_on_disk(tree: Tree) -> bool:
    return not any("../../../../.." in node.target for node in tree.nodes.values())


@given(tree=trees().filter(fits_on_disk), data=st.data())
@settings(max_examples=200)
def test_that_real_files_are_judged_like_made_up_ones(safe: Path, tree: Tree, data: st.DataObject) -> None:
    with on_disk(tree, safe) as path:
        assert is_roots_own(path), weak_place(path)
        assert os.path.isfile(path)
    place = data.draw(st.sampled_from(tree.route))
    tree.nodes[place] = data.draw(st.sampled_from(without_rights(tree.nodes[place])))
    with on_disk(tree, safe) as path:
        assert not is_roots_own(path)


def test_that_a_right_to_write_in_an_access_list_counts(safe: Path) -> None:
    entries = [(1, 7, 0xFFFFFFFF), (2, 7, 1000), (4, 5, 0xFFFFFFFF), (0x10, 7, 0xFFFFFFFF), (0x20, 5, 0xFFFFFFFF)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    folder = safe / "acl"
    folder.mkdir()
    file = folder / "program"
    file.touch(0o755)
    for place in (folder, file):
        place.chmod(0o755)
        assert is_roots_own(str(file))
        try:
            os.setxattr(place, "system.posix_acl_access", acl)
        except OSError as error:
            pytest.skip(f"no access lists on this file system: {error.strerror}")
        assert "can be written by others than root" in weak_place(str(file))
        os.removexattr(place, "system.posix_acl_access")
        place.chmod(0o755)
