/*
 * The table of sends by key.  Unfinished entries are pinned, UNKNOWN ones are
 * kept for their time, DONE ones may be evicted.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "calls/idempotency.h"


struct idempotency {
    struct lru_table   *entries;
    struct keyed_hash  *hash;
    uint64_t            ttl_ms;
};


struct idempotency *
idempotency_create(uint32_t max, uint64_t ttl_ms)
{
    struct idempotency  *table;

    table = calloc(1, sizeof(struct idempotency));

    if (table == NULL) {
        return NULL;
    }

    table->ttl_ms = ttl_ms;
    table->entries = lru_table_create(max, sizeof(struct idempotency_entry));
    table->hash = keyed_hash_create();

    if (table->entries == NULL || table->hash == NULL) {
        idempotency_destroy(table);
        return NULL;
    }

    return table;
}


void
idempotency_destroy(struct idempotency *table)
{
    if (table == NULL) {
        return;
    }

    lru_table_destroy(table->entries);
    keyed_hash_destroy(table->hash);
    free(table);
}


bool
idempotency_begin(struct idempotency *table, const char *scope,
    const char *key, const void *body, size_t body_size, uint64_t now_ms,
    struct idempotency_entry **entry, struct error *error)
{
    uint8_t                    key_mac[KEYED_HASH_SIZE];
    uint8_t                    body_mac[KEYED_HASH_SIZE];
    struct idempotency_entry  *found;

    /* the NUL of scope goes in too: no two pairs make the same bytes */

    if (!keyed_hash_make(table->hash, scope, strlen(scope) + 1, key,
                         strlen(key), key_mac)
        || !keyed_hash_make(table->hash, "", 1, body, body_size, body_mac))
    {
        *error = error_memory();
        return false;
    }

    found = (struct idempotency_entry *) lru_table_find(table->entries,
                                                        key_mac, now_ms);

    if (found != NULL) {
        if (CRYPTO_memcmp(found->body, body_mac, sizeof(body_mac)) != 0) {
            return error_set(error, ERROR_KEY_REUSED, NULL);
        }

        *entry = found;
        return true;
    }

    found = (struct idempotency_entry *) lru_table_insert(table->entries,
                                                          key_mac);

    if (found == NULL) {
        return error_set(error, ERROR_IDEMPOTENCY_FULL, NULL);
    }

    memcpy(found->body, body_mac, sizeof(body_mac));
    *entry = found;

    return true;
}


void
idempotency_queue(struct idempotency_entry *entry, void *owner)
{
    entry->state = IDEMPOTENCY_QUEUED;
    entry->owner = owner;
}


void
idempotency_dispatch(struct idempotency_entry *entry,
    const struct wamid *wamid, const char *wa_id)
{
    entry->state = IDEMPOTENCY_DISPATCHED;
    entry->wamid = *wamid;

    memset(entry->wa_id, 0, sizeof(entry->wa_id));
    memcpy(entry->wa_id, wa_id, strnlen(wa_id, sizeof(entry->wa_id) - 1));
}


void
idempotency_rename(struct idempotency_entry *entry,
    const struct wamid *wamid)
{
    entry->wamid = *wamid;
}


void
idempotency_check(struct idempotency *table, struct idempotency_entry *entry,
    void *owner)
{
    entry->state = IDEMPOTENCY_CHECKING;
    entry->owner = owner;

    lru_table_hold(table->entries, &entry->entry, LRU_PINNED, 0);
}


void
idempotency_done(struct idempotency *table, struct idempotency_entry *entry,
    uint64_t now_ms)
{
    entry->state = IDEMPOTENCY_DONE;
    entry->owner = NULL;

    lru_table_hold(table->entries, &entry->entry, LRU_EVICTABLE,
                   now_ms + table->ttl_ms);
}


void
idempotency_unknown(struct idempotency *table,
    struct idempotency_entry *entry, enum error_code error, uint64_t now_ms)
{
    entry->state = IDEMPOTENCY_UNKNOWN;
    entry->error = (uint8_t) error;
    entry->owner = NULL;

    lru_table_hold(table->entries, &entry->entry, LRU_KEPT,
                   now_ms + table->ttl_ms);
}


void
idempotency_drop(struct idempotency *table, struct idempotency_entry *entry)
{
    lru_table_remove(table->entries, &entry->entry);
}


uint32_t
idempotency_count(const struct idempotency *table)
{
    return lru_table_count(table->entries);
}


uint64_t
idempotency_evicted(const struct idempotency *table)
{
    return lru_table_evicted(table->entries);
}
