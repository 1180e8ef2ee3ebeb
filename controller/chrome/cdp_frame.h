/*
 * The framing of the browser's pipe: each message ends with a NUL.  The frame
 * takes bytes and returns messages; it reads from no descriptor itself.
 */

#ifndef CDP_FRAME_H
#define CDP_FRAME_H

#include <stdbool.h>
#include <stddef.h>


enum cdp_frame_status {
    CDP_FRAME_AGAIN,      /* no whole message yet */
    CDP_FRAME_MESSAGE,
    CDP_FRAME_TOO_LARGE   /* only the beginning is given, the rest is
                             skipped as it comes */
};


struct cdp_frame {
    char    *data;
    size_t   size;        /* bytes allocated */
    size_t   start;       /* of the message that is being received */
    size_t   scan;        /* no NUL lies between start and here */
    size_t   end;         /* of the bytes received */
    size_t   max;         /* bytes of one message at most */
    bool     skipping;    /* the rest of a message over max is dropped */
};


/* makes an empty buffer for messages of at most max bytes without the NUL */
void cdp_frame_init(struct cdp_frame *f, size_t max);

/*
 * Returns where the next bytes may be written and stores in *size how many (64
 * KiB at least), or NULL when memory runs out.  Messages that were returned
 * before are void from then on.
 */
char *cdp_frame_space(struct cdp_frame *f, size_t *size);

/* adds size bytes, which were written to the space */
void cdp_frame_received(struct cdp_frame *f, size_t size);

/*
 * Returns the next message, whose NUL is not counted in *size.  The message
 * lies in the buffer, until the next cdp_frame_space().  Empty messages are
 * left out.
 */
enum cdp_frame_status cdp_frame_next(struct cdp_frame *f, char **message,
    size_t *size);

/* frees the buffer; the frame is empty then */
void cdp_frame_free(struct cdp_frame *f);


#endif /* CDP_FRAME_H */
