/*
 * Forms: whole, byte by byte, in two pieces at every place, and malformed.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/multipart.h"


#define TYPE  "multipart/form-data; boundary=XyZ"


/* what was parsed, as text: "<name|filename|type>data;" */

static char    seen[8192];
static size_t  seen_size;
static long    stop_at;    /* bytes of data until a handler stops, or -1 */
static size_t  pieces;     /* of data */


static void
see(const char *data, size_t size)
{
    assert_true(seen_size + size < sizeof(seen));
    memcpy(seen + seen_size, data, size);
    seen_size += size;
    seen[seen_size] = '\0';
}


static bool
on_part(void *ctx, const struct multipart_part *part)
{
    char  text[2048];

    (void) ctx;

    (void) snprintf(text, sizeof(text), "<%s|%s|%s>", part->name,
                    part->filename, part->type);
    see(text, strlen(text));

    return true;
}


static bool
on_data(void *ctx, const char *data, size_t size)
{
    (void) ctx;

    assert_int_not_equal(size, 0);
    pieces++;

    if (stop_at >= 0) {
        stop_at -= (long) size;

        if (stop_at < 0) {
            return false;
        }
    }

    see(data, size);

    return true;
}


static bool
on_end(void *ctx)
{
    (void) ctx;

    see(";", 1);

    return true;
}


static const struct multipart_handlers  handlers = {
    on_part, on_data, on_end
};


static struct multipart  multipart;


static void
begin(const char *type)
{
    seen_size = 0;
    seen[0] = '\0';
    stop_at = -1;
    pieces = 0;

    assert_true(multipart_begin(&multipart, type, &handlers, NULL));
}


/* in pieces of a malloc'ed copy each, so that a byte too far is noticed */

static bool
feed(const char *data, size_t size)
{
    bool   ok;
    char  *copy;

    copy = malloc(size != 0 ? size : 1);
    memcpy(copy, data, size);
    ok = multipart_feed(&multipart, copy, size);
    free(copy);

    return ok;
}


static void
parsed(const char *body, size_t size, const char *expected)
{
    size_t  i;

    begin(TYPE);
    assert_true(feed(body, size));
    assert_true(multipart_ended(&multipart));
    assert_string_equal(seen, expected);

    begin(TYPE);

    for (i = 0; i < size; i++) {
        assert_true(feed(body + i, 1));
    }

    assert_true(multipart_ended(&multipart));
    assert_string_equal(seen, expected);

    for (i = 0; i <= size; i++) {
        begin(TYPE);
        assert_true(feed(body, i));
        assert_true(feed(body + i, size - i));
        assert_true(multipart_ended(&multipart));
        assert_string_equal(seen, expected);
    }
}


#define PARSED(body, expected)  parsed(body, sizeof(body) - 1, expected)


static void
refused(const char *body)
{
    size_t  i, size;
    bool    ok;

    size = strlen(body);

    begin(TYPE);
    assert_false(feed(body, size) && multipart_ended(&multipart));

    begin(TYPE);
    ok = true;

    for (i = 0; i < size && ok; i++) {
        ok = feed(body + i, 1);
    }

    assert_false(ok && multipart_ended(&multipart));

    /* and once failed it stays so */

    if (!ok) {
        assert_false(feed("x", 1));
    }
}


#define FORM   "Content-Disposition: form-data; name=a\r\n"


static void
test_forms(void **state)
{
    (void) state;

    PARSED("--XyZ\r\n" FORM "\r\nhello\r\n--XyZ--\r\n", "<a||>hello;");
    PARSED("--XyZ\r\n" FORM "\r\nhello\r\n--XyZ--", "<a||>hello;");
    PARSED("--XyZ--", "");
    PARSED("--XyZ\r\n" FORM "\r\n\r\n--XyZ--", "<a||>;");

    /* a part without its own empty line before the delimiter */

    PARSED("--XyZ\r\n" FORM "\r\n--XyZ--", "<a||>;");

    /* preamble, padding and epilogue */

    PARSED("\r\n--XyZ\r\n" FORM "\r\nx\r\n--XyZ--", "<a||>x;");
    PARSED("pre\r\namble\r\n--XyZ \t \r\n" FORM "\r\nx\r\n--XyZ--\r\nepi\r\n"
           "--XyZ\r\n", "<a||>x;");
}


