/*
 * whatsapp-controller: puts the parts together, starts and stops them.
 */

#include <sys/prctl.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/rlimits.h"
#include "base/seal.h"
#include "calls/idempotency.h"
#include "calls/pair_limit.h"
#include "calls/services.h"
#include "http/listener.h"
#include "http/server.h"
#include "identity.h"
#include "media/fetch.h"
#include "media/media.h"
#include "options.h"
#include "session/session.h"
#include "session/session_slot.h"


#define CONTROLLER_LOCK         ".controller.lock"
#define CONTROLLER_WA_JS_MAX    (8 * 1024 * 1024)
#define CONTROLLER_CONNECTIONS  8192

/* pairs of session and recipient, about 0.1 KiB each */

#define CONTROLLER_PAIRS        16384

/*
 * The stages of the way out, in ms since its begin: calls may run on, the
 * browsers get 10 s and what it takes to reap them, answers are written
 */

#define CONTROLLER_DRAIN_MS     8000
#define CONTROLLER_STOP_MS      18500
#define CONTROLLER_END_MS       19000
#define CONTROLLER_TICK_MS      20

/* calls of a session, other than sends, that may wait for their turn */
#define CONTROLLER_CALLS_WAIT   64


enum controller_stage {
    CONTROLLER_RUNNING = 0,
    CONTROLLER_DRAINING,    /* calls in flight end */
    CONTROLLER_STOPPING,    /* browsers stop */
    CONTROLLER_ENDING       /* the last answers are written */
};


struct controller {
    struct options              options;
    struct identity             identity;
    char                       *wa_js;
    size_t                      wa_js_size;
    char                       *secret;
    int                         fd;
    int                         runtime_fd;    /* the runtime directory, */
    int                         lock_fd;       /* which is ours, or -1 */
    const char                 *socket_path;   /* to be unlinked, or NULL */

    struct log                 *log;
    struct services             services;
    struct event               *sigterm;
    struct event               *sigint;
    struct event               *tick;
    struct api                 *api;
    struct server              *server;
    struct session_config       session_config;   /* of every session */
    struct session_slot        *slots;
    struct session            **sessions;
    size_t                      sessions_n;

    enum controller_stage       stage;
    uint64_t                    stopped_at;    /* ms */
    bool                        late;
};


static bool controller_prepare(struct controller *controller);
static bool controller_directories(struct controller *controller);
static bool controller_listen(struct controller *controller);
static bool controller_lock(struct controller *controller);
static void controller_unlock(struct controller *controller);
static bool controller_build(struct controller *controller);
static bool controller_build_media(struct controller *controller);
static bool controller_build_sessions(struct controller *controller);
static void controller_configure_sessions(struct controller *controller);
static struct session *controller_add_session(void *ctx, const char *id,
    struct error *error);
static bool controller_build_server(struct controller *controller);
static bool controller_watch_signals(struct controller *controller);
static void controller_on_signal(int fd, short what, void *ctx);
static void controller_on_tick(int fd, short what, void *ctx);
static void controller_tick(struct controller *controller);
static bool controller_sessions_busy(const struct controller *controller);
static bool controller_sessions_down(const struct controller *controller);
static void controller_unlink(struct controller *controller);
static void controller_free(struct controller *controller);


int
main(int argc, char **argv)
{
    size_t                    i;
    bool                      ok;
    static struct controller  controller;

    switch (options_parse(&controller.options, argc, argv, stdout, stderr)) {

    case OPTIONS_HELP:
        return 0;

    case OPTIONS_INVALID:
        return 2;

    case OPTIONS_RUN:
        break;
    }

    controller.fd = -1;
    controller.runtime_fd = -1;
    controller.lock_fd = -1;

    if (!controller_prepare(&controller) || !controller_build(&controller)) {
        controller_free(&controller);
        return 1;
    }

    log_event(controller.log, LOG_NOTICE, "listening",
              log_const("address", controller.options.listen));

    for (i = 0; i < controller.sessions_n; i++) {
        session_start(controller.sessions[i]);
    }

    ok = event_base_dispatch(controller.services.base) == 0
         && !controller.late;

    log_event(controller.log, LOG_NOTICE, "stopped");

    controller_free(&controller);

    return ok ? 0 : 1;
}


/* all that may need root's rights, and then their end */

