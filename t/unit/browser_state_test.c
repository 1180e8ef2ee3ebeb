/*
 * The supervision ladder: every case of a page's or browser's end leads to
 * "up" again, and a stop always to "stopped".
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "chrome/browser_state.h"


#define PATH_MAX_STEPS  16


/* from up: the events that happen, and the steps they lead to */
struct path {
    const char         *name;
    enum ladder_event   events[PATH_MAX_STEPS];
    enum ladder_step    steps[PATH_MAX_STEPS];
};


#define FROM_START                                                            \
    LADDER_DONE, LADDER_DONE, LADDER_DONE, LADDER_DONE, LADDER_PAGE_UP
#define TO_UP                                                                 \
    LADDER_VERSION, LADDER_LAUNCHING, LADDER_OPENING, LADDER_LOADING,         \
    LADDER_UP


static const struct path  paths[] = {

    { "the page navigates by itself",
      { LADDER_PAGE_LEFT, LADDER_PAGE_UP },
      { LADDER_ARRIVING, LADDER_UP } },

    { "the renderer crashes",
      { LADDER_PAGE_CRASHED, LADDER_PAGE_LEFT, LADDER_PAGE_UP },
      { LADDER_LOADING, LADDER_LOADING, LADDER_UP } },

    { "the target is closed",
      { LADDER_PAGE_CLOSED, LADDER_DONE, LADDER_PAGE_UP },
      { LADDER_OPENING, LADDER_LOADING, LADDER_UP } },

    { "the page hangs in a script that can be stopped",
      { LADDER_PAGE_SILENT, LADDER_DONE, LADDER_DONE, LADDER_PAGE_UP },
      { LADDER_ASKING, LADDER_FREEING, LADDER_REVIVING, LADDER_UP } },

    { "the page hangs in a script that only seems to be stopped",
      { LADDER_PAGE_SILENT, LADDER_DONE, LADDER_DONE, LADDER_TIMEOUT,
        LADDER_PAGE_CRASHED, LADDER_PAGE_UP },
      { LADDER_ASKING, LADDER_FREEING, LADDER_REVIVING, LADDER_SHOOTING,
        LADDER_LOADING, LADDER_UP } },

    { "the page hangs for good",
      { LADDER_PAGE_SILENT, LADDER_DONE, LADDER_TIMEOUT, LADDER_PAGE_CRASHED,
        LADDER_PAGE_UP },
      { LADDER_ASKING, LADDER_FREEING, LADDER_SHOOTING, LADDER_LOADING,
        LADDER_UP } },

    { "the renderer cannot even be killed",
      { LADDER_PAGE_SILENT, LADDER_DONE, LADDER_TIMEOUT, LADDER_TIMEOUT,
        LADDER_TIMEOUT, LADDER_ERROR, LADDER_TIMEOUT, FROM_START },
      { LADDER_ASKING, LADDER_FREEING, LADDER_SHOOTING, LADDER_CLOSING,
        LADDER_KILLING, LADDER_WAITING, LADDER_CLEARING, TO_UP } },

    { "the browser is stopped",
      { LADDER_PAGE_SILENT, LADDER_TIMEOUT, LADDER_ERROR, LADDER_TIMEOUT,
        FROM_START },
      { LADDER_ASKING, LADDER_KILLING, LADDER_WAITING, LADDER_CLEARING,
        TO_UP } },

    { "the browser dies",
      { LADDER_LOST, LADDER_ERROR, LADDER_TIMEOUT, FROM_START },
      { LADDER_KILLING, LADDER_WAITING, LADDER_CLEARING, TO_UP } },

    { "a restart is asked for while the next start waits",
      { LADDER_LOST, LADDER_ERROR, LADDER_RESTART, FROM_START },
      { LADDER_KILLING, LADDER_WAITING, LADDER_CLEARING, TO_UP } },

    { "the browser dies too often",
      { LADDER_LOST, LADDER_IMPOSSIBLE, LADDER_TIMEOUT, FROM_START },
      { LADDER_KILLING, LADDER_FAILED, LADDER_CLEARING, TO_UP } },

    { "a load brings no bridge, twice",
      { LADDER_PAGE_LEFT, LADDER_TIMEOUT, LADDER_DONE, LADDER_TIMEOUT,
        LADDER_PAGE_CRASHED, LADDER_ERROR, LADDER_LOST, LADDER_ERROR,
        LADDER_TIMEOUT, FROM_START },
      { LADDER_ARRIVING, LADDER_FREEING, LADDER_REVIVING, LADDER_SHOOTING,
        LADDER_LOADING, LADDER_CLOSING, LADDER_KILLING, LADDER_WAITING,
        LADDER_CLEARING, TO_UP } },

    { "the server of the page is away",
      { LADDER_PAGE_LEFT, LADDER_PAGE_UNREACHABLE, LADDER_TIMEOUT,
        LADDER_PAGE_UNREACHABLE, LADDER_TIMEOUT, LADDER_PAGE_UP },
      { LADDER_ARRIVING, LADDER_UNREACHABLE, LADDER_LOADING,
        LADDER_UNREACHABLE, LADDER_LOADING, LADDER_UP } },

    { "a reload is asked for",
      { LADDER_RELOAD, LADDER_DONE, LADDER_PAGE_UP },
      { LADDER_FREEING, LADDER_REVIVING, LADDER_UP } }
};


