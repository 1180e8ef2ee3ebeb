/*
 * The memory of a process, as /proc tells it: its proportional share (PSS),
 * where a page that n processes share counts as an nth, so that the sum over
 * processes is what all of them take.
 */

#ifndef PROCESS_MEMORY_H
#define PROCESS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>


enum process_memory_source {
    PROCESS_MEMORY_UNKNOWN = 0,   /* neither can be read */
    PROCESS_MEMORY_PSS,
    PROCESS_MEMORY_UNSHARED       /* resident pages that are of no file and not
                                     shared, less than the PSS: the kernel
                                     hides that */
};


/*
 * Reads a process's memory in bytes.  It takes the kernel about a millisecond
 * for 100 MiB.
 */
enum process_memory_source process_memory_read(pid_t pid, uint64_t *bytes);

/*
 * Find the bytes in the text of /proc/PID/smaps_rollup, and in that of
 * /proc/PID/statm; false: there are none.
 */
bool process_memory_pss(const char *text, uint64_t *bytes);
bool process_memory_unshared(const char *text, uint64_t page_size,
    uint64_t *bytes);


#endif /* PROCESS_MEMORY_H */
