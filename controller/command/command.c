/*
 * One session in the foreground: its directories, signals, and the end.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "chrome/profile.h"
#include "command/command.h"
#include "session/boot_queue.h"
#include "session/browser_list.h"
#include "session/session_slot.h"


#define COMMAND_DIRECTORY  "%s/command.XXXXXX"

/* the name of a session that has none */

#define COMMAND_SESSION    "0"

/* ms; one session never waits for another one's start */

#define COMMAND_BOOT_MS    60000

/* ms; a browser is gone within 10 s, and reaped */

#define COMMAND_STOP_MS    20000

/* ms for which a profile in use is waited for, and between two looks at it */

#define COMMAND_LOCK_MS    12000
#define COMMAND_TRY_MS     200


struct command {
    const struct command_config    *config;
    const struct command_handlers  *handlers;
    void                           *ctx;
    uint64_t                        created;    /* ms */
    struct session_config           session_config;
    struct session_watch            watch;
    struct boot_queue              *boots;      /* for one session */
    struct browser_list            *browsers;   /* the same */
    struct session_slot             slot;
    char                            directory[PATH_MAX];    /* "": none */
    struct event                   *sigint;
    struct event                   *sigterm;
    struct event                   *late;
    struct event                   *again;      /* tries to start */
    bool                            ended;
    bool                            left;       /* the browser did not stop */
    int                             status;
};


static bool command_open(struct command *command);
static bool command_watch_signals(struct command *command);
static void command_try(int fd, short what, void *ctx);
static bool command_free(const struct command *command);
static void command_changed(void *ctx);
static void command_console(void *ctx, const char *method, json_t *params);
static void command_on_signal(int fd, short what, void *ctx);
static void command_on_late(int fd, short what, void *ctx);


struct command *
command_create(const struct command_config *config,
    const struct command_handlers *handlers, void *ctx)
{
    struct command  *command;

    command = calloc(1, sizeof(struct command));

    if (command == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return NULL;
    }

    command->config = config;
    command->handlers = handlers;
    command->ctx = ctx;
    command->created = clock_ms();

    if (!command_open(command)) {
        command_destroy(command);
        return NULL;
    }

    if (!command_watch_signals(command)) {
        fprintf(stderr, "whatsapp-controller: can't watch signals\n");
        command_destroy(command);
        return NULL;
    }

    return command;
}


/* a session without a name has its profile in the command's own directory */

static bool
command_open(struct command *command)
{
    struct error                  error;
    struct session_slot_parts     parts;
    struct browser_list_parts     browser_parts;
    const struct command_config  *config = command->config;

    if (snprintf(command->directory, PATH_MAX, COMMAND_DIRECTORY,
                 config->runtime_dir)
        >= PATH_MAX
        || mkdtemp(command->directory) == NULL)
    {
        fprintf(stderr, "whatsapp-controller: can't make a directory in "
                "\"%s\": %s\n", config->runtime_dir, strerror(errno));
        command->directory[0] = '\0';
        return false;
    }

    browser_parts.base = config->base;
    browser_parts.log = config->log;
    browser_parts.runtime_dir = command->directory;
    browser_parts.config = &config->browser;

    command->boots = boot_queue_create(config->base, 1, COMMAND_BOOT_MS);
    command->browsers = browser_list_create(&browser_parts, 1, 1);

    parts.browser = command->browsers != NULL
                    ? browser_list_find(command->browsers, 0) : NULL;

    if (command->boots == NULL || parts.browser == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return false;
    }

    command->watch.changed = command_changed;
    command->watch.console = command->handlers->console != NULL
                             ? command_console : NULL;
    command->watch.ctx = command;

    command->session_config = config->session;
    command->session_config.watch = &command->watch;

    parts.base = config->base;
    parts.log = config->log;
    parts.state_dir = config->id != NULL ? config->state_dir
                                         : command->directory;
    parts.runtime_dir = command->directory;
    parts.boots = command->boots;
    parts.room = NULL;
    parts.room_ctx = NULL;
    parts.config = &command->session_config;
    parts.made = NULL;

    if (!session_slot_open(&command->slot, &parts,
                           config->id != NULL ? config->id : COMMAND_SESSION,
                           &error))
    {
        fprintf(stderr, "whatsapp-controller: %s\n", error.message);
        return false;
    }

    return true;
}


