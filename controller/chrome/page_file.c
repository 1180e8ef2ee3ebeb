/*
 * Calls to the bridge that hand over a file.  The bridge makes a file input,
 * the browser fills it by the file's path, and the method gets the input
 * beside its parameters.  So no byte of the file passes through the protocol.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "chrome/page_private.h"


#define PAGE_RELEASE_MS  5000


struct page_file {
    struct page    *page;
    cdp_answer_pt   answer;
    void           *ctx;
    const char     *method;
    json_t         *params;
    char           *path;
    uint64_t        deadline;               /* ms */
    char            bridge[PAGE_ID_MAX];    /* the one that made the input */
    char            input[PAGE_ID_MAX];     /* "": not made yet */
};


static void page_file_made(void *ctx, enum cdp_status status,
    json_t *result);
static void page_file_filled(void *ctx, enum cdp_status status,
    json_t *result);
static void page_file_answer(void *ctx, enum cdp_status status,
    json_t *result);
static bool page_file_next(const struct page_file *file,
    enum cdp_status status);
static unsigned page_file_left(const struct page_file *file);
static void page_file_failed(struct page_file *file);
static void page_file_release(const struct page_file *file,
    enum cdp_status status);
static void page_file_released(void *ctx, enum cdp_status status,
    json_t *result);
static void page_file_destroy(struct page_file *file);


static const char  page_file_make_source[] =
    "function(){return this.fileInput()}";

static const char  page_file_call_source[] =
    "function(m,p,f){return this.call(m,p,f)}";


bool
page_call_file(struct page *page, const char *method, json_t *params,
    const char *path, unsigned timeout_ms, cdp_answer_pt answer, void *ctx)
{
    json_t            *call;
    struct page_file  *file;

    file = page_ready(page) ? calloc(1, sizeof(struct page_file)) : NULL;

    if (file == NULL) {
        json_decref(params);
        return false;
    }

    file->page = page;
    file->answer = answer;
    file->ctx = ctx;
    file->method = method;
    file->params = params != NULL ? params : json_object();
    file->path = strdup(path);
    file->deadline = clock_ms() + timeout_ms;

    memcpy(file->bridge, page->bridge, sizeof(file->bridge));

    call = json_pack("{s:s, s:s}", "objectId", page->bridge,
                     "functionDeclaration", page_file_make_source);

    if (file->path == NULL) {
        json_decref(call);
        call = NULL;
    }

    if (call == NULL
        || !cdp_call(page->cdp, page->session, "Runtime.callFunctionOn", call,
                     timeout_ms, page_file_made, file))
    {
        page_file_destroy(file);
        return false;
    }

    return true;
}


static void
page_file_made(void *ctx, enum cdp_status status, json_t *result)
{
    json_t            *call;
    const char        *input;
    struct page_file  *file = ctx;

    input = json_string_value(json_object_get(json_object_get(result,
                                                              "result"),
                                              "objectId"));

    /* an exception has an objectId too */

    if (!page_file_next(file, status) || input == NULL
        || json_object_get(result, "exceptionDetails") != NULL
        || strlen(input) >= sizeof(file->input))
    {
        page_file_failed(file);
        return;
    }

    strcpy(file->input, input);

    call = json_pack("{s:s, s:[s]}", "objectId", input, "files", file->path);

    if (call == NULL
        || !cdp_call(file->page->cdp, file->page->session,
                     "DOM.setFileInputFiles", call, page_file_left(file),
                     page_file_filled, file))
    {
        page_file_failed(file);
    }
}


static void
page_file_filled(void *ctx, enum cdp_status status, json_t *result)
{
    json_t            *call;
    struct page_file  *file = ctx;

    (void) result;

    if (!page_file_next(file, status)) {
        page_file_release(file, status);
        page_file_failed(file);
        return;
    }

    call = json_pack("{s:s, s:s, s:[{s:s}, {s:O}, {s:s}], s:b, s:b}",
                     "objectId", file->bridge,
                     "functionDeclaration", page_file_call_source,
                     "arguments",
                     "value", file->method,
                     "value", file->params,
                     "objectId", file->input,
                     "awaitPromise", 1, "returnByValue", 1);

    if (call == NULL
        || !cdp_call(file->page->cdp, file->page->session,
                     "Runtime.callFunctionOn", call, page_file_left(file),
                     page_file_answer, file))
    {
        page_file_failed(file);
    }
}


static void
page_file_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct page_file  *file = ctx;

    page_file_release(file, status);

    file->answer(file->ctx, status, result);

    page_file_destroy(file);
}


/*
 * Returns whether the call may go on.  The page is looked at only after an
 * answer, because otherwise it may be about to be freed.
 */

static bool
page_file_next(const struct page_file *file, enum cdp_status status)
{
    return status == CDP_OK && page_ready(file->page)
           && strcmp(file->page->bridge, file->bridge) == 0
           && clock_ms() < file->deadline;
}


static unsigned
page_file_left(const struct page_file *file)
{
    uint64_t  now;

    now = clock_ms();

    return now < file->deadline ? (unsigned) (file->deadline - now) : 1;
}


/* the method was not called: nothing has happened in the page */

static void
page_file_failed(struct page_file *file)
{
    file->answer(file->ctx, CDP_NOT_WRITTEN, NULL);

    page_file_destroy(file);
}


/* releases the input in the page, and with it the file in the browser */

static void
page_file_release(const struct page_file *file, enum cdp_status status)
{
    json_t  *call;

    if (status == CDP_LOST || status == CDP_NOT_WRITTEN) {
        return;
    }

    call = json_pack("{s:s}", "objectId", file->input);

    if (call != NULL) {
        (void) cdp_call(file->page->cdp, file->page->session,
                        "Runtime.releaseObject", call, PAGE_RELEASE_MS,
                        page_file_released, NULL);
    }
}


static void
page_file_released(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


static void
page_file_destroy(struct page_file *file)
{
    json_decref(file->params);
    free(file->path);
    free(file);
}
