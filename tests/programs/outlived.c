/* Its first thread ends and another one, which has touched 8 MiB, lives on until the end of the input. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *kept; /* not static: the compiler must believe that somebody reads it */

static void *work(void *argument) {
  kept = malloc(8 << 20);
  memset(kept, 1, 8 << 20);
  usleep(200000); /* by then the first thread is over */
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {}
  _exit(0);
  return argument;
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, work, NULL);
  pthread_exit(NULL);
}
