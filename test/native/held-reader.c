/**
 * Preloaded into Node.js: holds the addon's reader thread once, where it has drained the ring and is about to
 * hand over, for as long as the file is there that it makes then; HELD is its name.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

// only that thread calls eventfd_read(3), and then locks before it drains the ring and after
static _Thread_local int locks_left = 0;

int eventfd_read(int fd, eventfd_t* value) {
  locks_left = 2;
  return read(fd, value, sizeof(*value)) == sizeof(*value) ? 0 : -1;
}

static void hold(void) {
  static int was_held = 0;
  const char* held = getenv("HELD");
  if (was_held++ || !held) return;
  close(open(held, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  while (access(held, F_OK) == 0) usleep(1000);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  static int (*lock)(pthread_mutex_t*);
  if (!lock) *(void**)&lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
  if (locks_left > 0 && --locks_left == 0) hold();
  return lock(mutex);
}
