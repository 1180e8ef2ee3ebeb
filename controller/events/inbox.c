/*
 * The inbox as others see it.  The page tells of a message as it arrives; what
 * it has stored while nobody listened, or the consumer had no room, is read
 * from its history (inbox_history.c).  Either way a message goes into the ring
 * and to the consumer (inbox_deliver.c), in the form that inbox_event.c gives
 * it.  A message is known by the digest of its id; what has become of it, and
 * the mark, are kept by inbox_keep.c.  inbox_status.c has what becomes of
 * messages that clients of the API have sent.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/inbox_private.h"


/* ms for the page to emit what it has kept, and until it is asked again */

#define INBOX_START_MS  30000
#define INBOX_AGAIN_MS  5000


static bool inbox_create_parts(struct inbox *inbox);
static bool inbox_create_keeper(struct inbox *inbox);
static void inbox_take_one(struct inbox *inbox, json_t *object);
static void inbox_logged_out(struct inbox *inbox);
static void inbox_start(struct inbox *inbox, bool new);
static bool inbox_ask(struct inbox *inbox);
static void inbox_start_again(struct inbox *inbox);
static void inbox_started(void *ctx, enum tab_call_status status,
    json_t *result);
static void inbox_on_tick(int fd, short what, void *ctx);
static void inbox_on_retry(int fd, short what, void *ctx);
static void inbox_on_release(int fd, short what, void *ctx);
static void inbox_on_answered(int fd, short what, void *ctx);
static void inbox_free_timer(struct event *timer);


struct inbox *
inbox_create(const struct inbox_parts *parts, const char *session,
    const struct inbox_page *page)
{
    struct inbox  *inbox;

    inbox = calloc(1, sizeof(struct inbox));

    if (inbox == NULL) {
        return NULL;
    }

    inbox->parts = *parts;
    inbox->session = session;
    inbox->page = *page;
    inbox->refused = UINT64_MAX;
    TAILQ_INIT(&inbox->held);

    if (!inbox_create_parts(inbox) || !inbox_create_keeper(inbox)) {
        inbox_destroy(inbox);
        return NULL;
    }

    inbox_keep_load(inbox);

    return inbox;
}


void
inbox_destroy(struct inbox *inbox)
{
    if (inbox == NULL) {
        return;
    }

    if (inbox->seen != NULL) {
        inbox_keep_write(inbox);
    }

    inbox_deliver_forget(inbox);

    inbox_free_timer(inbox->tick);
    inbox_free_timer(inbox->retry);
    inbox_free_timer(inbox->release);
    inbox_free_timer(inbox->answered);

    json_decref(inbox->walk.after);
    lru_table_destroy(inbox->told);
    sent_destroy(inbox->sent);
    delivered_destroy(inbox->delivered);
    seen_destroy(inbox->seen);
    ring_destroy(inbox->ring);
    keyed_hash_destroy(inbox->hash);
    free(inbox);
}


static bool
inbox_create_parts(struct inbox *inbox)
{
    struct event_base  *base = inbox->parts.base;

    inbox->hash = seal_hash(inbox->parts.seal);
    inbox->ring = ring_create();
    inbox->seen = seen_create();
    inbox->sent = sent_create();

    inbox->tick = evtimer_new(base, inbox_on_tick, inbox);
    inbox->retry = evtimer_new(base, inbox_on_retry, inbox);
    inbox->release = evtimer_new(base, inbox_on_release, inbox);
    inbox->answered = evtimer_new(base, inbox_on_answered, inbox);

    return inbox->hash != NULL && inbox->ring != NULL && inbox->seen != NULL
           && inbox->sent != NULL && inbox->tick != NULL
           && inbox->retry != NULL && inbox->release != NULL
           && inbox->answered != NULL;
}


