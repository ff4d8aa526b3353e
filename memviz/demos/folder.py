"""A temporary folder that takes any name a file can have, and that can always be removed again.

Not `tempfile`: it loads OpenSSL for its random names, which would fill the demo's map.
"""

import os


class Folder:
    """Files and folders are made and removed through descriptors, so that no path is too long."""

    def __init__(self) -> None:
        parent = os.environ.get("TMPDIR") or "/tmp"
        name = f"memviz-demo-{os.getpid()}-{os.urandom(4).hex()}"
        self.path = os.path.join(os.path.realpath(parent), name)
        os.mkdir(self.path, 0o700)
        self._top = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        self._folders: dict[tuple[bytes, ...], int] = {(): self._top}
        self._files: list[tuple[int, bytes]] = []

    def create(self, name: bytes, size: int) -> int:
        """A descriptor of a new file of *size* zeros; the folders in *name* are made with it."""
        *folders, last = name.split(b"/")
        parent = self._folder(tuple(folders))
        descriptor = os.open(last, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=parent)
        self._files.append((parent, last))
        os.ftruncate(descriptor, size)
        return descriptor

    def delete(self, name: bytes) -> None:
        """A file directly in this folder."""
        os.unlink(name, dir_fd=self._top)
        self._files.remove((self._top, name))

    def remove(self) -> None:
        for parent, name in self._files:
            os.unlink(name, dir_fd=parent)
        for parts in sorted(self._folders, key=len, reverse=True):
            os.close(self._folders[parts])
            if parts:
                os.rmdir(parts[-1], dir_fd=self._folders[parts[:-1]])
        os.rmdir(self.path)

    def _folder(self, parts: tuple[bytes, ...]) -> int:
        if parts not in self._folders:
            parent = self._folder(parts[:-1])
            os.mkdir(parts[-1], 0o700, dir_fd=parent)
            self._folders[parts] = os.open(parts[-1], os.O_RDONLY | os.O_DIRECTORY, dir_fd=parent)
        return self._folders[parts]
