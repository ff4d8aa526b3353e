"""stack: deep calls make a stack resident, and it stays so when they have returned."""

import ctypes
import resource
import threading
from queue import SimpleQueue

from memviz.demos import MIB, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

THREAD_STACK = 2 * MIB

_Visit = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
_for_each_library = memory.LIBRARY["dl_iterate_phdr"]
_for_each_library.argtypes = (_Visit, ctypes.c_void_p)

ARGUMENTS = 1_000  # ctypes allows 1,024
_Wide = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_size_t] * ARGUMENTS)


def stack_position() -> int:
    """About where the stack pointer is: dl_iterate_phdr shows visitors a variable of its own."""
    seen: list[int] = []

    def visit(address: int, _size: int, _data: int | None) -> int:
        seen.append(address)
        return 1  # no further library

    _for_each_library(_Visit(visit), None)
    return seen[0]


def descend(lowest: int, *_: int) -> int:
    """Call itself until the stack reaches down to *lowest*.

    Python functions that call each other use no C stack since 3.11. So it goes through C, with a
    thousand arguments that ctypes puts on the stack: some 70 KiB a call, and few calls, because
    Python 3.12.1 allows no more than 1,500.
    """
    if stack_position() > lowest:
        deeper(lowest, *[0] * (ARGUMENTS - 1))
    return 0


deeper = _Wide(descend)


class Stacks:
    def __init__(self) -> None:
        self.orders: SimpleQueue[int] = SimpleQueue()
        self.answers: SimpleQueue[Facts] = SimpleQueue()
        self.thread: threading.Thread | None = None
        self.bottom = stack_position()

    def main(self, depth: int) -> Facts:
        limit = resource.getrlimit(resource.RLIMIT_STACK)[0]
        if limit != resource.RLIM_INFINITY and limit < depth + 2 * MIB:
            raise NotHere(f"the stack may only have {limit} bytes (ulimit -s)")
        descend(self.bottom - depth)
        return {"address": self.bottom - depth, "depth": depth, "now_address": stack_position()}

    def start(self) -> Facts:
        before = threading.stack_size(THREAD_STACK)
        self.thread = threading.Thread(target=self.obey, daemon=True)
        self.thread.start()
        threading.stack_size(before)
        return self.answers.get()

    def obey(self) -> None:
        """What the thread does."""
        memory.name_this_thread(b"demo-deep")
        address, size = memory.stack_of_this_thread()
        bottom = stack_position()
        facts: Facts = {"tid": threading.get_native_id(), "address": address, "bytes": size}
        self.answers.put({**facts, "depth": 0})
        while depth := self.orders.get():
            descend(bottom - depth)
            self.answers.put({**facts, "depth": depth, "deepest_address": bottom - depth})
        self.answers.put(facts)

    def deep_thread(self) -> Facts:
        self.orders.put(MIB)
        return self.answers.get()

    def end_thread(self) -> Facts:
        assert self.thread is not None
        self.orders.put(0)
        memory.join(self.thread)
        return self.answers.get()


def steps(stage: Stage) -> tuple[Step, ...]:
    stacks = Stacks()
    return (
        Step(
            "call 1 MiB deep, and return",
            lambda: stacks.main(MIB),
            "the main stack has grown down to {address:#x}, and 1 MiB of it is resident",
            "regions {pid} --group stack",
        ),
        Step(
            "call 4 MiB deep, and return",
            lambda: stacks.main(4 * MIB),
            "4 MiB are resident, though nothing uses them any more: a stack does not shrink",
            "regions {pid} --group stack",
        ),
        Step(
            "call 1 MiB deep again, and return",
            lambda: stacks.main(MIB),
            "nothing changed: there was room",
            "regions {pid} --group stack",
        ),
        Step(
            "start a thread",
            stacks.start,
            "a second stack of 2 MiB, hardly touched, with a guard below it",
            "regions {pid} --group stack",
        ),
        Step(
            "let the thread call 1 MiB deep, and return",
            stacks.deep_thread,
            "half of the thread's stack is resident; its size was fixed from the start",
            "regions {pid} --group stack",
        ),
        Step(
            "end the thread",
            stacks.end_thread,
            "the C library keeps the stack for the next thread, and gives its pages back",
            "regions {pid} --group stack",
        ),
    )
