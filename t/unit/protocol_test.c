/*
 * The tables of protocol/ in themselves.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>


/* asserts that the n names are all different */

static void
distinct(const char *const *names, size_t n)
{
    size_t  i, j;

    for (i = 0; i < n; i++) {
        for (j = 0; j < i; j++) {
            assert_string_not_equal(names[i], names[j]);
        }
    }
}


static void
test_errors(void **state)
{
    static const char *const  names[] = {
#define WHATSAPP_ERROR(NAME, status, OUTCOME, retry_after_ms, REASON, name,   \
                       message)                                               \
        name,
#include "protocol/errors.h"
    };

    (void) state;

    distinct(names, sizeof(names) / sizeof(names[0]));
}


/* no two reasons have both their status and their code in common */

static void
test_reasons(void **state)
{
    size_t  i, j;

    static const struct {
        unsigned     status;
        unsigned     code;
        const char  *title;
    } rows[] = {
#define WHATSAPP_REASON(NAME, status, code, subcode, Type, STRIKE, title)     \
        { status, code, title },
#include "protocol/errors.h"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_in_range(rows[i].status, 400, 599);
        assert_true(rows[i].code > 0);
        assert_true(strlen(rows[i].title) > 5);

        for (j = 0; j < i; j++) {
            assert_false(rows[i].status == rows[j].status
                         && rows[i].code == rows[j].code
                         && strcmp(rows[i].title, rows[j].title) == 0);
        }
    }
}


/* "group.list" is group_list */

static void
test_methods(void **state)
{
    char    *dot;
    char     name[64];
    size_t   i, n;

    static const char *const  names[] = {
#define WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name)  name,
#include "protocol/methods.h"
    };

    static const char *const  identifiers[] = {
#define WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name)  #identifier,
#include "protocol/methods.h"
    };

    (void) state;

    n = sizeof(names) / sizeof(names[0]);
    assert_int_equal(sizeof(identifiers) / sizeof(identifiers[0]), n);
    distinct(names, n);

    for (i = 0; i < n; i++) {
        assert_true(strlen(names[i]) < sizeof(name));
        strcpy(name, names[i]);

        dot = strchr(name, '.');

        if (dot != NULL) {
            *dot = '_';
        }

        assert_string_equal(name, identifiers[i]);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_methods),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
