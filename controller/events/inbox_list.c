/*
 * Inboxes are few: an array, in the order of their making.  A session is the
 * page of its inbox.
 */

#include <stdlib.h>

#include "events/inbox_list.h"


struct inbox_entry {
    struct inbox        *inbox;
    struct session      *session;
    enum session_state   state;    /* the last one that was told */
};


struct inbox_list {
    struct inbox_parts   parts;
    struct inbox_entry  *entries;
    size_t               n;
    size_t               max;
};


static void inbox_list_on_inbound(void *ctx, json_t *data);
static void inbox_list_on_changed(void *ctx);
static void inbox_list_tell_state(struct inbox_entry *entry,
    enum session_state state);
static const char *inbox_list_number(void *ctx);
static bool inbox_list_call(void *ctx, const char *method, json_t *params,
    uint64_t timeout_ms, tab_call_pt done, void *done_ctx);


static const struct session_listener  inbox_list_listener = {
    inbox_list_on_inbound,
    inbox_list_on_changed
};


struct inbox_list *
inbox_list_create(const struct inbox_parts *parts, size_t max)
{
    struct inbox_list  *list;

    list = calloc(1, sizeof(struct inbox_list));

    if (list == NULL) {
        return NULL;
    }

    list->parts = *parts;
    list->max = max;
    list->entries = calloc(max, sizeof(struct inbox_entry));

    if (list->entries == NULL) {
        free(list);
        return NULL;
    }

    return list;
}


void
inbox_list_destroy(struct inbox_list *list)
{
    size_t  i;

    if (list == NULL) {
        return;
    }

    for (i = 0; i < list->n; i++) {
        session_listen(list->entries[i].session, NULL, NULL);
        inbox_destroy(list->entries[i].inbox);
    }

    free(list->entries);
    free(list);
}


struct inbox *
inbox_list_add(struct inbox_list *list, struct session *session)
{
    struct inbox_page    page;
    struct inbox_entry  *entry;

    if (list->n == list->max) {
        return NULL;
    }

    page.number = inbox_list_number;
    page.call = inbox_list_call;
    page.ctx = session;

    entry = &list->entries[list->n];

    entry->session = session;
    entry->inbox = inbox_create(&list->parts, session_id(session), &page);

    if (entry->inbox == NULL) {
        return NULL;
    }

    list->n++;
    session_listen(session, &inbox_list_listener, entry);

    return entry->inbox;
}


struct inbox *
inbox_list_find(const struct inbox_list *list, const struct session *session)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        if (list->entries[i].session == session) {
            return list->entries[i].inbox;
        }
    }

    return NULL;
}


static void
inbox_list_on_inbound(void *ctx, json_t *data)
{
    struct inbox_entry  *entry = ctx;

    inbox_take(entry->inbox, data);
}


static void
inbox_list_on_changed(void *ctx)
{
    bool                      runs;
    enum session_state        state;
    struct inbox_entry       *entry = ctx;
    struct inbox_page_state   page;

    state = session_state(entry->session);
    runs = state == SESSION_READY || state == SESSION_DEGRADED;

    page.document = session_documents(entry->session);
    page.unlinked = session_unlinked(entry->session);
    page.ready = runs && session_can(entry->session, SESSION_HISTORY);
    page.tells = (runs || state == SESSION_SYNCING)
                 && session_can(entry->session, SESSION_INBOUND);

    inbox_list_tell_state(entry, state);
    inbox_page_changed(entry->inbox, &page);
}


/* tells of a state from which no account comes back by itself, once */

static void
inbox_list_tell_state(struct inbox_entry *entry, enum session_state state)
{
    struct error  error;

    if (state == entry->state) {
        return;
    }

    entry->state = state;

    if (state == SESSION_LOGGED_OUT || state == SESSION_CONFLICT
        || state == SESSION_PASSKEY_REQUIRED || state == SESSION_FAILED
        || state == SESSION_INCOMPATIBLE)
    {
        (void) session_check(entry->session, &error);
        inbox_tell_error(entry->inbox, &error);
    }
}


static const char *
inbox_list_number(void *ctx)
{
    const char  *number;

    number = session_wa_id(ctx);

    return number != NULL ? number : "";
}


static bool
inbox_list_call(void *ctx, const char *method, json_t *params,
    uint64_t timeout_ms, tab_call_pt done, void *done_ctx)
{
    return session_call(ctx, method, params, NULL, timeout_ms, done,
                        done_ctx);
}
