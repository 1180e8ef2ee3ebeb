/*
 * The messages that clients of the API have sent: what the client was
 * answered, what it wants to be told with each status, and the statuses that
 * came before the answer.  In memory, and bounded: the oldest make room.
 */

#ifndef SENT_H
#define SENT_H


#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/keyed_hash.h"
#include "base/wamid.h"


#define SENT_MAX    4096
#define SENT_BYTES  (2 * 1024 * 1024)    /* of them all */
#define SENT_HELD   16                   /* statuses of one message */


enum sent_state {
    SENT_RUNNING = 0,    /* its client has no answer yet */
    SENT_ANSWERED,       /* with the message's id */
    SENT_FAILED          /* it was not sent: nothing more is told of it */
};


struct sent_message {
    LIST_ENTRY(sent_message)   chain;
    TAILQ_ENTRY(sent_message)  age;
    TAILQ_ENTRY(sent_message)  holder;    /* if held is not NULL */
    uint8_t                    digest[KEYED_HASH_SIZE];    /* of its id */
    enum sent_state            state;
    uint64_t                   told;     /* ms: then statuses may be told */
    size_t                     size;     /* bytes of it all */
    json_t                    *held;     /* statuses that wait; NULL: none */
    char                      *opaque;   /* the client's, or NULL */
    char                       wamid[];
};


struct sent;


/* Makes an empty table; NULL when memory is short. */
struct sent *sent_create(void);

/* Frees the table; NULL is allowed. */
void sent_destroy(struct sent *sent);

/*
 * Adds a message that is about to be sent, or finds it; key is WhatsApp Web's
 * of it, opaque is copied and may be NULL.  NULL when memory is short.
 */
struct sent_message *sent_add(struct sent *sent,
    const uint8_t digest[KEYED_HASH_SIZE], const char *key,
    const char *opaque);

/* Finds a message, or NULL. */
struct sent_message *sent_find(struct sent *sent,
    const uint8_t digest[KEYED_HASH_SIZE]);

/* Holds a status back; false when there are too many, or memory is short. */
bool sent_hold(struct sent *sent, struct sent_message *message,
    json_t *status);

/*
 * Finds a message whose statuses may be told now (ms), or NULL.  *next is then
 * the ms until one more may, 0 if none waits.
 */
struct sent_message *sent_due(struct sent *sent, uint64_t now,
    uint64_t *next);

/* Takes the statuses that were held, the caller's then; NULL: none. */
json_t *sent_take_held(struct sent *sent, struct sent_message *message);

/* The number of messages. */
size_t sent_count(const struct sent *sent);

/* Forgets all. */
void sent_clear(struct sent *sent);


#endif /* SENT_H */
