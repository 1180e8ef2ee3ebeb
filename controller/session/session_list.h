/*
 * All sessions of the controller, in the order of their making.  Sessions are
 * added and never removed.
 */

#ifndef SESSION_LIST_H
#define SESSION_LIST_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "session/browser_list.h"
#include "session/session.h"
#include "session/session_slot.h"


struct session_list;


/*
 * Makes an empty list with room for max sessions, of which boots_max start at
 * once; parts are copied, boots and browser among them need not be set.
 * browsers is borrowed.  Returns NULL when memory is short.
 */
struct session_list *session_list_create(
    const struct session_slot_parts *parts, struct browser_list *browsers,
    size_t max, unsigned boots_max);

/* Frees the list and its sessions, which are stopped; NULL is allowed. */
void session_list_destroy(struct session_list *list);

/*
 * Adds a stopped session; id has 1 to SESSION_ID_LEN digits and is copied.
 * Returns NULL, and error, when there is no room or the session can't be made.
 */
struct session *session_list_add(struct session_list *list, const char *id,
    struct error *error);

/*
 * Sets how many bytes controller and browsers may take; 0: no limit.  Sessions
 * that run stay.
 */
void session_list_set_max_memory(struct session_list *list, uint64_t max);

/* Returns that limit. */
uint64_t session_list_max_memory(const struct session_list *list);

/*
 * Returns whether there is memory for another session; if not, logs why, with
 * its id, and fills error.
 */
bool session_list_check_room(struct session_list *list, const char *id,
    struct error *error);

/* Finds a session by the len digits at id; NULL when there is none. */
struct session *session_list_find(const struct session_list *list,
    const char *id, size_t len);

/* The number of sessions, and one of them; i is less than that number. */
size_t session_list_size(const struct session_list *list);
struct session *session_list_get(const struct session_list *list, size_t i);

/* Returns the browsers that the sessions are in. */
const struct browser_list *session_list_browsers(
    const struct session_list *list);

/* Do the same as the functions of one session, for all. */
void session_list_start(struct session_list *list);
void session_list_drain(struct session_list *list);
void session_list_stop(struct session_list *list);

/* Whether calls run in the page of any session. */
bool session_list_busy(const struct session_list *list);

/* Whether nothing is left of any session's page and browser. */
bool session_list_down(const struct session_list *list);


#endif /* SESSION_LIST_H */
