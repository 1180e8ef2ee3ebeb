/*
 * Paths through the table of a tab's steps, from each trouble to "up".
 */

#ifndef UNIT_TAB_PATHS_H
#define UNIT_TAB_PATHS_H


#include "chrome/tab_state.h"


#define STEP(name)      TAB_STEP_ ## name
#define EVENT(name)     TAB_EVENT_ ## name
#define WALK(name)      tab_ ## name
#define WALK_STEPS      TAB_STEPS
#define WALK_EVENTS     TAB_EVENTS

#include "state_walk.h"


#define FROM_QUEUED                                                           \
    { EVENT(DONE), STEP(ENTERING) },                                          \
    { EVENT(BROWSER_RUNNING), STEP(OPENING) },                                \
    { EVENT(DONE), STEP(LOADING) },                                           \
    { EVENT(PAGE_UP), STEP(BOOTING) },                                        \
    { EVENT(BOOT_OK), STEP(UP) }

#define FROM_CLEARING                                                         \
    { EVENT(DONE), STEP(JOINING) },                                           \
    { EVENT(BROWSER_OFFERED), STEP(QUEUED) },                                 \
    FROM_QUEUED

#define FROM_ORPHANED                                                         \
    { EVENT(BROWSER_STARTING), STEP(CLEARING) },                              \
    FROM_CLEARING

/* another page of the browser lives on */

#define FROM_REPLACING                                                        \
    { EVENT(DONE), STEP(PAUSING) },                                           \
    { EVENT(TIMEOUT), STEP(JOINING) },                                        \
    { EVENT(BROWSER_RUNNING), STEP(QUEUED) },                                 \
    FROM_QUEUED

#define BOOT                                                                  \
    { EVENT(PAGE_UP), STEP(BOOTING) },                                        \
    { EVENT(BOOT_OK), STEP(UP) }

#define LOAD                                                                  \
    { EVENT(DONE), STEP(LOADING) },                                           \
    BOOT


