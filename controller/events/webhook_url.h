/*
 * The URLs of webhooks.
 */

#ifndef WEBHOOK_URL_H
#define WEBHOOK_URL_H


#include <stdbool.h>


#define WEBHOOK_URL_MAX  2048


/*
 * Returns whether a text is an http or https URL with a host, without a
 * fragment, of at most WEBHOOK_URL_MAX visible ASCII characters.
 */
bool webhook_url_valid(const char *url);

/* Returns whether a valid URL has a user or a password. */
bool webhook_url_has_user(const char *url);

/* Returns whether a valid URL is one of http. */
bool webhook_url_plain(const char *url);

/*
 * Returns a URL with members added to its query, which are escaped already;
 * the caller frees it.  NULL when memory is short.
 */
char *webhook_url_add_query(const char *url, const char *query);


#endif /* WEBHOOK_URL_H */
