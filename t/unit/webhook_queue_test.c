/*
 * The queue of a webhook: order, room, and who waits for whom after a failure.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "events/webhook_backoff.h"
#include "events/webhook_queue.h"


#define PARALLEL  3


static struct webhook_queue  *queue;
static uint64_t               now;
static unsigned               dropped;


static void
drop(void *event)
{
    (void) event;

    dropped++;
}


static int
set_up(void **state)
{
    struct webhook_queue_config  config = { 8, 100, PARALLEL };

    (void) state;

    now = 1000;
    dropped = 0;
    queue = webhook_queue_create(&config);

    return queue == NULL;
}


static int
tear_down(void **state)
{
    (void) state;

    webhook_queue_destroy(queue, drop);

    return 0;
}


/* events are texts whose first character is their chat */

static bool
put(const char *event)
{
    return webhook_queue_put(queue, (uint64_t) event[0], (void *) event, 10,
                             now);
}


static struct webhook_item *
next(void)
{
    uint64_t  when;

    return webhook_queue_next(queue, now, &when);
}


/* takes the next event, which has to be this one */

static struct webhook_item *
run(const char *event)
{
    struct webhook_item  *item;

    item = next();

    assert_non_null(item);
    assert_string_equal(webhook_item_event(item), event);

    return item;
}


static uint64_t
when(void)
{
    uint64_t  at;

    assert_null(webhook_queue_next(queue, now, &at));

    return at;
}


static void
failed(struct webhook_item *item, enum webhook_blame blame)
{
    webhook_queue_failed(queue, item, blame, 0, now, UINT32_MAX);
}


static void
test_order(void **state)
{
    struct webhook_item  *a, *b;

    (void) state;

    assert_true(put("a1") && put("a2") && put("b1") && put("a3"));

    a = run("a1");
    b = run("b1");

    /* what follows in a chat waits */

    assert_int_equal(when(), WEBHOOK_NEVER);
    assert_int_equal(webhook_queue_running(queue), 2);

    webhook_queue_taken(queue, b);
    assert_null(next());

    webhook_queue_taken(queue, a);
    webhook_queue_taken(queue, run("a2"));
    webhook_queue_taken(queue, run("a3"));

    assert_int_equal(webhook_queue_length(queue), 0);
    assert_int_equal(webhook_queue_bytes(queue), 0);
}


static void
test_parallel(void **state)
{
    struct webhook_item  *a;

    (void) state;

    assert_true(put("a1") && put("b1") && put("c1") && put("d1"));

    a = run("a1");
    (void) run("b1");
    (void) run("c1");
    assert_int_equal(when(), WEBHOOK_NEVER);

    webhook_queue_taken(queue, a);
    (void) run("d1");
}


static void
test_room(void **state)
{
    int  i;

    (void) state;

    for (i = 0; i < 8; i++) {
        assert_true(put("a"));
    }

    assert_false(put("b"));

    webhook_queue_taken(queue, run("a"));
    assert_false(webhook_queue_put(queue, 1, "large", 31, now));
    assert_true(webhook_queue_put(queue, 1, "fits", 30, now));
    assert_int_equal(webhook_queue_bytes(queue), 100);

    webhook_queue_destroy(queue, drop);
    queue = NULL;
    assert_int_equal(dropped, 8);
}


static void
test_failing_chat(void **state)
{
    int       i;
    uint64_t  at, before;

    (void) state;

    assert_true(put("a1") && put("a2"));

    before = 0;

    /* each wait is longer, up to an hour, and others do not wait */

    for (i = 0; i < 16; i++) {
        failed(run("a1"), WEBHOOK_BLAME_EVENT);

        assert_true(put("b1"));
        webhook_queue_taken(queue, run("b1"));

        at = when();
        assert_true(at - now >= before);
        assert_true(at - now <= WEBHOOK_BACKOFF_MAX_MS);

        before = at - now - 1;
        now = at;
    }

    assert_true(before > WEBHOOK_BACKOFF_MAX_MS / 2);

    /* it was never overtaken */

    webhook_queue_taken(queue, run("a1"));
    webhook_queue_taken(queue, run("a2"));
}


static void
test_receiver_down(void **state)
{
    uint64_t              at;
    struct webhook_item  *b;

    (void) state;

    assert_true(put("a1") && put("b1") && put("c1"));

    b = next();
    assert_string_equal(webhook_item_event(b), "a1");
    failed(b, WEBHOOK_BLAME_RECEIVER);

    at = when();
    assert_true(at > now && at <= now + 1000);

    /* one event at a time, of the chat that was tried longest ago */

    now = at;
    b = run("b1");
    assert_int_equal(when(), WEBHOOK_NEVER);
    failed(b, WEBHOOK_BLAME_EVENT);

    now = when();
    b = run("c1");
    assert_null(next());

    /* the first one that is taken lets the others go */

    webhook_queue_taken(queue, b);
    webhook_queue_taken(queue, run("a1"));
    webhook_queue_taken(queue, run("b1"));
}


