/*
 * A change of a group by a form: the picture is taken into the store like an
 * upload, and goes into the call group.update with the other parts.
 */

#include <string.h>

#include "api/api_private.h"
#include "api/api_upload.h"
#include "base/seal.h"
#include "calls/call_picture.h"
#include "media/media.h"


static void api_group_end(void *ctx);
static bool api_group_picture(struct api *api, struct api_upload *upload,
    json_t *params, struct media **media, struct error *error);


void
api_group_begin(struct api *api, struct server_request *request,
    struct session *session)
{
    struct error            error;
    struct api_upload_form  form;

    session = api_call_group_session(api, request,
                                     server_path(request)
                                     + sizeof(API_GROUPS) - 1);

    form.file = "profile_picture_file";
    form.texts = session != NULL ? json_object() : NULL;

    if (session == NULL || form.texts == NULL) {
        error = session == NULL ? error_make(ERROR_GROUP_NOT_FOUND)
                                : error_memory();
        server_refuse(request, &error);
        return;
    }

    api_media_begin_form(api, request, session, &form, api_group_end);
}


static void
api_group_end(void *ctx)
{
    struct api_upload  *upload = ctx;

    json_decref(api_upload_texts(upload));
    api_upload_destroy(upload);
}


/* the call holds the file: it is deleted as soon as the call has begun */

void
api_group_update(struct api *api, struct server_request *request,
    struct session *session)
{
    json_t             *texts, *params, *root;
    const char         *group;
    struct error        error;
    struct media       *media;
    struct api_upload  *upload;

    group = server_path(request) + sizeof(API_GROUPS) - 1;
    session = api_call_group_session(api, request, group);
    upload = server_stream_ctx(request);
    texts = api_upload_texts(upload);
    media = NULL;

    params = json_pack("{s:s, s:O*, s:O*}", "group", group, "subject",
                       json_object_get(texts, "subject"), "description",
                       json_object_get(texts, "description"));

    if (params == NULL) {
        api_answer(request, NULL);
        return;
    }

    if (!api_group_picture(api, upload, params, &media, &error)) {
        json_decref(params);
        server_respond_error(request, &error, NULL);
        return;
    }

    root = json_pack("{s:o}", "params", params);

    if (root == NULL) {
        api_answer(request, NULL);

    } else {
        api_call_public(api, request, session, root, "group.update",
                        ERROR_GROUP_NOT_FOUND);
    }

    if (media != NULL) {
        media_delete(media);
    }
}


/* adds the id of the form's picture, if there is one, to the parameters */

static bool
api_group_picture(struct api *api, struct api_upload *upload, json_t *params,
    struct media **media, struct error *error)
{
    char  id[SEAL_TEXT_SIZE];

    if (!api_upload_has_file(upload)) {
        return true;
    }

    *media = api_upload_end(upload, error);

    if (*media == NULL) {
        return false;
    }

    if ((*media)->type.kind != MEDIA_IMAGE) {
        *error = error_say(ERROR_MEDIA_INVALID, "\"profile_picture_file\" "
                           "must be a JPEG or PNG image");

    } else if (seal_close(api->services->seal, SEAL_MEDIA, (*media)->name,
                          sizeof((*media)->name), id)
               && json_object_set_new(params, CALL_PICTURE, json_string(id))
                  == 0)
    {
        return true;

    } else {
        *error = error_memory();
    }

    media_delete(*media);

    return false;
}
