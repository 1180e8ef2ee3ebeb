/*
 * The sections "[session ID]" of the configuration file: where the events of a
 * session go, and the secrets for it.  The lines of "[session *]" count for
 * each session whose own section does not have them.
 */

#ifndef WEBHOOK_SECTIONS_H
#define WEBHOOK_SECTIONS_H


#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>


/*
 * What the sections say of one session, for their life; NULL is what they do
 * not say.
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


struct webhook_sections;


/*
 * Returns the ID, or "*", in a section's name; NULL when it is the name of no
 * session.
 */
const char *webhook_sections_id(const char *name);

/*
 * Reads and checks the sections of text, the content of the file path, which
 * has size bytes and a NUL behind them, and the files that they name.  Files
 * with secrets, path among them if it has any, must belong to root, or to the
 * user with uid ((uid_t) -1: to anybody), and others may have no rights to
 * them.  Returns NULL after the reason was written to stderr.
 */
struct webhook_sections *webhook_sections_read(const char *path,
    const char *text, size_t size, uid_t uid);

/* Wipes and frees them; NULL is allowed. */
void webhook_sections_destroy(struct webhook_sections *sections);

/*
 * Returns what the sections, or none (NULL), say of a session.  URLs and
 * overrides come with an app_secret only.
 */
struct webhook_settings webhook_sections_find(
    const struct webhook_sections *sections, const char *session);

/* Whether two sessions' settings, or two texts that may be NULL, are equal. */
bool webhook_settings_equal(const struct webhook_settings *a,
    const struct webhook_settings *b);
bool webhook_text_equal(const char *a, const char *b);

/*
 * Reads a file of certificates in PEM.  The caller frees the text; NULL after
 * the reason was written to stderr.
 */
char *webhook_sections_read_ca(const char *path);


#endif /* WEBHOOK_SECTIONS_H */
