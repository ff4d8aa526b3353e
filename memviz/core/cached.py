"""A property that is computed once."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class cached_property(functools.cached_property[T]):  # noqa: N801  # named as the standard one, which it stands for
    """functools' without the lock that Python before 3.12 holds meanwhile, one for all objects of a class: a forked
    child would find it locked for ever. Threads that ask at the same time may compute the value twice."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        super().__init__(compute)
        self.lock = contextlib.nullcontext()
