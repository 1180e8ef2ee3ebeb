/*
 * Media that a client names by a URL.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "http/form_value.h"
#include "media/media_url.h"
#include "media/media_write.h"
#include "protocol/limits.h"


#define MEDIA_URL_MAX  4096


struct media_url {
    struct fetch    *fetch;
    struct media    *media;
    enum media_kind  kind;
    media_url_pt     done;
    void            *ctx;
    struct error     error;     /* the store's, when it stopped the fetch */
    char             text[64];  /* an error's message */
    char             name[MEDIA_FILENAME_SIZE];    /* the file's, or "" */
    char             url[];     /* as the client wrote it */
};


static bool media_url_valid(const char *url);
static bool media_url_data(void *ctx, const void *data, size_t size);
static void media_url_done(void *ctx, enum fetch_status status,
    const struct fetch_answer *answer);
static bool media_url_end(struct media_url *download,
    const struct fetch_answer *answer);
static void media_url_set_name(struct media_url *download,
    const struct fetch_answer *answer);
static const char *media_url_message(struct media_url *download,
    enum fetch_status status, const struct fetch_answer *answer);


static const struct fetch_handlers  media_url_handlers = {
    media_url_data,
    media_url_done
};


/* messages of the errors about a download that failed */

static const char *const  media_url_messages[] = {
    [FETCH_REFUSED] = "The link must be of http or https, and public",
    [FETCH_FAILED] = "The link could not be downloaded",
    [FETCH_TIMEOUT] = "The link could not be downloaded in time",
    [FETCH_STOPPED] = "The link's file is larger than allowed"
};


struct media_url *
media_url_start(struct fetcher *fetcher, struct media_store *store,
    const char *session, const char *url, const char *filename,
    enum media_kind kind, uint64_t timeout_ms, media_url_pt done, void *ctx,
    struct error *error)
{
    struct media_url  *download;

    if (!media_url_valid(url)) {
        *error = error_say(ERROR_MEDIA_DOWNLOAD,
                           media_url_messages[FETCH_REFUSED]);
        return NULL;
    }

    download = calloc(1, sizeof(struct media_url) + strlen(url) + 1);

    if (download == NULL) {
        *error = error_memory();
        return NULL;
    }

    strcpy(download->url, url);
    text_cut(download->name, sizeof(download->name), filename);

    download->kind = kind;
    download->done = done;
    download->ctx = ctx;
    download->media = media_begin(store, session, 0, error);

    if (download->media == NULL) {
        free(download);
        return NULL;
    }

    download->fetch = fetch_start(fetcher, session, url,
                                  media_store_file_max(store), timeout_ms,
                                  &media_url_handlers, download);

    if (download->fetch == NULL) {
        *error = error_say(ERROR_QUEUE_FULL, "Too many links are being "
                           "downloaded");
        media_release(download->media);
        free(download);
        return NULL;
    }

    return download;
}


void
media_url_cancel(struct media_url *download)
{
    fetch_cancel(download->fetch);
    media_release(download->media);
    free(download);
}


static bool
media_url_valid(const char *url)
{
    size_t       i, len;
    const char  *p;

    static const char *const  schemes[] = { "http://", "https://" };

    for (p = url; (unsigned char) *p > ' ' && *p != 0x7f; p++) { /* void */ }

    if (*p != '\0' || p - url > MEDIA_URL_MAX) {
        return false;
    }

    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        len = strlen(schemes[i]);

        if (strncasecmp(url, schemes[i], len) == 0 && url[len] != '\0') {
            return true;
        }
    }

    return false;
}


static bool
media_url_data(void *ctx, const void *data, size_t size)
{
    struct media_url  *download = ctx;

    return media_append(download->media, data, size, &download->error);
}


static void
media_url_done(void *ctx, enum fetch_status status,
    const struct fetch_answer *answer)
{
    struct media      *media;
    struct error       error;
    struct media_url  *download = ctx;

    media = download->media;
    error = download->error;

    if (status == FETCH_OK) {
        if (media_url_end(download, answer)) {
            download->done(download->ctx, media, NULL);
            free(download);
            return;
        }

        error = download->error;

    } else if (status != FETCH_STOPPED || error.code != ERROR_MEDIA_FULL) {
        error = error_say(ERROR_MEDIA_DOWNLOAD,
                          media_url_message(download, status, answer));
    }

    media_release(media);

    download->done(download->ctx, NULL, &error);
    free(download);
}


/* the status of a refusal stands in Meta's sentence, which clients search */

static const char *
media_url_message(struct media_url *download, enum fetch_status status,
    const struct fetch_answer *answer)
{
    if (status != FETCH_FAILED || answer->status == 0
        || answer->status == FETCH_GOOD)
    {
        return media_url_messages[status];
    }

    (void) snprintf(download->text, sizeof(download->text),
                    "Downloading media from weblink failed with http code %u",
                    answer->status);

    return download->text;
}


/* only a document may be of any type, and keeps its name */

static bool
media_url_end(struct media_url *download, const struct fetch_answer *answer)
{
    bool         document;
    const char  *type;

    document = download->kind == MEDIA_DOCUMENT;
    type = document || media_type_is_shown(answer->type) ? answer->type : NULL;

    if (document) {
        media_url_set_name(download, answer);
    }

    if (!media_end(download->media, type,
                   document ? download->name : NULL, document,
                   &download->error))
    {
        return false;
    }

    if (!media_kind_fits(download->media->type.kind, download->kind)) {
        return error_set(&download->error, ERROR_MEDIA_INVALID,
                         "The link's file is not of the message's type");
    }

    return true;
}


/* finds the name of a file: the client's, the server's, or the URL's */

static void
media_url_set_name(struct media_url *download,
    const struct fetch_answer *answer)
{
    if (download->name[0] == '\0') {
        form_filename(answer->disposition, download->name,
                      sizeof(download->name));
    }

    if (download->name[0] == '\0') {
        form_url_filename(download->url, download->name,
                          sizeof(download->name));
    }

    form_cut_filename(download->name, WHATSAPP_FILENAME_MAX);
}
