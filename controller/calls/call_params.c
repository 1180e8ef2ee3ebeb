/*
 * Parameters that several calls have in common.
 */

#include <string.h>

#include "base/text.h"
#include "calls/call_params.h"
#include "protocol/limits.h"
#include "session/recipient.h"


static const char  call_params_blanks[] = " \t\r\n";


json_t *
call_params_empty(struct call *call, struct error *error)
{
    json_t  *params;

    (void) call;

    params = json_object();

    if (params == NULL) {
        *error = error_memory();
    }

    return params;
}


bool
call_params_fields(const struct call *call, const char **fields,
    struct error *error)
{
    json_t  *value;

    value = json_object_get(call->params, "fields");
    *fields = json_string_value(value);

    if (value != NULL && *fields == NULL) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "\"fields\" must be a string");
        return false;
    }

    return true;
}


bool
call_params_has_field(const char *fields, const char *name)
{
    int     depth;
    size_t  len;

    if (fields == NULL || *fields == '\0') {
        return true;
    }

    while (*fields != '\0') {
        fields += strspn(fields, call_params_blanks);
        len = strcspn(fields, ",.({ \t\r\n");

        if (len == strlen(name) && strncmp(fields, name, len) == 0) {
            return true;
        }

        /* the fields of a member, as in a{b,c}, are skipped */

        fields += len;

        for (depth = 0;
             *fields != '\0' && (*fields != ',' || depth > 0);
             fields++)
        {
            depth += (*fields == '{' || *fields == '(')
                     - (*fields == '}' || *fields == ')');
        }

        fields += strspn(fields, ",");
    }

    return false;
}


bool
call_params_copy_text(struct call *call, const char *name, size_t max,
    json_t *params, struct error *error)
{
    json_t  *value;

    value = json_object_get(call->params, name);

    if (value == NULL || json_is_null(value)) {
        return true;
    }

    if (!call_params_is_text(value, max)) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "A parameter is no string, or too long");
        return false;
    }

    if (json_object_set(params, name, value) != 0) {
        *error = error_memory();
        return false;
    }

    return true;
}


bool
call_params_copy_texts(struct call *call, const char *name, size_t max,
    size_t item, json_t *params, const char *page, struct error *error)
{
    bool     ok;
    size_t   i;
    json_t  *value, *text;

    value = json_object_get(call->params, name);

    if (value == NULL || json_is_null(value)) {
        return true;
    }

    ok = json_is_array(value) && json_array_size(value) <= max;

    json_array_foreach(value, i, text) {
        ok = ok && call_params_is_text(text, item);
    }

    if (!ok) {
        *error = error_say(ERROR_INVALID_PARAMETER,
                           "A parameter is no list of strings, or too long");
        return false;
    }

    if (json_object_set(params, page, value) != 0) {
        *error = error_memory();
        return false;
    }

    return true;
}


bool
call_params_copy_numbers(struct call *call, const char *name, size_t max,
    json_t *params, const char *page, struct error *error)
{
    size_t   i;
    json_t  *value, *number;

    if (!call_params_copy_texts(call, name, max, WHATSAPP_NUMBER_MAX, params,
                                page, error))
    {
        return false;
    }

    value = json_object_get(call->params, name);

    json_array_foreach(value, i, number) {
        if (!call_params_is_number(number)) {
            *error = error_say(ERROR_INVALID_PARAMETER,
                               "A parameter is no phone number");
            return false;
        }
    }

    return true;
}


bool
call_params_is_number(json_t *value)
{
    char  number[RECIPIENT_TO_SIZE];

    return call_params_is_text(value, WHATSAPP_NUMBER_MAX)
           && recipient_normalise(json_string_value(value), number);
}


bool
call_params_is_text(json_t *value, size_t max)
{
    return json_is_string(value)
           && text_characters(json_string_value(value),
                              json_string_length(value)) <= max;
}
