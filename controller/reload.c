/*
 * A reload has two steps.  What can fail comes first: options and files are
 * read into objects of their own.  Then they take the place of the old ones,
 * which can't fail.
 *
 * The options that count at the start only stay what they are, and are told by
 * name.  A session that is not named any more is stopped; its object and its
 * profile stay, so that it may be named again.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls/pair_limit.h"
#include "configure.h"
#include "events/webhooks.h"
#include "media/media.h"
#include "reload.h"


struct reload {
    struct reload_parts   parts;
    struct event         *sighup;
    struct options        last;    /* those of the last reload, or zeroed */
    bool                  done;    /* there was one */
};


static void reload_on_signal(int fd, short what, void *ctx);
static bool reload_run(struct reload *reload);
static bool reload_check(struct reload *reload, const struct options *next,
    struct setup *again);
static bool reload_check_room(const struct reload *reload,
    const struct options *next);
static void reload_apply(struct reload *reload, const struct options *next,
    struct setup *again);
static void reload_apply_rates(struct reload *reload);
static void reload_tell_left_over(const struct reload *reload,
    const struct options *next);
static void reload_stop_sessions(struct reload *reload,
    const struct options *next);
static void reload_start_sessions(struct reload *reload,
    const struct options *next);
static struct session *reload_find(const struct reload *reload,
    const char *id);
static const struct options *reload_named(const struct reload *reload);
static bool reload_names(const struct options *options, const char *id);


struct reload *
reload_create(const struct reload_parts *parts)
{
    struct reload  *reload;

    reload = calloc(1, sizeof(struct reload));

    if (reload == NULL) {
        return NULL;
    }

    reload->parts = *parts;
    reload->sighup = evsignal_new(parts->base, SIGHUP, reload_on_signal,
                                  reload);

    if (reload->sighup == NULL || evsignal_add(reload->sighup, NULL) != 0) {
        reload_destroy(reload);
        return NULL;
    }

    return reload;
}


void
reload_destroy(struct reload *reload)
{
    if (reload == NULL) {
        return;
    }

    if (reload->sighup != NULL) {
        event_free(reload->sighup);
    }

    options_free(&reload->last);
    free(reload);
}


static void
reload_on_signal(int fd, short what, void *ctx)
{
    bool                  ok;
    struct reload        *reload = ctx;
    struct reload_parts  *parts = &reload->parts;

    (void) fd;
    (void) what;

    if (shutdown_begun(parts->shutdown)) {
        return;
    }

    supervisor_reloading(parts->supervisor);

    ok = reload_run(reload);

    if (ok) {
        log_event(parts->log, LOG_NOTICE, "reloaded");

    } else {
        log_event(parts->log, LOG_ERROR, "reload_failed",
                  log_const("changed", "nothing"));
    }

    supervisor_reloaded(parts->supervisor, ok);
}


static bool
reload_run(struct reload *reload)
{
    bool                  ok;
    struct setup          again;
    struct options        next;
    struct reload_parts  *parts = &reload->parts;

    if (options_parse(&next, parts->argc, parts->argv, stdout, stderr)
        != OPTIONS_RUN)
    {
        options_free(&next);
        return false;
    }

    ok = reload_check(reload, &next, &again);

    if (ok) {
        reload_apply(reload, &next, &again);

        options_free(&reload->last);
        reload->last = next;
        reload->done = true;

    } else {
        options_free(&next);
    }

    setup_release(&again);

    return ok;
}


/* false: nothing has changed, and the reason was written to stderr */

static bool
reload_check(struct reload *reload, const struct options *next,
    struct setup *again)
{
    if (!setup_read_again(again, reload->parts.setup, next)
        || !reload_check_room(reload, next))
    {
        return false;
    }

    if (!pair_limit_change(reload->parts.services->pair_limit,
                           next->pair_rate, next->pair_burst))
    {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return false;
    }

    return true;
}


/* the sessions that the controller has stay, also those that go */

