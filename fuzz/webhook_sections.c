/*
 * The sections of the configuration file: what is taken has a secret for each
 * URL, and what is refused is freed.
 */

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/webhook_sections.h"
#include "events/webhook_url.h"

#include "fuzz.h"


#define SECRET_MIN  8


/* errors are not shown */

static struct webhook_sections *
read_quietly(const char *path, const char *text, size_t size)
{
    FILE                     *before;
    struct webhook_sections  *sections;

    static FILE  *quiet;

    if (quiet == NULL) {
        quiet = fopen("/dev/null", "w");
        require(quiet != NULL);
    }

    before = stderr;
    stderr = quiet;
    sections = webhook_sections_read(path, text, size, getuid());
    stderr = before;

    return sections;
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
    char                     *text;
    char                      path[64];
    size_t                    i;
    struct webhook_sections  *sections;
    struct webhook_settings   settings;

    static const char *const  ids[] = { "1", "15", "1000000001" };

    text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';

    /* a file that may hold secrets */

    fd = memfd_create("sections", MFD_CLOEXEC);

    require(fd != -1 && fchmod(fd, 0600) == 0);

    (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

    sections = read_quietly(path, text, size);

    for (i = 0; sections != NULL && i < sizeof(ids) / sizeof(ids[0]); i++) {
        settings = webhook_sections_find(sections, ids[i]);
        check_settings(&settings);
    }

    webhook_sections_destroy(sections);
    (void) close(fd);
    free(text);

    return 0;
}