static bool
controller_prepare(struct controller *controller)
{
    const struct options  *options = &controller->options;

    rlimits_set(CONTROLLER_CONNECTIONS * 2);

    if (!identity_resolve(&controller->identity, options)) {
        return false;
    }

    controller->wa_js = files_read(options->wa_js, CONTROLLER_WA_JS_MAX,
                                   &controller->wa_js_size);

    if (controller->wa_js == NULL) {
        return false;
    }

    if (access(options->chromium, X_OK) != 0) {
        fprintf(stderr, "whatsapp-controller: can't run the chromium "
                "\"%s\": %s\n", options->chromium, strerror(errno));
        return false;
    }

    if (options->secret_file != NULL) {
        controller->secret = files_read_secret(options->secret_file);

        if (controller->secret == NULL) {
            return false;
        }
    }

    if (!controller_directories(controller)
        || !controller_listen(controller)
        || !identity_assume(&controller->identity))
    {
        return false;
    }

    /* changing users has reset this */

    (void) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);

    return files_check_writable(options->state_dir)
           && files_check_writable(options->runtime_dir)
           && controller_lock(controller);
}


static bool
controller_directories(struct controller *controller)
{
    const struct options   *options = &controller->options;
    const struct identity  *identity = &controller->identity;

    return files_make_directory(options->state_dir, 0700, identity->uid,
                                identity->gid)
           && files_make_directory(options->runtime_dir, 0755, identity->uid,
                                   identity->gid)
           && files_check_tmpfs(options->runtime_dir);
}


static bool
controller_listen(struct controller *controller)
{
    const char  *path;

    if (!options_unix_path(&controller->options, &path)) {
        controller->fd = listener_open_tcp(controller->options.listen);

        return controller->fd != -1;
    }

    controller->fd = listener_open_unix(path, controller->identity.uid,
                                        controller->identity.socket_gid);

    if (controller->fd == -1) {
        return false;
    }

    controller->socket_path = path;

    return true;
}


/* what lies in the runtime directory is removed at both ends of a life */

static bool
controller_lock(struct controller *controller)
{
    const char  *path = controller->options.runtime_dir;

    controller->runtime_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (controller->runtime_fd != -1) {
        controller->lock_fd = lock_take(controller->runtime_fd,
                                        CONTROLLER_LOCK);
    }

    if (controller->lock_fd != -1) {
        return true;
    }

    if (errno == EWOULDBLOCK) {
        fprintf(stderr, "whatsapp-controller: another controller uses "
                "\"%s\"\n", path);

    } else {
        fprintf(stderr, "whatsapp-controller: can't lock \"%s\": %s\n",
                path, strerror(errno));
    }

    return false;
}


static void
controller_unlock(struct controller *controller)
{
    if (controller->lock_fd != -1) {
        lock_drop(controller->runtime_fd, CONTROLLER_LOCK,
                  controller->lock_fd);
    }

    if (controller->runtime_fd != -1) {
        (void) close(controller->runtime_fd);
    }
}


static bool
controller_build(struct controller *controller)
{
    char                       directory[PATH_MAX];
    struct services           *services;
    const struct options      *options = &controller->options;
    struct pair_limit_config   config;

    /* the socket must go when we go */

    if (controller->socket_path != NULL) {
        (void) snprintf(directory, sizeof(directory), "%s",
                        controller->socket_path);

        if (!files_check_writable(dirname(directory))) {
            return false;
        }
    }

    controller->log = log_create(stderr, options->log_level);

    services = &controller->services;
    services->base = event_base_new();
    services->idempotency = idempotency_create(options->idempotency_max,
                            (uint64_t) options->idempotency_ttl_s * 1000);

    config.max = CONTROLLER_PAIRS;
    config.rate = options->pair_rate;
    config.burst = options->pair_burst;

    services->pair_limit = pair_limit_create(&config);

    if (controller->log == NULL || services->base == NULL
        || services->idempotency == NULL || services->pair_limit == NULL)
    {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return false;
    }

    return controller_build_media(controller)
           && controller_build_sessions(controller)
           && controller_build_server(controller)
           && controller_watch_signals(controller);
}


static bool
controller_build_media(struct controller *controller)
{
    struct services       *services;
    struct media_config    config;
    const struct options  *options = &controller->options;

    services = &controller->services;
    services->seal = seal_create(options->state_dir);

    if (services->seal == NULL) {
        return false;
    }

    /* what a killed controller has left */

    media_store_wipe(options->runtime_dir);

    config.runtime_dir = options->runtime_dir;
    config.ttl_ms = (uint64_t) options->media_ttl_s * 1000;
    config.max = options->media_max;
    config.file_max = options->media_file_max;

    services->media = media_store_create(services->base, &config);
    services->fetcher = fetcher_create(services->base, &options->media_nets);

    if (services->media == NULL || services->fetcher == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return false;
    }

    return true;
}


