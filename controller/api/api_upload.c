/*
 * An upload.  The parts of the form may come in any order, so that its file is
 * judged at the end.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_upload.h"
#include "http/form_value.h"
#include "http/multipart.h"


#define UPLOAD_FIELD_SIZE  MULTIPART_TYPE_SIZE

/* bytes of a name; a send may have 240 characters of it */

#define UPLOAD_FILENAME_MAX  240


enum upload_part {
    UPLOAD_OTHER = 0,    /* its data is dropped */
    UPLOAD_FILE,
    UPLOAD_TYPE,
    UPLOAD_PRODUCT
};


struct upload {
    struct multipart      multipart;
    enum upload_part      part;
    size_t                other;       /* bytes that were dropped */
    size_t                used;        /* of the part's field */
    char                  type[UPLOAD_FIELD_SIZE];
    char                  product[UPLOAD_FIELD_SIZE];
    char                  file_type[MULTIPART_TYPE_SIZE];
    char                  filename[MULTIPART_FILENAME_SIZE];
    struct media         *media;
    bool                  file;        /* its part was seen */
    bool                  failed;
    struct error          error;
};


static bool upload_on_part(void *ctx, const struct multipart_part *part);
static bool upload_on_data(void *ctx, const char *data, size_t size);
static bool upload_on_end(void *ctx);
static bool upload_on_file(struct upload *upload,
    const struct multipart_part *part);
static bool upload_clear(struct upload *upload, char *field);
static bool upload_field(struct upload *upload, char *field,
    const char *data, size_t size);
static bool upload_fail(struct upload *upload, const char *message);


static const struct multipart_handlers  upload_handlers = {
    upload_on_part,
    upload_on_data,
    upload_on_end
};


/* "typeFile" is what one product calls it */

static const struct {
    const char        *name;
    enum upload_part   part;
} upload_names[] = {
    { "file", UPLOAD_FILE },
    { "type", UPLOAD_TYPE },
    { "typeFile", UPLOAD_TYPE },
    { "messaging_product", UPLOAD_PRODUCT }
};


struct upload *
upload_create(struct media_store *store, const char *session,
    const char *content_type, uint64_t length, struct error *error)
{
    struct upload  *upload;

    upload = calloc(1, sizeof(struct upload));

    if (upload == NULL) {
        *error = error_memory();
        return NULL;
    }

    if (content_type == NULL
        || !multipart_begin(&upload->multipart, content_type,
                            &upload_handlers, upload))
    {
        *error = error_say(ERROR_MEDIA_INVALID, "The body must be "
                           "multipart/form-data with a boundary");
        free(upload);
        return NULL;
    }

    upload->media = media_begin(store, session, length, error);

    if (upload->media == NULL) {
        free(upload);
        return NULL;
    }

    return upload;
}


void
upload_feed(struct upload *upload, const char *data, size_t size)
{
    if (!upload->failed && !multipart_feed(&upload->multipart, data, size)) {
        (void) upload_fail(upload, "The form is malformed");
    }
}


struct media *
upload_end(struct upload *upload, struct error *error)
{
    const char  *declared;

    if (!upload->failed && !multipart_ended(&upload->multipart)) {
        (void) upload_fail(upload, "The form is not complete");
    }

    if (!upload->failed && !upload->file) {
        (void) upload_fail(upload, "The form has no part \"file\"");
    }

    if (!upload->failed && upload->product[0] != '\0'
        && strcmp(upload->product, "whatsapp") != 0)
    {
        (void) upload_fail(upload, "\"messaging_product\" must be whatsapp");
    }

    declared = upload->type[0] != '\0' ? upload->type : upload->file_type;

    if (!upload->failed
        && !media_end(upload->media, declared, upload->filename, false,
                      &upload->error))
    {
        (void) upload_fail(upload, NULL);
    }

    if (upload->failed) {
        *error = upload->error;
        return NULL;
    }

    media_publish(upload->media);

    return upload->media;
}


void
upload_destroy(struct upload *upload)
{
    if (upload->media != NULL) {
        media_release(upload->media);
    }

    free(upload);
}


static bool
upload_on_part(void *ctx, const struct multipart_part *part)
{
    size_t          i;
    struct upload  *upload = ctx;

    upload->part = UPLOAD_OTHER;

    for (i = 0; i < sizeof(upload_names) / sizeof(upload_names[0]); i++) {
        if (strcmp(part->name, upload_names[i].name) == 0) {
            upload->part = upload_names[i].part;
            break;
        }
    }

    /* of a field that is there twice the later one counts */

    switch (upload->part) {

    case UPLOAD_FILE:
        return upload_on_file(upload, part);

    case UPLOAD_TYPE:
        return upload_clear(upload, upload->type);

    case UPLOAD_PRODUCT:
        return upload_clear(upload, upload->product);

    default:
        return true;
    }
}


static bool
upload_on_data(void *ctx, const char *data, size_t size)
{
    struct upload  *upload = ctx;

    switch (upload->part) {

    case UPLOAD_FILE:
        return media_append(upload->media, data, size, &upload->error)
               || upload_fail(upload, NULL);

    case UPLOAD_TYPE:
        return upload_field(upload, upload->type, data, size);

    case UPLOAD_PRODUCT:
        return upload_field(upload, upload->product, data, size);

    default:
        upload->other += size;

        return upload->other <= UPLOAD_EXTRA_MAX
               || upload_fail(upload, "The form has too much beside its "
                              "file");
    }
}


static bool
upload_on_end(void *ctx)
{
    struct upload  *upload = ctx;

    upload->part = UPLOAD_OTHER;

    return true;
}


static bool
upload_on_file(struct upload *upload, const struct multipart_part *part)
{
    if (upload->file) {
        return upload_fail(upload, "The form has two parts \"file\"");
    }

    memcpy(upload->file_type, part->type, sizeof(part->type));
    memcpy(upload->filename, part->filename, sizeof(part->filename));
    form_cut_filename(upload->filename, UPLOAD_FILENAME_MAX);

    upload->file = true;

    return true;
}


/* fields have UPLOAD_FIELD_SIZE bytes, all zero before their first piece */

static bool
upload_clear(struct upload *upload, char *field)
{
    memset(field, 0, UPLOAD_FIELD_SIZE);
    upload->used = 0;

    return true;
}


static bool
upload_field(struct upload *upload, char *field, const char *data,
    size_t size)
{
    if (size >= UPLOAD_FIELD_SIZE - upload->used
        || memchr(data, '\0', size) != NULL)
    {
        return upload_fail(upload, "A part of the form is not valid");
    }

    memcpy(field + upload->used, data, size);
    upload->used += size;

    return true;
}


/* without a message upload->error is set already; the first one counts */

static bool
upload_fail(struct upload *upload, const char *message)
{
    if (upload->failed) {
        return false;
    }

    upload->failed = true;

    if (message != NULL) {
        upload->error = error_say(ERROR_MEDIA_INVALID, message);
    }

    if (upload->media != NULL) {
        media_release(upload->media);
        upload->media = NULL;
    }

    return false;
}
