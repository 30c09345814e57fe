/* LD_PRELOAD: calls fail while the file $DOORMAN_FAULTS says so, a line each:
 *
 *   sync 5 doorman.db            the call, the errno, a part of the file's path (or nothing: every file)
 *   clock 22 console-effect      the clock cannot be read by threads with this in their names: what asks it panics there
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The errno with which a call on this path is to fail, or 0. */
static int fault(const char *call, const char *path) {
    const char *control = getenv("DOORMAN_FAULTS");
    char text[512], name[32], part[128];
    int number, used;
    if (!control) return 0;
    int fd = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    if (length <= 0) return 0;
    text[length] = 0;
    for (char *line = text; line && *line; line = (line = strchr(line, '\n')) ? line + 1 : NULL) {
        part[0] = 0;
        used = sscanf(line, "%31s %d %127[^\n]", name, &number, part);
        if (used >= 2 && !strcmp(name, call) && strstr(path, part)) return number;
    }
    return 0;
}

static int fault_of_fd(const char *call, int fd) {
    struct stat status;
    char link[64], path[512];
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fault(call, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL(number) do { int n = (number); if (n) { errno = n; return -1; } } while (0)

int fsync(int fd) { FAIL(fault_of_fd("sync", fd)); return NEXT(fsync)(fd); }
int fdatasync(int fd) { FAIL(fault_of_fd("sync", fd)); return NEXT(fdatasync)(fd); }
int ftruncate64(int fd, off64_t size) { FAIL(fault_of_fd("write", fd)); return NEXT(ftruncate64)(fd, size); }
ssize_t write(int fd, const void *from, size_t size) { FAIL(fault_of_fd("write", fd)); return NEXT(write)(fd, from, size); }
ssize_t writev(int fd, const struct iovec *from, int count) { FAIL(fault_of_fd("write", fd)); return NEXT(writev)(fd, from, count); }
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { FAIL(fault_of_fd("write", fd)); return NEXT(pwrite)(fd, from, size, at); }
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) { FAIL(fault_of_fd("write", fd)); return NEXT(pwrite64)(fd, from, size, at); }
int rename(const char *from, const char *to) { FAIL(fault("rename", to)); return NEXT(rename)(from, to); }

int clock_gettime(clockid_t clock, struct timespec *at) {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    FAIL(fault("clock", name));
    return NEXT(clock_gettime)(clock, at);
}
