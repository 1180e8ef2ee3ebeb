/*
 * The types of events that an application can ask for: a table for the module
 * and the controller.
 *
 * The includer defines WHATSAPP_EVENT_TYPE before it includes this file, as
 * often as it needs another form of the rows.  The rows are expanded in place,
 * and the macro is undefined at the end.
 *
 * WHATSAPP_EVENT_TYPE(NAME, DEFAULT, name): DEFAULT is 1 for a type that who
 * asks for none in particular gets, and 0 for one that must be asked for,
 * since receivers of the Cloud API's events may not expect it.
 *
 * MESSAGE is a message to the account, STATUS what became of one that was sent
 * here, ECHO one written on another device, CALL a call, ERROR trouble of the
 * session, or events that are lost.
 *
 * Includers: the module (api/) and the controller (events/).  A new type is a
 * row here, its events in the controller's events/, docs/api.md,
 * docs/openapi.yaml and a test.
 */


WHATSAPP_EVENT_TYPE(MESSAGE, 1, "messages")
WHATSAPP_EVENT_TYPE(STATUS,  1, "statuses")
WHATSAPP_EVENT_TYPE(ECHO,    0, "echoes")
WHATSAPP_EVENT_TYPE(CALL,    0, "calls")
WHATSAPP_EVENT_TYPE(ERROR,   0, "errors")


#undef WHATSAPP_EVENT_TYPE
