/*
 * Chats are in the order in which they were tried: the one that was tried
 * last is at the end.  A chat exists while it has events.
 */

#include <sys/queue.h>

#include <stdlib.h>

#include "events/webhook_backoff.h"
#include "events/webhook_queue.h"


struct webhook_chat;


struct webhook_item {
    TAILQ_ENTRY(webhook_item)  link;     /* in its chat */
    TAILQ_ENTRY(webhook_item)  age;      /* in the queue, oldest first */
    struct webhook_chat       *chat;
    void                      *event;
    size_t                     size;
    uint64_t                   added;    /* ms */
    uint64_t                   refused;  /* ms, at first; 0: not so far */
    bool                       probe;    /* runs while the receiver fails */
};


TAILQ_HEAD(webhook_items, webhook_item);


struct webhook_chat {
    TAILQ_ENTRY(webhook_chat)  link;
    uint64_t                   id;
    struct webhook_items       items;
    uint64_t                   next;        /* ms, not before */
    uint64_t                   taken;       /* the queue's, at the failure */
    unsigned                   failures;    /* of its first event */
    bool                       running;
    bool                       own;         /* its failures are its own */
};


TAILQ_HEAD(webhook_chats, webhook_chat);


struct webhook_queue {
    struct webhook_queue_config  config;
    struct webhook_chats         chats;
    struct webhook_items         items;
    size_t                       n;
    size_t                       bytes;
    unsigned                     running;
    uint64_t                     taken;       /* events, so far */

    /* the receiver */

    bool                         down;
    unsigned                     failures;
    uint64_t                     next;        /* ms, not before, if down */
    uint64_t                     asked;       /* ms, as it asked to wait */
    const struct webhook_chat   *suspect;     /* the last chat that failed,
                                                 with no event taken since */
};


static struct webhook_chat *webhook_queue_chat(struct webhook_queue *queue,
    uint64_t id);
static struct webhook_chat *webhook_queue_choose(struct webhook_queue *queue,
    uint64_t now_ms, uint64_t *when_ms);
static bool webhook_queue_blames(struct webhook_queue *queue,
    const struct webhook_item *item, enum webhook_blame blame);
static void webhook_queue_down(struct webhook_queue *queue, bool probe,
    uint64_t now_ms, uint32_t random);
static void webhook_queue_remove(struct webhook_queue *queue,
    struct webhook_item *item);
static void webhook_queue_forget(struct webhook_queue *queue, bool own);


struct webhook_queue *
webhook_queue_create(const struct webhook_queue_config *config)
{
    struct webhook_queue  *queue;

    queue = calloc(1, sizeof(struct webhook_queue));

    if (queue == NULL) {
        return NULL;
    }

    queue->config = *config;

    TAILQ_INIT(&queue->chats);
    TAILQ_INIT(&queue->items);

    return queue;
}


void
webhook_queue_destroy(struct webhook_queue *queue,
    void (*drop)(void *event))
{
    if (queue != NULL) {
        webhook_queue_clear(queue, drop);
        free(queue);
    }
}


void
webhook_queue_clear(struct webhook_queue *queue, void (*drop)(void *event))
{
    struct webhook_item  *item;

    while ((item = TAILQ_FIRST(&queue->items)) != NULL) {
        drop(item->event);
        webhook_queue_remove(queue, item);
    }

    webhook_queue_reset(queue);
}


bool
webhook_queue_put(struct webhook_queue *queue,
    uint64_t chat, void *event, size_t size,
    uint64_t now_ms)
{
    struct webhook_item  *item;

    if (queue->n == queue->config.max
        || size > queue->config.max_bytes - queue->bytes)
    {
        return false;
    }

    item = calloc(1, sizeof(struct webhook_item));

    if (item == NULL) {
        return false;
    }

    item->chat = webhook_queue_chat(queue, chat);

    if (item->chat == NULL) {
        free(item);
        return false;
    }

    item->event = event;
    item->size = size;
    item->added = now_ms;

    TAILQ_INSERT_TAIL(&item->chat->items, item, link);
    TAILQ_INSERT_TAIL(&queue->items, item, age);

    queue->n++;
    queue->bytes += size;

    return true;
}


struct webhook_item *
webhook_queue_next(struct webhook_queue *queue, uint64_t now_ms,
    uint64_t *when_ms)
{
    uint64_t              next;
    struct webhook_chat  *chat;
    struct webhook_item  *item;

    *when_ms = WEBHOOK_NEVER;

    if (queue->running == queue->config.parallel
        || (queue->down && queue->running != 0))
    {
        return NULL;
    }

    next = queue->down && queue->next > queue->asked ? queue->next
                                                     : queue->asked;

    if (now_ms < next && queue->n != 0) {
        *when_ms = next;
        return NULL;
    }

    chat = webhook_queue_choose(queue, now_ms, when_ms);

    if (chat == NULL) {
        return NULL;
    }

    TAILQ_REMOVE(&queue->chats, chat, link);
    TAILQ_INSERT_TAIL(&queue->chats, chat, link);

    item = TAILQ_FIRST(&chat->items);
    item->probe = queue->down;
    chat->running = true;
    queue->running++;

    return item;
}


void *
webhook_item_event(const struct webhook_item *item)
{
    return item->event;
}


void
webhook_queue_taken(struct webhook_queue *queue, struct webhook_item *item)
{
    struct webhook_chat  *chat;

    chat = item->chat;
    chat->failures = 0;
    chat->own = false;
    chat->next = 0;

    webhook_queue_release(queue, item);
    webhook_queue_remove(queue, item);

    queue->taken++;
    queue->suspect = NULL;

    /* what waited because of the receiver need not wait any longer */

    if (queue->down) {
        webhook_queue_forget(queue, false);
    }
}


