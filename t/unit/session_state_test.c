/*
 * The states of a session and what moves it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "session/logouts.h"
#include "session/session_state.h"


static enum session_state
after(enum session_state state, const enum session_event *events, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        (void) session_transition(&state, events[i]);
    }

    return state;
}


#define AFTER(state, ...)                                                     \
    after(state, (const enum session_event[]) { __VA_ARGS__ },                \
          sizeof((const enum session_event[]) { __VA_ARGS__ })                \
          / sizeof(enum session_event))


static void
test_linking(void **state)
{
    (void) state;

    assert_int_equal(AFTER(SESSION_STOPPED, SESSION_TAB_STARTING),
                     SESSION_STARTING);
    assert_int_equal(AFTER(SESSION_STARTING, SESSION_PAGE_OPENING),
                     SESSION_STARTING);
    assert_int_equal(AFTER(SESSION_STARTING, SESSION_PAGE_QR), SESSION_QR);
    assert_int_equal(AFTER(SESSION_QR, SESSION_PAGE_PAIRING),
                     SESSION_PAIRING);
    assert_int_equal(AFTER(SESSION_PAIRING, SESSION_PAGE_SYNCING),
                     SESSION_SYNCING);
    assert_int_equal(AFTER(SESSION_SYNCING, SESSION_PAGE_READY),
                     SESSION_READY);
}


/* a page that is replaced by choice, until it is ready or has any trouble */

static void
test_renewal(void **state)
{
    (void) state;

    assert_int_equal(AFTER(SESSION_READY, SESSION_TAB_RENEWING,
                           SESSION_TAB_STARTING, SESSION_TAB_BOOTING,
                           SESSION_PAGE_OPENING, SESSION_PAGE_SYNCING),
                     SESSION_RENEWING);
    assert_int_equal(AFTER(SESSION_RENEWING, SESSION_PAGE_READY),
                     SESSION_READY);
    assert_int_equal(AFTER(SESSION_RENEWING, SESSION_TAB_RECOVERING),
                     SESSION_RECOVERING);
    assert_int_equal(AFTER(SESSION_RENEWING, SESSION_PAGE_DEGRADED),
                     SESSION_DEGRADED);
    assert_int_equal(AFTER(SESSION_RENEWING, SESSION_PAGE_QR), SESSION_QR);
    assert_int_equal(AFTER(SESSION_RENEWING, SESSION_TAB_STOPPED),
                     SESSION_STOPPED);

    /* one that was not ready has no calls that could wait */

    assert_int_equal(AFTER(SESSION_SYNCING, SESSION_TAB_RENEWING),
                     SESSION_RECOVERING);
    assert_int_equal(AFTER(SESSION_LOGGED_OUT, SESSION_TAB_RENEWING),
                     SESSION_LOGGED_OUT);
}


static void
test_trouble(void **state)
{
    (void) state;

    assert_int_equal(AFTER(SESSION_READY, SESSION_PAGE_DEGRADED,
                           SESSION_PAGE_READY), SESSION_READY);
    assert_int_equal(AFTER(SESSION_READY, SESSION_TAB_RECOVERING),
                     SESSION_RECOVERING);

    /* a restart of a session that worked is no first start */


    /* of a late page, as long as there is an account that could send */

    assert_int_equal(AFTER(SESSION_READY, SESSION_TAB_DOUBTED),
                     SESSION_DEGRADED);
    assert_int_equal(AFTER(SESSION_QR, SESSION_TAB_DOUBTED), SESSION_QR);

    assert_int_equal(AFTER(SESSION_RECOVERING, SESSION_TAB_STARTING),
                     SESSION_RECOVERING);
    assert_int_equal(AFTER(SESSION_READY, SESSION_TAB_STARTING),
                     SESSION_RECOVERING);
    assert_int_equal(AFTER(SESSION_RECOVERING, SESSION_PAGE_READY),
                     SESSION_READY);

    assert_int_equal(AFTER(SESSION_RECOVERING, SESSION_TAB_FAILED),
                     SESSION_FAILED);
    assert_int_equal(AFTER(SESSION_FAILED, SESSION_TAB_STARTING),
                     SESSION_STARTING);

    assert_int_equal(AFTER(SESSION_READY, SESSION_PAGE_CONFLICT),
                     SESSION_CONFLICT);
    assert_int_equal(AFTER(SESSION_CONFLICT, SESSION_PAGE_READY),
                     SESSION_READY);
    assert_int_equal(AFTER(SESSION_READY, SESSION_PAGE_RESTRICTED),
                     SESSION_FAILED);
    assert_int_equal(AFTER(SESSION_READY, SESSION_PAGE_OPENING),
                     SESSION_STARTING);
}


