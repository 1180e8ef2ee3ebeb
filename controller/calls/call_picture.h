/*
 * Pictures of the account and of groups: an uploaded image that a call names.
 */

#ifndef CALL_PICTURE_H
#define CALL_PICTURE_H


#include "calls/call.h"


/* the member with the id of the image */

#define CALL_PICTURE  "profile_picture_handle"


/*
 * Holds the image that the parameters name, if they do, in call->file.
 * Returns false, and error, for what is no image of the session.
 */
bool call_picture_hold(struct call *call, struct error *error);

/*
 * Adds "picture" to the page's parameters if an image is held; false: memory
 * is short.
 */
bool call_picture_describe(const struct call *call, json_t *params);


#endif /* CALL_PICTURE_H */
