/*
 * The routes of media: upload, properties, download and deletion of a file.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/api_private.h"
#include "api/api_upload.h"
#include "base/seal.h"
#include "media/media.h"


#define API_MEDIA_URL_S     300      /* seconds that a URL is valid */
#define API_MEDIA_BASE_MAX  256
#define API_MEDIA_EXPIRES   8        /* bytes: unix seconds, big-endian */


/* the file of a download; the answer owns it */

struct api_file {
    struct media  *media;
    int            fd;
};


static struct media *api_media_find(struct api *api,
    struct server_request *request);
static bool api_media_of(const struct media *media,
    struct server_request *request);
static bool api_media_base(struct server_request *request,
    const char **base);
static bool api_media_seal(struct api *api, const struct media *media,
    char sealed[SEAL_TEXT_SIZE]);
static void api_media_feed(void *ctx, const char *data, size_t size);
static void api_media_end(void *ctx);
static ssize_t api_file_read(void *ctx, uint64_t offset, char *to,
    size_t max);
static void api_file_end(void *ctx);


void
api_media_begin_upload(struct api *api, struct server_request *request,
    struct session *session)
{
    struct error          error;
    struct api_upload    *upload;
    struct server_stream  stream;

    stream.max = media_store_file_max(api->services->media)
                 + API_UPLOAD_EXTRA_MAX;
    stream.too_large = ERROR_MEDIA_TOO_LARGE;
    stream.data = api_media_feed;
    stream.end = api_media_end;

    if (server_length(request) > stream.max) {
        error = error_make(stream.too_large);
        server_refuse(request, &error);
        return;
    }

    upload = api_upload_create(api->services->media, session_id(session),
                               server_header(request, "Content-Type"),
                               server_length(request), &error);

    if (upload == NULL) {
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
    size_t               i;
    uint8_t              data[MEDIA_NAME_SIZE + API_MEDIA_EXPIRES];
    uint64_t             expires;
    const char          *sealed;
    struct media        *media;
    struct api_file     *file;
    struct server_file   answer;

    (void) session;

    sealed = server_path(request) + sizeof(API_DOWNLOAD) - 1;
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

    file = calloc(1, sizeof(struct api_file));

    if (file == NULL
        || (file->fd = open(media->path, O_RDONLY | O_CLOEXEC)) == -1)
    {
        free(file);
        media_release(media);
        api_answer(request, NULL);
        return;
    }

    file->media = media;

    answer.type = media->type.mime;
    answer.size = media->size;
    answer.read = api_file_read;
    answer.end = api_file_end;

    server_respond_file(request, &answer, file);
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

    if (media != NULL && !api_media_of(media, request)) {
        media_release(media);
        media = NULL;
    }

    if (media == NULL) {
        api_refuse(request, ERROR_MEDIA_NOT_FOUND, NULL);
    }

    return media;
}


/* phone_number_id, when given, excludes the files of other sessions */

static bool
api_media_of(const struct media *media, struct server_request *request)
{
    const char  *id;

    id = server_query(request, "phone_number_id");

    return id == NULL || *id == '\0' || strcmp(id, media->session) == 0;
}


/* *base becomes "" without X-Public-Base; false: that is not valid */

static bool
api_media_base(struct server_request *request, const char **base)
{
    size_t       len;
    const char  *rest;

    *base = server_header(request, "X-Public-Base");

    if (*base == NULL) {
        *base = "";
        return true;
    }

    rest = strstr(*base, "://");
    len = strlen(*base);

    if (rest == NULL || len > API_MEDIA_BASE_MAX
        || (strncmp(*base, "http://", 7) != 0
            && strncmp(*base, "https://", 8) != 0))
    {
        return false;
    }

    rest += 3;

    return *rest != '\0' && *rest != '/' && (*base)[len - 1] != '/'
           && strspn(rest, "abcdefghijklmnopqrstuvwxyz"
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789-._~:/[]%")
              == strlen(rest);
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


static ssize_t
api_file_read(void *ctx, uint64_t offset, char *to, size_t max)
{
    ssize_t                 n;
    const struct api_file  *file = ctx;

    n = pread(file->fd, to, max, (off_t) offset);

    return n > 0 ? n : -1;
}


static void
api_file_end(void *ctx)
{
    struct api_file  *file = ctx;

    (void) close(file->fd);
    media_release(file->media);
    free(file);
}
