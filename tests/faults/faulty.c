/* SPDX-License-Identifier: EUPL-1.2 */
/* faulty - preloaded into a real daemon (LD_PRELOAD): counts its system calls on chosen files, makes one of them fail or the
 * process end there, and records what is written and synced. Environment, read once:
 *
 *	FAULTY_PATHS	class=prefix:class=prefix...  only files below these are seen; the first prefix that fits gives the class
 *	FAULTY_LOG	each call seen is appended here, a line "op class"
 *	FAULTY_AT	op:class:k, the k-th such call (from 1), and FAULTY_DO what it does, once:
 *			an errno's name, "short" (half is done), "before" or "after" (killed there)
 *	FAULTY_MARK	this file is made when it was done
 *	FAULTY_RECORD	writes, syncs and the name of data.mdb, renamed checkpoints and log lines, in their order: struct record
 *
 * System calls are made directly, so nothing here depends on how libc names its own variants.
 */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/faults/faulty_record.h"

#define CLASSES_MAX 15
#define FDS_MAX 4096
#define EXPORT __attribute__((visibility("default")))

enum op { OP_OPEN, OP_READ, OP_WRITE, OP_SYNC, OP_TRUNCATE, OP_RENAME, OP_UNLINK, OP_MKDIR, OP_MMAP, OP_LOCK, N_OPS };

static const char *const op_names[N_OPS] = {
	"open", "read", "write", "sync", "truncate", "rename", "unlink", "mkdir", "mmap", "lock",
};

static const struct { const char *name; int number; } errors[] = {
	{ "EIO", EIO }, { "ENOSPC", ENOSPC }, { "EINTR", EINTR }, { "ENOMEM", ENOMEM }, { "EMFILE", EMFILE },
};

struct class { char name[32], prefix[512]; };

static struct class classes[CLASSES_MAX + 1];	/* from 1; 0 is every other file */
static unsigned n_classes;
static _Atomic unsigned counts[N_OPS][CLASSES_MAX + 1];
static _Atomic unsigned char class_of[FDS_MAX];	/* by descriptor */
static int log_fd = -1, record_fd = -1, at_op = -1, at_errno;
static unsigned at_class, at_count;
static bool is_short, is_before, is_after;
static pthread_mutex_t record_lock = PTHREAD_MUTEX_INITIALIZER;

/* -- what to do -- */

static void
read_paths(const char *text)
{
	while (text && *text && n_classes < CLASSES_MAX) {
		struct class *c = &classes[++n_classes];
		size_t n = strcspn(text, ":");

		(void)sscanf(text, "%31[^=:]=%511[^:]", c->name, c->prefix);
		text += text[n] == ':' ? n + 1 : n;
	}
}

static void
read_fault(const char *at, const char *what)
{
	char op[16], class[32];

	if (!at || !what || sscanf(at, "%15[^:]:%31[^:]:%u", op, class, &at_count) != 3)
		return;
	for (int i = 0; i < N_OPS; i++)
		if (strcmp(op, op_names[i]) == 0)
			at_op = i;
	for (unsigned i = 1; i <= n_classes && at_class == 0; i++)
		if (strcmp(class, classes[i].name) == 0)
			at_class = i;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcmp(what, errors[i].name) == 0)
			at_errno = errors[i].number;
	is_short = strcmp(what, "short") == 0;
	is_before = strcmp(what, "before") == 0;
	is_after = strcmp(what, "after") == 0;
}

static int
open_own(const char *variable)
{
	const char *path = getenv(variable);

	return path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
}

__attribute__((constructor)) static void
begin(void)
{
	read_paths(getenv("FAULTY_PATHS"));
	read_fault(getenv("FAULTY_AT"), getenv("FAULTY_DO"));
	log_fd = open_own("FAULTY_LOG");
	record_fd = open_own("FAULTY_RECORD");
}

/* -- counting -- */

/* Classes of one name count as one: the first of them. */
static unsigned
class_by_path(const char *path)
{
	for (unsigned i = 1; i <= n_classes; i++) {
		if (strncmp(path, classes[i].prefix, strlen(classes[i].prefix)) != 0)
			continue;
		for (unsigned k = 1; k <= i; k++)
			if (strcmp(classes[k].name, classes[i].name) == 0)
				return k;
	}
	return 0;
}

