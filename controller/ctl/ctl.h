/*
 * What the commands of whatsapp-ctl share: the settings, the arguments, and
 * how an end is told.
 */

#ifndef CTL_H
#define CTL_H


#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>


/* the exit status, as docs/ctl.md has it */

enum ctl_exit {
    CTL_OK = 0,
    CTL_REFUSED,        /* by the controller, Redis or a file */
    CTL_USAGE,
    CTL_UNREACHABLE     /* the controller, Redis or nginx */
};


/* a text that was read from a file */

struct ctl_text {
    struct ctl_text  *next;
    char              text[];
};


/* strings point into argv or texts, or are literals */

struct ctl {
    struct ctl_text  *texts;

    /* settings, from the command line or files */

    const char       *config;               /* of this command */
    const char       *controller_config;
    const char       *socket;               /* as --listen of the controller */
    const char       *secret_file;          /* or NULL */
    const char       *tokens;
    const char       *redis;                /* these may be NULL */
    const char       *redis_user;
    const char       *redis_password_file;
    const char       *redis_db;
    const char       *prefix;               /* of keys in Redis */
    const char       *ipv6_prefix;
    const char       *hash_key_file;
    const char       *nginx;                /* URL of whatsapp_abuse_forget */

    /* options of single commands */

    bool              json;
    bool              forget;
    bool              yes;
    const char       *scope;                /* or NULL */
    const char       *session;              /* or NULL */

    /* with --json: what base/ has written to standard error */

    char             *told;
    size_t            told_size;

    /* the command's arguments */

    char            **args;
    size_t            args_n;
};


/* an option of single commands as a bit of ctl_command.options */

enum ctl_option_bit {
    CTL_SCOPE = 1,
    CTL_SESSION = 2,
    CTL_FORGET = 4,
    CTL_YES = 8
};


/* a row of the table of commands, in ctl.c */

struct ctl_command {
    const char     *name;          /* one word, or two with a blank */
    const char     *arguments;     /* as help shows them */
    const char     *help;
    size_t          args_min;
    size_t          args_max;
    unsigned        options;       /* ctl_option_bit that it takes */
    enum ctl_exit (*run)(struct ctl *ctl);
};


/*
 * Tells of an error, with what would mend it, and returns status: on standard
 * error, or with --json as an object with code on standard output.
 */
enum ctl_exit ctl_fail(const struct ctl *ctl, enum ctl_exit status,
    const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for an error that base/ has told on standard error. */
enum ctl_exit ctl_fail_told(const struct ctl *ctl, enum ctl_exit status,
    const char *code);

/*
 * With --json, keeps what is written to standard error from now on for
 * ctl_fail_told.  Returns false when memory is short.
 */
bool ctl_take_errors(struct ctl *ctl);

/* Tells that memory is short. */
enum ctl_exit ctl_fail_memory(const struct ctl *ctl);

/*
 * Prints an object, which is stolen, as one line on standard output; NULL is
 * an error of memory.
 */
enum ctl_exit ctl_print(const struct ctl *ctl, json_t *object);

/* Keeps a copy of a text as long as ctl; NULL when memory is short. */
const char *ctl_keep(struct ctl *ctl, const char *text);


#endif /* CTL_H */
