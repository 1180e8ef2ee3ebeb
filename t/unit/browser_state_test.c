/*
 * The table of a browser's steps: every trouble leads to "running" again, a
 * stop always to "stopped", and no cell of the table is left unwalked.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "chrome/browser_state.h"


#define STEP(name)      BROWSER_STEP_ ## name
#define EVENT(name)     BROWSER_EVENT_ ## name
#define WALK(name)      browser_ ## name
#define WALK_STEPS      BROWSER_STEPS
#define WALK_EVENTS     BROWSER_EVENTS

#include "state_walk.h"


#define FROM_CLEARING                                                         \
    { EVENT(DONE), STEP(VERSION) },                                           \
    { EVENT(DONE), STEP(OFFERED) },                                           \
    { EVENT(LAUNCH), STEP(LAUNCHING) },                                       \
    { EVENT(DONE), STEP(GREETING) },                                          \
    { EVENT(DONE), STEP(RUNNING) }

#define FROM_KILLING                                                          \
    { EVENT(DONE), STEP(WAITING) },                                           \
    { EVENT(TIMEOUT), STEP(CLEARING) },                                       \
    FROM_CLEARING


static const struct path  paths[] = {

    { "it starts", STEP(STOPPED),
      { { EVENT(START), STEP(CLEARING) },
        { EVENT(TIMEOUT), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it is restarted when it is stopped", STEP(STOPPED),
      { { EVENT(RESTART), STEP(CLEARING) } } },

    { "it stays healthy", STEP(RUNNING),
      { { EVENT(TIMEOUT), STEP(RUNNING) } } },

    { "a second tab needs it", STEP(RUNNING),
      { { EVENT(START), STEP(RUNNING) },
        { EVENT(LAUNCH), STEP(RUNNING) } } },

    { "it dies", STEP(RUNNING),
      { { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "it is silent", STEP(RUNNING),
      { { EVENT(SILENT), STEP(KILLING) },
        FROM_KILLING } },

    { "it is worn", STEP(RUNNING),
      { { EVENT(WORN), STEP(CLOSING) },
        { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "it is worn and does not close", STEP(CLOSING),
      { { EVENT(TIMEOUT), STEP(KILLING) },
        FROM_KILLING } },

    { "it is worn and can't be asked to close", STEP(CLOSING),
      { { EVENT(ERROR), STEP(KILLING) },
        FROM_KILLING } },

    { "it is well and is replaced", STEP(RUNNING),
      { { EVENT(RENEW), STEP(RENEWING) },
        { EVENT(LOST), STEP(REAPING) },
        { EVENT(DONE), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it is well, is replaced and does not close", STEP(RENEWING),
      { { EVENT(TIMEOUT), STEP(REAPING) } } },

    { "it is well, is replaced and can't be asked to close", STEP(RENEWING),
      { { EVENT(ERROR), STEP(REAPING) } } },

    { "its directory is in use, which is known when it is replaced",
      STEP(RENEWING),
      { { EVENT(IN_USE), STEP(ABANDONING) } } },

    { "its directory is in use, which is known at the end", STEP(REAPING),
      { { EVENT(IN_USE), STEP(ABANDONING) } } },

    { "it does not answer at first", STEP(GREETING),
      { { EVENT(TIMEOUT), STEP(KILLING) },
        FROM_KILLING } },

    { "it can't be asked at first", STEP(GREETING),
      { { EVENT(ERROR), STEP(KILLING) } } },

    { "a restart is asked for while the next start waits", STEP(WAITING),
      { { EVENT(RESTART), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it dies too often", STEP(KILLING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) },
        { EVENT(TIMEOUT), STEP(CLEARING) },
        FROM_CLEARING } },

    { "a tab needs it when it has failed", STEP(FAILED),
      { { EVENT(START), STEP(CLEARING) } } },

    { "a restart is asked for when it has failed", STEP(FAILED),
      { { EVENT(RESTART), STEP(CLEARING) } } },

    { "its directory is in use, which is known late", STEP(KILLING),
      { { EVENT(IN_USE), STEP(ABANDONING) },
        { EVENT(DONE), STEP(FAILED) } } },

    { "its directory is in use, which is known at the close", STEP(CLOSING),
      { { EVENT(IN_USE), STEP(ABANDONING) } } },

    { "its directory can't be made", STEP(CLEARING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "the executable has no version", STEP(VERSION),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "the executable can't be started", STEP(LAUNCHING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "it is stopped", STEP(RUNNING),
      { { EVENT(STOP), STEP(QUITTING) },
        { EVENT(LOST), STEP(ENDING) },
        { EVENT(DONE), STEP(STOPPED) },
        { EVENT(STOP), STEP(STOPPED) } } },

    { "it is stopped and does not close", STEP(QUITTING),
      { { EVENT(TIMEOUT), STEP(ENDING) } } },

    { "it is stopped and can't be asked", STEP(QUITTING),
      { { EVENT(ERROR), STEP(ENDING) } } },

    { "it is stopped and its directory was in use", STEP(QUITTING),
      { { EVENT(IN_USE), STEP(ENDING) } } }
};


static void
paths_lead_on(void **state)
{
    (void) state;

    walk_paths(paths, sizeof(paths) / sizeof(paths[0]));
}


/* whatever it does: asked to stop, a browser closes, ends or is gone */

