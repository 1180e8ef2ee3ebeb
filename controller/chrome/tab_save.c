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
#include "chrome/tab_events.h"


#define TAB_SAVE_DIR     "downloads"
#define TAB_GUID_LEN     36
#define TAB_SAVE_MIN_MS  1
#define TAB_SAVE_ASK_MS  10000

/*
 * A page that has clicked ten links within a second is not heeded for the rest
 * of it: the bridge clicks again until the download begins.
 */

#define TAB_SAVE_RETRY_MS  500


struct tab_save {
    TAILQ_ENTRY(tab_save)  link;
    char                      *url;
    uint64_t                   size;        /* bytes */
    uint64_t                   deadline;    /* ms */
    tab_save_pt            cb;
    void                      *ctx;
    bool                       started;
    char                       guid[TAB_GUID_LEN + 1];    /* "": none */
};


static void tab_save_start(struct tab *t);
static void tab_save_ask(struct tab *t,
    const struct tab_save *save);
static void tab_save_wait(struct tab *t,
    const struct tab_save *save);
static bool tab_save_directory(const struct tab *t, char *path,
    size_t size);
static void tab_save_answer(void *ctx, enum cdp_status status,
    json_t *answer);
static void tab_save_timer(evutil_socket_t fd, short what, void *arg);
static void tab_save_begin(struct tab *t, const char *guid,
    const char *url);
static void tab_save_progress(struct tab *t, const char *guid,
    json_t *params);
static void tab_save_end(struct tab *t,
    enum tab_call_status status);
static void tab_save_complete(struct tab *t,
    struct tab_save *save, enum tab_call_status status);
static void tab_save_remove(const struct tab *t, const char *guid);
static bool tab_save_path(const struct tab *t, const char *guid,
    const char *extension, char *path, size_t size);


bool
tab_saves_create(struct tab *t)
{
    TAILQ_INIT(&t->saves);

    t->saves_timer = evtimer_new(t->base, tab_save_timer, t);

    return t->saves_timer != NULL;
}


void
tab_saves_destroy(struct tab *t)
{
    if (t->saves_timer != NULL) {
        tab_saves_lose(t);
        event_free(t->saves_timer);
        t->saves_timer = NULL;
    }
}


bool
tab_save(struct tab *t, const char *url, uint64_t size,
    unsigned timeout_ms, tab_save_pt cb, void *ctx)
{
    struct tab_save  *save;

    save = tab_bridged(t)
           ? calloc(1, sizeof(struct tab_save)) : NULL;

    if (save == NULL) {
        return false;
    }

    save->url = strdup(url);
    save->size = size;
    save->deadline = clock_ms() + timeout_ms;
    save->cb = cb;
    save->ctx = ctx;

    if (save->url == NULL) {
        free(save);
        return false;
    }

    TAILQ_INSERT_TAIL(&t->saves, save, link);

    tab_save_start(t);

    return true;
}


void
tab_saves_receive(struct tab *t, const char *method, json_t *params)
{
    const char  *guid, *url;

    guid = json_string_value(json_object_get(params, "guid"));

    if (guid == NULL
        || strlen(guid) != TAB_GUID_LEN
        || strspn(guid, "0123456789abcdefABCDEF-") != TAB_GUID_LEN)
    {
        return;
    }

    if (strcmp(method, "Browser.downloadWillBegin") == 0) {
        url = json_string_value(json_object_get(params, "url"));
        tab_save_begin(t, guid, url != NULL ? url : "");

    } else {
        tab_save_progress(t, guid, params);
    }
}


void
tab_saves_lose(struct tab *t)
{
    struct tab_saves   lost;
    struct tab_save   *save;

    if (TAILQ_EMPTY(&t->saves)) {
        return;
    }

    (void) evtimer_del(t->saves_timer);

    if (t->page != NULL) {
        page_allow_downloads(t->page, NULL);
    }

    TAILQ_INIT(&lost);
    TAILQ_CONCAT(&lost, &t->saves, link);

    while ((save = TAILQ_FIRST(&lost)) != NULL) {
        TAILQ_REMOVE(&lost, save, link);
        tab_save_complete(t, save, TAB_CALL_LOST);
    }
}


/*
 * Starts the first save of the queue, if it is not started; how it goes on is
 * told by events.
 */

static void
tab_save_start(struct tab *t)
{
    char              path[PATH_MAX];
    struct tab_save  *save;

    save = TAILQ_FIRST(&t->saves);

    if (save == NULL || save->started) {
        return;
    }

    save->started = true;

    if (!tab_save_directory(t, path, sizeof(path))) {
        save->deadline = 0;
        tab_save_wait(t, save);
        return;
    }

    page_allow_downloads(t->page, path);
    tab_save_ask(t, save);
}


/* has the bridge click the link */

static void
tab_save_ask(struct tab *t, const struct tab_save *save)
{
    json_t  *params;

    params = json_pack("{s:s}", "url", save->url);

    if (page_call(t->page, "media.save", params, TAB_SAVE_ASK_MS,
                  tab_save_answer, t))
    {
        t->saves_asked++;
    }

    tab_save_wait(t, save);
}


