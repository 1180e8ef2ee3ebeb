/*
 * What one recipient may get of one session, on a clock of its own.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "calls/pair_limit.h"


static struct pair_limit *
make(uint32_t max, unsigned rate, unsigned burst)
{
    struct pair_limit         *limit;
    struct pair_limit_config   config;

    config.max = max;
    config.rate = rate;
    config.burst = burst;

    limit = pair_limit_create(&config);
    assert_non_null(limit);

    return limit;
}


/* one message that is dispatched; returns 0, or the time to wait */

static uint64_t
write_to(struct pair_limit *limit, const char *session, const char *to,
    uint64_t now)
{
    bool                      taken;
    struct error              error;
    struct pair_limit_ticket  ticket;

    memset(&ticket, 0, sizeof(ticket));

    taken = pair_limit_take(limit, session, to, now, &ticket, &error);

    assert_int_equal(ticket.taken, taken);
    pair_limit_spend(&ticket);

    if (taken) {
        return 0;
    }

    assert_int_equal(error.code, ERROR_PAIR_LIMITED);
    assert_true(error.retry_after_ms > 0);

    return error.retry_after_ms;
}


static void
test_rate(void **state)
{
    int                 i;
    struct pair_limit  *limit;

    (void) state;

    limit = make(8, 10, 45);

    for (i = 0; i < 45; i++) {
        assert_int_equal(write_to(limit, "1", "15550000002", 1000), 0);
    }

    assert_int_equal(write_to(limit, "1", "15550000002", 1000), 6000);
    assert_int_equal(write_to(limit, "1", "15550000002", 5000), 2000);
    assert_int_equal(write_to(limit, "1", "15550000002", 7000), 0);
    assert_int_equal(write_to(limit, "1", "15550000002", 7000), 6000);

    /* others are others, whatever the texts make behind one another */

    assert_int_equal(write_to(limit, "1", "15550000003", 1000), 0);
    assert_int_equal(write_to(limit, "11", "5550000002", 1000), 0);
    assert_int_equal(pair_limit_count(limit), 3);

    pair_limit_destroy(limit);
}


static void
test_no_limit(void **state)
{
    int                       i;
    struct error              error;
    struct pair_limit        *limit;
    struct pair_limit_ticket  ticket;

    (void) state;

    limit = make(8, 0, 1);

    for (i = 0; i < 100; i++) {
        memset(&ticket, 0, sizeof(ticket));
        assert_true(pair_limit_take(limit, "1", "2", 0, &ticket, &error));
        pair_limit_return(limit, &ticket, 0);
    }

    assert_int_equal(pair_limit_count(limit), 0);

    pair_limit_destroy(limit);
}


static void
test_change(void **state)
{
    struct error              error;
    struct pair_limit        *limit;
    struct pair_limit_ticket  ticket;

    (void) state;

    memset(&ticket, 0, sizeof(ticket));

    limit = make(4, 0, 1);
    assert_true(pair_limit_take(limit, "1", "a", 0, &ticket, &error));

    /* a limit where there was none, and a lower one */

    assert_true(pair_limit_change(limit, 60, 3));
    assert_int_equal(write_to(limit, "1", "a", 0), 0);
    assert_true(pair_limit_change(limit, 6, 1));
    assert_int_equal(write_to(limit, "1", "a", 0), 0);
    assert_int_equal(write_to(limit, "1", "a", 0), 10000);
    assert_int_equal(write_to(limit, "1", "b", 0), 0);

    /* none again, and back */

    assert_true(pair_limit_change(limit, 0, 1));
    assert_true(pair_limit_take(limit, "1", "a", 0, &ticket, &error));
    assert_true(pair_limit_change(limit, 6, 1));
    assert_int_equal(write_to(limit, "1", "a", 0), 10000);

    pair_limit_destroy(limit);
}


