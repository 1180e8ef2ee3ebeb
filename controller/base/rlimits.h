/*
 * Limits of the process: no core files, and enough descriptors.
 */

#ifndef RLIMITS_H
#define RLIMITS_H

#include <sys/resource.h>


/*
 * Sets the limits, the mode of new files and the signals that are ignored.
 * Without root's rights the process may get fewer descriptors.
 */
void rlimits_set(rlim_t descriptors);


#endif /* RLIMITS_H */
