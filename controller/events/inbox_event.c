/*
 * An event of the bridge becomes an event of the controller: its envelope, the
 * digest by which it is known again, and the hash of its chat.
 */

#include <stdlib.h>
#include <string.h>

#include "base/wamid.h"
#include "events/inbox_private.h"


#define INBOX_GROUP  "@g.us"


/* the parts of a serialized key: true_<chat>_<id>[_<participant>] */

struct inbox_key {
    bool         own;
    const char  *chat;
    size_t       chat_len;
    const char  *id;
    size_t       id_len;
};


static enum event_kind inbox_event_kind(json_t *object);
static bool inbox_event_envelope(struct inbox *inbox, enum event_kind kind,
    json_t *object, const char *opaque, struct envelope *envelope);
static void inbox_event_account(struct inbox *inbox,
    struct envelope_account *account);
static const char *inbox_event_answered(void *ctx, const char *key);
static unsigned inbox_event_word(enum event_kind kind, json_t *object);
static bool inbox_event_identify(struct inbox *inbox,
    struct account_event *event, json_t *object);
static bool inbox_key_split(const char *key, struct inbox_key *parts);


struct account_event *
inbox_event_read(struct inbox *inbox, json_t *object, const char *opaque)
{
    struct account_event  *event;
    enum event_kind        kind;
    struct envelope        envelope;

    kind = inbox_event_kind(object);

    if (kind == EVENT_KINDS
        || !inbox_event_envelope(inbox, kind, object, opaque,
                                    &envelope))
    {
        return NULL;
    }

    event = event_create(kind, envelope.body, envelope.size);

    if (event == NULL) {
        return NULL;
    }

    event->word = inbox_event_word(kind, object);

    if (!inbox_event_identify(inbox, event, object)) {
        event_release(event);
        return NULL;
    }

    return event;
}


struct account_event *
inbox_event_error(struct inbox *inbox, const struct error *error)
{
    struct envelope           envelope;
    struct envelope_account   account;

    inbox_event_account(inbox, &account);

    if (!envelope_error(&envelope, &account, error)) {
        return NULL;
    }

    return event_create(EVENT_ERROR, envelope.body, envelope.size);
}


static enum event_kind
inbox_event_kind(json_t *object)
{
    const char  *kind;

    kind = json_string_value(json_object_get(object, "kind"));

    if (kind == NULL) {
        return EVENT_KINDS;
    }

    if (strcmp(kind, "message") == 0) {
        return json_is_true(json_object_get(object, "own")) ? EVENT_ECHO
                                                            : EVENT_MESSAGE;
    }

    if (strcmp(kind, "status") == 0) {
        return EVENT_STATUS;
    }

    return strcmp(kind, "call") == 0 ? EVENT_CALL : EVENT_KINDS;
}


static bool
inbox_event_envelope(struct inbox *inbox, enum event_kind kind,
    json_t *object, const char *opaque, struct envelope *envelope)
{
    struct envelope_account  account;

    inbox_event_account(inbox, &account);

    switch (kind) {

    case EVENT_STATUS:
        return envelope_status(envelope, &account, object, opaque);

    case EVENT_CALL:
        return envelope_call(envelope, &account, object);

    default: /* EVENT_MESSAGE, EVENT_ECHO */
        return envelope_message(envelope, &account, object);
    }
}


static void
inbox_event_account(struct inbox *inbox, struct envelope_account *account)
{
    memset(account, 0, sizeof(struct envelope_account));

    account->session = inbox->session;
    account->number = inbox->page.number(inbox->page.ctx);
    account->seal = inbox->parts.seal;
    account->answered = inbox_event_answered;
    account->ctx = inbox;
}


static const char *
inbox_event_answered(void *ctx, const char *key)
{
    uint8_t               digest[KEYED_HASH_SIZE];
    struct inbox         *inbox = ctx;
    struct sent_message  *message;

    if (!inbox_event_digest(inbox, key, digest)) {
        return NULL;
    }

    message = sent_find(inbox->sent, digest);

    return message != NULL ? message->wamid : NULL;
}


static unsigned
inbox_event_word(enum event_kind kind, json_t *object)
{
    const char  *word;

    word = json_string_value(
        kind == EVENT_STATUS
        ? json_object_get(object, "status")
        : json_object_get(json_object_get(object, "message"), "type"));

    return word != NULL ? event_word_find(word, strlen(word)) : 0;
}


static bool
inbox_event_identify(struct inbox *inbox, struct account_event *event,
    json_t *object)
{
    uint8_t      hash[KEYED_HASH_SIZE];
    const char  *chat, *key;

    key = json_string_value(json_object_get(object, "id"));
    chat = json_string_value(json_object_get(object, "chat"));

    if (key == NULL || chat == NULL
        || !keyed_hash_make(inbox->hash, "chat", sizeof("chat"), chat,
                            strlen(chat), hash))
    {
        return false;
    }

    memcpy(&event->chat, hash, sizeof(event->chat));
    event->time = (uint64_t) json_integer_value(json_object_get(object, "t"));

    return inbox_event_digest(inbox, key, event->digest);
}


/*
 * A message may come under a number and under a lid: its chat counts in groups
 * only, where it has one form, and its author nowhere.
 */

bool
inbox_event_digest(struct inbox *inbox, const char *key,
    uint8_t digest[KEYED_HASH_SIZE])
{
    char              group[WAMID_WID_SIZE + 2];
    struct inbox_key  parts;

    if (!inbox_key_split(key, &parts)) {
        return false;
    }

    memset(group, 0, sizeof(group));
    group[0] = parts.own ? 'o' : 'm';

    if (parts.chat_len > sizeof(INBOX_GROUP) - 1
        && memcmp(parts.chat + parts.chat_len - (sizeof(INBOX_GROUP) - 1),
                  INBOX_GROUP, sizeof(INBOX_GROUP) - 1)
           == 0)
    {
        memcpy(group + 1, parts.chat, parts.chat_len);
    }

    return keyed_hash_make(inbox->hash, group, strlen(group) + 1, parts.id,
                           parts.id_len, digest);
}


bool
inbox_event_is_message(enum event_kind kind)
{
    return kind == EVENT_MESSAGE || kind == EVENT_ECHO;
}


static bool
inbox_key_split(const char *key, struct inbox_key *parts)
{
    const char  *end;

    parts->own = strncmp(key, "true_", 5) == 0;

    if (!parts->own && strncmp(key, "false_", 6) != 0) {
        return false;
    }

    parts->chat = key + (parts->own ? 5 : 6);
    end = strchr(parts->chat, '_');

    if (end == NULL || end - parts->chat >= WAMID_WID_SIZE) {
        return false;
    }

    parts->chat_len = (size_t) (end - parts->chat);
    parts->id = end + 1;
    parts->id_len = strcspn(parts->id, "_");

    return parts->chat_len != 0 && parts->id_len != 0;
}
