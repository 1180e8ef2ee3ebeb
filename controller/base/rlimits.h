/*
 * What the process may do: no core files, and enough descriptors.
 */

#ifndef RLIMITS_H
#define RLIMITS_H

#include <sys/resource.h>


/*
 * Sets the limits, as long as root's rights are there, for so many
 * descriptors; what can't be had is left as it is.
 */
void rlimits_set(rlim_t descriptors);


#endif /* RLIMITS_H */
