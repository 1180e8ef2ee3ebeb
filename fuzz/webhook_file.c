/*
 * The operator's file of webhooks: what is taken has a secret for each URL,
 * and what is refused is freed.
 */

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/webhook_file.h"
#include "events/webhook_url.h"

#include "fuzz.h"


#define SECRET_MIN  8


/* errors are not shown */

static struct webhook_file *
read_quietly(const char *path)
{
    FILE                 *before;
    struct webhook_file  *file;

    static FILE  *quiet;

    if (quiet == NULL) {
        quiet = fopen("/dev/null", "w");
        require(quiet != NULL);
    }

    before = stderr;
    stderr = quiet;
    file = webhook_file_read(path, getuid());
    stderr = before;

    return file;
}


static void
check_settings(const struct webhook_settings *settings)
{
    require(settings->url == NULL || settings->app_secret != NULL);
    require(settings->url == NULL || webhook_url_valid(settings->url));
    require(!settings->overrides || settings->app_secret != NULL);
    require(settings->previous_app_secret == NULL
            || settings->app_secret != NULL);
    require(settings->app_secret == NULL
            || strlen(settings->app_secret) >= SECRET_MIN);
    require((settings->certificate == NULL) == (settings->key == NULL));
    require(settings->events != 0);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                       fd;
    char                      path[64];
    size_t                    i;
    struct webhook_file      *file;
    struct webhook_settings   settings;

    static const char *const  sessions[] = { "1", "15", "1000000001" };

    fd = memfd_create("webhooks", MFD_CLOEXEC);

    require(fd != -1 && fchmod(fd, 0600) == 0);
    require(write(fd, data, size) == (ssize_t) size);

    (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

    file = read_quietly(path);

    for (i = 0; file != NULL && i < sizeof(sessions) / sizeof(sessions[0]);
         i++)
    {
        settings = webhook_file_find(file, sessions[i]);
        check_settings(&settings);
    }

    webhook_file_destroy(file);
    (void) close(fd);

    return 0;
}
