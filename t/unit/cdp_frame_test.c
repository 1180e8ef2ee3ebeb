/*
 * Framing of the browser's pipe: every stream is also fed byte by byte and
 * cut at every point.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chrome/cdp_frame.h"


#define MAX      16
#define OUT_MAX  4096


/* what came out, as text: "m:...;" for a message, "x;" for one too large */
struct output {
    char    text[OUT_MAX];
    size_t  size;
};


static void
output_add(struct output *out, const char *text, size_t size)
{
    assert_true(out->size + size < OUT_MAX);

    memcpy(out->text + out->size, text, size);
    out->size += size;
    out->text[out->size] = '\0';
}


static void
feed(struct cdp_frame *f, const char *data, size_t size, struct output *out)
{
    char                   *space, *message;
    size_t                  room, length;
    enum cdp_frame_status   status;

    space = cdp_frame_space(f, &room);
    assert_non_null(space);
    assert_true(room >= size);

    memcpy(space, data, size);
    cdp_frame_received(f, size);

    while ((status = cdp_frame_next(f, &message, &length)) != CDP_FRAME_AGAIN)
    {
        assert_int_equal(message[length], '\0');

        if (status == CDP_FRAME_TOO_LARGE) {
            assert_true(length >= MAX);
            output_add(out, "x;", 2);
            continue;
        }

        assert_int_equal(strlen(message), length);
        assert_true(length <= MAX);

        output_add(out, "m:", 2);
        output_add(out, message, length);
        output_add(out, ";", 1);
    }
}


static void
check(const char *data, size_t size, const char *expected)
{
    size_t            i, j;
    struct output     out;
    struct cdp_frame  f;

    /* at once, and cut in two or three at every point */

    for (i = 0; i <= size; i++) {
        for (j = i; j <= size; j++) {
            memset(&out, 0, sizeof(struct output));
            cdp_frame_init(&f, MAX);

            feed(&f, data, i, &out);
            feed(&f, data + i, j - i, &out);
            feed(&f, data + j, size - j, &out);

            assert_string_equal(out.text, expected);

            cdp_frame_free(&f);
        }
    }

    memset(&out, 0, sizeof(struct output));
    cdp_frame_init(&f, MAX);

    for (i = 0; i < size; i++) {
        feed(&f, data + i, 1, &out);
    }

    assert_string_equal(out.text, expected);

    cdp_frame_free(&f);
}


#define CHECK(data, expected)  check(data, sizeof(data) - 1, expected)


static void
messages(void **state)
{
    (void) state;

    CHECK("", "");
    CHECK("unfinished", "");
    CHECK("a\0", "m:a;");
    CHECK("one\0two\0three\0", "m:one;m:two;m:three;");
    CHECK("one\0tw", "m:one;");
}


static void
empty_messages(void **state)
{
    (void) state;

    CHECK("\0", "");
    CHECK("\0\0\0", "");
    CHECK("\0a\0\0b\0", "m:a;m:b;");
}


static void
caps(void **state)
{
    (void) state;

    CHECK("0123456789abcdef\0", "m:0123456789abcdef;");
    CHECK("0123456789abcdefg\0", "x;");
    CHECK("a\0" "0123456789abcdef0123456789abcdef\0b\0", "m:a;x;m:b;");
    CHECK("0123456789abcdefg\0" "0123456789abcdefg\0c\0", "x;x;m:c;");
    CHECK("0123456789abcdef0123456789abcdef", "x;");
}


/* a message of megabytes in small pieces: found, and the memory given back */

static void
large_message(void **state)
{
    char                   *space, *message;
    size_t                  i, n, room, length, size;
    struct cdp_frame        f;

    (void) state;

    size = 20 * 1024 * 1024;

    cdp_frame_init(&f, 32 * 1024 * 1024);

    for (i = 0; i < size; i += n) {
        space = cdp_frame_space(&f, &room);
        assert_non_null(space);

        n = (room < 65536) ? room : 65536;
        n = (n < size - i) ? n : size - i;

        memset(space, 'x', n);
        cdp_frame_received(&f, n);

        assert_int_equal(cdp_frame_next(&f, &message, &length),
                         CDP_FRAME_AGAIN);
    }

    space = cdp_frame_space(&f, &room);
    space[0] = '\0';
    cdp_frame_received(&f, 1);

    assert_int_equal(cdp_frame_next(&f, &message, &length), CDP_FRAME_MESSAGE);
    assert_int_equal(length, size);

    assert_non_null(cdp_frame_space(&f, &room));
    assert_true(f.size < 1024 * 1024);

    cdp_frame_free(&f);
}


/* what is skipped must not be kept */

static void
endless_message(void **state)
{
    char              *space, *message;
    size_t             i, room, length, large;
    struct cdp_frame   f;

    (void) state;

    cdp_frame_init(&f, 1024 * 1024);
    large = 0;

    for (i = 0; i < 1024; i++) {
        space = cdp_frame_space(&f, &room);
        assert_non_null(space);

        memset(space, 'x', 65536);
        cdp_frame_received(&f, 65536);

        if (cdp_frame_next(&f, &message, &length) == CDP_FRAME_TOO_LARGE) {
            large++;
        }
    }

    assert_int_equal(large, 1);
    assert_true(f.size < 4 * 1024 * 1024);

    cdp_frame_free(&f);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(empty_messages),
        cmocka_unit_test(caps),
        cmocka_unit_test(large_message),
        cmocka_unit_test(endless_message)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
