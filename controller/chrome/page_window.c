/*
 * The window of a page.  A page that is hidden paints nothing, which is most
 * of what an idle one costs; its timers run on, as the command line says.
 */

#include "chrome/page_private.h"


#define PAGE_WINDOW_MS  5000


static void page_window_found(void *ctx, enum cdp_status status,
    json_t *result);
static void page_window_answer(void *ctx, enum cdp_status status,
    json_t *result);


void
page_minimise(struct page *page)
{
    (void) cdp_call(page->cdp, page->session, "Browser.getWindowForTarget",
                    NULL, PAGE_WINDOW_MS, page_window_found, page);
}


/* a window that stays as it is costs CPU time, and nothing else */

static void
page_window_found(void *ctx, enum cdp_status status, json_t *result)
{
    json_t       *id;
    struct page  *page = ctx;

    id = json_object_get(result, "windowId");

    if (status != CDP_OK || page->destroyed || id == NULL) {
        return;
    }

    (void) cdp_call(page->cdp, page->session, "Browser.setWindowBounds",
                    json_pack("{s:O, s:{s:s}}", "windowId", id, "bounds",
                              "windowState", "minimized"),
                    PAGE_WINDOW_MS, page_window_answer, NULL);
}


static void
page_window_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}
