/*
 * A command runs one session in the foreground until its purpose is served, a
 * signal comes, or the session can't go on.  It has directories of its own, so
 * that a controller may run beside it; the lock of the profile keeps the two
 * apart.
 */

#ifndef COMMAND_H
#define COMMAND_H


#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <event2/event.h>

#include "base/log.h"
#include "session/session.h"


/* everything is borrowed for the command's life */

struct command_config {
    struct event_base      *base;
    struct log             *log;
    FILE                   *out;             /* for people */
    const char             *id;              /* of the session; NULL: one with
                                                a profile that is removed */
    const char             *state_dir;
    const char             *runtime_dir;
    const char             *wa_js_digest;    /* in hex */
    unsigned                timeout_ms;
    struct session_config   session;         /* as for all sessions */
    struct browser_config   browser;         /* as for all browsers */
};


struct command_handlers {
    /* the session's state or reason may have changed; not called any more once
       the command was ended */
    void  (*changed)(void *ctx);

    /* NULL, or as in struct session_watch */
    void  (*console)(void *ctx, const char *method, json_t *params);
};


struct command;


/*
 * Creates a command with a stopped session.  Returns NULL after the reason was
 * written to stderr.  command_destroy() frees it.
 */
struct command *command_create(const struct command_config *config,
    const struct command_handlers *handlers, void *ctx);

/* Returns the session, which lives as long as the command. */
struct session *command_session(struct command *command);

/* Returns the time since command_create(), in ms. */
uint64_t command_time(const struct command *command);

/*
 * Runs the event loop until the command was ended and its browser has stopped.
 * Returns the exit status.
 */
int command_run(struct command *command);

/* Stops the session; a second call means nothing. */
void command_end(struct command *command, int status);

/* Returns whether the command was ended, also by a signal. */
bool command_ended(const struct command *command);

/*
 * Starts the session as soon as nobody else uses its profile: a browser that
 * is being stopped holds it for a while.  If somebody goes on using it, tells
 * so on stderr and ends the command.
 */
void command_start(struct command *command);

/*
 * Frees the command and removes what it made; NULL is allowed.  A browser that
 * did not stop keeps its memory.
 */
void command_destroy(struct command *command);


#endif /* COMMAND_H */
