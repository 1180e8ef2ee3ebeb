/*
 * whatsapp-controller: creates its parts from the options, runs the event
 * loop, and frees the parts.  Only this file knows all of them.
 */

#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/stack.h"
#include "base/stdio_fds.h"
#include "base/swap.h"
#include "calls/call_errors.h"
#include "calls/erasure.h"
#include "calls/idempotency.h"
#include "calls/notice.h"
#include "calls/pair_limit.h"
#include "calls/message_media.h"
#include "calls/services.h"
#include "chrome/chrome_sandbox.h"
#include "configure.h"
#include "events/beta.h"
#include "events/inbox_list.h"
#include "events/webhooks.h"
#include "foreground.h"
#include "http/server.h"
#include "media/fetch.h"
#include "media/media.h"
#include "notify.h"
#include "options.h"
#include "reload.h"
#include "session/browser_list.h"
#include "session/memory_watch.h"
#include "session/session_leftovers.h"
#include "session/session_list.h"
#include "setup.h"
#include "shutdown.h"
#include "supervisor.h"
#include "upkeep.h"


/* pairs of session and recipient, about 0.1 KiB each */

#define CONTROLLER_PAIRS  16384


struct controller {
    struct options          options;
    struct setup            setup;
    struct notify           notify;
    struct log             *log;
    struct services         services;
    struct session_config   session_config;    /* of every session */
    struct browser_config   browser_config;    /* of every browser */
    struct browser_list    *browsers;
    struct session_list    *sessions;
    struct api             *api;
    struct server          *server;
    struct supervisor      *supervisor;
    struct shutdown        *shutdown;
    struct reload          *reload;
    struct upkeep          *upkeep;
    struct memory_watch    *memory_watch;
};


static int controller_check(struct options *options);
static bool controller_create(struct controller *controller, int argc,
    char **argv);
static bool controller_create_ids(struct controller *controller);
static bool controller_create_media(struct controller *controller);
static size_t controller_count_sessions(void *ctx);
static bool controller_create_inboxes(struct controller *controller);
static void controller_say(void *ctx, struct session *session,
    const char *number, const char *text);
static bool controller_create_webhooks(struct controller *controller);
static bool controller_create_sessions(struct controller *controller);
static bool controller_session_made(void *ctx, struct session *session);
static bool controller_create_server(struct controller *controller);
static bool controller_create_shutdown(struct controller *controller);
static bool controller_create_memory(struct controller *controller);
static bool controller_create_reload(struct controller *controller, int argc,
    char **argv);
static bool controller_create_upkeep(struct controller *controller);
static bool controller_run(struct controller *controller);
static bool controller_loop(struct event_base *base);
static void controller_keep_socket(struct controller *controller);
static void controller_drop_socket(struct controller *controller);
static void controller_destroy(struct controller *controller);
static bool controller_no_memory(void);


int
main(int argc, char **argv)
{
    bool                      ok;
    static struct controller  controller;

    if (!stdio_fds_fill()) {
        return 1;
    }

    notify_open(&controller.notify);

    switch (options_parse(&controller.options, argc, argv, stdout, stderr)) {

    case OPTIONS_HELP:
        options_free(&controller.options);
        return 0;

    case OPTIONS_INVALID:
        notify_drop(&controller.notify);
        options_free(&controller.options);
        return 2;

    case OPTIONS_RUN:
        break;
    }

    if (controller.options.check) {
        return controller_check(&controller.options);
    }

    if (controller.options.mode != OPTIONS_SERVE) {
        return foreground_run(&controller.options);
    }

    shutdown_hold_signals();

    ok = setup_take(&controller.setup, &controller.options)
         && controller_create(&controller, argc, argv)
         && controller_run(&controller);

    controller_destroy(&controller);
    notify_close(&controller.notify);
    options_free(&controller.options);

    return ok ? 0 : 1;
}


/* returns the exit status */

static int
controller_check(struct options *options)
{
    bool  ok;

    ok = setup_check(options);

    if (ok) {
        printf("whatsapp-controller: the options are valid\n");
    }

    options_free(options);

    return ok ? 0 : 2;
}


