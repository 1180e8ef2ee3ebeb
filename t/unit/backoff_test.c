/*
 * The delays after a death, and when there were too many.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chrome/backoff.h"


static void
delays_double(void **state)
{
    size_t          i;
    struct backoff  b;

    static const unsigned  expected[] = {
        1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000
    };

    (void) state;

    backoff_reset(&b);

    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(backoff_delay(&b, BACKOFF_MAX_MS, 1000 * i, 0),
                         expected[i]);
    }

    backoff_reset(&b);

    assert_int_equal(backoff_delay(&b, BACKOFF_MAX_MS, 0, 0), 1000);
}


static void
the_caller_bounds_them(void **state)
{
    size_t          i;
    struct backoff  b;

    static const unsigned  expected[] = { 1000, 2000, 4000, 5000, 5000 };

    (void) state;

    backoff_reset(&b);

    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(backoff_delay(&b, 5000, 1000 * i, 0), expected[i]);
    }
}


static void
jitter_is_a_quarter(void **state)
{
    unsigned        delay;
    uint32_t        random;
    struct backoff  b;

    (void) state;

    for (random = 0; random < 100000; random += 37) {
        backoff_reset(&b);
        delay = backoff_delay(&b, BACKOFF_MAX_MS, 0, random);
        assert_in_range(delay, 1000, 1249);
    }
}


static void
sixth_death_exceeds(void **state)
{
    size_t          i;
    struct backoff  b;

    (void) state;

    backoff_reset(&b);

    for (i = 0; i < BACKOFF_TRIES; i++) {
        assert_false(backoff_exceeded(&b, 1000 * i));
        (void) backoff_delay(&b, BACKOFF_MAX_MS, 1000 * i, 0);
    }

    assert_true(backoff_exceeded(&b, 1000 * i));

    /* the first of the five is ten minutes old */

    assert_true(backoff_exceeded(&b, BACKOFF_WINDOW_MS - 1));
    assert_false(backoff_exceeded(&b, BACKOFF_WINDOW_MS));
}


static void
slow_deaths_never_exceed(void **state)
{
    size_t          i;
    uint64_t        now;
    struct backoff  b;

    (void) state;

    backoff_reset(&b);

    for (i = 0; i < 100; i++) {
        now = (uint64_t) i * BACKOFF_WINDOW_MS / BACKOFF_TRIES;

        assert_false(backoff_exceeded(&b, now));
        (void) backoff_delay(&b, BACKOFF_MAX_MS, now, 0);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(delays_double),
        cmocka_unit_test(the_caller_bounds_them),
        cmocka_unit_test(jitter_is_a_quarter),
        cmocka_unit_test(sixth_death_exceeds),
        cmocka_unit_test(slow_deaths_never_exceed)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
