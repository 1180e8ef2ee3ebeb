/*
 * The types of messages: a table for the module and the controller.
 *
 * The includer defines WHATSAPP_MESSAGE_TYPE, WHATSAPP_MESSAGE_FORM or both
 * before it includes this file.  The rows are expanded in place, and both
 * macros are undefined at the end.
 *
 * WHATSAPP_MESSAGE_TYPE(name, CAPABILITY, page, CONTENT): name is the value of
 * "type" and the member that holds the content, an OBJECT, an object with a
 * caption (CAPTIONED) or an ARRAY.
 * CAPABILITY is what WhatsApp Web must offer (enum session_capability), and
 * page is the name of the content in the bridge's message.send.  A body
 * without "type" means the first row.
 *
 * WHATSAPP_MESSAGE_FORM(name, sent_as): a type that nginx turns into the type
 * sent_as, or into that of its header, so that the controller never sees it.
 *
 * Includers: the module (message/ngx_http_whatsapp_message_types.c) and the
 * controller (calls/message_params.c).  A new type is a row here, a table of
 * its members in each of those two files with bounds from limits.h, a function
 * of the bridge, a row in docs/directives.md and docs/protocol.md, an object
 * in docs/openapi.yaml, and a test.
 */


#ifndef WHATSAPP_MESSAGE_TYPE
#define WHATSAPP_MESSAGE_TYPE(name, CAPABILITY, page, CONTENT)
#endif

#ifndef WHATSAPP_MESSAGE_FORM
#define WHATSAPP_MESSAGE_FORM(name, sent_as)
#endif


WHATSAPP_MESSAGE_TYPE(text,     SEND_TEXT,     text,     OBJECT)
WHATSAPP_MESSAGE_TYPE(image,    SEND_MEDIA,    media,    CAPTIONED)
WHATSAPP_MESSAGE_TYPE(video,    SEND_MEDIA,    media,    CAPTIONED)
WHATSAPP_MESSAGE_TYPE(audio,    SEND_MEDIA,    media,    OBJECT)
WHATSAPP_MESSAGE_TYPE(document, SEND_MEDIA,    media,    CAPTIONED)
WHATSAPP_MESSAGE_TYPE(sticker,  SEND_MEDIA,    media,    OBJECT)
WHATSAPP_MESSAGE_TYPE(location, SEND_LOCATION, location, OBJECT)
WHATSAPP_MESSAGE_TYPE(contacts, SEND_CONTACTS, contacts, ARRAY)
WHATSAPP_MESSAGE_TYPE(reaction, SEND_REACTION, reaction, OBJECT)
WHATSAPP_MESSAGE_TYPE(poll,     SEND_POLL,     poll,     OBJECT)
WHATSAPP_MESSAGE_TYPE(edit,     EDIT,          edit,     OBJECT)
WHATSAPP_MESSAGE_TYPE(revoke,   REVOKE,        revoke,   OBJECT)
WHATSAPP_MESSAGE_TYPE(forward,  FORWARD,       forward,  OBJECT)

WHATSAPP_MESSAGE_FORM(interactive, text)
WHATSAPP_MESSAGE_FORM(template,    text)


#undef WHATSAPP_MESSAGE_TYPE
#undef WHATSAPP_MESSAGE_FORM
