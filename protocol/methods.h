/*
 * What a client can ask for: a table for the module and the controller.
 *
 * The includer defines WHATSAPP_METHOD before it includes this file, as often
 * as it needs another form of the rows.  The rows are expanded in place, and
 * the macro is undefined at the end.
 *
 * WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name): name is what
 * $whatsapp_call and the metrics show, and what the controller is asked for;
 * identifier is the same for C.
 *
 * KIND: SEND sends a message, so that an answer tells its outcome, the call
 * has an idempotency key and is never made twice; CALL is any other.
 * SCOPE: the scope that a token needs, SEND, READ or CONTROL; VIEW: READ or
 * CONTROL; OPEN: the method needs no token.
 * BY: NAME is called by its name at the controller, also by others than
 * nginx; PATH is a call of the controller's too, which only a path of its own
 * starts; NONE has no handler in the controller's calls/: nginx answers by
 * itself, or the controller's api/ does.
 *
 * Includers: the module (request/) and the controller (calls/).  A new method
 * is a row here, a route of the module's api/, a handler call_{identifier} of
 * the controller's calls/ unless BY is NONE, a row in docs/protocol.md, a
 * path in docs/openapi.yaml, and a test.
 */


WHATSAPP_METHOD(MESSAGE_SEND,         SEND, SEND,    NAME,
                message_send,         "message.send")
WHATSAPP_METHOD(MESSAGE_READ,         CALL, READ,    NAME,
                message_read,         "message.read")
WHATSAPP_METHOD(PHONE_NUMBER_GET,     CALL, READ,    NAME,
                phone_number_get,     "phone_number.get")
WHATSAPP_METHOD(SESSION_GET,          CALL, VIEW,    NONE,
                session_get,          "session.get")
WHATSAPP_METHOD(SESSION_LIST,         CALL, VIEW,    NONE,
                session_list,         "session.list")
WHATSAPP_METHOD(SESSION_QR,           CALL, CONTROL, PATH,
                session_qr,           "session.qr")
WHATSAPP_METHOD(SESSION_PAGE,         CALL, OPEN,    NONE,
                session_page,         "session.page")
WHATSAPP_METHOD(SESSIONS_PAGE,        CALL, OPEN,    NONE,
                sessions_page,        "sessions.page")
WHATSAPP_METHOD(SESSION_START,        CALL, CONTROL, NONE,
                session_start,        "session.start")
WHATSAPP_METHOD(SESSION_STOP,         CALL, CONTROL, NONE,
                session_stop,         "session.stop")
WHATSAPP_METHOD(SESSION_RESTART,      CALL, CONTROL, NONE,
                session_restart,      "session.restart")
WHATSAPP_METHOD(SESSION_LOGOUT,       CALL, CONTROL, PATH,
                session_logout,       "session.logout")
WHATSAPP_METHOD(SESSION_REQUEST_CODE, CALL, CONTROL, NAME,
                session_request_code, "session.request_code")
WHATSAPP_METHOD(SESSION_LINKED,       CALL, CONTROL, NAME,
                session_linked,       "session.linked")
WHATSAPP_METHOD(EVENT_STREAM,         CALL, READ,    NONE,
                event_stream,         "event.stream")
WHATSAPP_METHOD(MEDIA_UPLOAD,         CALL, SEND,    NONE,
                media_upload,         "media.upload")
WHATSAPP_METHOD(MEDIA_GET,            CALL, READ,    PATH,
                media_get,            "media.get")
WHATSAPP_METHOD(MEDIA_DELETE,         CALL, SEND,    NONE,
                media_delete,         "media.delete")
WHATSAPP_METHOD(MEDIA_DOWNLOAD,       CALL, OPEN,    NONE,
                media_download,       "media.download")
WHATSAPP_METHOD(CONTACTS_CHECK,       CALL, READ,    NAME,
                contacts_check,       "contacts.check")
WHATSAPP_METHOD(PROFILE_GET,          CALL, READ,    NAME,
                profile_get,          "profile.get")
WHATSAPP_METHOD(PROFILE_SET,          CALL, CONTROL, NAME,
                profile_set,          "profile.set")
WHATSAPP_METHOD(BLOCK_LIST,           CALL, READ,    NAME,
                block_list,           "block.list")
WHATSAPP_METHOD(BLOCK_ADD,            CALL, CONTROL, NAME,
                block_add,            "block.add")
WHATSAPP_METHOD(BLOCK_REMOVE,         CALL, CONTROL, NAME,
                block_remove,         "block.remove")
WHATSAPP_METHOD(GROUP_LIST,           CALL, READ,    NAME,
                group_list,           "group.list")
WHATSAPP_METHOD(GROUP_CREATE,         CALL, CONTROL, NAME,
                group_create,         "group.create")
WHATSAPP_METHOD(GROUP_JOIN,           CALL, CONTROL, NAME,
                group_join,           "group.join")
WHATSAPP_METHOD(GROUP_GET,            CALL, READ,    NAME,
                group_get,            "group.get")
WHATSAPP_METHOD(GROUP_UPDATE,         CALL, CONTROL, NAME,
                group_update,         "group.update")
WHATSAPP_METHOD(GROUP_LEAVE,          CALL, CONTROL, NAME,
                group_leave,          "group.leave")
WHATSAPP_METHOD(GROUP_PARTICIPANTS,   CALL, CONTROL, NAME,
                group_participants,   "group.participants")
WHATSAPP_METHOD(GROUP_INVITE,         CALL, READ,    NAME,
                group_invite,         "group.invite")
WHATSAPP_METHOD(GROUP_INVITE_RESET,   CALL, CONTROL, NAME,
                group_invite_reset,   "group.invite_reset")
WHATSAPP_METHOD(GROUP_REQUESTS,       CALL, READ,    NAME,
                group_requests,       "group.requests")
WHATSAPP_METHOD(GROUP_ANSWER,         CALL, CONTROL, NAME,
                group_answer,         "group.answer")
WHATSAPP_METHOD(PHONE_NUMBER_LIST,    CALL, READ,    NONE,
                phone_number_list,    "phone_number.list")
WHATSAPP_METHOD(TEMPLATE_LIST,        CALL, READ,    NONE,
                template_list,        "template.list")
WHATSAPP_METHOD(TEMPLATE_GET,         CALL, READ,    NONE,
                template_get,         "template.get")
WHATSAPP_METHOD(APP_LIST,             CALL, READ,    NONE,
                app_list,             "app.list")
WHATSAPP_METHOD(APP_SUBSCRIBE,        CALL, CONTROL, NONE,
                app_subscribe,        "app.subscribe")
WHATSAPP_METHOD(APP_UNSUBSCRIBE,      CALL, CONTROL, NONE,
                app_unsubscribe,      "app.unsubscribe")
WHATSAPP_METHOD(BETA_WEBHOOK,         CALL, READ,    NAME,
                beta_webhook,         "beta.webhook")
WHATSAPP_METHOD(TOKEN_GET,            CALL, READ,    NONE,
                token_get,            "token.get")
WHATSAPP_METHOD(PRIVACY_GET,          CALL, OPEN,    NONE,
                privacy_get,          "privacy.get")
WHATSAPP_METHOD(HEALTHZ,              CALL, OPEN,    NONE,
                healthz,              "healthz")
WHATSAPP_METHOD(READYZ,               CALL, OPEN,    NONE,
                readyz,               "readyz")


#undef WHATSAPP_METHOD
