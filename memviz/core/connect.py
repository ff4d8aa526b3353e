"""Opens the Source that the global options name: this machine, another one, a captured tree, or what psutil can
tell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from memviz.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from memviz.core.host import Host
    from memviz.core.portable import PortableSource
    from memviz.core.source import Source
    from memviz.proc.link import Link

    OnWait = Callable[[str], None]


def open_link(via: str = "", on_wait: OnWait | None = None) -> Link:
    """Starts a reader; early, because it starts while numpy is being imported. `on_wait` is called with `via` where its
    first word is slow in coming."""
    from memviz.proc.link import Link

    if not via:
        return Link()
    from memviz.core.install import program_for

    return Link(via, program=program_for(via), on_wait=on_wait)


def on_linux() -> bool:
    """Whether this machine has a /proc to read."""
    return sys.platform.startswith("linux")


def open_source(
    via: str = "", proc_root: str = "", link: Link | None = None, on_wait: OnWait | None = None
) -> Host | PortableSource:
    """Raises UsageError or MemvizError. Close the source when done with it."""
    if proc_root:
        from memviz.core.capture import open_capture

        return open_capture(proc_root)
    if via or on_linux():
        link = link or open_link(via, on_wait)  # before the imports: the reader starts meanwhile
        from memviz.core.host import Host

        return Host(link, via or "this machine")
    from memviz.core.portable import PortableSource

    return PortableSource()


def reader_has_ended(source: object) -> bool:
    """Whether it answers nothing any more, because its reader process has ended."""
    return bool(getattr(getattr(source, "link", None), "has_failed", False))


def awaited(source: object) -> str:
    """The prefix behind which a reader has not said anything yet; empty where none is waited for."""
    link = getattr(source, "link", None)
    return "" if getattr(link, "has_spoken", True) else getattr(link, "via", "")


def reopened(source: Source) -> Source | None:
    """The same with a new reader, where the old one has ended; else None. Raises MemvizError."""
    if not reader_has_ended(source):
        return None
    from memviz.core.host import Host

    assert isinstance(source, Host)
    link: Link = source.link  # type: ignore[assignment]  # no other kind of link fails
    return Host(link.again(), source.name)


def open_host(via: str = "", proc_root: str = "", link: Link | None = None, on_wait: OnWait | None = None) -> Host:
    """The same where only a Linux host will do; raises Unsupported elsewhere."""
    source = open_source(via, proc_root, link, on_wait)
    from memviz.core.host import Host

    if not isinstance(source, Host):
        raise Unsupported(
            "this needs Linux: read a Linux machine with `--via ssh HOST`, or a capture with `--proc-root`"
        )
    return source
