/*
 * One page of the browser, and the bridge in it.
 *
 * Three scripts are given to the browser once: the preload, wa-js as the body
 * of a function, and the bridge, which calls that function when WhatsApp Web
 * has started.  The browser runs them at the start of every document, before
 * the page's own scripts, also after a reload and after a crash.  They come
 * from the browser, so that no content security policy of the page's is in
 * their way.  The bridge of a
 * document says hello through a binding.  The page then takes the bridge out
 * of the document's window: from there on it can only be called by its remote
 * handle, which is held here, and scripts of the page never see it.
 *
 * A handle is worth as much as its document.  It is dropped when the document
 * goes, and the next document's bridge is waited for; whose turn that is, and
 * what follows if no bridge comes, is decided by the browser, to which every
 * change is reported.
 *
 * Events of the bridge are kept from its hello until the browser has dealt
 * with PAGE_UP and calls page_deliver(), so that none is seen before the state
 * in which it happened.  They are numbered, and a gap is logged.
 */

#include <stdlib.h>
#include <string.h>

#include "bridge/bridge_source.h"
#include "chrome/page_private.h"


#define PAGE_PAYLOAD_MAX   (1024 * 1024)    /* bytes of one event */
#define PAGE_EARLY_MAX     256     /* events kept until page_deliver() */
#define PAGE_SETUP_MS      20000   /* the set-up runs in the browser process,
                                      but waits for a renderer to start */
#define PAGE_NAVIGATE_MS   60000
#define PAGE_TAKE_MS       10000
#define PAGE_DIALOG_MS     5000
#define PAGE_BINDING       "__whatsappControllerEmit"


static const char  page_take_source[] =
    "(()=>{const b=window.__whatsappControllerBridge;"
    "delete window.__whatsappControllerBridge;return b})()";


/* what makes wa-js a function; a frame has no use for it */

static const char  page_wa_js_head[] =
    "if(window.__whatsappControllerTools)"
    "window.__whatsappControllerTools.runWaJs=function(){";
static const char  page_wa_js_tail[] = "\n};";


static void page_fail(struct page *page);
static void page_happened(struct page *page, enum page_event event);
static int page_copy_id(char *to, const json_t *from);
static void page_attach_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void page_setup_call(struct page *page, const char *session,
    const char *method, json_t *params);
static void page_setup_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void page_setup_script(struct page *page, const char *head,
    const char *source, size_t size, const char *tail);
static void page_navigate_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void page_emitted(struct page *page, json_t *message);
static void page_died(struct page *page, enum page_event event);
static void page_forget_bridge(struct page *page);
static void page_binding_called(struct page *page, json_t *params);
static void page_take(struct page *page, json_int_t context);
static void page_take_answer(void *ctx, enum cdp_status status,
    json_t *result);
static void page_keep(struct page *page, json_t *message);
static void page_left(struct page *page);
static void page_navigated(struct page *page, json_t *params);
static void page_dialog(struct page *page, json_t *params);
static void page_dialog_answer(void *ctx, enum cdp_status status,
    json_t *result);


struct page *
page_create(struct cdp *cdp, struct log *log, const struct page_config *config,
    const struct page_handlers *handlers, void *ctx)
{
    struct page  *page;

    page = calloc(1, sizeof(struct page));
    if (page == NULL) {
        return NULL;
    }

    page->cdp = cdp;
    page->log = log;
    page->config = config;
    page->handlers = handlers;
    page->ctx = ctx;

    return page;
}


void
page_open(struct page *page, const char *target)
{
    if (!cdp_call(page->cdp, NULL, "Target.attachToTarget",
                  json_pack("{s:s, s:b}", "targetId", target, "flatten", 1),
                  PAGE_SETUP_MS, page_attach_answer, page))
    {
        page_fail(page);
    }
}


void
page_load(struct page *page)
{
    if (!cdp_call(page->cdp, page->session, "Page.navigate",
                  json_pack("{s:s}", "url", page->config->web_url),
                  PAGE_NAVIGATE_MS, page_navigate_answer, page))
    {
        page_fail(page);
        return;
    }

    page->navigations++;
    page->leaving = true;
}


void
page_deliver(struct page *page)
{
    size_t   i;
    json_t  *early, *message;

    early = page->early;

    page->early = NULL;
    page->delivering = true;

    json_array_foreach(early, i, message) {
        page_emitted(page, message);
    }

    json_decref(early);
}