static bool
inbox_create_keeper(struct inbox *inbox)
{
    char  path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%s/delivered/%s",
                 inbox->parts.runtime_dir, inbox->session)
        >= PATH_MAX
        || snprintf(inbox->mark_path, PATH_MAX, "%s/sessions/%s/mark",
                    inbox->parts.state_dir, inbox->session)
           >= PATH_MAX)
    {
        return false;
    }

    inbox->delivered = delivered_create(path);

    return inbox->delivered != NULL;
}


void
inbox_take(struct inbox *inbox, json_t *data)
{
    size_t   i;
    json_t  *object;

    json_array_foreach(json_object_get(data, "events"), i, object) {
        inbox_take_one(inbox, object);
    }
}


void
inbox_page_changed(struct inbox *inbox, const struct inbox_page_state *state)
{
    bool  linked;

    linked = inbox->mark != 0;
    inbox->state = *state;

    if (state->unlinked) {
        if (linked) {
            inbox_logged_out(inbox);
        }

        return;
    }

    if (!state->tells) {
        return;
    }

    /* what is still in the ring may be another account's */

    if (!linked) {
        ring_clear(inbox->ring);
        inbox_keep_begin(inbox);
    }

    if (inbox->document != state->document) {
        inbox_start(inbox, !linked);
    }

    inbox_history_run(inbox);
}


void
inbox_forget(struct inbox *inbox)
{
    inbox_logged_out(inbox);
    ring_clear(inbox->ring);
}


void
inbox_tell_error(struct inbox *inbox, const struct error *error)
{
    struct account_event  *event;

    event = inbox_event_error(inbox, error);

    if (event != NULL) {
        inbox_deliver(inbox, event);
        event_release(event);
    }
}


void
inbox_want_statuses(struct inbox *inbox)
{
    if (inbox->statuses) {
        return;
    }

    inbox->statuses = true;

    /* a document that is not started yet is told when it is */

    if (inbox->document != 0 && !inbox_ask(inbox)) {
        inbox_start_again(inbox);
    }
}


struct ring *
inbox_ring(struct inbox *inbox)
{
    return inbox->ring;
}


const struct inbox_stats *
inbox_stats(const struct inbox *inbox)
{
    return &inbox->stats;
}


struct inbox_levels
inbox_levels(const struct inbox *inbox)
{
    struct inbox_levels  levels;

    levels.behind = inbox->behind || inbox->refused != UINT64_MAX;
    levels.digests = seen_count(inbox->seen);
    levels.sent = sent_count(inbox->sent);
    levels.mark = inbox->mark;

    return levels;
}


void
inbox_set_consumer(struct inbox *inbox, const struct inbox_consumer *consumer)
{
    if (consumer != NULL) {
        inbox->consumer = *consumer;

        if ((consumer->kinds & EVENT_BIT(EVENT_STATUS)) != 0) {
            inbox_want_statuses(inbox);
        }

        return;
    }

    memset(&inbox->consumer, 0, sizeof(struct inbox_consumer));
    inbox->behind = false;
    inbox->refused = UINT64_MAX;
    inbox->consumer_lost = 0;

    (void) inbox_keep_note_all(inbox, SEEN_QUEUED);
    (void) inbox_keep_note_all(inbox, SEEN_KNOWN);
}


void
inbox_end_consumer(struct inbox *inbox)
{
    memset(&inbox->consumer, 0, sizeof(struct inbox_consumer));
}


void
inbox_taken(struct inbox *inbox, const struct account_event *event)
{
    /* after a log-out, nothing is known of it, and nothing is noted */

    if (inbox_event_is_message(event->kind)
        && seen_find(inbox->seen, event->digest) == SEEN_QUEUED)
    {
        inbox_keep_note(inbox, event, SEEN_DELIVERED);
    }
}


void
inbox_lost(struct inbox *inbox, uint64_t n)
{
    inbox->stats.lost += n;
    inbox->consumer_lost += n;
    inbox_keep_write_soon(inbox);
}


