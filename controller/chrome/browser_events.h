/*
 * The events that happen to a browser: a queue, and the callbacks by which the
 * page and the connection fill it.
 */

#ifndef BROWSER_EVENTS_H
#define BROWSER_EVENTS_H

#include "chrome/browser_private.h"


/* for cdp_create() and page_create(); their context is the browser */
extern const struct cdp_handlers   browser_cdp_handlers;
extern const struct page_handlers  browser_page_handlers;

/* the same for a browser whose owner listens to the console */
extern const struct cdp_handlers   browser_cdp_console_handlers;
extern const struct page_handlers  browser_page_console_handlers;


/*
 * Puts an event in the queue and wakes browser_run().  reason is a static
 * string or NULL.  serial is 0, or that of the step without which the event
 * means nothing.
 */
void browser_post(struct browser *b, enum browser_event event,
    const char *reason, uint64_t serial);

/* Does the same with the serial of the present step. */
void browser_post_step(struct browser *b, enum browser_event event,
    const char *reason);

/*
 * Takes the next event out of the queue whose step is not over; returns false
 * when there is none.
 */
bool browser_take(struct browser *b, struct browser_entry *entry);

/*
 * Returns the reason as the owner is told: in place of a failed boot stands
 * what is missing, which is the page's and must not be logged.
 */
const char *browser_told_reason(const struct browser *b);


#endif /* BROWSER_EVENTS_H */
