/*
 * smaps_rollup can be read by the user that the process runs as, also of a
 * renderer in its sandbox: Chromium's user namespaces belong to that user.
 * Where the kernel has no such file, statm counts pages.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chrome/process_memory.h"


#define PROCESS_MEMORY_TEXT  2048


static bool process_memory_file(pid_t pid, const char *name, char *text);


enum process_memory_source
process_memory_read(pid_t pid, uint64_t *bytes)
{
    char  text[PROCESS_MEMORY_TEXT];

    if (process_memory_file(pid, "smaps_rollup", text)
        && process_memory_pss(text, bytes))
    {
        return PROCESS_MEMORY_PSS;
    }

    if (process_memory_file(pid, "statm", text)
        && process_memory_unshared(text, (uint64_t) sysconf(_SC_PAGESIZE),
                                   bytes))
    {
        return PROCESS_MEMORY_UNSHARED;
    }

    return PROCESS_MEMORY_UNKNOWN;
}


static bool
process_memory_file(pid_t pid, const char *name, char *text)
{
    int      fd;
    char     path[64];
    ssize_t  n;

    (void) snprintf(path, sizeof(path), "/proc/%d/%s", (int) pid, name);

    fd = open(path, O_RDONLY|O_CLOEXEC);

    if (fd < 0) {
        return false;
    }

    n = read(fd, text, PROCESS_MEMORY_TEXT - 1);
    (void) close(fd);

    if (n <= 0) {
        return false;
    }

    text[n] = '\0';

    return true;
}


bool
process_memory_pss(const char *text, uint64_t *bytes)
{
    uint64_t     kib;
    const char  *line;

    static const char  name[] = "\nPss:";

    line = strstr(text, name);

    if (line == NULL
        || sscanf(line + sizeof(name) - 1, "%" SCNu64 " kB", &kib) != 1
        || kib > UINT64_MAX / 1024)
    {
        return false;
    }

    *bytes = kib * 1024;

    return true;
}


bool
process_memory_unshared(const char *text, uint64_t page_size,
    uint64_t *bytes)
{
    uint64_t  resident, shared;

    /* a process that ends has no memory any more */

    if (sscanf(text, "%*u %" SCNu64 " %" SCNu64, &resident, &shared) != 2
        || resident == 0 || shared > resident
        || resident > UINT64_MAX / page_size)
    {
        return false;
    }

    *bytes = (resident - shared) * page_size;

    return true;
}
