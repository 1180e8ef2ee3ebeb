/*
 * libcurl's multi interface on libevent: one event for each of its sockets,
 * one timer.
 */

#include <sys/queue.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "media/fetch.h"


#define FETCH_MAX           32       /* downloads at once */
#define FETCH_REDIRECTS     3
#define FETCH_CONNECT_MS    10000
#define FETCH_SLOW_BYTES    1024     /* a second, */
#define FETCH_SLOW_SECONDS  15       /* for so long: too slow */
#define FETCH_BUFFER        (64 * 1024)
#define FETCH_HEADERS       (64 * 1024)    /* bytes of a download's answers */
#define FETCH_GOOD          200            /* the status of a whole file */


struct fetch {
    LIST_ENTRY(fetch)       link;
    struct fetcher         *fetcher;
    CURL                   *easy;
    struct fetch_handlers   handlers;
    void                   *ctx;
    uint64_t                left;       /* bytes that may still come */
    size_t                  headers;    /* bytes, with those of redirects */
    bool                    refused;
    bool                    stopped;
};


LIST_HEAD(fetch_list, fetch);


struct fetcher {
    struct event_base           *base;
    const struct address_guard  *guard;
    CURLM                       *multi;
    struct event                *timer;
    struct fetch_list            fetches;
    size_t                       n;
};


static bool fetch_set_up(struct fetch *fetch, const char *url,
    uint64_t max, uint64_t timeout_ms);
static curl_socket_t fetch_open_socket(void *ctx, curlsocktype purpose,
    struct curl_sockaddr *address);
static size_t fetch_on_header(char *data, size_t size, size_t n, void *ctx);
static size_t fetch_on_data(char *data, size_t size, size_t n, void *ctx);
static int fetch_on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx,
    void *socket_ctx);
static int fetch_on_timer_change(CURLM *multi, long ms, void *ctx);
static void fetch_on_ready(evutil_socket_t fd, short what, void *ctx);
static void fetch_on_timeout(evutil_socket_t fd, short what, void *ctx);
static void fetch_collect(struct fetcher *fetcher);
static void fetch_end(struct fetch *fetch, CURLcode code);
static enum fetch_status fetch_status(const struct fetch *fetch,
    CURLcode code);


struct fetcher *
fetcher_create(struct event_base *base, const struct address_guard *guard)
{
    struct fetcher  *fetcher;

    fetcher = calloc(1, sizeof(struct fetcher));

    if (fetcher == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        free(fetcher);
        return NULL;
    }

    fetcher->base = base;
    fetcher->guard = guard;
    fetcher->multi = curl_multi_init();
    fetcher->timer = evtimer_new(base, fetch_on_timeout, fetcher);

    LIST_INIT(&fetcher->fetches);

    if (fetcher->multi == NULL || fetcher->timer == NULL) {
        fetcher_destroy(fetcher);
        return NULL;
    }

    (void) curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION,
                             fetch_on_socket);
    (void) curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
    (void) curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION,
                             fetch_on_timer_change);
    (void) curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);

    return fetcher;
}


void
fetcher_destroy(struct fetcher *fetcher)
{
    if (fetcher == NULL) {
        return;
    }

    if (fetcher->multi != NULL) {
        (void) curl_multi_cleanup(fetcher->multi);
    }

    if (fetcher->timer != NULL) {
        event_free(fetcher->timer);
    }

    free(fetcher);

    curl_global_cleanup();
}


struct fetch *
fetch_start(struct fetcher *fetcher, const char *url, uint64_t max,
    uint64_t timeout_ms, const struct fetch_handlers *handlers, void *ctx)
{
    struct fetch  *fetch;

    if (fetcher->n == FETCH_MAX) {
        return NULL;
    }

    fetch = calloc(1, sizeof(struct fetch));

    if (fetch == NULL) {
        return NULL;
    }

    fetch->fetcher = fetcher;
    fetch->handlers = *handlers;
    fetch->ctx = ctx;
    fetch->left = max;
    fetch->easy = curl_easy_init();

    if (fetch->easy == NULL || !fetch_set_up(fetch, url, max, timeout_ms)
        || curl_multi_add_handle(fetcher->multi, fetch->easy) != CURLM_OK)
    {
        curl_easy_cleanup(fetch->easy);
        free(fetch);
        return NULL;
    }

    LIST_INSERT_HEAD(&fetcher->fetches, fetch, link);
    fetcher->n++;

    return fetch;
}


void
fetch_cancel(struct fetch *fetch)
{
    LIST_REMOVE(fetch, link);
    fetch->fetcher->n--;

    (void) curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy);
    curl_easy_cleanup(fetch->easy);
    free(fetch);
}


static bool
fetch_set_up(struct fetch *fetch, const char *url, uint64_t max,
    uint64_t timeout_ms)
{
    int    rc;
    CURL  *easy;

    easy = fetch->easy;

    rc = curl_easy_setopt(easy, CURLOPT_URL, url);
    rc |= curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);

    /* no proxy: the guard would check the proxy's address */

    rc |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    rc |= curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    rc |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    rc |= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    rc |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    rc |= curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long) FETCH_REDIRECTS);
    rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION,
                           fetch_open_socket);
    rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);

    /* the guard is asked for new connections only */

    rc |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);

    rc |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) timeout_ms);
    rc |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                           (long) FETCH_CONNECT_MS);
    rc |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
                           (long) FETCH_SLOW_BYTES);
    rc |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                           (long) FETCH_SLOW_SECONDS);
    rc |= curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                           (curl_off_t) max);
    rc |= curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long) FETCH_BUFFER);
    rc |= curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    rc |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, fetch_on_header);
    rc |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
    rc |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, fetch_on_data);
    rc |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
    rc |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "whatsapp-controller");

    /* asks for no encoding, and decodes what comes encoded nevertheless */

    rc |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "identity");

    /* no signals, and no wait for a resolver's thread at the end */

    rc |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    rc |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);

    return rc == 0;
}


