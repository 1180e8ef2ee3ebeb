/*
 * The file of templates: what it may hold, and what its templates are listed
 * as.  t/templates.t has the rest, on nginx itself.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_template_file.h"

#include "nginx.h"


static ngx_http_whatsapp_loc_conf_t  loc;


static char *
load(const char *text)
{
    ngx_str_t    args[2];
    ngx_conf_t   cf;
    ngx_array_t  array;

    memset(&cf, 0, sizeof(cf));
    memset(&array, 0, sizeof(array));

    args[1] = nginx_file(text, strlen(text));
    array.elts = args;
    cf.args = &array;

    loc.templates = NGX_CONF_UNSET_PTR;

    return ngx_http_whatsapp_templates(&cf, NULL, &loc);
}


static int
teardown(void **state)
{
    nginx_release();

    return 0;
}


static void
test_json(void **state)
{
    json_t                        *json;
    ngx_http_whatsapp_template_t  *template;

    assert_ptr_equal(load("[a de]\nGr\xc3\xbc\xc3\x9f \"{{1}}\"\n\xe2\x82\xac"
                          "\xf0\x9f\x98\x80\n"),
                     NGX_CONF_OK);
    assert_int_equal(loc.templates->nelts, 1);

    template = loc.templates->elts;

    json = json_loadb((char *) template->json.data, template->json.len, 0,
                      NULL);
    assert_non_null(json);
    json_decref(json);
}


/*
 * ngx_utf8_decode() takes any byte from 0x80 on for one that continues a
 * character: the list of templates was no JSON, and sends were refused by
 * the controller
 */

static void
test_utf8(void **state)
{
    size_t  i;

    static const char *const  bad[] = {
        "\xd6\xdf", "\xe2\x82\xff", "\xe2\xc2\x80", "\xf0\x9f\x98\xc0",
        "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf8\x88\x80\x80", "\xff", "\x80", "\xc3", "\xe2\x82", "x\x7f"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char  text[32];

        (void) snprintf(text, sizeof(text), "[a de]\n%s\n", bad[i]);

        assert_ptr_equal(load(text), NGX_CONF_ERROR);
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test_teardown(test_json, teardown),
        cmocka_unit_test_teardown(test_utf8, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
