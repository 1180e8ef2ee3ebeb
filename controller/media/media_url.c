/*
 * Media that a client names by a link.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "media/media_url.h"


#define MEDIA_LINK_URL_MAX  4096


struct media_link {
    struct fetch     *fetch;
    struct media     *media;
    enum media_kind   kind;
    media_link_pt     done;
    void             *ctx;
    struct error      error;    /* of the store, when it stopped the fetch */
};


static bool media_link_valid(const char *url);
static bool media_link_data(void *ctx, const void *data, size_t size);
static void media_link_done(void *ctx, enum fetch_status status,
    const char *type);
static bool media_link_end(struct media_link *link, const char *type);


static const struct fetch_handlers  media_link_handlers = {
    media_link_data,
    media_link_done
};


/* what the client is told of a download that failed */

static const char *const  media_link_messages[] = {
    [FETCH_REFUSED] = "The link must be of http or https, and public",
    [FETCH_FAILED] = "The link could not be downloaded",
    [FETCH_TIMEOUT] = "The link could not be downloaded in time",
    [FETCH_STOPPED] = "The link's file is larger than allowed"
};


struct media_link *
media_link_start(struct fetcher *fetcher, struct media_store *store,
    const char *session, const char *url, enum media_kind kind,
    uint64_t timeout_ms, media_link_pt done, void *ctx, struct error *error)
{
    struct media_link  *link;

    if (!media_link_valid(url)) {
        *error = error_say(ERROR_MEDIA_DOWNLOAD,
                           media_link_messages[FETCH_REFUSED]);
        return NULL;
    }

    link = calloc(1, sizeof(struct media_link));

    if (link == NULL) {
        *error = error_memory();
        return NULL;
    }

    link->kind = kind;
    link->done = done;
    link->ctx = ctx;
    link->media = media_begin(store, session, 0, error);

    if (link->media == NULL) {
        free(link);
        return NULL;
    }

    link->fetch = fetch_start(fetcher, url, media_store_file_max(store),
                              timeout_ms, &media_link_handlers, link);

    if (link->fetch == NULL) {
        *error = error_say(ERROR_QUEUE_FULL, "Too many links are being "
                           "downloaded");
        media_release(link->media);
        free(link);
        return NULL;
    }

    return link;
}


void
media_link_cancel(struct media_link *link)
{
    fetch_cancel(link->fetch);
    media_release(link->media);
    free(link);
}


static bool
media_link_valid(const char *url)
{
    size_t       i, len;
    const char  *p;

    static const char *const  schemes[] = { "http://", "https://" };

    for (p = url; (unsigned char) *p > ' ' && *p != 0x7f; p++) { /* void */ }

    if (*p != '\0' || p - url > MEDIA_LINK_URL_MAX) {
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
media_link_data(void *ctx, const void *data, size_t size)
{
    struct media_link  *link = ctx;

    return media_append(link->media, data, size, &link->error);
}


static void
media_link_done(void *ctx, enum fetch_status status, const char *type)
{
    struct media       *media;
    struct error        error;
    struct media_link  *link = ctx;

    media = link->media;
    error = link->error;

    if (status == FETCH_OK) {
        if (media_link_end(link, type)) {
            link->done(link->ctx, media, NULL);
            free(link);
            return;
        }

        error = link->error;

    } else if (status != FETCH_STOPPED || error.code != ERROR_MEDIA_FULL) {
        error = error_say(ERROR_MEDIA_DOWNLOAD, media_link_messages[status]);
    }

    media_release(media);

    link->done(link->ctx, NULL, &error);
    free(link);
}


/* what a server says of its files counts only where it tells something */

static bool
media_link_end(struct media_link *link, const char *type)
{
    bool  shown;

    shown = type != NULL
            && (strncasecmp(type, "image/", 6) == 0
                || strncasecmp(type, "audio/", 6) == 0
                || strncasecmp(type, "video/", 6) == 0);

    if (!media_end(link->media,
                   link->kind == MEDIA_DOCUMENT || shown ? type : NULL, NULL,
                   link->kind == MEDIA_DOCUMENT, &link->error))
    {
        return false;
    }

    if (!media_kind_fits(link->media->type.kind, link->kind)) {
        link->error = error_say(ERROR_MEDIA_INVALID, "The link's file is "
                                "not of the message's type");
        return false;
    }

    return true;
}
