/*
 * The table of sends by key: chained hash over one array of entries.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/keyed_hash.h"
#include "calls/idempotency.h"


#define IDEMPOTENCY_NONE  UINT32_MAX


/* finished entries; the life of all is the same, so a list is by age */

struct idempotency_ages {
    uint32_t  oldest;
    uint32_t  newest;
};


struct idempotency {
    struct idempotency_entry  *entries;
    uint32_t                  *heads;      /* hash -> first of its chain */
    uint32_t                   mask;
    uint32_t                   free;       /* through chain */
    struct idempotency_ages    done;       /* these may make room */
    struct idempotency_ages    unknown;    /* these live for their time */
    uint32_t                   count;
    uint64_t                   ttl_ms;
    struct keyed_hash         *hash;
};


static uint32_t *idempotency_head(struct idempotency *table,
    const uint8_t key[16]);
static struct idempotency_entry *idempotency_find(struct idempotency *table,
    const uint8_t key[16]);
static struct idempotency_entry *idempotency_insert(
    struct idempotency *table, const uint8_t key[16]);
static void idempotency_remove(struct idempotency *table,
    struct idempotency_entry *entry);
static struct idempotency_ages *idempotency_ages(struct idempotency *table,
    const struct idempotency_entry *entry);
static void idempotency_finish(struct idempotency *table,
    struct idempotency_entry *entry, uint64_t now_ms);
static void idempotency_unlink(struct idempotency *table,
    struct idempotency_entry *entry);
static void idempotency_expire(struct idempotency *table,
    const struct idempotency_ages *ages, uint64_t now_ms);


struct idempotency *
idempotency_create(uint32_t max, uint64_t ttl_ms)
{
    uint32_t             i, size;
    struct idempotency  *table;

    table = calloc(1, sizeof(struct idempotency));

    if (table == NULL) {
        return NULL;
    }

    for (size = 1; size < max; size *= 2) { /* void */ }

    table->mask = size - 1;
    table->ttl_ms = ttl_ms;
    table->done.oldest = IDEMPOTENCY_NONE;
    table->done.newest = IDEMPOTENCY_NONE;
    table->unknown = table->done;
    table->free = 0;
    table->entries = calloc(max, sizeof(struct idempotency_entry));
    table->heads = malloc(size * sizeof(uint32_t));
    table->hash = keyed_hash_create();

    if (table->entries == NULL || table->heads == NULL
        || table->hash == NULL)
    {
        idempotency_destroy(table);
        return NULL;
    }

    for (i = 0; i < size; i++) {
        table->heads[i] = IDEMPOTENCY_NONE;
    }

    for (i = 0; i < max; i++) {
        table->entries[i].chain = i + 1 < max ? i + 1 : IDEMPOTENCY_NONE;
    }

    return table;
}


void
idempotency_destroy(struct idempotency *table)
{
    if (table == NULL) {
        return;
    }

    keyed_hash_destroy(table->hash);
    free(table->heads);
    free(table->entries);
    free(table);
}


enum idempotency_verdict
idempotency_begin(struct idempotency *table, const char *scope,
    const char *key, const void *body, size_t body_size, uint64_t now_ms,
    struct idempotency_entry **entry)
{
    uint8_t                    key_mac[16], body_mac[16];
    struct idempotency_entry  *found;

    /* the NUL of scope goes in too: no two pairs make the same bytes */

    if (!keyed_hash_make(table->hash, scope, strlen(scope) + 1, key,
                         strlen(key), key_mac)
        || !keyed_hash_make(table->hash, "", 1, body, body_size, body_mac))
    {
        return IDEMPOTENCY_BROKEN;
    }

    idempotency_expire(table, &table->done, now_ms);
    idempotency_expire(table, &table->unknown, now_ms);

    found = idempotency_find(table, key_mac);

    if (found != NULL) {
        if (CRYPTO_memcmp(found->body, body_mac, sizeof(body_mac)) != 0) {
            return IDEMPOTENCY_REUSED;
        }

        *entry = found;
        return IDEMPOTENCY_KNOWN;
    }

    found = idempotency_insert(table, key_mac);

    if (found == NULL) {
        return IDEMPOTENCY_FULL;
    }

    memcpy(found->body, body_mac, sizeof(body_mac));
    *entry = found;

    return IDEMPOTENCY_NEW;
}


void
idempotency_own(struct idempotency_entry *entry, void *owner)
{
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
    idempotency_unlink(table, entry);

    entry->state = IDEMPOTENCY_CHECKING;
    entry->owner = owner;
}


void
idempotency_done(struct idempotency *table, struct idempotency_entry *entry,
    uint64_t now_ms)
{
    entry->state = IDEMPOTENCY_DONE;

    idempotency_finish(table, entry, now_ms);
}


