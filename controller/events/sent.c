/*
 * A hash table of chains, and all messages in the order of their sending.  The
 * few that hold statuses back are in a list of their own.
 */

#include <stdlib.h>
#include <string.h>

#include "events/sent.h"


#define SENT_CHAINS  1024    /* a power of two */


LIST_HEAD(sent_chain, sent_message);
TAILQ_HEAD(sent_queue, sent_message);


struct sent {
    struct sent_chain  chains[SENT_CHAINS];
    struct sent_queue  ages;
    struct sent_queue  holders;
    size_t             n;
    size_t             bytes;
};


static struct sent_chain *sent_find_chain(struct sent *sent,
    const uint8_t digest[KEYED_HASH_SIZE]);
static void sent_remove(struct sent *sent, struct sent_message *message);


struct sent *
sent_create(void)
{
    struct sent  *sent;

    sent = calloc(1, sizeof(struct sent));

    if (sent != NULL) {
        TAILQ_INIT(&sent->ages);
        TAILQ_INIT(&sent->holders);
    }

    return sent;
}


void
sent_destroy(struct sent *sent)
{
    if (sent != NULL) {
        sent_clear(sent);
        free(sent);
    }
}


struct sent_message *
sent_add(struct sent *sent, const uint8_t digest[KEYED_HASH_SIZE],
    const char *key, const char *opaque)
{
    char                  wamid[WAMID_TEXT_SIZE];
    size_t                own, size;
    struct sent_message  *message;

    message = sent_find(sent, digest);

    if (message != NULL) {
        return message;
    }

    wamid_encode(key, wamid);

    own = sizeof(struct sent_message) + strlen(wamid) + 1;
    size = own + (opaque != NULL ? strlen(opaque) + 1 : 0);

    while (sent->n >= SENT_MAX
           || (sent->n != 0 && sent->bytes + size > SENT_BYTES))
    {
        sent_remove(sent, TAILQ_FIRST(&sent->ages));
    }

    message = calloc(1, own);

    if (message == NULL
        || (opaque != NULL && (message->opaque = strdup(opaque)) == NULL))
    {
        free(message);
        return NULL;
    }

    message->size = size;
    memcpy(message->digest, digest, KEYED_HASH_SIZE);
    memcpy(message->wamid, wamid, strlen(wamid) + 1);

    LIST_INSERT_HEAD(sent_find_chain(sent, digest), message, chain);
    TAILQ_INSERT_TAIL(&sent->ages, message, age);
    sent->n++;
    sent->bytes += size;

    return message;
}


struct sent_message *
sent_find(struct sent *sent, const uint8_t digest[KEYED_HASH_SIZE])
{
    struct sent_message  *message;

    LIST_FOREACH(message, sent_find_chain(sent, digest), chain) {
        if (memcmp(message->digest, digest, KEYED_HASH_SIZE) == 0) {
            break;
        }
    }

    return message;
}


bool
sent_hold(struct sent *sent, struct sent_message *message, json_t *status)
{
    if (message->held == NULL) {
        message->held = json_array();

        if (message->held == NULL) {
            return false;
        }

        TAILQ_INSERT_TAIL(&sent->holders, message, holder);
    }

    return json_array_size(message->held) < SENT_HELD
           && json_array_append(message->held, status) == 0;
}


struct sent_message *
sent_due(struct sent *sent, uint64_t now, uint64_t *next)
{
    struct sent_message  *message;

    *next = 0;

    TAILQ_FOREACH(message, &sent->holders, holder) {

        if (message->state == SENT_RUNNING) {
            continue;
        }

        if (message->told <= now) {
            return message;
        }

        if (*next == 0 || message->told - now < *next) {
            *next = message->told - now;
        }
    }

    return NULL;
}


json_t *
sent_take_held(struct sent *sent, struct sent_message *message)
{
    json_t  *held;

    held = message->held;

    if (held != NULL) {
        TAILQ_REMOVE(&sent->holders, message, holder);
        message->held = NULL;
    }

    return held;
}


size_t
sent_count(const struct sent *sent)
{
    return sent->n;
}


void
sent_clear(struct sent *sent)
{
    struct sent_message  *message;

    while ((message = TAILQ_FIRST(&sent->ages)) != NULL) {
        sent_remove(sent, message);
    }
}


/* a digest is as good as random, and so are its first bytes */

static struct sent_chain *
sent_find_chain(struct sent *sent, const uint8_t digest[KEYED_HASH_SIZE])
{
    uint32_t  hash;

    memcpy(&hash, digest, sizeof(hash));

    return &sent->chains[hash & (SENT_CHAINS - 1)];
}


static void
sent_remove(struct sent *sent, struct sent_message *message)
{
    LIST_REMOVE(message, chain);
    TAILQ_REMOVE(&sent->ages, message, age);
    sent->n--;
    sent->bytes -= message->size;

    json_decref(sent_take_held(sent, message));
    free(message->opaque);
    free(message);
}
