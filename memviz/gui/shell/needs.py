"""What a window needs that Qt does not bring along, looked for before Qt is asked: it aborts the process without."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import socket
from pathlib import Path

# What the linker finds, and the package of Debian and Ubuntu that has it.
FOR_PICTURES = (
    ("libEGL.so.1", "libegl1"), ("libGL.so.1", "libgl1"), ("libxkbcommon.so.0", "libxkbcommon0"),
    ("libfontconfig.so.1", "libfontconfig1"), ("libdbus-1.so.3", "libdbus-1-3"),
    ("libglib-2.0.so.0", "libglib2.0-0"), ("libX11.so.6", "libx11-6"),
)  # fmt: skip
FOR_X11 = (
    ("libxcb-cursor.so.0", "libxcb-cursor0"), ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ("libxcb-icccm.so.4", "libxcb-icccm4"), ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    ("libxcb-shape.so.0", "libxcb-shape0"), ("libxcb-image.so.0", "libxcb-image0"),
    ("libxcb-render-util.so.0", "libxcb-render-util0"), ("libxcb-randr.so.0", "libxcb-randr0"),
    ("libxcb-sync.so.1", "libxcb-sync1"), ("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    ("libxcb-xkb.so.1", "libxcb-xkb1"), ("libX11-xcb.so.1", "libx11-xcb1"),
)  # fmt: skip
FOR_WAYLAND = (
    ("libwayland-client.so.0", "libwayland-client0"), ("libwayland-cursor.so.0", "libwayland-cursor0"),
    ("libwayland-egl.so.1", "libwayland-egl1"),
)  # fmt: skip
NO_DISPLAY = "no display"
WITHOUT_SCREEN = ("offscreen", "minimal", "vnc")


def why_no_picture() -> str:
    """Why nothing can be drawn here, screen or not; empty where it can."""
    for package in ("PySide6", "pyqtgraph"):
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed (pip install memviz brings it)"
    return _lacking(FOR_PICTURES)


def why_no_window() -> str:
    """Why no window can be opened here, in one line; empty where one can."""
    asked = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if asked in WITHOUT_SCREEN:
        return why_no_picture()
    has_wayland, has_x11 = _wayland_listens(), bool(os.environ.get("DISPLAY"))
    if not (has_wayland or has_x11):
        return NO_DISPLAY
    if why := why_no_picture():
        return why
    if has_wayland and asked in ("", "wayland") and not _lacking(FOR_WAYLAND):
        return ""
    if not has_x11:
        return _lacking(FOR_WAYLAND) or "no display that Qt is allowed to use"
    return _lacking(FOR_X11) or _x11_answers()


def _lacking(libraries: tuple[tuple[str, str], ...]) -> str:
    packages = [package for name, package in libraries if not _loads(name)]
    if not packages:
        return ""
    return f"Qt needs system libraries that are missing (apt-get install {' '.join(packages)})"


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _wayland_listens() -> bool:
    """A socket that nobody listens at would make Qt abort as well."""
    name = os.environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"), name)  # an absolute name stays as it is
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        return True
    return False


def _x11_answers() -> str:
    """Empty where the display lets us in."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return "Qt needs system libraries that are missing (apt-get install libxcb1)"
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"the display {os.environ.get('DISPLAY', '')} does not let us in" if refused else ""
