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


static bool leftovers_is_session(const char *name);
static void leftovers_end_browser(const char *profile_dir,
    const char *tmp_dir);


void
session_leftovers_remove(const char *state_dir, const char *runtime_dir)
{
    DIR            *dir;
    char            path[PATH_MAX], tmp[PATH_MAX], profile[PATH_MAX];
    struct dirent  *entry;

    dir = opendir(runtime_dir);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {

        if (!leftovers_is_session(entry->d_name)
            || snprintf(path, sizeof(path), "%s/%s", runtime_dir,
                        entry->d_name)
               >= (int) sizeof(path)
            || snprintf(tmp, sizeof(tmp), "%s/%s/tmp", runtime_dir,
                        entry->d_name)
               >= (int) sizeof(tmp))
        {
            continue;
        }

        if (snprintf(profile, sizeof(profile), "%s/sessions/%s/profile",
                     state_dir, entry->d_name)
            < (int) sizeof(profile)
            && access(profile, F_OK) == 0)
        {
            leftovers_end_browser(profile, tmp);
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


/* a browser of another controller has its profile locked, and lives on */

static void
leftovers_end_browser(const char *profile_dir, const char *tmp_dir)
{
    unsigned              i;
    struct profile       *profile;
    struct chrome_marks   marks;

    static const struct timespec  wait = { 0, LEFTOVERS_WAIT_NS };

    profile = profile_create(profile_dir, tmp_dir);

    if (profile != NULL && profile_lock(profile)) {

        if (chrome_marks_create(&marks, profile_dir, tmp_dir)) {
            for (i = 0;
                 i < LEFTOVERS_TRIES
                 && process_sweep((const char *const *) marks.arguments,
                                  SIGKILL)
                    != 0;
                 i++)
            {
                (void) nanosleep(&wait, NULL);
            }
        }

        chrome_marks_destroy(&marks);
        profile_clean(profile);
    }

    profile_destroy(profile);
}