static bool
controller_build_sessions(struct controller *controller)
{
    size_t                 i;
    struct error           error;
    const struct options  *options = &controller->options;

    controller->slots = calloc(options->max_sessions,
                               sizeof(struct session_slot));
    controller->sessions = calloc(options->max_sessions,
                                  sizeof(struct session *));

    if (controller->slots == NULL || controller->sessions == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return false;
    }

    controller_configure_sessions(controller);

    for (i = 0; i < options->sessions_n; i++) {
        if (controller_add_session(controller, options->sessions[i], &error)
            == NULL)
        {
            fprintf(stderr, "whatsapp-controller: session %s: %s\n",
                    options->sessions[i], error.message);
            return false;
        }
    }

    return true;
}


static void
controller_configure_sessions(struct controller *controller)
{
    const struct options      *options = &controller->options;
    struct browser_config     *browser = &controller->session_config.browser;
    struct send_queue_config  *lanes = controller->session_config.lanes;

    browser->chromium = options->chromium;
    browser->web_url = options->web_url;
    browser->user_agent = options->user_agent;
    browser->wa_js = controller->wa_js;
    browser->wa_js_size = controller->wa_js_size;
    browser->sandbox = options->chromium_sandbox;
    browser->ping_interval_ms = options->ping_interval_ms;
    browser->boot_timeout_ms = options->boot_timeout_ms;

    lanes[LANE_SENDS].max = options->queue_max;
    lanes[LANE_SENDS].window = options->send_window;
    lanes[LANE_SENDS].rate = options->send_rate;
    lanes[LANE_SENDS].burst = options->send_burst;

    lanes[LANE_CALLS].max = CONTROLLER_CALLS_WAIT;
    lanes[LANE_CALLS].window = options->calls_max;

    controller->session_config.code_rate = options->code_rate;
    controller->session_config.code_burst = options->code_burst;
}


static struct session *
controller_add_session(void *ctx, const char *id, struct error *error)
{
    struct controller          *controller = ctx;
    struct session_slot        *slot;
    struct session_slot_parts   parts;

    if (controller->sessions_n == controller->options.max_sessions) {
        *error = error_say(ERROR_FORBIDDEN_ACTION,
                           "There are as many sessions as there may be");
        return NULL;
    }

    slot = &controller->slots[controller->sessions_n];

    parts.base = controller->services.base;
    parts.log = controller->log;
    parts.state_dir = controller->options.state_dir;
    parts.runtime_dir = controller->options.runtime_dir;
    parts.config = &controller->session_config;

    if (!session_slot_open(slot, &parts, id, error)) {
        return NULL;
    }

    controller->sessions[controller->sessions_n++] = slot->session;

    return slot->session;
}


static bool
controller_build_server(struct controller *controller)
{
    struct rlimit         limit;
    struct api_parts      parts;
    struct server_config  config;

    memset(&config, 0, sizeof(config));

    config.fd = controller->fd;
    config.local = controller->socket_path != NULL;
    config.peers = controller->identity.peers;
    config.secret = controller->secret;
    config.connections = CONTROLLER_CONNECTIONS;

    /* some descriptors are kept for the browsers and the rest */

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0
        && limit.rlim_cur < CONTROLLER_CONNECTIONS + 512)
    {
        config.connections = limit.rlim_cur > 1024
                             ? (unsigned) limit.rlim_cur - 512
                             : (unsigned) limit.rlim_cur / 2;
    }

    parts.services = &controller->services;
    parts.add = controller_add_session;
    parts.ctx = controller;

    controller->api = api_create(&parts, controller->sessions,
                                 controller->sessions_n);

    if (controller->api != NULL) {
        controller->server = server_create(controller->services.base,
                                           controller->log, &config,
                                           &api_handlers, controller->api);
        controller->fd = -1;
    }

    if (controller->server == NULL) {
        fprintf(stderr, "whatsapp-controller: can't start the HTTP "
                "server\n");
        return false;
    }

    return true;
}


static bool
controller_watch_signals(struct controller *controller)
{
    controller->sigterm = evsignal_new(controller->services.base, SIGTERM,
                                       controller_on_signal, controller);
    controller->sigint = evsignal_new(controller->services.base, SIGINT,
                                      controller_on_signal, controller);
    controller->tick = event_new(controller->services.base, -1, EV_PERSIST,
                                 controller_on_tick, controller);

    if (controller->sigterm == NULL || controller->sigint == NULL
        || controller->tick == NULL
        || evsignal_add(controller->sigterm, NULL) != 0
        || evsignal_add(controller->sigint, NULL) != 0)
    {
        fprintf(stderr, "whatsapp-controller: can't watch signals\n");
        return false;
    }

    return true;
}


