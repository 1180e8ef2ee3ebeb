/*
 * A delivery is one item of the queue, and the request by which it is tried.
 *
 * While the app secret changes, a receiver that knows one secret only may know
 * either of them.  A delivery that it refuses is repeated at once with the
 * other signature, and the one that is accepted is used from then on.
 */

#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "events/webhook.h"
#include "events/webhook_backoff.h"
#include "events/webhook_challenge.h"
#include "events/webhook_queue.h"
#include "events/webhook_signature.h"
#include "session/session.h"


#define WEBHOOK_QUEUE_MAX         1000                  /* events */
#define WEBHOOK_QUEUE_BYTES       (4 * 1024 * 1024)
#define WEBHOOK_PARALLEL          8

/* longest wait between two challenges (ms) */

#define WEBHOOK_CHALLENGE_MAX_MS  (60 * 1000)

#define WEBHOOK_WHAT_SIZE         64


struct webhook_delivery {
    LIST_ENTRY(webhook_delivery)  link;
    struct webhook               *webhook;
    struct webhook_item          *item;
    struct webhook_request       *request;
    bool                          previous;    /* signed with that secret */
    bool                          repeated;    /* with the other secret */
};


LIST_HEAD(webhook_deliveries, webhook_delivery);


struct webhook {
    struct webhook_parts       *parts;
    struct inbox               *inbox;
    char                        session[SESSION_ID_LEN + 1];
    struct webhook_settings     settings;
    char                       *override;     /* the client's URL, or NULL */
    struct event               *timer;
    bool                        draining;

    struct webhook_queue       *queue;
    struct webhook_deliveries   deliveries;
    bool                        full;         /* the inbox waits for room */
    bool                        previous;     /* the secret to sign with */

    bool                        verified;     /* no challenge is due */
    struct webhook_challenge   *challenge;    /* that runs, or NULL */
    unsigned                    challenges;   /* that failed */
    uint64_t                    challenge_at; /* ms, not before */

    struct webhook_stats        stats;
    time_t                      last_success;    /* 0: none */
    time_t                      last_error;      /* 0: none */
    char                        last_what[WEBHOOK_WHAT_SIZE];
};


static bool webhook_create_queue(struct webhook *webhook);
static const char *webhook_url(const struct webhook *webhook);
static void webhook_start(struct webhook *webhook);
static void webhook_cancel(struct webhook *webhook);
static bool webhook_offer(void *ctx, struct account_event *event);
static void webhook_drop(void *event);
static void webhook_pump(struct webhook *webhook);
static bool webhook_pump_challenge(struct webhook *webhook, uint64_t now,
    uint64_t *when);
static void webhook_wait(struct webhook *webhook, uint64_t now,
    uint64_t when);
static void webhook_on_timer(evutil_socket_t fd, short what, void *ctx);
static void webhook_on_challenge(void *ctx, const char *wrong);
static bool webhook_deliver(struct webhook *webhook,
    struct webhook_item *item);
static bool webhook_delivery_start(struct webhook_delivery *delivery);
static void webhook_delivery_destroy(struct webhook_delivery *delivery);
static void webhook_on_answer(void *ctx, const struct webhook_answer *answer);
static void webhook_taken(struct webhook_delivery *delivery);
static void webhook_failed(struct webhook_delivery *delivery,
    const struct webhook_answer *answer);
static bool webhook_repeat(struct webhook_delivery *delivery,
    const struct webhook_answer *answer);
static void webhook_note(struct webhook *webhook, const char *what);


struct webhook *
webhook_create(struct webhook_parts *parts, struct inbox *inbox,
    const char *session, const struct webhook_settings *settings,
    const char *override)
{
    struct webhook  *webhook;

    webhook = calloc(1, sizeof(struct webhook));

    if (webhook == NULL) {
        return NULL;
    }

    webhook->parts = parts;
    webhook->inbox = inbox;
    webhook->settings = *settings;

    (void) snprintf(webhook->session, sizeof(webhook->session), "%s",
                    session);

    LIST_INIT(&webhook->deliveries);

    webhook->timer = evtimer_new(parts->base, webhook_on_timer, webhook);

    if (webhook->timer == NULL || !webhook_create_queue(webhook)
        || !webhook_set_override(webhook, override))
    {
        webhook_destroy(webhook);
        return NULL;
    }

    return webhook;
}


