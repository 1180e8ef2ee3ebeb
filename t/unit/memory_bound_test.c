/*
 * What is above its limit, when it is replaced, and when it is left alone.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/memory_bound.h"


#define MINUTE  60000


static const struct memory_limits  limits = { 100, 200 };
static const struct memory_limits  none = { 0, 0 };


static void
limits_are_told_apart(void **state)
{
    struct memory_bound  bound = { .above = false };

    (void) state;

    assert_int_equal(memory_bound_judge(&bound, &limits, 100, 1),
                     MEMORY_FITS);
    assert_int_equal(memory_bound_judge(&bound, &limits, 101, 1),
                     MEMORY_HIGH);
    assert_int_equal(memory_bound_judge(&bound, &limits, 200, 1),
                     MEMORY_HIGH);
    assert_int_equal(memory_bound_judge(&bound, &limits, 201, 1),
                     MEMORY_MAX);
}


static void
no_limit_fits_all(void **state)
{
    struct memory_bound         bound = { .above = false };
    const struct memory_limits  high = { 100, 0 }, max = { 0, 200 };

    (void) state;

    assert_int_equal(memory_bound_judge(&bound, &none, UINT64_MAX, 1),
                     MEMORY_FITS);
    assert_int_equal(memory_bound_judge(&bound, &high, UINT64_MAX, 1),
                     MEMORY_HIGH);
    assert_int_equal(memory_bound_judge(&bound, &max, 200, 1), MEMORY_FITS);
    assert_int_equal(memory_bound_judge(&bound, &max, 201, 1), MEMORY_MAX);
}


/* a limit below what a page needs: each replacement waits longer */

static void
a_limit_that_is_too_low_makes_no_loop(void **state)
{
    size_t               i;
    uint64_t             now;
    struct memory_bound  bound = { .above = false };

    static const unsigned  pauses[] = { 1, 2, 4, 8, 15, 15, 15 };

    (void) state;

    now = 1000 * MINUTE;

    for (i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        assert_int_equal(memory_bound_judge(&bound, &limits, 300, now),
                         MEMORY_MAX);
        memory_bound_renewed(&bound, now, 0);

        assert_int_equal(memory_bound_judge(&bound, &limits, 300, now + 1),
                         MEMORY_PAUSED);

        now += (uint64_t) pauses[i] * MINUTE;

        assert_int_equal(memory_bound_judge(&bound, &limits, 150, now - 1),
                         MEMORY_PAUSED);
    }
}


/* below its limit for minutes is too short to call it growth */

static void
a_page_that_grows_fast_is_paused(void **state)
{
    struct memory_bound  bound = { .above = false };

    (void) state;

    memory_bound_renewed(&bound, 0, 0);
    memory_bound_renewed(&bound, 5 * MINUTE, 0);

    assert_int_equal(memory_bound_judge(&bound, &limits, 50, 5 * MINUTE + 1),
                     MEMORY_FITS);
    assert_int_equal(memory_bound_judge(&bound, &limits, 150, 6 * MINUTE),
                     MEMORY_PAUSED);
    assert_int_equal(memory_bound_judge(&bound, &limits, 150, 7 * MINUTE),
                     MEMORY_HIGH);
}


static void
a_page_that_grows_slowly_is_not_paused(void **state)
{
    size_t               i;
    uint64_t             now;
    struct memory_bound  bound = { .above = false };

    (void) state;

    now = MINUTE;

    for (i = 0; i < 20; i++) {
        assert_int_equal(memory_bound_judge(&bound, &limits, 150, now),
                         MEMORY_HIGH);
        memory_bound_renewed(&bound, now, 0);

        assert_int_equal(memory_bound_judge(&bound, &limits, 50, now + 1),
                         MEMORY_FITS);

        now += MEMORY_BOUND_SOON_MS;
    }
}


/* the pause goes on when it shrinks and grows again within it */

static void
a_pause_is_kept(void **state)
{
    struct memory_bound  bound = { .above = false };

    (void) state;

    memory_bound_renewed(&bound, 0, 0);

    assert_int_equal(memory_bound_judge(&bound, &limits, 150, 1),
                     MEMORY_PAUSED);
    assert_int_equal(memory_bound_judge(&bound, &limits, 50, 2),
                     MEMORY_FITS);
    assert_int_equal(memory_bound_judge(&bound, &limits, 150, 3),
                     MEMORY_PAUSED);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(limits_are_told_apart),
        cmocka_unit_test(no_limit_fits_all),
        cmocka_unit_test(a_limit_that_is_too_low_makes_no_loop),
        cmocka_unit_test(a_page_that_grows_fast_is_paused),
        cmocka_unit_test(a_page_that_grows_slowly_is_not_paused),
        cmocka_unit_test(a_pause_is_kept)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