void
idempotency_unknown(struct idempotency *table,
    struct idempotency_entry *entry, enum error_code error, uint64_t now_ms)
{
    entry->state = IDEMPOTENCY_UNKNOWN;
    entry->error = (uint8_t) error;

    idempotency_finish(table, entry, now_ms);
}


void
idempotency_drop(struct idempotency *table, struct idempotency_entry *entry)
{
    idempotency_remove(table, entry);
}


uint32_t
idempotency_count(const struct idempotency *table)
{
    return table->count;
}


/* keyed hashes are even already: no one can choose where a key lands */

static uint32_t *
idempotency_head(struct idempotency *table, const uint8_t key[16])
{
    uint32_t  hash;

    memcpy(&hash, key, sizeof(hash));

    return &table->heads[hash & table->mask];
}


static struct idempotency_entry *
idempotency_find(struct idempotency *table, const uint8_t key[16])
{
    uint32_t  i;

    for (i = *idempotency_head(table, key);
         i != IDEMPOTENCY_NONE;
         i = table->entries[i].chain)
    {
        if (memcmp(table->entries[i].key, key, 16) == 0) {
            return &table->entries[i];
        }
    }

    return NULL;
}


static struct idempotency_entry *
idempotency_insert(struct idempotency *table, const uint8_t key[16])
{
    uint32_t                   i, *head;
    struct idempotency_entry  *entry;

    if (table->free == IDEMPOTENCY_NONE) {
        if (table->done.oldest == IDEMPOTENCY_NONE) {
            return NULL;
        }

        entry = &table->entries[table->done.oldest];

        idempotency_unlink(table, entry);
        idempotency_remove(table, entry);
    }

    i = table->free;
    entry = &table->entries[i];
    table->free = entry->chain;

    memset(entry, 0, sizeof(struct idempotency_entry));
    memcpy(entry->key, key, 16);

    entry->state = IDEMPOTENCY_QUEUED;
    entry->older = IDEMPOTENCY_NONE;
    entry->newer = IDEMPOTENCY_NONE;

    head = idempotency_head(table, key);
    entry->chain = *head;
    *head = i;

    table->count++;

    return entry;
}


static void
idempotency_remove(struct idempotency *table, struct idempotency_entry *entry)
{
    uint32_t  i, *at;

    i = (uint32_t) (entry - table->entries);

    for (at = idempotency_head(table, entry->key);
         *at != i;
         at = &table->entries[*at].chain)
    { /* void */ }

    *at = entry->chain;

    OPENSSL_cleanse(entry, sizeof(struct idempotency_entry));

    entry->chain = table->free;
    table->free = i;

    table->count--;
}


static struct idempotency_ages *
idempotency_ages(struct idempotency *table,
    const struct idempotency_entry *entry)
{
    return entry->state == IDEMPOTENCY_UNKNOWN ? &table->unknown
                                               : &table->done;
}


static void
idempotency_finish(struct idempotency *table, struct idempotency_entry *entry,
    uint64_t now_ms)
{
    uint32_t                  i;
    struct idempotency_ages  *ages;

    i = (uint32_t) (entry - table->entries);
    ages = idempotency_ages(table, entry);

    entry->owner = NULL;
    entry->expires = now_ms + table->ttl_ms;
    entry->older = ages->newest;
    entry->newer = IDEMPOTENCY_NONE;

    if (ages->newest != IDEMPOTENCY_NONE) {
        table->entries[ages->newest].newer = i;

    } else {
        ages->oldest = i;
    }

    ages->newest = i;
}


static void
idempotency_unlink(struct idempotency *table, struct idempotency_entry *entry)
{
    struct idempotency_ages  *ages;

    ages = idempotency_ages(table, entry);

    if (entry->older != IDEMPOTENCY_NONE) {
        table->entries[entry->older].newer = entry->newer;

    } else {
        ages->oldest = entry->newer;
    }

    if (entry->newer != IDEMPOTENCY_NONE) {
        table->entries[entry->newer].older = entry->older;

    } else {
        ages->newest = entry->older;
    }

    entry->older = IDEMPOTENCY_NONE;
    entry->newer = IDEMPOTENCY_NONE;
}


static void
idempotency_expire(struct idempotency *table,
    const struct idempotency_ages *ages, uint64_t now_ms)
{
    struct idempotency_entry  *entry;

    while (ages->oldest != IDEMPOTENCY_NONE) {
        entry = &table->entries[ages->oldest];

        if (entry->expires > now_ms) {
            break;
        }

        idempotency_unlink(table, entry);
        idempotency_remove(table, entry);
    }
}
