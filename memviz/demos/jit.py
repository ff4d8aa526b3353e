"""jit: code that a program writes while it runs, the careful way and the careless way."""

import ctypes
import os

from memviz.demos import PAGE, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

# A function that returns 42.
CODE = {
    "x86_64": bytes.fromhex("b82a000000 c3"),  # mov eax, 42; ret
    "aarch64": bytes.fromhex("40058052 c0035fd6"),  # mov w0, #42; ret
}

READ_WRITE = memory.READ | memory.WRITE
READ_EXECUTE = memory.READ | memory.EXECUTE


class Page:
    """A page with a function, written before it is executable: aarch64 has caches to care for."""

    def __init__(self) -> None:
        self.address = 0

    def write(self) -> Facts:
        machine = os.uname().machine
        if machine not in CODE:
            raise NotHere(f"this demo knows no machine code of {machine}")
        self.address = memory.lone_region(PAGE)
        memory.write(self.address, CODE[machine])
        return self.facts("rw")

    def facts(self, permissions: str) -> Facts:
        return {"address": self.address, "bytes": PAGE, "permissions": permissions}

    def run(self, protection: int, permissions: str) -> Facts:
        if not self.address:
            raise NotHere("there is no code")
        try:
            memory.protect(self.address, PAGE, protection)
        except PermissionError:
            raise NotHere("a security policy forbids to execute what was written") from None
        answer = ctypes.CFUNCTYPE(ctypes.c_int)(self.address)()
        return {**self.facts(permissions), "answer": answer}


def steps(stage: Stage) -> tuple[Step, ...]:
    careful, careless = Page(), Page()

    def write_and_run() -> Facts:
        careless.write()
        return careless.run(READ_WRITE | memory.EXECUTE, "rwx")

    return (
        Step(
            "write a function into a page",
            careful.write,
            "an anonymous region of one page, rw-: code that cannot run yet",
            "regions {pid} --group anonymous",
        ),
        Step(
            "make the page executable instead of writable, and call the function",
            lambda: careful.run(READ_EXECUTE, "rx"),
            "the same region, now r-x: the function returned {answer}",
            "regions {pid} --group anonymous",
        ),
        Step(
            "do it again with a page that is writable and executable at once",
            write_and_run,
            "a region with rwx: whoever can write there can run anything",
            "regions {pid} --group anonymous",
        ),
        Step(
            "take the write permission away",
            lambda: careless.run(READ_EXECUTE, "rx"),
            "no region is writable and executable any more",
            "regions {pid} --group anonymous",
        ),
    )
