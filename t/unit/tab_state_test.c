/*
 * The table of a tab's steps: every trouble leads to "up" again, a stop
 * always to "stopped", and no cell of the table is left unwalked.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tab_paths.h"


static void
paths_lead_on(void **state)
{
    (void) state;

    walk_paths(paths, sizeof(paths) / sizeof(paths[0]));
}


/* whatever it does: asked to stop, a tab leaves its browser or has left */

static void
every_step_can_be_stopped(void **state)
{
    enum tab_step  step, expected;

    (void) state;

    for (step = STEP(STOPPED); step < TAB_STEPS; step++) {

        switch (step) {

        case STEP(STOPPED):
            expected = STEP(STOPPED);
            break;

        case STEP(LEAVING):
        case STEP(PARTING):
            expected = STEP(LATER);
            break;

        default:
            expected = STEP(LEAVING);
        }

        assert_int_equal(walk(step, EVENT(STOP)), expected);
    }
}


/* a wish that comes while it stops is granted afterwards */

static void
wishes_wait_for_the_stop(void **state)
{
    (void) state;

    assert_int_equal(walk(STEP(LEAVING), EVENT(START)), STEP(LATER));
    assert_int_equal(walk(STEP(LEAVING), EVENT(RESTART)), STEP(LATER));
    assert_int_equal(walk(STEP(PARTING), EVENT(START)), STEP(LATER));
    assert_int_equal(walk(STEP(PARTING), EVENT(RESTART)), STEP(LATER));
    assert_int_equal(walk(STEP(PARTING), EVENT(BROWSER_STOPPED)),
                     STEP(STOPPED));
}


static bool
has_page(enum tab_step step)
{
    return step >= STEP(LOADING) && step <= STEP(FREEING)
           && step != STEP(SUSPECTING);
}


/* a browser that dies or fails is noticed in every step that needs it, and so
   is the wish to start anew */

static void
every_death_is_noticed(void **state)
{
    enum tab_step  step;

    (void) state;

    for (step = STEP(JOINING); step < STEP(LEAVING); step++) {
        assert_int_equal(walk(step, EVENT(BROWSER_LOST)), STEP(ORPHANED));
        assert_int_equal(walk(step, EVENT(BROWSER_FAILED)), STEP(FAILED));
        assert_int_equal(walk(step, EVENT(BROWSER_RENEWING)), STEP(EVICTED));

        if (has_page(step)) {
            assert_int_equal(walk(step, EVENT(WORN)), STEP(REPLACING));
            assert_int_equal(walk(step, EVENT(RESTART)), STEP(REPLACING));
        }
    }
}


/* a page may crash or be closed in every step that has one */

