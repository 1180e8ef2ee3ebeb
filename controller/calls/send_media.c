/*
 * The file of a send, from the store or by a download.
 */

#include <stdlib.h>
#include <string.h>

#include "calls/send_media.h"


static void send_media_done(void *ctx, struct media *file,
    const struct error *error);


bool
send_media_take(struct send_media *media, const struct message_params *params,
    const struct call *call, struct error *error)
{
    struct media  *file;

    if (!params->media) {
        return true;
    }

    media->kind = params->kind;
    media->session = session_id(call->session);
    media->services = call->services;

    if (params->link != NULL) {
        media->url = strdup(params->link);

        if (media->url == NULL) {
            *error = error_memory();
        }

        return media->url != NULL;
    }

    file = media_hold(media->services->media, params->name);

    if (file == NULL) {
        return error_set(error, ERROR_MEDIA_UNKNOWN, NULL);
    }

    /* send_media_free releases the file, refused or not */

    media->media = file;

    if (strcmp(file->session, media->session) != 0) {
        return error_set(error, ERROR_MEDIA_UNKNOWN, NULL);
    }

    return media_kind_fits(file->type.kind, media->kind)
           || error_set(error, ERROR_INVALID_PARAMETER,
                        "The media is not of the message's type");
}


bool
send_media_needs_fetch(const struct send_media *media)
{
    return media->url != NULL && media->media == NULL;
}


bool
send_media_fetch(struct send_media *media, uint64_t timeout_ms,
    void (*done)(void *ctx, const struct error *error), void *ctx,
    struct error *error)
{
    media->done = done;
    media->ctx = ctx;
    media->download = media_url_start(media->services->fetcher,
                                      media->services->media, media->session,
                                      media->url, media->kind, timeout_ms,
                                      send_media_done, media, error);

    return media->download != NULL;
}


bool
send_media_fetching(const struct send_media *media)
{
    return media->download != NULL;
}


bool
send_media_describe(const struct send_media *media, json_t *message)
{
    return media->media == NULL
           || message_params_add_media(message, media->media);
}


const char *
send_media_path(const struct send_media *media)
{
    return media->media != NULL ? media->media->path : NULL;
}


void
send_media_free(struct send_media *media)
{
    if (media->download != NULL) {
        media_url_cancel(media->download);
    }

    if (media->media != NULL) {
        media_release(media->media);
    }

    free(media->url);
    memset(media, 0, sizeof(struct send_media));
}


static void
send_media_done(void *ctx, struct media *file, const struct error *error)
{
    struct send_media  *media = ctx;

    media->download = NULL;
    media->media = file;

    media->done(media->ctx, error);
}
