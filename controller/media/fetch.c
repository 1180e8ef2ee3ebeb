/*
 * Downloads: the options of their transfers, and how they end.
 */

#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/fetch.h"
#include "net/transfer.h"


#define FETCH_MAX           64       /* downloads at once */
#define FETCH_REDIRECTS     3
#define FETCH_SLOW_BYTES    1024     /* a second, */
#define FETCH_SLOW_SECONDS  15       /* for so long: too slow */
#define FETCH_BUFFER        (64 * 1024)


struct fetch {
    LIST_ENTRY(fetch)       link;
    struct fetcher         *fetcher;
    const char             *session;
    struct transfer         transfer;
    struct fetch_handlers   handlers;
    void                   *ctx;
    uint64_t                left;       /* bytes that may still come */
    size_t                  headers;    /* bytes, with those of redirects */
    struct fetch_answer     answer;     /* to the last request */
    bool                    stopped;
};


LIST_HEAD(fetch_list, fetch);


struct fetcher {
    const struct address_guard  *guard;
    struct transfer_loop        *loop;
    struct fetch_list            fetches;
    size_t                       n;
};


static bool fetch_has_slot(const struct fetcher *fetcher,
    const char *session);
static bool fetch_set_up(struct fetch *fetch, const char *url,
    uint64_t max, uint64_t timeout_ms);
static size_t fetch_on_header(char *data, size_t size, size_t n, void *ctx);
static void fetch_read_header(const char *line, size_t n, const char *name,
    char *out, size_t size);
static size_t fetch_on_data(char *data, size_t size, size_t n, void *ctx);
static void fetch_on_done(void *ctx, CURLcode code);
static enum fetch_status fetch_status(const struct fetch *fetch,
    CURLcode code);


struct fetcher *
fetcher_create(struct event_base *base, const struct address_guard *guard)
{
    struct fetcher  *fetcher;

    fetcher = calloc(1, sizeof(struct fetcher));

    if (fetcher == NULL) {
        return NULL;
    }

    fetcher->guard = guard;
    fetcher->loop = transfer_loop_create(base);

    LIST_INIT(&fetcher->fetches);

    if (fetcher->loop == NULL) {
        free(fetcher);
        return NULL;
    }

    return fetcher;
}


void
fetcher_destroy(struct fetcher *fetcher)
{
    if (fetcher == NULL) {
        return;
    }

    transfer_loop_destroy(fetcher->loop);
    free(fetcher);
}


struct fetch *
fetch_start(struct fetcher *fetcher, const char *session, const char *url,
    uint64_t max, uint64_t timeout_ms, const struct fetch_handlers *handlers,
    void *ctx)
{
    struct fetch  *fetch;

    if (!fetch_has_slot(fetcher, session)) {
        return NULL;
    }

    fetch = calloc(1, sizeof(struct fetch));

    if (fetch == NULL) {
        return NULL;
    }

    fetch->fetcher = fetcher;
    fetch->session = session;
    fetch->handlers = *handlers;
    fetch->ctx = ctx;
    fetch->left = max;
    fetch->transfer.guard = fetcher->guard;
    fetch->transfer.done = fetch_on_done;
    fetch->transfer.ctx = fetch;

    if (!fetch_set_up(fetch, url, max, timeout_ms)
        || !transfer_start(fetcher->loop, &fetch->transfer))
    {
        transfer_close(&fetch->transfer);
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

    transfer_close(&fetch->transfer);
    free(fetch);
}


/* a session may have no more downloads than it leaves slots to the others */

static bool
fetch_has_slot(const struct fetcher *fetcher, const char *session)
{
    size_t               own;
    const struct fetch  *fetch;

    own = 1;

    LIST_FOREACH(fetch, &fetcher->fetches, link) {
        own += strcmp(fetch->session, session) == 0;
    }

    return own + fetcher->n < FETCH_MAX;
}


static bool
fetch_set_up(struct fetch *fetch, const char *url, uint64_t max,
    uint64_t timeout_ms)
{
    int    rc;
    CURL  *easy;

    if (!transfer_open(&fetch->transfer, url)) {
        return false;
    }

    easy = fetch->transfer.easy;

    rc = curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    rc |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    rc |= curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long) FETCH_REDIRECTS);

    /* the guard is asked for new connections only */

    rc |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);

    rc |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) timeout_ms);
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

    return rc == 0;
}


/* libcurl keeps all headers, and has no bound for those behind the body */

static size_t
fetch_on_header(char *data, size_t size, size_t n, void *ctx)
{
    struct fetch  *fetch = ctx;

    n *= size;
    fetch->headers += n;

    if (n > 5 && strncmp(data, "HTTP/", 5) == 0) {
        fetch->answer.disposition[0] = '\0';
    }

    fetch_read_header(data, n, "Content-Disposition:",
                      fetch->answer.disposition,
                      sizeof(fetch->answer.disposition));

    return fetch->headers <= TRANSFER_HEADERS ? n : 0;
}


/* copies the value of a header of that name, unless it is too long */

static void
fetch_read_header(const char *line, size_t n, const char *name, char *out,
    size_t size)
{
    size_t  len;

    len = strlen(name);

    if (n < len || strncasecmp(line, name, len) != 0) {
        return;
    }

    line += len;
    n -= len;

    while (n > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        n--;
    }

    while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n')) {
        n--;
    }

    if (n < size && memchr(line, '\0', n) == NULL) {
        memcpy(out, line, n);
        out[n] = '\0';
    }
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


static void
fetch_on_done(void *ctx, CURLcode code)
{
    long                   http;
    char                  *type;
    void                  *owner;
    struct fetch          *fetch = ctx;
    enum fetch_status      status;
    struct fetch_answer    answer;
    struct fetch_handlers  handlers;

    status = fetch_status(fetch, code);
    handlers = fetch->handlers;
    owner = fetch->ctx;
    answer = fetch->answer;
    http = 0;
    type = NULL;

    (void) curl_easy_getinfo(fetch->transfer.easy, CURLINFO_CONTENT_TYPE,
                             &type);
    (void) curl_easy_getinfo(fetch->transfer.easy, CURLINFO_RESPONSE_CODE,
                             &http);

    answer.status = (unsigned) http;

    if (type != NULL) {
        (void) snprintf(answer.type, sizeof(answer.type), "%s", type);
    }

    fetch_cancel(fetch);

    handlers.done(owner, status, &answer);
}


static enum fetch_status
fetch_status(const struct fetch *fetch, CURLcode code)
{
    long  answer;

    switch (code) {

    case CURLE_OK:

        /* 206 is a part of a file, 3xx a redirect without a target */

        answer = 0;
        (void) curl_easy_getinfo(fetch->transfer.easy, CURLINFO_RESPONSE_CODE,
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
        return fetch->transfer.refused ? FETCH_REFUSED : FETCH_FAILED;
    }
}
