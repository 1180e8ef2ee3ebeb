/*
 * Where the kernel may put what is in memory.
 */

#ifndef SWAP_H
#define SWAP_H


#include <stdbool.h>


/* the kernel's own files, for swap_exposed() */

#define SWAP_LIST     "/proc/swaps"
#define SWAP_DEVICES  "/sys/dev/block"


/*
 * Whether memory may be swapped to a disk that is not encrypted.  list is a
 * file in the format of /proc/swaps, devices a directory as /sys/dev/block.
 * Swap in compressed memory (zram) and below dm-crypt is none of that; what
 * cannot be told counts as not encrypted.
 */
bool swap_exposed(const char *list, const char *devices);


#endif /* SWAP_H */