void
page_receive(struct page *page, const char *session, const char *method,
    json_t *params)
{
    const char  *detached;

    if (strcmp(method, "Target.detachedFromTarget") == 0) {
        detached = json_string_value(json_object_get(params, "sessionId"));

        if (detached != NULL && strcmp(detached, page->session) == 0) {
            page_died(page, PAGE_CLOSED);
        }

        return;
    }

    if (session == NULL || strcmp(session, page->session) != 0) {
        return;
    }

    if (strcmp(method, "Runtime.bindingCalled") == 0) {
        page_binding_called(page, params);

    } else if (strcmp(method, "Runtime.executionContextsCleared") == 0) {
        page_left(page);

    } else if (strcmp(method, "Page.frameNavigated") == 0) {
        page_navigated(page, params);

    } else if (strcmp(method, "Page.javascriptDialogOpening") == 0) {
        page_dialog(page, params);

    } else if (strcmp(method, "Inspector.targetCrashed") == 0) {
        page_died(page, PAGE_CRASHED);

    } else if (strcmp(method, "Inspector.detached") == 0) {
        page_died(page, PAGE_CLOSED);

    } else if (strcmp(method, "Page.downloadWillBegin") == 0) {
        page->handlers->downloading(page->ctx);

    } else if (page->handlers->console != NULL) {
        page->handlers->console(page->ctx, method, params);
    }
}


bool
page_ready(const struct page *page)
{
    return page->bridge[0] != '\0';
}


void
page_destroy(struct page *page)
{
    if (page == NULL) {
        return;
    }

    page->destroyed = true;
    page_forget_bridge(page);

    /* page_open() makes a call to the browser itself */

    cdp_fail(page->cdp, NULL, NULL, page);

    if (page->session[0] != '\0') {
        cdp_fail(page->cdp, page->session, NULL, NULL);
    }

    free(page);
}


static void
page_fail(struct page *page)
{
    if (!page->failed) {
        page->failed = true;
        page_happened(page, PAGE_FAILED);
    }
}


static void
page_happened(struct page *page, enum page_event event)
{
    if (!page->destroyed) {
        page->handlers->happened(page->ctx, event);
    }
}


/* returns -1 for an id that is missing or too long to be Chrome's */

static int
page_copy_id(char *to, const json_t *from)
{
    if (json_string_length(from) == 0
        || json_string_length(from) >= PAGE_ID_MAX)
    {
        return -1;
    }

    strcpy(to, json_string_value(from));

    return 0;
}


/* the calls of the set-up are sent at once: Chrome does a session's calls in
   their order */

static void
page_attach_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct page  *page = ctx;

    if (status != CDP_OK || page->destroyed
        || page_copy_id(page->session, json_object_get(result, "sessionId"))
           != 0)
    {
        page_fail(page);
        return;
    }

    page_deny_downloads(page);

    page_setup_call(page, page->session, "Page.enable", NULL);
    page_setup_call(page, page->session, "Runtime.enable", NULL);
    page_setup_call(page, page->session, "Inspector.enable", NULL);

    if (page->handlers->console != NULL) {
        page_setup_call(page, page->session, "Log.enable", NULL);
    }

    page_setup_call(page, page->session, "Runtime.addBinding",
                    json_pack("{s:s}", "name", PAGE_BINDING));

    page_setup_script(page, "", preload_source, preload_source_size, "");
    page_setup_script(page, page_wa_js_head, page->config->wa_js->text,
                      page->config->wa_js->size, page_wa_js_tail);
    page_setup_script(page, "", bridge_source, bridge_source_size, "");
}


static void
page_setup_call(struct page *page, const char *session, const char *method,
    json_t *params)
{
    if (page->failed) {
        json_decref(params);
        return;
    }

    if (!cdp_call(page->cdp, session, method, params, PAGE_SETUP_MS,
                  page_setup_answer, page))
    {
        page_fail(page);
        return;
    }

    page->setup++;
}


static void
page_setup_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct page  *page = ctx;

    (void) result;

    page->setup--;

    if (status != CDP_OK) {
        page_fail(page);
        return;
    }

    if (page->setup == 0 && !page->failed) {
        page_happened(page, PAGE_OPEN);
    }
}


static void
page_setup_script(struct page *page, const char *head, const char *source,
    size_t size, const char *tail)
{
    page_setup_call(page, page->session,
                    "Page.addScriptToEvaluateOnNewDocument",
                    json_pack("{s:s+%+}", "source", head, source, size, tail));
}


/* an answer without an error proves nothing, only the bridge's hello does; a
   navigation that another one replaced ends with an error, so that the last
   answer alone counts */

static void
page_navigate_answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct page  *page = ctx;

    page->navigations--;

    if (page->navigations != 0) {
        return;
    }

    if (status == CDP_OK) {
        page_happened(page, json_object_get(result, "errorText") != NULL
                            ? PAGE_UNREACHABLE : PAGE_ARRIVED);
    }
}


static void
page_emitted(struct page *page, json_t *message)
{
    const char  *name;

    name = json_string_value(json_object_get(message, "event"));

    page->handlers->emitted(page->ctx, name, json_object_get(message, "data"));
}


static void
page_died(struct page *page, enum page_event event)
{
    if (page->closed) {
        return;
    }

    page->closed = (event == PAGE_CLOSED);

    page_forget_bridge(page);
    page_happened(page, event);

    /* Chrome answers no call of a page that died */

    cdp_fail(page->cdp, page->session, NULL, NULL);
}


