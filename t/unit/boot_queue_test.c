/*
 * Which sessions start, and in which order.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/boot_queue.h"


#define SESSIONS  4
#define LIMIT     50    /* ms */


static struct event_base  *base;
static struct boot_queue  *queue;
static struct boot_place   places[SESSIONS];
static unsigned            starts[SESSIONS];


static void
started(void *ctx)
{
    (*(unsigned *) ctx)++;
}


static int
set_up(void **state)
{
    int  i;

    (void) state;

    base = event_base_new();
    queue = boot_queue_create(base, 2, LIMIT);

    for (i = 0; i < SESSIONS; i++) {
        starts[i] = 0;
        assert_true(boot_place_init(&places[i], queue, started, &starts[i]));
    }

    return 0;
}


static int
tear_down(void **state)
{
    int  i;

    (void) state;

    for (i = 0; i < SESSIONS; i++) {
        boot_place_free(&places[i]);
    }

    boot_queue_destroy(queue);
    event_base_free(base);

    return 0;
}


static void
ask_all(void)
{
    int  i;

    for (i = 0; i < SESSIONS; i++) {
        boot_place_ask(&places[i]);
    }
}


static void
expect_starts(unsigned a, unsigned b, unsigned c, unsigned d)
{
    assert_int_equal(starts[0], a);
    assert_int_equal(starts[1], b);
    assert_int_equal(starts[2], c);
    assert_int_equal(starts[3], d);
}


static void
two_start_at_once(void **state)
{
    (void) state;

    ask_all();
    expect_starts(1, 1, 0, 0);

    assert_int_equal(boot_place_position(&places[0]), 0);
    assert_int_equal(boot_place_position(&places[1]), 0);
    assert_int_equal(boot_place_position(&places[2]), 1);
    assert_int_equal(boot_place_position(&places[3]), 2);

    boot_place_leave(&places[1]);
    expect_starts(1, 1, 1, 0);
    assert_int_equal(boot_place_position(&places[3]), 1);

    boot_place_leave(&places[0]);
    expect_starts(1, 1, 1, 1);
}


static void
who_asks_twice_starts_once(void **state)
{
    (void) state;

    ask_all();
    ask_all();
    expect_starts(1, 1, 0, 0);
    assert_int_equal(boot_place_position(&places[3]), 2);

    boot_place_leave(&places[0]);
    boot_place_leave(&places[0]);
    expect_starts(1, 1, 1, 0);
}


static void
who_starts_again_waits_behind(void **state)
{
    (void) state;

    ask_all();
    boot_place_leave(&places[0]);
    boot_place_ask(&places[0]);
    expect_starts(1, 1, 1, 0);
    assert_int_equal(boot_place_position(&places[0]), 2);

    boot_place_leave(&places[1]);
    boot_place_leave(&places[2]);
    expect_starts(2, 1, 1, 1);
}


static void
who_waits_can_leave(void **state)
{
    (void) state;

    ask_all();
    boot_place_leave(&places[2]);
    assert_int_equal(boot_place_position(&places[2]), 0);
    assert_int_equal(boot_place_position(&places[3]), 1);

    boot_place_leave(&places[0]);
    expect_starts(1, 1, 0, 1);

    boot_place_leave(&places[1]);
    expect_starts(1, 1, 0, 1);
}


static void
a_start_without_end_frees_its_place(void **state)
{
    (void) state;

    ask_all();
    boot_place_leave(&places[0]);
    expect_starts(1, 1, 1, 0);

    /* until no timer is left */

    event_base_dispatch(base);
    expect_starts(1, 1, 1, 1);

    /* its end is nobody else's */

    boot_place_ask(&places[0]);
    boot_place_ask(&places[1]);
    boot_place_leave(&places[2]);
    boot_place_ask(&places[3]);
    expect_starts(2, 2, 1, 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(two_start_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_asks_twice_starts_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_starts_again_waits_behind, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_waits_can_leave, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_start_without_end_frees_its_place,
                                        set_up, tear_down)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
