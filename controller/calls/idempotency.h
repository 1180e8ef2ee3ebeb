/*
 * What became of each send, by its Idempotency-Key, so that a repeat joins the
 * running send or gets the recorded end, and nothing is dispatched twice.  The
 * table is in memory only and of fixed size; keys and bodies are held as
 * HMACs under a secret that is made anew at each start.
 *
 * What the table does not know, because it is full, or new, or because the
 * time of an entry is over, WhatsApp Web still does: the id of a message
 * follows from what its send is known by, so that a repeat has the same id in
 * every run of the controller, and the page can be asked for it.
 */

#ifndef IDEMPOTENCY_H
#define IDEMPOTENCY_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/keyed_hash.h"
#include "base/lru_table.h"
#include "base/wamid.h"
#include "session/recipient.h"


/*
 * What a send is known by.  A key belongs to a session, whose id outlives the
 * table, and there to a scope, which may be "": the token that it came with.
 * The rest are the bytes that the key stands for.
 */

struct idempotency_name {
    const char  *session;
    const char  *scope;
    const char  *key;
    const void  *body;
    size_t       body_size;
};


/* An entry is unfinished in all states but DONE and UNKNOWN. */

enum idempotency_state {
    IDEMPOTENCY_NEW = 0,      /* just made, owned by no send */
    IDEMPOTENCY_QUEUED,       /* nothing has left for the page */
    IDEMPOTENCY_DISPATCHED,   /* recorded before its bytes go out */
    IDEMPOTENCY_DONE,         /* WhatsApp's server has acknowledged it */
    IDEMPOTENCY_UNKNOWN,      /* dispatched, and no answer told its fate */
    IDEMPOTENCY_CHECKING      /* unknown, and the page is being asked */
};


/* members are for reading; only the functions below change them */

struct idempotency_entry {
    struct lru_entry   entry;         /* first */
    const char        *session;       /* of its name, borrowed */
    uint8_t            body[KEYED_HASH_SIZE];
    uint8_t            seed[KEYED_HASH_SIZE];    /* of the ids */
    uint8_t            attempt;       /* the number of the id among them */
    void              *owner;         /* of unfinished ones: the send */
    struct wamid       wamid;         /* once dispatched; its id before */
    char               wa_id[RECIPIENT_WA_ID_SIZE];
    uint8_t            state;         /* enum idempotency_state */
    uint8_t            error;         /* enum error_code, of UNKNOWN */
};


struct idempotency;


/*
 * Makes a table of at most max entries, all its memory allocated at once, to
 * be freed by idempotency_destroy; finished entries live for ttl_ms.  ids,
 * which makes the ids of messages, belongs to the table from then on.  NULL
 * when memory or random is short, or ids is NULL.
 */
struct idempotency *idempotency_create(uint32_t max, uint64_t ttl_ms,
    struct keyed_hash *ids);

/* Wipes and frees the table; NULL is allowed. */
void idempotency_destroy(struct idempotency *table);

/*
 * Finds the entry of a send, or makes one, whose state is NEW and whose
 * message id is the first of its own.  Finished entries whose time is over are
 * removed first; a full table loses the DONE entry that was finished first.
 * UNKNOWN ones make no room.  *entry stays where it is until it is finished or
 * dropped.  False: error says that the key was used with another body, that no
 * entry makes room, or that the key is too long or libcrypto failed.
 */
bool idempotency_begin(struct idempotency *table,
    const struct idempotency_name *name, uint64_t now_ms,
    struct idempotency_entry **entry, struct error *error);

/*
 * Gives a QUEUED entry its next message id, as the page has a message of the
 * present one that WhatsApp refused.  False: it has had all, or libcrypto
 * failed.
 */
bool idempotency_next_id(struct idempotency *table,
    struct idempotency_entry *entry);

/* NEW or CHECKING -> QUEUED; owner is the send that the entry belongs to. */
void idempotency_queue(struct idempotency_entry *entry, void *owner);

/* QUEUED -> DISPATCHED: call it before anything is written. */
void idempotency_dispatch(struct idempotency_entry *entry,
    const struct wamid *wamid, const char *wa_id);

/* Gives a dispatched send the id by which the page knows its message. */
void idempotency_rename(struct idempotency_entry *entry,
    const struct wamid *wamid);

/* UNKNOWN -> CHECKING; owner is the send that asks the page. */
void idempotency_check(struct idempotency *table,
    struct idempotency_entry *entry, void *owner);

/* DISPATCHED or CHECKING -> DONE. */
void idempotency_done(struct idempotency *table,
    struct idempotency_entry *entry, uint64_t now_ms);

/* DISPATCHED or CHECKING -> UNKNOWN; repeats are answered with error. */
void idempotency_unknown(struct idempotency *table,
    struct idempotency_entry *entry, enum error_code error,
    uint64_t now_ms);

/* Forgets an unfinished entry: its send certainly did not happen. */
void idempotency_drop(struct idempotency *table,
    struct idempotency_entry *entry);

/* Removes the finished entries of a session. */
void idempotency_forget(struct idempotency *table, const char *session);

/* Removes the finished entries whose time is over. */
void idempotency_expire(struct idempotency *table, uint64_t now_ms);

/* The number of entries, finished ones included. */
uint32_t idempotency_count(const struct idempotency *table);

/* The number of DONE entries that made room for others in a full table. */
uint64_t idempotency_evicted(const struct idempotency *table);

/* The number of finished entries that were removed after their time. */
uint64_t idempotency_expired(const struct idempotency *table);


#endif /* IDEMPOTENCY_H */
