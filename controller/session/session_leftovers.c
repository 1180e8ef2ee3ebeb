/*
 * The directories in the runtime directory say which sessions there were.
 */

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/wipe.h"
#include "chrome/chrome.h"
#include "chrome/process.h"
#include "chrome/profile.h"
#include "session/session.h"
#include "session/session_leftovers.h"


#define LEFTOVERS_TRIES    50
#define LEFTOVERS_WAIT_NS  20000000

#define LEFTOVERS_BROWSER  "browser-"


static bool leftovers_is_session(const char *name);
static bool leftovers_is_browser(const char *name);
static void leftovers_end_old(const char *state_dir, const char *path,
    const char *id);
static void leftovers_end_browser(const char *data_dir, const char *tmp_dir);


void
session_leftovers_remove(const char *state_dir, const char *runtime_dir)
{
    DIR            *dir;
    char            path[PATH_MAX], data[PATH_MAX];
    struct dirent  *entry;

    dir = opendir(runtime_dir);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {

        if ((!leftovers_is_session(entry->d_name)
             && !leftovers_is_browser(entry->d_name))
            || snprintf(path, sizeof(path), "%s/%s", runtime_dir,
                        entry->d_name)
               >= (int) sizeof(path)
            || snprintf(data, sizeof(data), "%s/%s/profiles", runtime_dir,
                        entry->d_name)
               >= (int) sizeof(data))
        {
            continue;
        }

        if (leftovers_is_browser(entry->d_name)) {
            leftovers_end_browser(data, path);

        } else {
            leftovers_end_old(state_dir, path, entry->d_name);
        }

        wipe_directory(path);
        (void) rmdir(path);
    }

    if (dir != NULL) {
        (void) closedir(dir);
    }
}


static bool
leftovers_is_session(const char *name)
{
    size_t  len;

    len = strlen(name);

    return len <= SESSION_ID_LEN && strspn(name, "0123456789") == len;
}


static bool
leftovers_is_browser(const char *name)
{
    const size_t  len = sizeof(LEFTOVERS_BROWSER) - 1;

    return strncmp(name, LEFTOVERS_BROWSER, len) == 0
           && leftovers_is_session(name + len);
}


/* an earlier version had a browser in each session's directory, whose own the
   profile was; one of another controller has it locked, and lives on */

static void
leftovers_end_old(const char *state_dir, const char *path, const char *id)
{
    char             tmp[PATH_MAX], profile_dir[PATH_MAX];
    struct profile  *profile;

    if (snprintf(tmp, sizeof(tmp), "%s/tmp", path) >= (int) sizeof(tmp)
        || snprintf(profile_dir, sizeof(profile_dir),
                    "%s/sessions/%s/profile", state_dir, id)
           >= (int) sizeof(profile_dir)
        || access(profile_dir, F_OK) != 0)
    {
        return;
    }

    profile = profile_create(profile_dir, tmp);

    if (profile != NULL && profile_lock(profile)) {
        leftovers_end_browser(profile_dir, tmp);
        profile_clean(profile, true);
    }

    profile_destroy(profile);
}


/* the holder of the directory's lock is the only controller that has browsers
   in it */

static void
leftovers_end_browser(const char *data_dir, const char *tmp_dir)
{
    unsigned              i;
    struct chrome_marks   marks;

    static const struct timespec  wait = { 0, LEFTOVERS_WAIT_NS };

    if (chrome_marks_create(&marks, data_dir, tmp_dir)) {
        for (i = 0;
             i < LEFTOVERS_TRIES
             && process_sweep((const char *const *) marks.arguments, SIGKILL)
                != 0;
             i++)
        {
            (void) nanosleep(&wait, NULL);
        }
    }

    chrome_marks_destroy(&marks);
}
