/*
 * Feeds: answers that go on until the peer or the server ends them.
 *
 * libmicrohttpd asks for the text of a feed whenever the socket takes some.
 * When there is none, the connection is suspended, and server_feed_wake lets
 * it go on.  So a feed holds one block of text at most, and whatever is still
 * to be told waits where the handler has it.
 *
 * One timer serves all feeds.  Each has a phase, the tick of every 15 at which
 * it gets its sign of life, so that thousands of feeds that began at once do
 * not speak at once ever after.
 */

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/server_private.h"


/* bytes of text that are read at once; a peer of HTTP/1.0 has a buffer of it */

#define SERVER_FEED_BLOCK   4096

/* ticks between two signs of life of a feed */

#define SERVER_FEED_PHASES  15


struct server_feeding {
    LIST_ENTRY(server_feeding)  link;
    struct server_request      *request;
    struct server_feed          feed;
    void                       *ctx;        /* the feed's */
    uint64_t                    moved;      /* ms, when a block was asked */
    unsigned                    phase;
    bool                        waiting;    /* suspended: there is no text */
    bool                        idle;       /* a sign of life is due */
    bool                        ending;     /* after what there is */
    bool                        closing;    /* at once */
};


static bool server_feed_headers(struct MHD_Response *response,
    const struct server_feed *feed);
static ssize_t server_feed_read(void *ctx, uint64_t offset, char *to,
    size_t max);
static void server_feed_resume(struct server_feeding *feeding);
static void server_feed_close(struct server_feeding *feeding);
static void server_feed_on_left(void *ctx);
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
        server_feed_resume(feeding);
    }
}


void
server_feed_close_all(struct server *server)
{
    struct server_feeding  *feeding;

    LIST_FOREACH(feeding, &server->feeds.list, link) {
        server_feed_close(feeding);
    }
}


void
server_respond_feed(struct server_request *request,
    const struct server_feed *feed, void *ctx)
{
    struct error            error;
    struct timeval          tv;
    struct server          *server;
    struct MHD_Response    *response;
    struct server_feeding  *feeding;

    response = NULL;
    feeding = calloc(1, sizeof(struct server_feeding));

    if (feeding != NULL) {
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
                                                     SERVER_FEED_BLOCK,
                                                     server_feed_read,
                                                     feeding, NULL);
    }

    if (response == NULL || !server_feed_headers(response, feed)) {
        if (response != NULL) {
            MHD_destroy_response(response);
        }

        free(feeding);
        feed->end(ctx);
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    server = request->server;

    feeding->request = request;
    feeding->feed = *feed;
    feeding->ctx = ctx;
    feeding->moved = clock_ms();
    feeding->phase = server->feeds.phase;

    server->feeds.phase = (feeding->phase + 1) % SERVER_FEED_PHASES;
    server->feeds.stats.open++;

    if (LIST_EMPTY(&server->feeds.list)) {
        tv = clock_timeval(server->config.feed_idle / SERVER_FEED_PHASES);
        (void) event_add(server->feeds.tick, &tv);
    }

    LIST_INSERT_HEAD(&server->feeds.list, feeding, link);

    request->feeding = feeding;

    server_answer(request, 200, response);
}


static bool
server_feed_headers(struct MHD_Response *response,
    const struct server_feed *feed)
{
    return MHD_add_response_header(response, "Content-Type", feed->type)
           == MHD_YES
           && MHD_add_response_header(response, "Cache-Control", "no-store")
              == MHD_YES
           && MHD_add_response_header(response, "Connection", "close")
              == MHD_YES;
}


void
server_feed_start(struct server_request *request)
{
    connection_watch(request->connection, server_feed_on_left,
                     request->feeding);
}


void
server_feed_finish(struct server_request *request)
{
    struct server          *server;
    struct server_feeding  *feeding;

    server = request->server;
    feeding = request->feeding;

    request->feeding = NULL;

    connection_unwatch(request->connection);

    LIST_REMOVE(feeding, link);
    server->feeds.stats.open--;

    if (LIST_EMPTY(&server->feeds.list)) {
        (void) event_del(server->feeds.tick);
    }

    feeding->feed.end(feeding->ctx);
    free(feeding);
}


void
server_feed_wake(struct server_request *request)
{
    server_feed_resume(request->feeding);
}


struct server_feed_stats
server_feeds(const struct server_request *request)
{
    return request->server->feeds.stats;
}


static ssize_t
server_feed_read(void *ctx, uint64_t offset, char *to, size_t max)
{
    size_t                  n;
    struct server_feeding  *feeding = ctx;

    (void) offset;

    feeding->moved = clock_ms();

    if (feeding->closing) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }

    n = feeding->feed.read(feeding->ctx, to, max);

    /* between two texts, never within one */

    if (n == 0 && feeding->idle) {
        n = strlen(feeding->feed.idle);
        memcpy(to, feeding->feed.idle, n);
        feeding->idle = false;
    }

    if (n != 0) {
        return (ssize_t) n;
    }

    if (feeding->ending) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }

    feeding->waiting = true;

    MHD_suspend_connection(feeding->request->mhd);

    return 0;
}


static void
server_feed_resume(struct server_feeding *feeding)
{
    if (!feeding->waiting) {
        return;
    }

    feeding->waiting = false;
    feeding->moved = clock_ms();

    MHD_resume_connection(feeding->request->mhd);

    /* libmicrohttpd does not wake up by itself for a resumed connection */

    event_active(feeding->request->server->timer, EV_TIMEOUT, 0);
}


/* libmicrohttpd ends the request when it reads or writes next */

static void
server_feed_close(struct server_feeding *feeding)
{
    feeding->closing = true;

    (void) shutdown(feeding->request->connection->fd, SHUT_RDWR);

    server_feed_resume(feeding);
}


static void
server_feed_on_left(void *ctx)
{
    server_feed_close(ctx);
}


static void
server_feed_on_tick(int fd, short what, void *ctx)
{
    uint64_t                now;
    unsigned                phase;
    struct server          *server = ctx;
    struct server_feeding  *feeding;

    (void) fd;
    (void) what;

    now = clock_ms();
    phase = server->feeds.ticks++ % SERVER_FEED_PHASES;

    LIST_FOREACH(feeding, &server->feeds.list, link) {

        if (!feeding->waiting
            && now - feeding->moved >= server->config.feed_stall)
        {
            server->feeds.stats.stalled += !feeding->closing;
            server_feed_close(feeding);
            continue;
        }

        if (feeding->phase == phase) {
            feeding->idle = true;
            server_feed_resume(feeding);
        }
    }
}
