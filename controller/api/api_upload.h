/*
 * An upload: a form that arrives in pieces, and the media file that is made of
 * it.
 */

#ifndef API_UPLOAD_H
#define API_UPLOAD_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "media/media.h"


/* bytes that a form may have beside its file */

#define API_UPLOAD_EXTRA_MAX  (1024 * 1024)


struct api_upload;


/*
 * Begins an upload for a session, whose name outlives the store; content_type
 * is the request's, or NULL, and length the form's bytes, 0 when that is not
 * known: no more is begun than there is room for.  NULL: error says why not.
 */
struct api_upload *api_upload_create(struct media_store *store,
    const char *session, const char *content_type, uint64_t length,
    struct error *error);

/*
 * Takes the next piece of the form.  Once something is wrong with it the rest
 * is dropped, and nothing is kept of the file.
 */
void api_upload_feed(struct api_upload *upload, const char *data,
    size_t size);

/* The form is complete: the published file (borrowed), or NULL and error. */
struct media *api_upload_end(struct api_upload *upload, struct error *error);

/* Frees the upload; of a file that was not published nothing is left. */
void api_upload_destroy(struct api_upload *upload);


#endif /* API_UPLOAD_H */
