/*
 * What call.c and the files of the calls, call_*.c, share; nobody else
 * includes it.
 */

#ifndef CALL_PRIVATE_H
#define CALL_PRIVATE_H

#include "calls/call.h"
#include "calls/call_run.h"


extern const struct read_method  call_contacts_check;
extern const struct read_method  call_profile_get;
extern const struct read_method  call_profile_set;
extern const struct read_method  call_block_list;
extern const struct read_method  call_block_add;
extern const struct read_method  call_block_remove;

extern const struct read_method  call_group_list;
extern const struct read_method  call_group_get;
extern const struct read_method  call_group_create;
extern const struct read_method  call_group_participants;
extern const struct read_method  call_group_update;
extern const struct read_method  call_group_invite;
extern const struct read_method  call_group_invite_reset;
extern const struct read_method  call_group_join;
extern const struct read_method  call_group_leave;


extern const struct read_method  call_session_qr;
extern const struct read_method  call_session_request_code;


/* For the rows of struct read_method: a ready session is all it takes, */
bool call_ready(struct session *session, struct error *error);

/* an empty object, */
json_t *call_no_params(struct call *call, struct error *error);

/* and {"success":true}. */
json_t *call_success(struct call *call, json_t *result);

/*
 * The names that params asks for, as in the Graph API ("a,b{c}"), NULL where
 * there are none; they stay params' own.  False with an error when they are no
 * string.
 */
bool call_fields(const struct call *call, const char **fields,
    struct error *error);

/* Whether the names have this one; NULL and "" have all. */
bool call_field_wanted(const char *fields, const char *name);

/*
 * Copies a string, or a list of at most CALL_LIST_MAX strings, from the call's
 * parameters to the page's, where it is named page.  An absent one is left
 * out.  False: error says why it is refused.
 */
#define CALL_LIST_MAX  1024

bool call_copy_text(struct call *call, const char *name, json_t *params,
    struct error *error);
bool call_copy_texts(struct call *call, const char *name, json_t *params,
    const char *page, struct error *error);


#endif /* CALL_PRIVATE_H */
