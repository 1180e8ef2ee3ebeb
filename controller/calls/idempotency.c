/*
 * The table of sends by key.  Unfinished entries are pinned, UNKNOWN ones are
 * kept for their time, DONE ones may be evicted.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "calls/idempotency.h"


/* session, scope and key, each with its NUL */

#define IDEMPOTENCY_NAME_MAX  512

/* ids of one send: each but the last is that of a refused message */

#define IDEMPOTENCY_IDS       16


struct idempotency {
    struct lru_table   *entries;
    struct keyed_hash  *hash;      /* of keys and bodies */
    struct keyed_hash  *ids;       /* of message ids */
    uint64_t            ttl_ms;
};


static bool idempotency_is_of(const struct lru_entry *entry, void *ctx);
static size_t idempotency_print(const struct idempotency_name *name,
    char text[IDEMPOTENCY_NAME_MAX]);


_Static_assert(WAMID_ID_SIZE <= KEYED_HASH_SIZE, "an id is cut off a hash");


struct idempotency *
idempotency_create(uint32_t max, uint64_t ttl_ms, struct keyed_hash *ids)
{
    struct idempotency  *table;

    table = calloc(1, sizeof(struct idempotency));

    if (table == NULL) {
        keyed_hash_destroy(ids);
        return NULL;
    }

    table->ids = ids;
    table->ttl_ms = ttl_ms;
    table->entries = lru_table_create(max, sizeof(struct idempotency_entry));
    table->hash = keyed_hash_create();

    if (table->ids == NULL || table->entries == NULL || table->hash == NULL) {
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
    keyed_hash_destroy(table->ids);
    free(table);
}


bool
idempotency_begin(struct idempotency *table,
    const struct idempotency_name *name, uint64_t now_ms,
    struct idempotency_entry **entry, struct error *error)
{
    char                       text[IDEMPOTENCY_NAME_MAX];
    size_t                     len;
    uint8_t                    key_mac[KEYED_HASH_SIZE];
    uint8_t                    body_mac[KEYED_HASH_SIZE];
    uint8_t                    seed[KEYED_HASH_SIZE];
    struct idempotency_entry  *found;

    len = idempotency_print(name, text);

    if (len == 0) {
        return error_set(error, ERROR_BAD_REQUEST,
                         "The Idempotency-Key is too long");
    }

    if (!keyed_hash_make(table->hash, text, len, "", 0, key_mac)
        || !keyed_hash_make(table->hash, "", 1, name->body, name->body_size,
                            body_mac)
        || !keyed_hash_make(table->ids, text, len, name->body,
                            name->body_size, seed))
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

    found->session = name->session;
    memcpy(found->body, body_mac, sizeof(body_mac));
    memcpy(found->seed, seed, sizeof(seed));
    memcpy(found->wamid.id, seed, WAMID_ID_SIZE);
    *entry = found;

    return true;
}


bool
idempotency_next_id(struct idempotency *table,
    struct idempotency_entry *entry)
{
    uint8_t  mac[KEYED_HASH_SIZE];

    if (entry->attempt + 1 == IDEMPOTENCY_IDS) {
        return false;
    }

    entry->attempt++;

    if (!keyed_hash_make(table->ids, entry->seed, sizeof(entry->seed),
                         &entry->attempt, sizeof(entry->attempt), mac))
    {
        return false;
    }

    memcpy(entry->wamid.id, mac, WAMID_ID_SIZE);

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


void
idempotency_forget(struct idempotency *table, const char *session)
{
    lru_table_remove_matching(table->entries, idempotency_is_of,
                              (void *) session);
}


static bool
idempotency_is_of(const struct lru_entry *entry, void *ctx)
{
    return strcmp(((const struct idempotency_entry *) entry)->session, ctx)
           == 0;
}


void
idempotency_expire(struct idempotency *table, uint64_t now_ms)
{
    lru_table_expire(table->entries, now_ms);
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


uint64_t
idempotency_expired(const struct idempotency *table)
{
    return lru_table_expired(table->entries);
}


/*
 * Writes all but the body, with the NULs, so that no two names make the same
 * bytes.  Returns their number, 0 if they are too many.
 */

static size_t
idempotency_print(const struct idempotency_name *name,
    char text[IDEMPOTENCY_NAME_MAX])
{
    int  len;

    len = snprintf(text, IDEMPOTENCY_NAME_MAX, "%s%c%s%c%s", name->session,
                   '\0', name->scope, '\0', name->key);

    return len > 0 && len + 1 < IDEMPOTENCY_NAME_MAX ? (size_t) len + 1 : 0;
}