static const struct path  paths[] = {

    { "it starts", STEP(STOPPED),
      { { EVENT(START), STEP(CLEARING) },
        { EVENT(TIMEOUT), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it is restarted when it is stopped", STEP(STOPPED),
      { { EVENT(RESTART), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it starts in a browser that another one launches", STEP(JOINING),
      { { EVENT(BROWSER_STARTING), STEP(JOINING) },
        { EVENT(BROWSER_OFFERED), STEP(QUEUED) },
        { EVENT(BROWSER_STARTING), STEP(QUEUED) },
        { EVENT(DONE), STEP(ENTERING) },
        { EVENT(BROWSER_OFFERED), STEP(ENTERING) },
        { EVENT(BROWSER_RUNNING), STEP(OPENING) },
        LOAD } },

    { "it stays up", STEP(UP),
      { { EVENT(TIMEOUT), STEP(UP) } } },

    { "the page navigates by itself", STEP(UP),
      { { EVENT(PAGE_LEFT), STEP(ARRIVING) },
        BOOT } },

    { "the renderer crashes", STEP(UP),
      { { EVENT(PAGE_CRASHED), STEP(LOADING) },
        { EVENT(PAGE_LEFT), STEP(LOADING) },
        BOOT } },

    { "the page is closed", STEP(UP),
      { { EVENT(PAGE_CLOSED), STEP(OPENING) },
        LOAD } },

    { "the page hangs in a script that can be stopped", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the page hangs in a script that only seems to be stopped", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        { EVENT(TIMEOUT), STEP(RENEWING) },
        LOAD } },

    { "the page hangs for good", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(TIMEOUT), STEP(RENEWING) },
        LOAD } },

    { "no other page is opened in place of one that hangs", STEP(UP),
      { { EVENT(PAGE_BROKEN), STEP(FREEING) },
        { EVENT(ERROR), STEP(RENEWING) },
        { EVENT(TIMEOUT), STEP(SUSPECTING) },
        { EVENT(DONE), STEP(REPLACING) },
        FROM_REPLACING } },

    { "the other page dies when it is set up", STEP(RENEWING),
      { { EVENT(PAGE_CRASHED), STEP(REPLACING) },
        { EVENT(BROWSER_LOST), STEP(ORPHANED) },
        FROM_ORPHANED } },

    { "the other page is closed when it is set up", STEP(RENEWING),
      { { EVENT(PAGE_CLOSED), STEP(REPLACING) },
        { EVENT(TIMEOUT), STEP(PAUSING) },
        { EVENT(RESTART), STEP(JOINING) } } },

    { "the other page can't be set up", STEP(RENEWING),
      { { EVENT(ERROR), STEP(SUSPECTING) },
        { EVENT(RESTART), STEP(REPLACING) } } },

    { "a restart is asked for as another page is opened", STEP(RENEWING),
      { { EVENT(RESTART), STEP(REPLACING) } } },

    { "a page that is well is replaced", STEP(UP),
      { { EVENT(RENEW), STEP(EXCHANGING) },
        LOAD } },

    { "no other page is opened in place of one that is well",
      STEP(EXCHANGING),
      { { EVENT(TIMEOUT), STEP(SUSPECTING) } } },

    { "the other page can't be set up, and the one before was well",
      STEP(EXCHANGING),
      { { EVENT(ERROR), STEP(SUSPECTING) } } },

    { "the page in place of one that is well dies", STEP(EXCHANGING),
      { { EVENT(PAGE_CRASHED), STEP(REPLACING) } } },

    { "the page in place of one that is well is closed", STEP(EXCHANGING),
      { { EVENT(PAGE_CLOSED), STEP(REPLACING) } } },

    { "a restart is asked for as a page that is well is replaced",
      STEP(EXCHANGING),
      { { EVENT(RESTART), STEP(REPLACING) } } },

    { "a browser that is well is replaced", STEP(UP),
      { { EVENT(BROWSER_RENEWING), STEP(EVICTED) },
        { EVENT(BROWSER_STARTING), STEP(CLEARING) },
        FROM_CLEARING } },

    { "a browser that was well is offered already", STEP(EVICTED),
      { { EVENT(BROWSER_OFFERED), STEP(CLEARING) } } },

    { "a browser that was well runs already", STEP(EVICTED),
      { { EVENT(BROWSER_RUNNING), STEP(CLEARING) } } },

    { "the browser is silent", STEP(UP),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(TIMEOUT), STEP(DENOUNCING) },
        { EVENT(BROWSER_LOST), STEP(ORPHANED) },
        FROM_ORPHANED } },

    { "the browser is silent, and is not replaced", STEP(DENOUNCING),
      { { EVENT(TIMEOUT), STEP(REPLACING) },
        FROM_REPLACING } },

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
        { EVENT(TIMEOUT), STEP(DENOUNCING) } } },

    { "the page is late and the browser can't be asked", STEP(DOUBTING),
      { { EVENT(ERROR), STEP(DENOUNCING) } } },

    { "calls are not answered, but the network works", STEP(UP),
      { { EVENT(PAGE_STALLED), STEP(STALLED) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "no page of the browser has a network", STEP(UP),
      { { EVENT(PAGE_STALLED), STEP(STALLED) },
        { EVENT(TIMEOUT), STEP(COMPARING) },
        { EVENT(TIMEOUT), STEP(DENOUNCING) },
        { EVENT(BROWSER_LOST), STEP(ORPHANED) },
        FROM_ORPHANED } },

    { "there is no other page to compare with", STEP(STALLED),
      { { EVENT(ERROR), STEP(COMPARING) },
        { EVENT(ERROR), STEP(DENOUNCING) } } },

    { "another page of the browser has a network", STEP(COMPARING),
      { { EVENT(DONE), STEP(REPLACING) },
        FROM_REPLACING } },

    { "the page hangs while it is asked for its network", STEP(STALLED),
      { { EVENT(PAGE_SILENT), STEP(ASKING) },
        { EVENT(DONE), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the browser can't be asked", STEP(ASKING),
      { { EVENT(ERROR), STEP(DENOUNCING) } } },

    { "a restart is asked for while the browser waits", STEP(ORPHANED),
      { { EVENT(RESTART), STEP(ORPHANED) },
        FROM_ORPHANED } },

    { "it may not boot", STEP(QUEUED),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) },
        { EVENT(TIMEOUT), STEP(CLEARING) } } },

    { "the browser is offered already", STEP(ORPHANED),
      { { EVENT(BROWSER_OFFERED), STEP(CLEARING) } } },

    { "the browser runs already", STEP(ORPHANED),
      { { EVENT(BROWSER_RUNNING), STEP(CLEARING) } } },

    { "a restart is asked for", STEP(UP),
      { { EVENT(RESTART), STEP(REPLACING) },
        FROM_REPLACING } },

    { "a restart is asked for when the page is opened", STEP(OPENING),
      { { EVENT(RESTART), STEP(REPLACING) } } },

    { "pages are replaced too often", STEP(PAUSING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) },
        { EVENT(TIMEOUT), STEP(CLEARING) },
        FROM_CLEARING } },

    { "the browser fails and is tried again", STEP(JOINING),
      { { EVENT(BROWSER_FAILED), STEP(FAILED) },
        { EVENT(BROWSER_STARTING), STEP(CLEARING) },
        FROM_CLEARING } },

    { "it is started when it has failed", STEP(FAILED),
      { { EVENT(START), STEP(CLEARING) } } },

    { "it is restarted when it has failed", STEP(FAILED),
      { { EVENT(RESTART), STEP(CLEARING) } } },

    { "the profile can't be locked", STEP(CLEARING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "the profile can't be marked", STEP(JOINING),
      { { EVENT(IMPOSSIBLE), STEP(FAILED) } } },

    { "the page can't be opened", STEP(OPENING),
      { { EVENT(ERROR), STEP(SUSPECTING) },
        { EVENT(DONE), STEP(REPLACING) },
        FROM_REPLACING } },

    { "the page does not open in time", STEP(OPENING),
      { { EVENT(TIMEOUT), STEP(SUSPECTING) },
        { EVENT(TIMEOUT), STEP(DENOUNCING) } } },

    { "the page does not open, and the browser can't be asked",
      STEP(SUSPECTING),
      { { EVENT(ERROR), STEP(DENOUNCING) } } },

    { "the page crashes when it is opened", STEP(OPENING),
      { { EVENT(PAGE_CRASHED), STEP(REPLACING) } } },

    { "the page is closed when it is opened", STEP(OPENING),
      { { EVENT(PAGE_CLOSED), STEP(REPLACING) } } },

    { "a load brings no bridge", STEP(LOADING),
      { { EVENT(TIMEOUT), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "a load brings no bridge, twice", STEP(UP),
      { { EVENT(PAGE_LEFT), STEP(ARRIVING) },
        { EVENT(TIMEOUT), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        { EVENT(TIMEOUT), STEP(RENEWING) },
        { EVENT(DONE), STEP(LOADING) },
        { EVENT(ERROR), STEP(REPLACING) },
        FROM_REPLACING } },

    { "a page that arrives can't be loaded", STEP(ARRIVING),
      { { EVENT(ERROR), STEP(REPLACING) } } },

    { "a page that revives can't be loaded", STEP(REVIVING),
      { { EVENT(ERROR), STEP(REPLACING) } } },

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
      { { EVENT(WORN), STEP(REPLACING) },
        FROM_REPLACING } },

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
        { EVENT(ERROR), STEP(RENEWING) },
        LOAD } },

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
        { EVENT(STOP), STEP(LEAVING) } } },

    { "an account is linked, and what it needs is missing", STEP(UP),
      { { EVENT(BOOT_FAILED), STEP(FREEING) },
        { EVENT(DONE), STEP(REVIVING) },
        BOOT } },

    { "the page is still good", STEP(UP),
      { { EVENT(BOOT_OK), STEP(UP) } } },

    /* stops */

    { "it is stopped with its browser", STEP(UP),
      { { EVENT(STOP), STEP(LEAVING) },
        { EVENT(BROWSER_STOPPED), STEP(STOPPED) },
        { EVENT(STOP), STEP(STOPPED) } } },

    { "it is stopped in a browser that runs on", STEP(UP),
      { { EVENT(STOP), STEP(LEAVING) },
        { EVENT(DONE), STEP(PARTING) },
        { EVENT(TIMEOUT), STEP(STOPPED) } } },

    { "it is stopped and its page does not close", STEP(LEAVING),
      { { EVENT(TIMEOUT), STEP(PARTING) },
        { EVENT(BROWSER_STOPPED), STEP(STOPPED) } } }
};


#endif /* UNIT_TAB_PATHS_H */
