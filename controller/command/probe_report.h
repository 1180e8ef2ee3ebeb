/*
 * The text of a field report.
 */

#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H


#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "command/console.h"
#include "session/session_state.h"


#define PROBE_STEPS          64
#define PROBE_CHROMIUM_SIZE  64


struct probe_step {
    uint64_t             ms;       /* since the start */
    enum session_state   state;
    char                 reason[SESSION_REASON_SIZE];
};


struct probe_report {
    const char         *web_url;
    const char         *wa_js_digest;    /* in hex */
    bool                fresh;           /* the profile was made for it */
    char                chromium[PROBE_CHROMIUM_SIZE];    /* its version */
    struct probe_step   steps[PROBE_STEPS];
    size_t              steps_n;
    struct console      console;
    const char         *end;             /* what ended the probe */
    json_t             *page;            /* the bridge's report, or NULL */
};


/* Notes a state, unless it is the last one or PROBE_STEPS were noted. */
void probe_report_step(struct probe_report *report, uint64_t ms,
    enum session_state state, const char *reason);

/* Returns whether the bridge found all that a page in its state needs. */
bool probe_report_complete(const struct probe_report *report);

/* Prints the report. */
void probe_report_print(const struct probe_report *report, FILE *out);


#endif /* PROBE_REPORT_H */
