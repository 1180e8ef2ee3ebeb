/*
 * Paths through the table of a browser's steps, from each trouble to "up".
 */

#ifndef UNIT_TAB_PATHS_H
#define UNIT_TAB_PATHS_H


#include <stdbool.h>

#include "chrome/tab_state.h"


#define PATH_MAX_STEPS  20

#define STEP(name)      TAB_STEP_ ## name
#define EVENT(name)     TAB_EVENT_ ## name


/* a path begins in a step; each event leads to the step beside it */

struct path {
    const char         *name;
    enum tab_step   from;
    struct {
        enum tab_event  event;
        enum tab_step   step;
    }                   way[PATH_MAX_STEPS];
};


#define FROM_CLEARING                                                         \
    { EVENT(DONE), STEP(VERSION) },                                           \
    { EVENT(DONE), STEP(QUEUED) },                                            \
    { EVENT(DONE), STEP(LAUNCHING) },                                         \
    { EVENT(DONE), STEP(OPENING) },                                           \
    { EVENT(DONE), STEP(LOADING) },                                           \
    { EVENT(PAGE_UP), STEP(BOOTING) },                                        \
    { EVENT(BOOT_OK), STEP(UP) }

#define FROM_KILLING                                                          \
    { EVENT(DONE), STEP(WAITING) },                                           \
    { EVENT(TIMEOUT), STEP(CLEARING) },                                       \
    FROM_CLEARING

#define BOOT                                                                  \
    { EVENT(PAGE_UP), STEP(BOOTING) },                                        \
    { EVENT(BOOT_OK), STEP(UP) }


