/*
 * The steps of a download, which message_media.c describes.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "calls/message_media_private.h"
#include "media/media_write.h"


#define MESSAGE_MEDIA_RUNNING   2         /* of one session, at once */

#define MESSAGE_MEDIA_OPEN_MS   180000
#define MESSAGE_MEDIA_SAVE_MS   60000
#define MESSAGE_MEDIA_CLOSE_MS  10000
#define MESSAGE_MEDIA_KEEP_MS   60000


static void message_media_open(struct message_media_file *file);
static void message_media_opened(void *ctx, enum tab_call_status status,
    json_t *result);
static bool message_media_read(struct message_media_file *file,
    json_t *result, uint64_t *size);
static bool message_media_expect(struct message_media_file *file,
    uint64_t size, struct error *error);
static void message_media_saved(void *ctx, enum tab_call_status status,
    const char *path);
static void message_media_end(struct message_media_file *file,
    const struct error *error);
static void message_media_closed(void *ctx, enum tab_call_status status,
    json_t *result);
static struct error message_media_error(enum tab_call_status status,
    json_t *result);
static bool message_media_make_room(struct message_media *all);


void
message_media_run(struct message_media *all, const struct session *session)
{
    size_t                      running;
    struct message_media_file  *file;

    running = 0;

    TAILQ_FOREACH(file, &all->files, link) {
        running += file->session == session
                   && (file->state == MEDIA_OPENING
                       || file->state == MEDIA_SAVING);
    }

    TAILQ_FOREACH(file, &all->files, link) {

        if (running == MESSAGE_MEDIA_RUNNING) {
            return;
        }

        if (file->session == session && file->state == MEDIA_QUEUED) {
            message_media_open(file);
            running++;
        }
    }
}


void
message_media_close(struct message_media_file *file)
{
    (void) session_call(file->session, "media.close",
                        json_pack("{s:I}", "handle", file->handle), NULL,
                        MESSAGE_MEDIA_CLOSE_MS, message_media_closed, NULL);
}


void
message_media_keep(struct message_media_file *file)
{
    struct timeval  tv;

    tv = clock_timeval(MESSAGE_MEDIA_KEEP_MS);

    (void) evtimer_add(file->timer, &tv);
}


void
message_media_on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct error                error;
    struct message_media_file  *file = ctx;

    (void) fd;
    (void) what;

    if (file->state == MEDIA_OPENING) {
        error = error_make(ERROR_SESSION_RESTARTING);
        message_media_end(file, &error);

    } else if (file->waiting != 0) {
        message_media_keep(file);

    } else {
        message_media_free(file);
    }
}


void
message_media_wait_free(struct message_media_wait *wait)
{
    TAILQ_REMOVE(&wait->file->waits, wait, link);
    wait->file->waiting--;

    event_free(wait->timer);
    free(wait);
}


void
message_media_free(struct message_media_file *file)
{
    TAILQ_REMOVE(&file->all->files, file, link);

    if (file->media != NULL) {
        media_release(file->media);
    }

    event_free(file->timer);
    free(file->mime_type);
    free(file->filename);
    free(file);
}


/* one that can't be opened ends from the loop, as nobody waits yet */

static void
message_media_open(struct message_media_file *file)
{
    json_t  *params;

    static const struct timeval  now;

    file->state = MEDIA_OPENING;

    params = json_pack("{s:I, s:s, s:I}", "handle", file->handle, "key",
                       file->key, "max",
                       (json_int_t) media_store_file_max(file->all->store));

    if (!session_call(file->session, "media.open", params, NULL,
                      MESSAGE_MEDIA_OPEN_MS, message_media_opened, file))
    {
        (void) evtimer_add(file->timer, &now);
    }
}


static void
message_media_opened(void *ctx, enum tab_call_status status,
    json_t *result)
{
    uint64_t                    size;
    struct error                error;
    struct message_media_file  *file = ctx;

    if (status != TAB_CALL_OK || file->given_up) {
        error = message_media_error(status, result);
        message_media_end(file, &error);
        return;
    }

    if (!message_media_read(file, result, &size)) {
        error = error_make(ERROR_PAGE_ERROR);

    } else if (message_media_expect(file, size, &error)) {
        file->state = MEDIA_SAVING;

        if (session_save(file->session, file->handle, size,
                         MESSAGE_MEDIA_SAVE_MS, message_media_saved, file))
        {
            return;
        }

        error = error_make(ERROR_SESSION_RESTARTING);
    }

    message_media_close(file);
    message_media_end(file, &error);
}


