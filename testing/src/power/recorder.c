/* Runs a program and records what it does to the files of one directory, in order and with data, so that a power cut can be played at any point of it.
 *
 *     recorder DIRECTORY RECORD PROGRAM [ARGUMENT...]
 *
 * It is a debugger of the program (ptrace), and stops it before and after each call of the kernel. So it sees what any library asks for, also the calls that bypass the C
 * library, as rustix makes them. One call that may change files runs at a time: others wait before theirs. So the record's order is the order of the calls.
 *
 * Not seen: writes through mapped memory. Mapping a file of the directory for that is `unknown`, but for the index that SQLite makes anew after a power cut.
 *
 * Each line of the record is an act. Words are separated by tabs; `write` and `say` are followed by as many bytes as they say.
 *     create INODE NAME           a new file
 *     write INODE OFFSET LENGTH
 *     cut INODE LENGTH            or lengthened
 *     sync INODE                  of a file
 *     sync-names                  of the directory
 *     rename FROM TO
 *     link FROM TO
 *     unlink NAME
 *     say LENGTH                  on standard output: what the program acknowledges
 *     unknown CALL                a change that can't be played again
 * It ends as the program ends, and with 77 where the kernel lets nobody trace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_POSSIBLE 77
#define THREADS 1024

struct thread {
    pid_t id;
    int in_call;        /* Between the two stops of a call that counts. */
    int waits;          /* Stopped before such a call, because another thread is in one. */
    long call;
    unsigned long long arguments[6];
    int was_there;      /* The file that is opened was there before. */
};

static struct thread threads[THREADS];
static const char *directory; /* Without links in it, and without a slash at the end. */
static FILE *record;
static struct thread *busy; /* The one that is in a call. */

static void fail(const char *what) {
    fprintf(stderr, "recorder: %s: %s\n", what, strerror(errno));
    exit(NOT_POSSIBLE - 1);
}

static void line(const char *format, ...) {
    va_list values;
    va_start(values, format);
    if (vfprintf(record, format, values) < 0) fail("the record");
    va_end(values);
}

/* Bytes of the program's memory. */
static char *copied(pid_t thread, unsigned long long from, size_t length) {
    char *bytes = malloc(length + 1);
    struct iovec to = {bytes, length}, source = {(void *)(uintptr_t)from, length};
    if (bytes == NULL || process_vm_readv(thread, &to, 1, &source, 1, 0) != (ssize_t)length) fail("the program's memory");
    bytes[length] = '\0';
    return bytes;
}

/* A text of the program's memory, which may end at the end of a page. */
static void text(pid_t thread, unsigned long long from, char to[PATH_MAX]) {
    for (size_t i = 0; i < PATH_MAX; i++) {
        struct iovec here = {to + i, 1}, there = {(void *)(uintptr_t)(from + i), 1};
        if (process_vm_readv(thread, &here, 1, &there, 1, 0) != 1) fail("the program's memory");
        if (to[i] == '\0') return;
    }
    to[PATH_MAX - 1] = '\0';
}

/* Where a link of /proc leads. */
static int leads(pid_t thread, const char *what, int file, char to[PATH_MAX]) {
    char link[100];
    if (file < 0) snprintf(link, sizeof link, "/proc/%d/%s", thread, what);
    else snprintf(link, sizeof link, "/proc/%d/%s/%d", thread, what, file);
    ssize_t length = readlink(link, to, PATH_MAX - 1);
    to[length < 0 ? 0 : length] = '\0';
    return length >= 0;
}

