/*
 * The memory of a page's scripts.
 */

#include "chrome/page_private.h"


bool
page_ask_heap(struct page *page, unsigned timeout_ms, cdp_answer_pt answer,
    void *ctx)
{
    return cdp_call(page->cdp, page->session, "Runtime.getHeapUsage", NULL,
                    timeout_ms, answer, ctx);
}


uint64_t
page_heap_used(json_t *answer)
{
    size_t    i;
    uint64_t  used;

    static const char *const  members[] = {
        "usedSize", "embedderHeapUsedSize", "backingStorageSize"
    };

    used = 0;

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        used += (uint64_t) json_number_value(json_object_get(answer,
                                                             members[i]));
    }

    return used;
}


bool
page_collect_garbage(struct page *page, unsigned timeout_ms,
    cdp_answer_pt answer, void *ctx)
{
    return cdp_call(page->cdp, page->session, "HeapProfiler.collectGarbage",
                    NULL, timeout_ms, answer, ctx);
}
