/*
 * The Chrome DevTools Protocol over one socket.
 *
 * A call is a number, a deadline and a function.  The messages that are not
 * written yet stand in a list, and each knows its call: a call that ends while
 * not one byte of its message was sent takes the message with it, and its
 * caller learns that nothing happened.  A message of which a part was sent
 * stays, without a call, because the stream can't be cut.
 *
 * A broken connection is only marked.  The loop then completes all calls, so
 * that no callback runs inside the function in which the error was found.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <event2/event_struct.h>

#include "base/clock.h"
#include "base/stringify.h"
#include "chrome/cdp.h"
#include "chrome/cdp_frame.h"


#define CDP_BUCKETS      64
#define CDP_READS        8      /* per wake-up, 64 KiB or more each */
#define CDP_IOVECS       16     /* messages written at once */
#define CDP_SESSION_MAX  64     /* Chrome's session ids have 32 characters */
#define CDP_ID_MAX       0x7fffffff    /* Chrome reads ids as int */


/* a message that is not written yet; the NUL that ends text is sent too */
struct cdp_message {
    TAILQ_ENTRY(cdp_message)   link;
    struct cdp_call           *call;    /* NULL: timed out in the middle */
    char                      *text;
    size_t                     size;    /* with the NUL */
    size_t                     sent;
};


struct cdp_call {
    LIST_ENTRY(cdp_call)       link;
    struct cdp                *cdp;
    struct cdp_message        *message;  /* NULL: written */
    cdp_answer_pt              answer;
    void                      *ctx;
    const char                *method;
    uint32_t                   id;
    struct event               timer;
    char                       session[CDP_SESSION_MAX];
};


LIST_HEAD(cdp_calls, cdp_call);
TAILQ_HEAD(cdp_messages, cdp_message);


struct cdp {
    const struct cdp_handlers  *handlers;
    void                       *ctx;
    struct event_base          *base;
    int                         fd;
    struct event               *read;
    struct event               *write;
    struct event               *closed;   /* activated by hand */
    bool                        broken;
    uint32_t                    next_id;
    size_t                      queued;   /* bytes in messages */
    struct cdp_messages         messages;
    struct cdp_calls            calls[CDP_BUCKETS];
    struct cdp_frame            frame;
};


static void cdp_read_handler(evutil_socket_t fd, short what, void *arg);
static void cdp_break(struct cdp *cdp);
static void cdp_message_handler(struct cdp *cdp, const char *text,
    size_t size);
static bool cdp_wanted(struct cdp *cdp, const char *text, size_t size);
static void cdp_unreadable(struct cdp *cdp, const char *text);
static struct cdp_call *cdp_find(struct cdp *cdp, uint32_t id);
static void cdp_complete(struct cdp *cdp, struct cdp_call *call,
    enum cdp_status status, json_t *result);
static enum cdp_status cdp_detach(struct cdp *cdp, struct cdp_call *call,
    enum cdp_status status);
static void cdp_message_destroy(struct cdp *cdp, struct cdp_message *message);
static void cdp_answer(struct cdp *cdp, json_t *root, json_int_t id);
static void cdp_write_handler(evutil_socket_t fd, short what, void *arg);
static void cdp_flush(struct cdp *cdp);
static void cdp_closed_handler(evutil_socket_t fd, short what, void *arg);
static void cdp_fail_matching(struct cdp *cdp, const char *session,
    const char *method, const void *ctx);
static uint32_t cdp_id(struct cdp *cdp);
static void cdp_timeout_handler(evutil_socket_t fd, short what, void *arg);
static struct cdp_message *cdp_message_create(struct cdp *cdp,
    struct cdp_call *call, const char *session, json_t *params);
static void cdp_event_free(struct event *ev);


struct cdp *
cdp_create(struct event_base *base, int fd, uint32_t first_id,
    const struct cdp_handlers *handlers, void *ctx)
{
    struct cdp  *cdp;

    cdp = calloc(1, sizeof(struct cdp));
    if (cdp == NULL) {
        close(fd);
        return NULL;
    }

    cdp->handlers = handlers;
    cdp->ctx = ctx;
    cdp->base = base;
    cdp->fd = fd;
    cdp->next_id = first_id;

    TAILQ_INIT(&cdp->messages);
    cdp_frame_init(&cdp->frame, CDP_INCOMING_MAX);

    cdp->read = event_new(base, fd, EV_READ|EV_PERSIST, cdp_read_handler, cdp);
    cdp->write = event_new(base, fd, EV_WRITE|EV_PERSIST, cdp_write_handler,
                           cdp);
    cdp->closed = event_new(base, -1, 0, cdp_closed_handler, cdp);

    if (cdp->read == NULL || cdp->write == NULL || cdp->closed == NULL
        || evutil_make_socket_nonblocking(fd) != 0
        || event_add(cdp->read, NULL) != 0)
    {
        cdp_destroy(cdp);
        return NULL;
    }

    return cdp;
}


