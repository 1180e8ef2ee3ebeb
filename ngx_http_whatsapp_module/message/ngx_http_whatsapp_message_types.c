
/*
 * The members of each type of message.  protocol/message_types.h says what a
 * new type takes.
 */


#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_field_checks.h"


/* most characters where WhatsApp publishes no limit */
#define NGX_HTTP_WHATSAPP_WORDS_LEN     1024
#define NGX_HTTP_WHATSAPP_LABEL_LEN     64

/* most elements of a list in a contact */
#define NGX_HTTP_WHATSAPP_LIST_MAX      64


/* rows that recur */

#define NGX_HTTP_WHATSAPP_WORDS_FIELD(name)                                   \
    NGX_HTTP_WHATSAPP_OPTIONAL_STRING(name, NGX_HTTP_WHATSAPP_WORDS_LEN)

#define NGX_HTTP_WHATSAPP_LABEL_FIELD(name)                                   \
    NGX_HTTP_WHATSAPP_OPTIONAL_STRING(name, NGX_HTTP_WHATSAPP_LABEL_LEN)


static ngx_int_t ngx_http_whatsapp_prepare_captioned(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);
static ngx_int_t ngx_http_whatsapp_prepare_contacts(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body);


/* one row for all elements of an array, with the array's name */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_mention[] = {

    { "mentions", NGX_HTTP_WHATSAPP_NUMERIC, 0, WHATSAPP_NUMBER_MAX,
      NULL, NULL, ngx_http_whatsapp_check_digits, NULL,
      "a phone number of " ngx_value(WHATSAPP_DIGITS_MIN) " to "
      ngx_value(WHATSAPP_DIGITS_MAX) " digits" }
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_text_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("body", WHATSAPP_TEXT_MAX),

    { "preview_url", NGX_HTTP_WHATSAPP_BOOLEAN, 0, 0,
      NULL, NULL, NULL, NULL,
      "true or false" },

    { "mentions", NGX_HTTP_WHATSAPP_ARRAY, 0, WHATSAPP_MENTIONS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_mention,
      "an array of at most " ngx_value(WHATSAPP_MENTIONS_MAX)
      " phone numbers" },

      ngx_http_whatsapp_null_field
};


/* of clients; that of a rendered text may be longer */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_caption_fields[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("caption", WHATSAPP_CAPTION_MAX),

      ngx_http_whatsapp_null_field
};