/* The part of a path below the directory; "" for the directory itself, NULL for what lies elsewhere. */
static const char *below(const char *path) {
    size_t length = strlen(directory);
    if (strncmp(path, directory, length) != 0) return NULL;
    if (path[length] == '\0') return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

/* The whole path that a call names, relative to a directory or not. */
static void whole(pid_t thread, int at, unsigned long long name, char path[PATH_MAX]) {
    char given[PATH_MAX];
    text(thread, name, given);
    path[0] = '\0';
    if (given[0] != '/') {
        leads(thread, at == AT_FDCWD ? "cwd" : "fd", at == AT_FDCWD ? -1 : at, path);
        strncat(path, "/", PATH_MAX - strlen(path) - 1);
    }
    strncat(path, given, PATH_MAX - strlen(path) - 1);
}

/* Whether an open file lies in the directory, even if it has no name any more; which inode it is, and its path. */
static int watched(pid_t thread, int file, struct stat *found, char path[PATH_MAX]) {
    char link[100];
    if (file < 0 || !leads(thread, "fd", file, path) || below(path) == NULL) return 0;
    snprintf(link, sizeof link, "/proc/%d/fd/%d", thread, file);
    return stat(link, found) == 0;
}

/* Where the next byte goes. */
static long long position(pid_t thread, int file) {
    char name[100];
    long long at = -1;
    snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", thread, file);
    FILE *info = fopen(name, "r");
    if (info == NULL || fscanf(info, "pos: %lld", &at) != 1) fail(name);
    fclose(info);
    return at;
}

/* Calls that change files or their names, or make changes last. Every other one goes on at once. */
static int counts(long call) {
    switch (call) {
#ifdef SYS_open
    case SYS_open: case SYS_creat: case SYS_rename: case SYS_link: case SYS_unlink: case SYS_mkdir: case SYS_rmdir: case SYS_symlink:
#endif
    case SYS_openat: case SYS_write: case SYS_pwrite64: case SYS_writev: case SYS_pwritev: case SYS_ftruncate: case SYS_truncate:
    case SYS_fsync: case SYS_fdatasync: case SYS_renameat2: case SYS_linkat: case SYS_unlinkat: case SYS_mkdirat: case SYS_symlinkat:
    case SYS_fallocate: case SYS_copy_file_range: case SYS_sendfile: case SYS_mmap:
#ifdef SYS_renameat
    case SYS_renameat:
#endif
#ifdef SYS_pwritev2
    case SYS_pwritev2:
#endif
#ifdef SYS_openat2
    case SYS_openat2:
#endif
        return 1;
    default:
        return 0;
    }
}

static void opened(struct thread *t, int at, unsigned long long name, unsigned long long flags, int before) {
    char path[PATH_MAX];
    struct stat found;
    if (!(flags & (O_CREAT | O_TRUNC))) return;
    whole(t->id, at, name, path);
    const char *relative = below(path);
    if (relative == NULL) return;
    if (before) t->was_there = stat(path, &found) == 0;
    else if (stat(path, &found) != 0) fail(path);
    else if (!t->was_there) line("create\t%lu\t%s\n", (unsigned long)found.st_ino, relative);
    else if (flags & O_TRUNC) line("cut\t%lu\t0\n", (unsigned long)found.st_ino);
}

static void written(struct thread *t, long long offset, size_t length) {
    char path[PATH_MAX];
    struct stat found;
    int file = (int)t->arguments[0];
    if (file == STDOUT_FILENO) line("say\t%zu\n", length);
    else if (!watched(t->id, file, &found, path)) return;
    else line("write\t%lu\t%lld\t%zu\n", (unsigned long)found.st_ino, offset < 0 ? position(t->id, file) - (long long)length : offset, length);
    char *bytes = copied(t->id, t->arguments[1], length);
    if (fwrite(bytes, 1, length, record) != length) fail("the record");
    free(bytes);
}

static void two_names(struct thread *t, const char *act, int at_from, unsigned long long from, int at_to, unsigned long long to) {
    char old[PATH_MAX], new[PATH_MAX];
    whole(t->id, at_from, from, old);
    whole(t->id, at_to, to, new);
    if (below(old) != NULL && below(new) != NULL) line("%s\t%s\t%s\n", act, below(old), below(new));
    else if (below(old) != NULL || below(new) != NULL) line("unknown\t%s across the directory's border\n", act);
}

static void one_name(struct thread *t, const char *act, int at, unsigned long long name) {
    char path[PATH_MAX];
    whole(t->id, at, name, path);
    if (below(path) != NULL) line("%s\t%s\n", act, below(path));
}

static void unknown(struct thread *t, int file, const char *call) {
    char path[PATH_MAX];
    struct stat found;
    if (watched(t->id, file, &found, path)) line("unknown\t%s\n", call);
}

static void mapped(struct thread *t) {
    char path[PATH_MAX];
    struct stat found;
    int file = (int)t->arguments[4];
    int shared = (t->arguments[3] & MAP_TYPE) != MAP_PRIVATE && !(t->arguments[3] & MAP_ANONYMOUS);
    if (!shared || !(t->arguments[2] & PROT_WRITE) || !watched(t->id, file, &found, path)) return;
    size_t length = strlen(path);
    if (length < 4 || strcmp(path + length - 4, "-shm") != 0) line("unknown\tmmap\n");
}

/* Writes down what a call did; it went well, and returned `result`. */
static void did(struct thread *t, long long result) {
    unsigned long long *a = t->arguments;
    char path[PATH_MAX];
    struct stat found;
    switch (t->call) {
#ifdef SYS_open
    case SYS_open: opened(t, AT_FDCWD, a[0], a[1], 0); break;
    case SYS_creat: opened(t, AT_FDCWD, a[0], O_CREAT | O_TRUNC, 0); break;
    case SYS_rename: two_names(t, "rename", AT_FDCWD, a[0], AT_FDCWD, a[1]); break;
    case SYS_link: two_names(t, "link", AT_FDCWD, a[0], AT_FDCWD, a[1]); break;
    case SYS_unlink: case SYS_rmdir: one_name(t, "unlink", AT_FDCWD, a[0]); break;
    case SYS_mkdir: one_name(t, "unknown", AT_FDCWD, a[0]); break;
    case SYS_symlink: one_name(t, "unknown", AT_FDCWD, a[1]); break;
#endif
    case SYS_openat: opened(t, (int)a[0], a[1], a[2], 0); break;
    case SYS_write: written(t, -1, (size_t)result); break;
    case SYS_pwrite64: written(t, (long long)a[3], (size_t)result); break;
    case SYS_ftruncate:
        if (watched(t->id, (int)a[0], &found, path)) line("cut\t%lu\t%lld\n", (unsigned long)found.st_ino, (long long)a[1]);
        break;
    case SYS_fsync: case SYS_fdatasync:
        if (!watched(t->id, (int)a[0], &found, path)) break;
        if (S_ISDIR(found.st_mode)) line("sync-names\n");
        else line("sync\t%lu\n", (unsigned long)found.st_ino);
        break;
#ifdef SYS_renameat
    case SYS_renameat:
#endif
    case SYS_renameat2:
        /* One that exchanges is no rename. The older call has no such argument. */
        two_names(t, t->call == SYS_renameat2 && (a[4] & RENAME_EXCHANGE) ? "unknown" : "rename", (int)a[0], a[1], (int)a[2], a[3]);
        break;
    case SYS_linkat: two_names(t, "link", (int)a[0], a[1], (int)a[2], a[3]); break;
    case SYS_unlinkat: one_name(t, "unlink", (int)a[0], a[1]); break;
    case SYS_mkdirat: one_name(t, "unknown", (int)a[0], a[1]); break;
    case SYS_symlinkat: one_name(t, "unknown", (int)a[1], a[2]); break;
    case SYS_truncate: one_name(t, "unknown", AT_FDCWD, a[0]); break;
#ifdef SYS_openat2
    case SYS_openat2: one_name(t, "unknown", (int)a[0], a[1]); break;
#endif
    case SYS_copy_file_range: unknown(t, (int)a[2], "copy_file_range"); break;
    case SYS_mmap: mapped(t); break;
    default: unknown(t, (int)a[0], "a call that the recorder can't read"); break;
    }
}

static struct thread *known(pid_t id, int *is_new) {
    struct thread *none = NULL;
    for (int i = 0; i < THREADS; i++) {
        if (threads[i].id == id) return &threads[i];
        if (threads[i].id == 0 && none == NULL) none = &threads[i];
    }
    if (none == NULL) fail("too many threads");
    memset(none, 0, sizeof *none);
    none->id = id;
    *is_new = 1;
    return none;
}

static void go_on(pid_t thread, int signal) {
    /* It may have been killed since it stopped. */
    if (ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(long)signal) != 0 && errno != ESRCH) fail("ptrace");
}

