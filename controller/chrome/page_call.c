/*
 * Calls to the bridge of a page, and how their answers are read.
 */

#include "chrome/page_private.h"


/* the source of a call is constant: parameters travel as values */

static const char  page_call_source[] =
    "function(m,p){return this.call(m,p)}";

static const char  page_ping_source[] = "function(){}";


static json_t *page_function(struct page *page, const char *source,
    json_t *arguments);


bool
page_call(struct page *page, const char *method, json_t *params,
    unsigned timeout_ms, cdp_answer_pt answer, void *ctx)
{
    json_t  *arguments, *call;

    if (!page_ready(page)) {
        json_decref(params);
        return false;
    }

    arguments = json_pack("[{s:s}, {s:o}]", "value", method, "value",
                          params != NULL ? params : json_object());

    call = (arguments != NULL) ? page_function(page, page_call_source,
                                               arguments)
                               : NULL;

    if (call == NULL) {
        return false;
    }

    return cdp_call(page->cdp, page->session, "Runtime.callFunctionOn", call,
                    timeout_ms, answer, ctx);
}


enum cdp_status
page_result(enum cdp_status status, json_t *answer, json_t **result)
{
    json_t  *ok, *value;

    *result = NULL;

    if (status == CDP_ERROR) {
        return CDP_LOST;
    }

    if (status != CDP_OK) {
        return status;
    }

    if (json_object_get(answer, "exceptionDetails") != NULL) {
        return CDP_LOST;
    }

    value = json_object_get(json_object_get(answer, "result"), "value");
    ok = json_object_get(value, "ok");

    if (!json_is_boolean(ok)) {
        return CDP_LOST;
    }

    *result = json_object_get(value, json_is_true(ok) ? "result" : "error");

    if (!json_is_object(*result)) {
        *result = NULL;
        return CDP_LOST;
    }

    return json_is_true(ok) ? CDP_OK : CDP_ERROR;
}


bool
page_ping(struct page *page, unsigned timeout_ms, cdp_answer_pt answer,
    void *ctx)
{
    json_t  *call;

    if (!page_ready(page)) {
        return false;
    }

    call = page_function(page, page_ping_source, json_array());
    if (call == NULL) {
        return false;
    }

    return cdp_call(page->cdp, page->session, "Runtime.callFunctionOn", call,
                    timeout_ms, answer, ctx);
}


bool
page_terminate(struct page *page, unsigned timeout_ms, cdp_answer_pt answer,
    void *ctx)
{
    return cdp_call(page->cdp, page->session, "Runtime.terminateExecution",
                    NULL, timeout_ms, answer, ctx);
}


static json_t *
page_function(struct page *page, const char *source, json_t *arguments)
{
    return json_pack("{s:s, s:s, s:o, s:b, s:b}", "objectId", page->bridge,
                     "functionDeclaration", source, "arguments", arguments,
                     "awaitPromise", 1, "returnByValue", 1);
}
