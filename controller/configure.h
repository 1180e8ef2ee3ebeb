/*
 * What the options mean for a session and for a browser.
 */

#ifndef CONFIGURE_H
#define CONFIGURE_H


#include "chrome/browser.h"
#include "events/webhooks.h"
#include "options.h"
#include "session/memory_watch.h"
#include "session/session.h"
#include "setup.h"


/*
 * Fills in what all sessions have in common; the strings of options and setup
 * are borrowed.
 */
void configure_sessions(struct session_config *config,
    const struct options *options, const struct setup *setup);

/* Fills in likewise what all browsers have in common. */
void configure_browsers(struct browser_config *config,
    const struct options *options);


/* Fills in the rates and bounds only that session_change_rates takes. */
void configure_rates(struct session_config *config,
    const struct options *options);


/* Fills in what memory_watch_change takes. */
void configure_memory(struct memory_config *config,
    const struct options *options);


/* Fills in what webhooks_change takes, borrowed from setup. */
void configure_webhooks(struct webhooks_config *config,
    const struct options *options, const struct setup *setup);


#endif /* CONFIGURE_H */
