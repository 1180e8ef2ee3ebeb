/*
 * URLs of receivers: the first line of an input is a URL, or a template of the
 * BETA calls, and the rest a message.  Whatever a message says, it goes to the
 * host that the template names.
 */

#include <stdbool.h>

#include <curl/curl.h>

#include "events/beta_url.h"
#include "events/webhook_url.h"

#include "fuzz.h"


#define PARTS  5


/* where a URL leads to, as libcurl takes it; false: nowhere */

static bool
read_url(const char *url, char *parts[PARTS])
{
    bool      valid;
    size_t    i;
    CURLU    *handle;

    static const CURLUPart  which[PARTS] = {
        CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT, CURLUPART_USER,
        CURLUPART_PASSWORD
    };

    handle = curl_url();
    require(handle != NULL);

    valid = curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK;

    for (i = 0; i < PARTS; i++) {
        parts[i] = NULL;
        (void) curl_url_get(handle, which[i], &parts[i], 0);
    }

    curl_url_cleanup(handle);

    return valid;
}


static void
check_same_place(const char *one, const char *other)
{
    bool    valid;
    char   *a[PARTS], *b[PARTS];
    size_t  i;

    valid = read_url(one, a);
    require(read_url(other, b) == valid);

    for (i = 0; i < PARTS; i++) {
        require((a[i] == NULL) == (b[i] == NULL));
        require(a[i] == NULL || strcmp(a[i], b[i]) == 0);

        curl_free(a[i]);
        curl_free(b[i]);
    }
}


static void
check_template(const char *url, const char *text)
{
    int     len;
    char   *filled, *empty;
    size_t  i;

    static const struct beta_message  nothing = { "", "", "", "", "" };

    struct beta_message  message = { text, text, text, text, text };

    require(beta_url_host(url, &len) != NULL);
    require(len > 0 && (size_t) len <= strlen(url));

    filled = beta_url_expand(url, &message);
    empty = beta_url_expand(url, &nothing);
    require(filled != NULL && empty != NULL);

    for (i = 0; filled[i] != '\0'; i++) {
        require(filled[i] > ' ' && filled[i] <= '~' && filled[i] != '#');
    }

    check_same_place(filled, empty);

    free(filled);
    free(empty);
}


static void
check_callback(const char *url)
{
    char  *full;

    full = webhook_url_add_query(url, "hub.mode=subscribe");
    require(full != NULL);
    require(strncmp(full, url, strlen(url)) == 0);

    check_same_place(full, url);

    if (!webhook_url_has_user(url)) {
        require(!webhook_url_has_user(full));
    }

    free(full);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char  *url, *text;

    url = fuzz_line(&data, &size);
    text = fuzz_copy(data, size);

    if (webhook_url_valid(url)) {
        check_callback(url);
    }

    if (beta_url_valid(url)) {
        check_template(url, text);
    }

    free(url);
    free(text);

    return 0;
}
