/*
 * An event is one thing that reached the account, as the text in which it is
 * told.  The ring and those who deliver it hold it together; the last one who
 * lets it go frees it.
 */

#ifndef EVENT_H
#define EVENT_H


#include <stddef.h>
#include <stdint.h>

#include "base/keyed_hash.h"


/* see protocol/event_types.h */

enum event_kind {

#define WHATSAPP_EVENT_TYPE(NAME, DEFAULT, name)                              \
    EVENT_##NAME,
#include "protocol/event_types.h"

    EVENT_KINDS
};


/* a set of kinds; all of them, and those that who names none gets */

#define EVENT_BIT(kind)  (1u << (kind))
#define EVENT_ALL        (EVENT_BIT(EVENT_KINDS) - 1)

enum {
    EVENT_DEFAULT = 0

#define WHATSAPP_EVENT_TYPE(NAME, DEFAULT, name)                              \
    | (DEFAULT << EVENT_##NAME)
#include "protocol/event_types.h"

};


/*
 * What an event is about, by its word: a message's type, or a status; a bit
 * each.  A word that is not among them has none.
 */

#define EVENT_WORDS(word)                                                     \
    word(text) word(image) word(video) word(audio) word(document)             \
    word(sticker) word(location) word(contacts) word(reaction)                \
    word(interactive) word(button) word(system) word(edit) word(revoke)       \
    word(unsupported) word(poll) word(poll_vote)                              \
    word(sent) word(delivered) word(read) word(played) word(failed)


/* members are for reading */

struct account_event {
    unsigned         refs;
    enum event_kind  kind;
    unsigned         word;      /* its bit, see EVENT_WORDS */
    uint64_t         seq;       /* the ring's number; 0: not in it yet */
    uint64_t         time;      /* WhatsApp's, in s since 1970 */
    uint64_t         arrived;   /* clock_ms() of when it was made */
    uint64_t         chat;      /* a hash, the same for all of a chat */
    uint8_t          digest[KEYED_HASH_SIZE];    /* of the message's id */
    char            *body;      /* the webhook's body, with NUL */
    size_t           size;      /* of the body, without NUL */
};


/*
 * Makes an event that its caller holds; it frees body later, or at once when
 * memory is short, and then returns NULL.
 */
struct account_event *event_create(enum event_kind kind, char *body,
    size_t size);

/* Holds an event, and returns it. */
struct account_event *event_hold(struct account_event *event);

/* Lets an event go; NULL is allowed. */
void event_release(struct account_event *event);

/* The public name of a kind: "messages", "statuses", ... */
const char *event_kind_name(enum event_kind kind);

/* Reads such a name of len bytes; EVENT_KINDS if it is none. */
enum event_kind event_kind_find(const char *name, size_t len);

/* The bit of a word of len bytes, see EVENT_WORDS; 0 if it has none. */
unsigned event_word_find(const char *word, size_t len);


#endif /* EVENT_H */
