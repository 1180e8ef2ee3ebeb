/*
 * What becomes of a message that a client of the API has sent.  WhatsApp may
 * tell it out of order, twice, and before the client is answered; the client
 * is told once, upwards, and a little after its answer.
 */

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "events/inbox_private.h"


/* pairs of message and receiver whose last status is known */

#define INBOX_TOLD      4096
#define INBOX_TOLD_TTL  (7 * 24 * 3600 * UINT64_C(1000))    /* ms */

/* ms for a client to note the id that it was answered */

#define INBOX_ANSWER_MS  100


/* from lower to higher; a failed message may arrive after all */

static const char *const  inbox_statuses[] = {
    "", "sent", "failed", "delivered", "read", "played"
};

#define INBOX_STATUSES                                                        \
    (sizeof(inbox_statuses) / sizeof(inbox_statuses[0]))


struct inbox_told {
    struct lru_entry  entry;    /* first */
    uint8_t           status;   /* the last one, of inbox_statuses */
};


static struct sent_message *inbox_send_find(struct inbox *inbox,
    const char *key, const char *opaque);
static void inbox_status_wait(struct inbox *inbox);
static bool inbox_status_waits(const struct sent_message *message);
static void inbox_status_tell(struct inbox *inbox, json_t *object,
    const char *opaque);
static bool inbox_status_rises(struct inbox *inbox, json_t *object);
static uint8_t inbox_status_rank(json_t *object);
static bool inbox_status_is_ours(const char *key);


void
inbox_send_began(struct inbox *inbox, const char *key, const char *opaque)
{
    struct sent_message  *message;

    message = inbox_send_find(inbox, key, opaque);

    if (message == NULL) {
        return;
    }

    message->state = SENT_RUNNING;

    /* in the history it looks like a message of another device */

    inbox_keep_note_own(inbox, message->digest);
}


void
inbox_send_ended(struct inbox *inbox, const char *key, const char *opaque,
    bool not_sent)
{
    struct sent_message  *message;

    message = inbox_send_find(inbox, key, opaque);

    if (message == NULL) {
        return;
    }

    if (not_sent) {
        message->state = SENT_FAILED;
        json_decref(sent_take_held(inbox->sent, message));
        return;
    }

    message->state = SENT_ANSWERED;
    message->told = clock_ms() + INBOX_ANSWER_MS;

    inbox_keep_note_own(inbox, message->digest);
    inbox_status_wait(inbox);
}


void
inbox_status_take(struct inbox *inbox, json_t *object)
{
    uint8_t               digest[KEYED_HASH_SIZE];
    const char           *key;
    struct sent_message  *message;

    key = json_string_value(json_object_get(object, "id"));

    if (key == NULL || inbox_status_rank(object) == 0
        || !inbox_event_digest(inbox, key, digest))
    {
        inbox->stats.malformed++;
        return;
    }

    message = sent_find(inbox->sent, digest);

    if (message == NULL) {
        if (inbox_status_is_ours(key)) {
            inbox_status_tell(inbox, object, NULL);

        } else {
            inbox->stats.foreign++;
        }

        return;
    }

    if (message->state == SENT_FAILED) {
        return;
    }

    if (!inbox_status_waits(message)) {
        inbox_status_tell(inbox, object, message->opaque);

    } else if (sent_hold(inbox->sent, message, object)) {
        inbox_status_wait(inbox);

    } else {
        inbox->lost++;
        inbox->stats.lost++;
        inbox_keep_write_soon(inbox);
    }
}


void
inbox_status_tell_held(struct inbox *inbox)
{
    size_t                i;
    json_t               *held, *object;
    uint64_t              next;
    struct sent_message  *message;

    while ((message = sent_due(inbox->sent, clock_ms(), &next)) != NULL) {
        held = sent_take_held(inbox->sent, message);

        json_array_foreach(held, i, object) {
            inbox_status_tell(inbox, object, message->opaque);
        }

        json_decref(held);
    }

    inbox_status_wait(inbox);
}


void
inbox_status_forget(struct inbox *inbox)
{
    sent_clear(inbox->sent);

    if (inbox->told != NULL) {
        lru_table_clear(inbox->told);
    }
}


/* the message of a key, which is added if it is not known */

static struct sent_message *
inbox_send_find(struct inbox *inbox, const char *key, const char *opaque)
{
    uint8_t  digest[KEYED_HASH_SIZE];

    if (!inbox_event_digest(inbox, key, digest)) {
        return NULL;
    }

    return sent_add(inbox->sent, digest, key, opaque);
}


/* sets the timer for the next message whose statuses may be told */

static void
inbox_status_wait(struct inbox *inbox)
{
    uint64_t        next;
    struct timeval  tv;

    if (evtimer_pending(inbox->answered, NULL)) {
        return;
    }

    if (sent_due(inbox->sent, clock_ms(), &next) == NULL && next == 0) {
        return;
    }

    tv = clock_timeval(next);
    (void) evtimer_add(inbox->answered, &tv);
}


/* those that are held go first */

static bool
inbox_status_waits(const struct sent_message *message)
{
    return message->state == SENT_RUNNING || message->held != NULL
           || message->told > clock_ms();
}


static void
inbox_status_tell(struct inbox *inbox, json_t *object, const char *opaque)
{
    struct account_event  *event;

    if (!inbox_status_rises(inbox, object)) {
        inbox->stats.repeated++;
        return;
    }

    event = inbox_event_read(inbox, object, opaque);

    if (event == NULL) {
        inbox->stats.malformed++;
        return;
    }

    inbox_deliver(inbox, event);
    event_release(event);
}


/* notes a status that is higher than the last one of this receiver */

static bool
inbox_status_rises(struct inbox *inbox, json_t *object)
{
    uint8_t             digest[KEYED_HASH_SIZE], key[KEYED_HASH_SIZE], rank;
    const char         *id, *receiver;
    struct inbox_told  *told;

    id = json_string_value(json_object_get(object, "id"));
    receiver = json_string_value(json_object_get(
                                 json_object_get(object, "recipient"),
                                 "wid"));

    /* of all others there is one receiver, whatever it is called */

    if (receiver == NULL || !json_is_string(json_object_get(object, "group")))
    {
        receiver = "";
    }

    if (inbox->told == NULL) {
        inbox->told = lru_table_create(INBOX_TOLD, sizeof(struct inbox_told));
    }

    if (inbox->told == NULL
        || !inbox_event_digest(inbox, id, digest)
        || !keyed_hash_make(inbox->hash, digest, sizeof(digest), receiver,
                            strlen(receiver), key))
    {
        return true;
    }

    told = (struct inbox_told *) lru_table_find(inbox->told, key, clock_ms());

    if (told == NULL) {
        told = (struct inbox_told *) lru_table_insert(inbox->told, key);
    }

    rank = inbox_status_rank(object);

    if (told == NULL || rank <= told->status) {
        return told == NULL;
    }

    told->status = rank;
    lru_table_hold(inbox->told, &told->entry, LRU_EVICTABLE,
                   clock_ms() + INBOX_TOLD_TTL);

    return true;
}


/* 0: it is none */

static uint8_t
inbox_status_rank(json_t *object)
{
    uint8_t      i;
    const char  *status;

    status = json_string_value(json_object_get(object, "status"));

    for (i = 1; status != NULL && i < INBOX_STATUSES; i++) {
        if (strcmp(inbox_statuses[i], status) == 0) {
            return i;
        }
    }

    return 0;
}


/* after a restart, messages that were sent here are known by their form */

static bool
inbox_status_is_ours(const char *key)
{
    struct wamid  wamid;

    return wamid_parse(key, &wamid);
}
