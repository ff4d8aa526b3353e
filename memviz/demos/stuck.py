"""stuck: a process whose memory map is locked, so that whoever reads about it waits with it.

Somebody reads, through /proc/TARGET/mem, a page of the target that a file system never delivers:
the kernel holds the lock of the target's memory map while it waits, and SIGKILL does not end that.
The target then maps something, for which it needs the lock alone; from then on every further reader
of its smaps, cmdline or environ queues behind it.

All of it hangs on one descriptor, which only the process that serves the file has. That process
dies with this one, or by its own alarm before a minute is over, and with it everything ends.
"""

import os
import select
import signal

from memviz.demos import PAGE, fuse, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

LONGEST = 55  # seconds that the server lives, a little more than the demo may
SOON = 0.5  # seconds after which a call that takes microseconds is stuck
PATIENCE = 5.0


def answers(descriptor: int, seconds: float) -> bool:
    return bool(select.select([descriptor], [], [], seconds)[0])


class Stall:
    def __init__(self, stage: Stage) -> None:
        if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
            raise NotHere("this demo needs root and /dev/fuse: it mounts a file system")
        self.stage = stage
        self.folder = os.fsencode(stage.folder().path)
        self.orders, self.to_target = os.pipe()
        self.from_target, self.answers = os.pipe()
        self.was_asked, self.asked = os.pipe()
        self.server = self.target = self.reader = self.address = 0

    def facts(self) -> Facts:
        known: Facts = {"target": self.target, "address": self.address, "bytes": fuse.SIZE}
        return {**known, "reader": self.reader} if self.reader else known

    def start(self) -> Facts:
        try:
            device = fuse.connect(self.folder)
        except OSError as error:
            raise NotHere(f"no file system can be mounted here ({error})") from None
        self.server = self.stage.fork(lambda: self.serve(device))
        os.close(device)
        self.target = self.stage.fork(self.obey)
        if not answers(self.from_target, PATIENCE):
            raise NotHere("the file system does not answer")
        self.address = int.from_bytes(os.read(self.from_target, 8), "little")
        fuse.detach(self.folder)
        return self.facts()

    def serve(self, device: int) -> None:
        """What the first child does."""
        signal.alarm(LONGEST)
        memory.name_this_thread(b"demo-stuck-file")
        fuse.serve(device, self.asked)

    def obey(self) -> None:
        """What the target does: map the file, and later one page more; nothing else."""
        memory.name_this_thread(b"demo-stuck-me")
        file = os.open(os.path.join(self.folder, fuse.NAME), os.O_RDONLY)
        address = memory.map_memory(fuse.SIZE, memory.READ, memory.PRIVATE, file)
        os.write(self.answers, address.to_bytes(8, "little"))
        while os.read(self.orders, 1):
            memory.map_memory(PAGE)
            os.write(self.answers, b"\n")
            signal.pause()

    def read(self) -> Facts:
        self.need()
        self.reader = self.stage.fork(self.read_page)
        if not answers(self.was_asked, PATIENCE):
            raise NotHere("this kernel did not ask for the page")
        return self.facts()

    def read_page(self) -> None:
        """What the reader does, and never finishes."""
        memory.name_this_thread(b"demo-stuck-read")
        target = os.open(f"/proc/{self.target}/mem", os.O_RDONLY)
        try:
            os.pread(target, 1, self.address)
        except OSError:  # the connection has ended
            return

    def map(self) -> Facts:
        self.need()
        os.write(self.to_target, b"\n")
        if answers(self.from_target, SOON):
            raise NotHere("this kernel let the target go on: it did not keep its lock")
        return {**self.facts(), "stuck": 1}

    def release(self) -> Facts:
        self.need()
        self.stage.end(self.server)
        return {**self.facts(), "stuck": int(not answers(self.from_target, PATIENCE))}

    def need(self) -> None:
        if not self.address:
            raise NotHere("there is no target")


def steps(stage: Stage) -> tuple[Step, ...]:
    stall = Stall(stage)
    return (
        Step(
            "start a target that maps a file whose storage never answers",
            stall.start,
            "the target {target} maps 1 MiB of a file at {address:#x}; it can still be read",
            "summary {target}",
        ),
        Step(
            "let somebody read that file's first page in the target",
            stall.read,
            "{reader} reads and will not come back, not even for SIGKILL; the target goes on",
            "summary {target}",
        ),
        Step(
            "let the target map one more page",
            stall.map,
            "the target is stuck, and so would be whoever reads its smaps or command line",
            "summary {target}",
        ),
        Step(
            "end the file system",
            stall.release,
            "everybody has an answer, and the target goes on",
            "summary {target}",
        ),
    )
