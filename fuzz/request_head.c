/*
 * Headers of a request to the controller: each line of an input is one.  What
 * is not refused is within its bounds, and has the secret.
 */

#include "http/request_head.h"

#include "fuzz.h"


#define SECRET  "secret"


static char  *lines;


/* of libmicrohttpd, what the head is read with */

int
MHD_get_connection_values(struct MHD_Connection *connection,
    enum MHD_ValueKind kind, MHD_KeyValueIterator iterator, void *ctx)
{
    int    n;
    char  *line, *colon, *next;

    (void) connection;

    for (n = 0, line = lines; line != NULL; n++, line = next) {
        next = strchr(line, '\n');

        if (next != NULL) {
            *next++ = '\0';
        }

        colon = strchr(line, ':');

        if (colon != NULL) {
            *colon++ = '\0';
            colon += *colon == ' ';
        }

        if (iterator(ctx, kind, line, colon) != MHD_YES) {
            break;
        }
    }

    return n;
}


static void
check(const uint8_t *data, size_t size, bool allowed, const char *secret)
{
    size_t               i;
    struct request_head  head;

    lines = fuzz_copy(data, size);

    request_head_read(&head, NULL, allowed, secret);

    require(allowed || head.refused);
    require(!head.last || head.refused);

    if (!head.refused) {
        require(head.deadline_ms >= 100 && head.deadline_ms <= 600000);
        require(secret == NULL || memmem(data, size, secret, strlen(secret)));

        for (i = 0; head.key != NULL && head.key[i] != '\0'; i++) {
            require(head.key[i] > ' ' && head.key[i] <= '~' && i < 255);
        }

        require(head.key == NULL || i != 0);
    }

    free(lines);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, true, NULL);
    check(data, size, true, SECRET);
    check(data, size, false, SECRET);

    return 0;
}
