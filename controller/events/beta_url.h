/*
 * URL templates of the BETA webhooks: ?msg?, ?from?, ?msgid?, ?reaction? and
 * ?type? stand for parts of a message.
 */

#ifndef BETA_URL_H
#define BETA_URL_H


#include <stdbool.h>


#define BETA_URL_MAX  2048    /* characters of a template */


/* what the places of a template stand for; none is NULL */

struct beta_message {
    const char  *text;
    const char  *from;
    const char  *id;
    const char  *reaction;
    const char  *type;
};


/*
 * Whether a template is an http or https URL of visible characters, with no
 * places in its scheme, user and host, so that no message can choose them.
 */
bool beta_url_valid(const char *url);

/* Returns the host of a valid template; *len is its length. */
const char *beta_url_host(const char *url, int *len);

/*
 * Returns the URL of a valid template for a message, whose parts are escaped
 * for a query, to be freed by free(); NULL when memory is short.
 */
char *beta_url_expand(const char *url, const struct beta_message *message);


#endif /* BETA_URL_H */
