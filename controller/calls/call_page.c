/*
 * Pages of lists.
 */

#include <string.h>

#include "calls/call_page.h"
#include "calls/call_params.h"


#define CALL_PAGE_MAX  1000    /* elements in one answer */


static size_t call_page_find(const struct call_page *page, json_t *list,
    const char *key, const char *cursor, size_t none);
static json_t *call_page_cursor(const struct call_page *page, json_t *element,
    const char *key);
static json_t *call_page_paging(const struct call_page *page, json_t *list,
    const char *key, bool more);


bool
call_page_read(json_t *params, struct call_page *page)
{
    memset(page, 0, sizeof(struct call_page));

    page->limit = CALL_PAGE_MAX;

    if (json_unpack(params, "{s?s, s?s, s?s, s?s, s?I}",
                    "fields", &page->fields, "after", &page->after,
                    "before", &page->before, "url", &page->url,
                    "limit", &page->limit)
        != 0
        || page->limit < 1 || page->limit > CALL_PAGE_MAX)
    {
        return false;
    }

    if (page->after != NULL && *page->after == '\0') {
        page->after = NULL;
    }

    if (page->before != NULL && *page->before == '\0') {
        page->before = NULL;
    }

    return true;
}


json_t *
call_page_cut(const struct call_page *page, json_t *list, const char *key)
{
    bool    more;
    size_t  first, last, limit, size;

    size = json_array_size(list);
    limit = (size_t) page->limit;
    first = 0;
    last = size;

    if (page->after != NULL) {
        first = call_page_find(page, list, key, page->after,
                               size - 1)
                + 1;
    }

    if (page->before != NULL) {
        last = call_page_find(page, list, key, page->before, 0);
    }

    if (last < first) {
        last = first;
    }

    if (last - first > limit) {
        if (page->before != NULL && page->after == NULL) {
            first = last - limit;

        } else {
            last = first + limit;
        }
    }

    more = last < size;

    while (json_array_size(list) > last) {
        (void) json_array_remove(list, json_array_size(list) - 1);
    }

    while (first-- > 0) {
        (void) json_array_remove(list, 0);
    }

    return call_page_paging(page, list, key, more);
}


/* returns the index of the element with this cursor, or none */

static size_t
call_page_find(const struct call_page *page, json_t *list, const char *key,
    const char *cursor, size_t none)
{
    char         opened[SEAL_DATA_MAX + 1];
    size_t       i;
    json_t      *element;
    const char  *text;

    if (page->seal != NULL) {
        opened[seal_open(page->seal, SEAL_CURSOR, cursor, opened,
                         SEAL_DATA_MAX)] = '\0';
        cursor = opened;
    }

    json_array_foreach(list, i, element) {
        text = json_string_value(json_object_get(element, key));

        if (text != NULL && strcmp(text, cursor) == 0) {
            return i;
        }
    }

    return none;
}


/* the cursors of the first and last element, and the URL of the next page */

static json_t *
call_page_paging(const struct call_page *page, json_t *list, const char *key,
    bool more)
{
    size_t   size;
    json_t  *first, *last, *next;

    size = json_array_size(list);

    if (size == 0) {
        return json_object();
    }

    first = call_page_cursor(page, json_array_get(list, 0), key);
    last = call_page_cursor(page, json_array_get(list, size - 1), key);
    next = NULL;

    if (more && page->url != NULL && last != NULL) {
        next = json_sprintf("%s?limit=%" JSON_INTEGER_FORMAT "&after=%s%s%s",
                            page->url, page->limit, json_string_value(last),
                            page->fields != NULL ? "&fields=" : "",
                            page->fields != NULL ? page->fields : "");
    }

    return json_pack("{s:{s:o*, s:o*}, s:o*}", "cursors", "before", first,
                     "after", last, "next", next);
}


/* a new reference; NULL for an element without the string */

static json_t *
call_page_cursor(const struct call_page *page, json_t *element,
    const char *key)
{
    char         sealed[SEAL_TEXT_SIZE];
    const char  *text;

    text = json_string_value(json_object_get(element, key));

    if (text != NULL && page->seal != NULL) {
        text = seal_close(page->seal, SEAL_CURSOR, text, strlen(text), sealed)
               ? sealed : NULL;
    }

    return text != NULL ? json_string(text) : NULL;
}


json_t *
call_page_list(struct call *call, json_t *items,
    json_t *(*make)(json_t *item), const char *key)
{
    size_t             i;
    json_t            *list, *item;
    struct call_page   page;

    list = json_array();

    json_array_foreach(items, i, item) {
        if (json_array_append_new(list, make(item)) != 0) {
            json_decref(list);
            return NULL;
        }
    }

    if (!call_page_read(call->params, &page)) {
        json_decref(list);
        return NULL;
    }

    page.seal = call->services->seal;

    return json_pack("{s:o, s:o}", "data", list, "paging",
                     call_page_cut(&page, list, key));
}


json_t *
call_page_params(struct call *call, struct error *error)
{
    struct call_page  page;

    if (!call_page_read(call->params, &page)) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "A parameter of the list is not valid");
        return NULL;
    }

    return call_params_empty(call, error);
}
