/*
 * Each session with a webhook has a reader of its ring, who finds the webhook
 * of a message by its sender.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/keyed_hash.h"
#include "base/lru_table.h"
#include "events/beta.h"
#include "events/beta_url.h"


#define BETA_NUMBER_SIZE  32

/* ms; far away: only the registry's bound ends a webhook that is on */

#define BETA_FOREVER      (10 * 365 * 24 * 3600 * 1000ULL)


struct beta_webhook {
    struct lru_entry   entry;
    struct session    *session;
    enum beta_state    state;
    char               number[BETA_NUMBER_SIZE];

    /* the account that the owner wrote to: another one has no such consent */
    char               account[BETA_NUMBER_SIZE];
    char               url[BETA_URL_MAX + 1];
};


/* whose webhooks are forgotten */

struct beta_owner {
    struct beta           *beta;
    const struct session  *session;
};


/* a session that had a webhook once */

struct beta_reader {
    struct beta         *beta;
    struct session      *session;
    struct ring_reader  *reader;
    struct beta_reader  *next;
};


struct beta {
    struct beta_parts        parts;
    struct keyed_hash       *hash;
    struct lru_table        *webhooks;
    struct beta_deliveries  *deliveries;
    struct beta_reader      *readers;
};


static bool beta_is_of(const struct lru_entry *entry, void *ctx);
static bool beta_read(struct beta *beta, struct session *session);
static void beta_on_ready(void *ctx);
static void beta_take(struct beta_reader *reader,
    const struct account_event *event);
static void beta_take_message(struct beta_reader *reader, json_t *message);
static struct beta_webhook *beta_find(struct beta *beta,
    struct session *session, const char *number,
    uint8_t key[KEYED_HASH_SIZE]);
static bool beta_is_word(const char *text, const char *word);
static void beta_switch_on(struct beta_reader *reader,
    struct beta_webhook *webhook);
static void beta_switch_off(struct beta_reader *reader,
    struct beta_webhook *webhook, const char *number);
static void beta_deliver(struct beta *beta, struct beta_webhook *webhook,
    json_t *message);
static const char *beta_text(json_t *message);
static const char *beta_string(json_t *object, const char *name);


struct beta *
beta_create(const struct beta_parts *parts)
{
    struct beta  *beta;

    beta = calloc(1, sizeof(struct beta));

    if (beta == NULL) {
        return NULL;
    }

    beta->parts = *parts;
    beta->hash = keyed_hash_create();
    beta->webhooks = lru_table_create(BETA_MAX, sizeof(struct beta_webhook));
    beta->deliveries = beta_deliveries_create(parts->base, parts->guard);

    if (beta->hash == NULL || beta->webhooks == NULL
        || beta->deliveries == NULL)
    {
        beta_destroy(beta);
        return NULL;
    }

    return beta;
}


void
beta_destroy(struct beta *beta)
{
    struct beta_reader  *reader;

    if (beta == NULL) {
        return;
    }

    while ((reader = beta->readers) != NULL) {
        beta->readers = reader->next;
        ring_unsubscribe(reader->reader);
        free(reader);
    }

    beta_deliveries_destroy(beta->deliveries);
    lru_table_destroy(beta->webhooks);
    keyed_hash_destroy(beta->hash);
    free(beta);
}


enum beta_state
beta_register(struct beta *beta, struct session *session, const char *number,
    const char *url)
{
    uint8_t               key[KEYED_HASH_SIZE];
    const char           *account;
    struct beta_webhook  *webhook;

    account = session_wa_id(session);
    webhook = beta_find(beta, session, number, key);

    if (webhook != NULL && webhook->state == BETA_ON
        && strcmp(webhook->url, url) == 0)
    {
        return BETA_ON;
    }

    if (webhook != NULL) {
        beta_deliveries_forget(beta->deliveries, key);
        lru_table_remove(beta->webhooks, &webhook->entry);
    }

    if (account == NULL || strlen(account) >= BETA_NUMBER_SIZE
        || strlen(number) >= BETA_NUMBER_SIZE || !beta_read(beta, session))
    {
        return BETA_FAILED;
    }

    webhook = (struct beta_webhook *) lru_table_insert(beta->webhooks, key);

    if (webhook == NULL) {
        return BETA_FAILED;
    }

    webhook->session = session;
    strcpy(webhook->number, number);
    strcpy(webhook->account, account);
    (void) snprintf(webhook->url, sizeof(webhook->url), "%s", url);

    lru_table_hold(beta->webhooks, &webhook->entry, LRU_EVICTABLE,
                   clock_ms() + BETA_WAIT_MS);

    return BETA_WAITING;
}


