/*
 * What the public API says about a phone number, in its list and alone.
 */

#ifndef PHONE_NUMBER_H
#define PHONE_NUMBER_H


#include <jansson.h>


/*
 * The object of a session's phone number, a new reference; NULL when memory
 * is short.  wa_id is NULL while no account is linked, name while it is not
 * known.  fields are names as in the Graph API ("a,b{c}"), which the members
 * are limited to, and "id"; NULL or "" stands for those that are told
 * unasked.
 */
json_t *phone_number_json(const char *id, const char *wa_id,
    const char *name, const char *fields);


#endif /* PHONE_NUMBER_H */
