/*
 * What the files with calls about groups share.
 */

#ifndef CALL_GROUP_H
#define CALL_GROUP_H


#include "calls/call.h"


/*
 * For rows of struct call_handler: the page's parameters {group}, a new
 * reference.  NULL: the call names no group, as error says.
 */
json_t *call_group_params(struct call *call, struct error *error);

/*
 * Steals params, and returns them unless ok is false, when error is set, or
 * they are NULL, when error is set to that memory was short.
 */
json_t *call_group_accept(json_t *params, bool ok, struct error *error);

/* Adds what each of Meta's answers has; false when memory is short. */
bool call_group_add_product(json_t *result);


#endif /* CALL_GROUP_H */
