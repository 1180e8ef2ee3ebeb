/*
 * Files that the page hands over.
 *
 * The bridge holds a file as a blob.  The browser, which has its bytes, is
 * asked for them piece by piece, and they are written to a file on the tmpfs.
 * A page is not trusted with the tmpfs: its own downloads are denied, and no
 * more is written than was said.
 *
 * A save ends when a call of the protocol is answered, so that nothing of it
 * is needed any more.  One whose page went before is over for its owner, and
 * is freed by that answer.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/clock.h"
#include "chrome/tab_events.h"


#define TAB_SAVE_DIR   "downloads"

/* bytes asked for at once: other pages' answers wait for these */

#define TAB_SAVE_PIECE  (384 * 1024)


struct tab_save {
    TAILQ_ENTRY(tab_save)   link;
    struct tab             *tab;
    json_int_t              handle;
    uint64_t                size;        /* bytes */
    uint64_t                saved;
    uint64_t                deadline;    /* ms */
    tab_save_pt             cb;
    void                   *ctx;
    bool                    started;     /* a call of it will be answered */
    bool                    over;        /* cb was called */
    int                     fd;          /* or -1 */
    char                    blob[PAGE_BLOB_ID_SIZE];    /* "": none */
};


static void tab_save_start(struct tab *t);
static bool tab_save_create(struct tab_save *save);
static void tab_save_found(void *ctx, enum cdp_status status, json_t *answer);
static void tab_save_resolved(void *ctx, enum cdp_status status,
    json_t *answer);
static void tab_save_read(struct tab_save *save);
static void tab_save_arrived(void *ctx, enum cdp_status status,
    json_t *answer);
static bool tab_save_write(struct tab_save *save, json_t *answer);
static bool tab_save_answered(struct tab_save *save, enum cdp_status status);
static unsigned tab_save_left(const struct tab_save *save);
static void tab_save_end(struct tab_save *save, enum tab_call_status status);
static void tab_save_complete(struct tab_save *save,
    enum tab_call_status status);
static void tab_save_free(struct tab_save *save);
static bool tab_save_path(const struct tab_save *save, char *path,
    size_t size);


bool
tab_save(struct tab *t, json_int_t handle, uint64_t size,
    unsigned timeout_ms, tab_save_pt cb, void *ctx)
{
    struct tab_save  *save;

    save = tab_bridged(t) ? calloc(1, sizeof(struct tab_save)) : NULL;

    if (save == NULL) {
        return false;
    }

    save->tab = t;
    save->handle = handle;
    save->size = size;
    save->deadline = clock_ms() + timeout_ms;
    save->cb = cb;
    save->ctx = ctx;
    save->fd = -1;

    /* the first one is begun here: that it can't be is returned, not told */

    TAILQ_INSERT_TAIL(&t->saves, save, link);

    if (TAILQ_FIRST(&t->saves) != save) {
        return true;
    }

    if (!tab_save_create(save)
        || !page_find_blob(t->page, handle, tab_save_left(save),
                           tab_save_found, save))
    {
        TAILQ_REMOVE(&t->saves, save, link);
        tab_save_free(save);
        return false;
    }

    save->started = true;

    return true;
}


void
tab_saves_lose(struct tab *t)
{
    struct tab_save   *save;
    struct tab_saves   lost;

    TAILQ_INIT(&lost);
    TAILQ_CONCAT(&lost, &t->saves, link);

    while ((save = TAILQ_FIRST(&lost)) != NULL) {
        TAILQ_REMOVE(&lost, save, link);
        tab_save_complete(save, TAB_CALL_LOST);

        if (!save->started) {
            tab_save_free(save);
        }
    }
}


/* starts the first save of the queue */

static void
tab_save_start(struct tab *t)
{
    struct tab_save  *save;

    while ((save = TAILQ_FIRST(&t->saves)) != NULL) {

        if (tab_save_create(save)
            && page_find_blob(t->page, save->handle, tab_save_left(save),
                              tab_save_found, save))
        {
            save->started = true;
            return;
        }

        TAILQ_REMOVE(&t->saves, save, link);
        tab_save_complete(save, TAB_CALL_LOST);
        tab_save_free(save);
    }
}


static bool
tab_save_create(struct tab_save *save)
{
    int   n;
    char  path[PATH_MAX];

    n = snprintf(path, sizeof(path), "%s/" TAB_SAVE_DIR,
                 save->tab->config.tmp_dir);

    if (n < 0 || n >= (int) sizeof(path)
        || (mkdir(path, 0700) != 0 && errno != EEXIST)
        || !tab_save_path(save, path, sizeof(path)))
    {
        return false;
    }

    save->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
                    | O_NOFOLLOW, 0600);

    return save->fd != -1;
}


