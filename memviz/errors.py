"""What can go wrong, each as one type that tells the caller what to do."""

from __future__ import annotations


class MemvizError(Exception):
    """The root of all errors that memviz raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class ProcessGone(MemvizError):
    """The process does not exist, or ended or exec'ed while it was read: choose another one, or read again."""

    exit_code = 3


class AccessDenied(MemvizError):
    """Nothing could be told for want of permission; the text names the least privilege that would do."""

    exit_code = 4


class NotAnswering(MemvizError):
    """The target (or the reader's host) does not answer: leave it alone for a while, then ask again."""

    exit_code = 5


class Unsupported(MemvizError):
    """This kernel, this system or this capture has no such thing."""


class Malformed(MemvizError):
    """A text does not have the form that the kernel gives it; nothing was guessed from it."""


class UsageError(MemvizError):
    """The caller asked for something that cannot be meant (an unknown column, an ambiguous name)."""

    exit_code = 2
