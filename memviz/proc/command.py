"""The command that starts a reader: here, or behind a prefix that leads elsewhere."""

from __future__ import annotations

import os
import sys

from memviz.errors import UsageError
from memviz.proc import reader

SHELLS = frozenset(("ssh", "autossh", "adb"))  # these join their arguments and give them to a shell on the other side


def reader_command(via: str, python: str, program: str = "") -> tuple[list[str], bytes]:
    """Words to start, and bytes to send first: behind a prefix the reader, unless `program` is one that is there."""
    if not via:
        # imported, not run by path: what is run by path is compiled each time. Its folder comes last, behind the
        # standard library, which has a `stat` of its own.
        code = f"import sys;sys.path.append({os.path.dirname(reader.__file__)!r});import reader;reader.main()"
        return [python or sys.executable, "-I", "-S", "-B", "-c", code], b""
    import shlex

    try:
        prefix = shlex.split(via)
    except ValueError as error:
        raise UsageError(f"{via}: not a command: {error}") from None
    if program:
        return [*prefix, program], b""
    with open(reader.__file__, "rb") as source:
        text = source.read()
    # A buffer of one byte takes exactly the program off the stream, and leaves the first request on it.
    code = f"import io;exec(io.BufferedReader(io.FileIO(0,closefd=False),1).read({len(text)}))"
    command = [python or "python3", "-I", "-S", "-c", code]
    if prefix[-1:] == ["-c"] or any(os.path.basename(word) in SHELLS for word in prefix[:-1]):
        command = [shlex.join(command)]
    return [*prefix, *command], text
