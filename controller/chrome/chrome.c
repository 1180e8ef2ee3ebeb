/*
 * The command line, the environment and the pipe of Chromium.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/user_namespaces.h"
#include "chrome/chrome.h"


#define CHROME_ARGUMENTS_MAX    64
#define CHROME_ENVIRONMENT_MAX  16


/*
 * Chromium obeys only the last --disable-features of a command line, so all
 * stand in one.  The two WebUIOmnibox features would load a renderer each.
 */

static const char *const  chrome_arguments[] = {
    "--remote-debugging-pipe",

    /* WhatsApp Web must not see a browser that says it is automated */
    "--disable-blink-features=AutomationControlled",

    /* Chromium must not speak to hosts of its maker */
    "--disable-features="
        "AutofillServerCommunication,"
        "CertificateTransparencyComponentUpdater,"
        "DialMediaRouteProvider,"
        "InterestFeedContentSuggestions,"
        "MediaRouter,"
        "OnDeviceModel,"
        "OptimizationGuideModelDownloading,"
        "OptimizationHints,"
        "OptimizationHintsFetching,"
        "OptimizationTargetPrediction,"
        "PrivacySandboxSettings4,"
        "SpareRendererForSitePerProcess,"
        "Translate,"
        "WebUIOmniboxAimPopup,"
        "WebUIOmniboxPopup",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-domain-reliability",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-pings",
    "--safebrowsing-disable-auto-update",

    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-crash-restore-bubble",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-service-autorun",
    "--password-store=basic",

    /* a page that is never in the foreground must not be slowed down */
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",

    "--disk-cache-size=33554432",
    "--hide-scrollbars",
    "--lang=en-US",
    "--mute-audio",
    "--window-size=1280,800"
};


/*
 * The browser reaches the host of the page's URL, WhatsApp's hosts and Meta's
 * CDN.  All other names resolve to nothing, for every frame, worker and
 * service, among them wa-js's statistics and the servers it asks for previews.
 */

static const char  chrome_hosts[] =
    "--host-resolver-rules=MAP * ~NOTFOUND"
    " , EXCLUDE whatsapp.com , EXCLUDE *.whatsapp.com"
    " , EXCLUDE whatsapp.net , EXCLUDE *.whatsapp.net"
    " , EXCLUDE *.fbcdn.net";


/* strings that are allocated for one start and freed after it */
struct chrome_strings {
    char    *values[CHROME_ARGUMENTS_MAX];
    size_t   n;
    bool     failed;
};


static void chrome_command(struct chrome_strings *s,
    const struct chrome_options *options, const char **argv);
static const char *chrome_string(struct chrome_strings *s, const char *a,
    const char *b, const char *c);
static const char *chrome_host(struct chrome_strings *s, const char *url);
static const char *chrome_variable(const char *name);
static void chrome_environment(struct chrome_strings *s,
    const struct chrome_options *options, const char **envp);
static size_t chrome_environment_display(struct chrome_strings *s,
    const char **envp, size_t n);
static void chrome_strings_free(struct chrome_strings *s);


bool
chrome_marks_create(struct chrome_marks *marks, const char *data_dir,
    const char *tmp_dir)
{
    char  *data, *crashes;

    memset(marks, 0, sizeof(struct chrome_marks));

    if (asprintf(&data, "--user-data-dir=%s", data_dir) < 0) {
        return false;
    }

    marks->arguments[CHROME_MARK_DATA] = data;

    if (asprintf(&crashes, "--database=%s/crashes", tmp_dir) < 0) {
        return false;
    }

    marks->arguments[CHROME_MARK_CRASHES] = crashes;

    return true;
}


void
chrome_marks_destroy(struct chrome_marks *marks)
{
    free(marks->arguments[CHROME_MARK_DATA]);
    free(marks->arguments[CHROME_MARK_CRASHES]);
}


struct process *
chrome_create(struct event_base *base, const struct chrome_options *options,
    int *fd, process_exited_pt exited, void *ctx)
{
    int                     pair[2];
    const char             *argv[CHROME_ARGUMENTS_MAX];
    const char             *envp[CHROME_ENVIRONMENT_MAX];
    struct process         *process;
    struct chrome_strings   strings;
    struct process_config   config;

    memset(&strings, 0, sizeof(struct chrome_strings));

    chrome_command(&strings, options, argv);
    chrome_environment(&strings, options, envp);

    if (strings.failed) {
        chrome_strings_free(&strings);
        errno = ENOMEM;
        return NULL;
    }

    if (socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, pair) != 0) {
        chrome_strings_free(&strings);
        return NULL;
    }

    config = (struct process_config) {
        .file = options->chromium,
        .argv = (char *const *) argv,
        .envp = (char *const *) envp,
        .fds = { -1, -1, -1, pair[1], pair[1] },
        .marks = (const char *const *) options->marks->arguments,
        .no_new_privs = !options->sandbox || user_namespaces_work()
    };

    process = process_create(base, &config, exited, ctx);

    chrome_strings_free(&strings);
    close(pair[1]);

    if (process == NULL) {
        close(pair[0]);
        return NULL;
    }

    *fd = pair[0];

    return process;
}