static void
every_page_is_watched(void **state)
{
    enum tab_step  step;

    (void) state;

    for (step = STEP(LOADING); step <= STEP(FREEING); step++) {

        if (!has_page(step)) {
            continue;
        }

        assert_int_equal(walk(step, EVENT(PAGE_CRASHED)), STEP(LOADING));
        assert_int_equal(walk(step, EVENT(PAGE_CLOSED)), STEP(OPENING));

        if (tab_step_bridged(step)
            || tab_step_state(step) == TAB_DOUBTED)
        {
            assert_int_equal(walk(step, EVENT(PAGE_LEFT)), STEP(ARRIVING));
            assert_int_equal(walk(step, EVENT(PAGE_BROKEN)), STEP(FREEING));
            assert_int_equal(walk(step, EVENT(PAGE_UNREACHABLE)),
                             STEP(UNREACHABLE));
        }

        if (tab_step_bridged(step)) {
            assert_int_equal(walk(step, EVENT(PAGE_SILENT)), STEP(ASKING));
        }
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
    enum tab_step  step;

    (void) state;

    for (step = STEP(STOPPED); step < TAB_STEPS; step++) {

        switch (step) {

        /* the browser's next state ends them, or the owner */

        case STEP(STOPPED):
        case STEP(JOINING):
        case STEP(ORPHANED):
        case STEP(EVICTED):
        case STEP(QUEUED):
        case STEP(ENTERING):
            break;

        case STEP(LOADING):
        case STEP(ARRIVING):
        case STEP(UNREACHABLE):
        case STEP(PAUSING):
        case STEP(LEAVING):
            assert_int_not_equal(tab_step_next(step, EVENT(TIMEOUT)),
                                 TAB_STEP_STAY);
            break;

        default:
            assert_int_not_equal(tab_step_timeout(step), 0);
            assert_int_not_equal(tab_step_next(step, EVENT(TIMEOUT)),
                                 TAB_STEP_STAY);
        }
    }
}


static void
everything_has_a_name(void **state)
{
    int  i;

    (void) state;

    for (i = STEP(STOPPED); i < TAB_STEPS; i++) {
        assert_non_null(tab_step_name(i));
    }

    for (i = 0; i < TAB_EVENTS; i++) {
        assert_non_null(tab_event_name(i));
    }

    for (i = 0; i < TAB_STATES; i++) {
        assert_non_null(tab_state_name(i));
    }
}


static void
states_as_seen(void **state)
{
    (void) state;

    assert_int_equal(tab_step_state(STEP(STOPPED)), TAB_STOPPED);
    assert_int_equal(tab_step_state(STEP(CLEARING)), TAB_STARTING);
    assert_int_equal(tab_step_state(STEP(LOADING)), TAB_STARTING);
    assert_int_equal(tab_step_state(STEP(BOOTING)), TAB_BOOTING);
    assert_int_equal(tab_step_state(STEP(UP)), TAB_UP);
    assert_int_equal(tab_step_state(STEP(DOUBTING)), TAB_DOUBTED);
    assert_int_equal(tab_step_state(STEP(AWAITING)), TAB_DOUBTED);
    assert_int_equal(tab_step_state(STEP(STALLED)), TAB_DOUBTED);
    assert_int_equal(tab_step_state(STEP(ARRIVING)), TAB_RECOVERING);
    assert_int_equal(tab_step_state(STEP(FREEING)), TAB_RECOVERING);
    assert_int_equal(tab_step_state(STEP(ORPHANED)), TAB_RECOVERING);
    assert_int_equal(tab_step_state(STEP(RENEWING)), TAB_RECOVERING);
    assert_int_equal(tab_step_state(STEP(INCOMPATIBLE)),
                     TAB_INCOMPATIBLE);
    assert_int_equal(tab_step_state(STEP(QUEUED)), TAB_STARTING);
    assert_int_equal(tab_step_state(STEP(UNREACHABLE)),
                     TAB_RECOVERING);
    assert_int_equal(tab_step_state(STEP(LEAVING)), TAB_STOPPING);
    assert_int_equal(tab_step_state(STEP(PARTING)), TAB_STOPPING);
    assert_int_equal(tab_step_state(STEP(FAILED)), TAB_FAILED);
}


static struct tab_counts  counts;


static void
amounts(enum tab_step step, enum tab_event event,
    enum tab_event expected)
{
    assert_string_equal(tab_event_name(tab_event_count(&counts, step,
                                                       event)),
                        tab_event_name(expected));
}


static void
escalation_of_repairs(void **state)
{
    (void) state;

    memset(&counts, 0, sizeof(counts));

    amounts(STEP(UP), EVENT(PAGE_CRASHED), EVENT(PAGE_CRASHED));
    amounts(STEP(UP), EVENT(PAGE_SILENT), EVENT(PAGE_SILENT));

    /* that it is late does not count */

    amounts(STEP(UP), EVENT(PAGE_LATE), EVENT(PAGE_LATE));

    /* nor does a navigation */

    amounts(STEP(UP), EVENT(PAGE_LEFT), EVENT(PAGE_LEFT));

    amounts(STEP(LOADING), EVENT(PAGE_CLOSED), EVENT(PAGE_CLOSED));
    amounts(STEP(UP), EVENT(PAGE_BROKEN), EVENT(WORN));
    amounts(STEP(UP), EVENT(PAGE_CRASHED), EVENT(WORN));

    /* being up is not enough to be healthy; a new page is */

    tab_counts_reset(&counts, STEP(BOOTING), STEP(UP));
    amounts(STEP(UP), EVENT(PAGE_CRASHED), EVENT(WORN));
    tab_counts_reset(&counts, STEP(UP), STEP(UP));
    amounts(STEP(UP), EVENT(PAGE_CRASHED), EVENT(PAGE_CRASHED));
    tab_counts_reset(&counts, STEP(QUEUED), STEP(ENTERING));
    assert_int_equal(counts.repairs, 0);
}


static void
escalation_of_loads(void **state)
{
    (void) state;

    memset(&counts, 0, sizeof(counts));

    amounts(STEP(LOADING), EVENT(TIMEOUT), EVENT(TIMEOUT));
    amounts(STEP(REVIVING), EVENT(TIMEOUT), EVENT(TIMEOUT));
    amounts(STEP(ARRIVING), EVENT(TIMEOUT), EVENT(ERROR));

    tab_counts_reset(&counts, STEP(LOADING), STEP(BOOTING));
    amounts(STEP(LOADING), EVENT(TIMEOUT), EVENT(TIMEOUT));
}


static void
escalation_of_boots(void **state)
{
    (void) state;

    memset(&counts, 0, sizeof(counts));

    amounts(STEP(BOOTING), EVENT(BOOT_FAILED), EVENT(BOOT_FAILED));
    amounts(STEP(BOOTING), EVENT(BOOT_FAILED), EVENT(WORN));

    /* neither a new page nor a new document is a success */

    tab_counts_reset(&counts, STEP(QUEUED), STEP(ENTERING));
    tab_counts_reset(&counts, STEP(LOADING), STEP(BOOTING));
    amounts(STEP(BOOTING), EVENT(BOOT_FAILED), EVENT(HOPELESS));
    amounts(STEP(BOOTING), EVENT(BOOT_FAILED), EVENT(HOPELESS));

    /* a page that is not ready is never given up */

    amounts(STEP(BOOTING), EVENT(BOOT_STUCK), EVENT(PAGE_UNREACHABLE));
    amounts(STEP(BOOTING), EVENT(TIMEOUT), EVENT(PAGE_UNREACHABLE));

    tab_counts_reset(&counts, STEP(BOOTING), STEP(UP));
    amounts(STEP(BOOTING), EVENT(BOOT_STUCK), EVENT(BOOT_STUCK));
    amounts(STEP(BOOTING), EVENT(TIMEOUT), EVENT(WORN));
    amounts(STEP(BOOTING), EVENT(BOOT_STUCK), EVENT(PAGE_UNREACHABLE));
    amounts(STEP(BOOTING), EVENT(BOOT_FAILED), EVENT(HOPELESS));

    /* scripts that do not come are no fault of the page's */

    tab_counts_reset(&counts, STEP(BOOTING), STEP(UP));
    amounts(STEP(BOOTING), EVENT(BOOT_ABSENT), EVENT(BOOT_ABSENT));
    assert_int_equal(counts.boots, 0);

    tab_counts_reset(&counts, STEP(LEAVING), STEP(STOPPED));
    amounts(STEP(UP), EVENT(BOOT_FAILED), EVENT(BOOT_FAILED));
    amounts(STEP(BOOTING), EVENT(BOOT_FAILED), EVENT(WORN));

    tab_counts_reset(&counts, STEP(PAUSING), STEP(FAILED));
    assert_int_equal(counts.boots, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(paths_lead_on),
        cmocka_unit_test(every_step_can_be_stopped),
        cmocka_unit_test(wishes_wait_for_the_stop),
        cmocka_unit_test(every_death_is_noticed),
        cmocka_unit_test(every_page_is_watched),
        cmocka_unit_test(every_cell_was_walked),
        cmocka_unit_test(every_step_ends),
        cmocka_unit_test(everything_has_a_name),
        cmocka_unit_test(states_as_seen),
        cmocka_unit_test(escalation_of_repairs),
        cmocka_unit_test(escalation_of_loads),
        cmocka_unit_test(escalation_of_boots)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
