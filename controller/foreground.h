/*
 * --probe and --link: one session that is run in the foreground, beside a
 * controller or without one.
 */

#ifndef FOREGROUND_H
#define FOREGROUND_H


#include "options.h"


/* Does what the options' mode asks for; returns the exit status. */
int foreground_run(const struct options *options);


#endif /* FOREGROUND_H */
