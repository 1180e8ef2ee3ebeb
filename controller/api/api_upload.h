/*
 * An upload: parses a form that arrives in pieces, and writes its file into
 * the store.
 */

#ifndef API_UPLOAD_H
#define API_UPLOAD_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"
#include "media/media.h"


/* bytes that a form may have beside its file */

#define API_UPLOAD_EXTRA_MAX  (1024 * 1024)

/* bytes of a part that is kept as a text */

#define API_UPLOAD_TEXT_MAX   (16 * 1024)


struct api_upload;


/* a form that is read; the members are borrowed */

struct api_upload_form {
    const char  *file;     /* the name of the part with the file */
    json_t      *texts;    /* gets the other parts; NULL: they are dropped */
};


/*
 * Begins an upload for a session, whose id outlives the store.  content_type
 * is the request's, or NULL; length is the form's bytes, 0 when it is not
 * known, for which room is reserved.  Returns NULL, and error, when it is
 * refused.
 */
struct api_upload *api_upload_create(struct media_store *store,
    const char *session, const struct api_upload_form *form,
    const char *content_type, uint64_t length, struct error *error);

/*
 * Takes the next piece of the form.  After an error the rest is dropped and
 * the file removed; api_upload_end returns the error.
 */
void api_upload_feed(struct api_upload *upload, const char *data,
    size_t size);

/* Ends the form: the published file (borrowed), or NULL and error. */
struct media *api_upload_end(struct api_upload *upload, struct error *error);

/* The texts of the form that the upload began with, borrowed, or NULL. */
json_t *api_upload_texts(const struct api_upload *upload);

/*
 * Whether api_upload_end has a file or an error to tell of.  Else the form was
 * read without one.
 */
bool api_upload_has_file(const struct api_upload *upload);

/* Frees the upload, and removes its file unless that was published. */
void api_upload_destroy(struct api_upload *upload);


#endif /* API_UPLOAD_H */
