/* Measures how long its own mmap and munmap take, while somebody may be looking at it.
 *
 * victim REGIONS: makes so many regions that do not merge and prints "ready BASE BYTES"; then, for each line SECONDS on
 * its input, maps and unmaps for so long, about every 50 us, and prints "p50 p99 longest count" in nanoseconds. Each
 * mapping has another size and lives until the next, so that its virtual size changes as that of a busy process does.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#define MOST 4000000
#define SIZE 8192
#define PAUSE 50000 /* nanoseconds */

static unsigned taken[MOST];

static long long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static void *map(size_t bytes, int protection)
{
    void *made = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) {
        puts("cannot map memory");
        exit(1);
    }
    return made;
}

static void measure(double seconds)
{
    size_t count = 0, old = 1 << 16;
    long long begun = now(), end = begun + (long long)(seconds * 1e9);
    void *held = map(old, PROT_READ | PROT_WRITE);
    while (begun < end && count < MOST) {
        struct timespec pause = {0, PAUSE};
        nanosleep(&pause, NULL);
        size_t bytes = 4096u << (count % 7 + 1);
        begun = now();
        void *next = map(bytes, PROT_READ | PROT_WRITE);
        munmap(held, old);
        taken[count++] = (unsigned)(now() - begun);
        held = next;
        old = bytes;
    }
    munmap(held, old);
    qsort(taken, count, sizeof *taken, compare);
    printf("%u %u %u %zu\n", taken[count / 2], taken[count * 99 / 100], taken[count - 1], count);
}

int main(int argc, char **argv)
{
    size_t regions = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    char *base = map(regions * SIZE + SIZE, PROT_READ | PROT_WRITE);
    for (size_t i = 0; i < regions; i++) {
        if (i % 2 == 0 && mprotect(base + i * SIZE, SIZE, PROT_READ)) {
            puts("cannot have so many regions");
            return 1;
        }
        if (i % 8 == 1)
            base[i * SIZE] = 1;
    }
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("ready %lu %lu\n", (unsigned long)base, (unsigned long)(regions * SIZE));
    double seconds;
    while (scanf("%lf", &seconds) == 1)
        measure(seconds);
    return 0;
}
