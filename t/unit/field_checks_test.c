/*
 * What the module takes for a phone number must be one to the controller.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_field_checks.h"


static ngx_uint_t
phone(const char *text)
{
    ngx_str_t  value;

    value.data = (u_char *) text;
    value.len = strlen(text);

    return ngx_http_whatsapp_check_phone(&value, NULL);
}


static void
test_phone(void **state)
{
    assert_true(phone("15550000002"));
    assert_true(phone("+15550000002"));
    assert_true(phone("+1 (555) 000-0002"));
    assert_true(phone("(+1) 555.000.0002"));
    assert_true(phone("123456789012345"));

    assert_false(phone(""));
    assert_false(phone("+"));
    assert_false(phone("1234"));
    assert_false(phone("1234567890123456"));
    assert_false(phone("1555000000a"));

    /* a plus stands before the digits only */

    assert_false(phone("1+5550000002"));
    assert_false(phone("15550000002+"));
    assert_false(phone("+1+5550000002"));

    /* nor is it a sign, nor a dot that of a decimal */

    assert_true(phone("\u202a+1\u00a0555\u2011000\u20110002\u202c"));
    assert_false(phone("-15550000002"));
    assert_false(phone("1555000000.2"));
}


static ngx_uint_t
contact(const char *text)
{
    ngx_str_t  value;

    value.data = (u_char *) text;
    value.len = strlen(text);

    return ngx_http_whatsapp_check_contact(&value, NULL);
}


static void
test_contact(void **state)
{
    assert_true(contact("15550000002"));
    assert_true(contact("nobody"));
    assert_true(contact("1"));
    assert_true(contact("123456789012345678901234567890"));
    assert_true(contact("15550000002e0"));

    assert_false(contact("-1"));
    assert_false(contact("15550000002.0"));
    assert_false(contact("1.5"));
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_phone),
        cmocka_unit_test(test_contact)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
