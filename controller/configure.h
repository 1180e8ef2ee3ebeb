/*
 * What the options mean for a session.
 */

#ifndef CONFIGURE_H
#define CONFIGURE_H


#include "events/webhooks.h"
#include "options.h"
#include "session/session.h"
#include "setup.h"


/*
 * Fills in what all sessions have in common; the strings of options and setup
 * are borrowed.
 */
void configure_sessions(struct session_config *config,
    const struct options *options, const struct setup *setup);


/* Fills in the rates and bounds only that session_change_rates takes. */
void configure_rates(struct session_config *config,
    const struct options *options);


/* Fills in what webhooks_change takes, borrowed from setup. */
void configure_webhooks(struct webhooks_config *config,
    const struct options *options, const struct setup *setup);


#endif /* CONFIGURE_H */