static void
test_two_chats_fail(void **state)
{
    struct webhook_item  *a, *b;

    (void) state;

    assert_true(put("a1") && put("b1") && put("c1"));

    a = run("a1");
    b = run("b1");
    failed(a, WEBHOOK_BLAME_EVENT);
    failed(b, WEBHOOK_BLAME_EVENT);

    /* the receiver is down, so that the third one is tried after a while */

    assert_true(when() > now);
    now = when();
    webhook_queue_taken(queue, run("c1"));
    assert_non_null(next());
    assert_non_null(next());
}


static void
test_own_failures(void **state)
{
    int                   i;
    struct webhook_item  *a, *b;

    (void) state;

    /* two chats have something that can't be taken; a third goes on */

    assert_true(put("a1") && put("b1"));

    a = run("a1");
    b = run("b1");
    failed(a, WEBHOOK_BLAME_EVENT);
    failed(b, WEBHOOK_BLAME_EVENT);

    now = when();
    assert_true(put("c1"));
    webhook_queue_taken(queue, run("c1"));

    failed(run("a1"), WEBHOOK_BLAME_EVENT);
    failed(run("b1"), WEBHOOK_BLAME_EVENT);

    for (i = 0; i < 5; i++) {
        assert_true(put("c2"));
        webhook_queue_taken(queue, run("c2"));
    }
}


static void
test_retry_after(void **state)
{
    struct webhook_item  *a, *c;

    (void) state;

    assert_true(put("a1") && put("c1"));

    a = run("a1");
    c = run("c1");
    webhook_queue_failed(queue, a, WEBHOOK_BLAME_RECEIVER, 60000, now, 0);
    webhook_queue_taken(queue, c);
    assert_int_equal(when(), now + 60000);

    assert_true(put("b1"));
    assert_int_equal(when(), now + 60000);

    /* another receiver is not bound by it */

    webhook_queue_reset(queue);
    webhook_queue_taken(queue, run("a1"));
    webhook_queue_taken(queue, run("b1"));
}


static void
test_dropped(void **state)
{
    struct webhook_item  *item;

    (void) state;

    assert_true(put("a1") && put("a2"));

    item = run("a1");
    failed(item, WEBHOOK_BLAME_EVENT);
    assert_int_equal(webhook_queue_refused(item, now), 0);

    now += 5000;
    item = run("a1");
    failed(item, WEBHOOK_BLAME_EVENT);
    assert_int_equal(webhook_queue_refused(item, now), 5000);

    /* the next one of the chat need not wait for it */

    webhook_queue_drop(queue, item);
    assert_int_equal(webhook_queue_length(queue), 1);
    assert_int_equal(webhook_queue_bytes(queue), 10);

    item = run("a2");
    failed(item, WEBHOOK_BLAME_EVENT);
    assert_int_equal(when(), now + 1000 - 1);

    /* the last one of its chat */

    webhook_queue_drop(queue, item);
    assert_int_equal(when(), WEBHOOK_NEVER);
}


static void
test_oldest(void **state)
{
    (void) state;

    assert_int_equal(webhook_queue_oldest(queue, now), now);
    assert_true(put("a1"));

    now += 500;
    assert_true(put("b1"));
    assert_int_equal(webhook_queue_oldest(queue, now), now - 500);

    webhook_queue_taken(queue, run("a1"));
    assert_int_equal(webhook_queue_oldest(queue, now), now);
}


static void
test_backoff(void **state)
{
    unsigned  n;
    uint64_t  most;

    (void) state;

    for (n = 1; n < 100; n++) {
        most = n < 13 ? 1000u << (n - 1) : WEBHOOK_BACKOFF_MAX_MS;
        most = most < WEBHOOK_BACKOFF_MAX_MS ? most : WEBHOOK_BACKOFF_MAX_MS;

        assert_int_equal(webhook_backoff(n, WEBHOOK_BACKOFF_MAX_MS, 0),
                         WEBHOOK_BACKOFF_MIN_MS);
        assert_int_equal(webhook_backoff(n, WEBHOOK_BACKOFF_MAX_MS,
                                         UINT32_MAX),
                         most - 1);
    }

    assert_int_equal(webhook_backoff(50, 5000, UINT32_MAX), 4999);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parallel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failing_chat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_receiver_down, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_two_chats_fail, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_own_failures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_retry_after, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oldest, set_up, tear_down),
        cmocka_unit_test(test_backoff)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
