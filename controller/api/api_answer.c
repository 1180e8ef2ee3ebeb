/*
 * Answers of the handlers.
 */

#include "api/api_private.h"
#include "base/stringify.h"


static void api_answer_status(struct server_request *request, unsigned status,
    json_t *result);


void
api_answer(struct server_request *request, json_t *result)
{
    api_answer_status(request, 200, result);
}


void
api_answer_failures(struct server_request *request, json_t *result)
{
    api_answer_status(request, 207, result);
}


static void
api_answer_status(struct server_request *request, unsigned status,
    json_t *result)
{
    char    *body;
    size_t   size;

    body = NULL;

    if (result != NULL) {
        body = stringify_utf8(result, &size);
        json_decref(result);
    }

    server_respond(request, status, body, NULL);
}


void
api_answer_success(struct server_request *request)
{
    api_answer(request, json_pack("{s:b}", "success", 1));
}


void
api_refuse(struct server_request *request, enum error_code code,
    const char *message)
{
    struct error  error;

    error = error_say(code, message);

    server_respond_error(request, &error, NULL);
}
