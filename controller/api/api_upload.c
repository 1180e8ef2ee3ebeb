/*
 * The parts of an upload's form may come in any order, so its file is checked
 * when the form is complete.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_upload.h"
#include "http/form_value.h"
#include "http/multipart.h"
#include "media/media_write.h"


#define API_UPLOAD_FIELD_SIZE  MULTIPART_TYPE_SIZE

/* bytes of a file's name; a message takes 240 characters */

#define API_UPLOAD_FILENAME_MAX  240

/* texts of a form */

#define API_UPLOAD_TEXTS_MAX     16


enum api_upload_part {
    API_UPLOAD_OTHER = 0,    /* its data is dropped */
    API_UPLOAD_FILE,
    API_UPLOAD_TYPE,
    API_UPLOAD_PRODUCT,
    API_UPLOAD_TEXT
};


struct api_upload {
    struct api_upload_form   form;
    struct multipart         multipart;
    enum api_upload_part     part;
    size_t                   other;     /* bytes that were dropped */
    size_t                   used;      /* of the part's field or text */
    char                     type[API_UPLOAD_FIELD_SIZE];
    char                     product[API_UPLOAD_FIELD_SIZE];
    char                     file_type[MULTIPART_TYPE_SIZE];
    char                     filename[MULTIPART_FILENAME_SIZE];
    char                     name[MULTIPART_NAME_SIZE];   /* of a text */
    char                    *text;      /* API_UPLOAD_TEXT_MAX bytes or NULL */
    struct media            *media;
    bool                     file;      /* its part was seen */
    bool                     failed;
    struct error             error;
};


static bool api_upload_on_part(void *ctx, const struct multipart_part *part);
static bool api_upload_on_data(void *ctx, const char *data, size_t size);
static bool api_upload_on_end(void *ctx);
static bool api_upload_on_file(struct api_upload *upload,
    const struct multipart_part *part);
static bool api_upload_on_text(struct api_upload *upload,
    const struct multipart_part *part);
static bool api_upload_text(struct api_upload *upload, const char *data,
    size_t size);
static bool api_upload_end_text(struct api_upload *upload);
static bool api_upload_clear(struct api_upload *upload, char *field);
static bool api_upload_field(struct api_upload *upload, char *field,
    const char *data, size_t size);
static bool api_upload_fail(struct api_upload *upload, const char *message);


static const struct multipart_handlers  api_upload_handlers = {
    api_upload_on_part,
    api_upload_on_data,
    api_upload_on_end
};


/* one client library calls the type "typeFile" */

static const struct {
    const char           *name;
    enum api_upload_part  part;
} api_upload_names[] = {
    { "type", API_UPLOAD_TYPE },
    { "typeFile", API_UPLOAD_TYPE },
    { "messaging_product", API_UPLOAD_PRODUCT }
};


