// A process whose first thread has ended while another one lives on: /proc/PID/maps is empty, that of the thread is not.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *live_on(void *unused) {
    (void)unused;
    usleep(100000); // until the first thread has gone
    printf("%ld\nready\n", (long)syscall(SYS_gettid));
    fflush(stdout);
    getchar();
    return NULL;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, live_on, NULL);
    pthread_exit(NULL);
}