static const struct path  paths[] = {

    { "it starts", STEP(STOPPED),
      { { EVENT(START), STEP(CLEARING) },
        { EVENT(TIMEOUT), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it is restarted when it is stopped", STEP(STOPPED),
      { { EVENT(RESTART), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it stays up", STEP(UP),
      { { EVENT(TIMEOUT), STEP(UP) } } },

    { "the page navigates by itself", STEP(UP),
      { { EVENT(PAGE_LEFT), STEP(ARRIVING) },
        BOOT } },

    { "the renderer crashes", STEP(UP),
      { { EVENT(PAGE_CRASHED), STEP(LOADING) },
        { EVENT(PAGE_LEFT), STEP(LOADING) },
        BOOT } },

    { "the target is closed", STEP(UP),
      { { EVENT(PAGE_CLOSED), STEP(OPENING) },
        { EVENT(DONE), STEP(LOADING) },
        BOOT } },

    { "the page hangs in a script that can be stopped", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the page hangs in a script that only seems to be stopped", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        { EVENT(TIMEOUT), STEP(SHOOTING) },
        { EVENT(PAGE_CRASHED), STEP(LOADING) },
        BOOT } },

    { "the page hangs for good", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(TIMEOUT), STEP(SHOOTING) },
        { EVENT(PAGE_CRASHED), STEP(LOADING) },
        BOOT } },

    { "the renderer can't even be killed", STEP(UP),
      { { EVENT(PAGE_BROKEN), STEP(FREEING) },
        { EVENT(ERROR), STEP(SHOOTING) },
        { EVENT(TIMEOUT), STEP(CLOSING) },
        { EVENT(TIMEOUT), STEP(KILLING) },
        FROM_KILLING } },

    { "the renderer can't even be found", STEP(SHOOTING),
      { { EVENT(ERROR), STEP(CLOSING) },
        { EVENT(ERROR), STEP(KILLING) },
        FROM_KILLING } },

    { "the browser is silent", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(TIMEOUT), STEP(KILLING) },
        FROM_KILLING } },

    { "the page is late, but the browser is not", STEP(UP),
      { { EVENT(PAGE_LATE), STEP(DOUBTING) },
        { EVENT(DONE), STEP(AWAITING) },
        { EVENT(PAGE_ANSWERED), STEP(UP) } } },

    { "the page is late, and answers before the browser", STEP(UP),
      { { EVENT(PAGE_LATE), STEP(DOUBTING) },
        { EVENT(PAGE_ANSWERED), STEP(UP) } } },

    { "the page is late and never answers", STEP(UP),
      { { EVENT(PAGE_LATE), STEP(DOUBTING) },
        { EVENT(DONE), STEP(AWAITING) },
        { EVENT(PAGE_SILENT), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the page is late and its ping was lost", STEP(AWAITING),
      { { EVENT(TIMEOUT), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the page is late as the browser is silent", STEP(UP),
      { { EVENT(PAGE_LATE), STEP(DOUBTING) },
        { EVENT(TIMEOUT), STEP(KILLING) },
        FROM_KILLING } },

    { "the page is late and the browser can't be asked", STEP(DOUBTING),
      { { EVENT(ERROR), STEP(KILLING) },
        FROM_KILLING } },

    { "calls are not answered, but the network works", STEP(UP),
      { { EVENT(PAGE_STALLED), STEP(STALLED) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "calls are not answered, nor does the network work", STEP(UP),
      { { EVENT(PAGE_STALLED), STEP(STALLED) },
        { EVENT(TIMEOUT), STEP(CLOSING) },
        { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "the page can't be asked for its network", STEP(STALLED),
      { { EVENT(ERROR), STEP(CLOSING) },
        { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "the page hangs while it is asked for its network", STEP(STALLED),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the browser can't be asked", STEP(ASKING),
      { { EVENT(ERROR), STEP(KILLING) },
        FROM_KILLING } },

    { "the browser dies", STEP(UP),
      { { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "the browser dies when it is asked to close", STEP(UP),
      { { EVENT(RESTART), STEP(CLOSING) },
        { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "a restart is asked for while the next start waits", STEP(KILLING),
      { { EVENT(DONE), STEP(WAITING) },
        { EVENT(RESTART), STEP(CLEARING) },
        FROM_CLEARING } },

    { "the browser dies too often", STEP(KILLING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) },
        { EVENT(TIMEOUT), STEP(CLEARING) },
        FROM_CLEARING } },

    { "the profile is in use", STEP(LAUNCHING),
      { { EVENT(IN_USE), STEP(ABANDONING) },
        { EVENT(DONE), STEP(FAILED) },
        { EVENT(START), STEP(CLEARING) },
        FROM_CLEARING } },

    { "the profile is in use, which is known late", STEP(KILLING),
      { { EVENT(IN_USE), STEP(ABANDONING) },
        { EVENT(DONE), STEP(FAILED) },
        { EVENT(RESTART), STEP(CLEARING) },
        FROM_CLEARING } },

    { "the profile is in use, which is known at the close", STEP(CLOSING),
      { { EVENT(IN_USE), STEP(ABANDONING) } } },

    { "the profile can't be locked", STEP(CLEARING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "the executable has no version", STEP(VERSION),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "the executable can't be started", STEP(LAUNCHING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "the page can't be opened", STEP(OPENING),
      { { EVENT(ERROR), STEP(KILLING) },
        FROM_KILLING } },

    { "the page does not open in time", STEP(OPENING),
      { { EVENT(TIMEOUT), STEP(KILLING) },
        FROM_KILLING } },

    { "the page crashes when it is opened", STEP(OPENING),
      { { EVENT(PAGE_CRASHED), STEP(CLOSING) } } },

    { "the page is closed when it is opened", STEP(OPENING),
      { { EVENT(PAGE_CLOSED), STEP(CLOSING) } } },

    { "a load brings no bridge", STEP(LOADING),
      { { EVENT(TIMEOUT), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "a load brings no bridge, twice", STEP(UP),
      { { EVENT(PAGE_LEFT), STEP(ARRIVING) },
        { EVENT(TIMEOUT), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        { EVENT(TIMEOUT), STEP(SHOOTING) },
        { EVENT(PAGE_CRASHED), STEP(LOADING) },
        { EVENT(ERROR), STEP(CLOSING) },
        { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "a page that arrives or revives can't be loaded", STEP(ARRIVING),
      { { EVENT(ERROR), STEP(CLOSING) } } },

    { "a page that revives can't be loaded", STEP(REVIVING),
      { { EVENT(ERROR), STEP(CLOSING) } } },

    { "the server of the page is away", STEP(UP),
      { { EVENT(PAGE_LEFT), STEP(ARRIVING) },
        { EVENT(PAGE_UNREACHABLE), STEP(UNREACHABLE) },
        { EVENT(TIMEOUT), STEP(LOADING) },
        { EVENT(PAGE_UNREACHABLE), STEP(UNREACHABLE) },
        { EVENT(TIMEOUT), STEP(LOADING) },
        BOOT } },

    { "the server is away when a script was stopped", STEP(REVIVING),
      { { EVENT(PAGE_UNREACHABLE), STEP(UNREACHABLE) } } },

    /* boots: see escalation_of_boots for which event is which */

    { "a boot fails once", STEP(BOOTING),
      { { EVENT(BOOT_FAILED), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "a boot fails twice", STEP(BOOTING),
      { { EVENT(WORN), STEP(CLOSING) },
        { EVENT(LOST), STEP(KILLING) },
        FROM_KILLING } },

    { "boots fail for good", STEP(BOOTING),
      { { EVENT(HOPELESS), STEP(INCOMPATIBLE) },
        { EVENT(BOOT_FAILED), STEP(INCOMPATIBLE) },
        { EVENT(TIMEOUT), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "what was missing comes late", STEP(INCOMPATIBLE),
      { { EVENT(BOOT_OK), STEP(UP) } } },

    { "a boot is stuck once", STEP(BOOTING),
      { { EVENT(BOOT_STUCK), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "a boot has no end", STEP(BOOTING),
      { { EVENT(TIMEOUT), STEP(FREEING) },
        { EVENT(ERROR), STEP(SHOOTING) },
        { EVENT(PAGE_CRASHED), STEP(LOADING) },
        BOOT } },

    { "boots are stuck for good", STEP(BOOTING),
      { { EVENT(PAGE_UNREACHABLE), STEP(UNREACHABLE) },
        { EVENT(TIMEOUT), STEP(LOADING) },
        { EVENT(PAGE_UP), STEP(BOOTING) },
        { EVENT(PAGE_UNREACHABLE), STEP(UNREACHABLE) },
        { EVENT(TIMEOUT), STEP(LOADING) },
        BOOT } },

    { "the page's scripts do not come", STEP(BOOTING),
      { { EVENT(BOOT_ABSENT), STEP(UNREACHABLE) },
        { EVENT(BOOT_ABSENT), STEP(UNREACHABLE) },
        { EVENT(TIMEOUT), STEP(LOADING) },
        { EVENT(PAGE_UP), STEP(BOOTING) },
        { EVENT(BOOT_ABSENT), STEP(UNREACHABLE) },
        { EVENT(TIMEOUT), STEP(LOADING) },
        BOOT } },

    { "the page's scripts come when they were given up", STEP(BOOTING),
      { { EVENT(BOOT_ABSENT), STEP(UNREACHABLE) },
        { EVENT(BOOT_OK), STEP(UP) } } },

    { "it is stopped while it waits for its turn", STEP(QUEUED),
      { { EVENT(RESTART), STEP(QUEUED) },
        { EVENT(STOP), STEP(STOPPED) } } },

    { "an account is linked, and what it needs is missing", STEP(UP),
      { { EVENT(BOOT_FAILED), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the page is still good", STEP(UP),
      { { EVENT(BOOT_OK), STEP(UP) } } },

    /* stops */

    { "it is stopped", STEP(UP),
      { { EVENT(STOP), STEP(QUITTING) },
        { EVENT(LOST), STEP(ENDING) },
        { EVENT(DONE), STEP(STOPPED) },
        { EVENT(STOP), STEP(STOPPED) } } },

    { "it is stopped and does not close", STEP(QUITTING),
      { { EVENT(TIMEOUT), STEP(ENDING) },
        { EVENT(DONE), STEP(STOPPED) } } },

    { "it is stopped and can't be asked", STEP(QUITTING),
      { { EVENT(ERROR), STEP(ENDING) },
        { EVENT(DONE), STEP(STOPPED) } } },

    { "it is stopped and its profile was in use", STEP(QUITTING),
      { { EVENT(IN_USE), STEP(ENDING) },
        { EVENT(DONE), STEP(STOPPED) } } },

    { "it is stopped while it is being restarted", STEP(UP),
      { { EVENT(RESTART), STEP(CLOSING) },
        { EVENT(STOP), STEP(ENDING) },
        { EVENT(DONE), STEP(STOPPED) } } },

    { "it is stopped while it is being killed", STEP(KILLING),
      { { EVENT(STOP), STEP(ENDING) },
        { EVENT(DONE), STEP(STOPPED) } } }
};


static bool  walked[TAB_STEPS][TAB_EVENTS];


#endif /* UNIT_TAB_PATHS_H */
