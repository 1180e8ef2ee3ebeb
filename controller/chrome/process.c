/*
 * A child process in a session and process group of its own, ended together
 * with everything that it started.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "chrome/process.h"


#define PROCESS_POLL_MS   20
#define PROCESS_FD_ERROR  PROCESS_FDS   /* the child reports its error here */
#define PROCESS_FD_FREE   10            /* above all that dup2() replaces */
#define PROCESS_CMDLINE   16384         /* bytes of arguments looked at */


struct process {
    LIST_ENTRY(process)   link;
    pid_t                 pid;
    const char *const    *marks;
    process_exited_pt     exited;
    process_gone_pt       gone;        /* set: it is being ended */
    void                 *ctx;
    struct event         *child;       /* SIGCHLD */
    struct event         *timer;
    uint64_t              kill_at;     /* ms */
    bool                  reaped;      /* the child, not its group */
};


/* all children that were started here; orphans that came to the controller are
   children too, but not in this list */

static LIST_HEAD(process_list, process)  process_started =
    LIST_HEAD_INITIALIZER(process_started);


static void process_child_handler(evutil_socket_t fd, short what, void *arg);
static void process_reap(struct process *p);
static void process_reap_orphans(void);
static void process_timer_handler(evutil_socket_t fd, short what, void *arg);
static void process_poll(struct process *p);
static pid_t process_fork(const struct process_config *config);
static void process_child(const struct process_config *config, int error_fd);
static void process_child_limits(void);
static bool process_child_fds(const struct process_config *config,
    int error_fd);
static bool process_is_member(const struct process *p, const char *name);
static bool process_is_marked(const char *pid, const char *const *marks);
static size_t process_read(const char *pid, const char *name, char *data,
    size_t size);
static bool process_reap_orphan(const char *name);
static bool process_is_ours(pid_t pid);


struct process *
process_create(struct event_base *base, const struct process_config *config,
    process_exited_pt exited, void *ctx)
{
    struct process  *p;

    (void) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    p = calloc(1, sizeof(struct process));
    if (p == NULL) {
        return NULL;
    }

    p->marks = config->marks;
    p->exited = exited;
    p->ctx = ctx;

    p->child = evsignal_new(base, SIGCHLD, process_child_handler, p);
    p->timer = evtimer_new(base, process_timer_handler, p);

    if (p->child == NULL || p->timer == NULL
        || evsignal_add(p->child, NULL) != 0)
    {
        errno = ENOMEM;
        p->reaped = true;
        process_destroy(p);
        return NULL;
    }

    p->pid = process_fork(config);

    if (p->pid < 0) {
        p->reaped = true;
        process_destroy(p);
        return NULL;
    }

    LIST_INSERT_HEAD(&process_started, p, link);

    return p;
}


pid_t
process_pid(const struct process *p)
{
    return p->pid;
}


void
process_end(struct process *p, unsigned grace_ms, process_gone_pt gone)
{
    if (p->gone != NULL) {
        return;
    }

    p->gone = gone;
    p->kill_at = clock_ms() + grace_ms;

    (void) kill(-p->pid, grace_ms != 0 ? SIGTERM : SIGKILL);

    /* a stopped process gets SIGTERM only when it continues */

    (void) kill(-p->pid, SIGCONT);

    process_poll(p);
}


int
process_signal(struct process *p, pid_t pid, int signal)
{
    if (pid <= 1 || getpgid(pid) != p->pid) {
        return -1;
    }

    return kill(pid, signal);
}


void
process_destroy(struct process *p)
{
    int  error;

    if (p == NULL) {
        return;
    }

    error = errno;

    if (p->pid > 0 && !p->reaped) {
        (void) kill(-p->pid, SIGKILL);
        (void) waitpid(p->pid, NULL, 0);
    }

    if (p->pid > 0) {
        LIST_REMOVE(p, link);
    }

    if (p->child != NULL) {
        event_free(p->child);
    }

    if (p->timer != NULL) {
        event_free(p->timer);
    }

    free(p);

    errno = error;
}


size_t
process_sweep(const char *const *marks, int signal)
{
    DIR            *dir;
    pid_t           pid;
    size_t          n;
    struct dirent  *entry;

    dir = opendir("/proc");
    if (dir == NULL) {
        return 0;
    }

    n = 0;

    while ((entry = readdir(dir)) != NULL) {

        if (!isdigit((unsigned char) entry->d_name[0])) {
            continue;
        }

        pid = (pid_t) atoi(entry->d_name);

        /* a tool that looks for these arguments has them too; it runs in our
           session or, as a rule, as another user */

        if (getsid(pid) == getsid(0) || kill(pid, 0) != 0) {
            continue;
        }

        if (!process_is_marked(entry->d_name, marks)) {
            n += process_reap_orphan(entry->d_name);
            continue;
        }

        (void) kill(getpgid(pid) == pid ? -pid : pid, signal);

        n++;
    }

    closedir(dir);

    return n;
}


