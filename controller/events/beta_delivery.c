/*
 * All deliveries stand in one list, in the order of their coming.  One runs
 * when it is due and no earlier one of its webhook is left.
 */

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "events/beta_delivery.h"
#include "net/transfer.h"


#define BETA_WAITING        500      /* deliveries in all, */
#define BETA_WAITING_EACH   50       /* and of one webhook */
#define BETA_RUNNING        16
#define BETA_TRIES          3
#define BETA_PAUSE_MS       1000     /* before the second try; then twice */
#define BETA_TIMEOUT_MS     10000L
#define BETA_ANSWER_MAX     65536    /* bytes of an answer's body */


struct beta_delivery {
    TAILQ_ENTRY(beta_delivery)   link;
    struct beta_deliveries      *queue;
    struct transfer              transfer;
    uint8_t                      webhook[KEYED_HASH_SIZE];
    char                        *url;
    uint64_t                     due;        /* ms */
    unsigned                     tries;
    size_t                       answer;     /* bytes of it */
    bool                         running;
};


TAILQ_HEAD(beta_delivery_list, beta_delivery);


struct beta_deliveries {
    const struct address_guard   *guard;
    struct transfer_loop         *loop;
    struct event                 *timer;
    struct beta_delivery_list     list;
    size_t                        running;
    struct beta_delivery_stats    stats;
};


static void beta_deliveries_on_timer(evutil_socket_t fd, short what,
    void *ctx);
static void beta_deliveries_run(struct beta_deliveries *queue);
static bool beta_delivery_first(const struct beta_delivery *delivery);
static void beta_delivery_start(struct beta_delivery *delivery);
static bool beta_delivery_set_up(struct beta_delivery *delivery);
static size_t beta_delivery_on_data(char *data, size_t size, size_t n,
    void *ctx);
static void beta_delivery_on_done(void *ctx, CURLcode code);
static void beta_delivery_retry(struct beta_delivery *delivery);
static void beta_delivery_free(struct beta_delivery *delivery);


struct beta_deliveries *
beta_deliveries_create(struct event_base *base,
    const struct address_guard *guard)
{
    struct beta_deliveries  *queue;

    queue = calloc(1, sizeof(struct beta_deliveries));

    if (queue == NULL) {
        return NULL;
    }

    TAILQ_INIT(&queue->list);

    queue->guard = guard;
    queue->loop = transfer_loop_create(base);
    queue->timer = event_new(base, -1, 0, beta_deliveries_on_timer, queue);

    if (queue->loop == NULL || queue->timer == NULL) {
        beta_deliveries_destroy(queue);
        return NULL;
    }

    return queue;
}


void
beta_deliveries_destroy(struct beta_deliveries *queue)
{
    struct beta_delivery  *delivery;

    if (queue == NULL) {
        return;
    }

    while ((delivery = TAILQ_FIRST(&queue->list)) != NULL) {
        beta_delivery_free(delivery);
    }

    transfer_loop_destroy(queue->loop);

    if (queue->timer != NULL) {
        event_free(queue->timer);
    }

    free(queue);
}


void
beta_deliveries_add(struct beta_deliveries *queue,
    const uint8_t webhook[KEYED_HASH_SIZE], char *url)
{
    size_t                 n;
    struct beta_delivery  *delivery;

    n = 0;

    TAILQ_FOREACH(delivery, &queue->list, link) {
        n += memcmp(delivery->webhook, webhook, KEYED_HASH_SIZE) == 0;
    }

    delivery = NULL;

    if (n < BETA_WAITING_EACH && queue->stats.waiting < BETA_WAITING) {
        delivery = calloc(1, sizeof(struct beta_delivery));
    }

    if (delivery == NULL) {
        queue->stats.dropped++;
        text_wipe(url);
        return;
    }

    delivery->queue = queue;
    delivery->url = url;
    delivery->due = clock_ms();
    memcpy(delivery->webhook, webhook, KEYED_HASH_SIZE);

    TAILQ_INSERT_TAIL(&queue->list, delivery, link);
    queue->stats.waiting++;

    beta_deliveries_run(queue);
}


void
beta_deliveries_forget(struct beta_deliveries *queue,
    const uint8_t webhook[KEYED_HASH_SIZE])
{
    struct beta_delivery  *delivery, *next;

    for (delivery = TAILQ_FIRST(&queue->list);
         delivery != NULL;
         delivery = next)
    {
        next = TAILQ_NEXT(delivery, link);

        if (memcmp(delivery->webhook, webhook, KEYED_HASH_SIZE) == 0) {
            beta_delivery_free(delivery);
        }
    }
}


