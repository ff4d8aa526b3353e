/* Threads with stacks of every origin, each blocked on its stack. Arguments: ORIGIN ... one thread each, in order:
   gN   pthread_attr_setguardsize(N)
   p    mmap of its own, pthread_attr_setstack
   s    the same with MAP_STACK
   h    in the middle of a larger mapping that holds other things too
   Prints "ORIGIN ADDRESS" of a local variable of each, then "end". */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (256 * 1024)
static sem_t ready;

static void *work(void *origin) {
    volatile char local[8192];
    memset((char *)local, 1, sizeof local);
    printf("%s %lx\n", (char *)origin, (unsigned long)&local[4096]);
    fflush(stdout);
    sem_post(&ready);
    for (;;)
        pause();
}

int main(int count, char **origins) {
    sem_init(&ready, 0, 0);
    for (int at = 1; at < count; at++) {
        char *origin = origins[at];
        pthread_attr_t attributes;
        pthread_t thread;
        pthread_attr_init(&attributes);
        if (*origin == 'g') {
            pthread_attr_setguardsize(&attributes, atoi(origin + 1));
        } else {
            int flags = MAP_PRIVATE | MAP_ANONYMOUS | (*origin == 's' ? MAP_STACK : 0);
            size_t whole = *origin == 'h' ? 512UL << 20 : SIZE;
            /* room around it, so that no neighbour is joined with it */
            char *place = mmap(0, whole + 2 * SIZE, PROT_NONE, flags | MAP_NORESERVE, -1, 0);
            place = mmap(place + SIZE, whole, PROT_READ | PROT_WRITE, flags | MAP_FIXED | MAP_NORESERVE, -1, 0);
            if (place == MAP_FAILED)
                return 1;
            munmap(place - SIZE, SIZE);
            munmap(place + whole, SIZE);
            pthread_attr_setstack(&attributes, place + whole / 2 / SIZE * SIZE, SIZE);
            if (*origin != 'h')
                pthread_attr_setstack(&attributes, place, SIZE);
        }
        if (pthread_create(&thread, &attributes, work, origin))
            return 1;
        sem_wait(&ready);
    }
    puts("end");
    fflush(stdout);
    pause();
}
