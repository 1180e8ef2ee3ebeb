/*
 * Pages of lists, as in the Graph API: limit, after and before choose a part
 * of a list, and "paging" of the answer has the cursors for the others.
 */

#ifndef CALL_PAGE_H
#define CALL_PAGE_H


#include "base/seal.h"
#include "calls/call.h"


/* the parameters of a list; the texts point into those of its call */

struct call_page {
    const char  *fields;    /* NULL: none are given */
    const char  *after;     /* the cursor before the first element, or NULL */
    const char  *before;    /* the cursor behind the last element, or NULL */
    const char  *url;       /* of the list; NULL: not known */
    json_int_t   limit;     /* elements */

    /* set it after reading where a cursor would reveal a number */
    const struct seal  *seal;
};


/* Reads the parameters; false: one of them is not valid. */
bool call_page_read(json_t *params, struct call_page *page);

/*
 * Leaves the page's elements in the list, whose cursors are their strings
 * named key, sealed if the page has a seal, and returns "paging", a new
 * reference; NULL: memory is short.  Nothing is left behind a cursor that no
 * element has.
 */
json_t *call_page_cut(const struct call_page *page, json_t *list,
    const char *key);

/*
 * Makes the result of a call for a list: the part of it that the parameters
 * choose, each element made by make of one of items, with its string named key
 * sealed as the cursor.  A new reference; NULL: memory is short.
 */
json_t *call_page_list(struct call *call, json_t *items,
    json_t *(*make)(json_t *item), const char *key);

/*
 * For rows of struct call_handler: the parameters of a list that the page
 * takes none for.
 */
json_t *call_page_params(struct call *call, struct error *error);


#endif /* CALL_PAGE_H */