bool
cdp_call(struct cdp *cdp, const char *session, const char *method,
    json_t *params, unsigned timeout_ms, cdp_answer_pt answer, void *ctx)
{
    bool              idle;
    struct timeval    tv;
    struct cdp_call  *call;

    call = NULL;

    if (!cdp->broken
        && (session == NULL || strlen(session) < CDP_SESSION_MAX))
    {
        call = calloc(1, sizeof(struct cdp_call));
    }

    if (call == NULL) {
        json_decref(params);
        return false;
    }

    call->cdp = cdp;
    call->id = cdp_id(cdp);
    call->method = method;
    call->answer = answer;
    call->ctx = ctx;

    if (session != NULL) {
        memcpy(call->session, session, strlen(session));
    }

    tv = clock_timeval(timeout_ms);
    idle = TAILQ_EMPTY(&cdp->messages);

    if (evtimer_assign(&call->timer, cdp->base, cdp_timeout_handler, call) != 0
        || evtimer_add(&call->timer, &tv) != 0)
    {
        json_decref(params);
        free(call);
        return false;
    }

    if (cdp_message_create(cdp, call, session, params) == NULL) {
        evtimer_del(&call->timer);
        free(call);
        return false;
    }

    LIST_INSERT_HEAD(&cdp->calls[call->id % CDP_BUCKETS], call, link);

    if (idle) {
        cdp_flush(cdp);
    }

    return true;
}


void
cdp_fail(struct cdp *cdp, const char *session, const char *method,
    const void *ctx)
{
    cdp_fail_matching(cdp, session != NULL ? session : "", method, ctx);
}


void
cdp_destroy(struct cdp *cdp)
{
    if (cdp == NULL) {
        return;
    }

    cdp->broken = true;

    cdp_event_free(cdp->read);
    cdp_event_free(cdp->write);
    cdp_event_free(cdp->closed);

    cdp_fail_matching(cdp, NULL, NULL, NULL);

    while (!TAILQ_EMPTY(&cdp->messages)) {
        cdp_message_destroy(cdp, TAILQ_FIRST(&cdp->messages));
    }

    cdp_frame_free(&cdp->frame);
    close(cdp->fd);
    free(cdp);
}


static void
cdp_read_handler(evutil_socket_t fd, short what, void *arg)
{
    int                     i;
    char                   *text;
    size_t                  size;
    ssize_t                 n;
    struct cdp             *cdp = arg;
    enum cdp_frame_status   status;

    (void) what;

    for (i = 0; i < CDP_READS && !cdp->broken; i++) {

        text = cdp_frame_space(&cdp->frame, &size);

        n = (text != NULL) ? recv(fd, text, size, MSG_DONTWAIT) : 0;

        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }

        if (n <= 0) {
            cdp_break(cdp);
            return;
        }

        cdp_frame_received(&cdp->frame, (size_t) n);

        while ((status = cdp_frame_next(&cdp->frame, &text, &size))
               != CDP_FRAME_AGAIN)
        {
            if (status == CDP_FRAME_MESSAGE) {
                cdp_message_handler(cdp, text, size);

            } else {
                cdp_unreadable(cdp, text);
            }
        }

        if ((size_t) n < 65536) {
            return;
        }
    }
}


static void
cdp_break(struct cdp *cdp)
{
    if (cdp->broken) {
        return;
    }

    cdp->broken = true;

    event_del(cdp->read);
    event_del(cdp->write);
    event_active(cdp->closed, EV_TIMEOUT, 0);
}


