/*
 * --probe: a report on what this controller finds in WhatsApp Web, which holds
 * nothing personal.
 */

#ifndef PROBE_H
#define PROBE_H


#include "command/command.h"


/*
 * Runs the command and prints the report.  Returns the exit status: 0 if every
 * capability is there that a page in its state needs.
 */
int probe_run(const struct command_config *config);


#endif /* PROBE_H */