void
beta_forget(struct beta *beta, const struct session *session)
{
    struct beta_owner  owner = { beta, session };

    lru_table_remove_matching(beta->webhooks, beta_is_of, &owner);
}


/* of a webhook that goes, what waits for it goes too */

static bool
beta_is_of(const struct lru_entry *entry, void *ctx)
{
    struct beta_owner  *owner = ctx;

    if (((const struct beta_webhook *) entry)->session != owner->session) {
        return false;
    }

    beta_deliveries_forget(owner->beta->deliveries, entry->key);

    return true;
}


void
beta_expire(struct beta *beta, uint64_t now_ms)
{
    lru_table_expire(beta->webhooks, now_ms);
}


size_t
beta_webhooks(const struct beta *beta)
{
    return lru_table_count(beta->webhooks);
}


struct beta_delivery_stats
beta_stats(const struct beta *beta)
{
    return beta_deliveries_stats(beta->deliveries);
}


/* makes the reader of a session's ring, if there is none */

static bool
beta_read(struct beta *beta, struct session *session)
{
    struct inbox        *inbox;
    struct beta_reader  *reader;

    for (reader = beta->readers; reader != NULL; reader = reader->next) {
        if (reader->session == session) {
            return true;
        }
    }

    inbox = inbox_list_find(beta->parts.inboxes, session);
    reader = calloc(1, sizeof(struct beta_reader));

    if (inbox == NULL || reader == NULL) {
        free(reader);
        return false;
    }

    reader->beta = beta;
    reader->session = session;
    reader->reader = ring_subscribe(inbox_ring(inbox), NULL,
                                    EVENT_BIT(EVENT_MESSAGE), beta_on_ready,
                                    reader);

    if (reader->reader == NULL) {
        free(reader);
        return false;
    }

    reader->next = beta->readers;
    beta->readers = reader;

    /* a reader is told of what comes once it has found nothing */

    beta_on_ready(reader);

    return true;
}


static void
beta_on_ready(void *ctx)
{
    struct ring_item     item;
    struct beta_reader  *reader = ctx;

    while (ring_next(reader->reader, &item)) {
        if (item.event != NULL && lru_table_count(reader->beta->webhooks) > 0)
        {
            beta_take(reader, item.event);
        }
    }
}


static void
beta_take(struct beta_reader *reader, const struct account_event *event)
{
    json_t  *root, *change, *value;

    root = json_loadb(event->body, event->size, JSON_REJECT_DUPLICATES, NULL);
    change = json_array_get(json_object_get(json_array_get(
                 json_object_get(root, "entry"), 0), "changes"), 0);
    value = json_object_get(change, "value");

    beta_take_message(reader,
                      json_array_get(json_object_get(value, "messages"), 0));

    json_decref(root);
}


static void
beta_take_message(struct beta_reader *reader, json_t *message)
{
    uint8_t               key[KEYED_HASH_SIZE];
    const char           *from, *text;
    struct beta          *beta = reader->beta;
    struct beta_webhook  *webhook;

    from = json_string_value(json_object_get(message, "from"));

    if (from == NULL || json_object_get(message, "group_id") != NULL) {
        return;
    }

    webhook = beta_find(beta, reader->session, from, key);

    if (webhook == NULL) {
        return;
    }

    text = beta_string(json_object_get(message, "text"), "body");

    if (beta_is_word(text, "WEBHOOK DELETE")) {
        beta_deliveries_forget(beta->deliveries, key);
        beta_switch_off(reader, webhook, from);

    } else if (webhook->state == BETA_WAITING) {

        if (beta_is_word(text, "AUTHORIZE")) {
            beta_switch_on(reader, webhook);
        }

    } else {
        beta_deliver(beta, webhook, message);
    }
}


