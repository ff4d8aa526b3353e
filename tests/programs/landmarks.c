/* Prints where its things are, a `name address` a line (0 where the kernel gives none), then waits for the end of its
   input. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char constant[8192] = "constant";
static int initialised[4096] = {1};
static char zeroed[1 << 20];
static pthread_barrier_t ready, end;

static void say(const char *name, const void *address) { printf("%s %lx\n", name, (unsigned long)address); }

static void *work(void *argument) {
  int local = 1;
  char *block = malloc(1000);
  memset(block, 1, 1000);
  say("thread_stack", &local);
  say("thread_malloc", block);
  pthread_barrier_wait(&ready);
  pthread_barrier_wait(&end);
  return argument;
}

static void *use_large_stack(void *argument) {
  int local = 1;
  say("large_thread_stack", &local);
  pthread_barrier_wait(&ready);
  pthread_barrier_wait(&end);
  return argument;
}

static void *map(size_t size, int protection, int flags, int fd) {
  void *address = mmap(NULL, size, protection, flags, fd, 0);
  if (address == MAP_FAILED) { perror("mmap"); exit(1); }
  if (protection & PROT_WRITE) *(volatile char *)address = 1;
  return address;
}

static void show_kernel_buffers(void) {
  struct io_uring_params rings = {0};
  int fd = syscall(SYS_io_uring_setup, 4, &rings);
  say("io_uring", fd < 0 ? NULL : map(4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd));
  struct perf_event_attr faults = {
      .type = PERF_TYPE_SOFTWARE, .size = sizeof faults, .config = PERF_COUNT_SW_PAGE_FAULTS, .exclude_kernel = 1};
  fd = syscall(SYS_perf_event_open, &faults, 0, -1, -1, 0);
  say("perf_event", fd < 0 ? NULL : map(2 * 4096, PROT_READ, MAP_SHARED, fd));
  void *ring = NULL;
  if (syscall(SYS_io_setup, 1, &ring)) ring = NULL;
  say("aio", ring);
}

static void show_what_looks_otherwise(void) {
  int writable = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;
  char *used = map(65536, writable, flags, -1);
  mprotect(used, 65536, PROT_NONE);
  say("reserved_after_use", used);
  char *buffer = (char *)map((8 << 20) + 4096, PROT_NONE, flags, -1) + 4096;
  mprotect(buffer, 8 << 20, writable);
  madvise(buffer, 8 << 20, MADV_NOHUGEPAGE);
  say("like_a_stack", buffer);
  say("private_zero", map(65536, writable, MAP_PRIVATE, open("/dev/zero", O_RDWR)));
  char name[64];
  snprintf(name, sizeof name, "/dev/shm/memviz-landmark-%d", getpid());
  int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (fd < 0 || unlink(name) || ftruncate(fd, 65536)) exit(1);
  say("unlinked_shared_memory", map(65536, writable, MAP_SHARED, fd));
}

int main(int count, char **words) {
  int local = 1, threads = 3;
  pthread_barrier_init(&ready, NULL, threads + 2);
  pthread_barrier_init(&end, NULL, threads + 2);
  printf("pid %x\n", getpid());
  say("main_stack", &local);
  say("code", (void *)main);
  say("constant", constant);
  say("initialised", initialised);
  zeroed[500000] = 1;
  say("zeroed", &zeroed[500000]);
  say("brk_malloc", malloc(100));
  say("library_code", (void *)qsort);
  say("library_data", stdout);
  say("vdso", (void *)getauxval(AT_SYSINFO_EHDR));
  say("anonymous", map(3 << 20 | 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1));
  map(4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  say("jit", map(65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1));
  say("reserved", map(1L << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1));
  say("shared_anonymous", map(65536, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1));
  int fd = memfd_create("memviz test", 0);
  if (fd < 0 || ftruncate(fd, 65536)) return 1;
  say("memfd", map(65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd));
  int segment = shmget(IPC_PRIVATE, 65536, 0600);
  say("system_v", shmat(segment, NULL, 0));
  shmctl(segment, IPC_RMID, NULL);
  if (count > 1) say("file", map(4096, PROT_READ, MAP_PRIVATE, open(words[1], O_RDONLY)));
  show_kernel_buffers();
  show_what_looks_otherwise();
  pthread_t thread;
  pthread_attr_t large;
  pthread_attr_init(&large);
  pthread_attr_setstacksize(&large, 512L << 20);
  if (pthread_create(&thread, &large, use_large_stack, NULL)) return 1;
  for (int i = 0; i < threads; i++) {
    if (pthread_create(&thread, NULL, work, NULL)) return 1;
  }
  pthread_barrier_wait(&ready);
  puts("end 0");
  fflush(stdout);
  while (getchar() != EOF) {}
  return 0;
}
