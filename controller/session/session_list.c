/*
 * The list is as large as it may get from the beginning: a session borrows
 * memory of its slot, which therefore must not move.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/host_memory.h"
#include "chrome/process_memory.h"
#include "session/memory_room.h"
#include "session/session_list.h"


#define SESSION_LIST_BOOT_MS  60000   /* how long a start keeps its place */


struct session_list {
    struct session_slot_parts   parts;
    struct browser_list        *browsers;
    struct session_slot        *slots;
    size_t                      n;      /* sessions */
    size_t                      max;
    uint64_t                    max_memory;    /* bytes; 0: no limit */
};


static bool session_list_has_room(void *ctx, const struct session *session);
static void session_list_reckon(const struct session_list *list,
    struct memory_room *room);


struct session_list *
session_list_create(const struct session_slot_parts *parts,
    struct browser_list *browsers, size_t max, unsigned boots_max)
{
    struct session_list  *list;

    list = calloc(1, sizeof(struct session_list));

    if (list == NULL) {
        return NULL;
    }

    list->parts = *parts;
    list->browsers = browsers;
    list->max = max;
    list->slots = calloc(max, sizeof(struct session_slot));
    list->parts.boots = boot_queue_create(parts->base, boots_max,
                                          SESSION_LIST_BOOT_MS);

    if (list->slots == NULL || list->parts.boots == NULL) {
        session_list_destroy(list);
        return NULL;
    }

    return list;
}


void
session_list_destroy(struct session_list *list)
{
    size_t  i;

    if (list == NULL) {
        return;
    }

    for (i = 0; i < list->n; i++) {
        session_slot_close(&list->slots[i]);
    }

    boot_queue_destroy(list->parts.boots);
    free(list->slots);
    free(list);
}


struct session *
session_list_add(struct session_list *list, const char *id,
    struct error *error)
{
    struct session_slot  *slot;

    if (list->n == list->max) {
        *error = error_say(ERROR_FORBIDDEN_ACTION,
                           "There are as many sessions as there may be");
        return NULL;
    }

    slot = &list->slots[list->n];

    list->parts.room = session_list_has_room;
    list->parts.room_ctx = list;
    list->parts.browser = browser_list_find(list->browsers, list->n);

    if (list->parts.browser == NULL) {
        *error = error_say(ERROR_PAGE_ERROR, "The session can't be made");
        error->outcome = OUTCOME_NOT_SENT;
        return NULL;
    }

    if (!session_slot_open(slot, &list->parts, id, error)) {
        return NULL;
    }

    list->n++;

    return slot->session;
}


void
session_list_set_max_memory(struct session_list *list, uint64_t max)
{
    list->max_memory = max;
}


uint64_t
session_list_max_memory(const struct session_list *list)
{
    return list->max_memory;
}


bool
session_list_check_room(struct session_list *list, const char *id,
    struct error *error)
{
    struct memory_room  room;

    session_list_reckon(list, &room);

    if (memory_room_fits(&room)) {
        return true;
    }

    log_event(list->parts.log, LOG_ERROR, "memory_full",
              log_const("session", id),
              log_int("used", (int64_t) room.used),
              log_int("starting", (int64_t) room.unmeasured),
              log_int("each", (int64_t) memory_room_expected(&room)),
              log_int("max", (int64_t) room.max),
              log_int("available", (int64_t) room.available));

    return error_set(error, ERROR_MEMORY_FULL, NULL);
}


static bool
session_list_has_room(void *ctx, const struct session *session)
{
    struct error  error;

    return session_list_check_room(ctx, session_id(session), &error);
}


static void
session_list_reckon(const struct session_list *list, struct memory_room *room)
{
    size_t                 i;
    uint64_t               bytes;
    struct host_memory     host;
    const struct session  *session;

    host_memory_read(&host);

    *room = (struct memory_room) {
        .max = list->max_memory,
        .available = host.available
    };

    if (process_memory_read(getpid(), &bytes) != PROCESS_MEMORY_UNKNOWN) {
        room->used = bytes;
    }

    for (i = 0; i < browser_list_size(list->browsers); i++) {
        room->used += browser_memory(browser_list_get(list->browsers, i));
    }

    for (i = 0; i < list->n; i++) {
        session = list->slots[i].session;

        if (session_memory(session) != 0) {
            room->measured++;

        } else if (session_launched(session)
                   && session_state(session) != SESSION_FAILED)
        {
            room->unmeasured++;
        }
    }
}


struct session *
session_list_find(const struct session_list *list, const char *id, size_t len)
{
    size_t       i;
    const char  *other;

    for (i = 0; i < list->n; i++) {
        other = list->slots[i].id;

        if (strlen(other) == len && memcmp(other, id, len) == 0) {
            return list->slots[i].session;
        }
    }

    return NULL;
}


size_t
session_list_size(const struct session_list *list)
{
    return list->n;
}


struct session *
session_list_get(const struct session_list *list, size_t i)
{
    return list->slots[i].session;
}


const struct browser_list *
session_list_browsers(const struct session_list *list)
{
    return list->browsers;
}


void
session_list_start(struct session_list *list)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        session_start(list->slots[i].session);
    }
}


void
session_list_drain(struct session_list *list)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        session_drain(list->slots[i].session);
    }
}


void
session_list_stop(struct session_list *list)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        session_stop(list->slots[i].session);
    }
}


bool
session_list_busy(const struct session_list *list)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        if (session_busy(list->slots[i].session)) {
            return true;
        }
    }

    return false;
}


bool
session_list_down(const struct session_list *list)
{
    size_t  i;

    for (i = 0; i < list->n; i++) {
        if (!session_down(list->slots[i].session)) {
            return false;
        }
    }

    return true;
}