static bool
controller_create(struct controller *controller, int argc, char **argv)
{
    struct services           *services;
    const struct options      *options = &controller->options;
    struct pair_limit_config   config;

    controller->log = log_create(stderr, options->log_level);

    services = &controller->services;
    services->base = event_base_new();
    services->state_dir = options->state_dir;

    config.max = CONTROLLER_PAIRS;
    config.rate = options->pair_rate;
    config.burst = options->pair_burst;

    services->pair_limit = pair_limit_create(&config);
    services->errors = call_errors_create();

    if (controller->log == NULL || services->base == NULL
        || services->pair_limit == NULL || services->errors == NULL)
    {
        return controller_no_memory();
    }

    return controller_create_ids(controller)
           && controller_create_media(controller)
           && controller_create_inboxes(controller)
           && controller_create_webhooks(controller)
           && controller_create_sessions(controller)
           && controller_create_server(controller)
           && controller_create_shutdown(controller)
           && controller_create_memory(controller)
           && controller_create_reload(controller, argc, argv)
           && controller_create_upkeep(controller);
}


static bool
controller_create_ids(struct controller *controller)
{
    struct services       *services;
    const struct options  *options = &controller->options;

    services = &controller->services;
    services->seal = seal_create(options->state_dir);

    if (services->seal == NULL) {
        return false;
    }

    services->idempotency = idempotency_create(options->idempotency_max,
                            (uint64_t) options->idempotency_ttl_s * 1000,
                            seal_hash(services->seal));

    return services->idempotency != NULL || controller_no_memory();
}


static bool
controller_create_media(struct controller *controller)
{
    struct services       *services;
    struct media_config    config;
    const struct options  *options = &controller->options;

    services = &controller->services;

    session_leftovers_remove(options->state_dir, options->runtime_dir);

    if (!erasures_resume(options->state_dir, options->runtime_dir,
                         services->seal))
    {
        return false;
    }

    config.runtime_dir = options->runtime_dir;
    config.ttl_ms = (uint64_t) options->media_ttl_s * 1000;
    config.max = options->media_max;
    config.file_max = options->media_file_max;
    config.sessions = controller_count_sessions;
    config.ctx = controller;

    services->media = media_store_create(services->base, &config);
    services->fetcher = fetcher_create(services->base, &options->media_nets);
    services->message_media = message_media_create(services->base,
                                                   services->media);
    services->erasures = erasures_create(services);

    if (services->media == NULL || services->fetcher == NULL
        || services->message_media == NULL || services->erasures == NULL)
    {
        return controller_no_memory();
    }

    return true;
}


static size_t
controller_count_sessions(void *ctx)
{
    struct controller  *controller = ctx;

    return session_list_size(controller->sessions);
}


static bool
controller_create_inboxes(struct controller *controller)
{
    struct services     *services = &controller->services;
    struct beta_parts    beta_parts;
    struct inbox_parts   parts;

    parts.base = services->base;
    parts.log = controller->log;
    parts.seal = services->seal;
    parts.state_dir = controller->options.state_dir;
    parts.runtime_dir = controller->options.runtime_dir;

    services->inboxes = inbox_list_create(&parts,
                                          controller->options.max_sessions);

    if (services->inboxes == NULL) {
        return controller_no_memory();
    }

    beta_parts.base = services->base;
    beta_parts.inboxes = services->inboxes;
    beta_parts.guard = &controller->options.webhook_nets;
    beta_parts.say = controller_say;
    beta_parts.ctx = controller;

    services->beta = beta_create(&beta_parts);

    return services->beta != NULL || controller_no_memory();
}


static void
controller_say(void *ctx, struct session *session, const char *number,
    const char *text)
{
    struct controller  *controller = ctx;

    notice_send(&controller->services, session, number, text);
}


static bool
controller_create_webhooks(struct controller *controller)
{
    struct services         *services = &controller->services;
    struct webhooks_config   config;

    config.base = services->base;
    config.log = controller->log;
    config.state_dir = controller->options.state_dir;
    config.seal = services->seal;
    config.guard = &controller->options.webhook_nets;

    configure_webhooks(&config, &controller->options, &controller->setup);

    services->webhooks = webhooks_create(&config);

    return services->webhooks != NULL;
}