static void
cdp_message_handler(struct cdp *cdp, const char *text, size_t size)
{
    json_t      *root, *id;
    const char  *method;

    if (!cdp_wanted(cdp, text, size)) {
        return;
    }

    root = json_loadb(text, size, JSON_ALLOW_NUL, NULL);

    if (root == NULL) {
        cdp_unreadable(cdp, text);
        return;
    }

    id = json_object_get(root, "id");
    method = json_string_value(json_object_get(root, "method"));

    if (json_is_integer(id)) {
        cdp_answer(cdp, root, json_integer_value(id));

    } else if (method != NULL) {
        cdp->handlers->event(cdp->ctx,
                       json_string_value(json_object_get(root, "sessionId")),
                       method, json_object_get(root, "params"));
    }

    json_decref(root);
}


/* Chrome writes the name of an event first, so that an event that nobody waits
   for need not be parsed: console output can be most of the traffic */

static bool
cdp_wanted(struct cdp *cdp, const char *text, size_t size)
{
    size_t              length;
    const char *const  *name;

    static const char   head[] = "{\"method\":\"";

    if (size < sizeof(head) || memcmp(text, head, sizeof(head) - 1) != 0) {
        return true;
    }

    text += sizeof(head) - 1;

    for (name = cdp->handlers->events; *name != NULL; name++) {
        length = strlen(*name);

        if (strncmp(text, *name, length) == 0 && text[length] == '"') {
            return true;
        }
    }

    return false;
}


/* an answer that is too large, or no valid JSON because the page put half of a
   surrogate pair in a string, still ends its call */

static void
cdp_unreadable(struct cdp *cdp, const char *text)
{
    char             *end;
    unsigned long     id;
    struct cdp_call  *call;

    static const char   head[] = "{\"id\":";

    if (strncmp(text, head, sizeof(head) - 1) != 0) {
        return;
    }

    text += sizeof(head) - 1;
    id = strtoul(text, &end, 10);

    if (end == text || id > CDP_ID_MAX) {
        return;
    }

    call = cdp_find(cdp, (uint32_t) id);

    if (call != NULL) {
        cdp_complete(cdp, call, CDP_LOST, NULL);
    }
}


static struct cdp_call *
cdp_find(struct cdp *cdp, uint32_t id)
{
    struct cdp_call  *call;

    LIST_FOREACH(call, &cdp->calls[id % CDP_BUCKETS], link) {
        if (call->id == id) {
            return call;
        }
    }

    return NULL;
}


static void
cdp_complete(struct cdp *cdp, struct cdp_call *call, enum cdp_status status,
    json_t *result)
{
    status = cdp_detach(cdp, call, status);

    call->answer(call->ctx, status, result);

    free(call);
}


/* takes a call out of all lists, so that only the caller can complete it;
   returns the status for it, which is the given one unless nothing was sent */

static enum cdp_status
cdp_detach(struct cdp *cdp, struct cdp_call *call, enum cdp_status status)
{
    struct cdp_message  *message;

    LIST_REMOVE(call, link);
    evtimer_del(&call->timer);

    message = call->message;

    if (message == NULL) {
        return status;
    }

    if (message->sent != 0) {
        message->call = NULL;
        return status;
    }

    cdp_message_destroy(cdp, message);

    return CDP_NOT_WRITTEN;
}


static void
cdp_message_destroy(struct cdp *cdp, struct cdp_message *message)
{
    TAILQ_REMOVE(&cdp->messages, message, link);
    cdp->queued -= message->size;

    if (message->call != NULL) {
        message->call->message = NULL;
    }

    free(message->text);
    free(message);
}


static void
cdp_answer(struct cdp *cdp, json_t *root, json_int_t id)
{
    json_t           *error, *code;
    struct cdp_call  *call;

    if (id < 1 || id > CDP_ID_MAX) {
        return;
    }

    call = cdp_find(cdp, (uint32_t) id);

    if (call == NULL) {
        return;
    }

    error = json_object_get(root, "error");

    if (error == NULL) {
        cdp_complete(cdp, call, CDP_OK, json_object_get(root, "result"));
        return;
    }

    code = json_object_get(error, "code");

    /* -32001, no such session, means that Chrome did not look at the rest */

    cdp_complete(cdp, call,
                 json_integer_value(code) == -32001 ? CDP_NOT_WRITTEN
                                                    : CDP_ERROR,
                 error);
}


static void
cdp_write_handler(evutil_socket_t fd, short what, void *arg)
{
    (void) fd;
    (void) what;

    cdp_flush(arg);
}


