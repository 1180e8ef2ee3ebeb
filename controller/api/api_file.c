/*
 * What the two kinds of media have in common: the base of their URLs, whose
 * they are, and a file as an answer.
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api_private.h"
#include "http/disposition.h"
#include "media/media.h"


/* the file of a download; the answer owns it */

struct api_file {
    struct media  *media;
    int            fd;
};


static void api_file_name(const struct media *media,
    char disposition[DISPOSITION_SIZE]);
static ssize_t api_file_read(void *ctx, uint64_t offset, char *to,
    size_t max);
static void api_file_end(void *ctx);


bool
api_media_of(struct server_request *request, const char *session)
{
    const char  *id;

    id = server_query(request, "phone_number_id");

    return id == NULL || *id == '\0' || strcmp(id, session) == 0;
}


bool
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


void
api_media_respond(struct server_request *request, struct media *media)
{
    char                 disposition[DISPOSITION_SIZE];
    struct api_file     *file;
    struct server_file   answer;

    if (!media_begin_read(media)) {
        media_release(media);
        api_refuse(request, ERROR_QUEUE_FULL, "Too many files are on their "
                   "way");
        return;
    }

    file = calloc(1, sizeof(struct api_file));

    if (file == NULL
        || (file->fd = open(media->path, O_RDONLY | O_CLOEXEC)) == -1)
    {
        free(file);
        media_end_read(media);
        media_release(media);
        api_answer(request, NULL);
        return;
    }

    file->media = media;

    api_file_name(media, disposition);

    answer.type = media->content_type != NULL ? media->content_type
                                              : media->type.mime;
    answer.disposition = disposition;
    answer.size = media->size;
    answer.read = api_file_read;
    answer.end = api_file_end;

    server_respond_file(request, &answer, file);
}


/*
 * A file without a name is called after its kind: "image.jpg".  One of a
 * message may be a sound, say, which we could not send as such.
 */

static void
api_file_name(const struct media *media, char disposition[DISPOSITION_SIZE])
{
    char         kind[MEDIA_TYPE_SIZE];
    const char  *name;

    name = media->filename;

    if (name == NULL) {
        name = media_kind_name(media->type.kind);

        if (media_type_is_shown(media->type.mime)
            && media->type.kind == MEDIA_DOCUMENT)
        {
            (void) snprintf(kind, sizeof(kind), "%.*s",
                            (int) strcspn(media->type.mime, "/"),
                            media->type.mime);
            name = kind;
        }
    }

    disposition_write(disposition, name, media_type_extension(&media->type));
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
    media_end_read(file->media);
    media_release(file->media);
    free(file);
}