static bool
controller_create_sessions(struct controller *controller)
{
    size_t                      i;
    struct error                error;
    const struct options       *options = &controller->options;
    struct browser_list_parts   browser_parts;
    struct session_slot_parts   parts;

    configure_sessions(&controller->session_config, options,
                       &controller->setup);
    configure_browsers(&controller->browser_config, options);

    browser_parts.base = controller->services.base;
    browser_parts.log = controller->log;
    browser_parts.runtime_dir = options->runtime_dir;
    browser_parts.config = &controller->browser_config;

    controller->browsers = browser_list_create(&browser_parts,
                                               options->max_sessions,
                                               options->sessions_per_browser);

    if (controller->browsers == NULL) {
        return controller_no_memory();
    }

    parts.base = controller->services.base;
    parts.log = controller->log;
    parts.state_dir = options->state_dir;
    parts.runtime_dir = options->runtime_dir;
    parts.config = &controller->session_config;
    parts.made = controller_session_made;
    parts.ctx = controller;

    controller->sessions = session_list_create(&parts, controller->browsers,
                                               options->max_sessions,
                                               options->boots_max);

    if (controller->sessions == NULL) {
        return controller_no_memory();
    }

    for (i = 0; i < options->sessions_n; i++) {
        if (session_list_add(controller->sessions, options->sessions[i],
                             &error)
            == NULL)
        {
            fprintf(stderr, "whatsapp-controller: session %s: %s\n",
                    options->sessions[i], error.message);
            return false;
        }
    }

    return true;
}


static bool
controller_session_made(void *ctx, struct session *session)
{
    struct inbox       *inbox;
    struct controller  *controller = ctx;

    inbox = inbox_list_add(controller->services.inboxes, session);

    return inbox != NULL
           && webhooks_add(controller->services.webhooks, session_id(session),
                           inbox);
}


static bool
controller_create_server(struct controller *controller)
{
    struct setup          *setup;
    struct api_config      api_config;
    struct server_config   config;

    setup = &controller->setup;

    config.fd = setup->fd;
    config.local = setup->socket_path != NULL;
    config.peers = setup->identity.peers;
    config.secret = setup->secret;
    config.connections = setup->connections;
    config.feed_idle = controller->options.stream_heartbeat_ms;
    config.feed_stall = controller->options.stream_timeout_ms;

    if (setup->streams < controller->options.streams_max) {
        log_event(controller->log, LOG_WARN, "streams_limited",
                  log_int("streams", (long) setup->streams));
    }

    api_config.streams_max = setup->streams;
    api_config.streams_per_token = controller->options.streams_per_token;

    controller->api = api_create(&controller->services,
                                 controller->sessions, &api_config);

    if (controller->api == NULL) {
        return controller_no_memory();
    }

    controller->server = server_create(controller->services.base,
                                       controller->log, &config,
                                       &api_handlers, controller->api);
    setup->fd = -1;

    if (controller->server == NULL) {
        fprintf(stderr, "whatsapp-controller: can't start the HTTP "
                "server\n");
        return false;
    }

    return true;
}


static bool
controller_create_shutdown(struct controller *controller)
{
    struct shutdown_parts  parts;

    controller->supervisor = supervisor_create(controller->services.base,
                                               &controller->notify,
                                               controller->sessions);

    if (controller->supervisor == NULL) {
        return controller_no_memory();
    }

    parts.base = controller->services.base;
    parts.log = controller->log;
    parts.setup = &controller->setup;
    parts.server = controller->server;
    parts.api = controller->api;
    parts.sessions = controller->sessions;
    parts.supervisor = controller->supervisor;
    parts.webhooks = controller->services.webhooks;

    controller->shutdown = shutdown_create(&parts);

    if (controller->shutdown == NULL) {
        fprintf(stderr, "whatsapp-controller: can't watch signals\n");
        return false;
    }

    return true;
}


static bool
controller_create_memory(struct controller *controller)
{
    struct memory_config   config;
    struct memory_parts    parts;

    parts.base = controller->services.base;
    parts.log = controller->log;
    parts.sessions = controller->sessions;
    parts.sessions_max = controller->options.max_sessions;

    configure_memory(&config, &controller->options);

    controller->memory_watch = memory_watch_create(&parts, &config);

    return controller->memory_watch != NULL || controller_no_memory();
}


static bool
controller_create_reload(struct controller *controller, int argc, char **argv)
{
    struct reload_parts  parts;

    parts.base = controller->services.base;
    parts.log = controller->log;
    parts.argc = argc;
    parts.argv = argv;
    parts.options = &controller->options;
    parts.setup = &controller->setup;
    parts.services = &controller->services;
    parts.session_config = &controller->session_config;
    parts.sessions = controller->sessions;
    parts.memory_watch = controller->memory_watch;
    parts.server = controller->server;
    parts.supervisor = controller->supervisor;
    parts.shutdown = controller->shutdown;

    controller->reload = reload_create(&parts);

    return controller->reload != NULL || controller_no_memory();
}


