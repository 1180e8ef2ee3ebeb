/*
 * Files that the bridge holds as blobs.  Their content is the browser's: it is
 * read from there, and the page is not asked for a byte of it.
 */

#include <string.h>

#include "chrome/page_private.h"


#define PAGE_BLOB_MS  5000


static const char  page_blob_source[] =
    "function(h){return this.fileOf(h)}";


static void page_blob_forgotten(void *ctx, enum cdp_status status,
    json_t *result);


bool
page_find_blob(struct page *page, json_int_t handle, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx)
{
    if (!page_ready(page)) {
        return false;
    }

    return cdp_call(page->cdp, page->session, "Runtime.callFunctionOn",
                    json_pack("{s:s, s:s, s:[{s:I}]}",
                              "objectId", page->bridge,
                              "functionDeclaration", page_blob_source,
                              "arguments", "value", handle),
                    timeout_ms, answer, ctx);
}


bool
page_resolve_blob(struct page *page, json_t *found, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx)
{
    bool     called;
    json_t  *object;

    object = json_object_get(json_object_get(found, "result"), "objectId");

    if (!json_is_string(object)) {
        return false;
    }

    called = cdp_call(page->cdp, page->session, "IO.resolveBlob",
                      json_pack("{s:O}", "objectId", object), timeout_ms,
                      answer, ctx);

    /* the handle would keep the blob for as long as its document lives */

    (void) cdp_call(page->cdp, page->session, "Runtime.releaseObject",
                    json_pack("{s:O}", "objectId", object), PAGE_BLOB_MS,
                    page_blob_forgotten, NULL);

    return called;
}


bool
page_blob_id(json_t *resolved, char *id)
{
    size_t       len;
    const char  *uuid;

    uuid = json_string_value(json_object_get(resolved, "uuid"));
    len = uuid != NULL ? strlen(uuid) : 0;

    if (len == 0 || len >= PAGE_BLOB_ID_SIZE
        || strspn(uuid, "0123456789abcdefABCDEF-") != len)
    {
        return false;
    }

    memcpy(id, uuid, len + 1);

    return true;
}


bool
page_read_blob(struct page *page, const char *id, size_t size,
    unsigned timeout_ms, cdp_answer_pt answer, void *ctx)
{
    return cdp_call(page->cdp, page->session, "IO.read",
                    json_pack("{s:s+, s:I}", "handle", "blob:", id, "size",
                              (json_int_t) size),
                    timeout_ms, answer, ctx);
}


void
page_close_blob(struct page *page, const char *id)
{
    (void) cdp_call(page->cdp, page->session, "IO.close",
                    json_pack("{s:s+}", "handle", "blob:", id), PAGE_BLOB_MS,
                    page_blob_forgotten, NULL);
}


static void
page_blob_forgotten(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}
