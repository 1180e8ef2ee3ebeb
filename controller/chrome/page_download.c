/*
 * Downloads of a page: all are denied.
 */

#include "chrome/page_private.h"


#define PAGE_DOWNLOAD_MS  20000


static void page_download_answer(void *ctx, enum cdp_status status,
    json_t *result);


/* not by Browser.setDownloadBehavior, which reaches the profile that was used
   last, whichever page it is sent to */

void
page_deny_downloads(struct page *page)
{
    (void) cdp_call(page->cdp, page->session, "Page.setDownloadBehavior",
                    json_pack("{s:s}", "behavior", "deny"), PAGE_DOWNLOAD_MS,
                    page_download_answer, page);
}


/* a browser that can't be told so serves otherwise */

static void
page_download_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct page  *page = ctx;

    (void) result;

    if (status == CDP_ERROR) {
        log_event(page->log, LOG_WARN, "page_downloads_not_denied",
                  log_const("session", page->config->name));
    }
}