static curl_socket_t
fetch_open_socket(void *ctx, curlsocktype purpose,
    struct curl_sockaddr *address)
{
    struct fetch  *fetch = ctx;

    (void) purpose;

    if (!address_guard_permits(fetch->fetcher->guard, &address->addr)) {
        fetch->refused = true;
        return CURL_SOCKET_BAD;
    }

    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}


/* libcurl keeps all headers, and has no bound for those behind the body */

static size_t
fetch_on_header(char *data, size_t size, size_t n, void *ctx)
{
    struct fetch  *fetch = ctx;

    (void) data;

    n *= size;
    fetch->headers += n;

    return fetch->headers <= FETCH_HEADERS ? n : 0;
}


static size_t
fetch_on_data(char *data, size_t size, size_t n, void *ctx)
{
    struct fetch  *fetch = ctx;

    n *= size;

    if (n > fetch->left || !fetch->handlers.data(fetch->ctx, data, n)) {
        fetch->stopped = true;

        return n != 0 ? 0 : 1;
    }

    fetch->left -= n;

    return n;
}


/* socket_ctx is the socket's event, NULL for a new one */

static int
fetch_on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx,
    void *socket_ctx)
{
    short            events;
    struct event    *event = socket_ctx;
    struct fetcher  *fetcher = ctx;

    (void) easy;

    if (event != NULL) {
        event_free(event);
        (void) curl_multi_assign(fetcher->multi, fd, NULL);
    }

    if (what == CURL_POLL_REMOVE) {
        return 0;
    }

    events = EV_PERSIST;
    events |= (what & CURL_POLL_IN) != 0 ? EV_READ : 0;
    events |= (what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0;

    event = event_new(fetcher->base, fd, events, fetch_on_ready, fetcher);

    if (event == NULL || event_add(event, NULL) != 0) {

        /* without the event, the download ends by its time-out */

        if (event != NULL) {
            event_free(event);
        }

        return 0;
    }

    (void) curl_multi_assign(fetcher->multi, fd, event);

    return 0;
}


static int
fetch_on_timer_change(CURLM *multi, long ms, void *ctx)
{
    struct timeval   tv;
    struct fetcher  *fetcher = ctx;

    (void) multi;

    if (ms < 0) {
        (void) evtimer_del(fetcher->timer);
        return 0;
    }

    tv = clock_timeval((uint64_t) ms);
    (void) evtimer_add(fetcher->timer, &tv);

    return 0;
}


static void
fetch_on_ready(evutil_socket_t fd, short what, void *ctx)
{
    int              running, mask;
    struct fetcher  *fetcher = ctx;

    mask = (what & EV_READ) != 0 ? CURL_CSELECT_IN : 0;
    mask |= (what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0;

    (void) curl_multi_socket_action(fetcher->multi, fd, mask, &running);

    fetch_collect(fetcher);
}


static void
fetch_on_timeout(evutil_socket_t fd, short what, void *ctx)
{
    int              running;
    struct fetcher  *fetcher = ctx;

    (void) fd;
    (void) what;

    (void) curl_multi_socket_action(fetcher->multi, CURL_SOCKET_TIMEOUT, 0,
                                    &running);

    fetch_collect(fetcher);
}


static void
fetch_collect(struct fetcher *fetcher)
{
    int       left;
    char     *private;
    CURLMsg  *message;

    while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {

        if (message->msg == CURLMSG_DONE
            && curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                                 &private) == CURLE_OK)
        {
            fetch_end((struct fetch *) private, message->data.result);
        }
    }
}


static void
fetch_end(struct fetch *fetch, CURLcode code)
{
    char                   text[128];
    char                  *type;
    void                  *ctx;
    enum fetch_status      status;
    struct fetch_handlers  handlers;

    status = fetch_status(fetch, code);
    handlers = fetch->handlers;
    ctx = fetch->ctx;
    type = NULL;

    (void) curl_easy_getinfo(fetch->easy, CURLINFO_CONTENT_TYPE, &type);

    if (type != NULL) {
        (void) snprintf(text, sizeof(text), "%s", type);
        type = text;
    }

    fetch_cancel(fetch);

    handlers.done(ctx, status, type);
}


static enum fetch_status
fetch_status(const struct fetch *fetch, CURLcode code)
{
    long  answer;

    switch (code) {

    case CURLE_OK:

        /* 206 is a part of a file, 3xx a redirect without a target */

        answer = 0;
        (void) curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE,
                                 &answer);

        return answer == FETCH_GOOD ? FETCH_OK : FETCH_FAILED;

    case CURLE_FILESIZE_EXCEEDED:
        return FETCH_STOPPED;

    case CURLE_WRITE_ERROR:
        return fetch->stopped ? FETCH_STOPPED : FETCH_FAILED;

    case CURLE_OPERATION_TIMEDOUT:
        return FETCH_TIMEOUT;

    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return FETCH_REFUSED;

    default:
        return fetch->refused ? FETCH_REFUSED : FETCH_FAILED;
    }
}