/* A number may have been closed behind our back and be a socket now. */
static unsigned
class_by_fd(int fd)
{
	struct stat st;

	if (fd < 0 || fd >= FDS_MAX || class_of[fd] == 0)
		return 0;
	if (fstat(fd, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		class_of[fd] = 0;
	return class_of[fd];
}

static unsigned
class_at(int dir, const char *path)
{
	return path[0] == '/' || dir == AT_FDCWD ? class_by_path(path) : class_by_fd(dir);
}

static int
keep(int fd, unsigned class)
{
	if (fd >= 0 && fd < FDS_MAX)
		class_of[fd] = (unsigned char)class;
	return fd;
}

static void
die(void)
{
	syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGKILL);
	for (;;)
		syscall(SYS_pause);
}

/* Count one call; true: it is the one to spoil. */
static bool
is_it(enum op op, unsigned class)
{
	const char *mark;
	char line[64];
	unsigned n;

	if (class == 0)
		return false;
	n = ++counts[op][class];
	if (log_fd >= 0)
		(void)!syscall(SYS_write, log_fd, line,
			       (size_t)snprintf(line, sizeof(line), "%s %s\n", op_names[op], classes[class].name));
	if ((int)op != at_op || class != at_class || n != at_count)
		return false;
	if ((mark = getenv("FAULTY_MARK")) != NULL)
		syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, mark, O_WRONLY | O_CREAT, 0600));
	if (is_before)
		die();
	return true;
}

/* Of the call to spoil: true if it fails with errno set. */
static bool
fails(bool it)
{
	if (it && at_errno != 0)
		errno = at_errno;
	return it && at_errno != 0;
}

static long
end(bool it, long result)
{
	if (it && is_after)
		die();
	return result;
}

/* -- recording -- */

static bool
is_recorded(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (record_fd < 0 || class_by_fd(fd) == 0)
		return false;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	return n > 10 && (memcmp(path + n - 9, "/data.mdb", 9) == 0 || memcmp(path + n - 10, "/.data.new", 10) == 0);
}

static void
record(enum record_kind kind, bool is_synced, uint64_t at, const void *bytes, size_t n)
{
	struct record r = { .kind = (uint8_t)kind, .is_synced = is_synced, .n = (uint32_t)n, .at = at };
	const struct iovec v[2] = { { &r, sizeof(r) }, { (void *)(uintptr_t)bytes, n } };

	(void)!syscall(SYS_writev, record_fd, v, n > 0 ? 2 : 1);
}

static void
record_checkpoint(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	char bytes[4096];
	long n = fd < 0 ? -1 : syscall(SYS_read, fd, bytes, sizeof(bytes));

	if (fd >= 0)
		syscall(SYS_close, fd);
	if (n > 0)
		record(RECORD_CHECKPOINT, false, 0, bytes, (size_t)n);
}

/* -- descriptors -- */

static int
do_open(int dir, const char *path, int flags, mode_t mode)
{
	unsigned class = class_at(dir, path);
	bool it = is_it(OP_OPEN, class);

	return fails(it) ? -1 : keep((int)end(it, syscall(SYS_openat, dir, path, flags, mode)), class);
}

static mode_t
mode_of(int flags, va_list args)
{
	return flags & O_CREAT ? (mode_t)va_arg(args, unsigned) : 0;
}

#define OPEN(name) \
	EXPORT int name(const char *path, int flags, ...); \
	EXPORT int name(const char *path, int flags, ...) \
	{ \
		va_list args; \
		mode_t mode; \
		va_start(args, flags); \
		mode = mode_of(flags, args); \
		va_end(args); \
		return do_open(AT_FDCWD, path, flags, mode); \
	}
#define OPENAT(name) \
	EXPORT int name(int dir, const char *path, int flags, ...); \
	EXPORT int name(int dir, const char *path, int flags, ...) \
	{ \
		va_list args; \
		mode_t mode; \
		va_start(args, flags); \
		mode = mode_of(flags, args); \
		va_end(args); \
		return do_open(dir, path, flags, mode); \
	}