void
webhook_destroy(struct webhook *webhook)
{
    if (webhook == NULL) {
        return;
    }

    inbox_end_consumer(webhook->inbox);
    webhook_cancel(webhook);

    if (webhook->timer != NULL) {
        event_free(webhook->timer);
    }

    webhook_queue_destroy(webhook->queue, webhook_drop);
    free(webhook->override);
    free(webhook);
}


bool
webhook_set_override(struct webhook *webhook, const char *url)
{
    char  *copy;

    copy = url != NULL ? strdup(url) : NULL;

    if (url != NULL && copy == NULL) {
        return false;
    }

    free(webhook->override);
    webhook->override = copy;

    webhook_start(webhook);

    return true;
}


void
webhook_forget(struct webhook *webhook)
{
    webhook_cancel(webhook);
    webhook_queue_clear(webhook->queue, webhook_drop);
    (void) webhook_set_override(webhook, NULL);
}


void
webhook_drain(struct webhook *webhook)
{
    webhook->draining = true;

    (void) evtimer_del(webhook->timer);

    webhook_challenge_cancel(webhook->challenge);
    webhook->challenge = NULL;
}


bool
webhook_busy(const struct webhook *webhook)
{
    return !LIST_EMPTY(&webhook->deliveries);
}


const char *
webhook_session(const struct webhook *webhook)
{
    return webhook->session;
}


const struct webhook_settings *
webhook_settings(const struct webhook *webhook)
{
    return &webhook->settings;
}


const char *
webhook_override(const struct webhook *webhook)
{
    return webhook->override;
}


json_t *
webhook_json(const struct webhook *webhook)
{
    json_t  *error;

    error = webhook->last_error == 0 ? NULL
            : json_pack("{s:I, s:s}", "time",
                        (json_int_t) webhook->last_error, "what",
                        webhook->last_what);

    return json_pack("{s:b, s:b, s:b, s:I, s:o?, s:o?}",
                     "active", webhook_url(webhook) != NULL,
                     "override", webhook->override != NULL,
                     "verified", webhook->verified,
                     "queued", (json_int_t) webhook_queued(webhook),
                     "last_success",
                     webhook->last_success == 0 ? NULL
                     : json_integer(webhook->last_success),
                     "last_error", error);
}


const struct webhook_stats *
webhook_stats(const struct webhook *webhook)
{
    return &webhook->stats;
}


size_t
webhook_queued(const struct webhook *webhook)
{
    return webhook_queue_length(webhook->queue);
}


size_t
webhook_queued_bytes(const struct webhook *webhook)
{
    return webhook_queue_bytes(webhook->queue);
}


uint64_t
webhook_oldest_ms(const struct webhook *webhook)
{
    uint64_t  now;

    now = clock_ms();

    return now - webhook_queue_oldest(webhook->queue, now);
}


static bool
webhook_create_queue(struct webhook *webhook)
{
    struct webhook_queue_config  config;

    config.max = WEBHOOK_QUEUE_MAX;
    config.max_bytes = WEBHOOK_QUEUE_BYTES;
    config.parallel = WEBHOOK_PARALLEL;

    webhook->queue = webhook_queue_create(&config);

    return webhook->queue != NULL;
}


/* NULL: events go nowhere */

static const char *
webhook_url(const struct webhook *webhook)
{
    return webhook->override != NULL ? webhook->override
                                     : webhook->settings.url;
}


/* begins with a URL that may be another one than before, or none */

static void
webhook_start(struct webhook *webhook)
{
    struct inbox_consumer  consumer;

    webhook_challenge_cancel(webhook->challenge);

    webhook->challenge = NULL;
    webhook->challenges = 0;
    webhook->challenge_at = 0;

    /* a client's URL was challenged when it was set */

    webhook->verified = webhook->override != NULL
                        || webhook->settings.verify_token == NULL;

    if (webhook_url(webhook) == NULL) {
        inbox_set_consumer(webhook->inbox, NULL);
        webhook_cancel(webhook);
        webhook_queue_clear(webhook->queue, webhook_drop);
        return;
    }

    webhook_queue_reset(webhook->queue);

    consumer.kinds = webhook->settings.events;
    consumer.without = webhook->settings.without;
    consumer.offer = webhook_offer;
    consumer.ctx = webhook;

    inbox_set_consumer(webhook->inbox, &consumer);

    webhook_pump(webhook);
}