void
webhook_queue_failed(struct webhook_queue *queue, struct webhook_item *item,
    enum webhook_blame blame, uint64_t retry_after_ms, uint64_t now_ms,
    uint32_t random)
{
    bool                  down, probe;
    uint64_t              delay;
    struct webhook_chat  *chat;

    chat = item->chat;
    probe = item->probe;
    down = webhook_queue_blames(queue, item, blame);

    webhook_queue_release(queue, item);

    chat->failures++;
    chat->taken = queue->taken;

    delay = webhook_backoff(chat->failures, WEBHOOK_BACKOFF_MAX_MS, random);

    chat->next = now_ms + delay;

    if (queue->asked < now_ms + retry_after_ms) {
        queue->asked = now_ms + retry_after_ms;
    }

    if (down) {
        webhook_queue_down(queue, probe, now_ms, random);
    }
}


uint64_t
webhook_queue_refused(struct webhook_item *item, uint64_t now_ms)
{
    if (item->refused == 0) {
        item->refused = now_ms;
    }

    return now_ms - item->refused;
}


void
webhook_queue_drop(struct webhook_queue *queue, struct webhook_item *item)
{
    item->chat->failures = 0;
    item->chat->own = false;
    item->chat->next = 0;

    webhook_queue_remove(queue, item);
}


void
webhook_queue_release(struct webhook_queue *queue, struct webhook_item *item)
{
    item->chat->running = false;
    queue->running--;
}


void
webhook_queue_reset(struct webhook_queue *queue)
{
    queue->asked = 0;

    webhook_queue_forget(queue, true);
}


size_t
webhook_queue_length(const struct webhook_queue *queue)
{
    return queue->n;
}


size_t
webhook_queue_bytes(const struct webhook_queue *queue)
{
    return queue->bytes;
}


unsigned
webhook_queue_running(const struct webhook_queue *queue)
{
    return queue->running;
}


uint64_t
webhook_queue_oldest(const struct webhook_queue *queue, uint64_t now_ms)
{
    const struct webhook_item  *item;

    item = TAILQ_FIRST(&queue->items);

    return item != NULL ? item->added : now_ms;
}


/* finds a chat or makes it; NULL when memory is short */

static struct webhook_chat *
webhook_queue_chat(struct webhook_queue *queue,
    uint64_t id)
{
    struct webhook_chat  *chat;

    TAILQ_FOREACH(chat, &queue->chats, link) {
        if (chat->id == id) {
            return chat;
        }
    }

    chat = calloc(1, sizeof(struct webhook_chat));

    if (chat == NULL) {
        return NULL;
    }

    chat->id = id;
    TAILQ_INIT(&chat->items);

    TAILQ_INSERT_TAIL(&queue->chats, chat, link);

    return chat;
}


/* the chat whose turn it is; NULL: not before *when_ms */

static struct webhook_chat *
webhook_queue_choose(struct webhook_queue *queue, uint64_t now_ms,
    uint64_t *when_ms)
{
    struct webhook_chat  *chat, *failed;

    failed = NULL;

    TAILQ_FOREACH(chat, &queue->chats, link) {

        if (chat->running) {
            continue;
        }

        if (chat->failures == 0 || (!queue->down && chat->next <= now_ms)) {
            return chat;
        }

        /*
         * While the receiver is down, it is its time that counts, and a chat
         * that has not failed yet is the better probe.
         */

        if (queue->down && failed == NULL
            && (!chat->own || chat->next <= now_ms))
        {
            failed = chat;
        }

        if (chat->next < *when_ms) {
            *when_ms = chat->next;
        }
    }

    return failed;
}


/* whether the receiver is taken to be down after a failure of an item */

static bool
webhook_queue_blames(struct webhook_queue *queue,
    const struct webhook_item *item, enum webhook_blame blame)
{
    const struct webhook_chat  *suspect;
    struct webhook_chat        *chat;

    chat = item->chat;

    if (blame == WEBHOOK_BLAME_RECEIVER || queue->down) {
        return true;
    }

    if (chat->failures != 0 && chat->taken != queue->taken) {
        chat->own = true;
    }

    if (chat->own) {
        return false;
    }

    suspect = queue->suspect;
    queue->suspect = chat;

    return suspect != NULL && suspect != chat;
}


/* only probes count, as events that ran before may fail one by one */

static void
webhook_queue_down(struct webhook_queue *queue, bool probe,
    uint64_t now_ms, uint32_t random)
{
    if (!queue->down || probe) {
        queue->failures++;
        queue->next = now_ms + webhook_backoff(queue->failures,
                                               WEBHOOK_BACKOFF_MAX_MS,
                                               random);
    }

    queue->down = true;
}


static void
webhook_queue_remove(struct webhook_queue *queue, struct webhook_item *item)
{
    struct webhook_chat  *chat;

    chat = item->chat;

    TAILQ_REMOVE(&chat->items, item, link);
    TAILQ_REMOVE(&queue->items, item, age);

    queue->n--;
    queue->bytes -= item->size;

    free(item);

    if (TAILQ_EMPTY(&chat->items)) {
        if (queue->suspect == chat) {
            queue->suspect = NULL;
        }

        TAILQ_REMOVE(&queue->chats, chat, link);
        free(chat);
    }
}


/* own: also the failures that are the chats' own */

static void
webhook_queue_forget(struct webhook_queue *queue, bool own)
{
    struct webhook_chat  *chat;

    queue->down = false;
    queue->failures = 0;
    queue->next = 0;
    queue->suspect = NULL;

    TAILQ_FOREACH(chat, &queue->chats, link) {
        if (own) {
            chat->failures = 0;
            chat->own = false;
        }

        if (!chat->own) {
            chat->next = 0;
            chat->failures = chat->failures != 0;
        }
    }
}
