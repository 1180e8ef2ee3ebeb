/*
 * Feeds: answers that go on until the peer or the server ends them.
 *
 * A feed takes its socket away from libmicrohttpd, which has 16 KiB for each
 * connection and looks at all those that wait whenever one of them goes on.
 * Here a feed that waits has its socket and nothing else, so that thousands of
 * them cost the calls nothing.
 *
 * The text is asked for when the socket takes some, and one block of it is
 * held at most, so that what is still to be told waits where the handler has
 * it.
 *
 * One timer serves all feeds.  Each has a phase, the tick of every 15 at which
 * it gets its sign of life, so that thousands of feeds that began at once do
 * not speak at once ever after.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server_private.h"


/* bytes of text that are read at once, and blocks that a feed has in turn */

#define SERVER_FEED_BLOCK   (16 * 1024)
#define SERVER_FEED_BLOCKS  4

#define SERVER_FEED_HEAD    256

/* ticks between two signs of life of a feed */

#define SERVER_FEED_PHASES  15


enum server_feed_result {
    SERVER_FEED_WRITTEN = 0,
    SERVER_FEED_WAITS,          /* for text, or for room in the socket */
    SERVER_FEED_OVER
};


struct server_feeding {
    LIST_ENTRY(server_feeding)  link;
    struct server              *server;
    struct server_feed          feed;
    void                       *ctx;        /* the feed's */
    struct event               *left;       /* the peer leaves */
    struct event               *writable;
    int                         fd;
    unsigned                    phase;
    uint64_t                    blocked;    /* ms, since when; 0: it is not */
    char                       *rest;       /* of a block, or NULL */
    size_t                      rest_size;
    bool                        idle;       /* a sign of life is due */
    bool                        ending;     /* behind what there is */
};


static struct server_feeding *server_feed_create(
    struct server_request *request, const struct server_feed *feed,
    void *ctx);
static void server_feed_set_options(const struct server_feeding *feeding);
static void server_feed_end(struct server_feeding *feeding);
static void server_feed_free(struct server_feeding *feeding);
static void server_feed_on_left(int fd, short what, void *ctx);
static void server_feed_on_writable(int fd, short what, void *ctx);
static enum server_feed_result server_feed_write_rest(
    struct server_feeding *feeding);
static enum server_feed_result server_feed_write_block(
    struct server_feeding *feeding);
static enum server_feed_result server_feed_write(
    struct server_feeding *feeding, const char *text, size_t size);
static void server_feed_on_tick(int fd, short what, void *ctx);


bool
server_feed_init(struct server *server)
{
    LIST_INIT(&server->feeds.list);

    server->feeds.tick = event_new(server->base, -1, EV_PERSIST,
                                   server_feed_on_tick, server);

    return server->feeds.tick != NULL;
}


void
server_feed_exit(struct server *server)
{
    while (!LIST_EMPTY(&server->feeds.list)) {
        server_feed_end(LIST_FIRST(&server->feeds.list));
    }

    if (server->feeds.tick != NULL) {
        event_free(server->feeds.tick);
    }
}


void
server_end_feeds(struct server *server)
{
    struct server_feeding  *feeding;

    LIST_FOREACH(feeding, &server->feeds.list, link) {
        feeding->ending = true;
        server_feed_wake(feeding);
    }
}


struct server_feeding *
server_respond_feed(struct server_request *request,
    const struct server_feed *feed, void *ctx)
{
    struct error            error;
    struct timeval          tv;
    struct server          *server;
    struct server_feeding  *feeding;

    feeding = server_feed_create(request, feed, ctx);

    if (feeding == NULL) {
        feed->end(ctx);
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return NULL;
    }

    server = request->server;

    feeding->phase = server->feeds.phase;
    server->feeds.phase = (feeding->phase + 1) % SERVER_FEED_PHASES;
    server->feeds.stats.open++;

    if (LIST_EMPTY(&server->feeds.list)) {
        tv = clock_timeval(server->config.feed_idle / SERVER_FEED_PHASES);
        (void) event_add(server->feeds.tick, &tv);
    }

    LIST_INSERT_HEAD(&server->feeds.list, feeding, link);

    server_feed_wake(feeding);

    return feeding;
}


/* the feed begins with the head of the answer as the rest of a block */

static struct server_feeding *
server_feed_create(struct server_request *request,
    const struct server_feed *feed, void *ctx)
{
    struct event_base      *base;
    struct server_feeding  *feeding;

    base = request->server->base;
    feeding = calloc(1, sizeof(struct server_feeding));

    if (feeding == NULL) {
        return NULL;
    }

    feeding->server = request->server;
    feeding->feed = *feed;
    feeding->ctx = ctx;
    feeding->rest = malloc(SERVER_FEED_HEAD);
    feeding->fd = fcntl(request->connection->fd, F_DUPFD_CLOEXEC, 0);

    if (feeding->rest != NULL && feeding->fd != -1) {
        feeding->rest_size = (size_t) snprintf(feeding->rest,
                                 SERVER_FEED_HEAD, "HTTP/1.1 200 OK\r\n"
                                 "Content-Type: %s\r\n"
                                 "Cache-Control: no-store\r\n"
                                 "Connection: close\r\n\r\n", feed->type);
        feeding->left = event_new(base, feeding->fd,
                                  EV_READ | EV_CLOSED | EV_ET | EV_PERSIST,
                                  server_feed_on_left, feeding);
        feeding->writable = event_new(base, feeding->fd, EV_WRITE,
                                      server_feed_on_writable, feeding);
    }

    if (feeding->left == NULL || feeding->writable == NULL
        || event_add(feeding->left, NULL) != 0
        || !connection_detach(request))
    {
        server_feed_free(feeding);
        return NULL;
    }

    server_feed_set_options(feeding);

    return feeding;
}


