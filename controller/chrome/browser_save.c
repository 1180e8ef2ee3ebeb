/*
 * Files that the page hands over as downloads.
 *
 * The bridge holds a file as a blob and clicks a link to it; the browser
 * process copies it into a directory on the tmpfs.  That is the only way out
 * of a page that is neither base64 in the protocol nor a connection.
 *
 * A page is not trusted with the tmpfs.  Downloads are allowed only while one
 * that was asked for is under way, and that one is known by its URL, of which
 * there is no second one; others are ended when they begin, and it is ended
 * itself when it gets larger than was said.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "chrome/browser_events.h"


#define BROWSER_SAVE_DIR     "downloads"
#define BROWSER_GUID_LEN     36
#define BROWSER_SAVE_MIN_MS  1
#define BROWSER_SAVE_ASK_MS  10000

/*
 * A page that has clicked ten links within a second is not heeded for the rest
 * of it: the bridge clicks again until the download begins.
 */

#define BROWSER_SAVE_RETRY_MS  500


struct browser_save {
    TAILQ_ENTRY(browser_save)  link;
    char                      *url;
    uint64_t                   size;        /* bytes */
    uint64_t                   deadline;    /* ms */
    browser_save_pt            cb;
    void                      *ctx;
    bool                       started;
    char                       guid[BROWSER_GUID_LEN + 1];    /* "": none */
};


static void browser_save_start(struct browser *b);
static void browser_save_ask(struct browser *b,
    const struct browser_save *save);
static void browser_save_wait(struct browser *b,
    const struct browser_save *save);
static bool browser_save_directory(const struct browser *b, char *path,
    size_t size);
static void browser_save_answer(void *ctx, enum cdp_status status,
    json_t *answer);
static void browser_save_timer(evutil_socket_t fd, short what, void *arg);
static void browser_save_begin(struct browser *b, const char *guid,
    const char *url);
static void browser_save_progress(struct browser *b, const char *guid,
    json_t *params);
static void browser_save_end(struct browser *b,
    enum browser_call_status status);
static void browser_save_complete(struct browser *b,
    struct browser_save *save, enum browser_call_status status);
static void browser_save_remove(const struct browser *b, const char *guid);
static bool browser_save_path(const struct browser *b, const char *guid,
    const char *extension, char *path, size_t size);


int
browser_saves_create(struct browser *b)
{
    TAILQ_INIT(&b->saves);

    b->saves_timer = evtimer_new(b->base, browser_save_timer, b);

    return b->saves_timer != NULL ? 0 : -1;
}


void
browser_saves_destroy(struct browser *b)
{
    if (b->saves_timer != NULL) {
        browser_saves_lose(b);
        event_free(b->saves_timer);
        b->saves_timer = NULL;
    }
}


int
browser_save(struct browser *b, const char *url, uint64_t size,
    unsigned timeout_ms, browser_save_pt cb, void *ctx)
{
    struct browser_save  *save;

    save = browser_step_bridged(b->step)
           ? calloc(1, sizeof(struct browser_save)) : NULL;

    if (save == NULL) {
        return -1;
    }

    save->url = strdup(url);
    save->size = size;
    save->deadline = clock_ms() + timeout_ms;
    save->cb = cb;
    save->ctx = ctx;

    if (save->url == NULL) {
        free(save);
        return -1;
    }

    TAILQ_INSERT_TAIL(&b->saves, save, link);

    browser_save_start(b);

    return 0;
}


void
browser_saves_receive(struct browser *b, const char *method, json_t *params)
{
    const char  *guid, *url;

    guid = json_string_value(json_object_get(params, "guid"));

    if (guid == NULL
        || strlen(guid) != BROWSER_GUID_LEN
        || strspn(guid, "0123456789abcdefABCDEF-") != BROWSER_GUID_LEN)
    {
        return;
    }

    if (strcmp(method, "Browser.downloadWillBegin") == 0) {
        url = json_string_value(json_object_get(params, "url"));
        browser_save_begin(b, guid, url != NULL ? url : "");

    } else {
        browser_save_progress(b, guid, params);
    }
}


void
browser_saves_lose(struct browser *b)
{
    struct browser_saves   lost;
    struct browser_save   *save;

    if (TAILQ_EMPTY(&b->saves)) {
        return;
    }

    (void) evtimer_del(b->saves_timer);

    if (b->page != NULL) {
        page_allow_downloads(b->page, NULL);
    }

    TAILQ_INIT(&lost);
    TAILQ_CONCAT(&lost, &b->saves, link);

    while ((save = TAILQ_FIRST(&lost)) != NULL) {
        TAILQ_REMOVE(&lost, save, link);
        browser_save_complete(b, save, BROWSER_CALL_LOST);
    }
}


/*
 * Starts the first save of the queue, if it is not started; how it goes on is
 * told by events.
 */

static void
browser_save_start(struct browser *b)
{
    char                  path[PATH_MAX];
    struct browser_save  *save;

    save = TAILQ_FIRST(&b->saves);

    if (save == NULL || save->started) {
        return;
    }

    save->started = true;

    if (!browser_save_directory(b, path, sizeof(path))) {
        save->deadline = 0;
        browser_save_wait(b, save);
        return;
    }

    page_allow_downloads(b->page, path);
    browser_save_ask(b, save);
}


/* has the bridge click the link */

