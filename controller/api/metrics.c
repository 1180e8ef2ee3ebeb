/*
 * Metrics: a table of those that each session has, and a table of those of the
 * whole controller.  The labels are session ids, which the operator chose, and
 * fixed words.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/metrics_private.h"
#include "base/files.h"
#include "calls/call_errors.h"
#include "calls/idempotency.h"
#include "calls/message_media.h"
#include "calls/pair_limit.h"
#include "events/beta.h"
#include "media/media.h"


static uint64_t metrics_send(struct session *session, size_t i);
static uint64_t metrics_restricted(struct session *session, size_t i);
static uint64_t metrics_logout(struct session *session, size_t i);
static uint64_t metrics_waiting(struct session *session, size_t i);
static uint64_t metrics_running(struct session *session, size_t i);
static uint64_t metrics_reloads(struct session *session, size_t i);
static uint64_t metrics_replaced(struct session *session, size_t i);
static uint64_t metrics_renewals(struct session *session, size_t i);
static uint64_t metrics_crashes(struct session *session, size_t i);
static uint64_t metrics_hangs(struct session *session, size_t i);
static uint64_t metrics_collections(struct session *session, size_t i);
static uint64_t metrics_denied(struct session *session, size_t i);
static uint64_t metrics_page_memory(struct session *session, size_t i);
static void metrics_states(FILE *out, const struct metrics_parts *parts);
static void metrics_sessions(FILE *out, const struct metrics_parts *parts,
    const struct metrics_family *family);
static void metrics_error(void *ctx, const char *session,
    const char *method, const char *code, uint64_t n);
static void metrics_value(FILE *out, const char *name, const char *type,
    const char *help, uint64_t value);
static void metrics_media(FILE *out, const struct message_media *media);
static void metrics_beta(FILE *out, const struct beta *beta);
static void metrics_whole(FILE *out, const struct metrics_parts *parts);
static uint64_t metrics_memory(void);


static const char *const  metrics_outcomes[SESSION_SENDS] = {
    [SESSION_SENT] = "sent",
    [SESSION_NOT_SENT] = "not_sent",
    [SESSION_UNKNOWN] = "unknown"
};

static const char *const  metrics_media_ends[MESSAGE_MEDIA_ENDS] = {
    [MESSAGE_MEDIA_SAVED] = "saved",
    [MESSAGE_MEDIA_EXPIRED] = "expired",
    [MESSAGE_MEDIA_FAILED] = "failed"
};

static const char *const  metrics_restrictions[SESSION_RESTRICTIONS] = {
    [SESSION_BANNED] = "ban",
    [SESSION_TIMELOCKED] = "timelock",
    [SESSION_CAPPED] = "new_chats"
};

static const char *const  metrics_lanes[LANES] = {
    [LANE_SENDS] = "sends",
    [LANE_CALLS] = "calls"
};

static const char *const  metrics_logouts[LOGOUT_REASONS] = {
    [LOGOUT_ASKED] = "asked",
    [LOGOUT_REMOVED] = "removed",
    [LOGOUT_FAILED] = "failed",
    [LOGOUT_SYNC] = "sync",
    [LOGOUT_HISTORY] = "history",
    [LOGOUT_LOCKED] = "locked"
};


static const struct metrics_family  metrics_families[] = {
    { "whatsapp_sends_total", "counter", "Sends that ended, by outcome",
      "outcome", metrics_outcomes, SESSION_SENDS, metrics_send, NULL, NULL },
    { "whatsapp_session_restricted", "gauge",
      "Whether WhatsApp restricts the account in this way", "restriction",
      metrics_restrictions, SESSION_RESTRICTIONS, metrics_restricted, NULL,
      NULL },
    { "whatsapp_logouts_total", "counter",
      "Times that the account was logged out, by reason", "reason",
      metrics_logouts, LOGOUT_REASONS, metrics_logout, NULL, NULL },
    { "whatsapp_queue_length", "gauge", "Calls that wait for their turn",
      "lane", metrics_lanes, LANES, metrics_waiting, NULL, NULL },
    { "whatsapp_calls_running", "gauge", "Calls whose turn it is",
      "lane", metrics_lanes, LANES, metrics_running, NULL, NULL },
    { "whatsapp_page_reloads_total", "counter",
      "Reloads of the page, asked for or to repair it", NULL, NULL, 1,
      metrics_reloads, NULL, NULL },
    { "whatsapp_page_replacements_total", "counter",
      "Pages that another one took the place of", NULL, NULL, 1,
      metrics_replaced, NULL, NULL },
    { "whatsapp_page_renewals_total", "counter",
      "Pages that were replaced because they took too much memory", NULL,
      NULL, 1, metrics_renewals, NULL, NULL },
    { "whatsapp_page_crashes_total", "counter",
      "Crashes of the page", NULL, NULL, 1, metrics_crashes, NULL, NULL },
    { "whatsapp_page_hangs_total", "counter",
      "Pings that the page did not answer", NULL, NULL, 1, metrics_hangs,
      NULL, NULL },
    { "whatsapp_page_collections_total", "counter",
      "Times that the garbage of an idle page was collected", NULL, NULL, 1,
      metrics_collections, NULL, NULL },
    { "whatsapp_page_downloads_denied_total", "counter",
      "Downloads that the page began, which are denied", NULL, NULL, 1,
      metrics_denied, NULL, NULL },
    { "whatsapp_page_memory_bytes", "gauge",
      "Memory of the page's process, 0 while it is not known", NULL, NULL, 1,
      metrics_page_memory, NULL, NULL }
};


#define METRICS_FAMILIES                                                      \
    (sizeof(metrics_families) / sizeof(metrics_families[0]))


char *
metrics_print(const struct metrics_parts *parts)
{
    int      failed;
    FILE    *out;
    char    *text;
    size_t   i, size;

    text = NULL;
    out = open_memstream(&text, &size);

    if (out == NULL) {
        return NULL;
    }

    metrics_states(out, parts);
    metrics_browsers(out, parts->sessions);

    for (i = 0; i < METRICS_FAMILIES; i++) {
        metrics_sessions(out, parts, &metrics_families[i]);
    }

    for (i = 0; i < metrics_inbox_families_n; i++) {
        metrics_sessions(out, parts, &metrics_inbox_families[i]);
    }

    for (i = 0; i < metrics_webhook_families_n; i++) {
        metrics_sessions(out, parts, &metrics_webhook_families[i]);
    }

    metrics_head(out, "whatsapp_call_errors_total", "counter",
                 "Calls that failed, by call and error");
    call_errors_each(parts->services->errors, metrics_error, out);

    metrics_media(out, parts->services->message_media);
    metrics_whole(out, parts);
    metrics_beta(out, parts->services->beta);

    failed = ferror(out);

    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }

    return text;
}


/* a session has a sample for each state: 1 for its own, else 0 */

