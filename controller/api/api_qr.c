/*
 * The route of the QR code: as JSON, as an image or as text.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "api/qr_image.h"
#include "protocol/accept.h"


static int api_qr_form(const struct server_request *request);
static void api_qr_answer(struct server_request *request, json_t *result);


/* the first is preferred where Accept has no preference */

static const char *const  api_qr_types[] = {
    "application/json",
    "image/svg+xml",
    "text/plain"
};


static const struct {
    const char  *type;
    char      *(*draw)(const char *text);    /* NULL: JSON */
} api_qr_forms[] = {
    { NULL, NULL },
    { "image/svg+xml", qr_image_svg },
    { "text/plain; charset=UTF-8", qr_image_text }
};


void
api_qr(struct api *api, struct server_request *request,
    struct session *session)
{
    if (api_qr_form(request) == -1) {
        api_refuse(request, ERROR_NOT_ACCEPTABLE, NULL);
        return;
    }

    api_call_start(api, request, session, NULL, "session.qr", METHOD_PRIVATE,
                   api_qr_answer);
}


static int
api_qr_form(const struct server_request *request)
{
    return whatsapp_accept_choose(server_header(request, "Accept"),
                                  api_qr_types,
                                  sizeof(api_qr_types)
                                  / sizeof(api_qr_types[0]));
}


static void
api_qr_answer(struct server_request *request, json_t *result)
{
    int          form;
    char        *picture;
    const char  *qr;

    form = api_qr_form(request);
    qr = json_string_value(json_object_get(result, "qr"));

    if (qr == NULL || api_qr_forms[form].draw == NULL) {
        api_answer(request, result);
        return;
    }

    picture = api_qr_forms[form].draw(qr);

    json_decref(result);

    if (picture == NULL) {
        api_refuse(request, ERROR_PAGE_ERROR,
                   "The code can't be drawn");
        return;
    }

    server_respond_text(request, api_qr_forms[form].type, picture);
}
