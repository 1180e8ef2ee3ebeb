/*
 * The cache of recipients, and the one form of a recipient's name.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "session/recipient.h"


static void
store(struct recipient_cache *cache, const char *to, const char *wa_id,
    uint64_t now)
{
    struct recipient  recipient;

    memset(&recipient, 0, sizeof(recipient));
    (void) snprintf(recipient.to, sizeof(recipient.to), "%s", to);
    (void) snprintf(recipient.wa_id, sizeof(recipient.wa_id), "%s", wa_id);

    recipient_cache_store(cache, &recipient, now);
}


static void
test_found_until_it_is_old(void **state)
{
    struct recipient_cache  *cache;

    (void) state;

    cache = recipient_cache_create(4, 1000);

    assert_null(recipient_cache_find(cache, "1", 0));
    store(cache, "1", "11", 0);
    assert_string_equal(recipient_cache_find(cache, "1", 999)->wa_id, "11");
    assert_null(recipient_cache_find(cache, "2", 999));
    assert_null(recipient_cache_find(cache, "1", 1000));
    assert_null(recipient_cache_find(cache, "1", 0));

    recipient_cache_destroy(cache);
}


static void
test_the_least_used_makes_room(void **state)
{
    struct recipient_cache  *cache;

    (void) state;

    cache = recipient_cache_create(2, 1000);

    store(cache, "1", "11", 0);
    store(cache, "2", "22", 0);
    assert_non_null(recipient_cache_find(cache, "1", 0));
    store(cache, "3", "33", 0);

    assert_non_null(recipient_cache_find(cache, "1", 0));
    assert_null(recipient_cache_find(cache, "2", 0));
    assert_non_null(recipient_cache_find(cache, "3", 0));

    recipient_cache_destroy(cache);
}


static void
test_stored_again(void **state)
{
    int                      i;
    struct recipient_cache  *cache;

    (void) state;

    cache = recipient_cache_create(2, 1000);

    store(cache, "1", "11", 0);

    for (i = 0; i < 10; i++) {
        store(cache, "2", "22", 0);
    }

    store(cache, "2", "23", 500);

    assert_non_null(recipient_cache_find(cache, "1", 0));
    assert_string_equal(recipient_cache_find(cache, "2", 1499)->wa_id, "23");

    recipient_cache_destroy(cache);
}


static void
test_cleared(void **state)
{
    int                      i;
    char                     to[16];
    struct recipient_cache  *cache;

    (void) state;

    cache = recipient_cache_create(1000, 1000);

    for (i = 0; i < 1500; i++) {
        (void) snprintf(to, sizeof(to), "%d", i);
        store(cache, to, to, 0);
    }

    assert_non_null(recipient_cache_find(cache, "1499", 0));
    assert_null(recipient_cache_find(cache, "499", 0));

    recipient_cache_clear(cache);
    recipient_cache_clear(cache);
    assert_null(recipient_cache_find(cache, "1499", 0));

    store(cache, "1", "11", 0);
    assert_non_null(recipient_cache_find(cache, "1", 0));

    recipient_cache_destroy(cache);
}


static void
normal(const char *to, const char *expected)
{
    char  out[RECIPIENT_TO_SIZE];

    if (expected == NULL) {
        assert_false(recipient_normalise(to, out));
        return;
    }

    assert_true(recipient_normalise(to, out));
    assert_string_equal(out, expected);
}


static void
test_normalise(void **state)
{
    (void) state;

    normal("15550000002", "15550000002");
    normal("+1 (555) 000-0002", "15550000002");
    normal("1.555.000.0002", "15550000002");
    normal("123456789012345", "123456789012345");
    normal("12345", "12345");
    normal("1.555.000.0002", "15550000002");
    normal("(+1) 555.000.0002", "15550000002");
    normal("+33.6.12.34.56.78", "33612345678");
    normal("+1.5550000002", "15550000002");
    normal("(15550000002)", "15550000002");
    normal("0015550000002", "15550000002");
    normal("00 1 555-000-0002", "15550000002");
    normal("00123456789012345", "123456789012345");
    normal("\u202a+1 555\u00a0000\u20110002\u202c", "15550000002");
    normal("\ufeff1\u2009555\u2013000\u22120002\u200f", "15550000002");
    normal("\uff0b1\u3000555\u00ad0000002", "15550000002");
    normal("15550000002@C.US", "15550000002@c.us");
    normal("120363-1@g.us", "120363-1@g.us");

    normal("", NULL);
    normal("+", NULL);
    normal("1234567890123456", NULL);
    normal("1234", NULL);
    normal("1+5", NULL);
    normal("15550000002.0", NULL);
    normal("+15550000002.0", NULL);
    normal("15550000002.00 ", NULL);
    normal("15550000002.0000", NULL);
    normal("1 5550000002.0", NULL);
    normal("1 555 000 0002.0", NULL);
    normal("15550000002.", NULL);
    normal(".15550000002", NULL);
    normal("1555000000.2", NULL);
    normal("1.5550000002", NULL);
    normal("1.5550000002e10", NULL);
    normal("15550000002e0", NULL);
    normal("1555..0000002", NULL);
    normal("-15550000002", NULL);
    normal("--15550000002", NULL);
    normal(" -15550000002", NULL);
    normal("\u221215550000002", NULL);
    normal("\u202a\u201115550000002", NULL);
    normal("+-15550000002", NULL);
    normal("-+15550000002", NULL);
    normal("15550000002-", NULL);
    normal("++15550000002", NULL);
    normal("+49 (0)30 1234567", NULL);
    normal("0049 (0) 30 1234567", NULL);
    normal("00015550000002", NULL);
    normal("+015550000002", NULL);
    normal("001234567890123456", NULL);
    normal("0x15550000002", NULL);
    normal("1,555,000,0002", NULL);
    normal("15550000002\n", NULL);
    normal("1555\xa0" "0000002", NULL);
    normal("1555x", NULL);
    normal("15550000002@", NULL);
    normal("@c.us", NULL);
    normal("1@2@c.us", NULL);
    normal("1555 0000002@c.us", NULL);
    normal("1111111111111111111111111111111111111111111111@c.us", NULL);
}


static bool
read_answer(struct recipient *recipient, const char *text)
{
    bool     good;
    json_t  *object;

    object = json_loads(text, 0, NULL);
    good = recipient_read(recipient, object);
    json_decref(object);

    return good;
}


static void
test_answers(void **state)
{
    struct recipient  one;

    (void) state;

    assert_true(read_answer(&one, "{\"chat\":\"1@c.us\",\"wa_id\":\"1\"}"));
    assert_string_equal(one.chat, "1@c.us");
    assert_string_equal(one.wa_id, "1");
    assert_string_equal(one.participant, "");

    assert_true(read_answer(&one, "{\"chat\":\"1@g.us\",\"wa_id\":\"1\","
                            "\"participant\":\"2@c.us\"}"));
    assert_string_equal(one.participant, "2@c.us");

    assert_false(read_answer(&one, "{}"));
    assert_false(read_answer(&one, "{\"chat\":\"1@c.us\"}"));
    assert_false(read_answer(&one, "{\"wa_id\":\"1\"}"));
    assert_false(read_answer(&one, "{\"chat\":\"1\",\"wa_id\":\"1\"}"));
    assert_false(read_answer(&one, "{\"chat\":\"1@g.us\",\"wa_id\":\"1\","
                             "\"participant\":\"2\"}"));
    assert_false(read_answer(&one, "{\"chat\":\"1@c.us\",\"wa_id\":"
                             "\"11111111111111111111111111111111\"}"));
    assert_false(recipient_read(&one, NULL));
}


static void
test_hash(void **state)
{
    (void) state;

    assert_true(recipient_hash("") != 0);
    assert_true(recipient_hash("1") == recipient_hash("1"));
    assert_true(recipient_hash("1") != recipient_hash("2"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_found_until_it_is_old),
        cmocka_unit_test(test_the_least_used_makes_room),
        cmocka_unit_test(test_stored_again),
        cmocka_unit_test(test_cleared),
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
