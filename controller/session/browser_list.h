/*
 * The browsers of the controller: so many sessions each, in the order of the
 * sessions' making.  Browsers are made when their first session is, and never
 * removed.
 */

#ifndef BROWSER_LIST_H
#define BROWSER_LIST_H


#include <stddef.h>

#include <event2/event.h>

#include "base/log.h"
#include "chrome/browser.h"


struct browser_list;


/* borrowed, but for config's members, which are copied */

struct browser_list_parts {
    struct event_base            *base;
    struct log                   *log;
    const char                   *runtime_dir;
    const struct browser_config  *config;    /* name and directory need not be
                                                set */
};


/*
 * Makes an empty list for max sessions, of which per_browser share a browser.
 * Returns NULL when memory is short.  browser_list_destroy frees it and its
 * browsers, which are stopped and have no tabs any more; NULL is allowed.
 */
struct browser_list *browser_list_create(
    const struct browser_list_parts *parts, size_t max, size_t per_browser);
void browser_list_destroy(struct browser_list *list);

/*
 * Returns the browser of the session that was made as number i, from 0; makes
 * it if it is the first one's.  NULL when memory is short.
 */
struct browser *browser_list_find(struct browser_list *list, size_t i);

/* The number of browsers, and one of them; i is less than that number. */
size_t browser_list_size(const struct browser_list *list);
struct browser *browser_list_get(const struct browser_list *list, size_t i);


#endif /* BROWSER_LIST_H */
