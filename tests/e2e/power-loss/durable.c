/* A disk that keeps what it was told to keep, and nothing else. Loaded into the registry with LD_PRELOAD:
 *
 *   DISK=FOLDER     what is watched: everything below it
 *   SHADOW=FOLDER   where what survives is noted
 *   KILL_AT=N       kills the process at its Nth sync: before it has been done where N is odd, after it where N is even
 *
 * Nothing survives by itself. Whenever a file is synced, its bytes are copied to SHADOW/KEY.file; whenever a folder is synced, its list of names goes to SHADOW/KEY.names, a line for
 * each: KEY, d or f, name. The key is the inode's number and the time of its birth, since numbers are used again. Writes, links and renames need not be followed: they change the
 * files, and until somebody syncs them the shadow does not know. rebuild.mjs makes a tree of the shadow.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *disk, *shadow;
static long kill_at, syncs;

static void fail(const char *what) {
  dprintf(STDERR_FILENO, "durable.c: %s: %s\n", what, strerror(errno));
  abort();
}

__attribute__((constructor)) static void begin(void) {
  disk = getenv("DISK");
  shadow = getenv("SHADOW");
  if (!disk || !shadow) fail("DISK and SHADOW must be set");
  kill_at = getenv("KILL_AT") ? atol(getenv("KILL_AT")) : 0;
}

/* Returns its mode, or zero when it is not there. */
static int key_of(int folder, const char *name, char *key, size_t size) {
  struct statx found;
  if (statx(folder, name, *name ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH, STATX_TYPE | STATX_INO | STATX_BTIME, &found)) {
    if (errno == ENOENT) return 0;
    fail("statx");
  }
  if (!(found.stx_mask & STATX_BTIME)) fail("the file system does not tell when files were made");
  snprintf(key, size, "%llu-%lld", (unsigned long long)found.stx_ino, (long long)found.stx_btime.tv_sec * 1000000000 + found.stx_btime.tv_nsec);
  return found.stx_mode;
}

static int is_watched(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  size_t prefix = strlen(disk);
  return !strncmp(path, disk, prefix) && (path[prefix] == 0 || path[prefix] == '/');
}

/* The new state under a name of its own first: a kill in the middle leaves the old one. */
static int begin_note(char *temp, size_t size, const char *key) {
  snprintf(temp, size, "%s/%s.new", shadow, key);
  int note = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (note < 0) fail(temp);
  return note;
}

static void end_note(int note, const char *temp, const char *key, const char *kind) {
  char final[PATH_MAX];
  snprintf(final, sizeof final, "%s/%s.%s", shadow, key, kind);
  if (close(note) || rename(temp, final)) fail(final);
}

static void note_file(int fd, const char *key, const struct stat *found) {
  char link[64], temp[PATH_MAX];
  static char buffer[1 << 20];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  /* Not a copy of the descriptor, which may be for writing only. */
  int from = open(link, O_RDONLY | O_CLOEXEC), note = begin_note(temp, sizeof temp, key);
  if (from < 0) fail(link);
  ssize_t count;
  while ((count = read(from, buffer, sizeof buffer)) > 0) {
    if (write(note, buffer, count) != count) fail(temp);
  }
  if (count < 0) fail(link);
  close(from);
  if (futimens(note, (struct timespec[]){found->st_atim, found->st_mtim})) fail(temp);
  end_note(note, temp, key, "file");
}

static void note_folder(int fd, const char *key) {
  char temp[PATH_MAX], child[64];
  DIR *folder = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) fail("openat");
  int note = begin_note(temp, sizeof temp, key);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    int mode = key_of(fd, entry->d_name, child, sizeof child);
    if (mode) dprintf(note, "%s\t%c\t%s\n", child, S_ISDIR(mode) ? 'd' : 'f', entry->d_name);
  }
  closedir(folder);
  end_note(note, temp, key, "names");
}

static int sync_to_shadow(int fd, int (*real)(int)) {
  struct stat found;
  if (fstat(fd, &found) || !(S_ISREG(found.st_mode) || S_ISDIR(found.st_mode)) || !is_watched(fd)) return real(fd);
  char key[64];
  key_of(fd, "", key, sizeof key);
  pthread_mutex_lock(&turn);
  int last = ++syncs == kill_at;
  if (last && syncs % 2) kill(getpid(), SIGKILL);
  if (S_ISDIR(found.st_mode)) note_folder(fd, key);
  else note_file(fd, key, &found);
  if (last) kill(getpid(), SIGKILL);
  pthread_mutex_unlock(&turn);
  return 0;
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return sync_to_shadow(fd, real);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return sync_to_shadow(fd, real);
}