static void
test_logged_out_stays_until_the_qr_is_there(void **state)
{
    (void) state;

    assert_int_equal(AFTER(SESSION_READY, SESSION_PAGE_LOGGED_OUT),
                     SESSION_LOGGED_OUT);
    assert_int_equal(AFTER(SESSION_LOGGED_OUT, SESSION_TAB_RECOVERING,
                           SESSION_TAB_STARTING, SESSION_PAGE_OPENING),
                     SESSION_LOGGED_OUT);
    assert_int_equal(AFTER(SESSION_LOGGED_OUT, SESSION_PAGE_QR), SESSION_QR);
    assert_int_equal(AFTER(SESSION_LOGGED_OUT, SESSION_TAB_FAILED),
                     SESSION_FAILED);
}


static void
test_incompatible(void **state)
{
    (void) state;

    assert_int_equal(AFTER(SESSION_RECOVERING, SESSION_TAB_INCOMPATIBLE),
                     SESSION_INCOMPATIBLE);

    /* what is done about it doesn't hide it */

    assert_int_equal(AFTER(SESSION_INCOMPATIBLE, SESSION_TAB_RECOVERING,
                           SESSION_TAB_STARTING,
                           SESSION_TAB_BOOTING,
                           SESSION_TAB_INCOMPATIBLE),
                     SESSION_INCOMPATIBLE);
    assert_int_equal(AFTER(SESSION_INCOMPATIBLE, SESSION_PAGE_READY),
                     SESSION_READY);
}


static void
test_stopped(void **state)
{
    int  i;

    (void) state;

    /* nothing but a start wakes a stopped session, and all can be stopped */

    for (i = 0; i < SESSION_EVENTS; i++) {
        if (i != SESSION_TAB_STARTING) {
            assert_int_equal(AFTER(SESSION_STOPPED, (enum session_event) i),
                             SESSION_STOPPED);
        }
    }

    for (i = 0; i < SESSION_STATES; i++) {
        assert_int_equal(AFTER((enum session_state) i,
                               SESSION_TAB_STOPPED),
                         SESSION_STOPPED);
    }
}


/* an event that means nothing brings no reason with it */

static void
test_meaningless_events(void **state)
{
    enum session_state  session;

    (void) state;

    session = SESSION_INCOMPATIBLE;
    assert_false(session_transition(&session, SESSION_TAB_RECOVERING));
    assert_true(session_transition(&session, SESSION_TAB_INCOMPATIBLE));

    session = SESSION_LOGGED_OUT;
    assert_false(session_transition(&session, SESSION_TAB_STARTING));
    assert_false(session_transition(&session, SESSION_TAB_BOOTING));

    session = SESSION_RECOVERING;
    assert_true(session_transition(&session, SESSION_TAB_RECOVERING));
    assert_int_equal(session, SESSION_RECOVERING);
}


/* the page has a say while the browser is up, and only then */

static void
test_tab_events(void **state)
{
    int  i;

    (void) state;

    for (i = 0; i < TAB_STATES; i++) {
        if (i == TAB_UP) {
            assert_int_equal(session_tab_event((enum tab_state) i,
                                               SESSION_PAGE_READY),
                             SESSION_PAGE_READY);

        } else {
            assert_true(session_tab_event((enum tab_state) i,
                                          SESSION_PAGE_READY)
                        < SESSION_PAGE_OPENING);
        }
    }

    assert_int_equal(session_tab_event(TAB_STOPPING,
                                       SESSION_PAGE_READY),
                     SESSION_TAB_STOPPED);
    assert_int_equal(session_tab_event(TAB_DOUBTED,
                                       SESSION_PAGE_READY),
                     SESSION_TAB_DOUBTED);
    assert_int_equal(session_tab_event(TAB_BOOTING,
                                       SESSION_PAGE_READY),
                     SESSION_TAB_BOOTING);
}


