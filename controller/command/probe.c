/*
 * Waits until the page has shown what it is, asks its bridge for a report, and
 * prints it.  The time for all that is bounded.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "chrome/chrome.h"
#include "command/probe.h"
#include "command/probe_report.h"


#define PROBE_VERSION_MS    10000
#define PROBE_VERSION_TEXT  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"                      \
                            "abcdefghijklmnopqrstuvwxyz0123456789 .-+~"

/* the bridge looks for what is missing for 15 s */

#define PROBE_REPORT_MS     40000


struct probe {
    const struct command_config  *config;
    struct command               *command;
    struct chrome_version        *version;
    struct event                 *timer;    /* of the whole probe */
    bool                          asked;
    bool                          late;     /* the time is over */
    struct probe_report           report;
};


static bool probe_create(struct probe *probe,
    const struct command_config *config);
static void probe_destroy(struct probe *probe);
static bool probe_has_profile(const struct command_config *config);
static void probe_on_version(void *ctx, const char *user_agent);
static void probe_changed(void *ctx);
static const char *probe_end(enum session_state state);
static void probe_on_time(int fd, short what, void *ctx);
static void probe_ask(struct probe *probe, const char *end);
static void probe_on_report(void *ctx, enum tab_call_status status,
    json_t *result);
static void probe_finish(struct probe *probe);
static void probe_console(void *ctx, const char *method, json_t *params);


static const struct command_handlers  probe_handlers = {
    probe_changed,
    probe_console
};


/* what ends the probe; a session goes on from any other state */

static const struct {
    enum session_state   state;
    const char          *end;
} probe_ends[] = {
    { SESSION_QR, "the page shows a QR code" },
    { SESSION_READY, "the session is ready" },
    { SESSION_FAILED, "the session has failed" },
    { SESSION_CONFLICT, "another WhatsApp Web uses the account" },
    { SESSION_INCOMPATIBLE, "vital parts are missing" }
};


int
probe_run(const struct command_config *config)
{
    int            status;
    struct probe  *probe;

    if (!probe_has_profile(config)) {
        return 1;
    }

    status = 1;
    probe = calloc(1, sizeof(struct probe));

    if (probe != NULL && probe_create(probe, config)) {
        status = command_run(probe->command);
    }

    probe_destroy(probe);

    return status;
}


static bool
probe_create(struct probe *probe, const struct command_config *config)
{
    probe->config = config;
    probe->report.web_url = config->session.tab.web_url;
    probe->report.wa_js_digest = config->wa_js_digest;
    probe->report.fresh = config->id == NULL;

    probe->command = command_create(config, &probe_handlers, probe);

    if (probe->command == NULL) {
        return false;
    }

    probe->timer = evtimer_new(config->base, probe_on_time, probe);
    probe->version = chrome_version_create(config->base,
                                           config->browser.chromium,
                                           PROBE_VERSION_MS, probe_on_version,
                                           probe);

    if (probe->timer == NULL || probe->version == NULL)
    {
        fprintf(stderr, "whatsapp-controller: can't start Chromium\n");
        return false;
    }

    return true;
}


static void
probe_destroy(struct probe *probe)
{
    if (probe == NULL) {
        return;
    }

    if (probe->timer != NULL) {
        event_free(probe->timer);
    }

    chrome_version_destroy(probe->version);
    command_destroy(probe->command);
    json_decref(probe->report.page);

    free(probe);
}


/* a report makes no session */

static bool
probe_has_profile(const struct command_config *config)
{
    char  path[PATH_MAX];

    if (config->id == NULL
        || (snprintf(path, sizeof(path), "%s/sessions/%s/profile",
                     config->state_dir, config->id)
            < (int) sizeof(path)
            && access(path, R_OK | X_OK) == 0))
    {
        return true;
    }

    fprintf(stderr, "whatsapp-controller: there is no profile of session %s "
            "in \"%s\"\n", config->id, config->state_dir);

    return false;
}


static void
probe_on_version(void *ctx, const char *user_agent)
{
    struct probe  *probe = ctx;

    (void) user_agent;

    text_copy(probe->report.chromium, sizeof(probe->report.chromium),
              chrome_version_text(probe->version), PROBE_VERSION_TEXT);

    command_start(probe->command);
}


static void
probe_changed(void *ctx)
{
    const char      *end;
    struct probe    *probe = ctx;
    struct session  *session;
    struct timeval   tv;

    session = command_session(probe->command);

    /* its time begins when it does: the profile may have been waited for */

    if (probe->report.steps_n == 0) {
        tv = clock_timeval(probe->config->timeout_ms);
        (void) evtimer_add(probe->timer, &tv);
    }

    probe_report_step(&probe->report, command_time(probe->command),
                      session_state(session), session_reason(session));

    end = probe_end(session_state(session));

    if (end != NULL) {
        probe_ask(probe, end);
    }
}


static const char *
probe_end(enum session_state state)
{
    size_t  i;

    for (i = 0; i < sizeof(probe_ends) / sizeof(probe_ends[0]); i++) {
        if (probe_ends[i].state == state) {
            return probe_ends[i].end;
        }
    }

    return NULL;
}


static void
probe_on_time(int fd, short what, void *ctx)
{
    struct probe  *probe = ctx;

    (void) fd;
    (void) what;

    probe->late = true;

    probe_ask(probe, "the time (--boot-timeout) is over");
}


/* a page whose bridge is not held can't be asked */

static void
probe_ask(struct probe *probe, const char *end)
{
    if (probe->asked) {
        return;
    }

    probe->asked = true;
    probe->report.end = end;

    if (!session_call(command_session(probe->command), "probe.report", NULL,
                      NULL, PROBE_REPORT_MS, probe_on_report, probe))
    {
        probe_finish(probe);
    }
}


static void
probe_on_report(void *ctx, enum tab_call_status status, json_t *result)
{
    struct probe  *probe = ctx;

    if (command_ended(probe->command)) {
        return;
    }

    if (status == TAB_CALL_OK) {
        probe->report.page = json_incref(result);

    } else if (!probe->late) {

        /* a page that loaded itself again is asked again */

        probe->asked = false;
        return;
    }

    probe_finish(probe);
}


static void
probe_finish(struct probe *probe)
{
    probe_report_print(&probe->report, probe->config->out);
    (void) fflush(probe->config->out);

    command_end(probe->command,
                probe_report_complete(&probe->report) ? 0 : 1);
}


static void
probe_console(void *ctx, const char *method, json_t *params)
{
    struct probe  *probe = ctx;

    console_add(&probe->report.console, method, params);
}
