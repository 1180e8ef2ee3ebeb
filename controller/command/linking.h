/*
 * --link: a session in a window on the operator's display, until its phone is
 * linked.
 */

#ifndef LINKING_H
#define LINKING_H


#include "command/command.h"


/* Runs the command; returns the exit status: 0 if the phone is linked. */
int linking_run(const struct command_config *config);


#endif /* LINKING_H */