/* ends all requests */

static void
webhook_cancel(struct webhook *webhook)
{
    struct webhook_delivery  *delivery;

    webhook_challenge_cancel(webhook->challenge);
    webhook->challenge = NULL;

    while ((delivery = LIST_FIRST(&webhook->deliveries)) != NULL) {
        webhook_request_cancel(delivery->request);
        webhook_queue_release(webhook->queue, delivery->item);
        webhook_delivery_destroy(delivery);
    }
}


static bool
webhook_offer(void *ctx, struct account_event *event)
{
    struct webhook  *webhook = ctx;

    if (webhook->draining
        || !webhook_queue_put(webhook->queue, event->chat, event,
                              event->size, clock_ms()))
    {
        webhook->full = true;
        return false;
    }

    (void) event_hold(event);

    webhook_pump(webhook);

    return true;
}


static void
webhook_drop(void *event)
{
    event_release(event);
}


/* starts what may run now, and waits for what may run later */

static void
webhook_pump(struct webhook *webhook)
{
    uint64_t              now, when;
    struct webhook_item  *item;

    if (webhook->draining) {
        return;
    }

    now = clock_ms();
    when = WEBHOOK_NEVER;

    if (!webhook_pump_challenge(webhook, now, &when)) {
        webhook_wait(webhook, now, when);
        return;
    }

    for ( ;; ) {
        item = webhook_queue_next(webhook->queue, now, &when);

        if (item == NULL) {
            break;
        }

        if (!webhook_deliver(webhook, item)) {

            /* memory is short */

            webhook_queue_failed(webhook->queue, item, WEBHOOK_BLAME_RECEIVER,
                                 0, now, random_number());
        }
    }

    webhook_wait(webhook, now, when);
}


/* false: a challenge has to be answered before anything is delivered */

static bool
webhook_pump_challenge(struct webhook *webhook, uint64_t now, uint64_t *when)
{
    if (webhook->verified) {
        return true;
    }

    if (webhook->challenge != NULL) {
        return false;
    }

    if (now < webhook->challenge_at) {
        *when = webhook->challenge_at;
        return false;
    }

    webhook->challenge = webhook_challenge_start(&webhook->parts->client,
                             &webhook->settings, webhook_url(webhook),
                             webhook->settings.verify_token,
                             webhook_on_challenge, webhook);

    if (webhook->challenge == NULL) {
        webhook->challenge_at = now + WEBHOOK_CHALLENGE_MAX_MS;
        *when = webhook->challenge_at;
    }

    return false;
}


static void
webhook_wait(struct webhook *webhook, uint64_t now, uint64_t when)
{
    struct timeval  tv;

    if (when == WEBHOOK_NEVER) {
        (void) evtimer_del(webhook->timer);
        return;
    }

    tv = clock_timeval(when > now ? when - now : 0);
    (void) evtimer_add(webhook->timer, &tv);
}


static void
webhook_on_timer(evutil_socket_t fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    webhook_pump(ctx);
}


static void
webhook_on_challenge(void *ctx, const char *wrong)
{
    uint64_t         delay;
    struct webhook  *webhook = ctx;

    webhook->challenge = NULL;
    webhook->verified = wrong == NULL;

    if (wrong != NULL) {
        webhook->challenges++;

        delay = webhook_backoff(webhook->challenges,
                                WEBHOOK_CHALLENGE_MAX_MS, random_number());

        webhook->challenge_at = clock_ms() + delay;

        webhook_note(webhook, wrong);

        log_event(webhook->parts->log, LOG_WARN, "webhook_challenge_failed",
                  log_const("session", webhook->session),
                  log_const("reason", wrong));
    }

    webhook_pump(webhook);
}


/* false: memory is short */

static bool
webhook_deliver(struct webhook *webhook, struct webhook_item *item)
{
    struct webhook_delivery  *delivery;

    delivery = calloc(1, sizeof(struct webhook_delivery));

    if (delivery == NULL) {
        return false;
    }

    delivery->webhook = webhook;
    delivery->item = item;
    delivery->previous = webhook->previous
                         && webhook->settings.previous_app_secret != NULL;

    LIST_INSERT_HEAD(&webhook->deliveries, delivery, link);

    if (!webhook_delivery_start(delivery)) {
        webhook_delivery_destroy(delivery);
        return false;
    }

    return true;
}


