/*
 * What became of each send, by its Idempotency-Key: so that a repeat joins
 * the running send or gets the finished answer, and nothing is dispatched
 * twice.  In memory only, of fixed size; keys and bodies are held as HMACs
 * under a key that is made anew at each start.
 */

#ifndef IDEMPOTENCY_H
#define IDEMPOTENCY_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/wamid.h"
#include "session/recipient.h"


enum idempotency_state {
    IDEMPOTENCY_QUEUED = 0,   /* nothing left for the page yet */
    IDEMPOTENCY_DISPATCHED,   /* recorded before its bytes go out */
    IDEMPOTENCY_DONE,         /* WhatsApp's server has acknowledged it */
    IDEMPOTENCY_UNKNOWN,      /* dispatched, and no answer told its fate */
    IDEMPOTENCY_CHECKING      /* unknown, and the page is being asked */
};


enum idempotency_verdict {
    IDEMPOTENCY_NEW = 0,      /* an entry was made: QUEUED */
    IDEMPOTENCY_KNOWN,        /* there is one for this key and body */
    IDEMPOTENCY_REUSED,       /* there is one for this key, other body */
    IDEMPOTENCY_FULL,         /* no entry may make room */
    IDEMPOTENCY_BROKEN        /* libcrypto failed */
};


/* members are for reading; only the functions below change them */

struct idempotency_entry {
    uint8_t                 key[16];
    uint8_t                 body[16];
    uint64_t                expires;    /* ms, of finished ones */
    void                   *owner;      /* of unfinished ones: the send */
    struct wamid            wamid;      /* once dispatched */
    char                    wa_id[RECIPIENT_WA_ID_SIZE];
    uint8_t                 state;      /* enum idempotency_state */
    uint8_t                 error;      /* enum error_code, of UNKNOWN */
    uint32_t                chain;      /* the next of the same hash */
    uint32_t                older;      /* finished ones by age */
    uint32_t                newer;
};


struct idempotency;


/*
 * Makes a table of at most max entries, all its memory taken at once;
 * finished entries live for ttl_ms.  NULL when memory or random is short.
 */
struct idempotency *idempotency_create(uint32_t max, uint64_t ttl_ms);

/* Frees the table. */
void idempotency_destroy(struct idempotency *table);

/*
 * Finds or makes the entry of a send.  scope (the session) and key are
 * strings; a finished entry is dropped first when its time is over, or, when
 * the table is full, the oldest that is DONE.  UNKNOWN ones make no room: who
 * was told so is expected to repeat it.  *entry is set for NEW and KNOWN, and
 * stays where it is until it is finished.
 */
enum idempotency_verdict idempotency_begin(struct idempotency *table,
    const char *scope, const char *key, const void *body, size_t body_size,
    uint64_t now_ms, struct idempotency_entry **entry);

/* Names the send that an unfinished entry belongs to. */
void idempotency_own(struct idempotency_entry *entry, void *owner);

/* QUEUED -> DISPATCHED: call it before anything is written. */
void idempotency_dispatch(struct idempotency_entry *entry,
    const struct wamid *wamid, const char *wa_id);

/* Gives a dispatched send another id, which the page has told. */
void idempotency_rename(struct idempotency_entry *entry,
    const struct wamid *wamid);

/* UNKNOWN -> CHECKING; the entry can't be evicted meanwhile. */
void idempotency_check(struct idempotency *table,
    struct idempotency_entry *entry, void *owner);

/* DISPATCHED or CHECKING -> DONE. */
void idempotency_done(struct idempotency *table,
    struct idempotency_entry *entry, uint64_t now_ms);

/* DISPATCHED or CHECKING -> UNKNOWN; error is what repeats are told. */
void idempotency_unknown(struct idempotency *table,
    struct idempotency_entry *entry, enum error_code error,
    uint64_t now_ms);

/* Forgets an unfinished entry: its send certainly did not happen. */
void idempotency_drop(struct idempotency *table,
    struct idempotency_entry *entry);

/* The number of entries, finished ones included. */
uint32_t idempotency_count(const struct idempotency *table);


#endif /* IDEMPOTENCY_H */