struct beta_delivery_stats
beta_deliveries_stats(const struct beta_deliveries *queue)
{
    return queue->stats;
}


static void
beta_deliveries_on_timer(evutil_socket_t fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    beta_deliveries_run(ctx);
}


/* starts what may run, and sets the timer for what is due next */

static void
beta_deliveries_run(struct beta_deliveries *queue)
{
    uint64_t               now, next;
    struct timeval         tv;
    struct beta_delivery  *delivery;

    now = clock_ms();
    next = UINT64_MAX;

    TAILQ_FOREACH(delivery, &queue->list, link) {

        if (queue->running == BETA_RUNNING) {
            break;
        }

        if (delivery->running || !beta_delivery_first(delivery)) {
            continue;
        }

        if (delivery->due <= now) {
            beta_delivery_start(delivery);
        }

        if (!delivery->running && delivery->due < next) {
            next = delivery->due;
        }
    }

    if (next != UINT64_MAX) {
        tv = clock_timeval(next > now ? next - now : 1);
        (void) event_add(queue->timer, &tv);
    }
}


/* whether no earlier delivery of the same webhook is left */

static bool
beta_delivery_first(const struct beta_delivery *delivery)
{
    const struct beta_delivery  *other;

    TAILQ_FOREACH(other, &delivery->queue->list, link) {

        if (memcmp(other->webhook, delivery->webhook, KEYED_HASH_SIZE) == 0) {
            break;
        }
    }

    return other == delivery;
}


static void
beta_delivery_start(struct beta_delivery *delivery)
{
    delivery->tries++;
    delivery->answer = 0;

    if (beta_delivery_set_up(delivery)
        && transfer_start(delivery->queue->loop, &delivery->transfer))
    {
        delivery->running = true;
        delivery->queue->running++;
        return;
    }

    /* memory is short; the last try is as good as the first one */

    transfer_close(&delivery->transfer);
    delivery->due = clock_ms() + BETA_PAUSE_MS;
    delivery->tries--;
}


static bool
beta_delivery_set_up(struct beta_delivery *delivery)
{
    int    rc;
    CURL  *easy;

    memset(&delivery->transfer, 0, sizeof(delivery->transfer));

    delivery->transfer.guard = delivery->queue->guard;
    delivery->transfer.done = beta_delivery_on_done;
    delivery->transfer.ctx = delivery;

    if (!transfer_open(&delivery->transfer, delivery->url)) {
        return false;
    }

    easy = delivery->transfer.easy;

    /* the guard is asked for new connections only */

    rc = curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    rc |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, BETA_TIMEOUT_MS);
    rc |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION,
                           beta_delivery_on_data);
    rc |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, delivery);

    return rc == 0;
}


/* the answer's body is of no use, and its end not waited for for ever */

static size_t
beta_delivery_on_data(char *data, size_t size, size_t n, void *ctx)
{
    struct beta_delivery  *delivery = ctx;

    (void) data;

    delivery->answer += size * n;

    return delivery->answer <= BETA_ANSWER_MAX ? size * n : 0;
}


static void
beta_delivery_on_done(void *ctx, CURLcode code)
{
    long                     status;
    struct beta_delivery    *delivery = ctx;
    struct beta_deliveries  *queue = delivery->queue;

    status = 0;

    (void) code;
    (void) curl_easy_getinfo(delivery->transfer.easy, CURLINFO_RESPONSE_CODE,
                             &status);

    if (status >= 200 && status < 300) {
        queue->stats.delivered++;
        beta_delivery_free(delivery);

    } else {
        beta_delivery_retry(delivery);
    }

    beta_deliveries_run(queue);
}


static void
beta_delivery_retry(struct beta_delivery *delivery)
{
    if (delivery->tries == BETA_TRIES) {
        delivery->queue->stats.failed++;
        beta_delivery_free(delivery);
        return;
    }

    transfer_close(&delivery->transfer);

    delivery->running = false;
    delivery->queue->running--;
    delivery->due = clock_ms() + (BETA_PAUSE_MS << (delivery->tries - 1));
}


static void
beta_delivery_free(struct beta_delivery *delivery)
{
    struct beta_deliveries  *queue = delivery->queue;

    transfer_close(&delivery->transfer);

    TAILQ_REMOVE(&queue->list, delivery, link);

    queue->stats.waiting--;
    queue->running -= delivery->running;

    /* it holds what a person has written */

    text_wipe(delivery->url);
    free(delivery);
}
