/*
 * Checks of options that depend on each other, and of their forms.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "options.h"


#define OPTIONS_URL_MAX  512


static bool options_check_memory(unsigned high, unsigned max,
    const char *what, FILE *err);
static bool options_check_listen(const struct options *options, FILE *err);
static bool options_loopback(const char *url);


bool
options_check(const struct options *options, FILE *err)
{
    if (options->mode != OPTIONS_SERVE && options->sessions_n > 1) {
        fprintf(err, "whatsapp-controller: --probe and --link take one "
                "session only\n");
        return false;
    }

    if (options->sessions_n > options->max_sessions) {
        fprintf(err, "whatsapp-controller: %zu sessions are more than "
                "--max-sessions %u\n", options->sessions_n,
                options->max_sessions);
        return false;
    }

    if ((strncmp(options->web_url, "https://", 8) != 0
         && strncmp(options->web_url, "http://", 7) != 0)
        || strlen(options->web_url) > OPTIONS_URL_MAX)
    {
        fprintf(err, "whatsapp-controller: --web-url must be a http or "
                "https URL, not \"%s\"\n", options->web_url);
        return false;
    }

    if (!options->chromium_sandbox && !options_loopback(options->web_url)) {
        fprintf(err, "whatsapp-controller: --chromium-sandbox off is "
                "accepted only when --web-url is on this host "
                "(127.0.0.1, [::1] or localhost)\n");
        return false;
    }

    if (options->state_dir[0] != '/' || options->runtime_dir[0] != '/') {
        fprintf(err, "whatsapp-controller: --state-dir and --runtime-dir "
                "must be absolute paths\n");
        return false;
    }

    if (options->media_file_max > options->media_max) {
        fprintf(err, "whatsapp-controller: --media-file-max %u is more than "
                "--media-max %u, which is the room of all files\n",
                options->media_file_max, options->media_max);
        return false;
    }

    return options_check_memory(options->page_memory_high,
                                options->page_memory_max, "page", err)
           && options_check_memory(options->browser_memory_high,
                                   options->browser_memory_max, "browser",
                                   err)
           && options_check_listen(options, err);
}


static bool
options_check_memory(unsigned high, unsigned max, const char *what, FILE *err)
{
    if (max != 0 && high > max) {
        fprintf(err, "whatsapp-controller: --%s-memory-high %u is more than "
                "--%s-memory-max %u\n", what, high, what, max);
        return false;
    }

    return true;
}


bool
options_unix_path(const struct options *options, const char **path)
{
    if (strncmp(options->listen, "unix:", 5) != 0) {
        return false;
    }

    *path = options->listen + 5;

    return true;
}


static bool
options_check_listen(const struct options *options, FILE *err)
{
    const char          *path, *port;
    struct sockaddr_un   sun;

    if (options_unix_path(options, &path)) {
        if (path[0] != '/' || strlen(path) >= sizeof(sun.sun_path)) {
            fprintf(err, "whatsapp-controller: the path of --listen must "
                    "be absolute and shorter than %zu bytes\n",
                    sizeof(sun.sun_path));
            return false;
        }

        return true;
    }

    port = strrchr(options->listen, ':');

    if (port == NULL || port == options->listen || port[1] == '\0'
        || strspn(port + 1, "0123456789") != strlen(port + 1)
        || strlen(port + 1) > 5 || atoi(port + 1) > 65535
        || atoi(port + 1) == 0)
    {
        fprintf(err, "whatsapp-controller: --listen must be unix:PATH, "
                "IP:PORT or [IPV6]:PORT with a port from 1 to 65535, not "
                "\"%s\"%s\n", options->listen,
                options->listen[0] == '/' ? ": \"unix:\" is missing" : "");
        return false;
    }

    if (options->secret_file == NULL) {
        fprintf(err, "whatsapp-controller: --listen on a port needs "
                "--secret-file\n");
        return false;
    }

    return true;
}


/* whether a URL leads to this host */

static bool
options_loopback(const char *url)
{
    size_t       i, len;
    const char  *host;

    static const char *const  names[] = { "127.0.0.1", "[::1]", "localhost" };

    host = strstr(url, "://") + 3;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        len = strlen(names[i]);

        /* the host must end there: "127.0.0.1@elsewhere" is another one */

        if (strncmp(host, names[i], len) == 0
            && (host[len] == '\0' || host[len] == '/'
                || (host[len] == ':'
                    && strcspn(host, "@") >= strcspn(host, "/"))))
        {
            return true;
        }
    }

    return false;
}