OPEN(open)
OPEN(open64)
OPEN(__open_2)
OPEN(__open64_2)
OPENAT(openat)
OPENAT(openat64)
OPENAT(__openat_2)
OPENAT(__openat64_2)

static int
temporary(const char *name, char *path, int flags)
{
	int (*next)(char *, int) = (int (*)(char *, int))dlsym(RTLD_NEXT, name);
	unsigned class = class_by_path(path);
	bool it = is_it(OP_OPEN, class);

	return fails(it) ? -1 : keep((int)end(it, next(path, flags)), class);
}

EXPORT int
mkostemp(char *path, int flags)
{
	return temporary("mkostemp", path, flags);
}

EXPORT int
mkostemp64(char *path, int flags)
{
	return temporary("mkostemp64", path, flags);
}

static FILE *
do_fopen(const char *name, const char *path, const char *mode)
{
	FILE *(*next)(const char *, const char *) = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, name);
	bool it = is_it(OP_OPEN, class_by_path(path));

	return fails(it) ? NULL : next(path, mode);
}

EXPORT FILE *
fopen(const char *path, const char *mode)
{
	return do_fopen("fopen", path, mode);
}

EXPORT FILE *
fopen64(const char *path, const char *mode)
{
	return do_fopen("fopen64", path, mode);
}

EXPORT int
close(int fd)
{
	keep(fd, 0);
	return (int)syscall(SYS_close, fd);
}

/* -- bytes -- */

static ssize_t
do_read(int fd, void *to, size_t n, off_t at)
{
	bool it = is_it(OP_READ, class_by_fd(fd));

	if (fails(it))
		return -1;
	if (it && is_short && n > 1)
		n /= 2;
	return end(it, at < 0 ? syscall(SYS_read, fd, to, n) : syscall(SYS_pread64, fd, to, n, at));
}

/* at < 0: where the descriptor stands. */
static ssize_t
do_write(int fd, const void *from, size_t n, off_t at)
{
	bool it = is_it(OP_WRITE, class_by_fd(fd));
	bool is_kept = record_fd >= 0 && (fd == STDERR_FILENO || is_recorded(fd));
	ssize_t done;

	if (fails(it))
		return -1;
	if (it && is_short && n > 1)
		n /= 2;
	if (is_kept)
		pthread_mutex_lock(&record_lock);
	if (is_kept && fd == STDERR_FILENO)
		record(RECORD_LINE, false, 0, from, n);
	else if (is_kept)
		record(RECORD_WRITE, (fcntl(fd, F_GETFL) & O_DSYNC) != 0,
		       (uint64_t)(at < 0 ? lseek(fd, 0, SEEK_CUR) : at), from, n);
	done = at < 0 ? syscall(SYS_write, fd, from, n) : syscall(SYS_pwrite64, fd, from, n, at);
	if (is_kept)
		pthread_mutex_unlock(&record_lock);
	return end(it, done);
}

EXPORT ssize_t
read(int fd, void *to, size_t n)
{
	return do_read(fd, to, n, -1);
}

EXPORT ssize_t __read_chk(int fd, void *to, size_t n, size_t cap);
EXPORT ssize_t
__read_chk(int fd, void *to, size_t n, size_t cap)
{
	if (n > cap)
		abort();
	return do_read(fd, to, n, -1);
}

EXPORT ssize_t
pread(int fd, void *to, size_t n, off_t at)
{
	return do_read(fd, to, n, at);
}

EXPORT ssize_t
pread64(int fd, void *to, size_t n, off64_t at)
{
	return do_read(fd, to, n, at);
}

EXPORT ssize_t
write(int fd, const void *from, size_t n)
{
	return do_write(fd, from, n, -1);
}

EXPORT ssize_t
pwrite(int fd, const void *from, size_t n, off_t at)
{
	return do_write(fd, from, n, at);
}

EXPORT ssize_t
pwrite64(int fd, const void *from, size_t n, off64_t at)
{
	return do_write(fd, from, n, at);
}

