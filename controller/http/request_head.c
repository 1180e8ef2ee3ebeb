/*
 * Reads and checks the headers of a request.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "http/request_head.h"


#define HEAD_KEY_MAX       255

/* X-Deadline-Ms */

#define HEAD_DEADLINE      30000
#define HEAD_DEADLINE_MIN  100
#define HEAD_DEADLINE_MAX  600000


enum head_field {
    HEAD_CONTENT_LENGTH = 0,
    HEAD_TRANSFER_ENCODING,
    HEAD_IDEMPOTENCY_KEY,
    HEAD_X_DEADLINE_MS,
    HEAD_X_WHATSAPP_SECRET,
    HEAD_FIELDS
};


struct head_values {
    unsigned     count[HEAD_FIELDS];
    const char  *value[HEAD_FIELDS];
};


static enum MHD_Result head_on_header(void *ctx, enum MHD_ValueKind kind,
    const char *name, const char *value);
static bool head_secret_right(const struct head_values *values,
    const char *secret);
static bool head_read_key(struct head *head,
    const struct head_values *values);
static bool head_read_deadline(struct head *head,
    const struct head_values *values);


static const char *const  head_names[HEAD_FIELDS] = {
    [HEAD_CONTENT_LENGTH] = "Content-Length",
    [HEAD_TRANSFER_ENCODING] = "Transfer-Encoding",
    [HEAD_IDEMPOTENCY_KEY] = "Idempotency-Key",
    [HEAD_X_DEADLINE_MS] = "X-Deadline-Ms",
    [HEAD_X_WHATSAPP_SECRET] = "X-Whatsapp-Secret"
};


void
head_read(struct head *head, struct MHD_Connection *connection, bool allowed,
    const char *secret)
{
    struct head_values  values;

    memset(head, 0, sizeof(struct head));
    memset(&values, 0, sizeof(values));

    head->deadline_ms = HEAD_DEADLINE;

    (void) MHD_get_connection_values(connection, MHD_HEADER_KIND,
                                     head_on_header, &values);

    /* where a body ends must be beyond doubt, or the connection ends */

    if (values.count[HEAD_CONTENT_LENGTH]
        + values.count[HEAD_TRANSFER_ENCODING] > 1)
    {
        head_refuse(head, ERROR_BAD_REQUEST,
                    "The length of the body is ambiguous");
        head->last = true;
        return;
    }

    if (!allowed) {
        head_refuse(head, ERROR_FORBIDDEN, NULL);
        head->last = true;
        return;
    }

    if (secret != NULL && !head_secret_right(&values, secret)) {
        head_refuse(head, ERROR_UNAUTHORIZED, NULL);
    }

    if (!head_read_key(head, &values)) {
        head_refuse(head, ERROR_BAD_REQUEST, "Idempotency-Key must be 1 to "
                    "255 visible ASCII characters");
    }

    if (!head_read_deadline(head, &values)) {
        head_refuse(head, ERROR_BAD_REQUEST,
                    "X-Deadline-Ms must be a number from 100 to 600000");
    }

    /* the library has checked that it is a number */

    if (values.count[HEAD_CONTENT_LENGTH] != 0) {
        head->length = strtoull(values.value[HEAD_CONTENT_LENGTH], NULL, 10);
    }
}


void
head_refuse(struct head *head, enum error_code error, const char *message)
{
    if (!head->refused) {
        head->refused = true;
        head->error = error;
        head->message = message;
    }
}


static enum MHD_Result
head_on_header(void *ctx, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
    size_t               i;
    struct head_values  *values = ctx;

    (void) kind;

    for (i = 0; i < HEAD_FIELDS; i++) {
        if (strcasecmp(name, head_names[i]) == 0) {
            values->count[i]++;
            values->value[i] = value != NULL ? value : "";
            break;
        }
    }

    return MHD_YES;
}


static bool
head_secret_right(const struct head_values *values, const char *secret)
{
    size_t       len;
    const char  *value;

    len = strlen(secret);
    value = values->value[HEAD_X_WHATSAPP_SECRET];

    return values->count[HEAD_X_WHATSAPP_SECRET] == 1
           && strlen(value) == len
           && CRYPTO_memcmp(value, secret, len) == 0;
}


static bool
head_read_key(struct head *head, const struct head_values *values)
{
    const char  *key, *p;

    if (values->count[HEAD_IDEMPOTENCY_KEY] == 0) {
        return true;
    }

    key = values->value[HEAD_IDEMPOTENCY_KEY];

    for (p = key; *p > ' ' && *p <= '~'; p++) { /* void */ }

    if (values->count[HEAD_IDEMPOTENCY_KEY] > 1
        || *p != '\0' || p == key || p - key > HEAD_KEY_MAX)
    {
        return false;
    }

    head->key = key;

    return true;
}


static bool
head_read_deadline(struct head *head, const struct head_values *values)
{
    size_t       len;
    const char  *text;

    if (values->count[HEAD_X_DEADLINE_MS] == 0) {
        return true;
    }

    text = values->value[HEAD_X_DEADLINE_MS];
    len = strspn(text, "0123456789");

    if (values->count[HEAD_X_DEADLINE_MS] > 1
        || len == 0 || len > 6 || text[len] != '\0')
    {
        return false;
    }

    head->deadline_ms = strtoul(text, NULL, 10);

    return head->deadline_ms >= HEAD_DEADLINE_MIN
           && head->deadline_ms <= HEAD_DEADLINE_MAX;
}