size_t
process_members(const struct process *p, pid_t *pids, size_t max)
{
    DIR            *dir;
    size_t          n;
    struct dirent  *entry;

    dir = opendir("/proc");
    if (dir == NULL) {
        return 0;
    }

    n = 0;

    while (n < max && (entry = readdir(dir)) != NULL) {
        if (isdigit((unsigned char) entry->d_name[0])
            && process_is_member(p, entry->d_name))
        {
            pids[n++] = (pid_t) atoi(entry->d_name);
        }
    }

    closedir(dir);

    return n;
}


static bool
process_is_member(const struct process *p, const char *name)
{
    pid_t  pid, session;

    pid = (pid_t) atoi(name);
    session = getsid(pid);

    if (session == p->pid) {
        return true;
    }

    return p->marks != NULL && session != getsid(0) && kill(pid, 0) == 0
           && process_is_marked(name, p->marks);
}


bool
process_has_argument(pid_t pid, const char *argument)
{
    char               name[24];
    const char *const  marks[] = { argument, NULL };

    (void) snprintf(name, sizeof(name), "%d", (int) pid);

    return process_is_marked(name, marks);
}


static void
process_child_handler(evutil_socket_t fd, short what, void *arg)
{
    (void) fd;
    (void) what;

    process_reap(arg);
    process_reap_orphans();
}


/* reaps the child, and orphans of its group, which become our children */

static void
process_reap(struct process *p)
{
    int    status;
    pid_t  pid;

    for ( ;; ) {
        pid = waitpid(-p->pid, &status, WNOHANG);

        if (pid <= 0) {
            return;
        }

        if (pid != p->pid) {
            continue;
        }

        p->reaped = true;

        p->exited(p->ctx, status);
    }
}


/*
 * Reaps orphans that left their group: those of a browser come to the
 * controller, and everybody's do in a container whose first process it is.
 * A child of the list that has ended may hide others until it is reaped, which
 * its own handler does in the same turn of the loop.
 */

static void
process_reap_orphans(void)
{
    siginfo_t  info;

    for ( ;; ) {
        info.si_pid = 0;

        if (waitid(P_ALL, 0, &info, WEXITED|WNOHANG|WNOWAIT) != 0
            || info.si_pid == 0 || process_is_ours(info.si_pid))
        {
            return;
        }

        (void) waitpid(info.si_pid, NULL, WNOHANG);
    }
}


static void
process_timer_handler(evutil_socket_t fd, short what, void *arg)
{
    bool             killing;
    struct process  *p = arg;

    (void) fd;
    (void) what;

    process_reap(p);

    killing = (clock_ms() >= p->kill_at);

    if (kill(-p->pid, killing ? SIGKILL : 0) == 0 || errno != ESRCH) {
        process_poll(p);
        return;
    }

    if (p->marks != NULL && process_sweep(p->marks, SIGKILL) != 0) {
        process_poll(p);
        return;
    }

    event_del(p->child);

    p->gone(p->ctx);
}


static void
process_poll(struct process *p)
{
    static const struct timeval  tv = { 0, PROCESS_POLL_MS * 1000 };

    (void) evtimer_add(p->timer, &tv);
}


/* signals are blocked during the fork: the loop's handlers must not run in the
   child, where they would write to the parent's loop */

static pid_t
process_fork(const struct process_config *config)
{
    int        error, pipes[2];
    pid_t      pid;
    ssize_t    n;
    sigset_t   all, old;

    if (pipe2(pipes, O_CLOEXEC) != 0) {
        return -1;
    }

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);

    pid = fork();
    error = errno;

    if (pid == 0) {
        process_child(config, pipes[1]);
    }

    sigprocmask(SIG_SETMASK, &old, NULL);
    close(pipes[1]);

    if (pid > 0) {

        /* the read ends when execve() closes the other side, after a few ms */

        do {
            n = read(pipes[0], &error, sizeof(int));
        } while (n < 0 && errno == EINTR);

        if (n == sizeof(int)) {
            (void) waitpid(pid, NULL, 0);
            pid = -1;
        }
    }

    close(pipes[0]);

    errno = error;

    return pid;
}


/* becomes the program; when it can't, writes errno to error_fd and exits */