static bool
reload_check_room(const struct reload *reload, const struct options *next)
{
    size_t    i, n;
    unsigned  max;

    max = reload->parts.options->max_sessions;
    n = session_list_size(reload->parts.sessions);

    for (i = 0; i < next->sessions_n; i++) {
        n += reload_find(reload, next->sessions[i]) == NULL;
    }

    if (n > max) {
        fprintf(stderr, "whatsapp-controller: %zu sessions, with those that "
                "are there already, are more than the %u of --max-sessions "
                "when the controller was started\n", n, max);
    }

    return n <= max;
}


static void
reload_apply(struct reload *reload, const struct options *next,
    struct setup *again)
{
    struct reload_parts     *parts = &reload->parts;
    struct memory_config     memory;
    struct webhooks_config   config;

    options_take_over(parts->options, next);
    log_set_level(parts->log, next->log_level);
    reload_tell_left_over(reload, next);

    setup_exchange(parts->setup, again);
    server_set_secret(parts->server, parts->setup->secret);

    if (strcmp(parts->setup->wa_js_digest, again->wa_js_digest) != 0) {
        log_event(parts->log, LOG_NOTICE, "wa_js",
                  log_const("sha256", parts->setup->wa_js_digest));
    }

    reload_apply_rates(reload);

    configure_memory(&memory, parts->options);
    memory_watch_change(parts->memory_watch, &memory);

    reload_stop_sessions(reload, next);

    configure_webhooks(&config, parts->options, parts->setup);
    webhooks_change(parts->services->webhooks, &config);

    reload_start_sessions(reload, next);
}


static void
reload_apply_rates(struct reload *reload)
{
    size_t                 i;
    struct reload_parts   *parts = &reload->parts;
    const struct options  *options = parts->options;

    media_store_change(parts->services->media,
                       (uint64_t) options->media_ttl_s * 1000,
                       options->media_max, options->media_file_max);

    configure_rates(parts->session_config, options);

    for (i = 0; i < session_list_size(parts->sessions); i++) {
        session_change_rates(session_list_get(parts->sessions, i),
                             parts->session_config);
    }
}


static void
reload_tell_left_over(const struct reload *reload, const struct options *next)
{
    size_t       i;
    const char  *name;

    i = 0;

    while ((name = options_left_over(reload->parts.options, next, &i)) != NULL)
    {
        log_event(reload->parts.log, LOG_WARN, "reload_needs_restart",
                  log_const("option", name));
    }
}


static void
reload_stop_sessions(struct reload *reload, const struct options *next)
{
    size_t                 i;
    const char            *id;
    struct webhook        *webhook;
    struct session        *session;
    const struct options  *named;

    named = reload_named(reload);

    for (i = 0; i < named->sessions_n; i++) {
        id = named->sessions[i];
        session = reload_find(reload, id);

        if (session == NULL || reload_names(next, id)) {
            continue;
        }

        session_stop(session);
        webhook = webhooks_find(reload->parts.services->webhooks, id);

        if (webhook != NULL) {
            webhook_rest(webhook);
        }

        log_event(reload->parts.log, LOG_NOTICE, "session_removed",
                  log_const("session", id));
    }
}


static void
reload_start_sessions(struct reload *reload, const struct options *next)
{
    size_t           i;
    const char      *id;
    struct error     error;
    struct session  *session;

    for (i = 0; i < next->sessions_n; i++) {
        id = next->sessions[i];

        if (reload_names(reload_named(reload), id)) {
            continue;
        }

        session = reload_find(reload, id);

        if (session == NULL) {
            session = session_list_add(reload->parts.sessions, id, &error);
        }

        if (session == NULL) {
            log_event(reload->parts.log, LOG_ERROR, "session_not_added",
                      log_const("session", id));
            continue;
        }

        session_start(session);

        log_event(reload->parts.log, LOG_NOTICE, "session_added",
                  log_const("session", id));
    }
}


static struct session *
reload_find(const struct reload *reload, const char *id)
{
    return session_list_find(reload->parts.sessions, id, strlen(id));
}


/* the options that named the sessions so far */

static const struct options *
reload_named(const struct reload *reload)
{
    return reload->done ? &reload->last : reload->parts.options;
}


static bool
reload_names(const struct options *options, const char *id)
{
    size_t  i;

    for (i = 0; i < options->sessions_n; i++) {
        if (strcmp(options->sessions[i], id) == 0) {
            return true;
        }
    }

    return false;
}
