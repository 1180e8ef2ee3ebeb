/*
 * Reads and checks the headers of a request.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "http/request_head.h"
#include "protocol/idempotency.h"


/* X-Deadline-Ms */

#define REQUEST_HEAD_DEADLINE      30000
#define REQUEST_HEAD_DEADLINE_MIN  100
#define REQUEST_HEAD_DEADLINE_MAX  600000


enum request_head_field {
    REQUEST_HEAD_CONTENT_LENGTH = 0,
    REQUEST_HEAD_TRANSFER_ENCODING,
    REQUEST_HEAD_IDEMPOTENCY_KEY,
    REQUEST_HEAD_IDEMPOTENCY_SCOPE,
    REQUEST_HEAD_X_DEADLINE_MS,
    REQUEST_HEAD_X_WHATSAPP_SECRET,
    REQUEST_HEAD_FIELDS
};


struct request_head_values {
    unsigned     count[REQUEST_HEAD_FIELDS];
    const char  *value[REQUEST_HEAD_FIELDS];
};


static enum MHD_Result request_head_on_header(void *ctx,
    enum MHD_ValueKind kind, const char *name, const char *value);
static bool request_head_secret_right(const struct request_head_values *values,
    const char *secret);
static bool request_head_read_text(const struct request_head_values *values,
    enum request_head_field field, size_t max, const char **text);
static bool request_head_read_deadline(struct request_head *head,
    const struct request_head_values *values);


static const char *const  request_head_names[REQUEST_HEAD_FIELDS] = {
    [REQUEST_HEAD_CONTENT_LENGTH] = "Content-Length",
    [REQUEST_HEAD_TRANSFER_ENCODING] = "Transfer-Encoding",
    [REQUEST_HEAD_IDEMPOTENCY_KEY] = "Idempotency-Key",
    [REQUEST_HEAD_IDEMPOTENCY_SCOPE] = "Idempotency-Scope",
    [REQUEST_HEAD_X_DEADLINE_MS] = "X-Deadline-Ms",
    [REQUEST_HEAD_X_WHATSAPP_SECRET] = "X-Whatsapp-Secret"
};


void
request_head_read(struct request_head *head,
    struct MHD_Connection *connection, bool allowed, const char *secret)
{
    struct request_head_values  values;

    memset(head, 0, sizeof(struct request_head));
    memset(&values, 0, sizeof(values));

    head->deadline_ms = REQUEST_HEAD_DEADLINE;

    (void) MHD_get_connection_values(connection, MHD_HEADER_KIND,
                                     request_head_on_header, &values);

    /*
     * With two lengths, what follows the body could be read as a request of
     * another client: the connection is closed
     */

    if (values.count[REQUEST_HEAD_CONTENT_LENGTH]
        + values.count[REQUEST_HEAD_TRANSFER_ENCODING] > 1)
    {
        request_head_refuse(head, ERROR_BAD_REQUEST,
                            "The length of the body is ambiguous");
        head->last = true;
        return;
    }

    if (!allowed) {
        request_head_refuse(head, ERROR_FORBIDDEN, NULL);
        head->last = true;
        return;
    }

    if (secret != NULL && !request_head_secret_right(&values, secret)) {
        request_head_refuse(head, ERROR_UNAUTHORIZED, NULL);
    }

    if (!request_head_read_text(&values, REQUEST_HEAD_IDEMPOTENCY_KEY,
                                WHATSAPP_KEY_MAX, &head->key))
    {
        request_head_refuse(head, ERROR_BAD_REQUEST, "Idempotency-Key must "
                            "be 1 to 255 visible ASCII characters");
    }

    if (!request_head_read_text(&values, REQUEST_HEAD_IDEMPOTENCY_SCOPE,
                                WHATSAPP_SCOPE_MAX, &head->scope))
    {
        request_head_refuse(head, ERROR_BAD_REQUEST, "Idempotency-Scope must "
                            "be 1 to 64 visible ASCII characters");
    }

    if (!request_head_read_deadline(head, &values)) {
        request_head_refuse(head, ERROR_BAD_REQUEST,
                            "X-Deadline-Ms must be a number from 100 to "
                            "600000");
    }

    /* libmicrohttpd has checked that it is a number */

    if (values.count[REQUEST_HEAD_CONTENT_LENGTH] != 0) {
        head->length = strtoull(values.value[REQUEST_HEAD_CONTENT_LENGTH],
                                NULL, 10);
    }
}


void
request_head_refuse(struct request_head *head, enum error_code code,
    const char *message)
{
    if (!head->refused) {
        head->refused = true;
        head->error = error_say(code, message);
    }
}


static enum MHD_Result
request_head_on_header(void *ctx, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
    size_t               i;
    struct request_head_values  *values = ctx;

    (void) kind;

    for (i = 0; i < REQUEST_HEAD_FIELDS; i++) {
        if (strcasecmp(name, request_head_names[i]) == 0) {
            values->count[i]++;
            values->value[i] = value != NULL ? value : "";
            break;
        }
    }

    return MHD_YES;
}


static bool
request_head_secret_right(const struct request_head_values *values,
    const char *secret)
{
    size_t       len;
    const char  *value;

    len = strlen(secret);
    value = values->value[REQUEST_HEAD_X_WHATSAPP_SECRET];

    return values->count[REQUEST_HEAD_X_WHATSAPP_SECRET] == 1
           && strlen(value) == len
           && CRYPTO_memcmp(value, secret, len) == 0;
}


/* leaves *text as it is for a header that is not there */

static bool
request_head_read_text(const struct request_head_values *values,
    enum request_head_field field, size_t max, const char **text)
{
    const char  *value, *p;

    if (values->count[field] == 0) {
        return true;
    }

    value = values->value[field];

    for (p = value; *p > ' ' && *p <= '~'; p++) { /* void */ }

    if (values->count[field] > 1 || *p != '\0' || p == value
        || (size_t) (p - value) > max)
    {
        return false;
    }

    *text = value;

    return true;
}


static bool
request_head_read_deadline(struct request_head *head,
    const struct request_head_values *values)
{
    size_t       len;
    const char  *text;

    if (values->count[REQUEST_HEAD_X_DEADLINE_MS] == 0) {
        return true;
    }

    text = values->value[REQUEST_HEAD_X_DEADLINE_MS];
    len = strspn(text, "0123456789");

    if (values->count[REQUEST_HEAD_X_DEADLINE_MS] > 1
        || len == 0 || len > 6 || text[len] != '\0')
    {
        return false;
    }

    head->deadline_ms = strtoul(text, NULL, 10);

    return head->deadline_ms >= REQUEST_HEAD_DEADLINE_MIN
           && head->deadline_ms <= REQUEST_HEAD_DEADLINE_MAX;
}
