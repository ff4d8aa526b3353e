"""A folder whose whole way is root's own: one below /tmp is not, since everybody can write there."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from memviz.core.ownership import weak_place


@contextlib.contextmanager
def safe_folder() -> Iterator[Path]:
    """Empty; removed in the end. Skips the test where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("only root can make files that are root's")
    parent = next((place for place in ("/var/lib", "/opt", "/root") if not weak_place(place, folder=True)), None)
    if parent is None:
        pytest.skip("no folder here is root's own")
    folder = Path(tempfile.mkdtemp(prefix="memviz-test-", dir=parent))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
