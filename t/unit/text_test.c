/*
 * What a session keeps of the page's texts: bounded, whole characters, and no
 * bytes that its log lines could not hold.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/text.h"


static void
test_copy(void **state)
{
    char  to[5];

    (void) state;

    text_copy(to, sizeof(to), "abcdefgh", NULL);
    assert_string_equal(to, "abcd");

    text_copy(to, sizeof(to), "a\nb c=d", "abcd");
    assert_string_equal(to, "abcd");

    text_copy(to, sizeof(to), NULL, NULL);
    assert_string_equal(to, "");
    assert_memory_equal(to, "\0\0\0\0\0", sizeof(to));
}


static void
test_cut(void **state)
{
    char  to[6];

    (void) state;

    text_cut(to, sizeof(to), "abcde");
    assert_string_equal(to, "abcde");

    /* two, three and four bytes over the end */

    text_cut(to, sizeof(to), "abcd\xc3\xa9");
    assert_string_equal(to, "abcd");

    text_cut(to, sizeof(to), "abc\xe2\x82\xac");
    assert_string_equal(to, "abc");

    text_cut(to, sizeof(to), "ab\xf0\x9f\x91\x8d");
    assert_string_equal(to, "ab");
    assert_memory_equal(to, "ab\0\0\0\0", sizeof(to));

    text_cut(to, sizeof(to), "abc\xc3\xa9");
    assert_string_equal(to, "abc\xc3\xa9");

    text_cut(to, sizeof(to), NULL);
    assert_string_equal(to, "");
}


static void
test_missing(void **state)
{
    char     text[32];
    json_t  *data;

    (void) state;

    data = json_pack("{s:[s, s]}", "missing", "conn.a b\n", "chat.$c");
    assert_non_null(data);
    text_missing(data, text, sizeof(text));
    assert_string_equal(text, "missing: conn.ab, chat.$c");
    json_decref(data);

    data = json_pack("{s:[s, s]}", "missing", "a",
                     "abcdefghijklmnopqrstuvwxyz");
    assert_non_null(data);
    text_missing(data, text, sizeof(text));
    assert_string_equal(text, "missing: a");
    json_decref(data);

    text_missing(NULL, text, sizeof(text));
    assert_string_equal(text, "missing:");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_missing)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
