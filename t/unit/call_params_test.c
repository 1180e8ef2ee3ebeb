/*
 * The parameters that calls have in common.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "calls/call_params.h"


static void
test_fields(void **state)
{
    (void) state;

    assert_true(call_params_has_field(NULL, "id"));
    assert_true(call_params_has_field("", "id"));

    assert_true(call_params_has_field("id", "id"));
    assert_true(call_params_has_field("id,subject", "subject"));
    assert_false(call_params_has_field("id,subject", "sub"));
    assert_false(call_params_has_field("id,subject", "subjects"));
    assert_false(call_params_has_field("id", ""));
    assert_false(call_params_has_field(",", "id"));
    assert_true(call_params_has_field(",,id,", "id"));

    assert_true(call_params_has_field("id, verified_name", "verified_name"));
    assert_true(call_params_has_field(" id ,\tverified_name\n", "id"));
    assert_true(call_params_has_field(" id ,\tverified_name\n",
                                      "verified_name"));
    assert_true(call_params_has_field("a {b, c} , d", "d"));
    assert_false(call_params_has_field("a { b, c } , d", "c"));
}


static void
test_fields_of_members(void **state)
{
    (void) state;

    /* a member's own fields, limits and orders are no fields of the object */

    assert_true(call_params_has_field("a{b,c},d", "a"));
    assert_false(call_params_has_field("a{b,c},d", "b"));
    assert_false(call_params_has_field("a{b,c},d", "c"));
    assert_true(call_params_has_field("a{b,c},d", "d"));
    assert_true(call_params_has_field("a{b{c,d},e},f", "f"));
    assert_false(call_params_has_field("a{b{c,d},e},f", "e"));
    assert_true(call_params_has_field("a.limit(1,2){b},c", "a"));
    assert_true(call_params_has_field("a.limit(1,2){b},c", "c"));
    assert_false(call_params_has_field("a.limit(1,2){b},c", "2"));

    /* braces that do not fit end somewhere */

    assert_false(call_params_has_field("a{b,c", "c"));
    assert_true(call_params_has_field("a},c", "c"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_fields_of_members)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
