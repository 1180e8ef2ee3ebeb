/*
 * The events that happen to a tab: a queue, and the callbacks by which it is
 * filled.
 */

#ifndef TAB_EVENTS_H
#define TAB_EVENTS_H

#include "chrome/tab_private.h"


/* for browser_admit() and page_create(); their context is the tab */
extern const struct browser_guest_handlers  tab_guest_handlers;
extern const struct page_handlers           tab_page_handlers;

/* the same for a tab whose owner listens to the console */
extern const struct page_handlers           tab_page_console_handlers;


/*
 * Puts an event in the queue and wakes tab_run().  reason is a static string
 * or NULL.  serial is 0, or that of the step without which the event means
 * nothing.
 */
void tab_post(struct tab *t, enum tab_event event, const char *reason,
    uint64_t serial);

/* Does the same with the serial of the present step. */
void tab_post_step(struct tab *t, enum tab_event event, const char *reason);

/*
 * Returns the reason as the owner is told: in place of a failed boot stands
 * what is missing, which is the page's and must not be logged.
 */
const char *tab_told_reason(const struct tab *t);


#endif /* TAB_EVENTS_H */
