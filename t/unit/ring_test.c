/*
 * The ring of events and its readers.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "events/ring.h"


static unsigned  calls;


static void
put(struct ring *ring, enum event_kind kind, size_t size)
{
    char                  *body;
    struct account_event  *event;

    body = calloc(1, size + 1);
    assert_non_null(body);

    event = event_create(kind, body, size);
    assert_non_null(event);

    ring_put(ring, event);
    event_release(event);
}


static void
put_many(struct ring *ring, enum event_kind kind, unsigned n)
{
    for ( /* void */ ; n > 0; n--) {
        put(ring, kind, 1);
    }
}


static void
ready(void *ctx)
{
    (void) ctx;

    calls++;
}


static struct ring_reader *
subscribe(struct ring *ring, const char *last, unsigned kinds)
{
    struct ring_reader  *reader;

    calls = 0;
    reader = ring_subscribe(ring, last, kinds, ready, NULL);
    assert_non_null(reader);

    return reader;
}


/* the number of the next event, or 0 and how many are missing */

static uint64_t
next(struct ring_reader *reader, struct ring_item *item)
{
    assert_true(ring_next(reader, item));

    if (item->event == NULL) {
        assert_non_null(strchr(item->id, '-'));
        return 0;
    }

    assert_int_equal(item->missed, 0);
    return item->event->seq;
}


static void
test_reads_what_comes(void **state)
{
    struct ring         *ring;
    struct ring_item     item;
    struct ring_reader  *reader;

    (void) state;

    ring = ring_create();
    put(ring, EVENT_MESSAGE, 1);
    reader = subscribe(ring, NULL, EVENT_ALL);

    assert_false(ring_next(reader, &item));
    assert_int_equal(calls, 0);

    put(ring, EVENT_MESSAGE, 1);
    put(ring, EVENT_STATUS, 1);
    assert_int_equal(calls, 1);

    assert_int_equal(next(reader, &item), 2);
    assert_int_equal(next(reader, &item), 3);
    assert_int_equal(item.event->kind, EVENT_STATUS);
    assert_false(ring_next(reader, &item));

    put(ring, EVENT_CALL, 1);
    assert_int_equal(calls, 2);

    ring_unsubscribe(reader);
    ring_destroy(ring);
}


static void
test_kinds(void **state)
{
    struct ring         *ring;
    struct ring_item     item;
    struct ring_reader  *reader;

    (void) state;

    ring = ring_create();
    reader = subscribe(ring, NULL, EVENT_BIT(EVENT_ECHO));

    assert_false(ring_next(reader, &item));
    put_many(ring, EVENT_MESSAGE, RING_EVENTS + 10);
    assert_int_equal(calls, 0);
    assert_false(ring_next(reader, &item));

    put(ring, EVENT_ECHO, 1);
    assert_int_equal(calls, 1);
    assert_int_equal(next(reader, &item), RING_EVENTS + 11);

    ring_unsubscribe(reader);
    ring_destroy(ring);
}


static void
test_resumes(void **state)
{
    char                 id[RING_ID_SIZE];
    struct ring         *ring;
    struct ring_item     item;
    struct ring_reader  *reader;

    (void) state;

    ring = ring_create();
    reader = subscribe(ring, NULL, EVENT_ALL);
    put_many(ring, EVENT_MESSAGE, 5);
    assert_int_equal(next(reader, &item), 1);
    assert_int_equal(next(reader, &item), 2);
    memcpy(id, item.id, sizeof(id));
    ring_unsubscribe(reader);

    reader = subscribe(ring, id, EVENT_ALL);
    assert_int_equal(next(reader, &item), 3);
    ring_unsubscribe(reader);

    put_many(ring, EVENT_MESSAGE, RING_EVENTS);
    reader = subscribe(ring, id, EVENT_ALL);
    assert_int_equal(next(reader, &item), 0);
    assert_int_equal(item.missed, 3);
    memcpy(id, item.id, sizeof(id));
    assert_int_equal(next(reader, &item), 6);
    ring_unsubscribe(reader);

    /* who has been told of the gap goes on behind it */

    reader = subscribe(ring, id, EVENT_ALL);
    assert_int_equal(next(reader, &item), 6);
    ring_unsubscribe(reader);

    ring_destroy(ring);
}


