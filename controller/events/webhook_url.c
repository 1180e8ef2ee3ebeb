/*
 * URLs are parsed by libcurl, as it is libcurl that will follow them.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "events/webhook_url.h"


#define WEBHOOK_URL_HTTP  "http://"


static bool webhook_url_has_part(const char *url, CURLUPart part);


bool
webhook_url_valid(const char *url)
{
    const char  *p;

    for (p = url; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || *p == '#') {
            return false;
        }
    }

    /* libcurl would guess a scheme, and knows many */

    return p - url <= WEBHOOK_URL_MAX
           && (webhook_url_plain(url) || strncasecmp(url, "https://", 8) == 0)
           && webhook_url_has_part(url, CURLUPART_HOST);
}


bool
webhook_url_has_user(const char *url)
{
    return webhook_url_has_part(url, CURLUPART_USER)
           || webhook_url_has_part(url, CURLUPART_PASSWORD);
}


bool
webhook_url_plain(const char *url)
{
    return strncasecmp(url, WEBHOOK_URL_HTTP, sizeof(WEBHOOK_URL_HTTP) - 1)
           == 0;
}


char *
webhook_url_add_query(const char *url, const char *query)
{
    char        *text;
    const char  *mark, *joint;

    mark = strchr(url, '?');
    joint = mark == NULL ? "?" : mark[1] == '\0' ? "" : "&";

    return asprintf(&text, "%s%s%s", url, joint, query) != -1 ? text : NULL;
}


static bool
webhook_url_has_part(const char *url, CURLUPart part)
{
    bool    has;
    char   *text;
    CURLU  *handle;

    text = NULL;
    handle = curl_url();

    has = handle != NULL && curl_url_set(handle, CURLUPART_URL, url, 0) == 0
          && curl_url_get(handle, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    curl_url_cleanup(handle);

    return has;
}
