/*
 * Copies of the sockets of answered connections, and what is read from them.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/linger.h"


#define LINGER_MAX        64
#define LINGER_MS         30000                 /* of one, at most */
#define LINGER_QUIET_MS   5000                  /* without a byte */
#define LINGER_BYTES_MAX  (128 * 1024 * 1024)   /* of one, at most */
#define LINGER_PIECE      65536


struct lingering {
    LIST_ENTRY(lingering)  link;
    struct lingers        *lingers;
    struct event          *event;
    uint64_t               until;    /* ms */
    uint64_t               bytes;    /* read so far */
    int                    fd;
};


static void linger_on_event(int fd, short what, void *ctx);
static bool linger_read(struct lingering *linger);
static void linger_destroy(struct lingering *linger);


void
lingers_init(struct lingers *lingers)
{
    LIST_INIT(&lingers->list);
    lingers->count = 0;
}


void
lingers_add(struct lingers *lingers, struct event_base *base, int fd)
{
    struct timeval     quiet;
    struct lingering  *linger;

    if (lingers->count == LINGER_MAX) {
        return;
    }

    linger = calloc(1, sizeof(struct lingering));

    if (linger == NULL) {
        return;
    }

    linger->lingers = lingers;
    linger->until = clock_ms() + LINGER_MS;
    linger->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    LIST_INSERT_HEAD(&lingers->list, linger, link);
    lingers->count++;

    quiet = clock_timeval(LINGER_QUIET_MS);

    if (linger->fd != -1) {
        linger->event = event_new(base, linger->fd, EV_READ | EV_PERSIST,
                                  linger_on_event, linger);
    }

    if (linger->event == NULL || event_add(linger->event, &quiet) != 0) {
        linger_destroy(linger);
    }
}


void
lingers_end(struct lingers *lingers)
{
    struct lingering  *linger;

    while (!LIST_EMPTY(&lingers->list)) {
        linger = LIST_FIRST(&lingers->list);
        linger_destroy(linger);
    }
}


static void
linger_on_event(int fd, short what, void *ctx)
{
    struct lingering  *linger = ctx;

    (void) fd;

    if ((what & EV_TIMEOUT) != 0 || !linger_read(linger)) {
        linger_destroy(linger);
    }
}


/* false when it is over */

static bool
linger_read(struct lingering *linger)
{
    char     piece[LINGER_PIECE];
    ssize_t  n;

    n = recv(linger->fd, piece, sizeof(piece), MSG_DONTWAIT);

    if (n == -1) {
        return errno == EAGAIN || errno == EINTR;
    }

    linger->bytes += (uint64_t) n;

    return n > 0 && linger->bytes < LINGER_BYTES_MAX
           && clock_ms() < linger->until;
}


static void
linger_destroy(struct lingering *linger)
{
    LIST_REMOVE(linger, link);
    linger->lingers->count--;

    if (linger->event != NULL) {
        event_free(linger->event);
    }

    if (linger->fd != -1) {
        (void) close(linger->fd);
    }

    free(linger);
}
