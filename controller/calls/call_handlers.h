/*
 * The handlers of all calls that are no sends, each defined in the call_*.c of
 * its subject.
 */

#ifndef CALL_HANDLERS_H
#define CALL_HANDLERS_H


#include "calls/call_run.h"


/* call_read.c */
extern const struct call_handler  call_message_read;

/* call_media.c */
extern const struct call_handler  call_media_get;

/* call_account.c */
extern const struct call_handler  call_phone_number_get;
extern const struct call_handler  call_contacts_check;
extern const struct call_handler  call_block_list;
extern const struct call_handler  call_block_add;
extern const struct call_handler  call_block_remove;

/* call_beta.c */
extern const struct call_handler  call_beta_webhook;

/* call_profile.c */
extern const struct call_handler  call_profile_get;
extern const struct call_handler  call_profile_set;

/* call_groups.c */
extern const struct call_handler  call_group_list;
extern const struct call_handler  call_group_get;
extern const struct call_handler  call_group_create;
extern const struct call_handler  call_group_participants;
extern const struct call_handler  call_group_update;
extern const struct call_handler  call_group_invite;
extern const struct call_handler  call_group_invite_reset;
extern const struct call_handler  call_group_join;
extern const struct call_handler  call_group_leave;

/* call_group_requests.c */
extern const struct call_handler  call_group_requests;
extern const struct call_handler  call_group_answer;

/* call_linking.c */
extern const struct call_handler  call_session_qr;
extern const struct call_handler  call_session_request_code;
extern const struct call_handler  call_session_logout;
extern const struct call_handler  call_session_linked;


#endif /* CALL_HANDLERS_H */
