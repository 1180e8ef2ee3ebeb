/*
 * A table of fixed size whose entries leave when their time is over, and else,
 * when the table is full, in the order of their last use.  All memory is
 * allocated at the start, and takes room of the machine's as entries come;
 * what an entry held is wiped when it leaves.
 *
 * Entries are found by a key that the owner makes with base/keyed_hash.h, so
 * that nobody outside can choose where one lands.
 */

#ifndef LRU_TABLE_H
#define LRU_TABLE_H


#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/keyed_hash.h"


/* what may end an entry's stay */

enum lru_hold {
    LRU_PINNED = 0,    /* its owner alone */
    LRU_KEPT,          /* its time */
    LRU_EVICTABLE,     /* its time, or an entry that needs room */
    LRU_HOLDS
};


/*
 * The first member of an owner's entry.  Its members are the table's, but the
 * owner may read them, and change expires.
 */

struct lru_entry {
    LIST_ENTRY(lru_entry)   chain;
    TAILQ_ENTRY(lru_entry)  age;
    uint64_t                expires;    /* ms; nothing when pinned */
    enum lru_hold           hold;
    uint8_t                 key[KEYED_HASH_SIZE];
};


struct lru_table;


/*
 * Makes a table for at most max entries of size bytes each, to be freed by
 * lru_table_destroy; NULL when memory is short.
 */
struct lru_table *lru_table_create(uint32_t max, size_t size);

/* Wipes and frees the table with all entries; NULL is allowed. */
void lru_table_destroy(struct lru_table *table);

/*
 * Finds an entry by its key, NULL when there is none.  Entries whose time is
 * over at now_ms are removed before; one that has to wait for an older one is
 * removed when it is searched for.
 */
struct lru_entry *lru_table_find(struct lru_table *table,
    const uint8_t key[KEYED_HASH_SIZE], uint64_t now_ms);

/* Removes all entries whose time is over at now_ms; it looks at each one. */
void lru_table_expire(struct lru_table *table, uint64_t now_ms);

/*
 * Adds an entry for a key that has none.  It is pinned, and zeroed but for the
 * table's own part.  When the table is full, the evictable entry that was not
 * used for the longest time makes room; NULL when there is none.
 */
struct lru_entry *lru_table_insert(struct lru_table *table,
    const uint8_t key[KEYED_HASH_SIZE]);

/*
 * Sets what may end an entry's stay, and until when it lasts (ms), and makes
 * it the one that was used last.
 */
void lru_table_hold(struct lru_table *table, struct lru_entry *entry,
    enum lru_hold hold, uint64_t expires);

/* Wipes an entry and gives its place back. */
void lru_table_remove(struct lru_table *table, struct lru_entry *entry);

/* Removes the entries, but for pinned ones, for which match returns true. */
void lru_table_remove_matching(struct lru_table *table,
    bool (*match)(const struct lru_entry *entry, void *ctx), void *ctx);

/* Removes all entries, pinned ones too. */
void lru_table_clear(struct lru_table *table);

/* The number of entries. */
uint32_t lru_table_count(const struct lru_table *table);

/* The number of entries that were removed to make room. */
uint64_t lru_table_evicted(const struct lru_table *table);

/* The number of entries that were removed because their time was over. */
uint64_t lru_table_expired(const struct lru_table *table);


#endif /* LRU_TABLE_H */
