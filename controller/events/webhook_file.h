/*
 * The operator's file of webhooks (--webhooks): where the events of a session
 * go, and the secrets for it.  A section has the id of a session, or is [*],
 * whose lines count for each session whose own section does not have them.
 */

#ifndef WEBHOOK_FILE_H
#define WEBHOOK_FILE_H


#include <sys/types.h>

#include <stdbool.h>


/*
 * What the file says of one session, for the life of the file; NULL is what it
 * does not say.
 */

struct webhook_settings {
    const char  *url;
    const char  *verify_token;
    const char  *app_secret;
    const char  *previous_app_secret;
    const char  *ca;             /* PEM, as the next two */
    const char  *certificate;
    const char  *key;
    unsigned     events;         /* see EVENT_BIT */
    unsigned     without;        /* of them, see EVENT_WORDS */
    bool         overrides;      /* whether clients may set another URL */
};


struct webhook_file;


/*
 * Reads and checks the file, and the files that it names.  Those with secrets
 * must belong to root, or to the user with uid, and others may have no rights
 * to them.  Returns NULL after the reason was written to stderr.
 */
struct webhook_file *webhook_file_read(const char *path, uid_t uid);

/* Wipes and frees it; NULL is allowed. */
void webhook_file_destroy(struct webhook_file *file);

/*
 * Returns what a file, or none (NULL), says of a session.  URLs and overrides
 * come with an app_secret only.
 */
struct webhook_settings webhook_file_find(const struct webhook_file *file,
    const char *session);

/*
 * Reads a file of certificates in PEM.  The caller frees the text; NULL after
 * the reason was written to stderr.
 */
char *webhook_file_read_ca(const char *path);


#endif /* WEBHOOK_FILE_H */
