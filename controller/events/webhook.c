/*
 * Where a webhook's events go, and when: the settings, the challenge, and the
 * timer of the queue.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "events/webhook_backoff.h"
#include "events/webhook_private.h"


#define WEBHOOK_PARALLEL          8

/* longest wait between two challenges (ms) */

#define WEBHOOK_CHALLENGE_MAX_MS  (60 * 1000)


static bool webhook_create_queue(struct webhook *webhook);
static void webhook_start(struct webhook *webhook);
static void webhook_consume(struct webhook *webhook);
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
    webhook->ended = webhook_pump;
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
webhook_change(struct webhook *webhook,
    const struct webhook_settings *settings, const char *override)
{
    bool   same, equal;
    char  *copy;

    same = webhook_text_equal(webhook->override, override);
    equal = same && webhook_settings_equal(&webhook->settings, settings);

    same = same && (override != NULL
                    || (webhook_text_equal(webhook->settings.url,
                                           settings->url)
                        && webhook_text_equal(webhook->settings.verify_token,
                                              settings->verify_token)));

    /* the secret that the receiver knew is of no account any more */

    if (!webhook_text_equal(webhook->settings.app_secret,
                            settings->app_secret))
    {
        webhook->previous = false;
    }

    webhook->settings = *settings;

    /* without memory for a client's URL, it is the operator's that counts */

    copy = override != NULL ? strdup(override) : NULL;
    free(webhook->override);
    webhook->override = copy;

    if (equal || (webhook->resting && webhook_url(webhook) == NULL)) {
        return;
    }

    if (!same || webhook->resting) {
        webhook->resting = false;
        webhook_start(webhook);

    } else if (webhook_url(webhook) != NULL) {
        webhook_queue_reset(webhook->queue);
        webhook_consume(webhook);
    }
}


void
webhook_rest(struct webhook *webhook)
{
    webhook->resting = true;

    (void) evtimer_del(webhook->timer);

    webhook_challenge_cancel(webhook->challenge);
    webhook->challenge = NULL;
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


/* begins with a URL that may be another one than before, or none */

static void
webhook_start(struct webhook *webhook)
{
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
    webhook_consume(webhook);
}


/* takes the events that the settings ask for */

static void
webhook_consume(struct webhook *webhook)
{
    struct inbox_consumer  consumer;

    consumer.kinds = webhook->settings.events;
    consumer.without = webhook->settings.without;
    consumer.offer = webhook_offer;
    consumer.ctx = webhook;

    inbox_set_consumer(webhook->inbox, &consumer);

    webhook_pump(webhook);
    webhook_tell_room(webhook);
}


/* ends all requests */

static void
webhook_cancel(struct webhook *webhook)
{
    webhook_challenge_cancel(webhook->challenge);
    webhook->challenge = NULL;

    webhook_cancel_deliveries(webhook);
}


static bool
webhook_offer(void *ctx, struct account_event *event)
{
    struct webhook  *webhook = ctx;

    if (webhook_stands(webhook)
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

    if (webhook_stands(webhook)) {
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