static void
chrome_command(struct chrome_strings *s, const struct chrome_options *options,
    const char **argv)
{
    size_t  i, n;

    n = 0;
    argv[n++] = options->chromium;

    if (!options->visible) {
        argv[n++] = "--ozone-platform=headless";
        argv[n++] = "--ozone-override-screen-size=1920,1080";
        argv[n++] = "--disable-gpu";

    } else {
        argv[n++] = chrome_variable("DISPLAY") != NULL
                    ? "--ozone-platform=x11" : "--ozone-platform=wayland";
    }

    for (i = 0; i < sizeof(chrome_arguments) / sizeof(char *); i++) {
        argv[n++] = chrome_arguments[i];
    }

    argv[n++] = options->marks->arguments[CHROME_MARK_DATA];
    argv[n++] = chrome_string(s, "--profile-directory=", options->profile, "");
    argv[n++] = chrome_string(s, "--user-agent=", options->user_agent, "");

    /* the cache, with pictures of people, is no part of the login: it lies in
       the temporary directory */

    argv[n++] = chrome_string(s, "--disk-cache-dir=", options->tmp_dir,
                              "/pages");
    argv[n++] = chrome_string(s, chrome_hosts, " , EXCLUDE ",
                              chrome_host(s, options->web_url));

    if (!options->sandbox) {
        argv[n++] = "--no-sandbox";
    }

    argv[n++] = options->first_url;
    argv[n] = NULL;
}


static const char *
chrome_string(struct chrome_strings *s, const char *a, const char *b,
    const char *c)
{
    char  *value;

    if (s->n == CHROME_ARGUMENTS_MAX
        || asprintf(&value, "%s%s%s", a, b, c) < 0)
    {
        s->failed = true;
        return "";
    }

    s->values[s->n++] = value;

    return value;
}


/* returns the host of a URL, without port and user; "" when it has none */

static const char *
chrome_host(struct chrome_strings *s, const char *url)
{
    char        *host;
    size_t       length;
    const char  *start, *at;

    start = strstr(url, "://");
    start = (start != NULL) ? start + 3 : url;

    length = strcspn(start, "/?#");

    at = memrchr(start, '@', length);

    if (at != NULL) {
        start = at + 1;
    }

    if (*start == '[') {
        length = strcspn(start, "]") + 1;

    } else {
        length = strcspn(start, ":/?#");
    }

    if (s->n == CHROME_ARGUMENTS_MAX) {
        s->failed = true;
        return "";
    }

    host = strndup(start, length);
    if (host == NULL) {
        s->failed = true;
        return "";
    }

    s->values[s->n++] = host;

    return host;
}


bool
chrome_display(void)
{
    return chrome_variable("DISPLAY") != NULL
           || chrome_variable("WAYLAND_DISPLAY") != NULL;
}


/* an empty variable counts as one that is not set */

static const char *
chrome_variable(const char *name)
{
    const char  *value;

    value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}


/* of the controller's own environment only what leads to the display is passed
   on */

static void
chrome_environment(struct chrome_strings *s,
    const struct chrome_options *options, const char **envp)
{
    size_t       n;
    const char  *tmp;

    tmp = options->tmp_dir;

    n = 0;
    envp[n++] = CHROME_PATH;
    envp[n++] = "LANG=C.UTF-8";
    envp[n++] = "DBUS_SESSION_BUS_ADDRESS=disabled:";
    envp[n++] = chrome_string(s, "BREAKPAD_DUMP_LOCATION=", tmp, "/crashes");
    envp[n++] = chrome_string(s, "HOME=", tmp, "");
    envp[n++] = chrome_string(s, "TMPDIR=", tmp, "");
    envp[n++] = chrome_string(s, "XDG_CACHE_HOME=", tmp, "/cache");
    envp[n++] = chrome_string(s, "XDG_CONFIG_HOME=", tmp, "/config");
    envp[n++] = chrome_string(s, "XDG_DATA_HOME=", tmp, "/data");
    envp[n++] = chrome_string(s, "XDG_RUNTIME_DIR=", tmp, "");

    if (options->visible) {
        n = chrome_environment_display(s, envp, n);
    }

    envp[n] = NULL;
}


/* the names of files are made absolute, because the browser has another HOME
   and XDG_RUNTIME_DIR; returns the number of variables */

static size_t
chrome_environment_display(struct chrome_strings *s, const char **envp,
    size_t n)
{
    const char  *authority, *display, *home, *runtime, *wayland;

    display = chrome_variable("DISPLAY");
    authority = chrome_variable("XAUTHORITY");
    home = chrome_variable("HOME");
    wayland = chrome_variable("WAYLAND_DISPLAY");
    runtime = chrome_variable("XDG_RUNTIME_DIR");

    if (display != NULL) {
        envp[n++] = chrome_string(s, "DISPLAY=", display, "");
    }

    if (authority != NULL) {
        envp[n++] = chrome_string(s, "XAUTHORITY=", authority, "");

    } else if (home != NULL) {
        envp[n++] = chrome_string(s, "XAUTHORITY=", home, "/.Xauthority");
    }

    if (wayland != NULL && (wayland[0] == '/' || runtime == NULL)) {
        envp[n++] = chrome_string(s, "WAYLAND_DISPLAY=", wayland, "");

    } else if (wayland != NULL) {
        runtime = chrome_string(s, "WAYLAND_DISPLAY=", runtime, "/");
        envp[n++] = chrome_string(s, runtime, wayland, "");
    }

    return n;
}


static void
chrome_strings_free(struct chrome_strings *s)
{
    while (s->n != 0) {
        free(s->values[--s->n]);
    }
}
