/*
 * Phone numbers as the public API shows them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "calls/call_params.h"
#include "calls/phone_number.h"


/* members with one value for all numbers */

static const struct {
    const char  *name;
    const char  *linked;     /* the value while an account is linked */
    const char  *unlinked;   /* and while none is; NULL: no member then */
    bool         asked;      /* only when "fields" names it */
} phone_number_facts[] = {
    { "quality_rating", "GREEN", "UNKNOWN", false },
    { "code_verification_status", "VERIFIED", NULL, false },
    { "platform_type", "NOT_APPLICABLE", "NOT_APPLICABLE", false },
    { "account_mode", "LIVE", NULL, true }
};


#define PHONE_NUMBER_FACTS                                                    \
    (sizeof(phone_number_facts) / sizeof(phone_number_facts[0]))


json_t *
phone_number_json(const char *id, const char *wa_id, const char *name,
    const char *fields)
{
    int          rc;
    bool         all;
    size_t       i;
    json_t      *number;
    const char  *value;

    all = fields == NULL || *fields == '\0';
    number = json_pack("{s:s}", "id", id);
    rc = number == NULL;

    if (call_params_has_field(fields, "display_phone_number")) {
        rc |= json_object_set_new(number, "display_phone_number",
                                  wa_id != NULL ? json_sprintf("+%s", wa_id)
                                                : json_string(""));
    }

    if (call_params_has_field(fields, "verified_name")) {
        rc |= json_object_set_new(number, "verified_name",
                                  json_string(name != NULL ? name : ""));
    }

    for (i = 0; i < PHONE_NUMBER_FACTS; i++) {
        value = wa_id != NULL ? phone_number_facts[i].linked
                              : phone_number_facts[i].unlinked;

        if (value == NULL
            || (phone_number_facts[i].asked && all)
            || !call_params_has_field(fields, phone_number_facts[i].name))
        {
            continue;
        }

        rc |= json_object_set_new(number, phone_number_facts[i].name,
                                  json_string(value));
    }

    if (call_params_has_field(fields, "status")) {
        rc |= json_object_set_new(number, "status",
                                  json_string(wa_id != NULL
                                              ? "CONNECTED"
                                              : "DISCONNECTED"));
    }

    if (rc != 0) {
        json_decref(number);
        return NULL;
    }

    return number;
}
