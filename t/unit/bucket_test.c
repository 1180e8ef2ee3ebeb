/*
 * The token bucket, on a clock of its own.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bucket.h"


static void
test_burst(void **state)
{
    int            i;
    struct bucket  bucket;

    (void) state;

    bucket_init(&bucket, 20, 5, 1000);

    for (i = 0; i < 5; i++) {
        assert_int_equal(bucket_wait(&bucket, 1, 1000), 0);
        assert_true(bucket_take(&bucket, 1000));
    }

    assert_false(bucket_take(&bucket, 1000));

    /* 20 a minute: one every 3 s */

    assert_int_equal(bucket_wait(&bucket, 1, 1000), 3000);
    assert_int_equal(bucket_wait(&bucket, 2, 1000), 6000);
    assert_int_equal(bucket_wait(&bucket, 1, 3999), 1);

    assert_false(bucket_take(&bucket, 3999));
    assert_true(bucket_take(&bucket, 4000));
    assert_false(bucket_take(&bucket, 4000));
}


static void
test_refill_stops_at_burst(void **state)
{
    struct bucket  bucket;

    (void) state;

    bucket_init(&bucket, 60, 2, 0);

    assert_true(bucket_take(&bucket, 0));
    assert_true(bucket_take(&bucket, 0));

    assert_int_equal(bucket_wait(&bucket, 2, UINT64_MAX / 2), 0);
    assert_true(bucket_take(&bucket, UINT64_MAX / 2));
    assert_true(bucket_take(&bucket, UINT64_MAX / 2));
    assert_false(bucket_take(&bucket, UINT64_MAX / 2));
}


static void
test_rate_holds_over_time(void **state)
{
    int            taken;
    uint64_t       now;
    struct bucket  bucket;

    (void) state;

    /* 7 a minute doesn't divide a millisecond: nothing may be lost */

    bucket_init(&bucket, 7, 1, 0);

    taken = 0;

    for (now = 0; now <= 3600000; now += 13) {
        taken += bucket_take(&bucket, now);
    }

    assert_in_range(taken, 420, 421);
}


static void
test_unpaced(void **state)
{
    int            i;
    struct bucket  bucket;

    (void) state;

    bucket_init(&bucket, 0, 1, 0);

    for (i = 0; i < 1000; i++) {
        assert_true(bucket_take(&bucket, 0));
    }

    assert_int_equal(bucket_wait(&bucket, 1000000, 0), 0);
}


static void
test_clock_that_stands(void **state)
{
    struct bucket  bucket;

    (void) state;

    bucket_init(&bucket, 60, 1, 5000);

    assert_true(bucket_take(&bucket, 4000));
    assert_int_equal(bucket_wait(&bucket, 1, 4000), 1000);
}


static void
test_change(void **state)
{
    struct bucket  bucket;

    (void) state;

    bucket_init(&bucket, 60, 5, 0);
    assert_true(bucket_take(&bucket, 0));
    assert_true(bucket_take(&bucket, 0));
    assert_true(bucket_take(&bucket, 0));

    /* the tokens stay, with those of the time so far */

    bucket_change(&bucket, 6, 5, 1000);
    assert_int_equal(bucket_wait(&bucket, 3, 1000), 0);
    assert_int_equal(bucket_wait(&bucket, 4, 1000), 10000);

    /* as far as they fit in */

    bucket_change(&bucket, 6, 2, 1000);
    assert_int_equal(bucket_wait(&bucket, 2, 1000), 0);
    assert_int_equal(bucket_wait(&bucket, 3, 1000), 10000);

    /* to no limit and back */

    bucket_change(&bucket, 0, 1, 1000);
    assert_int_equal(bucket_wait(&bucket, 1000, 1000), 0);
    bucket_change(&bucket, 60, 2, 2000);
    assert_int_equal(bucket_wait(&bucket, 2, 2000), 0);
    assert_int_equal(bucket_wait(&bucket, 3, 2000), 1000);
}


static void
test_return(void **state)
{
    struct bucket  bucket;

    (void) state;

    bucket_init(&bucket, 60, 2, 0);
    assert_int_equal(bucket_fill_time(&bucket, 0), 0);

    assert_true(bucket_take(&bucket, 0));
    assert_true(bucket_take(&bucket, 0));
    assert_int_equal(bucket_fill_time(&bucket, 999), 1001);

    bucket_return(&bucket, 500);
    assert_true(bucket_take(&bucket, 500));
    assert_false(bucket_take(&bucket, 500));
    assert_true(bucket_take(&bucket, 1000));

    /* never more than when it is full */

    assert_int_equal(bucket_fill_time(&bucket, 2999), 1);
    assert_int_equal(bucket_fill_time(&bucket, 3000), 0);
    bucket_return(&bucket, 3000);
    assert_true(bucket_take(&bucket, 3000));
    assert_true(bucket_take(&bucket, 3000));
    assert_false(bucket_take(&bucket, 3000));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_burst),
        cmocka_unit_test(test_refill_stops_at_burst),
        cmocka_unit_test(test_rate_holds_over_time),
        cmocka_unit_test(test_unpaced),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_return),
        cmocka_unit_test(test_clock_that_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
