/*
 * JSON text as JavaScript writes it.  The vectors were made with Node.js:
 * JSON.stringify, and then an escape for each unit from DEL on.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/stringify.h"


static const struct {
    const char  *in;
    const char  *out;
} vectors[] = {
    { "{}",
      "{}" },
    { "[]",
      "[]" },
    { "[1,[2,{\"a\":[]}]]",
      "[1,[2,{\"a\":[]}]]" },
    { "{\"b\":1,\"a\":2,\"c\":{\"z\":null,\"y\":true,\"x\":false}}",
      "{\"b\":1,\"a\":2,\"c\":{\"z\":null,\"y\":true,\"x\":false}}" },
    { "\"\"",
      "\"\"" },
    { "\"plain / @ < > & ' `\"",
      "\"plain / @ < > & ' `\"" },
    { "\"quote \\\" back \\\\ slash /\"",
      "\"quote \\\" back \\\\ slash /\"" },
    { "\"\\b\\f\\n\\r\\t\"",
      "\"\\b\\f\\n\\r\\t\"" },
    { "\"\\u0000\\u0001\\u001f\177\302\200\302\237\"",
      "\"\\u0000\\u0001\\u001f\\u007f\\u0080\\u009f\"" },
    { "\"\303\244\303\237\303\274 \342\202\254\"",
      "\"\\u00e4\\u00df\\u00fc \\u20ac\"" },
    { "\"\360\237\230\200 \360\237\221\215\360\237\217\275\"",
      "\"\\ud83d\\ude00 \\ud83d\\udc4d\\ud83c\\udffd\"" },
    { "\"\342\200\250\342\200\251\"",
      "\"\\u2028\\u2029\"" },
    { "\"\357\277\277\357\273\277\"",
      "\"\\uffff\\ufeff\"" },
    { "\"\360\220\200\200\364\217\277\277\"",
      "\"\\ud800\\udc00\\udbff\\udfff\"" },
    { "{\"\303\251\\\"\":\"k\"}",
      "{\"\\u00e9\\\"\":\"k\"}" },
    { "0",
      "0" },
    { "0",
      "0" },
    { "1",
      "1" },
    { "1",
      "1" },
    { "-1",
      "-1" },
    { "10",
      "10" },
    { "100",
      "100" },
    { "0.5",
      "0.5" },
    { "0.1",
      "0.1" },
    { "-0.1",
      "-0.1" },
    { "0.30000000000000004",
      "0.30000000000000004" },
    { "0.3333333333333333",
      "0.3333333333333333" },
    { "52.520008",
      "52.520008" },
    { "13.404954",
      "13.404954" },
    { "-33.8688197",
      "-33.8688197" },
    { "151.2092955",
      "151.2092955" },
    { "100000000000000000000.0",
      "100000000000000000000" },
    { "123456789012345680000.0",
      "123456789012345680000" },
    { "1e+21",
      "1e+21" },
    { "1.5e+21",
      "1.5e+21" },
    { "-1.25e+30",
      "-1.25e+30" },
    { "1e+300",
      "1e+300" },
    { "1.7976931348623157e+308",
      "1.7976931348623157e+308" },
    { "5e-324",
      "5e-324" },
    { "0.000001",
      "0.000001" },
    { "0.0000015",
      "0.0000015" },
    { "1e-7",
      "1e-7" },
    { "1.25e-7",
      "1.25e-7" },
    { "0.000001234",
      "0.000001234" },
    { "4294967296",
      "4294967296" },
    { "9007199254740991",
      "9007199254740991" },
    { "9007199254740992",
      "9007199254740992" },
    { "1234567.125",
      "1234567.125" },
    { "2.5",
      "2.5" },
    { "100000",
      "100000" },
    { "123456.7",
      "123456.7" },
    { "1.0", "1" },
    { "-100.0", "-100" },
    { "-0.0", "0" }
};


static void
test_vectors(void **state)
{
    char    *text;
    size_t   i, size;
    json_t  *value;

    (void) state;

    for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        value = json_loads(vectors[i].in, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                           NULL);
        assert_non_null(value);

        text = stringify(value, &size);

        assert_non_null(text);
        assert_string_equal(text, vectors[i].out);
        assert_int_equal(size, strlen(vectors[i].out));

        free(text);
        json_decref(value);
    }
}


static void
test_long_text(void **state)
{
    char    *text, *in;
    size_t   i, size;
    json_t  *value;

    (void) state;

    in = malloc(100001);
    assert_non_null(in);

    memset(in, 'a', 100000);
    in[100000] = '\0';

    for (i = 0; i < 100000; i += 7) {
        in[i] = '"';
    }

    value = json_pack("[s,s]", in, "");
    text = stringify(value, &size);

    assert_int_equal(size, 100000 + (100000 + 6) / 7 + 7);
    assert_int_equal(strlen(text), size);

    free(text);
    free(in);
    json_decref(value);
}


static void
test_utf8(void **state)
{
    char    *text;
    size_t   size;
    json_t  *value;

    (void) state;

    value = json_pack("{s:s, s:[i, b, n]}", "\xc3\xa9\x7f",
                      "\xf0\x9f\x98\x80\n\"", "n", -1, 1);
    text = stringify_utf8(value, &size);

    assert_string_equal(text, "{\"\xc3\xa9\x7f\":\"\xf0\x9f\x98\x80"
                              "\\n\\\"\",\"n\":[-1,true,null]}");
    assert_int_equal(size, strlen(text));

    free(text);
    json_decref(value);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_utf8)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
