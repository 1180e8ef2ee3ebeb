/*
 * The parameters of message.send: checked, and turned into what the page is
 * given.  nginx has checked them too; nothing here relies on it.
 */

#ifndef SEND_PARAMS_H
#define SEND_PARAMS_H


#include <stdbool.h>

#include <jansson.h>

#include "error.h"
#include "recipient.h"
#include "wamid.h"


/* the JSON values are borrowed from the parameters */

struct send_params {
    char     to[RECIPIENT_TO_SIZE];     /* normalised */
    json_t  *body;
    json_t  *preview_url;               /* or NULL */
    char     quoted[WAMID_KEY_SIZE];    /* "" when nothing is quoted */
};


/* Reads an object of parameters; false: error says what is wrong. */
bool send_params_read(struct send_params *params, json_t *object,
    struct error *error);

/*
 * What the page's message.send is given, but for key and chat; the caller's
 * reference, NULL when memory is short.
 */
json_t *send_params_message(const struct send_params *params);


#endif /* SEND_PARAMS_H */