static void
page_forget_bridge(struct page *page)
{
    page->bridge[0] = '\0';
    page->process = 0;
    page->context = 0;
    page->seq = 0;
    page->taking = false;
    page->delivering = false;

    json_decref(page->early);
    page->early = NULL;
}


/* only the context of the top frame whose bridge said hello is listened to:
   any script can call the binding */

static void
page_binding_called(struct page *page, json_t *params)
{
    json_t      *payload, *message, *seq;
    json_int_t   context;
    const char  *binding, *name;

    binding = json_string_value(json_object_get(params, "name"));
    payload = json_object_get(params, "payload");
    context = json_integer_value(json_object_get(params,
                                                 "executionContextId"));

    if (binding == NULL || strcmp(binding, PAGE_BINDING) != 0
        || !json_is_string(payload)
        || json_string_length(payload) > PAGE_PAYLOAD_MAX
        || (page->context != 0 && context != page->context)
        || page->leaving || page->unreachable)
    {
        return;
    }

    message = json_loadb(json_string_value(payload),
                         json_string_length(payload), JSON_ALLOW_NUL, NULL);

    name = json_string_value(json_object_get(message, "event"));
    seq = json_object_get(message, "seq");

    if (name == NULL || !json_is_integer(seq)) {
        log_event(page->log, LOG_WARN, "page_event_invalid",
                  log_const("session", page->config->name));
        json_decref(message);
        return;
    }

    if (strcmp(name, "hello") == 0) {

        if (page->context == 0) {
            page_take(page, context);
            page->seq = json_integer_value(seq);
        }

    } else if (page->context != 0) {

        if (json_integer_value(seq) != page->seq + 1) {
            log_event(page->log, LOG_WARN, "page_events_missing",
                      log_const("session", page->config->name),
                      log_int("expected", page->seq + 1),
                      log_int("got", json_integer_value(seq)));
        }

        page->seq = json_integer_value(seq);

        if (page->delivering) {
            page_emitted(page, message);

        } else {
            page_keep(page, message);
        }
    }

    json_decref(message);
}


static void
page_take(struct page *page, json_int_t context)
{
    if (cdp_call(page->cdp, page->session, "Runtime.evaluate",
                 json_pack("{s:s, s:I}", "expression", page_take_source,
                           "contextId", context),
                 PAGE_TAKE_MS, page_take_answer, page))
    {
        page->context = context;
        page->taking = true;
    }
}


static void
page_take_answer(void *ctx, enum cdp_status status, json_t *result)
{
    json_t       *object;
    struct page  *page = ctx;

    if (!page->taking) {
        return;
    }

    page->taking = false;

    if (page->leaving) {
        return;
    }

    object = json_object_get(result, "result");

    /* a page without a handle never comes up; the browser's timer ends that */

    if (status == CDP_OK
        && page_copy_id(page->bridge, json_object_get(object, "objectId"))
           == 0)
    {
        page_find_process(page);
        page_happened(page, PAGE_UP);
    }
}


static void
page_keep(struct page *page, json_t *message)
{
    if (page->early == NULL) {
        page->early = json_array();
    }

    if (json_array_size(page->early) == PAGE_EARLY_MAX
        || json_array_append(page->early, message) != 0)
    {
        log_event(page->log, LOG_WARN, "page_event_dropped",
                  log_const("session", page->config->name));
    }
}


static void
page_left(struct page *page)
{
    page->leaving = false;
    page->unreachable = false;

    page_forget_bridge(page);
    page_happened(page, PAGE_LEFT);

    /* Chrome fails these calls too, but not known to do so always */

    cdp_fail(page->cdp, page->session, "Runtime.callFunctionOn", NULL);
    cdp_fail(page->cdp, page->session, "DOM.performSearch", NULL);
}


static void
page_navigated(struct page *page, json_t *params)
{
    json_t  *frame;

    frame = json_object_get(params, "frame");

    if (json_object_get(frame, "parentId") == NULL
        && json_object_get(frame, "unreachableUrl") != NULL)
    {
        page->unreachable = true;
        page_happened(page, PAGE_UNREACHABLE);
    }
}


/* a dialog stops the page until it is answered; the question whether the page
   may be left is answered with yes, all others with no */

static void
page_dialog(struct page *page, json_t *params)
{
    int          leave;
    const char  *type;

    type = json_string_value(json_object_get(params, "type"));
    leave = (type != NULL && strcmp(type, "beforeunload") == 0);

    log_event(page->log, LOG_WARN, "page_dialog_dismissed",
              log_const("session", page->config->name));

    (void) cdp_call(page->cdp, page->session, "Page.handleJavaScriptDialog",
                    json_pack("{s:b}", "accept", leave),
                    PAGE_DIALOG_MS, page_dialog_answer, page);
}


static void
page_dialog_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}
