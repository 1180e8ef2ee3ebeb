/*
 * Errors on the console of a page: what stays of a text, and how often the
 * same one was there.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command/console.h"


static struct console  console;


static void
masked(const char *text, const char *expected)
{
    char  to[CONSOLE_LINE_SIZE];

    console_mask(to, sizeof(to), text);
    assert_string_equal(to, expected);
}


static int
reset(void **state)
{
    (void) state;

    memset(&console, 0, sizeof(console));

    return 0;
}


/* an event with its parameters as JSON, in which ' stands for a quote */

static void
add(const char *method, const char *params)
{
    char    *text, *p;
    json_t  *object;

    text = strdup(params);

    for (p = strchr(text, '\''); p != NULL; p = strchr(p, '\'')) {
        *p = '"';
    }

    object = json_loads(text, 0, NULL);
    assert_non_null(object);

    console_add(&console, method, object);

    json_decref(object);
    free(text);
}


static void
test_words_of_programs_stay(void **state)
{
    (void) state;

    masked("TypeError: Cannot read properties of undefined (reading 'chat')",
           "TypeError: Cannot read properties of undefined (reading 'chat')");
    masked("Requiring unknown module WAWebChatCollection.default",
           "Requiring unknown module WAWebChatCollection.default");
    masked("Failed to load resource: net::ERR_NAME_NOT_RESOLVED",
           "Failed to load resource: net::ERR_NAME_NOT_RESOLVED");
    masked("status 404", "status 404");
    masked("first line\nsecond line", "first line");
    masked("", "");
}


static void
test_people_are_masked(void **state)
{
    (void) state;

    masked("message from Hans Muster", "message from * *");
    masked("call +1 (555) 000-0001 now", "call * * * now");
    masked("chat 15550000001@c.us and a@lid", "chat * and *");
    masked("short 1234 long 12345", "short 1234 long *");
    masked("split 12.34.56", "split *");
    masked("id 3EB0ABCDEF0123456789", "id *");
    masked("key AQIDBAUGBwgJCgsMDQPx", "key *");
    masked("gr\xc3\xbc\xc3\x9f" "e", "*");
    masked("said \"see you at eight\" then", "said * then");
    masked("said `see you` then \"x\"", "said * then *");
    masked("open \"never closed here", "open *");
}


static void
test_urls(void **state)
{
    (void) state;

    masked("https://web.whatsapp.com/send?phone=15550000001",
           "https://web.whatsapp.com/*");
    masked("at https://static.whatsapp.net/a/b.js:1:2 too",
           "at https://static.whatsapp.net/* too");
    masked("/send?text=hello", "*");
    masked("blob:https://web.whatsapp.com/6f0a-11",
           "blob:https://web.whatsapp.com/*");
}


static void
test_bounds(void **state)
{
    char  to[12];

    (void) state;

    console_mask(to, sizeof(to), "some words that do not fit");
    assert_string_equal(to, "some words");

    masked("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "*");
}


static void
test_events(void **state)
{
    (void) state;

    add("Runtime.exceptionThrown", "{'exceptionDetails': {'text': 'Uncaught',"
        "'exception': {'description': 'Error: boom\\n at x'}, 'stackTrace':"
        "{'callFrames': [{'functionName': 'send', 'url':"
        "'https://a/b/main.js?v=1', 'lineNumber': 6}]}}}");
    add("Runtime.consoleAPICalled", "{'type': 'error', 'args':"
        "[{'type': 'string', 'value': 'it failed'}, {'value': 'secret'}]}");
    add("Runtime.consoleAPICalled", "{'type': 'error', 'args':"
        "[{'type': 'string', 'value': 'it failed'}]}");
    add("Runtime.consoleAPICalled", "{'type': 'log', 'args':"
        "[{'type': 'string', 'value': 'nothing'}]}");
    add("Runtime.consoleAPICalled", "{'type': 'error', 'args': [{'type':"
        "'object', 'description': 'RangeError: too deep\\n at y'}]}");
    add("Log.entryAdded", "{'entry': {'level': 'error', 'source': 'network',"
        "'text': 'not found'}}");
    add("Log.entryAdded", "{'entry': {'level': 'error', 'source':"
        "'javascript', 'text': 'told already'}}");
    add("Log.entryAdded", "{'entry': {'level': 'warning', 'source':"
        "'network', 'text': 'no error'}}");
    add("Log.entryAdded", "{}");

    assert_int_equal(console.lines_n, 4);
    assert_string_equal(console.lines[0].text,
                        "exception: Error: boom at send (main.js:7)");
    assert_string_equal(console.lines[1].text, "console: it failed");
    assert_int_equal(console.lines[1].times, 2);
    assert_string_equal(console.lines[2].text,
                        "console: RangeError: too deep");
    assert_string_equal(console.lines[3].text, "browser: not found");
}


static void
test_lines_are_bounded(void **state)
{
    size_t  i;
    char    params[100], text[2] = "a";

    (void) state;

    for (i = 0; i < CONSOLE_LINES + 3; i++) {
        text[0] = (char) ('a' + i);
        (void) snprintf(params, sizeof(params), "{'entry': {'level': 'error',"
                        "'source': 'network', 'text': '%s'}}", text);
        add("Log.entryAdded", params);
    }

    assert_int_equal(console.lines_n, CONSOLE_LINES);
    assert_int_equal(console.others, 3);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_words_of_programs_stay),
        cmocka_unit_test(test_people_are_masked),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test_setup(test_events, reset),
        cmocka_unit_test_setup(test_lines_are_bounded, reset)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