/* LMDB gathers pages that lie in a row and seeks before: one write of one piece. */
EXPORT ssize_t
writev(int fd, const struct iovec *v, int n)
{
	size_t whole = 0;
	ssize_t done;
	char *bytes;

	if (class_by_fd(fd) == 0)
		return syscall(SYS_writev, fd, v, n);
	for (int i = 0; i < n; i++)
		whole += v[i].iov_len;
	if ((bytes = malloc(whole + 1)) == NULL)
		return -1;
	whole = 0;
	for (int i = 0; i < n; i++) {
		memcpy(bytes + whole, v[i].iov_base, v[i].iov_len);
		whole += v[i].iov_len;
	}
	done = do_write(fd, bytes, whole, -1);
	free(bytes);
	return done;
}

/* -- syncs and lengths -- */

static int
do_sync(long number, int fd)
{
	bool it = is_it(OP_SYNC, class_by_fd(fd)), is_kept = is_recorded(fd);
	long rc;

	if (fails(it))
		return -1;
	if (is_kept)
		pthread_mutex_lock(&record_lock);
	rc = syscall(number, fd);
	if (is_kept && rc == 0)
		record(RECORD_SYNC, false, 0, NULL, 0);
	if (is_kept)
		pthread_mutex_unlock(&record_lock);
	return (int)end(it, rc);
}

EXPORT int
fsync(int fd)
{
	return do_sync(SYS_fsync, fd);
}

EXPORT int
fdatasync(int fd)
{
	return do_sync(SYS_fdatasync, fd);
}

EXPORT int
ftruncate(int fd, off_t n)
{
	bool it = is_it(OP_TRUNCATE, class_by_fd(fd));

	return fails(it) ? -1 : (int)end(it, syscall(SYS_ftruncate, fd, n));
}

EXPORT int
ftruncate64(int fd, off64_t n)
{
	return ftruncate(fd, n);
}

/* -- names -- */

EXPORT int
renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	unsigned class = class_at(to_dir, to);
	bool it = is_it(OP_RENAME, class);
	size_t n = strlen(to);
	long rc;

	if (fails(it))
		return -1;
	if (record_fd >= 0 && class != 0 && strcmp(classes[class].name, "checkpoint") == 0) {
		pthread_mutex_lock(&record_lock);
		record_checkpoint(from);
		pthread_mutex_unlock(&record_lock);
	}
	rc = syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
	if (rc == 0 && record_fd >= 0 && class != 0 && n >= 9 && strcmp(to + n - 9, "/data.mdb") == 0) {
		pthread_mutex_lock(&record_lock);
		record(RECORD_NAMED, false, 0, NULL, 0);
		pthread_mutex_unlock(&record_lock);
	}
	return (int)end(it, rc);
}

EXPORT int
rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return renameat2(from_dir, from, to_dir, to, 0);
}

EXPORT int
unlinkat(int dir, const char *path, int flags)
{
	bool it = is_it(OP_UNLINK, class_at(dir, path));

	return fails(it) ? -1 : (int)end(it, syscall(SYS_unlinkat, dir, path, flags));
}

EXPORT int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

EXPORT int
mkdir(const char *path, mode_t mode)
{
	bool it = is_it(OP_MKDIR, class_by_path(path));

	return fails(it) ? -1 : (int)end(it, syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

/* -- maps and locks -- */

EXPORT void *
mmap(void *at, size_t n, int rights, int flags, int fd, off_t offset)
{
	bool it = is_it(OP_MMAP, class_by_fd(fd));

	return fails(it) ? MAP_FAILED : (void *)end(it, syscall(SYS_mmap, at, n, rights, flags, fd, offset));
}

EXPORT void *
mmap64(void *at, size_t n, int rights, int flags, int fd, off64_t offset)
{
	return mmap(at, n, rights, flags, fd, offset);
}

#define FCNTL(name) \
	EXPORT int name(int fd, int command, ...) \
	{ \
		va_list args; \
		bool it = (command == F_SETLK || command == F_SETLKW) && is_it(OP_LOCK, class_by_fd(fd)); \
		void *arg; \
		va_start(args, command); \
		arg = va_arg(args, void *); \
		va_end(args); \
		return fails(it) ? -1 : (int)end(it, syscall(SYS_fcntl, fd, command, arg)); \
	}
FCNTL(fcntl)
FCNTL(fcntl64)