static void
test_parts(void **state)
{
    (void) state;

    PARSED("--XyZ\r\n"
           "content-disposition: FORM-DATA; name=\"type\"\r\n\r\n"
           "image/png\r\n"
           "--XyZ\r\n"
           "Content-Type: image/png \r\n"
           "X-Other: x\r\n"
           "Content-Disposition:form-data;filename=\"a b.png\" ; "
           "name=\"file\"\r\n\r\n"
           "\x89PNG\r\n\x1a\n\r\n"
           "--XyZ\r\n"
           "Content-Disposition: form-data; name=messaging_product\r\n\r\n"
           "whatsapp\r\n"
           "--XyZ--\r\n",
           "<type||>image/png;<file|a b.png|image/png>\x89PNG\r\n\x1a\n;"
           "<messaging_product||>whatsapp;");
}


/* what only looks like a delimiter is data */

static void
test_near_delimiters(void **state)
{
    (void) state;

    PARSED("--XyZ\r\n" FORM "\r\n"
           "\r\n\r\n--\r\n--X\r\n--Xy\r\r\n-\r\n--xyz\n--XyZ--XyZ\r"
           "\r\n--XyZ--",
           "<a||>\r\n\r\n--\r\n--X\r\n--Xy\r\r\n-\r\n--xyz\n--XyZ--XyZ\r;");

    PARSED("--Xy\r\n--XyZ\r\n" FORM "\r\nx\r\n--XyZ--", "<a||>x;");

    PARSED("--XyZ\r\n" FORM "\r\n-\r\n--XyZ--", "<a||>-;");
    PARSED("--XyZ\r\n" FORM "\r\n--Xy\r\n--XyZ--", "<a||>--Xy;");
    PARSED("--XyZ\r\n" FORM "\r\n\r\r\r\n--XyZ--", "<a||>\r\r;");
}


/* a file full of line ends costs no more than any other */

static void
test_pieces_stay_whole(void **state)
{
    size_t  i;
    char    body[4096];

    (void) state;

    begin(TYPE);
    assert_true(feed("--XyZ\r\n" FORM "\r\n",
                     sizeof("--XyZ\r\n" FORM "\r\n") - 1));

    for (i = 0; i < sizeof(body); i++) {
        body[i] = "\r\r\n--\r\n"[i % 7];
    }

    assert_true(feed(body, sizeof(body)));
    assert_in_range(pieces, 1, 2);
    assert_true(feed("\r\n--XyZ--", 10));
    assert_in_range(pieces, 1, 4);
    assert_int_equal(seen_size, strlen("<a||>;") + sizeof(body));
}


static void
test_nul_in_data(void **state)
{
    (void) state;

    begin(TYPE);
    assert_true(feed("--XyZ\r\n" FORM "\r\na\0b\r\n--XyZ--",
                     sizeof("--XyZ\r\n" FORM "\r\na\0b\r\n--XyZ--") - 1));
    assert_true(multipart_ended(&multipart));
    assert_memory_equal(seen, "<a||>a\0b;", 9);
}


