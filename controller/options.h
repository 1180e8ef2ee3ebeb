/*
 * The command line.
 */

#ifndef OPTIONS_H
#define OPTIONS_H


#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/address_guard.h"
#include "base/log.h"


#define OPTIONS_SESSIONS_MAX  100
#define OPTIONS_USERS_MAX     16

/* the most MiB that can be given, and the number that stands for a default
   which depends on something else */

#define OPTIONS_MIB_MAX       (1024 * 1024)
#define OPTIONS_MIB_DERIVED   (OPTIONS_MIB_MAX + 1)


enum options_verdict {
    OPTIONS_RUN = 0,    /* or, if check is set, check the rest and exit */
    OPTIONS_HELP,       /* what was asked for was printed: exit 0 */
    OPTIONS_INVALID     /* the error was printed: exit 2 */
};


enum options_mode {
    OPTIONS_SERVE = 0,
    OPTIONS_PROBE,      /* report on the page of one session, or of none */
    OPTIONS_LINK        /* show one session in a window until it is linked */
};


/* a value from a file */

struct options_text {
    struct options_text  *next;
    char                  text[];
};


/* strings point into argv or texts, or are literals */

struct options {
    struct options_text  *texts;
    const char      *config;          /* or NULL */
    char            *config_text;     /* what is in it, or NULL */
    size_t           config_size;     /* bytes of that */
    bool             check;           /* the options, and nothing else */
    const char      *listen;          /* "unix:..." or "address:port" */
    const char      *socket_group;    /* or NULL */
    const char      *allow_users[OPTIONS_USERS_MAX];
    size_t           allow_users_n;
    const char      *secret_file;     /* or NULL */
    const char      *state_dir;
    const char      *runtime_dir;
    const char      *sessions[OPTIONS_SESSIONS_MAX];
    size_t           sessions_n;
    size_t           sessions_filed;  /* the first of them are the file's */
    unsigned         max_sessions;
    unsigned         sessions_per_browser;
    const char      *web_url;
    const char      *wa_js;
    const char      *chromium;
    bool             chromium_sandbox;
    const char      *user_agent;      /* or NULL */
    const char      *user;            /* or NULL */
    unsigned         send_rate;       /* per minute, 0: not paced */
    unsigned         send_burst;
    unsigned         send_window;
    unsigned         pair_rate;       /* per minute, 0: no limit */
    unsigned         pair_burst;
    unsigned         code_rate;       /* per minute, 0: no limit */
    unsigned         code_burst;
    unsigned         queue_max;
    unsigned         calls_max;
    unsigned         ping_interval_ms;
    unsigned         collect_idle_s;  /* 0: never */
    unsigned         boot_timeout_ms;
    unsigned         boots_max;
    unsigned         memory_interval_ms;
    unsigned         page_memory_high;    /* MiB, 0: no limit; the same for
                                             the next three */
    unsigned         page_memory_max;
    unsigned         browser_memory_high;
    unsigned         browser_memory_max;
    unsigned         max_memory;          /* MiB, 0: no limit; or
                                             OPTIONS_MIB_DERIVED */
    unsigned         idempotency_ttl_s;
    unsigned         idempotency_max;
    unsigned         media_ttl_s;
    unsigned         media_max;       /* bytes, all files */
    unsigned         media_file_max;  /* bytes, one */
    unsigned         streams_max;
    unsigned         streams_per_token;
    unsigned         stream_heartbeat_ms;
    unsigned         stream_timeout_ms;
    enum log_level   log_level;

    enum options_mode     mode;
    struct address_guard  media_nets; /* that media URLs may lead to */
    unsigned              webhook_give_up_s;    /* 0: never */
    const char           *webhook_ca; /* a file of CAs, or NULL */
    struct address_guard  webhook_nets;    /* that webhooks may be in */
};


/*
 * Reads the command line and the file of --config into options and checks
 * them, without a look at other files or at users.  Help and version are
 * printed to out, errors to err.  options_free is to be called in any case.
 */
enum options_verdict options_parse(struct options *options, int argc,
    char **argv, FILE *out, FILE *err);

/* Frees what options_parse has allocated. */
void options_free(struct options *options);

/* Checks options that were read; the first error is printed to err. */
bool options_check(const struct options *options, FILE *err);

/* Takes over what of next may change while the controller runs. */
void options_take_over(struct options *options, const struct options *next);

/*
 * Returns the name of the next option, from the *i-th row on, which is 0 at
 * first, that differs but is not taken over; NULL: there is none.
 */
const char *options_left_over(const struct options *options,
    const struct options *next, size_t *i);

/* Whether listen is a unix socket; *path is then its path. */
bool options_unix_path(const struct options *options, const char **path);


#endif /* OPTIONS_H */
