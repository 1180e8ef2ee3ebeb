/*
 * The order of calls: pacing, window, chats, deadlines.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "session/send_queue.h"


static uint64_t  retry_after;


static struct send_queue_item
item(uint64_t deadline, uint64_t chat)
{
    struct send_queue_item  item;

    memset(&item, 0, sizeof(item));
    item.deadline = deadline;
    item.chat = chat;

    return item;
}


static void
test_order_and_window(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a = item(9000, 0), b = item(9000, 0),
                              c = item(9000, 0);
    struct send_queue_config  config = { 10, 2, 0, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);

    assert_int_equal(send_queue_push(&queue, &a, 0, &retry_after),
                     SEND_QUEUE_OK);
    assert_int_equal(send_queue_push(&queue, &b, 0, &retry_after),
                     SEND_QUEUE_OK);
    assert_int_equal(send_queue_push(&queue, &c, 0, &retry_after),
                     SEND_QUEUE_OK);

    assert_ptr_equal(send_queue_pop(&queue, 0), &a);
    assert_ptr_equal(send_queue_pop(&queue, 0), &b);
    assert_null(send_queue_pop(&queue, 0));
    assert_int_equal(c.place, SEND_QUEUE_WAITING);

    send_queue_remove(&queue, &b);
    assert_int_equal(b.place, SEND_QUEUE_OUTSIDE);
    assert_ptr_equal(send_queue_pop(&queue, 0), &c);
    assert_int_equal(c.place, SEND_QUEUE_RUNNING);

    send_queue_remove(&queue, &a);
    send_queue_remove(&queue, &c);
    assert_null(send_queue_pop(&queue, 0));
    assert_int_equal(send_queue_next(&queue, 0), SEND_QUEUE_NEVER);
}


static void
test_one_chat_at_a_time(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a1 = item(9000, 1), a2 = item(9000, 1),
                         b = item(9000, 2), a3 = item(9000, 1);
    struct send_queue_config  config = { 10, 3, 0, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);

    (void) send_queue_push(&queue, &a1, 0, &retry_after);
    (void) send_queue_push(&queue, &a2, 0, &retry_after);
    (void) send_queue_push(&queue, &b, 0, &retry_after);
    (void) send_queue_push(&queue, &a3, 0, &retry_after);

    assert_ptr_equal(send_queue_pop(&queue, 0), &a1);
    assert_ptr_equal(send_queue_pop(&queue, 0), &b);
    assert_null(send_queue_pop(&queue, 0));

    send_queue_remove(&queue, &b);
    assert_null(send_queue_pop(&queue, 0));

    send_queue_remove(&queue, &a1);
    assert_ptr_equal(send_queue_pop(&queue, 0), &a2);
    assert_null(send_queue_pop(&queue, 0));

    send_queue_remove(&queue, &a2);
    assert_ptr_equal(send_queue_pop(&queue, 0), &a3);
}


static void
test_pacing(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a = item(90000, 0), b = item(90000, 0);
    struct send_queue_config  config = { 10, 5, 60, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);

    (void) send_queue_push(&queue, &a, 0, &retry_after);
    (void) send_queue_push(&queue, &b, 0, &retry_after);

    assert_int_equal(send_queue_next(&queue, 0), 0);
    assert_ptr_equal(send_queue_pop(&queue, 0), &a);
    assert_null(send_queue_pop(&queue, 0));
    assert_int_equal(send_queue_next(&queue, 0), 1000);
    assert_null(send_queue_pop(&queue, 999));
    assert_ptr_equal(send_queue_pop(&queue, 1000), &b);
}


static void
test_full(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a = item(90000, 0), b = item(90000, 0),
                              c = item(90000, 0);
    struct send_queue_config  config = { 2, 1, 6, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);

    assert_int_equal(send_queue_push(&queue, &a, 0, &retry_after),
                     SEND_QUEUE_OK);
    assert_int_equal(send_queue_push(&queue, &b, 0, &retry_after),
                     SEND_QUEUE_OK);
    assert_int_equal(send_queue_push(&queue, &c, 0, &retry_after),
                     SEND_QUEUE_FULL);
    assert_true(retry_after >= 1000);
    assert_int_equal(c.place, SEND_QUEUE_OUTSIDE);

    /* one that runs makes room; pacing says when the next one does */

    assert_ptr_equal(send_queue_pop(&queue, 0), &a);
    assert_int_equal(send_queue_push(&queue, &c, 0, &retry_after),
                     SEND_QUEUE_OK);

    send_queue_remove(&queue, &a);
    a = item(90000, 0);
    assert_int_equal(send_queue_push(&queue, &a, 0, &retry_after),
                     SEND_QUEUE_FULL);
    assert_int_equal(retry_after, 10000);
}