struct api_upload *
api_upload_create(struct media_store *store, const char *session,
    const struct api_upload_form *form, const char *content_type,
    uint64_t length, struct error *error)
{
    struct api_upload  *upload;

    upload = calloc(1, sizeof(struct api_upload));

    if (upload == NULL) {
        *error = error_memory();
        return NULL;
    }

    upload->form = *form;

    if (content_type == NULL
        || !multipart_begin(&upload->multipart, content_type,
                            &api_upload_handlers, upload))
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
api_upload_feed(struct api_upload *upload, const char *data, size_t size)
{
    if (!upload->failed && !multipart_feed(&upload->multipart, data, size)) {
        (void) api_upload_fail(upload, "The form is malformed");
    }
}


struct media *
api_upload_end(struct api_upload *upload, struct error *error)
{
    const char  *declared;

    if (!upload->failed && !multipart_ended(&upload->multipart)) {
        (void) api_upload_fail(upload, "The form is not complete");
    }

    if (!upload->failed && !upload->file) {
        (void) api_upload_fail(upload, "The form has no part with a file");
    }

    if (!upload->failed && upload->product[0] != '\0'
        && strcmp(upload->product, "whatsapp") != 0)
    {
        (void) api_upload_fail(upload,
                               "\"messaging_product\" must be whatsapp");
    }

    declared = upload->type[0] != '\0' ? upload->type : upload->file_type;

    if (!upload->failed
        && !media_end(upload->media, declared, upload->filename, false,
                      &upload->error))
    {
        (void) api_upload_fail(upload, NULL);
    }

    if (upload->failed) {
        *error = upload->error;
        return NULL;
    }

    media_publish(upload->media);

    return upload->media;
}


json_t *
api_upload_texts(const struct api_upload *upload)
{
    return upload->form.texts;
}


bool
api_upload_has_file(const struct api_upload *upload)
{
    return upload->file || upload->failed;
}


void
api_upload_destroy(struct api_upload *upload)
{
    if (upload->media != NULL) {
        media_release(upload->media);
    }

    free(upload->text);
    free(upload);
}


static bool
api_upload_on_part(void *ctx, const struct multipart_part *part)
{
    size_t              i;
    struct api_upload  *upload = ctx;

    if (strcmp(part->name, upload->form.file) == 0) {
        upload->part = API_UPLOAD_FILE;
        return api_upload_on_file(upload, part);
    }

    upload->part = upload->form.texts != NULL ? API_UPLOAD_TEXT
                                              : API_UPLOAD_OTHER;

    for (i = 0;
         i < sizeof(api_upload_names) / sizeof(api_upload_names[0]);
         i++)
    {
        if (strcmp(part->name, api_upload_names[i].name) == 0) {
            upload->part = api_upload_names[i].part;
            break;
        }
    }

    /* a field that is there twice has its later value */

    switch (upload->part) {

    case API_UPLOAD_TEXT:
        return api_upload_on_text(upload, part);

    case API_UPLOAD_TYPE:
        return api_upload_clear(upload, upload->type);

    case API_UPLOAD_PRODUCT:
        return api_upload_clear(upload, upload->product);

    default:
        return true;
    }
}


static bool
api_upload_on_data(void *ctx, const char *data, size_t size)
{
    struct api_upload  *upload = ctx;

    switch (upload->part) {

    case API_UPLOAD_FILE:
        return media_append(upload->media, data, size, &upload->error)
               || api_upload_fail(upload, NULL);

    case API_UPLOAD_TYPE:
        return api_upload_field(upload, upload->type, data, size);

    case API_UPLOAD_PRODUCT:
        return api_upload_field(upload, upload->product, data, size);

    case API_UPLOAD_TEXT:
        return api_upload_text(upload, data, size);

    default:
        upload->other += size;

        return upload->other <= API_UPLOAD_EXTRA_MAX
               || api_upload_fail(upload, "The form has too much beside its "
                                  "file");
    }
}


static bool
api_upload_on_end(void *ctx)
{
    bool                ended;
    struct api_upload  *upload = ctx;

    ended = upload->part != API_UPLOAD_TEXT || api_upload_end_text(upload);
    upload->part = API_UPLOAD_OTHER;

    return ended;
}


static bool
api_upload_on_file(struct api_upload *upload,
    const struct multipart_part *part)
{
    if (upload->file) {
        return api_upload_fail(upload, "The form has two parts with a file");
    }

    /* curl without an @ sends the path of the file instead of the file */

    if (!part->file) {
        return api_upload_fail(upload, "The part of the file is a text, not "
                               "a file: it has no filename");
    }

    memcpy(upload->file_type, part->type, sizeof(part->type));
    memcpy(upload->filename, part->filename, sizeof(part->filename));
    form_cut_filename(upload->filename, API_UPLOAD_FILENAME_MAX);

    upload->file = true;

    return true;
}


static bool
api_upload_on_text(struct api_upload *upload,
    const struct multipart_part *part)
{
    if (upload->text == NULL) {
        upload->text = malloc(API_UPLOAD_TEXT_MAX);
    }

    if (upload->text == NULL) {
        upload->error = error_memory();
        return api_upload_fail(upload, NULL);
    }

    memcpy(upload->name, part->name, sizeof(part->name));
    upload->used = 0;

    return true;
}


static bool
api_upload_text(struct api_upload *upload, const char *data, size_t size)
{
    if (size > API_UPLOAD_TEXT_MAX - upload->used) {
        return api_upload_fail(upload, "A part of the form is too long");
    }

    memcpy(upload->text + upload->used, data, size);
    upload->used += size;

    return true;
}


/* a text that is there twice has its later value, as a field has */

static bool
api_upload_end_text(struct api_upload *upload)
{
    if (json_object_size(upload->form.texts) == API_UPLOAD_TEXTS_MAX
        || json_object_set_new(upload->form.texts, upload->name,
                               json_stringn(upload->text, upload->used))
           != 0)
    {
        return api_upload_fail(upload, "A part of the form is not UTF-8, or "
                               "there are too many");
    }

    return true;
}


/* a field has API_UPLOAD_FIELD_SIZE bytes, zero before its first piece */

static bool
api_upload_clear(struct api_upload *upload, char *field)
{
    memset(field, 0, API_UPLOAD_FIELD_SIZE);
    upload->used = 0;

    return true;
}


static bool
api_upload_field(struct api_upload *upload, char *field, const char *data,
    size_t size)
{
    if (size >= API_UPLOAD_FIELD_SIZE - upload->used
        || memchr(data, '\0', size) != NULL)
    {
        return api_upload_fail(upload, "A part of the form is not valid");
    }

    memcpy(field + upload->used, data, size);
    upload->used += size;

    return true;
}


/* NULL: upload->error is set already.  Only the first error is kept. */

static bool
api_upload_fail(struct api_upload *upload, const char *message)
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