/*
 * A TCP socket, as libmicrohttpd leaves it, may wait for more to be sent, and
 * for a peer that is gone without a word; a unix socket has no such options.
 */

static void
server_feed_set_options(const struct server_feeding *feeding)
{
    int       on, off;
    unsigned  stall;

    on = 1;
    off = 0;
    stall = feeding->server->config.feed_stall;

    (void) setsockopt(feeding->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
    (void) setsockopt(feeding->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void) setsockopt(feeding->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall,
                      sizeof(stall));
}


static void
server_feed_end(struct server_feeding *feeding)
{
    struct server_feed_list  *feeds;

    feeds = &feeding->server->feeds;

    LIST_REMOVE(feeding, link);
    feeds->stats.open--;

    if (LIST_EMPTY(&feeds->list)) {
        (void) event_del(feeds->tick);
    }

    feeding->feed.end(feeding->ctx);
    server_feed_free(feeding);
}


static void
server_feed_free(struct server_feeding *feeding)
{
    if (feeding->left != NULL) {
        event_free(feeding->left);
    }

    if (feeding->writable != NULL) {
        event_free(feeding->writable);
    }

    if (feeding->fd != -1) {
        (void) close(feeding->fd);
    }

    free(feeding->rest);
    free(feeding);
}


/* several events that come at once are written together */

void
server_feed_wake(struct server_feeding *feeding)
{
    if (feeding->blocked == 0) {
        event_active(feeding->writable, EV_WRITE, 0);
    }
}


struct server_feed_stats
server_feeds(const struct server_request *request)
{
    return request->server->feeds.stats;
}


static void
server_feed_on_left(int fd, short what, void *ctx)
{
    if (connection_left(fd, what)) {
        server_feed_end(ctx);
    }
}


static void
server_feed_on_writable(int fd, short what, void *ctx)
{
    int                       blocks;
    enum server_feed_result   result;
    struct server_feeding    *feeding = ctx;

    (void) fd;
    (void) what;

    result = server_feed_write_rest(feeding);

    for (blocks = 0; result == SERVER_FEED_WRITTEN; blocks++) {

        if (blocks == SERVER_FEED_BLOCKS) {
            event_active(feeding->writable, EV_WRITE, 0);
            return;
        }

        result = server_feed_write_block(feeding);
    }

    if (result == SERVER_FEED_OVER) {
        server_feed_end(feeding);
    }
}


static enum server_feed_result
server_feed_write_rest(struct server_feeding *feeding)
{
    char                     *rest;
    size_t                    size;
    enum server_feed_result   result;

    rest = feeding->rest;
    size = feeding->rest_size;

    if (rest == NULL) {
        return SERVER_FEED_WRITTEN;
    }

    feeding->rest = NULL;

    result = server_feed_write(feeding, rest, size);

    free(rest);

    return result;
}


static enum server_feed_result
server_feed_write_block(struct server_feeding *feeding)
{
    char    block[SERVER_FEED_BLOCK];
    size_t  n;

    n = feeding->feed.read(feeding->ctx, block, sizeof(block));

    /* between two texts, never within one */

    if (n == 0 && feeding->idle) {
        n = strlen(feeding->feed.idle);
        memcpy(block, feeding->feed.idle, n);
        feeding->idle = false;
    }

    if (n == 0) {
        return feeding->ending ? SERVER_FEED_OVER : SERVER_FEED_WAITS;
    }

    return server_feed_write(feeding, block, n);
}


/* what the socket does not take is kept until it does */

static enum server_feed_result
server_feed_write(struct server_feeding *feeding, const char *text,
    size_t size)
{
    size_t   written;
    ssize_t  n;

    for (written = 0; written < size; written += (size_t) n) {
        n = send(feeding->fd, text + written, size - written,
                 MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n == -1 && errno == EINTR) {
            n = 0;
            continue;
        }

        if (n == -1) {
            break;
        }

        feeding->blocked = 0;
    }

    if (written == size) {
        return SERVER_FEED_WRITTEN;
    }

    if (errno != EAGAIN) {
        return SERVER_FEED_OVER;
    }

    feeding->rest_size = size - written;
    feeding->rest = malloc(feeding->rest_size);

    if (feeding->rest == NULL
        || event_add(feeding->writable, NULL) != 0)
    {
        return SERVER_FEED_OVER;
    }

    memcpy(feeding->rest, text + written, feeding->rest_size);

    if (feeding->blocked == 0) {
        feeding->blocked = clock_ms();
    }

    return SERVER_FEED_WAITS;
}


static void
server_feed_on_tick(int fd, short what, void *ctx)
{
    uint64_t                now;
    unsigned                phase;
    struct server          *server = ctx;
    struct server_feeding  *feeding, *next;

    (void) fd;
    (void) what;

    now = clock_ms();
    phase = server->feeds.ticks++ % SERVER_FEED_PHASES;

    for (feeding = LIST_FIRST(&server->feeds.list); feeding != NULL;
         feeding = next)
    {
        next = LIST_NEXT(feeding, link);

        if (feeding->blocked != 0
            && now - feeding->blocked >= server->config.feed_stall)
        {
            server->feeds.stats.stalled++;
            server_feed_end(feeding);

        } else if (feeding->phase == phase) {
            feeding->idle = true;
            server_feed_wake(feeding);
        }
    }
}
