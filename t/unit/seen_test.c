/*
 * The set of digests, its file on the tmpfs, and the mark.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/wipe.h"
#include "events/delivered.h"
#include "events/mark.h"
#include "events/seen.h"


#define RECORD  24    /* bytes in the file */


static char     directory[] = "/tmp/seen_test-XXXXXX";
static char     path[64], mark[64];
static uint8_t  digest[KEYED_HASH_SIZE];


static int
set_up(void **state)
{
    (void) state;

    if (mkdtemp(directory) == NULL) {
        return -1;
    }

    (void) snprintf(path, sizeof(path), "%s/a/b", directory);
    (void) snprintf(mark, sizeof(mark), "%s/mark", directory);

    return 0;
}


static int
tear_down(void **state)
{
    (void) state;

    wipe_directory(directory);

    return rmdir(directory);
}


/* the digest of a number; the first half is what chooses a place */

static const uint8_t *
of(uint64_t n)
{
    uint64_t  hash;

    hash = n * UINT64_C(0x9e3779b97f4a7c15);

    memcpy(digest, &hash, sizeof(hash));
    memcpy(digest + sizeof(hash), &n, sizeof(n));

    return digest;
}


static size_t
file_size(void)
{
    struct stat  st;

    return stat(path, &st) == 0 ? (size_t) st.st_size : 0;
}


static void
test_states(void **state)
{
    uint64_t      i, oldest;
    struct seen  *seen;

    (void) state;

    seen = seen_create();
    assert_int_equal(seen_find(seen, of(1)), SEEN_NOT);
    assert_false(seen_oldest_queued(seen, &oldest));

    for (i = 0; i < 5000; i++) {
        assert_true(seen_note(seen, of(i), 1000 + i,
                              i % 2 == 0 ? SEEN_KNOWN : SEEN_QUEUED));
    }

    assert_int_equal(seen_count(seen), 5000);
    assert_int_equal(seen_find(seen, of(4)), SEEN_KNOWN);
    assert_int_equal(seen_find(seen, of(5)), SEEN_QUEUED);
    assert_int_equal(seen_find(seen, of(5000)), SEEN_NOT);
    assert_true(seen_oldest_queued(seen, &oldest));
    assert_int_equal(oldest, 1001);

    assert_true(seen_note(seen, of(1), 1001, SEEN_DELIVERED));
    assert_true(seen_oldest_queued(seen, &oldest));
    assert_int_equal(oldest, 1003);
    assert_int_equal(seen_count(seen), 5000);

    assert_int_equal(seen_deliver_all(seen, SEEN_QUEUED), 2499);
    assert_false(seen_oldest_queued(seen, &oldest));
    assert_int_equal(seen_find(seen, of(4)), SEEN_KNOWN);

    seen_clear(seen);
    assert_int_equal(seen_count(seen), 0);
    assert_int_equal(seen_find(seen, of(4)), SEEN_NOT);

    seen_destroy(seen);
}


/* the floor is above all that was forgotten, and below all that is there */

static void
test_the_oldest_go(void **state)
{
    uint64_t      i;
    struct seen  *seen;

    (void) state;

    seen = seen_create();
    assert_true(seen_note(seen, of(0), 1, SEEN_QUEUED));

    for (i = 1; i <= 3 * SEEN_MAX; i++) {
        assert_true(seen_note(seen, of(i), 1000 + i, SEEN_DELIVERED));
        assert_in_range(seen_count(seen), 1, SEEN_MAX);
    }

    assert_int_equal(seen_find(seen, of(0)), SEEN_QUEUED);
    assert_in_range(seen_floor(seen), 1000, 1000 + 3 * SEEN_MAX);

    for (i = 1; i <= 3 * SEEN_MAX; i++) {
        if (1000 + i >= seen_floor(seen)) {
            assert_int_equal(seen_find(seen, of(i)), SEEN_DELIVERED);
        }
    }

    seen_destroy(seen);
}


/* what is queued stays, however much it is */

static void
test_queued_ones_stay(void **state)
{
    uint64_t      i;
    struct seen  *seen;

    (void) state;

    seen = seen_create();

    for (i = 0; i < SEEN_MAX + 100; i++) {
        assert_true(seen_note(seen, of(i), 1000, SEEN_QUEUED));
    }

    for (i = 0; i < SEEN_MAX + 100; i++) {
        assert_int_equal(seen_find(seen, of(i)), SEEN_QUEUED);
    }

    seen_destroy(seen);
}


/*
 * What no consumer has yet is read from the history again: the floor stays
 * below it, and there is a bound to what is noted.
 */

