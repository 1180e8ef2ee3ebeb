/*
 * One HTTP request, by libcurl.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/text.h"
#include "ctl/ctl_http.h"


#define CTL_CONNECT_S   5
#define CTL_TIMEOUT_S   60          /* a logout waits for WhatsApp Web */
#define CTL_ANSWER_MAX  (4 << 20)   /* bytes */


struct ctl_http {
    CURL               *curl;
    struct curl_slist  *headers;
};


static size_t ctl_http_write(char *data, size_t size, size_t n, void *ctx);


struct ctl_http *
ctl_http_create(const char *method, const char *url, const char *path)
{
    CURL             *curl;
    struct ctl_http  *http;

    http = calloc(1, sizeof(struct ctl_http));
    curl = curl_easy_init();

    if (http == NULL || curl == NULL) {
        free(http);
        curl_easy_cleanup(curl);
        return NULL;
    }

    http->curl = curl;

    if (path != NULL) {
        (void) curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, path);
    }

    (void) curl_easy_setopt(curl, CURLOPT_URL, url);
    (void) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    (void) curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void) curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                            (long) CTL_CONNECT_S);
    (void) curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long) CTL_TIMEOUT_S);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ctl_http_write);

    return http;
}


void
ctl_http_free(struct ctl_http *http)
{
    if (http == NULL) {
        return;
    }

    curl_slist_free_all(http->headers);
    curl_easy_cleanup(http->curl);
    free(http);
}


bool
ctl_http_header(struct ctl_http *http, const char *name, const char *value)
{
    char               *line;
    struct curl_slist  *longer;

    if (asprintf(&line, "%s: %s", name, value) == -1) {
        return false;
    }

    longer = curl_slist_append(http->headers, line);

    text_wipe(line);

    if (longer == NULL) {
        return false;
    }

    http->headers = longer;

    return true;
}


void
ctl_http_body(struct ctl_http *http, const char *body)
{
    (void) curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, body);
}


const char *
ctl_http_perform(struct ctl_http *http, struct ctl_answer *answer,
    int *error)
{
    long      number;
    CURLcode  code;

    memset(answer, 0, sizeof(struct ctl_answer));
    *error = 0;

    (void) curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, http->headers);
    (void) curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, answer);

    code = curl_easy_perform(http->curl);

    if (code == CURLE_OK) {
        (void) curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE,
                                 &answer->status);
        return NULL;
    }

    ctl_answer_free(answer);

    if (code != CURLE_COULDNT_CONNECT) {
        return curl_easy_strerror(code);
    }

    number = 0;
    (void) curl_easy_getinfo(http->curl, CURLINFO_OS_ERRNO, &number);
    *error = (int) number;

    return *error != 0 ? strerror(*error) : curl_easy_strerror(code);
}


static size_t
ctl_http_write(char *data, size_t size, size_t n, void *ctx)
{
    char               *text;
    struct ctl_answer  *answer = ctx;

    n *= size;

    if (answer->size + n > CTL_ANSWER_MAX) {
        return 0;
    }

    text = realloc(answer->text, answer->size + n + 1);

    if (text == NULL) {
        return 0;
    }

    memcpy(text + answer->size, data, n);
    answer->text = text;
    answer->size += n;
    text[answer->size] = '\0';

    return n;
}


void
ctl_answer_free(struct ctl_answer *answer)
{
    text_wipe(answer->text);
    answer->text = NULL;
    answer->size = 0;
}
