/*
 * Control groups of version 2 have one line, "0::/PATH"; in a container the
 * path is that which the container sees, and so is what is mounted.
 */

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/host_memory.h"


#define HOST_MEMORY_LINE    256
#define HOST_MEMORY_GROUPS  "/sys/fs/cgroup"


static uint64_t host_memory_number(const char *path);


void
host_memory_read(struct host_memory *memory)
{
    FILE      *file;
    char       text[PATH_MAX];
    size_t     n;
    uint64_t   limit;

    *memory = (struct host_memory) { UINT64_MAX, UINT64_MAX };

    file = fopen("/proc/meminfo", "re");

    if (file != NULL) {
        memory->total = host_memory_line(file, "MemTotal");
        memory->available = host_memory_line(file, "MemAvailable");
        (void) fclose(file);
    }

    file = fopen("/proc/self/cgroup", "re");

    if (file != NULL) {
        n = fread(text, 1, sizeof(text) - 1, file);
        text[n] = '\0';
        (void) fclose(file);

        limit = host_memory_group(text, HOST_MEMORY_GROUPS);
        memory->total = limit < memory->total ? limit : memory->total;
    }
}


uint64_t
host_memory_line(FILE *meminfo, const char *name)
{
    char       line[HOST_MEMORY_LINE];
    size_t     length;
    uint64_t   kib;

    length = strlen(name);

    while (fgets(line, sizeof(line), meminfo) != NULL) {
        if (strncmp(line, name, length) == 0 && line[length] == ':'
            && sscanf(line + length + 1, "%" SCNu64 " kB", &kib) == 1
            && kib <= UINT64_MAX / 1024)
        {
            return kib * 1024;
        }
    }

    return UINT64_MAX;
}


uint64_t
host_memory_group(const char *text, const char *root)
{
    int          n;
    char         group[PATH_MAX], path[PATH_MAX], *end;
    uint64_t     limit, least;
    const char  *line;

    line = strstr(text, "0::/");

    if (line == NULL || (line != text && line[-1] != '\n')) {
        return UINT64_MAX;
    }

    (void) snprintf(group, sizeof(group), "%.*s",
                    (int) strcspn(line + 3, "\n"), line + 3);

    least = UINT64_MAX;

    /* the last round is that of the root, whose path is empty */

    for ( ;; ) {
        n = snprintf(path, sizeof(path), "%s%s/memory.max", root, group);

        if (n > 0 && n < (int) sizeof(path)) {
            limit = host_memory_number(path);
            least = limit < least ? limit : least;
        }

        end = strrchr(group, '/');

        if (end == NULL) {
            return least;
        }

        *end = '\0';
    }
}


/* "max", or a file that is not there, is no limit */

static uint64_t
host_memory_number(const char *path)
{
    FILE      *file;
    uint64_t   number;

    file = fopen(path, "re");

    if (file == NULL) {
        return UINT64_MAX;
    }

    if (fscanf(file, "%" SCNu64, &number) != 1) {
        number = UINT64_MAX;
    }

    (void) fclose(file);

    return number;
}
