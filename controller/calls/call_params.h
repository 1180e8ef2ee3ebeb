/*
 * Reading the parameters of calls that are no sends, and making the page's
 * from them.
 */

#ifndef CALL_PARAMS_H
#define CALL_PARAMS_H


#include <stdbool.h>

#include "calls/call.h"


/* Returns an empty object, a new reference; NULL: error says why. */
json_t *call_params_empty(struct call *call, struct error *error);

/*
 * Points fields to the parameter "fields", which has names as in the Graph API
 * ("a,b{c}"), or to NULL when there is none.  False: error says that it is no
 * string.
 */
bool call_params_fields(const struct call *call, const char **fields,
    struct error *error);

/*
 * Returns whether fields have this name, with blanks around it or not; NULL
 * and "" have all names.
 */
bool call_params_has_field(const char *fields, const char *name);

/*
 * Copies a string of at most max characters from the call's parameters into
 * params under the same name.  An absent one and null are left out.  False:
 * error says why it is refused.
 */
bool call_params_copy_text(struct call *call, const char *name, size_t max,
    json_t *params, struct error *error);

/*
 * The same for a list of at most max strings of at most item characters, which
 * gets the name page.
 */
bool call_params_copy_texts(struct call *call, const char *name, size_t max,
    size_t item, json_t *params, const char *page, struct error *error);

/*
 * The same for a list of at most max phone numbers, or ids of WhatsApp's, as
 * people write them.
 */
bool call_params_copy_numbers(struct call *call, const char *name, size_t max,
    json_t *params, const char *page, struct error *error);

/* Returns whether value is one of those. */
bool call_params_is_number(json_t *value);

/* Returns whether value is a string of at most max characters. */
bool call_params_is_text(json_t *value, size_t max);


#endif /* CALL_PARAMS_H */
