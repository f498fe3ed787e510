/**
 * Preloaded into Node.js: stops the addon's reader thread once, after it has drained the ring and before it
 * hands the batch over. It creates the file named by $HELD and continues when that file is deleted.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

// Only the reader thread calls eventfd_read(3); then it locks once before and once after draining the ring.
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
