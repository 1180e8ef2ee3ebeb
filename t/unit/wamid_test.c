/*
 * Message ids: built, encoded, and what is refused of others' making.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/wamid.h"


static void
test_key(void **state)
{
    char          key[WAMID_KEY_SIZE];
    struct wamid  wamid;

    (void) state;

    wamid_make(&wamid,
               (const uint8_t *) "\x00\x01\x7f\x80\xff\x10\x20\x30\x40",
               "15550000002@c.us", "");
    wamid_key(&wamid, key);
    assert_string_equal(key,
                        "true_15550000002@c.us_3EB000017F80FF10203040");

    wamid_make(&wamid,
               (const uint8_t *) "\xab\xab\xab\xab\xab\xab\xab\xab\xab",
               "120363000000000001@g.us", "15550000001@c.us");
    wamid_key(&wamid, key);
    assert_string_equal(key, "true_120363000000000001@g.us_"
                        "3EB0ABABABABABABABABAB_15550000001@c.us");
}


static void
test_round_trip(void **state)
{
    int    i;
    char   key[WAMID_KEY_SIZE], back[WAMID_KEY_SIZE],
           text[WAMID_TEXT_SIZE];

    (void) state;

    /* all three lengths that base64 knows */

    for (i = 0; i < 9; i++) {
        (void) snprintf(key, sizeof(key), "false_%.*s@lid_3EB0AB",
                        i + 1, "123456789");
        wamid_encode(key, text);
        assert_int_equal(strncmp(text, "wamid.", 6), 0);
        assert_null(strchr(text, '='));
        assert_true(wamid_decode(text, back));
        assert_string_equal(back, key);
    }
}


static void
test_longest(void **state)
{
    char          wid[WAMID_WID_SIZE + 1], key[WAMID_KEY_SIZE],
                  back[WAMID_KEY_SIZE], text[WAMID_TEXT_SIZE];
    struct wamid  wamid;

    (void) state;

    memset(wid, '1', sizeof(wid));
    memcpy(wid + WAMID_WID_SIZE - 6, "@g.us", 6);
    assert_true(wamid_wid_valid(wid));

    wamid_make(&wamid, (const uint8_t *) "123456789", wid, wid);
    wamid_key(&wamid, key);
    wamid_encode(key, text);
    assert_true(wamid_decode(text, back));
    assert_string_equal(back, key);

    memset(wid, '1', sizeof(wid));
    memcpy(wid + WAMID_WID_SIZE - 5, "@g.us", 6);
    assert_false(wamid_wid_valid(wid));
}


static void
refuse_key(const char *key)
{
    char  text[WAMID_TEXT_SIZE], back[WAMID_KEY_SIZE];

    wamid_encode(key, text);
    assert_false(wamid_decode(text, back));
}


static void
test_refused_keys(void **state)
{
    (void) state;

    refuse_key("");
    refuse_key("true_");
    refuse_key("true_1@c.us");
    refuse_key("true_1@c.us_");
    refuse_key("true__3EB0");
    refuse_key("true_1_3EB0");
    refuse_key("true_@c.us_3EB0");
    refuse_key("true_1@_3EB0");
    refuse_key("true_1@c@us_3EB0");
    refuse_key("TRUE_1@c.us_3EB0");
    refuse_key("maybe_1@c.us_3EB0");
    refuse_key("true_1@c.us_3EB0_");
    refuse_key("true_1@c.us_3EB0_1");
    refuse_key("true_1@c.us_3E B0");
    refuse_key("true_1@c.us_3EB0\n");
    refuse_key("true_1\"@c.us_3EB0");
    refuse_key("true_1@c.us_3EB0_1@c.us_2@c.us");
}


static void
test_refused_texts(void **state)
{
    char  key[WAMID_KEY_SIZE], text[WAMID_TEXT_SIZE], longest[1000];

    (void) state;

    wamid_encode("true_1@c.us_3EB0AA", text);
    assert_true(wamid_decode(text, key));

    assert_false(wamid_decode(text + 1, key));
    assert_false(wamid_decode(text + 6, key));
    assert_false(wamid_decode("", key));
    assert_false(wamid_decode("wamid.", key));
    assert_false(wamid_decode("WAMID.AAAA", key));

    /* a NUL inside */

    assert_false(wamid_decode("wamid.dHJ1ZV8AMUBjLnVzXzNFQjA", key));

    /* padding, foreign digits, one digit too many */

    strcat(text, "=");
    assert_false(wamid_decode(text, key));
    text[strlen(text) - 1] = '+';
    assert_false(wamid_decode(text, key));
    text[strlen(text) - 1] = 'A';
    assert_false(wamid_decode(text, key));

    /* bits behind the last byte: "AQ" and "AR" would be the same byte */

    wamid_encode("true_1@c.us_3EB0A", text);
    assert_int_equal(strlen(text) % 4, (6 + 23) % 4);
    assert_true(wamid_decode(text, key));
    text[strlen(text) - 1]++;
    assert_false(wamid_decode(text, key));

    memset(longest, 'A', sizeof(longest));
    memcpy(longest, "wamid.", 6);
    longest[sizeof(longest) - 1] = '\0';
    assert_false(wamid_decode(longest, key));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_refused_keys),
        cmocka_unit_test(test_refused_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
