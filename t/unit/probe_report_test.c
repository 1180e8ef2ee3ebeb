/*
 * The text of a field report, from what the bridge says and from a page that
 * says odd things.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command/probe_report.h"


static char                 text[16384];
static struct probe_report  report;


static int
reset(void **state)
{
    (void) state;

    memset(&report, 0, sizeof(report));

    report.web_url = "https://web.whatsapp.com:443/path?query=1";
    report.wa_js_digest = "00ff";
    report.end = "the session is ready";

    return 0;
}


static int
release(void **state)
{
    (void) state;

    json_decref(report.page);
    report.page = NULL;

    return 0;
}


static void
print(void)
{
    FILE  *out;

    memset(text, 0, sizeof(text));

    out = fmemopen(text, sizeof(text) - 1, "w");
    probe_report_print(&report, out);
    (void) fclose(out);
}


static void
has(const char *part)
{
    if (strstr(text, part) == NULL) {
        print_error("%s\nlacks: %s\n", text, part);
        fail();
    }
}


static void
lacks(const char *part)
{
    if (strstr(text, part) != NULL) {
        print_error("%s\nhas: %s\n", text, part);
        fail();
    }
}


static void
test_without_a_page(void **state)
{
    (void) state;

    probe_report_step(&report, 100, SESSION_STARTING, "");
    probe_report_step(&report, 150, SESSION_STARTING, "");
    probe_report_step(&report, 2500, SESSION_RECOVERING, "page_unreachable");

    print();

    has("page: https://web.whatsapp.com\n");
    has("chromium: unknown\n");
    has("wa-js: sha256 00ff\n");
    has("   0.1 starting\n     2.5 recovering: page_unreachable\n");
    has("  none\n");
    has("verdict: the page gave no report\n");
    lacks("query");
    assert_false(probe_report_complete(&report));
}


static void
test_with_a_page(void **state)
{
    (void) state;

    report.page = json_pack(
        "{s:s, s:s, s:s, s:i, s:b, s:{s:i, s:n, s:i}, s:s, s:{s:i},"
        " s:{s:b, s:b}, s:[s], s:b,"
        " s:[{s:s, s:s, s:s, s:s, s:i}, {s:s, s:s, s:n, s:s, s:n}]}",
        "web_version", "2.3000.1044822804", "wa_js_version", "4.6.0",
        "loader", "meta", "modules", 17290, "linked", 1,
        "times", "version", 1500, "injected", "ready", 2840,
        "policy", "script-src 'self' 'nonce-Abc123' *.x.net",
        "violations", "script-src-elem", 2,
        "capabilities", "session", 1, "send_text", 0,
        "needed", "send_text", "complete", 0,
        "bindings",
        "capability", "session", "path", "whatsapp.Cmd.on", "way", "wa-js",
        "module", "WAWebCmd.Cmd", "arity", 3,
        "capability", "send_text", "path", "whatsapp.MsgKey.newId", "way",
        "module", "WAWebMsgKey.default", "arity");
    assert_non_null(report.page);

    print();

    has("web version: 2.3000.1044822804\n");
    has("loader: meta, 17290 modules\n");
    has("application         1.5 s\n");
    has("wa-js injected    never\n");
    has("wa-js ready         2.8 s\n");
    has("script-src 'self' 'nonce *.x.net\n");
    lacks("Abc123");
    has("violated: script-src-elem, 2x\n");
    has("  yes     session\n");
    has("  missing send_text *\n");
    has("  wa-js   session          whatsapp.Cmd.on/3 WAWebCmd.Cmd\n");
    has("  missing send_text        whatsapp.MsgKey.newId "
        "WAWebMsgKey.default\n");
    has("verdict: not all of what a linked page needs is there\n");
}


static void
test_odd_page(void **state)
{
    (void) state;

    report.page = json_pack("{s:s, s:[i], s:[n, s, {}], s:s, s:b}",
                            "web_version", "1\n2 @3", "capabilities", 1,
                            "bindings", "x", "policy", "", "complete", 1);
    assert_non_null(report.page);

    print();

    has("web version: 123\n");
    has("none was sent");
    has("verdict: all of what a page with a QR code needs is there\n");
    assert_true(probe_report_complete(&report));
}


static void
test_steps_are_bounded(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < 2 * PROBE_STEPS; i++) {
        probe_report_step(&report, i, i % 2 != 0 ? SESSION_QR
                                                 : SESSION_STARTING, "");
    }

    assert_int_equal(report.steps_n, PROBE_STEPS);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_without_a_page, reset, release),
        cmocka_unit_test_setup_teardown(test_with_a_page, reset, release),
        cmocka_unit_test_setup_teardown(test_odd_page, reset, release),
        cmocka_unit_test_setup_teardown(test_steps_are_bounded, reset,
                                        release)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
