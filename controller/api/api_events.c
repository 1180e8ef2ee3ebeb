/*
 * The route of a session's events: Server-Sent Events, of which each is the
 * body of a webhook, with an id by which a reader goes on later.
 */

#include <sys/queue.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "events/inbox_list.h"
#include "events/ring.h"
#include "protocol/idempotency.h"


/* how long a reader waits before it comes back, in ms */

#define API_STREAM_RETRY   "retry: 2000\n\n"

#define API_STREAM_HEAD    (RING_ID_SIZE + 80)
#define API_STREAM_PIECES  3


struct api_stream_piece {
    const char  *data;
    size_t       size;
};


struct api_stream {
    LIST_ENTRY(api_stream)    link;
    struct api               *api;
    struct server_feeding    *feeding;
    struct ring_reader       *reader;
    struct account_event     *event;    /* that is being told, or NULL */
    struct api_stream_piece   pieces[API_STREAM_PIECES];
    size_t                    piece;    /* the one that is being told */
    char                      head[API_STREAM_HEAD];
    char                      scope[WHATSAPP_SCOPE_MAX + 1];
};


static bool api_stream_kinds(const struct server_request *request,
    unsigned *kinds);
static const char *api_stream_last(const struct server_request *request);
static const char *api_stream_full(const struct api_streams *streams,
    const char *scope);
static struct api_stream *api_stream_create(struct api *api,
    struct server_request *request, struct ring *ring, unsigned kinds);
static void api_stream_on_ready(void *ctx);
static size_t api_stream_read(void *ctx, char *to, size_t max);
static bool api_stream_next(struct api_stream *stream);
static void api_stream_end(void *ctx);


static const struct server_feed  api_stream_feed = {
    "text/event-stream",
    ": \n\n",
    api_stream_read,
    api_stream_end
};


void
api_events(struct api *api, struct server_request *request,
    struct session *session)
{
    unsigned                kinds;
    const char             *full;
    struct error            error;
    struct inbox           *inbox;
    struct api_stream      *stream;
    struct server_feeding  *feeding;

    if (!api_stream_kinds(request, &kinds)) {
        api_refuse(request, ERROR_INVALID_PARAMETER, "types must be of "
                   "messages, statuses, echoes, calls and errors, with commas "
                   "between");
        return;
    }

    full = api_stream_full(&api->streams, server_scope(request));

    if (full != NULL) {
        api->streams.refused++;
        api_refuse(request, ERROR_QUEUE_FULL, full);
        return;
    }

    inbox = inbox_list_find(api->services->inboxes, session);
    stream = api_stream_create(api, request, inbox_ring(inbox), kinds);

    if (stream == NULL) {
        error = error_memory();
        server_respond_error(request, &error, NULL);
        return;
    }

    if ((kinds & EVENT_BIT(EVENT_STATUS)) != 0) {
        inbox_want_statuses(inbox);
    }

    feeding = server_respond_feed(request, &api_stream_feed, stream);

    if (feeding != NULL) {
        stream->feeding = feeding;
    }
}


static bool
api_stream_kinds(const struct server_request *request, unsigned *kinds)
{
    size_t            len;
    const char       *types;
    enum event_kind   kind;

    types = server_query(request, "types");

    if (types == NULL || *types == '\0') {
        *kinds = EVENT_DEFAULT;
        return true;
    }

    *kinds = 0;

    for ( ;; ) {
        len = strcspn(types, ",");
        kind = event_kind_find(types, len);

        if (kind == EVENT_KINDS) {
            return false;
        }

        *kinds |= EVENT_BIT(kind);

        if (types[len] == '\0') {
            return true;
        }

        types += len + 1;
    }
}


/* the id of the last event that the reader has got, or NULL */

static const char *
api_stream_last(const struct server_request *request)
{
    const char  *last;

    last = server_header(request, "Last-Event-ID");

    if (last == NULL || *last == '\0') {
        last = server_query(request, "last_event_id");
    }

    return (last != NULL && *last != '\0') ? last : NULL;
}


