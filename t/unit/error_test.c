/*
 * The rows of protocol/errors.h, and their JSON.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"


static const struct {
    enum error_code  code;
    const char      *name;
    unsigned         status;
    enum outcome     outcome;
} rows[] = {

#define WHATSAPP_ERROR(NAME, status, OUTCOME, retry_after_ms, REASON, name,   \
                       message)                                               \
    { ERROR_##NAME, name, status, OUTCOME_##OUTCOME },
#include "protocol/errors.h"

};


static json_t *
dump(const struct error *error)
{
    char    *text;
    json_t  *root;

    text = error_dump(error);
    assert_non_null(text);
    assert_true(strlen(text) <= 4096);

    root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_int_equal(json_object_size(root), 1);

    free(text);

    return root;
}


static const char *
member(json_t *root, const char *name)
{
    return json_string_value(json_object_get(json_object_get(root, "error"),
                                             name));
}


static void
test_table(void **state)
{
    size_t            i;
    json_t           *root;
    struct error      error;
    enum error_code   code;

    (void) state;

    assert_int_equal(sizeof(rows) / sizeof(rows[0]), ERROR_CODES);

    for (i = 0; i < ERROR_CODES; i++) {
        assert_int_equal(rows[i].code, i);
        assert_true(error_find(rows[i].name, &code));
        assert_int_equal(code, rows[i].code);
        assert_string_equal(error_name(code), rows[i].name);
        assert_int_equal(error_status(code), rows[i].status);

        error = error_make(code);
        assert_int_equal(error.code, code);
        assert_int_equal(error.outcome, rows[i].outcome);

        /* what passes by itself says when to come again */

        if (rows[i].status == 429 || rows[i].status == 503) {
            assert_true(error.retry_after_ms > 0);
        }

        root = dump(&error);
        assert_string_equal(member(root, "code"), rows[i].name);
        assert_string_equal(member(root, "outcome"),
                            rows[i].outcome == OUTCOME_UNKNOWN
                            ? "unknown" : "not_sent");
        assert_true(strlen(member(root, "message")) > 5);
        json_decref(root);
    }

    assert_false(error_find("", &code));
    assert_false(error_find("no_such_code", &code));
}


static void
test_members_only_where_they_are(void **state)
{
    json_t        *root, *object;
    struct error   error;

    (void) state;

    error = error_make(ERROR_KEY_REUSED);
    root = dump(&error);
    object = json_object_get(root, "error");
    assert_int_equal(json_object_size(object), 3);
    json_decref(root);

    error = error_say(ERROR_DEADLINE, "said \"so\"");
    error.outcome = OUTCOME_UNKNOWN;
    error.message_id = "wamid.AA";
    error.state = "ready";
    error.retry_after_ms = 1500;
    root = dump(&error);
    object = json_object_get(root, "error");
    assert_int_equal(json_object_size(object), 6);
    assert_string_equal(member(root, "state"), "ready");
    assert_string_equal(member(root, "message"), "said \"so\"");
    assert_string_equal(member(root, "message_id"), "wamid.AA");
    assert_int_equal(json_integer_value(json_object_get(object,
                                                        "retry_after_ms")),
                     1500);
    json_decref(root);
}


static void
test_long_message_is_cut(void **state)
{
    char           text[2001];
    size_t         i;
    json_t        *root;
    struct error   error;

    (void) state;

    /* two bytes a character, and an odd byte before: the cut falls inside */

    text[0] = 'x';

    for (i = 1; i + 1 < sizeof(text) - 1; i += 2) {
        memcpy(text + i, "\xc3\xa9", 2);
    }

    text[i] = '\0';

    error = error_say(ERROR_PAGE_ERROR, text);
    root = dump(&error);
    assert_int_equal(strlen(member(root, "message")), 511);
    json_decref(root);
}


static struct error
from_page(const char *text, json_t **object)
{
    *object = json_loads(text, 0, NULL);

    return error_from_page(*object);
}


static void
test_from_page(void **state)
{
    json_t        *object;
    struct error   error;

    (void) state;

    error = from_page("{\"code\":\"send_refused\",\"message\":\"no\","
                      "\"outcome\":\"not_sent\"}", &object);
    assert_int_equal(error.code, ERROR_SEND_REFUSED);
    assert_int_equal(error.outcome, OUTCOME_NOT_SENT);
    assert_string_equal(error.message, "no");
    json_decref(object);

    /* whatever is not certain is unknown */

    error = from_page("{\"code\":\"send_refused\"}", &object);
    assert_int_equal(error.outcome, OUTCOME_UNKNOWN);
    assert_null(error.message);
    json_decref(object);

    error = from_page("{\"code\":\"odd\",\"outcome\":\"sent\"}", &object);
    assert_int_equal(error.code, ERROR_PAGE_ERROR);
    assert_int_equal(error.outcome, OUTCOME_UNKNOWN);
    json_decref(object);

    error = from_page("{\"code\":1,\"outcome\":2,\"message\":3}", &object);
    assert_int_equal(error.code, ERROR_PAGE_ERROR);
    assert_int_equal(error.outcome, OUTCOME_UNKNOWN);
    assert_null(error.message);
    json_decref(object);

    error = error_from_page(NULL);
    assert_int_equal(error.code, ERROR_PAGE_ERROR);
    assert_int_equal(error.outcome, OUTCOME_UNKNOWN);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_members_only_where_they_are),
        cmocka_unit_test(test_long_message_is_cut),
        cmocka_unit_test(test_from_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
