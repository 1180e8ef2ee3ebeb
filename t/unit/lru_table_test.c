/*
 * The table of fixed size: who is found, who leaves, and when.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/lru_table.h"


struct node {
    struct lru_entry  entry;
    int               value;
};


static uint8_t           key[KEYED_HASH_SIZE];
static struct lru_table  *table;


/* keys of one chain: the number stands behind the bytes that choose it */

static const uint8_t *
key_of(int n)
{
    memset(key, 0, sizeof(key));
    memcpy(key + KEYED_HASH_SIZE - sizeof(n), &n, sizeof(n));

    return key;
}


static struct node *
find(int n, uint64_t now)
{
    return (struct node *) lru_table_find(table, key_of(n), now);
}


static struct node *
insert(int n, enum lru_hold hold, uint64_t expires)
{
    struct node  *node;

    node = (struct node *) lru_table_insert(table, key_of(n));

    if (node != NULL) {
        assert_int_equal(node->value, 0);
        node->value = n;
        lru_table_hold(table, &node->entry, hold, expires);
    }

    return node;
}


static int
setup(void **state)
{
    (void) state;

    table = lru_table_create(3, sizeof(struct node));

    return table != NULL ? 0 : -1;
}


static int
teardown(void **state)
{
    (void) state;

    lru_table_destroy(table);

    return 0;
}


static void
test_found_by_its_key(void **state)
{
    (void) state;

    assert_null(find(1, 0));

    insert(1, LRU_EVICTABLE, 100);
    insert(2, LRU_KEPT, 100);
    insert(3, LRU_PINNED, 0);

    assert_int_equal(find(1, 0)->value, 1);
    assert_int_equal(find(2, 0)->value, 2);
    assert_int_equal(find(3, 0)->value, 3);
    assert_null(find(4, 0));
    assert_int_equal(lru_table_count(table), 3);
}


static void
test_the_oldest_use_makes_room(void **state)
{
    (void) state;

    insert(1, LRU_EVICTABLE, 100);
    insert(2, LRU_EVICTABLE, 100);
    insert(3, LRU_EVICTABLE, 100);

    lru_table_hold(table, &find(1, 0)->entry, LRU_EVICTABLE, 100);

    assert_non_null(insert(4, LRU_EVICTABLE, 100));
    assert_null(find(2, 0));
    assert_non_null(find(1, 0));
    assert_int_equal(lru_table_count(table), 3);
    assert_int_equal(lru_table_evicted(table), 1);
}


static void
test_only_evictable_ones_make_room(void **state)
{
    (void) state;

    insert(1, LRU_PINNED, 0);
    insert(2, LRU_KEPT, 100);
    insert(3, LRU_EVICTABLE, 100);

    assert_non_null(insert(4, LRU_KEPT, 100));
    assert_null(find(3, 0));
    assert_null(insert(5, LRU_KEPT, 100));
    assert_int_equal(lru_table_evicted(table), 1);

    lru_table_hold(table, &find(1, 0)->entry, LRU_EVICTABLE, 100);

    assert_non_null(insert(5, LRU_KEPT, 100));
    assert_null(find(1, 0));
    assert_int_equal(lru_table_evicted(table), 2);
}


static void
test_time(void **state)
{
    (void) state;

    insert(1, LRU_PINNED, 0);
    insert(2, LRU_KEPT, 100);
    insert(3, LRU_EVICTABLE, 200);

    /* found or not, those whose time is over are gone */

    assert_null(find(9, 99));
    assert_int_equal(lru_table_count(table), 3);
    assert_null(find(9, 100));
    assert_int_equal(lru_table_count(table), 2);
    assert_null(find(3, 200));
    assert_int_equal(lru_table_count(table), 1);

    /* a pinned one has no time, and none of this made room */

    assert_non_null(find(1, UINT64_MAX));
    assert_int_equal(lru_table_evicted(table), 0);
}


static void
test_a_short_time_behind_a_longer_one(void **state)
{
    (void) state;

    insert(1, LRU_EVICTABLE, 200);
    insert(2, LRU_EVICTABLE, 100);
    insert(3, LRU_EVICTABLE, 100);

    assert_null(find(2, 150));
    assert_int_equal(lru_table_count(table), 2);
    assert_non_null(find(1, 150));
    assert_null(find(9, 200));
    assert_int_equal(lru_table_count(table), 0);
}


static void
test_wiped(void **state)
{
    struct node  *node;

    (void) state;

    node = insert(7, LRU_EVICTABLE, 100);

    lru_table_remove(table, &node->entry);
    assert_int_equal(node->value, 0);
    assert_memory_not_equal(node->entry.key, key_of(7), KEYED_HASH_SIZE);
    assert_null(find(7, 0));

    insert(1, LRU_PINNED, 0);
    insert(2, LRU_KEPT, 100);
    insert(3, LRU_EVICTABLE, 100);

    lru_table_clear(table);
    assert_int_equal(lru_table_count(table), 0);
    assert_null(find(1, 0));

    insert(1, LRU_EVICTABLE, 100);
    insert(2, LRU_EVICTABLE, 100);
    assert_non_null(insert(3, LRU_EVICTABLE, 100));
    assert_int_equal(lru_table_evicted(table), 0);
}


static bool
is_odd(const struct lru_entry *entry, void *ctx)
{
    (*(int *) ctx)++;

    return ((const struct node *) entry)->value % 2 != 0;
}


static void
test_those_that_match_are_removed(void **state)
{
    int  asked;

    (void) state;

    asked = 0;
    insert(1, LRU_PINNED, 0);
    insert(2, LRU_KEPT, 100);
    insert(3, LRU_EVICTABLE, 100);

    lru_table_remove_matching(table, is_odd, &asked);

    assert_int_equal(asked, 2);
    assert_non_null(find(1, 0));
    assert_non_null(find(2, 0));
    assert_null(find(3, 0));
}


static void
test_all_of_them_expire(void **state)
{
    (void) state;

    insert(1, LRU_KEPT, 200);
    insert(2, LRU_KEPT, 100);
    insert(3, LRU_EVICTABLE, 100);

    lru_table_expire(table, 100);

    assert_int_equal(lru_table_count(table), 1);
    assert_int_equal(lru_table_expired(table), 2);
    assert_non_null(find(1, 0));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_found_by_its_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_oldest_use_makes_room,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_evictable_ones_make_room,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_time, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_short_time_behind_a_longer_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_those_that_match_are_removed,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_of_them_expire, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_wiped, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