/* members of an image and of a video */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_media_fields[] = {

    NGX_HTTP_WHATSAPP_SOURCE_FIELDS,

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("caption", WHATSAPP_SENT_CAPTION_MAX),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_audio_fields[] = {

    NGX_HTTP_WHATSAPP_SOURCE_FIELDS,

    { "voice", NGX_HTTP_WHATSAPP_BOOLEAN, 0, 0,
      NULL, NULL, NULL, NULL,
      "true or false" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_document_fields[] = {

    NGX_HTTP_WHATSAPP_SOURCE_FIELDS,

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("caption", WHATSAPP_SENT_CAPTION_MAX),

    NGX_HTTP_WHATSAPP_FILENAME_FIELD,

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_sticker_fields[] = {

    NGX_HTTP_WHATSAPP_SOURCE_FIELDS,

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_location_fields[] = {

    { "latitude", NGX_HTTP_WHATSAPP_NUMBER,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_NUMBER_LEN,
      NULL, NULL, ngx_http_whatsapp_check_latitude, NULL,
      "a number from -90 to 90" },

    { "longitude", NGX_HTTP_WHATSAPP_NUMBER,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, NGX_HTTP_WHATSAPP_NUMBER_LEN,
      NULL, NULL, ngx_http_whatsapp_check_longitude, NULL,
      "a number from -180 to 180" },

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("name", WHATSAPP_PLACE_MAX),
    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("address", WHATSAPP_PLACE_MAX),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_name_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("formatted_name",
                                      WHATSAPP_CONTACT_NAME_MAX),

    NGX_HTTP_WHATSAPP_WORDS_FIELD("first_name"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("last_name"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("middle_name"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("prefix"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("suffix"),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_phone_fields[] = {

    { "phone", NGX_HTTP_WHATSAPP_NUMERIC, 0, NGX_HTTP_WHATSAPP_LABEL_LEN,
      NULL, NULL, NULL, NULL,
      "a string of at most " ngx_value(NGX_HTTP_WHATSAPP_LABEL_LEN)
      " characters" },

    NGX_HTTP_WHATSAPP_LABEL_FIELD("type"),

    { "wa_id", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_BLANK, WHATSAPP_NUMBER_MAX,
      NULL, NULL, ngx_http_whatsapp_check_phone, NULL,
      "a phone number" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_email_fields[] = {

    NGX_HTTP_WHATSAPP_WORDS_FIELD("email"),
    NGX_HTTP_WHATSAPP_LABEL_FIELD("type"),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_address_fields[] = {

    NGX_HTTP_WHATSAPP_WORDS_FIELD("street"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("city"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("state"),

    { "zip", NGX_HTTP_WHATSAPP_NUMERIC, 0, NGX_HTTP_WHATSAPP_LABEL_LEN,
      NULL, NULL, NULL, NULL,
      "a string of at most " ngx_value(NGX_HTTP_WHATSAPP_LABEL_LEN)
      " characters" },

    NGX_HTTP_WHATSAPP_WORDS_FIELD("country"),
    NGX_HTTP_WHATSAPP_LABEL_FIELD("country_code"),
    NGX_HTTP_WHATSAPP_LABEL_FIELD("type"),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_org_fields[] = {

    NGX_HTTP_WHATSAPP_WORDS_FIELD("company"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("department"),
    NGX_HTTP_WHATSAPP_WORDS_FIELD("title"),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_url_fields[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("url", WHATSAPP_LINK_MAX),

    NGX_HTTP_WHATSAPP_LABEL_FIELD("type"),

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_phone_element[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("phones", ngx_http_whatsapp_phone_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_email_element[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("emails", ngx_http_whatsapp_email_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_address_element[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("addresses",
                                      ngx_http_whatsapp_address_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_url_element[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("urls", ngx_http_whatsapp_url_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_contact_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("name", ngx_http_whatsapp_name_fields),

    { "phones", NGX_HTTP_WHATSAPP_ARRAY, 0, NGX_HTTP_WHATSAPP_LIST_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_phone_element,
      "an array of at most " ngx_value(NGX_HTTP_WHATSAPP_LIST_MAX)
      " objects" },

    { "emails", NGX_HTTP_WHATSAPP_ARRAY, 0, NGX_HTTP_WHATSAPP_LIST_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_email_element,
      "an array of at most " ngx_value(NGX_HTTP_WHATSAPP_LIST_MAX)
      " objects" },

    { "addresses", NGX_HTTP_WHATSAPP_ARRAY, 0, NGX_HTTP_WHATSAPP_LIST_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_address_element,
      "an array of at most " ngx_value(NGX_HTTP_WHATSAPP_LIST_MAX)
      " objects" },

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("org", ngx_http_whatsapp_org_fields),

    { "urls", NGX_HTTP_WHATSAPP_ARRAY, 0, NGX_HTTP_WHATSAPP_LIST_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_url_element,
      "an array of at most " ngx_value(NGX_HTTP_WHATSAPP_LIST_MAX)
      " objects" },

    { "birthday", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_BLANK, 10,
      NULL, NULL, ngx_http_whatsapp_check_date, NULL,
      "a date as YYYY-MM-DD" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_contact[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("contacts",
                                      ngx_http_whatsapp_contact_fields)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_reaction_fields[] = {

    NGX_HTTP_WHATSAPP_MESSAGE_ID_FIELD,

    { "emoji", NGX_HTTP_WHATSAPP_STRING, 0, WHATSAPP_EMOJI_MAX,
      NULL, "", ngx_http_whatsapp_check_emoji, NULL,
      "one emoji, or empty to remove the reaction" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_option[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("options", WHATSAPP_POLL_OPTION_MAX)
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_poll_fields[] = {

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("name", WHATSAPP_POLL_NAME_MAX),

    { "options", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_POLL_OPTIONS_MAX,
      NULL, NULL, ngx_http_whatsapp_check_options, ngx_http_whatsapp_option,
      "an array of " ngx_value(WHATSAPP_POLL_OPTIONS_MIN) " to "
      ngx_value(WHATSAPP_POLL_OPTIONS_MAX) " strings, each there once" },

    { "selectable_count", NGX_HTTP_WHATSAPP_NUMBER,
      0, NGX_HTTP_WHATSAPP_NUMBER_LEN,
      NULL, "1", ngx_http_whatsapp_check_selectable, NULL,
      "a number from 0, for any, to that of the options" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_edit_fields[] = {

    NGX_HTTP_WHATSAPP_MESSAGE_ID_FIELD,

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("body", WHATSAPP_TEXT_MAX),

      ngx_http_whatsapp_null_field
};


/* members of revoke and of forward */

static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_target_fields[] = {

    NGX_HTTP_WHATSAPP_MESSAGE_ID_FIELD,

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_text_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("text", ngx_http_whatsapp_text_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_image_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("image", ngx_http_whatsapp_media_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_video_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("video", ngx_http_whatsapp_media_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_audio_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("audio", ngx_http_whatsapp_audio_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_document_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("document",
                                      ngx_http_whatsapp_document_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_sticker_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("sticker",
                                      ngx_http_whatsapp_sticker_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_location_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("location",
                                      ngx_http_whatsapp_location_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_reaction_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("reaction",
                                      ngx_http_whatsapp_reaction_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_poll_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("poll", ngx_http_whatsapp_poll_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_edit_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("edit", ngx_http_whatsapp_edit_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_revoke_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("revoke",
                                      ngx_http_whatsapp_target_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_forward_message[] = {
    NGX_HTTP_WHATSAPP_REQUIRED_OBJECT("forward",
                                      ngx_http_whatsapp_target_fields),
      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_contacts_message[] = {

    { "contacts", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_CONTACTS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_contact,
      "an array of 1 to " ngx_value(WHATSAPP_CONTACTS_MAX) " objects, or such "
      "an array as a string" },

      ngx_http_whatsapp_null_field
};


/* what may be an array encoded in a string is unpacked first */

#define NGX_HTTP_WHATSAPP_PREPARE_OBJECT(name)  NULL
#define NGX_HTTP_WHATSAPP_PREPARE_CAPTIONED(name)                             \
    ngx_http_whatsapp_prepare_captioned
#define NGX_HTTP_WHATSAPP_PREPARE_ARRAY(name)                                 \
    ngx_http_whatsapp_prepare_##name


const ngx_http_whatsapp_message_type_t  ngx_http_whatsapp_message_types[] = {

#define WHATSAPP_MESSAGE_TYPE(name, CAPABILITY, page, CONTENT)                \
    { #name, #name, ngx_http_whatsapp_##name##_message,                       \
      NGX_HTTP_WHATSAPP_PREPARE_##CONTENT(name) },
#define WHATSAPP_MESSAGE_FORM(name, sent_as)                                  \
    { #name, #sent_as, ngx_http_whatsapp_##sent_as##_message,                 \
      ngx_http_whatsapp_prepare_##name },
#include "protocol/message_types.h"

    { NULL, NULL, NULL, NULL }
};


static ngx_int_t
ngx_http_whatsapp_prepare_contacts(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_http_whatsapp_json_t  *contacts;

    contacts = ngx_http_whatsapp_json_member(body, "contacts");

    return contacts ? ngx_http_whatsapp_message_unpack(r, contacts, "contacts")
                    : NGX_OK;
}


/* the table of its type refuses what is no object */

static ngx_int_t
ngx_http_whatsapp_prepare_captioned(ngx_http_request_t *r,
    ngx_http_whatsapp_json_t *body)
{
    ngx_str_t                 *type;
    const char                *name;
    ngx_http_whatsapp_json_t  *object;

    type = &ngx_http_whatsapp_json_member(body, "type")->string;
    name = ngx_http_whatsapp_header_kind(type);
    object = ngx_http_whatsapp_json_member(body, name);

    if (object == NULL || object->type != NGX_HTTP_WHATSAPP_JSON_OBJECT) {
        return NGX_OK;
    }

    return ngx_http_whatsapp_message_check_fields(r, object,
                                             ngx_http_whatsapp_caption_fields,
                                             name);
}