static void
browser_save_ask(struct browser *b, const struct browser_save *save)
{
    json_t  *params;

    params = json_pack("{s:s}", "url", save->url);

    if (page_call(b->page, "media.save", params, BROWSER_SAVE_ASK_MS,
                  browser_save_answer, b))
    {
        b->saves_asked++;
    }

    browser_save_wait(b, save);
}


/* until it is too late, or time to ask again */

static void
browser_save_wait(struct browser *b, const struct browser_save *save)
{
    uint64_t        now, left;
    struct timeval  tv;

    now = clock_ms();
    left = save->deadline > now ? save->deadline - now : BROWSER_SAVE_MIN_MS;

    if (save->guid[0] == '\0' && left > BROWSER_SAVE_RETRY_MS) {
        left = BROWSER_SAVE_RETRY_MS;
    }

    tv = clock_timeval(left);
    (void) evtimer_add(b->saves_timer, &tv);
}


static bool
browser_save_directory(const struct browser *b, char *path, size_t size)
{
    int  n;

    n = snprintf(path, size, "%s/" BROWSER_SAVE_DIR, b->config.tmp_dir);

    return n > 0 && (size_t) n < size
           && (mkdir(path, 0700) == 0 || errno == EEXIST);
}


/* answers come in the order of the calls: the last is the present one's */

static void
browser_save_answer(void *ctx, enum cdp_status status, json_t *answer)
{
    json_t          *result;
    struct browser  *b = ctx;

    b->saves_asked--;

    if (b->saves_asked == 0 && !TAILQ_EMPTY(&b->saves)
        && page_result(status, answer, &result) == CDP_ERROR)
    {
        browser_save_end(b, BROWSER_CALL_ERROR);
    }
}


static void
browser_save_timer(evutil_socket_t fd, short what, void *arg)
{
    struct browser       *b = arg;
    struct browser_save  *save;

    (void) fd;
    (void) what;

    save = TAILQ_FIRST(&b->saves);

    if (clock_ms() >= save->deadline) {
        browser_save_end(b, BROWSER_CALL_TIMEOUT);

    } else if (save->guid[0] == '\0' && b->saves_asked == 0) {
        browser_save_ask(b, save);

    } else {
        browser_save_wait(b, save);
    }
}


static void
browser_save_begin(struct browser *b, const char *guid, const char *url)
{
    struct browser_save  *save;

    save = TAILQ_FIRST(&b->saves);

    if (save != NULL && save->guid[0] == '\0' && strcmp(url, save->url) == 0) {
        strcpy(save->guid, guid);
        return;
    }

    b->stats.downloads_denied++;

    page_cancel_download(b->page, guid);
}


static void
browser_save_progress(struct browser *b, const char *guid, json_t *params)
{
    bool                  ours, completed;
    double                received, total;
    const char           *state;
    struct browser_save  *save;

    save = TAILQ_FIRST(&b->saves);
    ours = save != NULL && strcmp(guid, save->guid) == 0;

    state = json_string_value(json_object_get(params, "state"));
    state = state != NULL ? state : "";
    completed = strcmp(state, "completed") == 0;

    /* one that was ended too late */

    if (!ours) {
        if (completed) {
            browser_save_remove(b, guid);
        }

        return;
    }

    received = json_number_value(json_object_get(params, "receivedBytes"));
    total = json_number_value(json_object_get(params, "totalBytes"));

    if (received > (double) save->size || total > (double) save->size
        || strcmp(state, "canceled") == 0)
    {
        browser_save_end(b, BROWSER_CALL_ERROR);

    } else if (completed) {
        browser_save_end(b, BROWSER_CALL_OK);
    }
}


/* ends the first save, and starts the next one */

static void
browser_save_end(struct browser *b, enum browser_call_status status)
{
    struct browser_save  *save;

    save = TAILQ_FIRST(&b->saves);

    TAILQ_REMOVE(&b->saves, save, link);

    (void) evtimer_del(b->saves_timer);

    if (status != BROWSER_CALL_OK && save->guid[0] != '\0') {
        page_cancel_download(b->page, save->guid);
    }

    page_allow_downloads(b->page, NULL);

    browser_save_complete(b, save, status);

    browser_save_start(b);
}


static void
browser_save_complete(struct browser *b, struct browser_save *save,
    enum browser_call_status status)
{
    char  path[PATH_MAX];

    if (status == BROWSER_CALL_OK
        && browser_save_path(b, save->guid, "", path, sizeof(path)))
    {
        save->cb(save->ctx, BROWSER_CALL_OK, path);

    } else {
        save->cb(save->ctx, status == BROWSER_CALL_OK ? BROWSER_CALL_LOST
                                                      : status, NULL);
    }

    if (save->guid[0] != '\0') {
        browser_save_remove(b, save->guid);
    }

    free(save->url);
    free(save);
}


/* removes a file, and what the browser calls it while it writes it */

static void
browser_save_remove(const struct browser *b, const char *guid)
{
    char  path[PATH_MAX];

    if (browser_save_path(b, guid, "", path, sizeof(path))) {
        (void) unlink(path);
    }

    if (browser_save_path(b, guid, ".crdownload", path, sizeof(path))) {
        (void) unlink(path);
    }
}


static bool
browser_save_path(const struct browser *b, const char *guid,
    const char *extension, char *path, size_t size)
{
    int  n;

    n = snprintf(path, size, "%s/" BROWSER_SAVE_DIR "/%s%s",
                 b->config.tmp_dir, guid, extension);

    return n > 0 && (size_t) n < size;
}
