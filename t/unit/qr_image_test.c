/*
 * QR codes as pictures: read back, module by module, and compared with what
 * the library has encoded.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qrencode.h>

#include "api/qr_image.h"


#define QUIET  4
#define LARGE  200


/* modules of a picture; 2 stands for what was not drawn */

struct picture {
    int      size;
    uint8_t  module[LARGE][LARGE];
};


static const char *const  texts[] = {
    "2",
    "12345678901234567890",
    "2@abc+/=,AbCdEf0123456789+/=,x,y,1",
    "https://wa.me/settings/linked_devices#2@QmFzZTY0IG9mIHNvbWUgbGVuZ3RoLCB"
    "hcyBXaGF0c0FwcCdzIGFyZQ==,Tm9pc2UgcHVibGljIGtleQ==,SWRlbnRpdHkga2V5,U2V"
    "jcmV0,1",
    "\"<&>'\\ \xc3\xa9"
};


static void
assert_is_code(const struct picture *picture, const char *text)
{
    int      x, y, dark;
    QRcode  *code;

    code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    assert_non_null(code);
    assert_int_equal(picture->size, code->width + 2 * QUIET);

    for (y = 0; y < picture->size; y++) {
        for (x = 0; x < picture->size; x++) {

            dark = 0;

            if (x >= QUIET && x < QUIET + code->width && y >= QUIET
                && y < QUIET + code->width)
            {
                dark = code->data[(y - QUIET) * code->width + x - QUIET] & 1;
            }

            assert_int_equal(picture->module[y][x], dark);
        }
    }

    QRcode_free(code);
}


static void
svg_is_the_code(void **state)
{
    int              x, y, len, again, n;
    char            *svg;
    size_t           i;
    const char      *p;
    struct picture   picture;

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        svg = qr_image_svg(texts[i]);
        assert_non_null(svg);

        memset(&picture, 0, sizeof(picture));

        p = strstr(svg, "viewBox=");
        assert_non_null(p);
        assert_int_equal(sscanf(p, "viewBox=\"0 0 %d %d\"", &picture.size,
                                &again), 2);
        assert_int_equal(picture.size, again);
        assert_in_range(picture.size, 21 + 2 * QUIET, LARGE);

        p = strstr(svg, "fill=\"#000\" d=\"");
        assert_non_null(p);
        p += strlen("fill=\"#000\" d=\"");

        while (sscanf(p, "M%d %dh%dv1h-%dz%n", &x, &y, &len, &again, &n)
               == 4)
        {
            assert_int_equal(len, again);
            assert_in_range(y, 0, picture.size - 1);
            assert_in_range(x + len, 1, picture.size);
            memset(&picture.module[y][x], 1, (size_t) len);
            p += n;
        }

        assert_string_equal(p, "\"/></svg>\n");
        assert_is_code(&picture, texts[i]);

        free(svg);
    }
}


static void
text_is_the_code(void **state)
{
    int              x, y, block;
    char            *text;
    size_t           i;
    const char      *p;
    struct picture   picture;

    static const char  begin[] = "\033[30;47m\033[38;5;16;48;5;231m";
    static const char  end[] = "\033[0m\n";

    static const char *const  blocks[] = {
        " ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        text = qr_image_text(texts[i]);
        assert_non_null(text);

        memset(&picture, 2, sizeof(picture));
        p = text;

        for (y = 0; *p != '\0'; y += 2) {
            assert_int_equal(strncmp(p, begin, strlen(begin)), 0);
            p += strlen(begin);

            for (x = 0; *p != '\033'; x++) {

                for (block = 3; block > 0; block--) {
                    if (strncmp(p, blocks[block], 3) == 0) {
                        break;
                    }
                }

                assert_true(block > 0 || *p == ' ');
                picture.module[y][x] = block & 1;
                picture.module[y + 1][x] = block >> 1;
                p += strlen(blocks[block]);
            }

            picture.size = x;

            assert_int_equal(strncmp(p, end, strlen(end)), 0);
            p += strlen(end);
        }

        /* codes have an odd number of rows: half a line is left */

        assert_int_equal(y, picture.size + 1);
        assert_is_code(&picture, texts[i]);

        free(text);
    }
}


static void
nothing_of_the_text_is_in_the_svg(void **state)
{
    char  *svg;

    (void) state;

    svg = qr_image_svg(texts[4]);

    assert_non_null(svg);
    assert_null(strchr(svg, '&'));
    assert_null(strchr(svg, '\''));
    assert_null(strstr(svg, "href"));

    free(svg);
}


static void
limits(void **state)
{
    char  *text, *picture;

    (void) state;

    assert_null(qr_image_svg(""));
    assert_null(qr_image_text(""));

    text = malloc(2050);
    assert_non_null(text);

    /* the largest code, with as many runs as there may be */

    memset(text, 'x', 2048);
    text[2048] = '\0';

    picture = qr_image_svg(text);
    assert_non_null(picture);
    free(picture);

    picture = qr_image_text(text);
    assert_non_null(picture);
    free(picture);

    strcpy(text + 2048, "x");

    assert_null(qr_image_svg(text));
    assert_null(qr_image_text(text));

    free(text);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(svg_is_the_code),
        cmocka_unit_test(text_is_the_code),
        cmocka_unit_test(nothing_of_the_text_is_in_the_svg),
        cmocka_unit_test(limits)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
