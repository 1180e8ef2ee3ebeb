/*
 * The bounds of what a call may hold, the same in all layers: the module tells
 * a client which member is out of bounds; the controller and the bridge check
 * the same numbers again, because nginx is not their only caller.
 *
 * A row is a number of characters (Unicode code points), or of elements where
 * the comment says so.  Includers are the tables of members of the module
 * (message/, api/) and of the controller (calls/), and tools/limits, which
 * makes the bridge's tools.limits of all rows that are defined as numbers
 * here.  A new bound is a row, its use in each layer, docs/openapi.yaml
 * (maxLength, maxItems) and a test on both sides of it.
 */

#ifndef WHATSAPP_LIMITS_H
#define WHATSAPP_LIMITS_H


/* messages: bounds of the Cloud API or of WhatsApp Web */

#define WHATSAPP_TEXT_MAX                 4096  /* text.body, edit.body */
#define WHATSAPP_MENTIONS_MAX             64    /* elements */
#define WHATSAPP_LINK_MAX                 2048  /* of a file */
#define WHATSAPP_CAPTION_MAX              1024  /* from a client */
#define WHATSAPP_SENT_CAPTION_MAX         4096  /* from nginx, a text there */
#define WHATSAPP_FILENAME_MAX             240
#define WHATSAPP_PLACE_MAX                1024  /* location.name, .address */
#define WHATSAPP_CONTACTS_MAX             64    /* elements */
#define WHATSAPP_CONTACT_NAME_MAX         255   /* name.formatted_name */
#define WHATSAPP_EMOJI_MAX                32    /* with its modifiers */
#define WHATSAPP_POLL_NAME_MAX            255
#define WHATSAPP_POLL_OPTION_MAX          100
#define WHATSAPP_POLL_OPTIONS_MIN         2     /* elements */
#define WHATSAPP_POLL_OPTIONS_MAX         12    /* elements */
#define WHATSAPP_CALLBACK_DATA_MAX        512   /* biz_opaque_callback_data */

/* phone numbers: digits, and characters as a person writes one */

#define WHATSAPP_DIGITS_MIN               5
#define WHATSAPP_DIGITS_MAX               15    /* E.164 */
#define WHATSAPP_ACCOUNT_DIGITS_MIN       6     /* of a number to be linked */
#define WHATSAPP_LID_DIGITS_MAX           20    /* an id that hides a number */
#define WHATSAPP_NUMBER_MAX               64

/* ids of media and groups, which the controller seals */

#define WHATSAPP_SEALED_MIN               40
#define WHATSAPP_SEALED_MAX               360

/* calls about the account */

#define WHATSAPP_CHECK_MAX                50    /* elements of "contacts" */
#define WHATSAPP_BLOCK_MAX                1000  /* elements */
#define WHATSAPP_ABOUT_MAX                139
#define WHATSAPP_PROFILE_ADDRESS_MAX      256
#define WHATSAPP_PROFILE_DESCRIPTION_MAX  512
#define WHATSAPP_PROFILE_EMAIL_MAX        128
#define WHATSAPP_WEBSITE_MAX              256
#define WHATSAPP_WEBSITES_MAX             2     /* elements */

/* where events are delivered to */

#define WHATSAPP_CALLBACK_MAX             2048  /* a URL */
#define WHATSAPP_VERIFY_TOKEN_MAX         256

/* calls about groups */

#define WHATSAPP_SUBJECT_MAX              128
#define WHATSAPP_DESCRIPTION_MAX          2048
#define WHATSAPP_PARTICIPANTS_MAX         64    /* elements */
#define WHATSAPP_INVITE_MAX               256
#define WHATSAPP_JOIN_REQUESTS_MAX        64    /* elements */
#define WHATSAPP_JOIN_REQUEST_MAX         64    /* its id */


#endif /* WHATSAPP_LIMITS_H */
