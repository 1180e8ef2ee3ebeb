/*
 * A chained hash over one array of entries, and a list of each kind of hold in
 * the order of last use.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/lru_table.h"


LIST_HEAD(lru_chain, lru_entry);
TAILQ_HEAD(lru_ages, lru_entry);


struct lru_table {
    uint8_t           *entries;
    size_t             size;                /* of an entry, in bytes */
    uint32_t           max;
    struct lru_chain  *chains;
    uint32_t           mask;
    struct lru_ages    used[LRU_HOLDS];     /* the last use is the last */
    struct lru_ages    unused;              /* entries that were used once */
    uint32_t           touched;             /* those behind never were */
    uint32_t           count;
    uint64_t           evicted;
    uint64_t           expired;
};


static struct lru_entry *lru_table_take(struct lru_table *table);
static void lru_table_expire_oldest(struct lru_table *table,
    enum lru_hold hold, uint64_t now_ms);
static struct lru_chain *lru_table_chain(const struct lru_table *table,
    const uint8_t key[KEYED_HASH_SIZE]);


struct lru_table *
lru_table_create(uint32_t max, size_t size)
{
    size_t             i;
    uint32_t           chains;
    struct lru_table  *table;

    table = calloc(1, sizeof(struct lru_table));

    if (table == NULL) {
        return NULL;
    }

    for (chains = 1; chains < max; chains *= 2) { /* void */ }

    table->max = max;
    table->size = size;
    table->mask = chains - 1;
    table->entries = calloc(max, size);
    table->chains = calloc(chains, sizeof(struct lru_chain));

    if (table->entries == NULL || table->chains == NULL) {
        lru_table_destroy(table);
        return NULL;
    }

    TAILQ_INIT(&table->unused);

    for (i = 0; i < LRU_HOLDS; i++) {
        TAILQ_INIT(&table->used[i]);
    }

    return table;
}


void
lru_table_destroy(struct lru_table *table)
{
    if (table == NULL) {
        return;
    }

    if (table->entries != NULL) {
        OPENSSL_cleanse(table->entries, table->touched * table->size);
    }

    free(table->chains);
    free(table->entries);
    free(table);
}


struct lru_entry *
lru_table_find(struct lru_table *table, const uint8_t key[KEYED_HASH_SIZE],
    uint64_t now_ms)
{
    struct lru_entry  *entry;

    lru_table_expire_oldest(table, LRU_KEPT, now_ms);
    lru_table_expire_oldest(table, LRU_EVICTABLE, now_ms);

    LIST_FOREACH(entry, lru_table_chain(table, key), chain) {

        if (memcmp(entry->key, key, KEYED_HASH_SIZE) != 0) {
            continue;
        }

        if (entry->hold != LRU_PINNED && entry->expires <= now_ms) {
            lru_table_remove(table, entry);
            table->expired++;
            return NULL;
        }

        return entry;
    }

    return NULL;
}


void
lru_table_expire(struct lru_table *table, uint64_t now_ms)
{
    size_t             i;
    struct lru_entry  *entry, *next;

    static const enum lru_hold  holds[] = { LRU_KEPT, LRU_EVICTABLE };

    for (i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {

        for (entry = TAILQ_FIRST(&table->used[holds[i]]);
             entry != NULL;
             entry = next)
        {
            next = TAILQ_NEXT(entry, age);

            if (entry->expires <= now_ms) {
                lru_table_remove(table, entry);
                table->expired++;
            }
        }
    }
}


struct lru_entry *
lru_table_insert(struct lru_table *table,
    const uint8_t key[KEYED_HASH_SIZE])
{
    struct lru_entry  *entry;

    entry = lru_table_take(table);

    if (entry == NULL) {
        return NULL;
    }

    memcpy(entry->key, key, KEYED_HASH_SIZE);
    entry->hold = LRU_PINNED;

    TAILQ_INSERT_TAIL(&table->used[LRU_PINNED], entry, age);
    LIST_INSERT_HEAD(lru_table_chain(table, key), entry, chain);

    table->count++;

    return entry;
}


void
lru_table_hold(struct lru_table *table, struct lru_entry *entry,
    enum lru_hold hold, uint64_t expires)
{
    TAILQ_REMOVE(&table->used[entry->hold], entry, age);

    entry->hold = hold;
    entry->expires = expires;

    TAILQ_INSERT_TAIL(&table->used[hold], entry, age);
}


void
lru_table_remove(struct lru_table *table, struct lru_entry *entry)
{
    LIST_REMOVE(entry, chain);
    TAILQ_REMOVE(&table->used[entry->hold], entry, age);

    OPENSSL_cleanse(entry, table->size);

    TAILQ_INSERT_TAIL(&table->unused, entry, age);

    table->count--;
}


void
lru_table_remove_matching(struct lru_table *table,
    bool (*match)(const struct lru_entry *entry, void *ctx), void *ctx)
{
    size_t             i;
    struct lru_entry  *entry, *next;

    for (i = LRU_PINNED + 1; i < LRU_HOLDS; i++) {
        for (entry = TAILQ_FIRST(&table->used[i]); entry != NULL; entry = next)
        {
            next = TAILQ_NEXT(entry, age);

            if (match(entry, ctx)) {
                lru_table_remove(table, entry);
            }
        }
    }
}


void
lru_table_clear(struct lru_table *table)
{
    size_t             i;
    struct lru_entry  *entry;

    for (i = 0; i < LRU_HOLDS; i++) {
        while ((entry = TAILQ_FIRST(&table->used[i])) != NULL) {
            lru_table_remove(table, entry);
        }
    }
}


uint32_t
lru_table_count(const struct lru_table *table)
{
    return table->count;
}


uint64_t
lru_table_evicted(const struct lru_table *table)
{
    return table->evicted;
}


uint64_t
lru_table_expired(const struct lru_table *table)
{
    return table->expired;
}


/* the memory of an entry is touched, and so takes room, when it is needed */

static struct lru_entry *
lru_table_take(struct lru_table *table)
{
    struct lru_entry  *entry;

    if (TAILQ_EMPTY(&table->unused) && table->touched < table->max) {
        return (struct lru_entry *) (table->entries
                                     + table->touched++ * table->size);
    }

    if (TAILQ_EMPTY(&table->unused)) {
        entry = TAILQ_FIRST(&table->used[LRU_EVICTABLE]);

        if (entry == NULL) {
            return NULL;
        }

        lru_table_remove(table, entry);
        table->evicted++;
    }

    entry = TAILQ_FIRST(&table->unused);

    TAILQ_REMOVE(&table->unused, entry, age);

    return entry;
}


static void
lru_table_expire_oldest(struct lru_table *table, enum lru_hold hold,
    uint64_t now_ms)
{
    struct lru_entry  *entry;

    while ((entry = TAILQ_FIRST(&table->used[hold])) != NULL
           && entry->expires <= now_ms)
    {
        lru_table_remove(table, entry);
        table->expired++;
    }
}


/* a key is as good as random, and so are its first bytes */

static struct lru_chain *
lru_table_chain(const struct lru_table *table,
    const uint8_t key[KEYED_HASH_SIZE])
{
    uint32_t  hash;

    memcpy(&hash, key, sizeof(hash));

    return &table->chains[hash & table->mask];
}