/* why there can be no further stream, or NULL */

static const char *
api_stream_full(const struct api_streams *streams, const char *scope)
{
    size_t                    n;
    const struct api_stream  *stream;

    if (streams->count >= streams->max) {
        return "There are as many event streams as there may be";
    }

    if (scope == NULL) {
        return NULL;
    }

    n = 0;

    LIST_FOREACH(stream, &streams->list, link) {
        n += strcmp(stream->scope, scope) == 0;
    }

    return n >= streams->per_token
           ? "The access token has as many event streams as it may" : NULL;
}


static struct api_stream *
api_stream_create(struct api *api, struct server_request *request,
    struct ring *ring, unsigned kinds)
{
    const char         *scope;
    struct api_stream  *stream;

    stream = calloc(1, sizeof(struct api_stream));

    if (stream == NULL) {
        return NULL;
    }

    stream->reader = ring_subscribe(ring, api_stream_last(request), kinds,
                                    api_stream_on_ready, stream);

    if (stream->reader == NULL) {
        free(stream);
        return NULL;
    }

    scope = server_scope(request);

    if (scope != NULL) {
        (void) snprintf(stream->scope, sizeof(stream->scope), "%s", scope);
    }

    stream->api = api;
    stream->pieces[0].data = API_STREAM_RETRY;
    stream->pieces[0].size = sizeof(API_STREAM_RETRY) - 1;

    LIST_INSERT_HEAD(&api->streams.list, stream, link);
    api->streams.count++;

    return stream;
}


static void
api_stream_on_ready(void *ctx)
{
    struct api_stream  *stream = ctx;

    server_feed_wake(stream->feeding);
}


static size_t
api_stream_read(void *ctx, char *to, size_t max)
{
    size_t                    n, size;
    struct api_stream        *stream = ctx;
    struct api_stream_piece  *piece;

    size = 0;

    while (size < max) {

        if (stream->piece == API_STREAM_PIECES && !api_stream_next(stream)) {
            break;
        }

        piece = &stream->pieces[stream->piece];
        n = piece->size < max - size ? piece->size : max - size;

        if (n != 0) {
            memcpy(to + size, piece->data, n);
            piece->data += n;
            piece->size -= n;
            size += n;
        }

        if (piece->size == 0) {
            stream->piece++;
        }
    }

    return size;
}


/* false: all has been told */

static bool
api_stream_next(struct api_stream *stream)
{
    struct ring_item          item;
    struct api_stream_piece  *pieces = stream->pieces;

    event_release(stream->event);
    stream->event = NULL;

    if (!ring_next(stream->reader, &item)) {
        return false;
    }

    memset(pieces, 0, sizeof(stream->pieces));

    if (item.event != NULL) {
        stream->event = event_hold(item.event);

        (void) snprintf(stream->head, sizeof(stream->head), "id: %s\ndata: ",
                        item.id);

        pieces[1].data = stream->event->body;
        pieces[1].size = stream->event->size;

    } else {
        stream->api->streams.gaps++;

        (void) snprintf(stream->head, sizeof(stream->head),
                        item.missed != 0
                        ? "id: %s\nevent: gap\ndata: {\"missed\":%" PRIu64 "}"
                        : "id: %s\nevent: gap\ndata: {\"missed\":null}",
                        item.id, item.missed);
    }

    pieces[0].data = stream->head;
    pieces[0].size = strlen(stream->head);
    pieces[2].data = "\n\n";
    pieces[2].size = 2;

    stream->piece = 0;

    return true;
}


static void
api_stream_end(void *ctx)
{
    struct api_stream  *stream = ctx;

    LIST_REMOVE(stream, link);
    stream->api->streams.count--;

    ring_unsubscribe(stream->reader);
    event_release(stream->event);
    free(stream);
}
