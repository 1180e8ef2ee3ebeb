/*
 * The memory of the host, or of the control group that the controller is in.
 */

#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H


#include <stdint.h>
#include <stdio.h>


/* what is not known is UINT64_MAX */

struct host_memory {
    uint64_t  total;        /* bytes; the limit of the group if that is less */
    uint64_t  available;    /* bytes that can be had without swapping */
};


/* Reads it; the groups of version 1 are not looked at. */
void host_memory_read(struct host_memory *memory);

/*
 * Reads a line "NAME:  N kB" of an open /proc/meminfo; UINT64_MAX when there
 * is none.
 */
uint64_t host_memory_line(FILE *meminfo, const char *name);

/*
 * Finds the least limit of the group that /proc/self/cgroup, whose text is
 * given, names, and of those above it; root is where the groups are mounted.
 */
uint64_t host_memory_group(const char *text, const char *root);


#endif /* HOST_MEMORY_H */