static void
test_ticket(void **state)
{
    struct error              error;
    struct pair_limit        *limit;
    struct pair_limit_ticket  ticket;

    (void) state;

    limit = make(8, 10, 1);
    memset(&ticket, 0, sizeof(ticket));

    /* asked twice for one message, one share is taken */

    assert_true(pair_limit_take(limit, "1", "2", 0, &ticket, &error));
    assert_true(pair_limit_take(limit, "1", "2", 0, &ticket, &error));

    /* put back once, however often it is tried */

    pair_limit_return(limit, &ticket, 0);
    pair_limit_return(limit, &ticket, 0);
    assert_int_equal(write_to(limit, "1", "2", 0), 0);
    assert_int_equal(write_to(limit, "1", "2", 0), 6000);

    /* what is spent stays so */

    pair_limit_return(limit, &ticket, 0);
    assert_int_equal(write_to(limit, "1", "2", 0), 6000);

    pair_limit_destroy(limit);
}


static void
test_expiry(void **state)
{
    struct pair_limit  *limit;

    (void) state;

    limit = make(8, 60, 2);

    assert_int_equal(write_to(limit, "1", "2", 0), 0);
    assert_int_equal(write_to(limit, "1", "3", 500), 0);
    assert_int_equal(pair_limit_count(limit), 2);

    /* the first is full again, the second not yet */

    assert_int_equal(write_to(limit, "1", "4", 1000), 0);
    assert_int_equal(pair_limit_count(limit), 2);
    assert_int_equal(pair_limit_evicted(limit), 0);

    pair_limit_destroy(limit);
}


static void
test_full(void **state)
{
    int                 i;
    char                to[16];
    struct pair_limit  *limit;

    (void) state;

    limit = make(3, 1, 1);

    assert_int_equal(write_to(limit, "1", "a", 0), 0);
    assert_int_equal(write_to(limit, "1", "b", 0), 0);
    assert_int_equal(write_to(limit, "1", "c", 0), 0);
    assert_true(write_to(limit, "1", "a", 0) > 0);
    assert_int_equal(pair_limit_evicted(limit), 0);

    /* the one that got a message longest ago makes room */

    assert_int_equal(write_to(limit, "1", "d", 0), 0);
    assert_int_equal(pair_limit_evicted(limit), 1);
    assert_int_equal(pair_limit_count(limit), 3);
    assert_true(write_to(limit, "1", "b", 0) > 0);
    assert_int_equal(write_to(limit, "1", "a", 0), 0);

    for (i = 0; i < 1000; i++) {
        (void) snprintf(to, sizeof(to), "%d", i);
        assert_int_equal(write_to(limit, "1", to, 1), 0);
        assert_int_equal(pair_limit_count(limit), 3);
    }

    pair_limit_destroy(limit);
}


/* a share that is put back when its pair is forgotten already */

static void
test_late_return(void **state)
{
    struct error              error;
    struct pair_limit        *limit;
    struct pair_limit_ticket  ticket;

    (void) state;

    limit = make(1, 1, 1);
    memset(&ticket, 0, sizeof(ticket));

    assert_true(pair_limit_take(limit, "1", "a", 0, &ticket, &error));
    assert_int_equal(write_to(limit, "1", "b", 0), 0);

    pair_limit_return(limit, &ticket, 0);
    assert_true(write_to(limit, "1", "b", 0) > 0);

    pair_limit_destroy(limit);
}


static void
test_session_is_forgotten(void **state)
{
    struct pair_limit  *limit;

    (void) state;

    limit = make(10, 1, 1);

    assert_int_equal(write_to(limit, "1", "a", 0), 0);
    assert_int_equal(write_to(limit, "2", "a", 0), 0);

    pair_limit_forget(limit, "1");

    assert_int_equal(pair_limit_count(limit), 1);
    assert_int_equal(write_to(limit, "1", "a", 0), 0);
    assert_true(write_to(limit, "2", "a", 0) > 0);

    pair_limit_destroy(limit);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_no_limit),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_ticket),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_late_return),
        cmocka_unit_test(test_session_is_forgotten)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
