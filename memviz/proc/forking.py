"""Objects that a forked child must make anew: locks that another thread held, descriptors that belong to the parent.

A child gets copies of both, and of no thread. A copied lock may stay locked for ever; a copied pipe mixes the requests
of two processes and keeps the parent's reader alive after the parent has closed it.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol


class Renewable(Protocol):
    """An object with locks or descriptors of its own."""

    def renew(self) -> None:
        """Replace them, in the child and before anything else of it runs; must not wait and not raise."""
        ...


_registered: weakref.WeakSet[Renewable] = weakref.WeakSet()
# Held while a process is started: a fork meanwhile would copy pipes that no object knows yet.
starting = threading.RLock()


def renew_in_children(owner: Renewable) -> None:
    """Have `owner.renew()` called in every forked child, as long as the owner lives."""
    _registered.add(owner)


def _renew_all() -> None:
    starting.release()
    for owner in list(_registered):
        owner.renew()


if hasattr(os, "register_at_fork"):  # a system without fork has nothing to renew
    os.register_at_fork(before=starting.acquire, after_in_parent=starting.release, after_in_child=_renew_all)
