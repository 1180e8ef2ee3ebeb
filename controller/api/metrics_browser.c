/*
 * Metrics of each browser, and which session is in which.
 */

#include <inttypes.h>
#include <stdio.h>

#include "api/metrics_private.h"


struct metrics_browser_family {
    const char   *name;
    const char   *type;
    const char   *help;
    uint64_t    (*get)(const struct browser *browser);
};


static void metrics_browser_states(FILE *out,
    const struct browser_list *browsers);
static void metrics_browser_sessions(FILE *out,
    const struct session_list *sessions);
static uint64_t metrics_browser_guests(const struct browser *browser);
static uint64_t metrics_browser_restarts(const struct browser *browser);
static uint64_t metrics_browser_renewals(const struct browser *browser);
static uint64_t metrics_browser_crashes(const struct browser *browser);
static uint64_t metrics_browser_hangs(const struct browser *browser);


static const struct metrics_browser_family  metrics_browser_families[] = {
    { "whatsapp_browser_sessions", "gauge",
      "Sessions that the browser runs for", metrics_browser_guests },
    { "whatsapp_browser_restarts_total", "counter",
      "Restarts of the browser, for any reason", metrics_browser_restarts },
    { "whatsapp_browser_renewals_total", "counter",
      "Restarts of the browser because it took too much memory",
      metrics_browser_renewals },
    { "whatsapp_browser_crashes_total", "counter",
      "Ends of the browser that nobody asked for", metrics_browser_crashes },
    { "whatsapp_browser_hangs_total", "counter",
      "Times that the browser was asked for a sign of life",
      metrics_browser_hangs },
    { "whatsapp_browser_memory_bytes", "gauge",
      "Memory of all processes of the browser, 0 while it is not known",
      browser_memory }
};


#define METRICS_BROWSER_FAMILIES                                              \
    (sizeof(metrics_browser_families) / sizeof(metrics_browser_families[0]))


void
metrics_browsers(FILE *out, const struct session_list *sessions)
{
    size_t                      i, j;
    const struct browser       *browser;
    const struct browser_list  *browsers;

    browsers = session_list_browsers(sessions);

    metrics_browser_sessions(out, sessions);
    metrics_browser_states(out, browsers);

    for (i = 0; i < METRICS_BROWSER_FAMILIES; i++) {

        metrics_head(out, metrics_browser_families[i].name,
                     metrics_browser_families[i].type,
                     metrics_browser_families[i].help);

        for (j = 0; j < browser_list_size(browsers); j++) {
            browser = browser_list_get(browsers, j);

            fprintf(out, "%s{browser=\"%s\"} %" PRIu64 "\n",
                    metrics_browser_families[i].name, browser_name(browser),
                    metrics_browser_families[i].get(browser));
        }
    }
}


static void
metrics_browser_sessions(FILE *out, const struct session_list *sessions)
{
    size_t           i;
    struct session  *session;

    metrics_head(out, "whatsapp_session_browser", "gauge",
                 "Which browser a session is in");

    for (i = 0; i < session_list_size(sessions); i++) {
        session = session_list_get(sessions, i);

        fprintf(out, "whatsapp_session_browser{session=\"%s\","
                "browser=\"%s\"} 1\n", session_id(session),
                browser_name(session_browser(session)));
    }
}


/* a browser has a sample for each state: 1 for its own, else 0 */

static void
metrics_browser_states(FILE *out, const struct browser_list *browsers)
{
    size_t                 i;
    enum browser_state     state;
    const struct browser  *browser;

    metrics_head(out, "whatsapp_browser_state", "gauge",
                 "Whether the browser is in this state");

    for (i = 0; i < browser_list_size(browsers); i++) {
        browser = browser_list_get(browsers, i);

        for (state = 0; state < BROWSER_STATES; state++) {
            fprintf(out, "whatsapp_browser_state{browser=\"%s\","
                    "state=\"%s\"} %d\n", browser_name(browser),
                    browser_state_name(state),
                    browser_state(browser) == state);
        }
    }
}


static uint64_t
metrics_browser_guests(const struct browser *browser)
{
    return browser_guests(browser);
}


static uint64_t
metrics_browser_restarts(const struct browser *browser)
{
    return browser_stats(browser)->restarts;
}


static uint64_t
metrics_browser_renewals(const struct browser *browser)
{
    return browser_stats(browser)->renewals;
}


static uint64_t
metrics_browser_crashes(const struct browser *browser)
{
    return browser_stats(browser)->crashes;
}


static uint64_t
metrics_browser_hangs(const struct browser *browser)
{
    return browser_stats(browser)->hangs;
}
