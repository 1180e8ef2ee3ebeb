/*
 * Which process a page is in.  No method of the protocol says so, but ids that
 * a renderer makes begin with the number of its process, as the browser counts
 * processes.  A search that finds nothing, in a document that has just begun,
 * costs next to nothing and gives such an id: "4711.0".
 *
 * A wrong number would lead to another session's process.  Whoever uses it
 * therefore checks that it is a renderer of this browser, and nobody else's.
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "chrome/page_private.h"


#define PAGE_SEARCH_MS  10000


static void page_process_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void page_process_found(void *ctx, enum cdp_status status,
    json_t *result);
static pid_t page_process_parse(const char *id);


/* the document's agent is on for this search alone: it would watch each change
   of the document */

void
page_find_process(struct page *page)
{
    if (page->process != 0 || page->searching || page->bridge[0] == '\0') {
        return;
    }

    (void) cdp_call(page->cdp, page->session, "DOM.enable", NULL,
                    PAGE_SEARCH_MS, page_process_answer, NULL);

    page->searching = cdp_call(page->cdp, page->session, "DOM.performSearch",
                               json_pack("{s:s}", "query", "//none"),
                               PAGE_SEARCH_MS, page_process_found, page);

    (void) cdp_call(page->cdp, page->session, "DOM.disable", NULL,
                    PAGE_SEARCH_MS, page_process_answer, NULL);
}


static void
page_process_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


/* calls of a document that is left are failed before the next one's are made:
   this answer is the present document's */

static void
page_process_found(void *ctx, enum cdp_status status, json_t *result)
{
    struct page  *page = ctx;

    page->searching = false;

    if (status == CDP_OK && page->bridge[0] != '\0') {
        page->process = page_process_parse(json_string_value(
                            json_object_get(result, "searchId")));
    }
}


static pid_t
page_process_parse(const char *id)
{
    char  *end;
    long   pid;

    if (id == NULL || id[0] < '1' || id[0] > '9') {
        return 0;
    }

    errno = 0;
    pid = strtol(id, &end, 10);

    return errno == 0 && pid <= INT_MAX && *end == '.' ? (pid_t) pid : 0;
}


pid_t
page_process(const struct page *page)
{
    return page->process;
}