static void
test_known_ones_are_not_cut_off(void **state)
{
    uint64_t      i;
    struct seen  *seen;

    (void) state;

    seen = seen_create();

    for (i = 0; i < SEEN_MAX / 2; i++) {
        assert_true(seen_note(seen, of(i), 1000 + i, SEEN_DELIVERED));
    }

    for ( /* void */ ; i < 3 * SEEN_MAX; i++) {
        (void) seen_note(seen, of(i), 1000 + i, SEEN_KNOWN);
        assert_in_range(seen_count(seen), 1, SEEN_MAX);
    }

    assert_in_range(seen_floor(seen), 1, 1000 + SEEN_MAX / 2);
    assert_int_equal(seen_find(seen, of(SEEN_MAX / 2)), SEEN_KNOWN);
    assert_int_equal(seen_find(seen, of(SEEN_MAX)), SEEN_KNOWN);
    assert_int_equal(seen_find(seen, of(3 * SEEN_MAX - 1)), SEEN_NOT);

    /* the consumer takes what was not noted */

    assert_true(seen_note(seen, of(i), 1000 + i, SEEN_QUEUED));
    assert_true(seen_note(seen, of(i), 1000 + i, SEEN_DELIVERED));

    seen_destroy(seen);
}


static void
test_the_file(void **state)
{
    uint64_t           i;
    struct seen       *seen;
    struct delivered  *delivered;

    (void) state;

    seen = seen_create();
    delivered = delivered_create(path);
    assert_false(delivered_load(delivered, seen));
    seen_set_floor(seen, 77);

    for (i = 0; i < 100; i++) {
        assert_true(seen_note(seen, of(i), 1000 + i, SEEN_DELIVERED));
        assert_true(delivered_add(delivered, seen, of(i), 1000 + i));
    }

    assert_int_equal(file_size(), 101 * RECORD);

    /* what is delivered again does not make the file grow for ever */

    for (i = 0; i < 5000; i++) {
        assert_true(delivered_add(delivered, seen, of(1), 1001));
    }

    assert_in_range(file_size(), 101 * RECORD, 1400 * RECORD);
    delivered_destroy(delivered);
    seen_destroy(seen);

    /* a death in the middle of a record, of which a part is left */

    assert_int_equal(truncate(path, (off_t) file_size() + 7), 0);

    seen = seen_create();
    delivered = delivered_create(path);
    assert_true(delivered_load(delivered, seen));
    assert_int_equal(seen_count(seen), 100);
    assert_int_equal(seen_floor(seen), 77);
    assert_int_equal(seen_find(seen, of(99)), SEEN_DELIVERED);

    assert_true(seen_note(seen, of(200), 1200, SEEN_DELIVERED));
    assert_true(delivered_add(delivered, seen, of(200), 1200));
    assert_int_equal(file_size() % RECORD, 0);
    delivered_destroy(delivered);
    seen_clear(seen);

    delivered = delivered_create(path);
    assert_true(delivered_load(delivered, seen));
    assert_int_equal(seen_count(seen), 101);
    assert_int_equal(seen_find(seen, of(200)), SEEN_DELIVERED);

    delivered_remove(delivered);
    assert_int_equal(access(path, F_OK), -1);
    delivered_destroy(delivered);
    seen_destroy(seen);
}


static void
test_other_files(void **state)
{
    FILE              *out;
    size_t             i;
    struct seen       *seen;
    struct delivered  *delivered;

    static const char *const  texts[] = {
        "", "a", "delivered 1", "delivered 2\0\0\0\0\0\0\0\0\0\0\0\0\0"
    };

    (void) state;

    seen = seen_create();

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        out = fopen(path, "w");
        assert_non_null(out);
        (void) fwrite(texts[i], 1, i == 3 ? RECORD : strlen(texts[i]), out);
        (void) fclose(out);

        delivered = delivered_create(path);
        assert_false(delivered_load(delivered, seen));
        assert_int_equal(seen_count(seen), 0);
        delivered_destroy(delivered);
    }

    seen_destroy(seen);
}


static void
test_the_mark(void **state)
{
    FILE      *out;
    size_t     i;
    uint64_t   time;

    static const char *const  texts[] = {
        "", "0\n", "1", "1\n\n", " 1\n", "-1\n", "1x\n", "01\n",
        "99999999999999999999999\n"
    };

    (void) state;

    assert_false(mark_read(mark, &time));
    assert_true(mark_write(mark, 1790000000));
    assert_true(mark_read(mark, &time));
    assert_int_equal(time, 1790000000);

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        out = fopen(mark, "w");
        assert_non_null(out);
        (void) fputs(texts[i], out);
        (void) fclose(out);
        assert_false(mark_read(mark, &time));
    }

    mark_remove(mark);
    assert_int_equal(access(mark, F_OK), -1);
    assert_false(mark_write("/nowhere/mark", 1));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_the_oldest_go),
        cmocka_unit_test(test_queued_ones_stay),
        cmocka_unit_test(test_known_ones_are_not_cut_off),
        cmocka_unit_test(test_the_file),
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_the_mark)
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
