/*
 * The options of a request to a receiver.  Connections are kept for the next
 * one: the guard is the same for all of them, so that it need not be asked
 * again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/webhook_request.h"
#include "events/webhook_signature.h"
#include "events/webhook_url.h"


#define WEBHOOK_CONNECT_MS      5000

/* bytes of an answer that are read at most: the rest ends the connection */

#define WEBHOOK_ANSWER_READ     (64 * 1024)

/* ms; a receiver can't make us wait for longer */

#define WEBHOOK_RETRY_AFTER_MS  (60 * 60 * 1000)


struct webhook_request {
    struct transfer      transfer;
    struct curl_slist   *headers;
    webhook_request_pt   done;
    void                *ctx;
    size_t               head;       /* bytes of the answer's */
    size_t               body;       /* likewise */
    size_t               kept;
    char                 text[WEBHOOK_ANSWER_MAX + 1];
};


static bool webhook_request_set_up(struct webhook_request *request,
    const struct webhook_client *client,
    const struct webhook_settings *settings, const char *url);
static bool webhook_request_set_tls(CURL *easy,
    const struct webhook_client *client,
    const struct webhook_settings *settings);
static int webhook_request_set_pem(CURL *easy, CURLoption option,
    const char *pem);
static bool webhook_request_set_body(struct webhook_request *request,
    const char *body, size_t size, const char *signature);
static bool webhook_request_add_header(struct webhook_request *request,
    const char *name, const char *value);
static size_t webhook_request_on_header(char *data, size_t size, size_t n,
    void *ctx);
static size_t webhook_request_on_data(char *data, size_t size, size_t n,
    void *ctx);
static void webhook_request_on_done(void *ctx, CURLcode code);
static enum webhook_result webhook_request_result(
    const struct webhook_request *request, CURLcode code, unsigned status);


static const char *const  webhook_results[WEBHOOK_RESULTS] = {
    [WEBHOOK_ANSWERED] = "status",
    [WEBHOOK_UNREACHABLE] = "unreachable",
    [WEBHOOK_ADDRESS] = "address_refused",
    [WEBHOOK_TLS] = "tls",
    [WEBHOOK_TIMEOUT] = "timeout",
    [WEBHOOK_BROKEN] = "broken"
};


struct webhook_request *
webhook_request_start(struct webhook_client *client,
    const struct webhook_settings *settings, const char *url,
    const char *body, size_t size, const char *signature,
    webhook_request_pt done, void *ctx)
{
    struct webhook_request  *request;

    request = calloc(1, sizeof(struct webhook_request));

    if (request == NULL) {
        return NULL;
    }

    request->done = done;
    request->ctx = ctx;
    request->transfer.guard = client->guard;
    request->transfer.done = webhook_request_on_done;
    request->transfer.ctx = request;

    /* what is not encrypted does not cross the public internet */

    request->transfer.only_listed = webhook_url_plain(url);

    if (!webhook_request_set_up(request, client, settings, url)
        || (body != NULL
            && !webhook_request_set_body(request, body, size, signature))
        || !transfer_start(client->loop, &request->transfer))
    {
        webhook_request_cancel(request);
        return NULL;
    }

    return request;
}


void
webhook_request_cancel(struct webhook_request *request)
{
    transfer_close(&request->transfer);
    curl_slist_free_all(request->headers);
    free(request);
}


const char *
webhook_result_name(enum webhook_result result)
{
    return webhook_results[result];
}


static bool
webhook_request_set_up(struct webhook_request *request,
    const struct webhook_client *client,
    const struct webhook_settings *settings, const char *url)
{
    int    rc;
    CURL  *easy;

    if (!transfer_open(&request->transfer, url)) {
        return false;
    }

    easy = request->transfer.easy;

    rc = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                          (long) WEBHOOK_CONNECT_MS);
    rc |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                           (long) WEBHOOK_REQUEST_MS);
    rc |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                           (long) CURL_HTTP_VERSION_2TLS);
    rc |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION,
                           webhook_request_on_header);
    rc |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
    rc |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION,
                           webhook_request_on_data);
    rc |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);

    return rc == 0 && webhook_request_set_tls(easy, client, settings);
}