static void
metrics_states(FILE *out, const struct metrics_parts *parts)
{
    size_t           i;
    unsigned         state;
    struct session  *session;

    metrics_head(out, "whatsapp_session_state", "gauge",
                 "Whether the session is in this state");

    for (i = 0; i < session_list_size(parts->sessions); i++) {
        session = session_list_get(parts->sessions, i);

        for (state = 0; state < SESSION_STATES; state++) {
            fprintf(out, "whatsapp_session_state{session=\"%s\","
                    "state=\"%s\"} %d\n", session_id(session),
                    session_state_name(state),
                    session_state(session) == state);
        }
    }
}


static void
metrics_sessions(FILE *out, const struct metrics_parts *parts,
    const struct metrics_family *family)
{
    size_t           i, j;
    uint64_t         value;
    struct inbox    *inbox;
    struct session  *session;
    struct webhook  *webhook;

    metrics_head(out, family->name, family->type, family->help);

    for (i = 0; i < session_list_size(parts->sessions); i++) {
        session = session_list_get(parts->sessions, i);
        inbox = inbox_list_find(parts->services->inboxes, session);
        webhook = webhooks_find(parts->services->webhooks,
                                session_id(session));

        for (j = 0; j < family->n; j++) {
            value = family->get != NULL ? family->get(session, j)
                    : family->get_inbox != NULL ? family->get_inbox(inbox, j)
                    : family->get_webhook(webhook, j);

            fprintf(out, "%s{session=\"%s\"", family->name,
                    session_id(session));

            if (family->label != NULL) {
                fprintf(out, ",%s=\"%s\"", family->label, family->values[j]);
            }

            fprintf(out, "} %" PRIu64 "\n", value);
        }
    }
}


static void
metrics_error(void *ctx, const char *session, const char *method,
    const char *code, uint64_t n)
{
    FILE  *out = ctx;

    fprintf(out, "whatsapp_call_errors_total{session=\"%s\",call=\"%s\","
            "error=\"%s\"} %" PRIu64 "\n", session, method, code, n);
}


static void
metrics_media(FILE *out, const struct message_media *media)
{
    unsigned  end;

    metrics_head(out, "whatsapp_message_media_total", "counter",
                 "Downloads of the media of messages, by their end");

    for (end = 0; end < MESSAGE_MEDIA_ENDS; end++) {
        fprintf(out, "whatsapp_message_media_total{result=\"%s\"} %" PRIu64
                "\n", metrics_media_ends[end],
                message_media_count(media, (enum message_media_end) end));
    }

    metrics_value(out, "whatsapp_message_media_bytes_total", "counter",
                  "Bytes of the media of messages that were downloaded",
                  message_media_bytes(media));
}


static void
metrics_beta(FILE *out, const struct beta *beta)
{
    struct beta_delivery_stats  stats = beta_stats(beta);

    metrics_value(out, "whatsapp_beta_webhooks", "gauge",
                  "Webhooks of the BETA calls, on or waiting to be",
                  beta_webhooks(beta));
    metrics_value(out, "whatsapp_beta_delivered_total", "counter",
                  "Messages that BETA webhooks were given", stats.delivered);
    metrics_value(out, "whatsapp_beta_failed_total", "counter",
                  "Messages that BETA webhooks did not take in three tries",
                  stats.failed);
    metrics_value(out, "whatsapp_beta_dropped_total", "counter",
                  "Messages to BETA webhooks for which there was no room",
                  stats.dropped);
}


