/*
 * What outlives the process.  The mark lies in the state directory and is at
 * most a second old.  The digests lie on the tmpfs, each from the moment on in
 * which its message was delivered; without them, after a reboot, the history
 * is read from the mark on.
 */

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "events/inbox_private.h"
#include "events/mark.h"


/*
 * s before the mark from which on the history is read: messages come later
 * than others of the same time
 */

#define INBOX_SLACK  600


static uint64_t inbox_keep_mark(const struct inbox *inbox);
static void inbox_keep_failed(struct inbox *inbox, const char *what);


void
inbox_keep_load(struct inbox *inbox)
{
    bool  known;

    if (!mark_read(inbox->mark_path, &inbox->mark)) {
        inbox->mark = 0;
        delivered_remove(inbox->delivered);
        return;
    }

    known = delivered_load(inbox->delivered, inbox->seen);

    if (!known) {
        seen_set_floor(inbox->seen, inbox->mark);
    }

    inbox->written = inbox->mark;
    inbox->high = inbox->mark;

    log_event(inbox->parts.log, LOG_INFO, "inbox_mark_found",
              log_const("session", inbox->session),
              log_int("digests", (int64_t) seen_count(inbox->seen)));
}


void
inbox_keep_begin(struct inbox *inbox)
{
    inbox->mark = (uint64_t) time(NULL);
    inbox->high = inbox->mark;

    seen_set_floor(inbox->seen, inbox->mark);
    inbox_keep_write(inbox);
}


void
inbox_keep_note(struct inbox *inbox, const struct account_event *event,
    enum seen_state state)
{
    uint64_t  now, latest;

    /* a time to come would be a mark that hides what comes until then */

    now = (uint64_t) time(NULL);
    latest = event->time < now ? event->time : now;

    if (latest > inbox->high) {
        inbox->high = latest;
    }

    (void) seen_note(inbox->seen, event->digest, event->time, state);

    if (state == SEEN_DELIVERED) {
        if (!delivered_add(inbox->delivered, inbox->seen, event->digest,
                           event->time))
        {
            inbox_keep_failed(inbox, "digests");
        }

        inbox_keep_write_soon(inbox);
    }
}


size_t
inbox_keep_note_all(struct inbox *inbox, enum seen_state state)
{
    size_t  n;

    n = seen_deliver_all(inbox->seen, state);

    if (n != 0) {
        if (!delivered_write(inbox->delivered, inbox->seen)) {
            inbox_keep_failed(inbox, "digests");
        }

        inbox_keep_write_soon(inbox);
    }

    return n;
}


void
inbox_keep_note_own(struct inbox *inbox,
    const uint8_t digest[KEYED_HASH_SIZE])
{
    uint64_t  now;

    now = (uint64_t) time(NULL);

    if (inbox->mark != 0
        && seen_find(inbox->seen, digest) != SEEN_DELIVERED
        && seen_note(inbox->seen, digest, now, SEEN_DELIVERED)
        && !delivered_add(inbox->delivered, inbox->seen, digest, now))
    {
        inbox_keep_failed(inbox, "digests");
    }
}


/* what lies before the floor can't be told from what was delivered */

uint64_t
inbox_keep_since(struct inbox *inbox)
{
    uint64_t  since, floor;

    inbox->mark = inbox_keep_mark(inbox);

    floor = seen_floor(inbox->seen);
    since = inbox->mark > INBOX_SLACK ? inbox->mark - INBOX_SLACK : 0;

    if (since < floor) {
        since = floor;
    }

    return since < inbox->mark ? since : inbox->mark;
}


void
inbox_keep_write_soon(struct inbox *inbox)
{
    struct timeval  tv;

    if (!evtimer_pending(inbox->tick, NULL)) {
        tv = clock_timeval(INBOX_TICK_MS);
        (void) evtimer_add(inbox->tick, &tv);
    }
}


void
inbox_keep_write(struct inbox *inbox)
{
    if (inbox->mark == 0) {
        return;
    }

    inbox->mark = inbox_keep_mark(inbox);

    if (inbox->mark == inbox->written) {
        return;
    }

    if (!mark_write(inbox->mark_path, inbox->mark)) {
        inbox_keep_failed(inbox, "mark");
        return;
    }

    inbox->written = inbox->mark;
}


void
inbox_keep_forget(struct inbox *inbox)
{
    inbox->mark = 0;
    inbox->written = 0;
    inbox->high = 0;

    mark_remove(inbox->mark_path);
    delivered_remove(inbox->delivered);
    seen_clear(inbox->seen);
}


/* before which all is delivered that the page's history has */

static uint64_t
inbox_keep_mark(const struct inbox *inbox)
{
    uint64_t  mark, oldest;

    /* what is not read yet may be of any time behind the mark */

    mark = inbox->walk.due ? inbox->mark : inbox->high;

    if (seen_oldest_queued(inbox->seen, &oldest) && oldest < mark) {
        mark = oldest;
    }

    if (inbox->refused < mark) {
        mark = inbox->refused;
    }

    return mark > seen_floor(inbox->seen) ? mark : seen_floor(inbox->seen);
}


static void
inbox_keep_failed(struct inbox *inbox, const char *what)
{
    log_event(inbox->parts.log, LOG_ERROR, "inbox_write_failed",
              log_const("session", inbox->session), log_const("what", what),
              log_int("errno", errno));
}
