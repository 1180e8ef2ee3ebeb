/*
 * The tables of metrics that each session has, and the metrics of browsers.
 */

#ifndef METRICS_PRIVATE_H
#define METRICS_PRIVATE_H


#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "api/metrics.h"
#include "events/inbox_list.h"
#include "events/webhooks.h"


/* two of the three functions are NULL */

struct metrics_family {
    const char         *name;
    const char         *type;
    const char         *help;
    const char         *label;      /* beside the session, or NULL */
    const char *const  *values;     /* of the label */
    size_t              n;          /* samples of a session */
    uint64_t          (*get)(struct session *session, size_t i);
    uint64_t          (*get_inbox)(struct inbox *inbox, size_t i);
    uint64_t          (*get_webhook)(const struct webhook *webhook, size_t i);
};


/* metrics_head.c: prints what stands above a metric's samples */

void metrics_head(FILE *out, const char *name, const char *type,
    const char *help);


/* metrics_browser.c */

void metrics_browsers(FILE *out, const struct session_list *sessions);


/* metrics_inbox.c */

extern const struct metrics_family  metrics_inbox_families[];
extern const size_t                 metrics_inbox_families_n;


/* metrics_webhook.c */

extern const struct metrics_family  metrics_webhook_families[];
extern const size_t                 metrics_webhook_families_n;


#endif /* METRICS_PRIVATE_H */
