/*
 * The module's reader of JSON against jansson: both take the same texts for
 * JSON and find the same in them, the module's own bounds aside.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../ngx_http_whatsapp_module/base/ngx_http_whatsapp_json.c"

#include "nginx.h"


#define MUTATIONS   200000
#define TEXT_MAX    512


/* ==== comparison ==== */

static const char  *const corpus[] = {
    "{}", "[]", "null", "true", "false", "0", "-0", "1", "-1", "12345",
    "999999999999999999", "-999999999999999999", "0.5", "-1.25e3", "1E+2",
    "1e-7", "1e308", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0041\\u00e9\\u20ac\"", "\"\\ud83d\\ude00\"",
    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "[1,2,3]", "[[],{},\"\"]",
    "{\"a\":1}", "{\"a\":{\"b\":[null,true,false]}}", " \t\r\n[ 1 , 2 ] ",
    "{\"to\":\"+15550000002\",\"type\":\"text\",\"text\":{\"body\":\"a\"}}",
    "{\"a\":\"\\u0061\",\"\\u0062\":2}", "[[[[[[[[]]]]]]]]",
    "{\"context\":null,\"x\":[{\"y\":-0.0},{\"z\":1e2}]}",
    "9223372036854775807", "-9223372036854775808", "[1234567890123456789]",
    "0.1234567890123456789012345678901234567890",

    /* numbers that only the module takes, as their texts */

    "9223372036854775808", "-9223372036854775809", "1e999", "-1e999",
    "{\"a\":123456789012345678901234567890123456789012345678901234567890}",

    /* neither of them is to take these */

    "", " ", "{", "}", "[", "]", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "01", "1.", ".5", "+1",
    "1e", "1e+", "--1", "0x10", "nan", "Infinity", "nul", "truex", "[1 2]",
    "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\\ud83d\"",
    "\"\\ud83d\\u0041\"", "\"\\ude00\"", "\"\n\"", "\"\x1f\"", "'a'",
    "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
    "\"\xe2\x82\"", "\"\x80\"", "\xef\xbb\xbf{}", "{} {}",
    "[1],", "{\"a\":}", "{:1}", "{,}", "[,]", "//", "[1/**/]"
};


static void compare(const ngx_http_whatsapp_json_t *ours, json_t *theirs);


static void
compare_members(const ngx_http_whatsapp_json_t *ours, json_t *theirs)
{
    char                             name[TEXT_MAX + 1];
    size_t                           n;
    json_t                          *member;
    const ngx_http_whatsapp_json_t  *m;

    n = 0;

    for (m = ours->members; m != NULL; m = m->next) {

        if (json_is_object(theirs)) {
            *ngx_cpymem(name, m->name.data, m->name.len) = '\0';
            member = json_object_get(theirs, name);
        } else {
            member = json_array_get(theirs, n);
        }

        assert_non_null(member);
        compare(m, member);
        n++;
    }

    assert_int_equal(n, json_is_object(theirs) ? json_object_size(theirs)
                                               : json_array_size(theirs));
}


static void
compare(const ngx_http_whatsapp_json_t *ours, json_t *theirs)
{
    switch (ours->type) {

    case NGX_HTTP_WHATSAPP_JSON_NULL:
        assert_true(json_is_null(theirs));
        return;

    case NGX_HTTP_WHATSAPP_JSON_TRUE:
        assert_true(json_is_true(theirs));
        return;

    case NGX_HTTP_WHATSAPP_JSON_FALSE:
        assert_true(json_is_false(theirs));
        return;

    case NGX_HTTP_WHATSAPP_JSON_INTEGER:
        assert_true(json_is_integer(theirs));
        assert_int_equal(strtoll((const char *) ours->raw.data, NULL, 10),
                         json_integer_value(theirs));
        return;

    case NGX_HTTP_WHATSAPP_JSON_REAL:
        assert_true(json_is_real(theirs));
        assert_true(strtod((const char *) ours->raw.data, NULL)
                    == json_real_value(theirs));
        return;

    case NGX_HTTP_WHATSAPP_JSON_STRING:
        assert_true(json_is_string(theirs));
        assert_int_equal(ours->string.len, json_string_length(theirs));
        assert_memory_equal(ours->string.data, json_string_value(theirs),
                            ours->string.len);
        return;

    case NGX_HTTP_WHATSAPP_JSON_ARRAY:
        assert_true(json_is_array(theirs));
        break;

    case NGX_HTTP_WHATSAPP_JSON_OBJECT:
        assert_true(json_is_object(theirs));
        break;
    }

    compare_members(ours, theirs);
}


/* JSON that the module refuses for its bounds */

static bool
bounded(const char *error)
{
    return strcmp(error, "it is nested too deep") == 0
           || strcmp(error, "it has too many members") == 0;
}


/* JSON that jansson refuses, since it makes a C number of each number */

static bool
out_of_range(const char *error)
{
    return strncmp(error, "too big integer", 15) == 0
           || strncmp(error, "too big negative integer", 24) == 0
           || strncmp(error, "real number overflow", 20) == 0;
}


/* the text is as long as its allocation, so that a sanitizer sees its end */

