/*
 * One event for each of libcurl's sockets, and one timer.
 */

#include <sys/socket.h>

#include <stdlib.h>

#include "base/clock.h"
#include "net/transfer.h"


/* idle connections that a loop keeps */

#define TRANSFER_CONNECTIONS  256L


struct transfer_loop {
    struct event_base  *base;
    CURLM              *multi;
    struct event       *timer;
};


static curl_socket_t transfer_open_socket(void *ctx, curlsocktype purpose,
    struct curl_sockaddr *address);
static int transfer_on_socket(CURL *easy, curl_socket_t fd, int what,
    void *ctx, void *socket_ctx);
static int transfer_on_timer_change(CURLM *multi, long ms, void *ctx);
static void transfer_on_ready(evutil_socket_t fd, short what, void *ctx);
static void transfer_on_timeout(evutil_socket_t fd, short what, void *ctx);
static void transfer_collect(struct transfer_loop *loop);


struct transfer_loop *
transfer_loop_create(struct event_base *base)
{
    struct transfer_loop  *loop;

    loop = calloc(1, sizeof(struct transfer_loop));

    if (loop == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        free(loop);
        return NULL;
    }

    loop->base = base;
    loop->multi = curl_multi_init();
    loop->timer = evtimer_new(base, transfer_on_timeout, loop);

    if (loop->multi == NULL || loop->timer == NULL) {
        transfer_loop_destroy(loop);
        return NULL;
    }

    (void) curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION,
                             transfer_on_socket);
    (void) curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    (void) curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION,
                             transfer_on_timer_change);
    (void) curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    (void) curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS,
                             TRANSFER_CONNECTIONS);

    return loop;
}


void
transfer_loop_destroy(struct transfer_loop *loop)
{
    if (loop == NULL) {
        return;
    }

    if (loop->multi != NULL) {
        (void) curl_multi_cleanup(loop->multi);
    }

    if (loop->timer != NULL) {
        event_free(loop->timer);
    }

    free(loop);

    curl_global_cleanup();
}


bool
transfer_open(struct transfer *transfer, const char *url)
{
    int    rc;
    CURL  *easy;

    easy = curl_easy_init();
    transfer->easy = easy;

    if (easy == NULL) {
        return false;
    }

    rc = curl_easy_setopt(easy, CURLOPT_URL, url);
    rc |= curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);

    /* no proxy: the guard would check the proxy's address */

    rc |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    rc |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    rc |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION,
                           transfer_open_socket);
    rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    rc |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                           (long) TRANSFER_CONNECT_MS);
    rc |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "whatsapp-controller");

    /* asks for no encoding, and decodes what comes encoded nevertheless */

    rc |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "identity");

    /* no signals, and no wait for a resolver's thread at the end */

    rc |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    rc |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);

    return rc == 0;
}


bool
transfer_start(struct transfer_loop *loop, struct transfer *transfer)
{
    if (curl_multi_add_handle(loop->multi, transfer->easy) != CURLM_OK) {
        return false;
    }

    transfer->loop = loop;

    return true;
}


void
transfer_close(struct transfer *transfer)
{
    if (transfer->loop != NULL) {
        (void) curl_multi_remove_handle(transfer->loop->multi,
                                        transfer->easy);
        transfer->loop = NULL;
    }

    curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
}


static curl_socket_t
transfer_open_socket(void *ctx, curlsocktype purpose,
    struct curl_sockaddr *address)
{
    struct transfer  *transfer = ctx;

    (void) purpose;

    if (!address_guard_permits(transfer->guard, &address->addr)
        || (transfer->only_listed
            && !address_guard_lists(transfer->guard, &address->addr)))
    {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }

    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}


/* socket_ctx is the socket's event, NULL for a new one */

static int
transfer_on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx,
    void *socket_ctx)
{
    short                  events;
    struct event          *event = socket_ctx;
    struct transfer_loop  *loop = ctx;

    (void) easy;

    if (event != NULL) {
        event_free(event);
        (void) curl_multi_assign(loop->multi, fd, NULL);
    }

    if (what == CURL_POLL_REMOVE) {
        return 0;
    }

    events = EV_PERSIST;
    events |= (what & CURL_POLL_IN) != 0 ? EV_READ : 0;
    events |= (what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0;

    event = event_new(loop->base, fd, events, transfer_on_ready, loop);

    if (event == NULL || event_add(event, NULL) != 0) {

        /* without the event, the transfer ends by its time-out */

        if (event != NULL) {
            event_free(event);
        }

        return 0;
    }

    (void) curl_multi_assign(loop->multi, fd, event);

    return 0;
}


static int
transfer_on_timer_change(CURLM *multi, long ms, void *ctx)
{
    struct timeval         tv;
    struct transfer_loop  *loop = ctx;

    (void) multi;

    if (ms < 0) {
        (void) evtimer_del(loop->timer);
        return 0;
    }

    tv = clock_timeval((uint64_t) ms);
    (void) evtimer_add(loop->timer, &tv);

    return 0;
}


static void
transfer_on_ready(evutil_socket_t fd, short what, void *ctx)
{
    int                    running, mask;
    struct transfer_loop  *loop = ctx;

    mask = (what & EV_READ) != 0 ? CURL_CSELECT_IN : 0;
    mask |= (what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0;

    (void) curl_multi_socket_action(loop->multi, fd, mask, &running);

    transfer_collect(loop);
}


static void
transfer_on_timeout(evutil_socket_t fd, short what, void *ctx)
{
    int                    running;
    struct transfer_loop  *loop = ctx;

    (void) fd;
    (void) what;

    (void) curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0,
                                    &running);

    transfer_collect(loop);
}


static void
transfer_collect(struct transfer_loop *loop)
{
    int               left;
    char             *private;
    CURLcode          code;
    CURLMsg          *message;
    struct transfer  *transfer;

    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL) {

        /* the message is gone with the transfer */

        code = message->data.result;

        if (message->msg == CURLMSG_DONE
            && curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                                 &private) == CURLE_OK)
        {
            transfer = (struct transfer *) private;
            transfer->done(transfer->ctx, code);
        }
    }
}
