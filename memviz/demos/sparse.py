"""sparse: a reservation takes addresses only; memory comes with use, and page tables with it."""

from memviz.demos import KIB, PAGE, TIB, memory
from memviz.demos.stage import Facts, NotHere, Stage, Step

SIZE = 16 * TIB
PLACES = 1_000
PLACE = max(64 * KIB, PAGE)  # bytes in use at each
DISTANCE = SIZE // PLACES // PLACE * PLACE


class Reservation:
    def __init__(self) -> None:
        self.address = 0

    def facts(self, places: int, resident: int) -> Facts:
        return {
            "address": self.address,
            "bytes": SIZE,
            "places": places,
            "place_bytes": PLACE,
            "distance": DISTANCE,
            "resident": resident,
        }

    def reserve(self) -> Facts:
        flags = memory.PRIVATE | memory.ANONYMOUS | memory.NO_RESERVE
        try:
            self.address = memory.map_memory(SIZE, memory.NONE, flags)
        except OSError as error:
            raise NotHere(f"no room for 16 TiB of addresses ({error.strerror})") from None
        return self.facts(0, 0)

    def use(self, places: range) -> Facts:
        if not self.address:
            raise NotHere("nothing could be reserved")
        for place in places:
            start = self.address + place * DISTANCE
            memory.protect(start, PLACE, memory.READ | memory.WRITE)
            memory.fill(start, PLACE)
        return self.facts(places.stop, places.stop * PLACE)

    def give_back(self) -> Facts:
        if not self.address:
            raise NotHere("nothing could be reserved")
        for place in range(PLACES):
            memory.advise(self.address + place * DISTANCE, PLACE, memory.MADV_DONTNEED)
        return self.facts(PLACES, 0)


def steps(stage: Stage) -> tuple[Step, ...]:
    reservation = Reservation()
    return (
        Step(
            "reserve 16 TiB of addresses, without any access to them",
            reservation.reserve,
            "the virtual size has grown by 16 TiB, the RSS has not moved",
            "regions {pid} --group reserved",
        ),
        Step(
            "use 64 KiB in 10 places",
            lambda: reservation.use(range(10)),
            "10 small regions with the reservation between them: 640 KiB of RSS",
            "regions {pid} --group anonymous",
        ),
        Step(
            f"use 64 KiB in all {PLACES:,} places",
            lambda: reservation.use(range(10, PLACES)),
            "62.5 MiB of RSS in 1,000 regions, and some 8 MiB of page tables to find them",
            "summary {pid}",
        ),
        Step(
            "give the memory back, and keep the regions",
            reservation.give_back,
            "the RSS has fallen by 62.5 MiB; the regions and their page tables are still there",
            "summary {pid}",
        ),
    )
