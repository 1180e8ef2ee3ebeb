/*
 * The media of messages: fetched by the page when somebody wants them, saved
 * by the browser on the tmpfs, and kept a little while for others who want the
 * same.
 */

#ifndef MESSAGE_MEDIA_H
#define MESSAGE_MEDIA_H


#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "base/error.h"
#include "media/media.h"
#include "session/session.h"


/* how a download ended */

enum message_media_end {
    MESSAGE_MEDIA_SAVED = 0,
    MESSAGE_MEDIA_EXPIRED,    /* WhatsApp does not have it any more */
    MESSAGE_MEDIA_FAILED,     /* for any other reason */
    MESSAGE_MEDIA_ENDS
};


struct message_media;
struct message_media_wait;


/*
 * Called at the end of a download: with a file that the callee then holds, or
 * with NULL and error, which is borrowed.
 */
typedef void (*message_media_pt)(void *ctx, struct media *media,
    const struct error *error);


/* base and store must outlive it.  Returns NULL when memory is short. */
struct message_media *message_media_create(struct event_base *base,
    struct media_store *store);

/* Frees it when no browser runs and nobody waits; NULL is allowed. */
void message_media_destroy(struct message_media *all);

/*
 * Waits for the media of a session's message, whose serialized key is copied,
 * for timeout_ms at most.  Those who want the same share one download.  done
 * is called exactly once, after this function has returned, unless
 * message_media_cancel is called before.  Returns NULL, and error, when
 * nothing was started.
 */
struct message_media_wait *message_media_start(struct message_media *all,
    struct session *session, const char *key, uint64_t timeout_ms,
    message_media_pt done, void *ctx, struct error *error);

/* Ends a wait; a download that nobody waits for is ended, too. */
void message_media_cancel(struct message_media_wait *wait);

/* Removes what is kept of a message, if anything. */
void message_media_forget(struct message_media *all, const char *session,
    const char *key);

/* Removes what is kept of a session's messages. */
void message_media_forget_all(struct message_media *all,
    const struct session *session);

/* Returns how many downloads ended so, and the bytes of those saved. */
uint64_t message_media_count(const struct message_media *all,
    enum message_media_end end);
uint64_t message_media_bytes(const struct message_media *all);


#endif /* MESSAGE_MEDIA_H */
