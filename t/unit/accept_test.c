/*
 * Choosing by Accept.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/accept.h"


enum { JSON = 0, SVG, TEXT, NONE = -1 };


static const char *const  types[] = {
    "application/json", "image/svg+xml", "text/plain"
};


static void
the_wanted_form_is_chosen(void **state)
{
    size_t  i;

    static const struct {
        const char  *header;
        int          chosen;
    } cases[] = {

        /* nothing is said */

        { NULL, JSON },
        { "", JSON },
        { " \t ", JSON },

        /* one range */

        { "application/json", JSON },
        { "image/svg+xml", SVG },
        { "text/plain", TEXT },
        { "Text/Plain", TEXT },
        { "*/*", JSON },
        { "image/*", SVG },
        { "IMAGE/*", SVG },
        { "text/*", TEXT },
        { "image/png", NONE },
        { "image/svg", NONE },
        { "image/svg+xmlx", NONE },
        { "*", NONE },
        { "*/json", NONE },
        { "text", NONE },
        { "/", NONE },
        { "a/*", NONE },

        /* several: the quality counts, then the precision, then our order */

        { "text/plain, image/svg+xml", SVG },
        { "text/plain , application/json", JSON },
        { "text/plain,image/svg+xml;q=0.999", TEXT },
        { "text/plain;q=0.2, image/svg+xml;q=0.3", SVG },
        { "image/svg+xml, */*", SVG },
        { "*/*, text/*", TEXT },
        { "*/*;q=1, image/svg+xml;q=0.5, application/json;q=0.1", TEXT },
        { "text/*;q=0.3, text/plain;q=0, */*;q=0.1", JSON },
        { "application/json;q=0, */*", SVG },
        { "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8", SVG },
        { ",, ,text/plain,", TEXT },

        /* qualities */

        { "text/plain;q=0", NONE },
        { "text/plain;q=0.000", NONE },
        { "text/plain;q=0.", NONE },
        { "text/plain;q=0.001", TEXT },
        { "text/plain;q=1", TEXT },
        { "text/plain;q=1.", TEXT },
        { "text/plain;q=1.000", TEXT },
        { "text/plain ; Q=0.5", TEXT },
        { "text/plain;q=1.001", NONE },
        { "text/plain;q=2", NONE },
        { "text/plain;q=0.0001", NONE },
        { "text/plain;q=-1", NONE },
        { "text/plain;q=.5", NONE },
        { "text/plain;q=", NONE },
        { "text/plain;q=0,5", NONE },
        { "text/plain;q=x", NONE },

        /* what is not well-formed says nothing about the rest */

        { "text/plain;q=x, image/svg+xml;q=0.1", SVG },
        { "text/plain;q=x, */*;q=0.1", JSON },

        /* other parameters */

        { "text/plain;charset=utf-8;q=0.5, application/json;q=0.4", TEXT },
        { "text/plain;a=\",;q=0\"", TEXT },
        { "text/plain;a=\"\\\",image/png\"", TEXT },
        { "text/plain;a=\"", TEXT },
        { "text/plain;a=\"\\", TEXT },
        { "text/plain;", TEXT },
        { "text/plain;;", TEXT },
        { ";q=1", NONE }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (whatsapp_accept_choose(cases[i].header, types, 3)
            != cases[i].chosen)
        {
            fail_msg("%s: %d", cases[i].header,
                     whatsapp_accept_choose(cases[i].header, types, 3));
        }
    }
}


static void
every_beginning_ends(void **state)
{
    char    header[128];
    size_t  len;

    static const char  whole[] =
        "text/*;a=\"b\\\"c\";q=0.25, */*;q=1.000 ,image/svg+xml;q=0.5";

    (void) state;

    for (len = 0; len < sizeof(whole); len++) {
        memcpy(header, whole, len);
        header[len] = '\0';

        assert_in_range(whatsapp_accept_choose(header, types, 3) + 1, 0, 3);
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(the_wanted_form_is_chosen),
        cmocka_unit_test(every_beginning_ends)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