static bool
webhook_delivery_start(struct webhook_delivery *delivery)
{
    char                            signature[WEBHOOK_SIGNATURE_SIZE];
    const char                     *secret;
    struct account_event           *event;
    struct webhook                 *webhook = delivery->webhook;
    const struct webhook_settings  *settings = &webhook->settings;

    event = webhook_item_event(delivery->item);
    secret = delivery->previous ? settings->previous_app_secret
                                : settings->app_secret;

    if (!webhook_sign(secret, event->body, event->size, signature)) {
        return false;
    }

    delivery->request = webhook_request_start(&webhook->parts->client,
                            settings, webhook_url(webhook), event->body,
                            event->size, signature, webhook_on_answer,
                            delivery);

    return delivery->request != NULL;
}


static void
webhook_delivery_destroy(struct webhook_delivery *delivery)
{
    LIST_REMOVE(delivery, link);
    free(delivery);
}


static void
webhook_on_answer(void *ctx, const struct webhook_answer *answer)
{
    struct webhook_delivery  *delivery = ctx;
    struct webhook           *webhook = delivery->webhook;

    if (answer->status >= 200 && answer->status < 300) {
        webhook_taken(delivery);

    } else if (webhook_repeat(delivery, answer)) {
        return;

    } else {
        webhook_failed(delivery, answer);
    }

    webhook_pump(webhook);
}


static void
webhook_taken(struct webhook_delivery *delivery)
{
    struct account_event  *event;
    struct webhook        *webhook = delivery->webhook;

    event = webhook_item_event(delivery->item);

    webhook->stats.taken++;
    webhook->last_success = time(NULL);
    webhook->previous = delivery->previous;

    webhook_queue_taken(webhook->queue, delivery->item);
    webhook_delivery_destroy(delivery);

    inbox_taken(webhook->inbox, event);
    event_release(event);

    /* a catch-up is worth its while when it finds some room */

    if (webhook->full && !webhook->draining
        && webhook_queue_length(webhook->queue) <= WEBHOOK_QUEUE_MAX / 2
        && webhook_queue_bytes(webhook->queue) <= WEBHOOK_QUEUE_BYTES / 2)
    {
        webhook->full = false;
        inbox_room(webhook->inbox);
    }
}


static void
webhook_failed(struct webhook_delivery *delivery,
    const struct webhook_answer *answer)
{
    char             what[WEBHOOK_WHAT_SIZE];
    struct webhook  *webhook = delivery->webhook;

    webhook->stats.failed[answer->result]++;
    webhook->stats.retries++;

    (void) snprintf(what, sizeof(what),
                    answer->status != 0 ? "%s %u" : "%s",
                    webhook_result_name(answer->result), answer->status);

    webhook_note(webhook, what);

    log_event(webhook->parts->log, LOG_INFO, "webhook_delivery_failed",
              log_const("session", webhook->session),
              log_const("result", webhook_result_name(answer->result)),
              log_int("status", answer->status));

    webhook_queue_failed(webhook->queue, delivery->item,
                         answer->connected && answer->retry_after_ms == 0
                         ? WEBHOOK_BLAME_EVENT : WEBHOOK_BLAME_RECEIVER,
                         answer->retry_after_ms, clock_ms(), random_number());

    webhook_delivery_destroy(delivery);
}


/* tries the other secret at once, after an answer to a wrong signature */

static bool
webhook_repeat(struct webhook_delivery *delivery,
    const struct webhook_answer *answer)
{
    struct webhook  *webhook = delivery->webhook;

    if (webhook->settings.previous_app_secret == NULL || delivery->repeated
        || webhook->draining || webhook_url(webhook) == NULL
        || (answer->status != 400 && answer->status != 401
            && answer->status != 403 && answer->status != 500))
    {
        return false;
    }

    delivery->repeated = true;
    delivery->previous = !delivery->previous;

    if (!webhook_delivery_start(delivery)) {
        return false;
    }

    webhook->stats.failed[answer->result]++;
    webhook->stats.retries++;

    return true;
}


static void
webhook_note(struct webhook *webhook, const char *what)
{
    webhook->last_error = time(NULL);

    (void) snprintf(webhook->last_what, sizeof(webhook->last_what), "%s",
                    what);
}