static void
cdp_flush(struct cdp *cdp)
{
    int                  n;
    size_t               part;
    ssize_t              sent;
    struct iovec         iov[CDP_IOVECS];
    struct msghdr        header;
    struct cdp_message  *message;

    while (!TAILQ_EMPTY(&cdp->messages)) {

        n = 0;

        TAILQ_FOREACH(message, &cdp->messages, link) {
            iov[n].iov_base = message->text + message->sent;
            iov[n].iov_len = message->size - message->sent;

            if (++n == CDP_IOVECS) {
                break;
            }
        }

        memset(&header, 0, sizeof(struct msghdr));
        header.msg_iov = iov;
        header.msg_iovlen = (size_t) n;

        sent = sendmsg(cdp->fd, &header, MSG_NOSIGNAL|MSG_DONTWAIT);

        if (sent < 0) {
            if (errno == EINTR) {
                continue;
            }

            if (errno != EAGAIN || event_add(cdp->write, NULL) != 0) {
                cdp_break(cdp);
            }

            return;
        }

        while (sent > 0) {
            message = TAILQ_FIRST(&cdp->messages);

            part = message->size - message->sent;

            if ((size_t) sent < part) {
                message->sent += (size_t) sent;
                break;
            }

            sent -= (ssize_t) part;
            cdp_message_destroy(cdp, message);
        }
    }

    event_del(cdp->write);
}


static void
cdp_closed_handler(evutil_socket_t fd, short what, void *arg)
{
    struct cdp  *cdp = arg;

    (void) fd;
    (void) what;

    cdp->handlers->closed(cdp->ctx);

    cdp_fail_matching(cdp, NULL, NULL, NULL);
}


/* session "" is the browser itself, NULL stands for all; callbacks may make
   new calls, so the failing ones are set aside first */

static void
cdp_fail_matching(struct cdp *cdp, const char *session, const char *method,
    const void *ctx)
{
    size_t             i;
    enum cdp_status    status;
    struct cdp_call   *call, *next;
    struct cdp_calls   failed;

    LIST_INIT(&failed);

    for (i = 0; i < CDP_BUCKETS; i++) {
        for (call = LIST_FIRST(&cdp->calls[i]); call != NULL; call = next) {
            next = LIST_NEXT(call, link);

            if ((session != NULL && strcmp(call->session, session) != 0)
                || (method != NULL && strcmp(call->method, method) != 0)
                || (ctx != NULL && call->ctx != ctx))
            {
                continue;
            }

            LIST_REMOVE(call, link);
            LIST_INSERT_HEAD(&failed, call, link);
        }
    }

    while (!LIST_EMPTY(&failed)) {
        call = LIST_FIRST(&failed);

        status = cdp_detach(cdp, call, CDP_LOST);
        call->answer(call->ctx, status, NULL);

        free(call);
    }
}


static uint32_t
cdp_id(struct cdp *cdp)
{
    uint32_t  id;

    do {
        id = cdp->next_id;
        cdp->next_id = (id >= CDP_ID_MAX) ? 1 : id + 1;
    } while (cdp_find(cdp, id) != NULL);

    return id;
}


static void
cdp_timeout_handler(evutil_socket_t fd, short what, void *arg)
{
    struct cdp_call  *call = arg;

    (void) fd;
    (void) what;

    cdp_complete(call->cdp, call, CDP_TIMEOUT, NULL);
}


static struct cdp_message *
cdp_message_create(struct cdp *cdp, struct cdp_call *call, const char *session,
    json_t *params)
{
    json_t              *root;
    struct cdp_message  *message;

    root = json_pack("{s:i, s:s, s:o, s:s*}", "id", (int) call->id,
                     "method", call->method, "params",
                     params != NULL ? params : json_object(),
                     "sessionId", session);
    if (root == NULL) {
        return NULL;
    }

    message = calloc(1, sizeof(struct cdp_message));

    if (message != NULL) {
        message->text = stringify_utf8(root, &message->size);
    }

    json_decref(root);

    if (message == NULL || message->text == NULL) {
        free(message);
        return NULL;
    }

    message->size++;

    if (message->size > CDP_MESSAGE_MAX
        || message->size > CDP_QUEUE_MAX - cdp->queued)
    {
        free(message->text);
        free(message);
        return NULL;
    }

    message->call = call;
    call->message = message;

    cdp->queued += message->size;
    TAILQ_INSERT_TAIL(&cdp->messages, message, link);

    return message;
}


static void
cdp_event_free(struct event *ev)
{
    if (ev != NULL) {
        event_free(ev);
    }
}
