/*
 * The helper lies beside the browser.
 */

#include <sys/prctl.h>
#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/user_namespaces.h"
#include "chrome/chrome_sandbox.h"


#define CHROME_SANDBOX_HELPER  "chrome-sandbox"


static bool chrome_sandbox_has_helper(const char *chromium);


const char *
chrome_sandbox_lacks(const char *chromium)
{
    if (user_namespaces_work()) {
        return NULL;
    }

    if (!chrome_sandbox_has_helper(chromium)) {
        return "no user namespaces, and no package chromium-sandbox";
    }

    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
        return "no user namespaces, and no new privileges for "
               CHROME_SANDBOX_HELPER;
    }

    return NULL;
}


static bool
chrome_sandbox_has_helper(const char *chromium)
{
    char         path[PATH_MAX];
    const char  *slash;
    struct stat  st;

    slash = strrchr(chromium, '/');

    if (slash == NULL
        || snprintf(path, sizeof(path), "%.*s/" CHROME_SANDBOX_HELPER,
                    (int) (slash - chromium), chromium)
           >= (int) sizeof(path))
    {
        return false;
    }

    return stat(path, &st) == 0 && st.st_uid == 0
           && (st.st_mode & S_ISUID) != 0;
}