static bool
check(const char *data, size_t len)
{
    char                      *copy;
    size_t                     offset;
    json_t                    *theirs;
    ngx_str_t                  text;
    const char                *error;
    json_error_t               jansson;
    ngx_http_whatsapp_json_t  *ours;

    /* the numbers of the tree are read again, and need an end */

    copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    copy[len] = '\0';

    text.data = (u_char *) copy;
    text.len = len;
    error = NULL;

    ours = ngx_http_whatsapp_json_parse(NULL, &text, &error, &offset);
    theirs = json_loadb(copy, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                        &jansson);

    if (ours != NULL) {
        if (theirs == NULL && !out_of_range(jansson.text)) {
            print_error("only the module takes (%s): %s\n", jansson.text,
                        copy);
            fail();
        }

        if (theirs != NULL) {
            compare(ours, theirs);
        }

    } else {
        assert_non_null(error);
        assert_true(offset <= len);

        if (theirs != NULL && !bounded(error)) {
            print_error("only jansson takes (%s): %s\n", error, copy);
            fail();
        }
    }

    json_decref(theirs);
    nginx_release();
    free(copy);

    return ours != NULL;
}


/* ==== tests ==== */

static void
test_corpus(void **state)
{
    size_t  i, taken;

    (void) state;

    taken = 0;

    for (i = 0; i < sizeof(corpus) / sizeof(corpus[0]); i++) {
        taken += check(corpus[i], strlen(corpus[i]));
    }

    assert_int_equal(taken, 41);
}


static uint32_t
next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;

    return *seed >> 8;
}


/* changes, drops, doubles or inserts bytes, or joins with another text */

static size_t
mutate(char *text, size_t len, uint32_t *seed)
{
    size_t       at, n;
    const char  *other;

    static const char  bytes[] = "{}[]\",:\\u0123456789abcdefDd8+-.eE \t\n\"/"
                                 "tfn\x01\x7f\x80\xbf\xc2\xe2\xed\xf0\xff";

    at = len ? next(seed) % len : 0;

    switch (next(seed) % 5) {

    case 0:
        if (len) {
            text[at] = bytes[next(seed) % (sizeof(bytes) - 1)];
        }

        return len;

    case 1:
        n = len ? 1 + next(seed) % (len - at) : 0;
        memmove(text + at, text + at + n, len - at - n);
        return len - n;

    case 2:
        n = len ? 1 + next(seed) % (len - at) : 0;

        if (len + n > TEXT_MAX) {
            return len;
        }

        memmove(text + at + n, text + at, len - at);
        return len + n;

    case 3:
        if (len == TEXT_MAX) {
            return len;
        }

        memmove(text + at + 1, text + at, len - at);
        text[at] = bytes[next(seed) % (sizeof(bytes) - 1)];
        return len + 1;

    default:
        other = corpus[next(seed) % (sizeof(corpus) / sizeof(corpus[0]))];
        n = strlen(other);

        if (len + n > TEXT_MAX) {
            return len;
        }

        memmove(text + at + n, text + at, len - at);
        memcpy(text + at, other, n);
        return len + n;
    }
}


static void
test_mutations(void **state)
{
    char      text[TEXT_MAX];
    size_t    i, n, len, taken;
    uint32_t  seed;

    (void) state;

    seed = 1;
    taken = 0;

    for (i = 0; i < MUTATIONS; i++) {
        len = strlen(corpus[i % (sizeof(corpus) / sizeof(corpus[0]))]);
        memcpy(text, corpus[i % (sizeof(corpus) / sizeof(corpus[0]))], len);

        for (n = 1 + next(&seed) % 6; n > 0; n--) {
            len = mutate(text, len, &seed);
        }

        taken += check(text, len);
    }

    /* else the generator makes nothing that is worth a comparison */

    assert_in_range(taken, MUTATIONS / 50, MUTATIONS);
}


/* writes arrays in one another, and returns the text's length */

static size_t
nest(char *text, size_t depth)
{
    memset(text, '[', depth);
    text[depth] = '1';
    memset(text + depth + 1, ']', depth);

    return 2 * depth + 1;
}


/* writes an object of n members, and returns the text's length */

static size_t
members(char *text, size_t n)
{
    size_t  i, len;

    len = (size_t) sprintf(text, "{");

    for (i = 0; i < n; i++) {
        len += (size_t) sprintf(text + len, "%s\"m%zu\":1", i ? "," : "", i);
    }

    return len + (size_t) sprintf(text + len, "}");
}


static void
test_bounds(void **state)
{
    char  text[4 * NGX_HTTP_WHATSAPP_JSON_ELEMENTS];

    (void) state;

    assert_true(check(text, nest(text, NGX_HTTP_WHATSAPP_JSON_DEPTH)));
    assert_false(check(text, nest(text, NGX_HTTP_WHATSAPP_JSON_DEPTH + 1)));

    memset(text, ' ', sizeof(text));
    text[0] = '[';

    for (size_t i = 0; i < NGX_HTTP_WHATSAPP_JSON_ELEMENTS; i++) {
        text[1 + 2 * i] = '1';
        text[2 + 2 * i] = ',';
    }

    text[2 * NGX_HTTP_WHATSAPP_JSON_ELEMENTS] = ']';
    assert_true(check(text, 1 + 2 * NGX_HTTP_WHATSAPP_JSON_ELEMENTS));

    memcpy(text + 2 * NGX_HTTP_WHATSAPP_JSON_ELEMENTS, ",1]", 3);
    assert_false(check(text, 3 + 2 * NGX_HTTP_WHATSAPP_JSON_ELEMENTS));

    assert_true(check(text, members(text, NGX_HTTP_WHATSAPP_JSON_MEMBERS)));
    assert_false(check(text,
                       members(text, NGX_HTTP_WHATSAPP_JSON_MEMBERS + 1)));

    memset(text, '9', sizeof(text));
    assert_true(check(text, sizeof(text)));

    assert_false(check("\"a\0b\"", 5));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_bounds)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
