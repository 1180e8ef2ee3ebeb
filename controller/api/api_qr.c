/*
 * The QR code in the form that the peer asks for.
 */

#include <stdlib.h>
#include <string.h>

#include "api/api_private.h"
#include "api/qr_image.h"
#include "http/accept.h"


static int api_link_form(const struct server_request *request);
static void api_link_answer(struct server_request *request, json_t *result);


/* in this order for a peer that likes them all the same */

static const char *const  api_link_types[] = {
    "application/json",
    "image/svg+xml",
    "text/plain"
};


static const struct {
    const char  *type;
    char      *(*draw)(const char *text);    /* NULL: JSON */
} api_link_forms[] = {
    { NULL, NULL },
    { "image/svg+xml", qr_image_svg },
    { "text/plain; charset=UTF-8", qr_image_text }
};


void
api_link_qr(struct api *api, struct server_request *request,
    struct session *session)
{
    if (api_link_form(request) == -1) {
        api_refuse(request, ERROR_NOT_ACCEPTABLE, NULL);
        return;
    }

    api_start_call(api, request, session, NULL, "session.qr", CALL_PRIVATE,
                   api_link_answer);
}


static int
api_link_form(const struct server_request *request)
{
    return accept_choose(server_header(request, "Accept"), api_link_types,
                         sizeof(api_link_types) / sizeof(api_link_types[0]));
}


static void
api_link_answer(struct server_request *request, json_t *result)
{
    int          form;
    char        *picture;
    const char  *qr;

    form = api_link_form(request);
    qr = json_string_value(json_object_get(result, "qr"));

    if (qr == NULL || api_link_forms[form].draw == NULL) {
        api_answer(request, result);
        return;
    }

    picture = api_link_forms[form].draw(qr);

    json_decref(result);

    if (picture == NULL) {
        api_refuse(request, ERROR_PAGE_ERROR,
                   "The code can't be drawn");
        return;
    }

    server_respond_text(request, api_link_forms[form].type, picture);
}