static bool
controller_create_upkeep(struct controller *controller)
{
    struct upkeep_parts  parts;

    parts.log = controller->log;
    parts.state_dir = controller->options.state_dir;
    parts.setup = &controller->setup;
    parts.shutdown = controller->shutdown;
    parts.services = &controller->services;

    controller->upkeep = upkeep_create(&parts);

    return controller->upkeep != NULL || controller_no_memory();
}


/* false: the loop failed, it could not go on, or browsers are left */

static bool
controller_run(struct controller *controller)
{
    bool                   ok;
    const char            *lacks;
    const struct options  *options = &controller->options;

    lacks = options->chromium_sandbox
            ? chrome_sandbox_lacks(options->chromium) : NULL;

    if (lacks != NULL) {
        log_event(controller->log, LOG_ERROR, "no_sandbox",
                  log_const("reason", lacks));
    }

    if (swap_exposed(SWAP_LIST, SWAP_DEVICES)) {
        log_event(controller->log, LOG_WARN, "swap_not_encrypted");
    }

    log_event(controller->log, LOG_NOTICE, "wa_js",
              log_const("sha256", controller->setup.wa_js_digest));

    controller_keep_socket(controller);

    log_event(controller->log, LOG_NOTICE, "listening",
              log_const("address", options->listen));

    session_list_start(controller->sessions);

    ok = controller_loop(controller->services.base)
         && !shutdown_failed(controller->shutdown)
         && !shutdown_late(controller->shutdown);

    log_event(controller->log, LOG_NOTICE, "stopped");

    return ok;
}


/* runs callbacks to the end; what they leave on the stack is overwritten */

static bool
controller_loop(struct event_base *base)
{
    int  rc;

    do {
        rc = event_base_loop(base, EVLOOP_ONCE);
        stack_wipe();

    } while (rc == 0 && !event_base_got_break(base)
             && !event_base_got_exit(base));

    return rc == 0;
}


/*
 * Has the socket kept for the next controller, whose clients then wait for it
 * instead of being refused.
 */

static void
controller_keep_socket(struct controller *controller)
{
    struct setup  *setup = &controller->setup;

    if (notify_keep(&controller->notify,
                    server_listener(controller->server)))
    {
        setup->kept = true;
    }
}


/* a controller that can't be started lets nobody wait for the next one */

static void
controller_drop_socket(struct controller *controller)
{
    notify_drop(&controller->notify);
    controller->setup.kept = false;
}


/* frees what was created, which may be a part only, in the reverse order */

static void
controller_destroy(struct controller *controller)
{
    struct setup     *setup = &controller->setup;
    struct services  *services = &controller->services;

    if (controller->upkeep == NULL) {
        controller_drop_socket(controller);
    }

    /* nobody but the holder of the lock removes files of others */

    if (setup->lock_fd != -1) {
        media_store_wipe(controller->options.runtime_dir);
    }

    if (controller->shutdown != NULL && shutdown_late(controller->shutdown)) {

        /* the browsers that are left use the other parts, which can't go */

        setup_release(setup);
        return;
    }

    memory_watch_destroy(controller->memory_watch);
    upkeep_destroy(controller->upkeep);
    reload_destroy(controller->reload);
    shutdown_destroy(controller->shutdown);
    supervisor_destroy(controller->supervisor);
    server_destroy(controller->server);
    api_destroy(controller->api);

    erasures_destroy(services->erasures);
    message_media_destroy(services->message_media);
    fetcher_destroy(services->fetcher);
    media_store_destroy(services->media);

    beta_destroy(services->beta);
    webhooks_destroy(services->webhooks);
    inbox_list_destroy(services->inboxes);
    session_list_destroy(controller->sessions);
    browser_list_destroy(controller->browsers);

    call_errors_destroy(services->errors);
    pair_limit_destroy(services->pair_limit);
    idempotency_destroy(services->idempotency);
    seal_destroy(services->seal);

    if (services->base != NULL) {
        event_base_free(services->base);
    }

    setup_release(setup);
    log_destroy(controller->log);
}


/* returns false */

static bool
controller_no_memory(void)
{
    fprintf(stderr, "whatsapp-controller: not enough memory\n");

    return false;
}
