/*
 * Framing of the browser's pipe: the messages are those between the NULs,
 * whatever pieces they arrive in; of one that is too large the beginning.
 */

#include "chrome/cdp_frame.h"

#include "fuzz.h"


#define MESSAGE_MAX  24


/* checks the messages that are there against the input from *next on */

static void
take(struct cdp_frame *frame, const uint8_t *data, size_t size, size_t *next)
{
    char                   *message;
    size_t                  len, n;
    enum cdp_frame_status   status;

    while ((status = cdp_frame_next(frame, &message, &n)) != CDP_FRAME_AGAIN) {

        /* empty messages, and the rest of one that was too large */

        while (*next < size && data[*next] == '\0') {
            (*next)++;
        }

        len = strnlen((const char *) data + *next, size - *next);

        require(message[n] == '\0');
        require(n != 0);
        require(memcmp(message, data + *next, n) == 0);

        if (status == CDP_FRAME_MESSAGE) {
            require(n == len && n <= MESSAGE_MAX);

        } else {
            require(len > MESSAGE_MAX && n >= MESSAGE_MAX && n <= len);
        }

        *next += len;
    }
}


static size_t
feed(const uint8_t *data, size_t size, unsigned way)
{
    char              *space;
    size_t             n, room, fed, next;
    uint32_t           state;
    struct cdp_frame   frame;

    cdp_frame_init(&frame, MESSAGE_MAX);
    state = (uint32_t) size;
    next = 0;

    for (fed = 0; fed < size; fed += n) {
        n = fuzz_piece(way, &state, size - fed);

        space = cdp_frame_space(&frame, &room);
        require(space != NULL);

        n = n < room ? n : room;
        memcpy(space, data + fed, n);
        cdp_frame_received(&frame, n);

        take(&frame, data, size, &next);
    }

    cdp_frame_free(&frame);

    return next;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t    next;
    unsigned  way;

    next = feed(data, size, 0);

    for (way = 1; way < FUZZ_WAYS; way++) {
        require(feed(data, size, way) == next);
    }

    return 0;
}