/* Before a call that counts. */
static void enter(struct thread *t) {
    busy = t;
    t->waits = 0;
    t->in_call = 1;
    if (t->call == SYS_openat) opened(t, (int)t->arguments[0], t->arguments[1], t->arguments[2], 1);
#ifdef SYS_open
    if (t->call == SYS_open) opened(t, AT_FDCWD, t->arguments[0], t->arguments[1], 1);
    if (t->call == SYS_creat) opened(t, AT_FDCWD, t->arguments[0], O_CREAT | O_TRUNC, 1);
#endif
    go_on(t->id, 0);
}

static void next_one(void) {
    busy = NULL;
    for (int i = 0; i < THREADS && busy == NULL; i++)
        if (threads[i].id != 0 && threads[i].waits) enter(&threads[i]);
}

static void stopped_at_call(struct thread *t) {
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, t->id, sizeof info, &info) <= 0) {
        if (errno != ESRCH) fail("PTRACE_GET_SYSCALL_INFO");
        return;
    }
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        t->call = (long)info.entry.nr;
        for (int i = 0; i < 6; i++) t->arguments[i] = info.entry.args[i];
        if (!counts(t->call)) go_on(t->id, 0);
        else if (busy != NULL) t->waits = 1;
        else enter(t);
    } else if (t->in_call) {
        t->in_call = 0;
        if (!info.exit.is_error) did(t, (long long)info.exit.rval);
        go_on(t->id, 0);
        next_one();
    } else {
        go_on(t->id, 0);
    }
}

int main(int count, char **arguments) {
    if (count < 4) return NOT_POSSIBLE - 1;
    directory = arguments[1];
    record = fopen(arguments[2], "we");
    if (record == NULL) fail(arguments[2]);
    pid_t program = fork();
    if (program < 0) fail("fork");
    if (program == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(NOT_POSSIBLE);
        raise(SIGSTOP);
        execvp(arguments[3], arguments + 3);
        _exit(NOT_POSSIBLE - 1);
    }
    int status, is_new = 0;
    if (waitpid(program, &status, __WALL) != program) fail("waitpid");
    if (!WIFSTOPPED(status)) return NOT_POSSIBLE;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, program, NULL, (void *)options) != 0) return NOT_POSSIBLE;
    known(program, &is_new);
    go_on(program, 0);
    int ended = 1;
    for (;;) {
        pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0 && errno == EINTR) continue;
        if (id < 0) break; /* Nobody is left. */
        is_new = 0;
        struct thread *t = known(id, &is_new);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (id == program) ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            t->id = 0;
            if (busy == t) next_one();
        } else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            stopped_at_call(t);
        } else if (status >> 16 != 0 || (is_new && WSTOPSIG(status) == SIGSTOP)) {
            go_on(id, 0); /* A thread was born. */
        } else {
            go_on(id, WSTOPSIG(status));
        }
    }
    if (fclose(record) != 0) fail("the record");
    return ended;
}
