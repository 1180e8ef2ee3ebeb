/*
 * Downloads of a page: all are denied, but while one is asked for.
 */

#include "chrome/page_private.h"


#define PAGE_DOWNLOAD_MS  5000


static void page_download_call(struct page *page, const char *method,
    json_t *params);
static void page_download_answer(void *ctx, enum cdp_status status,
    json_t *result);


void
page_allow_downloads(struct page *page, const char *directory)
{
    json_t  *params;

    if (directory != NULL) {
        params = json_pack("{s:s, s:s, s:b}", "behavior", "allowAndName",
                           "downloadPath", directory, "eventsEnabled", 1);

    } else {
        /* one that was begun before may end after */

        params = json_pack("{s:s, s:b}", "behavior", "deny", "eventsEnabled",
                           1);
    }

    page_download_call(page, "Browser.setDownloadBehavior", params);
}


void
page_cancel_download(struct page *page, const char *guid)
{
    page_download_call(page, "Browser.cancelDownload",
                       json_pack("{s:s}", "guid", guid));
}


/* what a call that fails means is told by the events that follow, or do not */

static void
page_download_call(struct page *page, const char *method, json_t *params)
{
    if (params != NULL && page->session[0] != '\0') {
        (void) cdp_call(page->cdp, page->session, method, params,
                        PAGE_DOWNLOAD_MS, page_download_answer, NULL);

    } else {
        json_decref(params);
    }
}


static void
page_download_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}
