/*
 * What the options mean for a session.
 */

#ifndef CONFIGURE_H
#define CONFIGURE_H


#include "options.h"
#include "session/session.h"
#include "setup.h"


/*
 * Fills in what all sessions have in common; the strings of options and setup
 * are borrowed.
 */
void configure_sessions(struct session_config *config,
    const struct options *options, const struct setup *setup);


#endif /* CONFIGURE_H */