/* until it is too late, or time to ask again */

static void
tab_save_wait(struct tab *t, const struct tab_save *save)
{
    uint64_t        now, left;
    struct timeval  tv;

    now = clock_ms();
    left = save->deadline > now ? save->deadline - now : TAB_SAVE_MIN_MS;

    if (save->guid[0] == '\0' && left > TAB_SAVE_RETRY_MS) {
        left = TAB_SAVE_RETRY_MS;
    }

    tv = clock_timeval(left);
    (void) evtimer_add(t->saves_timer, &tv);
}


static bool
tab_save_directory(const struct tab *t, char *path, size_t size)
{
    int  n;

    n = snprintf(path, size, "%s/" TAB_SAVE_DIR, t->config.tmp_dir);

    return n > 0 && (size_t) n < size
           && (mkdir(path, 0700) == 0 || errno == EEXIST);
}


/* answers come in the order of the calls: the last is the present one's */

static void
tab_save_answer(void *ctx, enum cdp_status status, json_t *answer)
{
    json_t      *result;
    struct tab  *t = ctx;

    t->saves_asked--;

    if (t->saves_asked == 0 && !TAILQ_EMPTY(&t->saves)
        && page_result(status, answer, &result) == CDP_ERROR)
    {
        tab_save_end(t, TAB_CALL_ERROR);
    }
}


static void
tab_save_timer(evutil_socket_t fd, short what, void *arg)
{
    struct tab       *t = arg;
    struct tab_save  *save;

    (void) fd;
    (void) what;

    save = TAILQ_FIRST(&t->saves);

    if (clock_ms() >= save->deadline) {
        tab_save_end(t, TAB_CALL_TIMEOUT);

    } else if (save->guid[0] == '\0' && t->saves_asked == 0) {
        tab_save_ask(t, save);

    } else {
        tab_save_wait(t, save);
    }
}


static void
tab_save_begin(struct tab *t, const char *guid, const char *url)
{
    struct tab_save  *save;

    save = TAILQ_FIRST(&t->saves);

    if (save != NULL && save->guid[0] == '\0' && strcmp(url, save->url) == 0) {
        strcpy(save->guid, guid);
        return;
    }

    t->stats.downloads_denied++;

    page_cancel_download(t->page, guid);
}


static void
tab_save_progress(struct tab *t, const char *guid, json_t *params)
{
    bool              ours, completed;
    double            received, total;
    const char       *state;
    struct tab_save  *save;

    save = TAILQ_FIRST(&t->saves);
    ours = save != NULL && strcmp(guid, save->guid) == 0;

    state = json_string_value(json_object_get(params, "state"));
    state = state != NULL ? state : "";
    completed = strcmp(state, "completed") == 0;

    /* one that was ended too late */

    if (!ours) {
        if (completed) {
            tab_save_remove(t, guid);
        }

        return;
    }

    received = json_number_value(json_object_get(params, "receivedBytes"));
    total = json_number_value(json_object_get(params, "totalBytes"));

    if (received > (double) save->size || total > (double) save->size
        || strcmp(state, "canceled") == 0)
    {
        tab_save_end(t, TAB_CALL_ERROR);

    } else if (completed) {
        tab_save_end(t, TAB_CALL_OK);
    }
}


/* ends the first save, and starts the next one */

static void
tab_save_end(struct tab *t, enum tab_call_status status)
{
    struct tab_save  *save;

    save = TAILQ_FIRST(&t->saves);

    TAILQ_REMOVE(&t->saves, save, link);

    (void) evtimer_del(t->saves_timer);

    if (status != TAB_CALL_OK && save->guid[0] != '\0') {
        page_cancel_download(t->page, save->guid);
    }

    page_allow_downloads(t->page, NULL);

    tab_save_complete(t, save, status);

    tab_save_start(t);
}


static void
tab_save_complete(struct tab *t, struct tab_save *save,
    enum tab_call_status status)
{
    char  path[PATH_MAX];

    if (status == TAB_CALL_OK
        && tab_save_path(t, save->guid, "", path, sizeof(path)))
    {
        save->cb(save->ctx, TAB_CALL_OK, path);

    } else {
        save->cb(save->ctx, status == TAB_CALL_OK ? TAB_CALL_LOST
                                                      : status, NULL);
    }

    if (save->guid[0] != '\0') {
        tab_save_remove(t, save->guid);
    }

    free(save->url);
    free(save);
}


/* removes a file, and what the browser calls it while it writes it */

static void
tab_save_remove(const struct tab *t, const char *guid)
{
    char  path[PATH_MAX];

    if (tab_save_path(t, guid, "", path, sizeof(path))) {
        (void) unlink(path);
    }

    if (tab_save_path(t, guid, ".crdownload", path, sizeof(path))) {
        (void) unlink(path);
    }
}


static bool
tab_save_path(const struct tab *t, const char *guid,
    const char *extension, char *path, size_t size)
{
    int  n;

    n = snprintf(path, size, "%s/" TAB_SAVE_DIR "/%s%s",
                 t->config.tmp_dir, guid, extension);

    return n > 0 && (size_t) n < size;
}