static void
every_end_leads_up(void **state)
{
    size_t             i, j;
    enum ladder_step   step, next;

    (void) state;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {

        step = LADDER_UP;

        for (j = 0; j < PATH_MAX_STEPS && paths[i].steps[j] != 0; j++) {
            next = ladder_next(step, paths[i].events[j]);

            if (next != LADDER_STAY) {
                step = next;
            }

            if (step != paths[i].steps[j]) {
                fail_msg("%s: event %zu (%s) leads to %s, not to %s",
                         paths[i].name, j + 1,
                         ladder_event_name(paths[i].events[j]),
                         ladder_step_name(step),
                         ladder_step_name(paths[i].steps[j]));
            }
        }

        assert_int_equal(step, LADDER_UP);
    }
}


/* whatever it does: asked to stop, a browser closes or is gone already */

static void
every_step_can_be_stopped(void **state)
{
    int  step, next;

    (void) state;

    for (step = LADDER_STOPPED; step < LADDER_STEPS; step++) {

        next = ladder_next(step, LADDER_STOP);

        if (step == LADDER_CLOSING || step == LADDER_KILLING) {
            assert_int_equal(next, LADDER_STAY);
            continue;
        }

        assert_true(next == LADDER_CLOSING || next == LADDER_STOPPED);
    }

    assert_int_equal(ladder_next(LADDER_CLOSING, LADDER_TIMEOUT),
                     LADDER_KILLING);
    assert_int_equal(ladder_next(LADDER_KILLING, LADDER_DONE),
                     LADDER_STOPPED);
}


/* a process that ends is noticed in every step that has one */

static void
every_death_is_noticed(void **state)
{
    int  step;

    (void) state;

    for (step = LADDER_LAUNCHING; step <= LADDER_CLOSING; step++) {
        assert_int_equal(ladder_next(step, LADDER_LOST), LADDER_KILLING);
    }
}


/* nothing waits for ever: steps without a time limit in the table get one
   when they are entered, or end by themselves */

static void
every_step_ends(void **state)
{
    int  step;

    (void) state;

    for (step = LADDER_STOPPED; step < LADDER_STEPS; step++) {

        switch (step) {

        case LADDER_STOPPED:
        case LADDER_VERSION:
        case LADDER_LAUNCHING:
        case LADDER_KILLING:
            break;

        default:
            assert_int_not_equal(ladder_next(step, LADDER_TIMEOUT),
                                 LADDER_STAY);
        }

        assert_non_null(ladder_step_name(step));
    }
}


static void
states_as_seen(void **state)
{
    (void) state;

    assert_int_equal(ladder_state(LADDER_CLEARING, false, false),
                     BROWSER_STARTING);
    assert_int_equal(ladder_state(LADDER_LOADING, false, false),
                     BROWSER_STARTING);
    assert_int_equal(ladder_state(LADDER_LOADING, true, false),
                     BROWSER_RECOVERING);
    assert_int_equal(ladder_state(LADDER_WAITING, true, false),
                     BROWSER_RECOVERING);
    assert_int_equal(ladder_state(LADDER_KILLING, true, true),
                     BROWSER_STOPPING);
    assert_int_equal(ladder_state(LADDER_UP, true, false), BROWSER_UP);
    assert_int_equal(ladder_state(LADDER_FAILED, true, false),
                     BROWSER_FAILED);
    assert_int_equal(ladder_state(LADDER_STOPPED, true, true),
                     BROWSER_STOPPED);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(every_end_leads_up),
        cmocka_unit_test(every_step_can_be_stopped),
        cmocka_unit_test(every_death_is_noticed),
        cmocka_unit_test(every_step_ends),
        cmocka_unit_test(states_as_seen)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