/* finds the webhook of a number; key is filled in any case */

static struct beta_webhook *
beta_find(struct beta *beta, struct session *session, const char *number,
    uint8_t key[KEYED_HASH_SIZE])
{
    const char           *id, *account;
    struct beta_webhook  *webhook;

    id = session_id(session);
    account = session_wa_id(session);

    memset(key, 0, KEYED_HASH_SIZE);

    if (!keyed_hash_make(beta->hash, id, strlen(id) + 1, number,
                         strlen(number), key))
    {
        return NULL;
    }

    webhook = (struct beta_webhook *) lru_table_find(beta->webhooks, key,
                                                     clock_ms());

    if (webhook != NULL && account != NULL
        && strcmp(webhook->account, account) != 0)
    {
        beta_deliveries_forget(beta->deliveries, key);
        lru_table_remove(beta->webhooks, &webhook->entry);
        return NULL;
    }

    return webhook;
}


/* whether a text is a word, in any case of letters, with blanks around it */

static bool
beta_is_word(const char *text, const char *word)
{
    size_t  len;

    while (isspace((unsigned char) *text)) {
        text++;
    }

    len = strlen(word);

    if (strncasecmp(text, word, len) != 0) {
        return false;
    }

    for (text += len; isspace((unsigned char) *text); text++) { /* void */ }

    return *text == '\0';
}


static void
beta_switch_on(struct beta_reader *reader, struct beta_webhook *webhook)
{
    int          len;
    char         text[512];
    const char  *host;

    webhook->state = BETA_ON;

    lru_table_hold(reader->beta->webhooks, &webhook->entry, LRU_EVICTABLE,
                   clock_ms() + BETA_FOREVER);

    /* the rest of the URL may hold a secret */

    host = beta_url_host(webhook->url, &len);

    (void) snprintf(text, sizeof(text), "The webhook is on: what you write "
                    "here is passed to %.*s. Write WEBHOOK DELETE to switch "
                    "it off.", len < 256 ? len : 256, host);

    reader->beta->parts.say(reader->beta->parts.ctx, reader->session,
                            webhook->number, text);
}


static void
beta_switch_off(struct beta_reader *reader, struct beta_webhook *webhook,
    const char *number)
{
    lru_table_remove(reader->beta->webhooks, &webhook->entry);

    reader->beta->parts.say(reader->beta->parts.ctx, reader->session, number,
                            "The webhook is off: what you write here is not "
                            "passed on any more.");
}


static void
beta_deliver(struct beta *beta, struct beta_webhook *webhook, json_t *message)
{
    char                 *url;
    json_t               *reaction;
    struct beta_message   parts;

    reaction = json_object_get(message, "reaction");

    parts.text = beta_text(message);
    parts.from = webhook->number;
    parts.id = beta_string(message, "id");
    parts.reaction = "";
    parts.type = "message";

    if (reaction != NULL) {
        parts.id = beta_string(reaction, "message_id");
        parts.reaction = beta_string(reaction, "emoji");
        parts.type = "reaction";
    }

    url = beta_url_expand(webhook->url, &parts);

    if (url != NULL) {
        beta_deliveries_add(beta->deliveries, webhook->entry.key, url);
    }
}


/* what a person has written or chosen, "" if it is neither */

static const char *
beta_text(json_t *message)
{
    json_t      *object, *reply;
    const char  *type;

    type = beta_string(message, "type");
    object = json_object_get(message, type);

    if (strcmp(type, "text") == 0) {
        return beta_string(object, "body");
    }

    if (strcmp(type, "button") == 0) {
        return beta_string(object, "text");
    }

    if (strcmp(type, "interactive") == 0) {
        reply = json_object_get(object, beta_string(object, "type"));
        return beta_string(reply, "title");
    }

    return beta_string(object, "caption");
}


static const char *
beta_string(json_t *object, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}