static void
every_step_can_be_stopped(void **state)
{
    enum browser_step  step, expected;

    (void) state;

    for (step = STEP(STOPPED); step < BROWSER_STEPS; step++) {

        switch (step) {

        case STEP(LAUNCHING):
        case STEP(GREETING):
        case STEP(RUNNING):
            expected = STEP(QUITTING);
            break;

        case STEP(CLOSING):
        case STEP(RENEWING):
        case STEP(KILLING):
        case STEP(REAPING):
        case STEP(ABANDONING):
            expected = STEP(ENDING);
            break;

        case STEP(QUITTING):
        case STEP(ENDING):
            expected = STEP(LATER);
            break;

        default:
            expected = STEP(STOPPED);
        }

        assert_int_equal(walk(step, EVENT(STOP)), expected);
    }
}


/* a wish that comes while it stops is granted afterwards */

static void
wishes_wait_for_the_stop(void **state)
{
    (void) state;

    assert_int_equal(walk(STEP(QUITTING), EVENT(START)), STEP(LATER));
    assert_int_equal(walk(STEP(QUITTING), EVENT(RESTART)), STEP(LATER));
    assert_int_equal(walk(STEP(ENDING), EVENT(START)), STEP(LATER));
    assert_int_equal(walk(STEP(ENDING), EVENT(RESTART)), STEP(LATER));
}


/* what happens to a process is noticed in every step that has one */

static void
every_death_is_noticed(void **state)
{
    enum browser_step  step;

    (void) state;

    for (step = STEP(LAUNCHING); step <= STEP(RUNNING); step++) {
        assert_int_equal(walk(step, EVENT(LOST)), STEP(KILLING));
        assert_int_equal(walk(step, EVENT(IN_USE)), STEP(ABANDONING));
        assert_int_equal(walk(step, EVENT(SILENT)), STEP(KILLING));
        assert_int_equal(walk(step, EVENT(WORN)), STEP(CLOSING));
        assert_int_equal(walk(step, EVENT(RESTART)), STEP(CLOSING));
    }
}


/* to be run after all others that walk */

static void
every_cell_was_walked(void **state)
{
    (void) state;

    walk_has_been_everywhere();
}


/* nothing waits for ever: a step has a time limit in the table, gets one when
   it is entered, or ends by itself */

static void
every_step_ends(void **state)
{
    enum browser_step  step;

    (void) state;

    for (step = STEP(STOPPED); step < BROWSER_STEPS; step++) {

        switch (step) {

        case STEP(STOPPED):
        case STEP(VERSION):
        case STEP(OFFERED):
        case STEP(LAUNCHING):
        case STEP(KILLING):
        case STEP(REAPING):
        case STEP(ABANDONING):
        case STEP(ENDING):
            break;

        case STEP(WAITING):
            assert_int_not_equal(browser_step_next(step, EVENT(TIMEOUT)),
                                 BROWSER_STEP_STAY);
            break;

        default:
            assert_int_not_equal(browser_step_timeout(step), 0);
            assert_int_not_equal(browser_step_next(step, EVENT(TIMEOUT)),
                                 BROWSER_STEP_STAY);
        }
    }
}


static void
everything_has_a_name(void **state)
{
    int  i;

    (void) state;

    for (i = STEP(STOPPED); i < BROWSER_STEPS; i++) {
        assert_non_null(browser_step_name(i));
    }

    for (i = 0; i < BROWSER_EVENTS; i++) {
        assert_non_null(browser_event_name(i));
    }

    for (i = 0; i < BROWSER_STATES; i++) {
        assert_non_null(browser_state_name(i));
    }
}


static void
states_as_seen(void **state)
{
    (void) state;

    assert_int_equal(browser_step_state(STEP(STOPPED)), BROWSER_STOPPED);
    assert_int_equal(browser_step_state(STEP(CLEARING)), BROWSER_STARTING);
    assert_int_equal(browser_step_state(STEP(OFFERED)), BROWSER_OFFERED);
    assert_int_equal(browser_step_state(STEP(GREETING)), BROWSER_STARTING);
    assert_int_equal(browser_step_state(STEP(RUNNING)), BROWSER_RUNNING);
    assert_int_equal(browser_step_state(STEP(CLOSING)), BROWSER_RECOVERING);
    assert_int_equal(browser_step_state(STEP(WAITING)), BROWSER_RECOVERING);
    assert_int_equal(browser_step_state(STEP(QUITTING)), BROWSER_STOPPING);
    assert_int_equal(browser_step_state(STEP(ENDING)), BROWSER_STOPPING);
    assert_int_equal(browser_step_state(STEP(FAILED)), BROWSER_FAILED);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(paths_lead_on),
        cmocka_unit_test(every_step_can_be_stopped),
        cmocka_unit_test(wishes_wait_for_the_stop),
        cmocka_unit_test(every_death_is_noticed),
        cmocka_unit_test(every_cell_was_walked),
        cmocka_unit_test(every_step_ends),
        cmocka_unit_test(everything_has_a_name),
        cmocka_unit_test(states_as_seen)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
