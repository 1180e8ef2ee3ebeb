/*
 * The version of an executable of Chromium, and the user agent that Chrome has
 * in that version.  The user agent must be known before the start, because
 * only the one of the command line is seen by workers too.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "chrome/chrome.h"


#define CHROME_VERSION_OUTPUT  256


struct chrome_version {
    struct event_base  *base;
    struct process     *process;
    struct event       *event;     /* output to be read, or the timeout */
    int                 fd;
    chrome_version_pt   done;
    void               *ctx;
    size_t              size;
    char                output[CHROME_VERSION_OUTPUT];
};


static void chrome_version_exited(void *ctx, int status);
static void chrome_version_handler(evutil_socket_t fd, short what, void *arg);
static int chrome_version_user_agent(const char *output, char *user_agent,
    size_t size);


struct chrome_version *
chrome_version_create(struct event_base *base, const char *chromium,
    unsigned timeout_ms, chrome_version_pt done, void *ctx)
{
    int                     pipes[2];
    struct timeval          tv;
    struct chrome_version  *v;
    struct process_config   config;

    static const char *const  envp[] = { CHROME_PATH, "LANG=C.UTF-8", NULL };
    const char *const         argv[] = { chromium, "--version", NULL };

    v = calloc(1, sizeof(struct chrome_version));
    if (v == NULL) {
        return NULL;
    }

    v->base = base;
    v->done = done;
    v->ctx = ctx;
    v->fd = -1;

    if (pipe2(pipes, O_CLOEXEC|O_NONBLOCK) != 0) {
        chrome_version_destroy(v);
        return NULL;
    }

    v->fd = pipes[0];

    config = (struct process_config) {
        .file = chromium,
        .argv = (char *const *) argv,
        .envp = (char *const *) envp,
        .fds = { -1, pipes[1], -1, -1, -1 },
        .marks = NULL
    };

    v->process = process_create(base, &config, chrome_version_exited, v);
    v->event = event_new(base, v->fd, EV_READ|EV_PERSIST,
                         chrome_version_handler, v);

    tv = clock_timeval(timeout_ms);

    if (v->process == NULL || v->event == NULL
        || event_add(v->event, &tv) != 0)
    {
        close(pipes[1]);
        chrome_version_destroy(v);
        return NULL;
    }

    close(pipes[1]);

    return v;
}


void
chrome_version_destroy(struct chrome_version *v)
{
    int  error;

    if (v == NULL) {
        return;
    }

    error = errno;

    if (v->event != NULL) {
        event_free(v->event);
    }

    if (v->fd >= 0) {
        close(v->fd);
    }

    process_destroy(v->process);
    free(v);

    errno = error;
}


const char *
chrome_version_text(const struct chrome_version *v)
{
    return v->output;
}


/* the output decides, not the exit status */

static void
chrome_version_exited(void *ctx, int status)
{
    (void) ctx;
    (void) status;
}


static void
chrome_version_handler(evutil_socket_t fd, short what, void *arg)
{
    int                     rc;
    char                    user_agent[CHROME_USER_AGENT_MAX];
    ssize_t                 n;
    struct chrome_version  *v = arg;

    n = 0;

    if (what & EV_READ) {
        n = read(fd, v->output + v->size, sizeof(v->output) - 1 - v->size);

        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
    }

    if (n > 0) {
        v->size += (size_t) n;

        if (memchr(v->output, '\n', v->size) == NULL
            && v->size < sizeof(v->output) - 1)
        {
            return;
        }
    }

    event_del(v->event);

    v->output[v->size] = '\0';
    v->output[strcspn(v->output, "\n")] = '\0';

    rc = chrome_version_user_agent(v->output, user_agent, sizeof(user_agent));

    errno = (what & EV_TIMEOUT) ? ETIMEDOUT : 0;

    v->done(v->ctx, rc == 0 ? user_agent : NULL);
}


/* Chrome's user agents on Linux differ in the major version only */

static int
chrome_version_user_agent(const char *output, char *user_agent, size_t size)
{
    unsigned     major;
    const char  *p;

    for (p = output; *p != '\0'; p++) {
        if (*p == ' ' && isdigit((unsigned char) p[1])
            && sscanf(p + 1, "%4u.", &major) == 1)
        {
            (void) snprintf(user_agent, size,
                            "Mozilla/5.0 (X11; Linux x86_64) "
                            "AppleWebKit/537.36 (KHTML, like Gecko) "
                            "Chrome/%u.0.0.0 Safari/537.36", major);
            return 0;
        }
    }

    return -1;
}
