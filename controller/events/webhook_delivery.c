/*
 * A delivery is one item of the queue, and the request by which it is tried.
 *
 * While the app secret changes, a receiver that knows one secret only may know
 * either of them.  A delivery that it refuses is repeated at once with the
 * other signature, and the one that is accepted is used from then on.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "events/webhook_private.h"
#include "events/webhook_signature.h"


struct webhook_delivery {
    LIST_ENTRY(webhook_delivery)  link;
    struct webhook               *webhook;
    struct webhook_item          *item;
    struct webhook_request       *request;
    bool                          previous;    /* signed with that secret */
    bool                          repeated;    /* with the other secret */
};


static bool webhook_delivery_start(struct webhook_delivery *delivery);
static void webhook_delivery_destroy(struct webhook_delivery *delivery);
static void webhook_on_answer(void *ctx, const struct webhook_answer *answer);
static void webhook_taken(struct webhook_delivery *delivery);
static void webhook_failed(struct webhook_delivery *delivery,
    const struct webhook_answer *answer);
static void webhook_give_up(struct webhook *webhook,
    struct webhook_item *item);
static bool webhook_repeat(struct webhook_delivery *delivery,
    const struct webhook_answer *answer);


const char *
webhook_url(const struct webhook *webhook)
{
    return webhook->override != NULL ? webhook->override
                                     : webhook->settings.url;
}


bool
webhook_stands(const struct webhook *webhook)
{
    return webhook->draining || webhook->resting;
}


bool
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


void
webhook_cancel_deliveries(struct webhook *webhook)
{
    struct webhook_delivery  *delivery;

    while ((delivery = LIST_FIRST(&webhook->deliveries)) != NULL) {
        webhook_request_cancel(delivery->request);
        webhook_queue_release(webhook->queue, delivery->item);
        webhook_delivery_destroy(delivery);
    }
}


/* a catch-up is worth its while when it finds some room */

void
webhook_tell_room(struct webhook *webhook)
{
    if (webhook->full && !webhook_stands(webhook)
        && webhook_queue_length(webhook->queue) <= WEBHOOK_QUEUE_MAX / 2
        && webhook_queue_bytes(webhook->queue) <= WEBHOOK_QUEUE_BYTES / 2)
    {
        webhook->full = false;
        inbox_room(webhook->inbox);
    }
}


void
webhook_note(struct webhook *webhook, const char *what)
{
    webhook->last_error = time(NULL);

    (void) snprintf(webhook->last_what, sizeof(webhook->last_what), "%s",
                    what);
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

    webhook->ended(webhook);
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

    webhook_tell_room(webhook);
}


static void
webhook_failed(struct webhook_delivery *delivery,
    const struct webhook_answer *answer)
{
    char                  what[WEBHOOK_WHAT_SIZE];
    uint64_t              now;
    struct webhook       *webhook = delivery->webhook;
    struct webhook_item  *item = delivery->item;
    enum webhook_blame    blame;

    now = clock_ms();
    blame = answer->connected && answer->retry_after_ms == 0
            ? WEBHOOK_BLAME_EVENT : WEBHOOK_BLAME_RECEIVER;

    webhook->stats.failed[answer->result]++;

    (void) snprintf(what, sizeof(what),
                    answer->status != 0 ? "%s %u" : "%s",
                    webhook_result_name(answer->result), answer->status);

    webhook_note(webhook, what);

    log_event(webhook->parts->log, LOG_INFO, "webhook_delivery_failed",
              log_const("session", webhook->session),
              log_const("result", webhook_result_name(answer->result)),
              log_int("status", answer->status));

    webhook_queue_failed(webhook->queue, item, blame, answer->retry_after_ms,
                         now, random_number());

    webhook_delivery_destroy(delivery);

    /* a receiver that can't be reached has refused nothing */

    if (blame == WEBHOOK_BLAME_EVENT && answer->status != 0
        && webhook_queue_refused(item, now) >= webhook->parts->give_up_ms
        && webhook->parts->give_up_ms != 0)
    {
        webhook_give_up(webhook, item);

    } else {
        webhook->stats.retries++;
    }
}


/* the receiver, and who reads the metrics, are told that it is lost */

static void
webhook_give_up(struct webhook *webhook, struct webhook_item *item)
{
    struct account_event  *event;

    event = webhook_item_event(item);

    webhook->stats.given_up++;

    log_event(webhook->parts->log, LOG_WARN, "webhook_given_up",
              log_const("session", webhook->session));

    webhook_queue_drop(webhook->queue, item);
    inbox_taken(webhook->inbox, event);

    /* word of a loss that is lost itself is no news */

    if (event->kind != EVENT_ERROR) {
        inbox_lost(webhook->inbox, 1);
    }

    event_release(event);

    webhook_tell_room(webhook);
}


/* tries the other secret at once, after an answer to a wrong signature */

static bool
webhook_repeat(struct webhook_delivery *delivery,
    const struct webhook_answer *answer)
{
    struct webhook  *webhook = delivery->webhook;

    if (webhook->settings.previous_app_secret == NULL || delivery->repeated
        || webhook_stands(webhook) || webhook_url(webhook) == NULL
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
