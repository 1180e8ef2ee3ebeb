/*
 * Downloads of the media of messages.
 *
 * A download has three steps.  The page fetches and decrypts the file and
 * holds it as a blob ("media.open"); room for it is reserved in the store; its
 * bytes are read from the browser and written there.  Then the page lets go
 * of it ("media.close").  Few downloads of a session run at once, since each
 * fills the page's memory; the others wait in the order in which they came.
 *
 * A file is kept for a minute after it was asked for the last time, and goes
 * at once when its room is needed.  Whoever reads it holds it, so that it is
 * not cut off.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "calls/message_media_private.h"


#define MESSAGE_MEDIA_MAX    32     /* unfinished ones of a session */
#define MESSAGE_MEDIA_WAITS  256    /* waits for one download */


static struct message_media_file *message_media_find(
    struct message_media *all, const char *session, const char *key);
static struct message_media_file *message_media_add(
    struct message_media *all, struct session *session, const char *key,
    struct error *error);
static size_t message_media_unfinished(const struct message_media *all,
    const struct session *session);
static struct message_media_wait *message_media_wait(
    struct message_media_file *file, uint64_t timeout_ms);
static void message_media_wait_over(evutil_socket_t fd, short what,
    void *ctx);


struct message_media *
message_media_create(struct event_base *base, struct media_store *store)
{
    struct message_media  *all;

    all = calloc(1, sizeof(struct message_media));

    if (all != NULL) {
        all->base = base;
        all->store = store;
        TAILQ_INIT(&all->files);
    }

    return all;
}


void
message_media_destroy(struct message_media *all)
{
    struct message_media_file  *file;

    if (all == NULL) {
        return;
    }

    while ((file = TAILQ_FIRST(&all->files)) != NULL) {
        message_media_free(file);
    }

    free(all);
}


struct message_media_wait *
message_media_start(struct message_media *all, struct session *session,
    const char *key, uint64_t timeout_ms, message_media_pt done, void *ctx,
    struct error *error)
{
    struct message_media_file  *file;
    struct message_media_wait  *wait;

    file = message_media_find(all, session_id(session), key);

    if (file == NULL) {
        file = message_media_add(all, session, key, error);

        if (file == NULL) {
            return NULL;
        }
    }

    if (file->waiting == MESSAGE_MEDIA_WAITS) {
        *error = error_make(ERROR_QUEUE_FULL);
        return NULL;
    }

    wait = message_media_wait(file, file->state == MEDIA_KEPT ? 0
                                                              : timeout_ms);

    if (wait == NULL) {
        *error = error_memory();

        if (file->state == MEDIA_QUEUED && file->waiting == 0) {
            message_media_free(file);
        }

        return NULL;
    }

    wait->done = done;
    wait->ctx = ctx;

    message_media_run(all, session);

    return wait;
}


void
message_media_cancel(struct message_media_wait *wait)
{
    struct message_media_file  *file;

    file = wait->file;

    message_media_wait_free(wait);

    if (file->waiting != 0) {
        return;
    }

    if (file->state == MEDIA_QUEUED) {
        message_media_free(file);

    } else if (file->state == MEDIA_OPENING && !file->given_up) {
        file->given_up = true;
        message_media_close(file);
    }
}


void
message_media_forget(struct message_media *all, const char *session,
    const char *key)
{
    struct message_media_file  *file;

    file = message_media_find(all, session, key);

    if (file != NULL && file->state == MEDIA_KEPT && file->waiting == 0) {
        message_media_free(file);
    }
}


void
message_media_forget_all(struct message_media *all,
    const struct session *session)
{
    struct message_media_file  *file, *next;

    for (file = TAILQ_FIRST(&all->files); file != NULL; file = next) {
        next = TAILQ_NEXT(file, link);

        if (file->session == session && file->state == MEDIA_KEPT
            && file->waiting == 0)
        {
            message_media_free(file);
        }
    }
}


uint64_t
message_media_count(const struct message_media *all,
    enum message_media_end end)
{
    return all->ends[end];
}


uint64_t
message_media_bytes(const struct message_media *all)
{
    return all->bytes;
}


static struct message_media_file *
message_media_find(struct message_media *all, const char *session,
    const char *key)
{
    struct message_media_file  *file;

    TAILQ_FOREACH(file, &all->files, link) {
        if (!file->given_up && strcmp(file->key, key) == 0
            && strcmp(session_id(file->session), session) == 0)
        {
            return file;
        }
    }

    return NULL;
}


static struct message_media_file *
message_media_add(struct message_media *all, struct session *session,
    const char *key, struct error *error)
{
    struct message_media_file  *file;

    if (!session_check_page(session, error)) {
        return NULL;
    }

    if (message_media_unfinished(all, session) >= MESSAGE_MEDIA_MAX) {
        *error = error_make(ERROR_QUEUE_FULL);
        return NULL;
    }

    file = calloc(1, sizeof(struct message_media_file));

    if (file == NULL || strlen(key) >= sizeof(file->key)) {
        free(file);
        *error = error_memory();
        return NULL;
    }

    file->all = all;
    file->session = session;
    file->handle = ++all->handles;
    file->timer = evtimer_new(all->base, message_media_on_timer, file);

    TAILQ_INIT(&file->waits);
    strcpy(file->key, key);

    if (file->timer == NULL) {
        free(file);
        *error = error_memory();
        return NULL;
    }

    TAILQ_INSERT_TAIL(&all->files, file, link);

    return file;
}


static size_t
message_media_unfinished(const struct message_media *all,
    const struct session *session)
{
    size_t                            n;
    const struct message_media_file  *file;

    n = 0;

    TAILQ_FOREACH(file, &all->files, link) {
        n += file->session == session && file->state != MEDIA_KEPT;
    }

    return n;
}


static struct message_media_wait *
message_media_wait(struct message_media_file *file, uint64_t timeout_ms)
{
    struct timeval              tv;
    struct message_media_wait  *wait;

    wait = calloc(1, sizeof(struct message_media_wait));

    if (wait == NULL) {
        return NULL;
    }

    wait->file = file;
    wait->timer = evtimer_new(file->all->base, message_media_wait_over, wait);
    tv = clock_timeval(timeout_ms);

    if (wait->timer == NULL || evtimer_add(wait->timer, &tv) != 0) {

        if (wait->timer != NULL) {
            event_free(wait->timer);
        }

        free(wait);
        return NULL;
    }

    TAILQ_INSERT_TAIL(&file->waits, wait, link);
    file->waiting++;

    return wait;
}


/* what is kept is handed over from the loop, too */

static void
message_media_wait_over(evutil_socket_t fd, short what, void *ctx)
{
    void                       *done_ctx;
    struct error                error;
    struct media               *media;
    message_media_pt            done;
    struct message_media_wait  *wait = ctx;

    (void) fd;
    (void) what;

    done = wait->done;
    done_ctx = wait->ctx;
    media = wait->file->state == MEDIA_KEPT ? wait->file->media : NULL;

    if (media != NULL) {
        media_keep(media);
        message_media_keep(wait->file);
    }

    message_media_cancel(wait);

    if (media != NULL) {
        done(done_ctx, media, NULL);
        return;
    }

    error = error_say(ERROR_DEADLINE, "The media did not arrive in time");
    done(done_ctx, NULL, &error);
}