static void
test_malformed(void **state)
{
    (void) state;

    refused("");
    refused("--XyZ");
    refused("--XyZ-");
    refused("--XyZ\r\n");
    refused("--XyZ\r\n" FORM);
    refused("--XyZ\r\n" FORM "\r\n");
    refused("--XyZ\r\n" FORM "\r\nx\r\n--XyZ\r\n");
    refused("--XyZ\r\n" FORM "\r\nx\r\n--XyZ-");
    refused("--XyZ-x");
    refused("--XyZq\r\n");
    refused("--XyZ\n" FORM "\nx\n--XyZ--");
    refused("--XyZ\rx");
    refused("--XyZ\r\n\r\nx\r\n--XyZ--");
    refused("--XyZ\r\nContent-Type: a/b\r\n\r\nx\r\n--XyZ--");
    refused("--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--");
    refused("--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n"
            "--XyZ--");
    refused("--XyZ\r\n" FORM FORM "\r\nx\r\n--XyZ--");
    refused("--XyZ\r\n" FORM " folded\r\n\r\nx\r\n--XyZ--");
    refused("--XyZ\r\n" FORM "no colon\r\n\r\nx\r\n--XyZ--");
    refused("--XyZ\r\n" FORM ": no name\r\n\r\nx\r\n--XyZ--");
    refused("--XyZ\r\n" FORM "X: y\n\r\nx\r\n--XyZ--");
}


static void
test_nul_in_head(void **state)
{
    (void) state;

    begin(TYPE);
    assert_false(feed("--XyZ\r\nX: \0y\r\n" FORM "\r\n",
                      7 + 6 + sizeof(FORM) - 1 + 2));
}


static void
test_head_is_bounded(void **state)
{
    size_t  i;

    (void) state;

    begin(TYPE);
    assert_true(feed("--XyZ\r\n" FORM "X: ", 7 + sizeof(FORM) - 1 + 3));

    for (i = sizeof(FORM) - 1 + 3; i < MULTIPART_HEAD_MAX; i++) {
        assert_true(feed("y", 1));
    }

    assert_false(feed("y", 1));
}


static void
test_handler_stops(void **state)
{
    (void) state;

    begin(TYPE);
    stop_at = 3;
    assert_true(feed("--XyZ\r\n" FORM "\r\nabc", 7 + sizeof(FORM) - 1 + 5));
    assert_false(feed("d", 1));
    assert_false(feed("e", 1));
    assert_string_equal(seen, "<a||>abc");
}


static void
test_content_types(void **state)
{
    size_t  i;
    char    longest[200];

    static const char *const  good[] = {
        "multipart/form-data; boundary=x",
        "Multipart/Form-Data;boundary=\"x y\"",
        "multipart/form-data; charset=utf-8; boundary=----WebKit'()+_,-./:=?",
        "multipart/form-data ; BOUNDARY=x; more=\"a;b\"",
        "multipart/form-data; a=\"; boundary=y\"; boundary=x"
    };

    static const char *const  bad[] = {
        "", "multipart/form-data", "multipart/form-data;",
        "multipart/form-data; boundary", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"x",
        "multipart/form-data; boundary=\"x \"",
        "multipart/form-data; boundary=\"x\ty\"",
        "multipart/form-data; boundary=\"x\r\ny\"",
        "multipart/form-data; boundary=\xc3\xa9",
        "multipart/form-datax; boundary=x",
        "multipart/mixed; boundary=x", "application/json",
        "multipart/form-data; xboundary=x"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!multipart_begin(&multipart, good[i], &handlers, NULL)) {
            fail_msg("%s", good[i]);
        }
    }

    assert_string_equal(multipart.delimiter, "\r\n--x");

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (multipart_begin(&multipart, bad[i], &handlers, NULL)) {
            fail_msg("%s", bad[i]);
        }
    }

    (void) snprintf(longest, sizeof(longest),
                    "multipart/form-data; boundary=%070d", 1);
    assert_true(multipart_begin(&multipart, longest, &handlers, NULL));

    (void) snprintf(longest, sizeof(longest),
                    "multipart/form-data; boundary=%071d", 1);
    assert_false(multipart_begin(&multipart, longest, &handlers, NULL));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_near_delimiters),
        cmocka_unit_test(test_pieces_stay_whole),
        cmocka_unit_test(test_nul_in_data),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_nul_in_head),
        cmocka_unit_test(test_head_is_bounded),
        cmocka_unit_test(test_handler_stops),
        cmocka_unit_test(test_content_types),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
