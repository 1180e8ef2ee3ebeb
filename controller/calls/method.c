/*
 * The table of methods.
 */

#include <string.h>

#include "calls/call_handlers.h"
#include "calls/method.h"
#include "calls/send.h"


struct method {
    const char                 *name;
    enum method_scope           scope;
    const struct call_handler  *handler;    /* NULL: a send */
};


static const struct method  methods[] = {
    { "message.send", METHOD_PUBLIC, NULL },
    { "message.read", METHOD_PUBLIC, &call_message_read },
    { "phone_number.get", METHOD_PUBLIC, &call_phone_number_get },
    { "contacts.check", METHOD_PUBLIC, &call_contacts_check },
    { "profile.get", METHOD_PUBLIC, &call_profile_get },
    { "profile.set", METHOD_PUBLIC, &call_profile_set },
    { "block.list", METHOD_PUBLIC, &call_block_list },
    { "block.add", METHOD_PUBLIC, &call_block_add },
    { "block.remove", METHOD_PUBLIC, &call_block_remove },
    { "group.list", METHOD_PUBLIC, &call_group_list },
    { "group.get", METHOD_PUBLIC, &call_group_get },
    { "group.create", METHOD_PUBLIC, &call_group_create },
    { "group.participants", METHOD_PUBLIC, &call_group_participants },
    { "group.update", METHOD_PUBLIC, &call_group_update },
    { "group.invite", METHOD_PUBLIC, &call_group_invite },
    { "group.invite_reset", METHOD_PUBLIC, &call_group_invite_reset },
    { "group.join", METHOD_PUBLIC, &call_group_join },
    { "group.leave", METHOD_PUBLIC, &call_group_leave },
    { "session.request_code", METHOD_PUBLIC, &call_session_request_code },
    { "session.qr", METHOD_PRIVATE, &call_session_qr },
    { "session.logout", METHOD_PRIVATE, &call_session_logout }
};


void
method_start(struct call *call, const char *name, enum method_scope scope)
{
    size_t                i;
    struct error          error;
    const struct method  *method;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        method = &methods[i];

        if (method->scope != scope || strcmp(method->name, name) != 0) {
            continue;
        }

        if (method->handler != NULL) {
            call_run_start(call, method->handler);

        } else {
            send_start(call);
        }

        return;
    }

    error = error_make(ERROR_UNKNOWN_METHOD);
    call_fail(call, &error);
}


void
method_forget(struct call *call)
{
    if (call->send != NULL) {
        send_forget(call);

    } else if (call->run != NULL) {
        call_run_forget(call);
    }
}