static bool
command_watch_signals(struct command *command)
{
    struct event_base  *base = command->config->base;

    command->sigint = evsignal_new(base, SIGINT, command_on_signal, command);
    command->sigterm = evsignal_new(base, SIGTERM, command_on_signal,
                                    command);
    command->late = evtimer_new(base, command_on_late, command);
    command->again = evtimer_new(base, command_try, command);

    return command->sigint != NULL && command->sigterm != NULL
           && command->late != NULL && command->again != NULL
           && evsignal_add(command->sigint, NULL) == 0
           && evsignal_add(command->sigterm, NULL) == 0;
}


struct session *
command_session(struct command *command)
{
    return command->slot.session;
}


uint64_t
command_time(const struct command *command)
{
    return clock_ms() - command->created;
}


int
command_run(struct command *command)
{
    if (event_base_dispatch(command->config->base) != 0) {
        fprintf(stderr, "whatsapp-controller: the event loop failed\n");
        return 1;
    }

    return command->left ? 1 : command->status;
}


void
command_end(struct command *command, int status)
{
    struct timeval  tv;

    if (command->ended) {
        return;
    }

    command->ended = true;
    command->status = status;

    tv = clock_timeval(COMMAND_STOP_MS);
    (void) evtimer_add(command->late, &tv);

    session_stop(command->slot.session);
}


bool
command_ended(const struct command *command)
{
    return command->ended;
}


void
command_start(struct command *command)
{
    command_try(-1, 0, command);
}


void
command_destroy(struct command *command)
{
    if (command == NULL) {
        return;
    }

    if (command->sigint != NULL) {
        event_free(command->sigint);
    }

    if (command->sigterm != NULL) {
        event_free(command->sigterm);
    }

    if (command->late != NULL) {
        event_free(command->late);
    }

    if (command->again != NULL) {
        event_free(command->again);
    }

    /* a browser that is left uses the session */

    if (command->left) {
        return;
    }

    session_slot_close(&command->slot);
    browser_list_destroy(command->browsers);
    boot_queue_destroy(command->boots);

    if (command->directory[0] != '\0') {
        wipe_directory(command->directory);
        (void) rmdir(command->directory);
    }

    free(command);
}


static void
command_try(int fd, short what, void *ctx)
{
    struct timeval   tv;
    struct command  *command = ctx;

    (void) fd;
    (void) what;

    if (command->ended) {
        return;
    }

    if (command_free(command)) {
        session_start(command->slot.session);
        return;
    }

    if (command_time(command) < COMMAND_LOCK_MS) {
        tv = clock_timeval(COMMAND_TRY_MS);
        (void) evtimer_add(command->again, &tv);
        return;
    }

    fprintf(stderr, "whatsapp-controller: the profile of session %s is in use "
            "by a controller that runs; stop the session there first\n",
            command->slot.id);

    command_end(command, 1);
}


/* returns false while somebody else has locked the profile; what else is wrong
   with it the session tells */

static bool
command_free(const struct command *command)
{
    bool             in_use;
    struct profile  *profile;

    profile = profile_create(command->slot.profile_dir, command->slot.tmp_dir);

    in_use = profile != NULL && !profile_lock(profile)
             && errno == EWOULDBLOCK;

    profile_destroy(profile);

    return !in_use;
}


static void
command_changed(void *ctx)
{
    struct command  *command = ctx;

    if (!command->ended) {
        command->handlers->changed(command->ctx);

    } else if (session_down(command->slot.session)) {
        (void) event_base_loopbreak(command->config->base);
    }
}


static void
command_console(void *ctx, const char *method, json_t *params)
{
    struct command  *command = ctx;

    command->handlers->console(command->ctx, method, params);
}


static void
command_on_signal(int fd, short what, void *ctx)
{
    struct command  *command = ctx;

    (void) fd;
    (void) what;

    command_end(command, 1);
}


static void
command_on_late(int fd, short what, void *ctx)
{
    struct command  *command = ctx;

    (void) fd;
    (void) what;

    fprintf(stderr, "whatsapp-controller: Chromium does not stop\n");

    command->left = true;

    (void) event_base_loopbreak(command->config->base);
}
