/*
 * The lines of the file of tokens, as nginx reads them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/token_file.h"
#include "protocol/tokens.h"


#define DIGEST  "0123456789abcdefABCDEF0123456789"                            \
                "0123456789abcdef0123456789abcdef"


/* reads a text of one line */

static struct token_line
read_line(const char *text)
{
    const char         *rest;
    struct token_line   line;

    rest = text;

    assert_true(token_line_next(&rest, text + strlen(text), &line));
    assert_ptr_equal(rest, text + strlen(text));
    assert_int_equal(line.len, strlen(text));

    return line;
}


static void
has_name(const char *text, const char *name)
{
    struct token_line  line;

    line = read_line(text);

    assert_int_equal(line.kind, TOKEN_LINE_TOKEN);
    assert_int_equal(line.name_len, strlen(name));
    assert_memory_equal(line.name, name, strlen(name));
}


static void
has_limit(const char *text, const char *limit, const char *expected)
{
    char               *dump;
    json_t             *list;
    struct token_line   line;

    line = read_line(text);
    list = token_line_limit(&line, limit);
    dump = json_dumps(list, JSON_COMPACT | JSON_ENCODE_ANY);

    assert_string_equal(dump, expected);

    free(dump);
    json_decref(list);
}


static void
kinds(void **state)
{
    (void) state;

    assert_int_equal(read_line("\n").kind, TOKEN_LINE_EMPTY);
    assert_int_equal(read_line(" \t \r\n").kind, TOKEN_LINE_EMPTY);
    assert_int_equal(read_line("# " DIGEST).kind, TOKEN_LINE_EMPTY);
    assert_int_equal(read_line(DIGEST).kind, TOKEN_LINE_TOKEN);
    assert_int_equal(read_line("  " DIGEST "\r\n").kind, TOKEN_LINE_TOKEN);
    assert_int_equal(read_line(DIGEST "0\n").kind, TOKEN_LINE_INVALID);
    assert_int_equal(read_line("abc\n").kind, TOKEN_LINE_INVALID);
    assert_int_equal(read_line(DIGEST "#x").kind, TOKEN_LINE_INVALID);
}


static void
names(void **state)
{
    (void) state;

    has_name(DIGEST, "");
    has_name(DIGEST " #", "");
    has_name(DIGEST " # shop", "shop");
    has_name(DIGEST "\t#shop \r\n", "shop");
    has_name(DIGEST " scope=send  ## the shop # of Ada\n",
             "the shop # of Ada");

    assert_true(token_name_valid("a"));
    assert_true(token_name_valid("Shop-1_x.y@example"));
    assert_false(token_name_valid(""));
    assert_false(token_name_valid("a b"));
    assert_false(token_name_valid("a\n"));
    assert_false(token_name_valid("#a"));
}


static void
limits(void **state)
{
    (void) state;

    has_limit(DIGEST " # scope=send", WHATSAPP_TOKEN_SCOPE, "null");
    has_limit(DIGEST " scope=send", WHATSAPP_TOKEN_SCOPE, "[\"send\"]");
    has_limit(DIGEST " scope=send,read scope=control\n",
              WHATSAPP_TOKEN_SCOPE, "[\"send\",\"read\",\"control\"]");
    has_limit(DIGEST " scope=read phone_number_id=1,22  # x",
              WHATSAPP_TOKEN_SESSION, "[\"1\",\"22\"]");
    has_limit(DIGEST " scope=read", WHATSAPP_TOKEN_SESSION, "null");
}


static void
lists(void **state)
{
    (void) state;

    assert_true(token_scopes_valid("send"));
    assert_true(token_scopes_valid("control,read,send"));
    assert_false(token_scopes_valid(""));
    assert_false(token_scopes_valid("send,"));
    assert_false(token_scopes_valid("sen"));
    assert_false(token_scopes_valid("sends"));
    assert_true(token_sessions_valid("1,123456789012345"));
    assert_false(token_sessions_valid("1234567890123456"));
    assert_false(token_sessions_valid(",1"));
    assert_false(token_sessions_valid("1 2"));
    assert_false(token_sessions_valid("1\n"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(names),
        cmocka_unit_test(limits),
        cmocka_unit_test(lists)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
