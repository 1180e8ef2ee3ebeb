/*
 * Walks through the table of a state machine, and notes each cell that it
 * comes to.  Whoever includes this has included cmocka, and has defined
 * WALK(name), the machine's name before another one, and STEP(name) and
 * EVENT(name), as well as WALK_STEPS and WALK_EVENTS, how many there are.
 */

#ifndef UNIT_STATE_WALK_H
#define UNIT_STATE_WALK_H


#include <stdbool.h>
#include <stddef.h>


#define PATH_MAX_STEPS  20


/* a path begins in a step; each event leads to the step beside it */

struct path {
    const char              *name;
    enum WALK(step)          from;
    struct {
        enum WALK(event)     event;
        enum WALK(step)      step;
    }                        way[PATH_MAX_STEPS];
};


static bool  walked[WALK_STEPS][WALK_EVENTS];


static enum WALK(step)
walk(enum WALK(step) step, enum WALK(event) event)
{
    walked[step][event] = true;

    return WALK(step_next)(step, event);
}


/* fails where an event of a path leads elsewhere */

static void
walk_paths(const struct path *paths, size_t n)
{
    size_t           i, j;
    enum WALK(step)  step, next;

    for (i = 0; i < n; i++) {

        step = paths[i].from;

        for (j = 0; j < PATH_MAX_STEPS && paths[i].way[j].event != 0; j++) {
            next = walk(step, paths[i].way[j].event);

            if (next != STEP(STAY)) {
                step = next;
            }

            if (step != paths[i].way[j].step) {
                fail_msg("%s: event %zu (%s) leads to %s, not to %s",
                         paths[i].name, j + 1,
                         WALK(event_name)(paths[i].way[j].event),
                         WALK(step_name)(step),
                         WALK(step_name)(paths[i].way[j].step));
            }
        }
    }
}


/* fails when a cell that leads somewhere was not walked */

static void
walk_has_been_everywhere(void)
{
    enum WALK(step)   step;
    enum WALK(event)  event;

    for (step = STEP(STOPPED); step < WALK_STEPS; step++) {
        for (event = 1; event < WALK_EVENTS; event++) {
            if (WALK(step_next)(step, event) != STEP(STAY)
                && !walked[step][event])
            {
                fail_msg("no test walks from %s by %s",
                         WALK(step_name)(step), WALK(event_name)(event));
            }
        }
    }
}


#endif /* UNIT_STATE_WALK_H */