static struct session_page
read_page(const char *text)
{
    json_t               *data;
    struct session_page   found;

    data = json_loads(text, 0, NULL);
    assert_non_null(data);

    memset(&found, 0xff, sizeof(found));
    session_page_read(&found, data);

    json_decref(data);

    return found;
}


static void
page(const char *text, enum session_event expected)
{
    assert_int_equal(read_page(text).event, expected);
}


#define LINKED    "\"registered\":true,\"authenticated\":true,"
#define WHOLE     "\"offline_end\":true,\"usable\":true,"
#define MAIN      "\"socket\":\"CONNECTED\",\"mode\":\"MAIN\""


static void
test_page_events(void **state)
{
    struct session_page  found;

    (void) state;

    page("{" LINKED WHOLE MAIN ",\"stream\":\"CONNECTED\"}",
         SESSION_PAGE_READY);
    page("{" LINKED WHOLE MAIN ",\"stream\":null}", SESSION_PAGE_READY);
    page("{" LINKED WHOLE MAIN ",\"stream\":\"DISCONNECTED\"}",
         SESSION_PAGE_DEGRADED);
    page("{" LINKED WHOLE "\"socket\":\"OPENING\",\"mode\":\"MAIN\"}",
         SESSION_PAGE_DEGRADED);
    page("{" LINKED WHOLE "\"socket\":\"PAIRING\",\"mode\":\"MAIN\"}",
         SESSION_PAGE_DEGRADED);
    page("{" LINKED WHOLE "\"socket\":\"CONNECTED\",\"mode\":\"SYNCING\"}",
         SESSION_PAGE_SYNCING);

    /* what sends waits for offline messages, and for its modules */

    page("{" LINKED "\"usable\":true," MAIN "}", SESSION_PAGE_SYNCING);
    page("{" LINKED "\"offline_end\":true," MAIN "}", SESSION_PAGE_SYNCING);

    /* never ready on the word of a QR screen, or without the login */

    page("{" WHOLE MAIN "}", SESSION_PAGE_OPENING);
    page("{\"registered\":true," WHOLE MAIN "}", SESSION_PAGE_OPENING);
    page("{\"registered\":true,\"authenticated\":\"true\"," WHOLE MAIN "}",
         SESSION_PAGE_OPENING);
    page("{\"registered\":true,\"was_authenticated\":true," WHOLE MAIN "}",
         SESSION_PAGE_DEGRADED);
    page("{\"socket\":\"CONNECTED\",\"mode\":\"QR\"}", SESSION_PAGE_QR);
    page("{\"socket\":\"UNPAIRED\"}", SESSION_PAGE_QR);
    page("{\"socket\":\"UNPAIRED_IDLE\"}", SESSION_PAGE_QR);
    page("{\"socket\":\"OPENING\"}", SESSION_PAGE_OPENING);
    page("{}", SESSION_PAGE_OPENING);

    /* every page that connects goes through PAIRING */

    page("{\"registered\":true,\"socket\":\"PAIRING\"}",
         SESSION_PAGE_OPENING);
    page("{\"socket\":\"PAIRING\"}", SESSION_PAGE_OPENING);
    page("{\"mode\":\"QR\",\"linking\":\"pairing\"}", SESSION_PAGE_PAIRING);
    page("{\"mode\":\"QR\",\"linking\":\"passkey\"}", SESSION_PAGE_PASSKEY);
    page("{\"mode\":\"QR\",\"linking\":null}", SESSION_PAGE_QR);
    page("{" LINKED WHOLE MAIN ",\"linking\":\"passkey\"}",
         SESSION_PAGE_READY);

    /* bad news come first */

    page("{" LINKED WHOLE MAIN ",\"replaced\":true}", SESSION_PAGE_CONFLICT);
    page("{" LINKED WHOLE MAIN ",\"banned_until\":1}",
         SESSION_PAGE_RESTRICTED);
    page("{" LINKED WHOLE MAIN ",\"banned_until\":null}",
         SESSION_PAGE_READY);

    session_page_read(&found, NULL);
    assert_int_equal(found.event, SESSION_PAGE_OPENING);
    assert_string_equal(found.reason, "");
}


