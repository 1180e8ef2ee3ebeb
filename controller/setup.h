/*
 * What the controller takes from the system before it runs: the files that it
 * reads at its start, its user, its directories, its socket and its lock.
 */

#ifndef SETUP_H
#define SETUP_H


#include <stdbool.h>
#include <stddef.h>

#include "chrome/page.h"
#include "events/webhook_sections.h"
#include "identity.h"
#include "options.h"


#define SETUP_DIGEST_SIZE  65


/*
 * members are for reading; fd is set to -1 by who takes it over, kept by who
 * has somebody keep the socket
 */

struct setup {
    struct identity           identity;
    struct page_script        wa_js;
    char                      wa_js_digest[SETUP_DIGEST_SIZE];    /* SHA-256,
                                                                     hex */
    char                     *secret;         /* or NULL */
    char                     *webhook_ca;     /* PEM, or NULL */
    struct webhook_sections  *webhooks;       /* or NULL */
    unsigned                  connections;    /* that descriptors suffice
                                                 for */
    unsigned                  streams;        /* the same, beside those */
    int                       fd;             /* listening; -1: given away */
    const char               *socket_path;    /* borrowed; NULL: a port, or
                                                 removed */
    ino_t                     socket_ino;     /* of that file */
    bool                      kept;           /* it outlives the process */
    int                       runtime_fd;     /* the runtime directory, or
                                                 -1 */
    int                       lock_fd;        /* -1: the directory is not
                                                 ours */
};


/*
 * Takes all of it, or all but socket and lock if the options' mode is not to
 * serve, and gives up root's rights.  Returns false after the reason was
 * written to stderr; setup_release is to be called in either case.
 */
bool setup_take(struct setup *setup, const struct options *options);

/*
 * Checks what can be checked without taking anything: the sections of the
 * configuration file, and the files that they name.  Returns false after the
 * reason was written to stderr.
 */
bool setup_check(const struct options *options);

/*
 * Reads the files that the options name once more, as the user that setup has
 * found, into a setup of its own.  Returns false after the reason was written
 * to stderr; setup_release is to be called in either case.
 */
bool setup_read_again(struct setup *again, const struct setup *setup,
    const struct options *options);

/*
 * Exchanges what was read between the two.  A secret is not begun or ended to
 * be asked for; the listening socket may depend on it.
 */
void setup_exchange(struct setup *setup, struct setup *again);

/*
 * Removes the socket's file, if it is ours and the socket is not kept for
 * another controller: no peer connects any more.
 */
void setup_unlink(struct setup *setup);

/* Whether socket and lock are still where they were made. */
bool setup_intact(const struct setup *setup);

/* Gives all of it back, and closes fd. */
void setup_release(struct setup *setup);


#endif /* SETUP_H */