static void
test_refused_when_pacing_is_too_slow(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a = item(100, 0), b = item(1000, 0),
                              c = item(1999, 0), d = item(2000, 0);
    struct send_queue_config  config = { 10, 5, 60, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);

    assert_int_equal(send_queue_push(&queue, &a, 0, &retry_after),
                     SEND_QUEUE_OK);
    assert_ptr_equal(send_queue_pop(&queue, 0), &a);

    /* the next start is at 1000, the one after it at 2000 */

    assert_int_equal(send_queue_push(&queue, &b, 0, &retry_after),
                     SEND_QUEUE_OK);
    assert_int_equal(send_queue_push(&queue, &c, 0, &retry_after),
                     SEND_QUEUE_TOO_LATE);
    assert_int_equal(retry_after, 1000);
    assert_int_equal(send_queue_push(&queue, &d, 0, &retry_after),
                     SEND_QUEUE_OK);

    send_queue_remove(&queue, &a);
    assert_ptr_equal(send_queue_pop(&queue, 1000), &b);
    send_queue_remove(&queue, &b);
    assert_ptr_equal(send_queue_pop(&queue, 2000), &d);
}


static void
test_deadlines(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a = item(500, 0), b = item(300, 0),
                              c = item(900, 0);
    struct send_queue_config  config = { 10, 1, 0, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);

    (void) send_queue_push(&queue, &a, 0, &retry_after);
    assert_ptr_equal(send_queue_pop(&queue, 0), &a);
    (void) send_queue_push(&queue, &b, 0, &retry_after);
    (void) send_queue_push(&queue, &c, 0, &retry_after);

    assert_int_equal(send_queue_next(&queue, 0), 301);
    assert_null(send_queue_expired(&queue, 300));
    assert_ptr_equal(send_queue_expired(&queue, 301), &b);
    assert_int_equal(b.place, SEND_QUEUE_OUTSIDE);

    /* what runs does not expire here */

    assert_null(send_queue_expired(&queue, 800));
    assert_int_equal(a.place, SEND_QUEUE_RUNNING);

    send_queue_remove(&queue, &a);
    assert_ptr_equal(send_queue_pop(&queue, 900), &c);
}


static void
test_cancel_and_shift(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a = item(500, 0), b = item(500, 0),
                              c = item(500, 0);
    struct send_queue_config  config = { 10, 1, 0, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);

    (void) send_queue_push(&queue, &a, 0, &retry_after);
    (void) send_queue_push(&queue, &b, 0, &retry_after);
    (void) send_queue_push(&queue, &c, 0, &retry_after);

    send_queue_remove(&queue, &a);
    send_queue_remove(&queue, &a);
    assert_ptr_equal(send_queue_pop(&queue, 0), &b);
    assert_ptr_equal(send_queue_shift(&queue), &c);
    assert_null(send_queue_shift(&queue));
    assert_int_equal(queue.waiting_n, 0);
    assert_int_equal(queue.running_n, 1);
}


static void
test_held(void **state)
{
    struct send_queue         queue;
    struct send_queue_item    a = item(500, 0), b = item(900, 0);
    struct send_queue_config  config = { 10, 1, 0, 1 };

    (void) state;

    send_queue_init(&queue, &config, 0);
    send_queue_hold(&queue, true);

    (void) send_queue_push(&queue, &a, 0, &retry_after);
    (void) send_queue_push(&queue, &b, 0, &retry_after);

    /* nothing starts, and only the deadlines are waited for */

    assert_null(send_queue_pop(&queue, 0));
    assert_int_equal(send_queue_next(&queue, 0), 501);
    assert_ptr_equal(send_queue_expired(&queue, 501), &a);

    send_queue_hold(&queue, false);
    assert_int_equal(send_queue_next(&queue, 501), 0);
    assert_ptr_equal(send_queue_pop(&queue, 501), &b);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_order_and_window),
        cmocka_unit_test(test_one_chat_at_a_time),
        cmocka_unit_test(test_pacing),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_refused_when_pacing_is_too_slow),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_cancel_and_shift),
        cmocka_unit_test(test_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
