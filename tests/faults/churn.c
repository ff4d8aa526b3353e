// A process whose map changes without end: rows grow together, fall apart and are mapped anew, so that what is read tears.
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

enum { PAGE = 4096, ROWS = 400, TOGETHER = 32 };

static char *base;

static char *row(int number) { return base + (size_t)PAGE * number; }

static void split(int first, int count) { // every other page has another permission
    for (int i = first; i < first + count; i++) mprotect(row(i), PAGE, i % 2 ? PROT_NONE : PROT_READ);
}

int main(void) {
    base = mmap(NULL, (size_t)PAGE * ROWS, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    split(0, ROWS);
    printf("%lu\nready\n", (unsigned long)base);
    fflush(stdout);
    for (unsigned seed = 1;; seed = seed * 1103515245 + 12345) {
        int first = (int)((seed >> 16) % (ROWS - TOGETHER));
        if (seed & 1 << 30) {
            mprotect(row(first), (size_t)PAGE * TOGETHER, PROT_READ);
        } else {
            mmap(row(first), (size_t)PAGE * TOGETHER, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        }
        split(first, TOGETHER);
    }
}