static void
process_child(const struct process_config *config, int error_fd)
{
    int       fd, error;
    ssize_t   n;
    sigset_t  none;

    process_child_limits();

    /* error_fd must not be among the numbers that are replaced */

    fd = fcntl(error_fd, F_DUPFD, PROCESS_FD_FREE);

    if (fd >= 0) {
        error_fd = fd;
    }

    if (fd >= 0 && process_child_fds(config, error_fd)) {

        error_fd = PROCESS_FD_ERROR;

        if (config->no_new_privs) {
            (void) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        }

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);

        execve(config->file, config->argv, config->envp);
    }

    error = errno;
    n = write(error_fd, &error, sizeof(int));
    (void) n;

    _exit(127);
}


/* between fork() and execve() only async-signal-safe functions may be called,
   here and in the two functions that follow */

static void
process_child_limits(void)
{
    int               i;
    struct rlimit     limit;
    struct sigaction  action;

    memset(&action, 0, sizeof(struct sigaction));
    action.sa_handler = SIG_DFL;

    for (i = 1; i < NSIG; i++) {
        (void) sigaction(i, &action, NULL);
    }

    setsid();
    umask(077);

    /* a core would hold messages */

    limit.rlim_cur = 0;
    limit.rlim_max = 0;
    (void) setrlimit(RLIMIT_CORE, &limit);
}


/* puts the given descriptors in their places and error_fd behind them, and
   closes all others; returns false with errno set when it can't */

static bool
process_child_fds(const struct process_config *config, int error_fd)
{
    int  i, fd, null, fds[PROCESS_FDS];

    null = open("/dev/null", O_RDWR);

    if (null < 0) {
        return false;
    }

    /* a given descriptor may have the number of one that is to be replaced */

    for (i = 0; i < PROCESS_FDS; i++) {
        fd = config->fds[i];

        if (fd < 0 && i <= STDERR_FILENO) {
            fd = null;
        }

        fds[i] = (fd < 0) ? -1 : fcntl(fd, F_DUPFD, PROCESS_FD_FREE);

        if (fd >= 0 && fds[i] < 0) {
            return false;
        }
    }

    for (i = 0; i < PROCESS_FDS; i++) {
        if (fds[i] < 0) {
            (void) close(i);

        } else if (dup2(fds[i], i) < 0) {
            return false;
        }
    }

    if (dup3(error_fd, PROCESS_FD_ERROR, O_CLOEXEC) < 0) {
        return false;
    }

    if (close_range(PROCESS_FD_ERROR + 1, ~0U, 0) != 0) {
        for (fd = PROCESS_FD_ERROR + 1; fd < 65536; fd++) {
            (void) close(fd);
        }
    }

    return true;
}


/* the arguments end with a NUL each, or with a blank in a process that wrote
   its title over them, as Chromium does */

static bool
process_is_marked(const char *pid, const char *const *marks)
{
    char                data[PROCESS_CMDLINE];
    char               *p;
    size_t              i, size, length;
    const char *const  *mark;

    size = process_read(pid, "cmdline", data, sizeof(data));

    for (i = 0; i < size; i++) {
        if (data[i] == '\0') {
            data[i] = ' ';
        }
    }

    for (mark = marks; *mark != NULL; mark++) {
        length = strlen(*mark);

        for (p = strstr(data, *mark); p != NULL; p = strstr(p + 1, *mark)) {

            if ((p == data || p[-1] == ' ')
                && (p[length] == ' ' || p[length] == '\0'))
            {
                return true;
            }
        }
    }

    return false;
}


/* reads a file of /proc/<pid>/ and ends it with a NUL */

static size_t
process_read(const char *pid, const char *name, char *data, size_t size)
{
    int      fd;
    char     path[64];
    ssize_t  n;

    (void) snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, name);

    fd = open(path, O_RDONLY|O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }

    n = read(fd, data, size - 1);
    close(fd);

    if (n < 0) {
        n = 0;
    }

    data[n] = '\0';

    return (size_t) n;
}


/* reaps a dead orphan that became our child; returns whether it is dying only:
   it has no arguments any more, but can't be reaped yet */

static bool
process_reap_orphan(const char *name)
{
    int    parent, pid;
    char   state, data[512], *end;

    if (process_read(name, "cmdline", data, sizeof(data)) != 0
        || process_read(name, "stat", data, sizeof(data)) == 0)
    {
        return false;
    }

    /* the command's name may hold anything, also parentheses */

    end = strrchr(data, ')');

    if (end == NULL
        || sscanf(end + 1, " %c %d", &state, &parent) != 2)
    {
        return false;
    }

    pid = atoi(name);

    if (parent != getpid() || process_is_ours(pid)) {
        return false;
    }

    return state != 'Z' || waitpid(pid, NULL, WNOHANG) == 0;
}


/* returns whether pid is a child that its own handler reaps, for its status */

static bool
process_is_ours(pid_t pid)
{
    const struct process  *p;

    LIST_FOREACH(p, &process_started, link) {
        if (p->pid == pid && !p->reaped) {
            return true;
        }
    }

    return false;
}