static void
tab_save_found(void *ctx, enum cdp_status status, json_t *answer)
{
    struct tab_save  *save = ctx;

    if (tab_save_answered(save, status)
        && !page_resolve_blob(save->tab->page, answer, tab_save_left(save),
                              tab_save_resolved, save))
    {
        tab_save_end(save, TAB_CALL_ERROR);
    }
}


static void
tab_save_resolved(void *ctx, enum cdp_status status, json_t *answer)
{
    struct tab_save  *save = ctx;

    if (!tab_save_answered(save, status)) {
        return;
    }

    if (!page_blob_id(answer, save->blob)) {
        tab_save_end(save, TAB_CALL_ERROR);
        return;
    }

    tab_save_read(save);
}


static void
tab_save_read(struct tab_save *save)
{
    if (!page_read_blob(save->tab->page, save->blob, TAB_SAVE_PIECE,
                        tab_save_left(save), tab_save_arrived, save))
    {
        tab_save_end(save, TAB_CALL_ERROR);
    }
}


static void
tab_save_arrived(void *ctx, enum cdp_status status, json_t *answer)
{
    struct tab_save  *save = ctx;

    if (!tab_save_answered(save, status)) {
        return;
    }

    if (!tab_save_write(save, answer)) {
        tab_save_end(save, TAB_CALL_ERROR);

    } else if (!json_is_true(json_object_get(answer, "eof"))) {
        tab_save_read(save);

    } else {
        tab_save_end(save, save->saved == save->size ? TAB_CALL_OK
                                                     : TAB_CALL_ERROR);
    }
}


/* false: it can't be written, or is not what was said */

static bool
tab_save_write(struct tab_save *save, json_t *answer)
{
    bool            ok;
    int             n;
    size_t          len;
    const char     *text;
    unsigned char  *bytes;

    text = json_string_value(json_object_get(answer, "data"));
    len = json_string_length(json_object_get(answer, "data"));

    if (len == 0) {
        return text != NULL;
    }

    if (!json_is_true(json_object_get(answer, "base64Encoded"))
        || len > TAB_SAVE_PIECE * 2)
    {
        return false;
    }

    bytes = malloc(len / 4 * 3 + 3);
    if (bytes == NULL) {
        return false;
    }

    n = EVP_DecodeBlock(bytes, (const unsigned char *) text, (int) len);

    /* it counts the padding, which is at most two bytes */

    if (n > 0) {
        n -= text[len - 1] == '=';
        n -= text[len - 2] == '=';
    }

    ok = n > 0 && save->saved + (uint64_t) n <= save->size
         && write(save->fd, bytes, (size_t) n) == n;

    save->saved += ok ? (uint64_t) n : 0;

    free(bytes);

    return ok;
}


/* false: the save is over, and not to be used any more */

static bool
tab_save_answered(struct tab_save *save, enum cdp_status status)
{
    if (save->over) {
        tab_save_free(save);
        return false;
    }

    if (status != CDP_OK) {
        tab_save_end(save, status == CDP_TIMEOUT ? TAB_CALL_TIMEOUT
                           : status == CDP_LOST ? TAB_CALL_LOST
                           : TAB_CALL_ERROR);
        return false;
    }

    return true;
}


/* ms; one whose time is over ends by a call that has no time */

static unsigned
tab_save_left(const struct tab_save *save)
{
    uint64_t  now;

    now = clock_ms();

    return save->deadline > now ? (unsigned) (save->deadline - now) : 1;
}


/* ends the first save, and starts the next one */

static void
tab_save_end(struct tab_save *save, enum tab_call_status status)
{
    struct tab  *t = save->tab;

    TAILQ_REMOVE(&t->saves, save, link);

    if (save->blob[0] != '\0' && status != TAB_CALL_LOST) {
        page_close_blob(t->page, save->blob);
    }

    tab_save_complete(save, status);
    tab_save_free(save);

    if (tab_bridged(t)) {
        tab_save_start(t);
    }
}


static void
tab_save_complete(struct tab_save *save, enum tab_call_status status)
{
    char  path[PATH_MAX];

    save->over = true;

    if (save->fd == -1 || !tab_save_path(save, path, sizeof(path))) {
        save->cb(save->ctx, status, NULL);
        return;
    }

    (void) close(save->fd);
    save->fd = -1;

    save->cb(save->ctx, status, status == TAB_CALL_OK ? path : NULL);

    (void) unlink(path);
}


static void
tab_save_free(struct tab_save *save)
{
    char  path[PATH_MAX];

    if (save->fd != -1) {
        (void) close(save->fd);

        if (tab_save_path(save, path, sizeof(path))) {
            (void) unlink(path);
        }
    }

    free(save);
}


static bool
tab_save_path(const struct tab_save *save, char *path, size_t size)
{
    int  n;

    n = snprintf(path, size, "%s/" TAB_SAVE_DIR "/%" JSON_INTEGER_FORMAT,
                 save->tab->config.tmp_dir, save->handle);

    return n > 0 && (size_t) n < size;
}