/* false: what the page says is of no use */

static bool
message_media_read(struct message_media_file *file, json_t *result,
    uint64_t *size)
{
    json_t      *n;
    const char  *mime_type, *filename;

    n = json_object_get(result, "size");
    mime_type = json_string_value(json_object_get(result, "mime_type"));
    filename = json_string_value(json_object_get(result, "filename"));

    if (!json_is_integer(n) || json_integer_value(n) < 1) {
        return false;
    }

    *size = (uint64_t) json_integer_value(n);

    if (mime_type != NULL) {
        file->mime_type = strdup(mime_type);
    }

    if (filename != NULL) {
        file->filename = strdup(filename);
    }

    return true;
}


static bool
message_media_expect(struct message_media_file *file, uint64_t size,
    struct error *error)
{
    struct message_media  *all;

    all = file->all;

    do {
        file->media = media_expect(all->store, session_id(file->session),
                                   size, error);

    } while (file->media == NULL && error->code == ERROR_MEDIA_FULL
             && message_media_make_room(all));

    return file->media != NULL;
}


/* removes the file that was asked for longest ago; false: there is none */

static bool
message_media_make_room(struct message_media *all)
{
    struct message_media_file  *file;

    TAILQ_FOREACH(file, &all->files, link) {
        if (file->state == MEDIA_KEPT && file->waiting == 0) {
            message_media_free(file);
            return true;
        }
    }

    return false;
}


static void
message_media_saved(void *ctx, enum tab_call_status status,
    const char *path)
{
    struct error                error;
    struct message_media_file  *file = ctx;

    message_media_close(file);

    if (status != TAB_CALL_OK) {
        error = message_media_error(status, NULL);
        message_media_end(file, &error);

    } else if (!media_take(file->media, path, file->mime_type,
                           file->filename, &error))
    {
        message_media_end(file, &error);

    } else {
        message_media_end(file, NULL);
    }
}


/* error is NULL when the file is there */

static void
message_media_end(struct message_media_file *file, const struct error *error)
{
    void                       *ctx;
    message_media_pt            done;
    struct message_media       *all;
    const struct session       *session;
    struct message_media_wait  *wait;

    all = file->all;
    session = file->session;

    if (error == NULL) {
        all->ends[MESSAGE_MEDIA_SAVED]++;
        all->bytes += file->media->size;

        file->state = MEDIA_KEPT;
        message_media_keep(file);

    } else {
        all->ends[error->code == ERROR_MEDIA_EXPIRED ? MESSAGE_MEDIA_EXPIRED
                                                     : MESSAGE_MEDIA_FAILED]++;
        file->given_up = true;
    }

    while ((wait = TAILQ_FIRST(&file->waits)) != NULL) {
        done = wait->done;
        ctx = wait->ctx;

        message_media_wait_free(wait);

        if (error == NULL) {
            media_keep(file->media);
        }

        done(ctx, error == NULL ? file->media : NULL, error);
    }

    if (error != NULL) {
        message_media_free(file);
    }

    message_media_run(all, session);
}


static void
message_media_closed(void *ctx, enum tab_call_status status,
    json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


/* nothing was changed, whatever went wrong: it may be tried again */

static struct error
message_media_error(enum tab_call_status status, json_t *result)
{
    struct error  error;

    switch (status) {

    case TAB_CALL_ERROR:
        error = result != NULL ? error_from_page(result)
                               : error_say(ERROR_MEDIA_FULL, "The browser "
                                           "could not save the file");
        break;

    case TAB_CALL_TIMEOUT:
        error = error_say(ERROR_DEADLINE,
                          "WhatsApp Web did not give the file in time");
        break;

    default:
        error = error_make(ERROR_SESSION_RESTARTING);
    }

    error.outcome = OUTCOME_NOT_SENT;

    return error;
}