static void
test_foreign_ids(void **state)
{
    char                 id[RING_ID_SIZE + 8];
    size_t               i;
    struct ring         *ring;
    struct ring_item     item;
    struct ring_reader  *reader;

    static const char *const  foreign[] = {
        "", "-", "1", "0123456789abcdef-1", "\xff", "0123456789abcdef"
    };

    (void) state;

    ring = ring_create();
    put_many(ring, EVENT_MESSAGE, 3);

    for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        reader = subscribe(ring, foreign[i], EVENT_ALL);
        assert_int_equal(next(reader, &item), 0);
        assert_int_equal(item.missed, 0);
        memcpy(id, item.id, sizeof(item.id));
        assert_int_equal(next(reader, &item), 1);
        ring_unsubscribe(reader);
    }

    /* the gap has a number, that before the first event */

    assert_string_equal(strchr(id, '-'), "-0");
    reader = subscribe(ring, id, EVENT_ALL);
    assert_int_equal(next(reader, &item), 1);
    ring_unsubscribe(reader);

    /* numbers that were not given, and other texts for one that was */

    id[strlen(id) - 1] = '\0';

    for (i = 0; i < 5; i++) {
        static const char *const  ends[] = { "", "4", "01", "1 ", "-1" };

        char  other[RING_ID_SIZE + 16];

        (void) snprintf(other, sizeof(other), "%s%s", id, ends[i]);
        reader = subscribe(ring, other, EVENT_ALL);
        assert_int_equal(next(reader, &item), 0);
        assert_int_equal(next(reader, &item), 1);
        ring_unsubscribe(reader);
    }

    ring_destroy(ring);
}


static void
test_overtaken(void **state)
{
    struct ring         *ring;
    struct ring_item     item;
    struct ring_reader  *all, *statuses;

    (void) state;

    ring = ring_create();
    all = subscribe(ring, NULL, EVENT_ALL);
    statuses = subscribe(ring, NULL, EVENT_BIT(EVENT_STATUS));

    put_many(ring, EVENT_MESSAGE, 4);
    put_many(ring, EVENT_STATUS, 3);
    put_many(ring, EVENT_MESSAGE, RING_EVENTS - 1);

    assert_int_equal(next(all, &item), 0);
    assert_int_equal(item.missed, 6);
    assert_int_equal(next(all, &item), 7);

    assert_int_equal(next(statuses, &item), 0);
    assert_int_equal(item.missed, 2);
    assert_int_equal(next(statuses, &item), 7);
    assert_false(ring_next(statuses, &item));

    ring_unsubscribe(all);
    ring_unsubscribe(statuses);
    ring_destroy(ring);
}


static void
test_bounds(void **state)
{
    struct ring        *ring;
    struct ring_stats   stats;

    (void) state;

    ring = ring_create();

    put(ring, EVENT_MESSAGE, RING_BYTES - 1);
    put(ring, EVENT_MESSAGE, 1);
    stats = ring_stats(ring);
    assert_int_equal(stats.events, 2);
    assert_int_equal(stats.bytes, RING_BYTES);

    put(ring, EVENT_MESSAGE, 1);
    stats = ring_stats(ring);
    assert_int_equal(stats.events, 2);
    assert_int_equal(stats.bytes, 2);
    assert_int_equal(stats.evicted, 1);

    ring_clear(ring);
    stats = ring_stats(ring);
    assert_int_equal(stats.events, 0);
    assert_int_equal(stats.bytes, 0);

    ring_destroy(ring);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_reads_what_comes),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_resumes),
        cmocka_unit_test(test_foreign_ids),
        cmocka_unit_test(test_overtaken),
        cmocka_unit_test(test_bounds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
