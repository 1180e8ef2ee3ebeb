/*
 * The inboxes of all sessions, each of which listens to its session.
 */

#ifndef INBOX_LIST_H
#define INBOX_LIST_H


#include <stddef.h>

#include "events/inbox.h"
#include "session/session.h"


struct inbox_list;


/*
 * Makes an empty list with room for max inboxes; parts are copied.  NULL when
 * memory is short.
 */
struct inbox_list *inbox_list_create(const struct inbox_parts *parts,
    size_t max);

/* Frees the list and its inboxes, before the sessions; NULL is allowed. */
void inbox_list_destroy(struct inbox_list *list);

/*
 * Adds the inbox of a session that has none; NULL when there is no room, or
 * memory is short.
 */
struct inbox *inbox_list_add(struct inbox_list *list,
    struct session *session);

/* Returns the inbox of a session, or NULL. */
struct inbox *inbox_list_find(const struct inbox_list *list,
    const struct session *session);


#endif /* INBOX_LIST_H */
