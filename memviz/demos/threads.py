"""threads: each has a stack, and malloc gives the first ones that allocate an arena each."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

from memviz.demos import KIB, MIB, memory
from memviz.demos.stage import Facts, Stage, Step

THREADS = 8
STACK = MIB
BLOCK = KIB
BLOCKS = MIB // BLOCK  # for each thread


class Worker:
    """A thread that does what it is told, one thing at a time, and returns each time's answer."""

    def __init__(self, number: int) -> None:
        self._orders: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._done: SimpleQueue[None] = SimpleQueue()
        self._name = f"demo-worker-{number}".encode()
        self.tid = self.stack = 0
        self.blocks: list[int] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._done.get()

    def _run(self) -> None:
        memory.name_this_thread(self._name)
        self.tid = threading.get_native_id()
        self.stack = memory.stack_of_this_thread()[0]
        self._done.put(None)
        while order := self._orders.get():
            order()
            self._done.put(None)

    def do(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        self._done.get()

    def end(self) -> None:
        self._orders.put(None)
        memory.join(self._thread)

    def allocate(self) -> None:
        for _ in range(BLOCKS):
            block = memory.allocate(BLOCK)
            memory.fill(block, BLOCK)
            self.blocks.append(block)

    def free(self) -> None:
        while self.blocks:
            memory.free(self.blocks.pop())


class Workers:
    def __init__(self) -> None:
        self.all: list[Worker] = []

    def facts(self) -> Facts:
        return {
            "tids": [worker.tid for worker in self.all],
            "stack_addresses": [worker.stack for worker in self.all],
            "stack_bytes": STACK,
        }

    def start(self) -> Facts:
        before = threading.stack_size(STACK)
        self.all = [Worker(number) for number in range(1, THREADS + 1)]
        threading.stack_size(before)
        return self.facts()

    def allocate(self) -> Facts:
        for worker in self.all:
            worker.do(worker.allocate)
        first = [worker.blocks[0] for worker in self.all]
        return {**self.facts(), "block_addresses": first, "bytes_each": BLOCK * BLOCKS}

    def free(self) -> Facts:
        for worker in self.all:
            worker.do(worker.free)
        return self.facts()

    def end(self) -> Facts:
        for worker in self.all:
            worker.end()
        return self.facts()


def steps(stage: Stage) -> tuple[Step, ...]:
    workers = Workers()
    return (
        Step(
            f"start {THREADS} threads",
            workers.start,
            f"{THREADS} stacks of 1 MiB, each above a guard",
            "regions {pid} --group stack",
        ),
        Step(
            f"let each allocate 1 MiB in {BLOCKS:,} blocks",
            workers.allocate,
            "an arena for each thread, at a multiple of 64 MiB: little in use, much reserved",
            "regions {pid} --group heap",
        ),
        Step(
            "let each free them again",
            workers.free,
            "the arenas stay; what is free at their ends is given back",
            "regions {pid} --group heap",
        ),
        Step(
            "end the threads",
            workers.end,
            "the arenas stay for the next threads, and so do the stacks",
            "summary {pid}",
        ),
    )
