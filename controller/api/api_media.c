/*
 * The routes of media: upload, properties, download and deletion of a file.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/api_private.h"
#include "api/api_upload.h"
#include "base/seal.h"
#include "media/media.h"


#define API_MEDIA_URL_S     300      /* seconds that a URL is valid */
#define API_MEDIA_EXPIRES   8        /* bytes: unix seconds, big-endian */


static struct media *api_media_find(struct api *api,
    struct server_request *request);
static bool api_media_seal(struct api *api, const struct media *media,
    char sealed[SEAL_TEXT_SIZE]);
static void api_media_feed(void *ctx, const char *data, size_t size);
static void api_media_end(void *ctx);


void
api_media_begin_upload(struct api *api, struct server_request *request,
    struct session *session)
{
    static const struct api_upload_form  form = { "file", NULL };

    api_media_begin_form(api, request, session, &form, api_media_end);
}


void
api_media_begin_form(struct api *api, struct server_request *request,
    struct session *session, const struct api_upload_form *form,
    void (*end)(void *ctx))
{
    struct error          error;
    struct api_upload    *upload;
    struct server_stream  stream;

    stream.max = media_store_file_max(api->services->media)
                 + API_UPLOAD_EXTRA_MAX;
    stream.too_large = ERROR_MEDIA_TOO_LARGE;
    stream.data = api_media_feed;
    stream.end = end;

    upload = NULL;

    if (server_length(request) > stream.max) {
        error = error_make(stream.too_large);

    } else {
        upload = api_upload_create(api->services->media, session_id(session),
                                   form, server_header(request,
                                                       "Content-Type"),
                                   server_length(request), &error);
    }

    if (upload == NULL) {
        json_decref(form->texts);
        server_refuse(request, &error);
        return;
    }

    server_stream(request, &stream, upload);
}


void
api_media_upload(struct api *api, struct server_request *request,
    struct session *session)
{
    char           id[SEAL_TEXT_SIZE];
    struct error   error;
    struct media  *media;

    (void) session;

    media = api_upload_end(server_stream_ctx(request), &error);

    if (media == NULL) {
        server_respond_error(request, &error, NULL);
        return;
    }

    if (!seal_close(api->services->seal, SEAL_MEDIA, media->name,
                    sizeof(media->name), id))
    {
        media_delete(media);
        api_answer(request, NULL);
        return;
    }

    api_answer(request, json_pack("{s:s}", "id", id));
}


void
api_media_show(struct api *api, struct server_request *request,
    struct session *session)
{
    char           sealed[SEAL_TEXT_SIZE],
                   digest[MEDIA_DIGEST_SIZE * 2 + 1],
                   url[API_MEDIA_BASE_MAX + SEAL_TEXT_SIZE + 8];
    size_t         i;
    const char    *base;
    struct media  *media;

    (void) session;

    if (!api_media_base(request, &base)) {
        api_refuse(request, ERROR_BAD_REQUEST, "X-Public-Base must be a "
                   "http or https URL without query");
        return;
    }

    if (api_message_media_show(api, request, base)) {
        return;
    }

    media = api_media_find(api, request);

    if (media == NULL) {
        return;
    }

    if (!api_media_seal(api, media, sealed)) {
        media_release(media);
        api_answer(request, NULL);
        return;
    }

    (void) snprintf(url, sizeof(url), "%s%smedia/%s", base,
                    *base != '\0' ? "/" : "", sealed);

    for (i = 0; i < MEDIA_DIGEST_SIZE; i++) {
        (void) snprintf(digest + i * 2, 3, "%02x", media->digest[i]);
    }

    api_answer(request, json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}",
                                  "messaging_product", "whatsapp",
                                  "url", url,
                                  "mime_type", media->type.mime,
                                  "sha256", digest,
                                  "file_size", (json_int_t) media->size,
                                  "id", server_path(request)
                                        + sizeof(API_MEDIA) - 1));

    media_release(media);
}


void
api_media_delete(struct api *api, struct server_request *request,
    struct session *session)
{
    struct media  *media;

    (void) session;

    if (api_message_media_delete(api, request)) {
        return;
    }

    media = api_media_find(api, request);

    if (media == NULL) {
        return;
    }

    media_delete(media);
    media_release(media);

    api_answer_success(request);
}


void
api_media_download(struct api *api, struct server_request *request,
    struct session *session)
{
    size_t         i;
    uint8_t        data[MEDIA_NAME_SIZE + API_MEDIA_EXPIRES];
    uint64_t       expires;
    const char    *sealed;
    struct media  *media;

    (void) session;

    sealed = server_path(request) + sizeof(API_DOWNLOAD) - 1;

    if (api_message_media_download(api, request, sealed)) {
        return;
    }

    expires = 0;
    media = NULL;

    if (seal_open(api->services->seal, SEAL_DOWNLOAD, sealed, data,
                  sizeof(data))
        == sizeof(data))
    {
        for (i = 0; i < API_MEDIA_EXPIRES; i++) {
            expires = expires << 8 | data[MEDIA_NAME_SIZE + i];
        }
    }

    if (expires > (uint64_t) time(NULL)) {
        media = media_hold(api->services->media, data);
    }

    if (media == NULL) {
        api_refuse(request, ERROR_MEDIA_NOT_FOUND, NULL);
        return;
    }

    api_media_respond(request, media);
}


/* returns a file that is held, or NULL after the request was refused */

static struct media *
api_media_find(struct api *api, struct server_request *request)
{
    uint8_t        name[MEDIA_NAME_SIZE];
    struct media  *media;

    media = NULL;

    if (seal_open(api->services->seal, SEAL_MEDIA,
                  server_path(request) + sizeof(API_MEDIA) - 1, name,
                  sizeof(name))
        == sizeof(name))
    {
        media = media_hold(api->services->media, name);
    }

    if (media != NULL && !api_media_of(request, media->session)) {
        media_release(media);
        media = NULL;
    }

    if (media == NULL) {
        api_refuse(request, ERROR_MEDIA_NOT_FOUND, NULL);
    }

    return media;
}


static bool
api_media_seal(struct api *api, const struct media *media,
    char sealed[SEAL_TEXT_SIZE])
{
    size_t    i;
    uint8_t   data[MEDIA_NAME_SIZE + API_MEDIA_EXPIRES];
    uint64_t  expires;

    expires = (uint64_t) time(NULL) + API_MEDIA_URL_S;

    memcpy(data, media->name, MEDIA_NAME_SIZE);

    for (i = 0; i < API_MEDIA_EXPIRES; i++) {
        data[MEDIA_NAME_SIZE + i] =
            (uint8_t) (expires >> (API_MEDIA_EXPIRES - 1 - i) * 8);
    }

    return seal_close(api->services->seal, SEAL_DOWNLOAD, data,
                      sizeof(data), sealed);
}


static void
api_media_feed(void *ctx, const char *data, size_t size)
{
    api_upload_feed(ctx, data, size);
}


static void
api_media_end(void *ctx)
{
    api_upload_destroy(ctx);
}