void
inbox_room(struct inbox *inbox)
{
    inbox->behind = false;
    inbox_history_run(inbox);

    if (inbox->consumer_lost != 0) {
        inbox_keep_write_soon(inbox);
    }
}


static void
inbox_take_one(struct inbox *inbox, json_t *object)
{
    const char            *kind;
    struct account_event  *event;

    if (inbox->mark == 0) {
        return;
    }

    kind = json_string_value(json_object_get(object, "kind"));

    if (kind != NULL && strcmp(kind, "status") == 0) {
        inbox_status_take(inbox, object);
        return;
    }

    event = inbox_event_read(inbox, object, NULL);

    if (event == NULL) {
        inbox->stats.malformed++;
        return;
    }

    if (inbox_event_is_message(event->kind)) {
        inbox_deliver_live(inbox, event);

    } else {
        inbox_deliver(inbox, event);
    }

    event_release(event);
}


static void
inbox_logged_out(struct inbox *inbox)
{
    inbox->document = 0;
    inbox->started = false;

    inbox_history_forget(inbox);
    inbox_status_forget(inbox);
    inbox_deliver_forget(inbox);
    inbox_keep_forget(inbox);
}


/*
 * A new document is told that there is somebody to tell.  What it has of an
 * account that is new is older than its mark.
 */

static void
inbox_start(struct inbox *inbox, bool new)
{
    if (!inbox_ask(inbox)) {
        return;
    }

    inbox->document = inbox->state.document;
    inbox->started = false;

    if (!new) {
        inbox_history_expect(inbox);
    }
}


static bool
inbox_ask(struct inbox *inbox)
{
    json_t  *params;

    params = json_pack("{s:b}", "statuses", inbox->statuses);

    return params != NULL
           && inbox->page.call(inbox->page.ctx, "inbound.start", params,
                               INBOX_START_MS, inbox_started, inbox);
}


static void
inbox_start_again(struct inbox *inbox)
{
    struct timeval  tv;

    inbox->document = 0;

    tv = clock_timeval(INBOX_AGAIN_MS);
    (void) evtimer_add(inbox->retry, &tv);
}


static void
inbox_started(void *ctx, enum tab_call_status status, json_t *result)
{
    json_t        *missed;
    uint64_t       others;
    struct inbox  *inbox = ctx;

    /* a page that is gone comes back as another document */

    if (status == TAB_CALL_LOST || inbox->mark == 0) {
        return;
    }

    if (status != TAB_CALL_OK) {
        inbox_start_again(inbox);
        return;
    }

    missed = json_object_get(result, "missed");
    others = (uint64_t) json_integer_value(json_object_get(missed, "others"));

    inbox->started = true;
    inbox->lost += others;
    inbox->stats.lost += others;

    inbox_keep_write_soon(inbox);
    inbox_history_run(inbox);
}


static void
inbox_on_tick(int fd, short what, void *ctx)
{
    struct inbox  *inbox = ctx;

    (void) fd;
    (void) what;

    inbox_keep_write(inbox);
    inbox_deliver_lost(inbox);
}


static void
inbox_on_retry(int fd, short what, void *ctx)
{
    struct inbox             *inbox = ctx;
    struct inbox_page_state   state;

    (void) fd;
    (void) what;

    state = inbox->state;
    inbox_page_changed(inbox, &state);
}


/*
 * The history takes long: the ring's readers need not wait for it, nor need
 * the consumer if the page is not ready to give it.
 */

static void
inbox_on_release(int fd, short what, void *ctx)
{
    struct inbox  *inbox = ctx;

    (void) fd;
    (void) what;

    if (!inbox->released && inbox->walk.first) {
        inbox->released = true;
        inbox_deliver_held(inbox, !inbox->state.ready);
    }
}


static void
inbox_on_answered(int fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    inbox_status_tell_held(ctx);
}


static void
inbox_free_timer(struct event *timer)
{
    if (timer != NULL) {
        event_free(timer);
    }
}