static bool
webhook_request_set_tls(CURL *easy, const struct webhook_client *client,
    const struct webhook_settings *settings)
{
    int          rc;
    const char  *ca;

    rc = 0;
    ca = settings->ca != NULL ? settings->ca : client->ca;

    /* a CA that was named is the only one that is trusted */

    if (ca != NULL) {
        rc |= webhook_request_set_pem(easy, CURLOPT_CAINFO_BLOB, ca);
        rc |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }

    if (settings->key != NULL) {
        rc |= webhook_request_set_pem(easy, CURLOPT_SSLCERT_BLOB,
                                      settings->certificate);
        rc |= webhook_request_set_pem(easy, CURLOPT_SSLKEY_BLOB,
                                      settings->key);
    }

    return rc == 0;
}


static int
webhook_request_set_pem(CURL *easy, CURLoption option, const char *pem)
{
    struct curl_blob  blob;

    /* a reload may free the text while the request runs */

    blob.data = (void *) pem;
    blob.len = strlen(pem);
    blob.flags = CURL_BLOB_COPY;

    return curl_easy_setopt(easy, option, &blob);
}


static bool
webhook_request_set_body(struct webhook_request *request, const char *body,
    size_t size, const char *signature)
{
    int    rc;
    CURL  *easy;

    easy = request->transfer.easy;

    /* without "Expect", which many receivers do not answer */

    if (!webhook_request_add_header(request, "Content-Type",
                                    "application/json")
        || !webhook_request_add_header(request, "X-Hub-Signature-256",
                                       signature)
        || !webhook_request_add_header(request, "Expect", ""))
    {
        return false;
    }

    rc = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
    rc |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                           (curl_off_t) size);
    rc |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);

    return rc == 0;
}


static bool
webhook_request_add_header(struct webhook_request *request,
    const char *name, const char *value)
{
    char                line[128];
    struct curl_slist  *headers;

    (void) snprintf(line, sizeof(line), "%s:%s%s", name,
                    *value != '\0' ? " " : "", value);

    headers = curl_slist_append(request->headers, line);

    if (headers == NULL) {
        return false;
    }

    request->headers = headers;

    return true;
}


static size_t
webhook_request_on_header(char *data, size_t size, size_t n, void *ctx)
{
    struct webhook_request  *request = ctx;

    (void) data;

    request->head += size * n;

    return request->head <= TRANSFER_HEADERS ? size * n : 0;
}


static size_t
webhook_request_on_data(char *data, size_t size, size_t n, void *ctx)
{
    size_t                   keep;
    struct webhook_request  *request = ctx;

    n *= size;
    request->body += n;

    keep = WEBHOOK_ANSWER_MAX - request->kept;
    keep = n < keep ? n : keep;

    memcpy(request->text + request->kept, data, keep);
    request->kept += keep;

    return request->body <= WEBHOOK_ANSWER_READ ? n : 0;
}


static void
webhook_request_on_done(void *ctx, CURLcode code)
{
    long                    status;
    curl_off_t              sent, seconds;
    struct webhook_answer   answer;
    struct webhook_request *request = ctx;
    CURL                   *easy = request->transfer.easy;

    status = 0;
    sent = 0;
    seconds = 0;

    (void) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void) curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    (void) curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);

    if (seconds > WEBHOOK_RETRY_AFTER_MS / 1000) {
        seconds = WEBHOOK_RETRY_AFTER_MS / 1000;
    }

    answer.status = (unsigned) status;
    answer.connected = sent != 0;
    answer.retry_after_ms = (uint64_t) seconds * 1000;
    answer.result = webhook_request_result(request, code, answer.status);
    answer.text = request->text;

    transfer_close(&request->transfer);

    request->done(request->ctx, &answer);

    webhook_request_cancel(request);
}


static enum webhook_result
webhook_request_result(const struct webhook_request *request, CURLcode code,
    unsigned status)
{
    /* the status is final, also if the body is endless or never ends */

    if (status >= 200) {
        return WEBHOOK_ANSWERED;
    }

    switch (code) {

    case CURLE_OPERATION_TIMEDOUT:
        return WEBHOOK_TIMEOUT;

    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CLIENTCERT:
        return WEBHOOK_TLS;

    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return request->transfer.refused ? WEBHOOK_ADDRESS
                                         : WEBHOOK_UNREACHABLE;

    default:
        return WEBHOOK_BROKEN;
    }
}
