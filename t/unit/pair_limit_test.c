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


static struct pairs *
make(uint32_t max, unsigned rate, unsigned burst)
{
    struct pairs        *pairs;
    struct pair_config   config;

    config.max = max;
    config.rate = rate;
    config.burst = burst;

    pairs = pairs_create(&config);
    assert_non_null(pairs);

    return pairs;
}


/* one message that goes out; 0, or the time to wait */

static uint64_t
write_to(struct pairs *pairs, const char *session, const char *to,
    uint64_t now)
{
    uint64_t            wait;
    enum pair_verdict   verdict;
    struct pair_ticket  ticket;

    memset(&ticket, 0, sizeof(ticket));
    wait = 0;

    verdict = pairs_take(pairs, session, to, now, &ticket, &wait);

    assert_int_equal(ticket.taken, verdict == PAIR_OK);
    assert_int_equal(verdict == PAIR_OK, wait == 0);

    pairs_spend(&ticket);

    return wait;
}


static void
test_rate(void **state)
{
    int            i;
    struct pairs  *pairs;

    (void) state;

    pairs = make(8, 10, 45);

    for (i = 0; i < 45; i++) {
        assert_int_equal(write_to(pairs, "1", "15550000002", 1000), 0);
    }

    assert_int_equal(write_to(pairs, "1", "15550000002", 1000), 6000);
    assert_int_equal(write_to(pairs, "1", "15550000002", 5000), 2000);
    assert_int_equal(write_to(pairs, "1", "15550000002", 7000), 0);
    assert_int_equal(write_to(pairs, "1", "15550000002", 7000), 6000);

    /* others are others, whatever the texts make behind one another */

    assert_int_equal(write_to(pairs, "1", "15550000003", 1000), 0);
    assert_int_equal(write_to(pairs, "11", "5550000002", 1000), 0);
    assert_int_equal(pairs_count(pairs), 3);

    pairs_destroy(pairs);
}


static void
test_no_limit(void **state)
{
    int                 i;
    uint64_t            wait;
    struct pairs       *pairs;
    struct pair_ticket  ticket;

    (void) state;

    pairs = make(8, 0, 1);

    for (i = 0; i < 100; i++) {
        memset(&ticket, 0, sizeof(ticket));
        assert_int_equal(pairs_take(pairs, "1", "2", 0, &ticket, &wait),
                         PAIR_OK);
        pairs_return(pairs, &ticket, 0);
    }

    assert_int_equal(pairs_count(pairs), 0);

    pairs_destroy(pairs);
}


static void
test_ticket(void **state)
{
    uint64_t            wait;
    struct pairs       *pairs;
    struct pair_ticket  ticket;

    (void) state;

    pairs = make(8, 10, 1);
    memset(&ticket, 0, sizeof(ticket));

    /* asked twice for one message, one share is taken */

    assert_int_equal(pairs_take(pairs, "1", "2", 0, &ticket, &wait), PAIR_OK);
    assert_int_equal(pairs_take(pairs, "1", "2", 0, &ticket, &wait), PAIR_OK);

    /* put back once, however often it is tried */

    pairs_return(pairs, &ticket, 0);
    pairs_return(pairs, &ticket, 0);
    assert_int_equal(write_to(pairs, "1", "2", 0), 0);
    assert_int_equal(write_to(pairs, "1", "2", 0), 6000);

    /* what is spent stays so */

    pairs_return(pairs, &ticket, 0);
    assert_int_equal(write_to(pairs, "1", "2", 0), 6000);

    pairs_destroy(pairs);
}


static void
test_expiry(void **state)
{
    struct pairs  *pairs;

    (void) state;

    pairs = make(8, 60, 2);

    assert_int_equal(write_to(pairs, "1", "2", 0), 0);
    assert_int_equal(write_to(pairs, "1", "3", 500), 0);
    assert_int_equal(pairs_count(pairs), 2);

    /* the first is full again, the second not yet */

    assert_int_equal(write_to(pairs, "1", "4", 1000), 0);
    assert_int_equal(pairs_count(pairs), 2);
    assert_int_equal(pairs_evicted(pairs), 0);

    pairs_destroy(pairs);
}


static void
test_full(void **state)
{
    int            i;
    char           to[16];
    struct pairs  *pairs;

    (void) state;

    pairs = make(3, 1, 1);

    assert_int_equal(write_to(pairs, "1", "a", 0), 0);
    assert_int_equal(write_to(pairs, "1", "b", 0), 0);
    assert_int_equal(write_to(pairs, "1", "c", 0), 0);
    assert_true(write_to(pairs, "1", "a", 0) > 0);
    assert_int_equal(pairs_evicted(pairs), 0);

    /* the one that got a message longest ago makes room */

    assert_int_equal(write_to(pairs, "1", "d", 0), 0);
    assert_int_equal(pairs_evicted(pairs), 1);
    assert_int_equal(pairs_count(pairs), 3);
    assert_true(write_to(pairs, "1", "b", 0) > 0);
    assert_int_equal(write_to(pairs, "1", "a", 0), 0);

    for (i = 0; i < 1000; i++) {
        (void) snprintf(to, sizeof(to), "%d", i);
        assert_int_equal(write_to(pairs, "1", to, 1), 0);
        assert_int_equal(pairs_count(pairs), 3);
    }

    pairs_destroy(pairs);
}


/* a share that is put back when its pair is forgotten already */

static void
test_late_return(void **state)
{
    uint64_t            wait;
    struct pairs       *pairs;
    struct pair_ticket  ticket;

    (void) state;

    pairs = make(1, 1, 1);
    memset(&ticket, 0, sizeof(ticket));

    assert_int_equal(pairs_take(pairs, "1", "a", 0, &ticket, &wait), PAIR_OK);
    assert_int_equal(write_to(pairs, "1", "b", 0), 0);

    pairs_return(pairs, &ticket, 0);
    assert_true(write_to(pairs, "1", "b", 0) > 0);

    pairs_destroy(pairs);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_no_limit),
        cmocka_unit_test(test_ticket),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_late_return)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