static void
test_page_reasons(void **state)
{
    struct session_page  found;

    (void) state;

    found = read_page("{" LINKED WHOLE MAIN "}");
    assert_string_equal(found.reason, "");
    assert_false(found.restricted[SESSION_BANNED]);
    assert_false(found.restricted[SESSION_TIMELOCKED]);
    assert_false(found.restricted[SESSION_CAPPED]);

    found = read_page("{" LINKED WHOLE MAIN ",\"timelock\":true}");
    assert_int_equal(found.event, SESSION_PAGE_READY);
    assert_non_null(strstr(found.reason, "nobody new"));
    assert_true(found.restricted[SESSION_TIMELOCKED]);
    assert_false(found.restricted[SESSION_CAPPED]);

    found = read_page("{" LINKED WHOLE MAIN ",\"capped\":true}");
    assert_int_equal(found.event, SESSION_PAGE_READY);
    assert_non_null(strstr(found.reason, "as many"));
    assert_true(found.restricted[SESSION_CAPPED]);

    found = read_page("{" LINKED MAIN ",\"banned_until\":86400}");
    assert_string_equal(found.reason, "WhatsApp has banned the account until "
                        "1970-01-02T00:00:00Z");
    assert_true(found.restricted[SESSION_BANNED]);

    assert_string_equal(read_page("{\"mode\":\"QR\"}").reason, "");
    assert_string_equal(read_page("{\"mode\":\"QR\",\"logout\":\"\"}").reason,
                        "logged out");
    assert_string_equal(read_page("{\"mode\":\"QR\",\"logout\":\"3\"}").reason,
                        "logged out: the account is locked");

    assert_string_equal(logout_text(NULL), "logged out");
    assert_string_equal(logout_text("4"), "logged out");
    assert_string_equal(logout_text("11"), "logged out");
    assert_string_equal(logout_text("1"),
                        "logged out: the synchronisation failed");
}


static void
test_errors(void **state)
{
    int           i;
    struct error  error;

    (void) state;

    for (i = 0; i < SESSION_STATES; i++) {
        assert_non_null(session_state_name((enum session_state) i));

        error = session_state_error((enum session_state) i);
        assert_int_equal(error.outcome, OUTCOME_NOT_SENT);

        /* who isn't linked needs a person; the rest is told when to return */

        switch (i) {

        case SESSION_QR:
        case SESSION_PAIRING:
        case SESSION_LOGGED_OUT:
        case SESSION_PASSKEY_REQUIRED:
            assert_int_equal(error.code, ERROR_SESSION_NOT_LINKED);
            break;

        case SESSION_RENEWING:
        case SESSION_RECOVERING:
            assert_int_equal(error.code, ERROR_SESSION_RESTARTING);
            assert_true(error.retry_after_ms > 0);
            break;

        default:
            assert_int_equal(error.code, ERROR_SESSION_NOT_READY);
            assert_true(error.retry_after_ms > 0);
        }
    }
}


/* a page that loads anew does not link an account, nor unlink one */

static void
test_unlinked(void **state)
{
    (void) state;

    assert_true(session_state_unlinked(SESSION_QR, false));
    assert_true(session_state_unlinked(SESSION_LOGGED_OUT, false));
    assert_true(session_state_unlinked(SESSION_RECOVERING, true));
    assert_true(session_state_unlinked(SESSION_STARTING, true));
    assert_false(session_state_unlinked(SESSION_RECOVERING, false));
    assert_false(session_state_unlinked(SESSION_SYNCING, true));
    assert_false(session_state_unlinked(SESSION_READY, true));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_unlinked),
        cmocka_unit_test(test_linking),
        cmocka_unit_test(test_renewal),
        cmocka_unit_test(test_trouble),
        cmocka_unit_test(test_logged_out_stays_until_the_qr_is_there),
        cmocka_unit_test(test_incompatible),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_meaningless_events),
        cmocka_unit_test(test_tab_events),
        cmocka_unit_test(test_page_events),
        cmocka_unit_test(test_page_reasons),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
