/*
 * Reads the list of swaps, and looks for dm-crypt below each.
 */

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/swap.h"


#define SWAP_LINE   (PATH_MAX + 128)
#define SWAP_UUID   256

/* devices below devices, as partitions, volumes and arrays are */

#define SWAP_DEPTH  8

/* how the kernel writes a blank, a tab, a line's end and a backslash */

#define SWAP_ESCAPE 3     /* octal digits */


static bool swap_line_exposed(char *line, const char *devices);
static void swap_unescape(char *text);
static bool swap_device_exposed(const char *device, unsigned depth);
static bool swap_in_memory(const char *device);
static bool swap_encrypted(const char *device);


bool
swap_exposed(const char *list, const char *devices)
{
    bool   exposed;
    char   line[SWAP_LINE];
    FILE  *file;

    file = fopen(list, "re");

    /* a kernel without swap has no list */

    if (file == NULL) {
        return false;
    }

    exposed = false;

    /* the first line has the names of the columns */

    if (fgets(line, sizeof(line), file) != NULL) {
        while (fgets(line, sizeof(line), file) != NULL) {
            exposed = swap_line_exposed(line, devices) || exposed;
        }
    }

    (void) fclose(file);

    return exposed;
}


/* a file lies on the device of its file system */

static bool
swap_line_exposed(char *line, const char *devices)
{
    char         *path, *type, *rest, device[PATH_MAX];
    dev_t         number;
    struct stat   st;

    path = strtok_r(line, " \t\n", &rest);
    type = strtok_r(NULL, " \t\n", &rest);

    if (path == NULL || type == NULL) {
        return false;
    }

    swap_unescape(path);

    if (stat(path, &st) != 0) {
        return true;
    }

    number = strcmp(type, "partition") == 0 ? st.st_rdev : st.st_dev;

    (void) snprintf(device, sizeof(device), "%s/%u:%u", devices,
                    major(number), minor(number));

    return swap_device_exposed(device, SWAP_DEPTH);
}


static void
swap_unescape(char *text)
{
    char    *to, digits[SWAP_ESCAPE + 1];
    size_t   n;

    for (to = text; *text != '\0'; to++) {

        n = *text == '\\' ? strspn(text + 1, "01234567") : 0;

        if (n < SWAP_ESCAPE) {
            *to = *text++;
            continue;
        }

        memcpy(digits, text + 1, SWAP_ESCAPE);
        digits[SWAP_ESCAPE] = '\0';

        *to = (char) strtol(digits, NULL, 8);
        text += SWAP_ESCAPE + 1;
    }

    *to = '\0';
}


/* not if it is encrypted itself, or all devices are that it consists of */

static bool
swap_device_exposed(const char *device, unsigned depth)
{
    bool            exposed;
    char            path[PATH_MAX];
    DIR            *dir;
    size_t          slaves;
    struct dirent  *entry;

    if (swap_in_memory(device) || swap_encrypted(device)) {
        return false;
    }

    if (snprintf(path, sizeof(path), "%s/slaves", device)
        >= (int) sizeof(path) || depth == 0)
    {
        return true;
    }

    dir = opendir(path);

    if (dir == NULL) {
        return true;
    }

    exposed = false;
    slaves = 0;

    while ((entry = readdir(dir)) != NULL) {

        if (entry->d_name[0] == '.') {
            continue;
        }

        slaves++;
        exposed = snprintf(path, sizeof(path), "%s/slaves/%s", device,
                           entry->d_name)
                  >= (int) sizeof(path)
                  || swap_device_exposed(path, depth - 1) || exposed;
    }

    (void) closedir(dir);

    return exposed || slaves == 0;
}


/* the entry is a link to the device's directory, which has its name */

static bool
swap_in_memory(const char *device)
{
    bool         found;
    char        *path;
    const char  *name;

    path = realpath(device, NULL);

    if (path == NULL) {
        return false;
    }

    name = strrchr(path, '/');
    found = name != NULL && strncmp(name, "/zram", 5) == 0;

    free(path);

    return found;
}


static bool
swap_encrypted(const char *device)
{
    char   path[PATH_MAX], uuid[SWAP_UUID];
    bool   found;
    FILE  *file;

    if (snprintf(path, sizeof(path), "%s/dm/uuid", device)
        >= (int) sizeof(path))
    {
        return false;
    }

    file = fopen(path, "re");

    if (file == NULL) {
        return false;
    }

    found = fgets(uuid, sizeof(uuid), file) != NULL
            && strncmp(uuid, "CRYPT-", 6) == 0;

    (void) fclose(file);

    return found;
}
