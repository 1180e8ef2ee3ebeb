/*
 * A child process in a session and process group of its own, which is ended
 * together with everything that it started.
 */

#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <event2/event.h>


#define PROCESS_FDS  5


struct process;


struct process_config {
    const char         *file;
    char *const        *argv;
    char *const        *envp;
    int                 fds[PROCESS_FDS];  /* the child's descriptors 0 to 4;
                                              -1: /dev/null for 0 to 2, closed
                                              for 3 and 4 */
    const char *const  *marks;  /* arguments, ended by NULL, by which relatives
                                   of the child are found that left its group;
                                   NULL: none */
    bool                no_new_privs;   /* no setuid program helps the child */
};


/* the child ended, with the status of waitpid(); its group may still live */
typedef void (*process_exited_pt)(void *ctx, int status);

/* nothing of the child's group or relatives is left */
typedef void (*process_gone_pt)(void *ctx);


/*
 * Starts a program.  config is needed during the call only, config->marks for
 * the life of the process.  The controller becomes the reaper of the orphans
 * among its descendants.  Returns NULL with errno set when it cannot be
 * started (ENOENT, EACCES, ENOMEM ...).  Freed by process_destroy().
 */
struct process *process_create(struct event_base *base,
    const struct process_config *config, process_exited_pt exited, void *ctx);

/* returns the process id, which is also that of its group */
pid_t process_pid(const struct process *p);

/*
 * Sends SIGTERM to the group and after grace_ms SIGKILL, and calls gone when
 * all of it has ended and was reaped; exited may be called before.  With a
 * grace of 0 it is SIGKILL at once.  A second call changes nothing.
 */
void process_end(struct process *p, unsigned grace_ms, process_gone_pt gone);

/*
 * Sends a signal to a process of the group.  Returns 0, or -1 when pid is not
 * one of it.
 */
int process_signal(struct process *p, pid_t pid, int signal);

/* frees the process; one that still lives gets SIGKILL and is waited for,
   which takes milliseconds; NULL is allowed */
void process_destroy(struct process *p);

/*
 * Looks through all processes for those of the child: it, all of its session,
 * and relatives that have left that and have one of the marks.  Stores the ids
 * of max at most in pids and returns how many.
 */
size_t process_members(const struct process *p, pid_t *pids, size_t max);

/* Returns whether a process has this very argument. */
bool process_has_argument(pid_t pid, const char *argument);

/*
 * Looks through all processes for those with one of these very arguments,
 * sends signal to them, to the whole group if it is a group's leader, and
 * reaps orphans that ended.  Returns how many were found.
 */
size_t process_sweep(const char *const *marks, int signal);


#endif /* PROCESS_H */