static void
metrics_whole(FILE *out, const struct metrics_parts *parts)
{
    size_t  i;

    const struct {
        const char  *name;
        const char  *type;
        const char  *help;
        uint64_t     value;
    } rows[] = {
        { "whatsapp_idempotency_entries", "gauge",
          "Sends that are remembered",
          idempotency_count(parts->services->idempotency) },
        { "whatsapp_idempotency_evicted_total", "counter",
          "Finished sends that were forgotten before their time",
          idempotency_evicted(parts->services->idempotency) },
        { "whatsapp_idempotency_expired_total", "counter",
          "Finished sends that were forgotten after their time",
          idempotency_expired(parts->services->idempotency) },
        { "whatsapp_pair_entries", "gauge",
          "Pairs of session and recipient that are held",
          pair_limit_count(parts->services->pair_limit) },
        { "whatsapp_pair_evicted_total", "counter",
          "Pairs that were forgotten before their time",
          pair_limit_evicted(parts->services->pair_limit) },
        { "whatsapp_media_bytes", "gauge",
          "Bytes of the media files that are held",
          media_store_used(parts->services->media) },
        { "whatsapp_media_files", "gauge", "Media files that are held",
          media_store_files(parts->services->media) },
        { "whatsapp_media_max_bytes", "gauge",
          "Bytes that media files may have together",
          media_store_max(parts->services->media) },
        { "whatsapp_state_free_bytes", "gauge",
          "Bytes that are free on the disk of the state directory",
          files_room(parts->services->state_dir) },
        { "whatsapp_controller_waiters", "gauge",
          "Requests that wait for an answer", parts->waiters },
        { "whatsapp_streams", "gauge", "Event streams that are open",
          parts->streams },
        { "whatsapp_streams_refused_total", "counter",
          "Event streams that were refused, since there were too many",
          parts->streams_refused },
        { "whatsapp_streams_dropped_total", "counter",
          "Event streams that were closed, since nothing was read",
          parts->streams_dropped },
        { "whatsapp_stream_gaps_total", "counter",
          "Gaps that readers of event streams were told of",
          parts->stream_gaps },
        { "whatsapp_memory_max_bytes", "gauge",
          "Memory that controller and browsers may take, 0: no limit",
          session_list_max_memory(parts->sessions) },
        { "whatsapp_controller_memory_bytes", "gauge",
          "Resident memory of the controller, without the browsers",
          metrics_memory() }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        metrics_value(out, rows[i].name, rows[i].type, rows[i].help,
                      rows[i].value);
    }
}


static void
metrics_value(FILE *out, const char *name, const char *type,
    const char *help, uint64_t value)
{
    metrics_head(out, name, type, help);
    fprintf(out, "%s %" PRIu64 "\n", name, value);
}


static uint64_t
metrics_send(struct session *session, size_t i)
{
    return session_sends(session, (enum session_send) i);
}


static uint64_t
metrics_restricted(struct session *session, size_t i)
{
    return session_restricted(session, (enum session_restriction) i);
}


static uint64_t
metrics_logout(struct session *session, size_t i)
{
    return session_logouts(session)->counts[i];
}


static uint64_t
metrics_waiting(struct session *session, size_t i)
{
    return scheduler_waiting(session_scheduler(session), (enum lane) i);
}


static uint64_t
metrics_running(struct session *session, size_t i)
{
    return scheduler_running(session_scheduler(session), (enum lane) i);
}


static uint64_t
metrics_reloads(struct session *session, size_t i)
{
    (void) i;

    return session_tab_stats(session)->reloads;
}


static uint64_t
metrics_replaced(struct session *session, size_t i)
{
    (void) i;

    return session_tab_stats(session)->replaced;
}


static uint64_t
metrics_renewals(struct session *session, size_t i)
{
    (void) i;

    return session_tab_stats(session)->renewals;
}


static uint64_t
metrics_crashes(struct session *session, size_t i)
{
    (void) i;

    return session_tab_stats(session)->crashes;
}


static uint64_t
metrics_hangs(struct session *session, size_t i)
{
    (void) i;

    return session_tab_stats(session)->hangs;
}


static uint64_t
metrics_collections(struct session *session, size_t i)
{
    (void) i;

    return session_tab_stats(session)->collections;
}


static uint64_t
metrics_denied(struct session *session, size_t i)
{
    (void) i;

    return session_tab_stats(session)->downloads_denied;
}


static uint64_t
metrics_page_memory(struct session *session, size_t i)
{
    (void) i;

    return session_memory(session);
}


/* the resident memory in bytes, 0 when it can't be read */

static uint64_t
metrics_memory(void)
{
    FILE      *in;
    uint64_t   pages;

    in = fopen("/proc/self/statm", "re");

    if (in == NULL) {
        return 0;
    }

    if (fscanf(in, "%*u %" SCNu64, &pages) != 1) {
        pages = 0;
    }

    (void) fclose(in);

    return pages * (uint64_t) sysconf(_SC_PAGESIZE);
}
