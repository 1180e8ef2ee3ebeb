/*
 * The framing of the browser's pipe.  No byte of the buffer is scanned twice;
 * the buffer grows by doubling and shrinks again after a large message.
 */

#include <stdlib.h>
#include <string.h>

#include "chrome/cdp_frame.h"


#define CDP_FRAME_CHUNK  65536
#define CDP_FRAME_KEEP   (1024 * 1024)


void
cdp_frame_init(struct cdp_frame *f, size_t max)
{
    memset(f, 0, sizeof(struct cdp_frame));

    f->max = max;
}


char *
cdp_frame_space(struct cdp_frame *f, size_t *size)
{
    char    *data;
    size_t   need;

    if (f->start == f->end) {
        f->start = 0;
        f->scan = 0;
        f->end = 0;

        if (f->size > CDP_FRAME_KEEP) {
            free(f->data);
            f->data = NULL;
            f->size = 0;
        }
    }

    if (f->size - f->end < CDP_FRAME_CHUNK && f->start > 0) {
        memmove(f->data, f->data + f->start, f->end - f->start);

        f->scan -= f->start;
        f->end -= f->start;
        f->start = 0;
    }

    if (f->size - f->end < CDP_FRAME_CHUNK) {

        /* an unfinished message is at most max bytes, so this is bounded */

        need = 2 * f->end + CDP_FRAME_CHUNK;

        data = realloc(f->data, need);
        if (data == NULL) {
            return NULL;
        }

        f->data = data;
        f->size = need;
    }

    *size = f->size - f->end;

    return f->data + f->end;
}


void
cdp_frame_received(struct cdp_frame *f, size_t size)
{
    f->end += size;
}


enum cdp_frame_status
cdp_frame_next(struct cdp_frame *f, char **message, size_t *size)
{
    char  *nul;
    bool   skipped;

    for ( ;; ) {

        if (f->scan == f->end) {
            return CDP_FRAME_AGAIN;
        }

        nul = memchr(f->data + f->scan, '\0', f->end - f->scan);

        if (nul == NULL) {
            break;
        }

        *message = f->data + f->start;
        *size = (size_t) (nul - *message);

        f->start += *size + 1;
        f->scan = f->start;

        skipped = f->skipping;
        f->skipping = false;

        if (skipped || *size == 0) {
            continue;
        }

        return *size > f->max ? CDP_FRAME_TOO_LARGE : CDP_FRAME_MESSAGE;
    }

    f->scan = f->end;

    if (f->skipping) {
        f->start = f->end;
        return CDP_FRAME_AGAIN;
    }

    if (f->end - f->start <= f->max) {
        return CDP_FRAME_AGAIN;
    }

    f->skipping = true;

    *message = f->data + f->start;
    *size = f->end - f->start - 1;
    (*message)[*size] = '\0';

    f->start = f->end;

    return CDP_FRAME_TOO_LARGE;
}


void
cdp_frame_free(struct cdp_frame *f)
{
    free(f->data);
    cdp_frame_init(f, f->max);
}