static void
controller_on_signal(int fd, short what, void *ctx)
{
    size_t              i;
    struct timeval      tv;
    struct controller  *controller = ctx;

    (void) fd;
    (void) what;

    if (controller->stage != CONTROLLER_RUNNING) {
        return;
    }

    log_event(controller->log, LOG_NOTICE, "stopping");

    controller->stage = CONTROLLER_DRAINING;
    controller->stopped_at = clock_ms();

    controller_unlink(controller);
    server_quiesce(controller->server);
    api_drain(controller->api);

    for (i = 0; i < controller->sessions_n; i++) {
        session_drain(controller->sessions[i]);
    }

    tv.tv_sec = 0;
    tv.tv_usec = CONTROLLER_TICK_MS * 1000;

    (void) event_add(controller->tick, &tv);

    controller_tick(controller);
}


static void
controller_on_tick(int fd, short what, void *ctx)
{
    (void) fd;
    (void) what;

    controller_tick(ctx);
}


/* goes on to the next stage when this one is over or has taken too long */

static void
controller_tick(struct controller *controller)
{
    size_t    i;
    uint64_t  passed;

    passed = clock_ms() - controller->stopped_at;

    if (controller->stage == CONTROLLER_DRAINING
        && (!controller_sessions_busy(controller)
            || passed >= CONTROLLER_DRAIN_MS))
    {
        for (i = 0; i < controller->sessions_n; i++) {
            session_stop(controller->sessions[i]);
        }

        controller->stage = CONTROLLER_STOPPING;
    }

    if (controller->stage == CONTROLLER_STOPPING
        && (controller_sessions_down(controller)
            || passed >= CONTROLLER_STOP_MS))
    {
        controller->late = !controller_sessions_down(controller);
        controller->stage = CONTROLLER_ENDING;
    }

    if (controller->stage == CONTROLLER_ENDING
        && (!server_busy(controller->server) || passed >= CONTROLLER_END_MS))
    {
        (void) event_base_loopbreak(controller->services.base);
    }
}


static bool
controller_sessions_busy(const struct controller *controller)
{
    size_t  i;

    for (i = 0; i < controller->sessions_n; i++) {
        if (session_busy(controller->sessions[i])) {
            return true;
        }
    }

    return false;
}


static bool
controller_sessions_down(const struct controller *controller)
{
    size_t  i;

    for (i = 0; i < controller->sessions_n; i++) {
        if (!session_down(controller->sessions[i])) {
            return false;
        }
    }

    return true;
}


static void
controller_unlink(struct controller *controller)
{
    if (controller->socket_path != NULL) {
        (void) unlink(controller->socket_path);
        controller->socket_path = NULL;
    }
}


/* what exists of it, in the reverse order of its making */

static void
controller_free(struct controller *controller)
{
    size_t  i;

    if (controller->late) {

        /* browsers are still there: their owners can't be freed */

        media_store_wipe(controller->options.runtime_dir);

        controller_unlink(controller);
        controller_unlock(controller);
        return;
    }

    if (controller->tick != NULL) {
        event_free(controller->tick);
    }

    if (controller->sigint != NULL) {
        event_free(controller->sigint);
    }

    if (controller->sigterm != NULL) {
        event_free(controller->sigterm);
    }

    server_destroy(controller->server);
    api_destroy(controller->api);

    fetcher_destroy(controller->services.fetcher);
    media_store_destroy(controller->services.media);

    if (controller->lock_fd != -1) {
        media_store_wipe(controller->options.runtime_dir);
    }

    for (i = 0; i < controller->sessions_n; i++) {
        session_slot_close(&controller->slots[i]);
    }

    free(controller->sessions);
    free(controller->slots);

    pair_limit_destroy(controller->services.pair_limit);
    idempotency_destroy(controller->services.idempotency);
    seal_destroy(controller->services.seal);

    if (controller->services.base != NULL) {
        event_base_free(controller->services.base);
    }

    if (controller->fd != -1) {
        (void) close(controller->fd);
    }

    controller_unlink(controller);
    controller_unlock(controller);

    free(controller->secret);
    free(controller->wa_js);
    log_destroy(controller->log);
}
