"""A file system of one file whose contents never come: just enough of FUSE for that."""

import ctypes
import errno
import os
import stat
import struct

from memviz.demos import MIB, memory

NAME = b"stall"
SIZE = MIB

# Requests, from linux/fuse.h.
LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, OPENDIR, RELEASEDIR, INTERRUPT = (
    1, 2, 3, 14, 15, 18, 25, 26, 27, 29, 36,
)  # fmt: skip
BATCH_FORGET = 42
UNANSWERED = {READ, FORGET, INTERRUPT, BATCH_FORGET}  # only READ ought to be answered
EMPTY_ANSWER = {RELEASE, FLUSH, RELEASEDIR}

ROOT, FILE = 1, 2  # node numbers
HEADER_IN = struct.Struct("<IIQQIIII")  # bytes, request, unique, node, uid, gid, pid, padding
HEADER_OUT = struct.Struct("<IiQ")  # bytes, negative errno, unique
VERSION = (7, 31)
VALID = 1000  # seconds that answers may be kept

MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 2, 4, 16384, 1 << 18
MNT_DETACH = 2
CLONE_NEWNS = 0x20000

_text = ctypes.c_char_p
_mount = memory.function("mount", ctypes.c_int, _text, _text, _text, ctypes.c_ulong, _text)
_umount = memory.function("umount2", ctypes.c_int, _text, ctypes.c_int)
_unshare = memory.function("unshare", ctypes.c_int, ctypes.c_int)


def connect(folder: bytes) -> int:
    """Mount the file system on *folder*, visible to this process and its children only.

    The connection lives as long as the descriptor that is returned: when the last copy of it is
    closed, by whatever end of the process, everybody who waits for the file gets an error.
    OSError when the user or the kernel does not allow it.
    """
    _unshare(CLONE_NEWNS)
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
    try:
        _mount(b"memviz-demo", folder, b"fuse", MS_NOSUID | MS_NODEV, options.encode())
    except OSError:
        os.close(device)
        raise
    return device


def detach(folder: bytes) -> None:
    """Take the mount out of the tree; it stays for those who have the file open."""
    _umount(folder, MNT_DETACH)


def serve(device: int, asked: int) -> None:
    """Answer everything but reads, for each of which one byte goes to the descriptor *asked*."""
    while True:
        try:
            message = os.read(device, 1 << 17)
        except OSError as error:
            if error.errno in (errno.EINTR, errno.ENOENT):  # ENOENT: interrupted before it was read
                continue
            return  # ENODEV: unmounted
        _, request, unique, node, *_ = HEADER_IN.unpack_from(message)
        if request == READ:
            os.write(asked, b"\n")
        if request not in UNANSWERED:
            failed, content = answer(request, node, message[HEADER_IN.size :])
            header = HEADER_OUT.pack(HEADER_OUT.size + len(content), -failed, unique)
            os.write(device, header + content)


def answer(request: int, node: int, body: bytes) -> tuple[int, bytes]:
    """An errno, and what follows the header of the answer."""
    if request == INIT:
        # version, read-ahead, flags, background 12 and 9, write size, time granularity, the rest 0
        return 0, struct.pack("<IIIIHHII", *VERSION, 0, 0, 12, 9, 4096, 1).ljust(64, b"\0")
    if request == LOOKUP:
        if body.rstrip(b"\0") != NAME:
            return errno.ENOENT, b""
        return 0, struct.pack("<QQQQII", FILE, 0, VALID, VALID, 0, 0) + attributes(FILE)
    if request == GETATTR:
        return 0, struct.pack("<QII", VALID, 0, 0) + attributes(node)
    if request in (OPEN, OPENDIR):
        return 0, struct.pack("<QII", 0, 0, 0)
    return (0 if request in EMPTY_ANSWER else errno.ENOSYS), b""


def attributes(node: int) -> bytes:
    """A struct fuse_attr: node, size, blocks, six times, mode, links, owner, device, block size."""
    is_root = node == ROOT
    size = 0 if is_root else SIZE
    mode = stat.S_IFDIR | 0o755 if is_root else stat.S_IFREG | 0o644
    owner = (os.getuid(), os.getgid())
    return struct.pack("<6Q3I7I", node, size, size // 512, *[0] * 3, *[0] * 3, mode, 1, *owner, 0, 4096, 0)
