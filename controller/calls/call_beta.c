/*
 * The call beta.webhook: the page says what the number is on WhatsApp, so that
 * what its owner writes is recognised.
 */

#include <string.h>

#include "calls/call_handlers.h"
#include "calls/call_params.h"
#include "events/beta.h"
#include "events/beta_url.h"
#include "protocol/limits.h"
#include "protocol/phone.h"


static json_t *call_beta_webhook_params(struct call *call,
    struct error *error);
static json_t *call_beta_webhook_result(struct call *call, json_t *result);


const struct call_handler  call_beta_webhook = {
    .check = session_check,
    .method = "contacts.check",
    .params = call_beta_webhook_params,
    .result = call_beta_webhook_result
};


static json_t *
call_beta_webhook_params(struct call *call, struct error *error)
{
    char     digits[WHATSAPP_PHONE_SIZE];
    json_t  *number, *webhook;

    number = json_object_get(call->params, "number");
    webhook = json_object_get(call->params, "webhook");

    if (!call_params_is_text(number, WHATSAPP_NUMBER_MAX)
        || whatsapp_phone_read(json_string_value(number),
                               json_string_length(number), digits)
           != WHATSAPP_PHONE_NUMBER)
    {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "\"number\" must be a phone number");
        return NULL;
    }

    if (!call_params_is_text(webhook, BETA_URL_MAX)
        || !beta_url_valid(json_string_value(webhook)))
    {
        *error = error_say(ERROR_INVALID_PARAMETER, "\"webhook\" must be an "
                           "http or https URL, whose scheme and host are "
                           "fixed");
        return NULL;
    }

    return json_pack("{s:[O]}", "numbers", number);
}


static json_t *
call_beta_webhook_result(struct call *call, json_t *result)
{
    char              digits[WHATSAPP_PHONE_SIZE];
    json_t           *number;
    const char       *wa_id;
    enum beta_state   state;

    wa_id = json_string_value(json_object_get(json_array_get(
                json_object_get(result, "numbers"), 0), "wa_id"));

    /* who is not on WhatsApp, or not yet, just never writes */

    if (wa_id == NULL) {
        number = json_object_get(call->params, "number");
        (void) whatsapp_phone_read(json_string_value(number),
                                   json_string_length(number), digits);
        wa_id = digits;
    }

    state = beta_register(call->services->beta, call->session, wa_id,
                          json_string_value(json_object_get(call->params,
                                                            "webhook")));

    if (state == BETA_FAILED) {
        return NULL;
    }

    return json_pack("{s:b, s:s}", "success", true, "message",
                     state == BETA_ON
                     ? "The webhook is on"
                     : "The webhook is switched on when the number's owner "
                       "writes AUTHORIZE to this account, within 24 hours");
}
