
/*
 * The members that bodies may have, by tables, but for those of /messages.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_field_checks.h"

#include "protocol/phone.h"


#define NGX_HTTP_WHATSAPP_PIN_LEN       6
#define NGX_HTTP_WHATSAPP_INVITE        "https://chat.whatsapp.com/"


static ngx_uint_t ngx_http_whatsapp_check_pin(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
static ngx_uint_t ngx_http_whatsapp_check_account(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
static ngx_uint_t ngx_http_whatsapp_check_code(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
static ngx_uint_t ngx_http_whatsapp_check_filled(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
static ngx_uint_t ngx_http_whatsapp_check_invite(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
static ngx_uint_t ngx_http_whatsapp_check_email(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);
static ngx_uint_t ngx_http_whatsapp_check_session(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object);


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_contact_number[] = {

    { "", NGX_HTTP_WHATSAPP_NUMERIC, NGX_HTTP_WHATSAPP_FIELD_REQUIRED,
      WHATSAPP_NUMBER_MAX,
      NULL, NULL, ngx_http_whatsapp_check_contact, NULL,
      "a phone number of at most " ngx_value(WHATSAPP_NUMBER_MAX)
      " characters" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t  ngx_http_whatsapp_contacts_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "blocking", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      "wait no_wait", NULL, NULL, NULL,
      "\"wait\" or \"no_wait\"" },

    { "contacts", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_CHECK_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_contact_number,
      "an array of 1 to " ngx_value(WHATSAPP_CHECK_MAX) " phone numbers" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_website_fields[] = {

    { "", NGX_HTTP_WHATSAPP_STRING, NGX_HTTP_WHATSAPP_FIELD_REQUIRED,
      WHATSAPP_WEBSITE_MAX,
      NULL, NULL, ngx_http_whatsapp_check_url, NULL,
      "an http or https URL of at most " ngx_value(WHATSAPP_WEBSITE_MAX)
      " characters" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t  ngx_http_whatsapp_profile_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "about", NGX_HTTP_WHATSAPP_STRING, 0, WHATSAPP_ABOUT_MAX,
      NULL, NULL, ngx_http_whatsapp_check_filled, NULL,
      "a string of 1 to " ngx_value(WHATSAPP_ABOUT_MAX) " characters" },

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("address", WHATSAPP_PROFILE_ADDRESS_MAX),

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("description",
                                      WHATSAPP_PROFILE_DESCRIPTION_MAX),

    { "email", NGX_HTTP_WHATSAPP_STRING, 0, WHATSAPP_PROFILE_EMAIL_MAX,
      NULL, NULL, ngx_http_whatsapp_check_email, NULL,
      "an address of at most " ngx_value(WHATSAPP_PROFILE_EMAIL_MAX)
      " characters, or empty" },

    { "profile_picture_handle", NGX_HTTP_WHATSAPP_STRING,
      0, NGX_HTTP_WHATSAPP_MEDIA_ID_LEN,
      NULL, NULL, ngx_http_whatsapp_check_media_id, NULL,
      "the id of an uploaded image" },

    /* those of the Cloud API's that are categories of WhatsApp */

    { "vertical", NGX_HTTP_WHATSAPP_STRING, 0, 32,
      "OTHER AUTO BEAUTY APPAREL EDU ENTERTAIN EVENT_PLAN FINANCE GROCERY "
      "GOVT HOTEL HEALTH NONPROFIT RETAIL TRAVEL RESTAURANT",
      NULL, NULL, NULL,
      "OTHER, AUTO, BEAUTY, APPAREL, EDU, ENTERTAIN, EVENT_PLAN, FINANCE, "
      "GROCERY, GOVT, HOTEL, HEALTH, NONPROFIT, RETAIL, TRAVEL or "
      "RESTAURANT" },

    { "websites", NGX_HTTP_WHATSAPP_ARRAY, 0, WHATSAPP_WEBSITES_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_website_fields,
      "an array of at most " ngx_value(WHATSAPP_WEBSITES_MAX) " URLs" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_blocked_fields[] = {

    { "user", NGX_HTTP_WHATSAPP_NUMERIC, NGX_HTTP_WHATSAPP_FIELD_REQUIRED,
      WHATSAPP_NUMBER_MAX,
      NULL, NULL, ngx_http_whatsapp_check_phone, NULL,
      "a phone number" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t  ngx_http_whatsapp_blocked_field[] = {

    NGX_HTTP_WHATSAPP_OPTIONAL_OBJECT("", ngx_http_whatsapp_blocked_fields),

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t  ngx_http_whatsapp_block_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "block_users", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_BLOCK_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_blocked_field,
      "an array of 1 to " ngx_value(WHATSAPP_BLOCK_MAX) " objects" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t  ngx_http_whatsapp_register_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "pin", NGX_HTTP_WHATSAPP_NUMERIC, NGX_HTTP_WHATSAPP_FIELD_CHECKED, 6,
      NULL, NULL, ngx_http_whatsapp_check_pin, NULL,
      "six digits" },

      ngx_http_whatsapp_null_field
};


/* the controller compares the id that confirms */

const ngx_http_whatsapp_field_t  ngx_http_whatsapp_deregister_fields[] = {

    { "forget", NGX_HTTP_WHATSAPP_BOOLEAN, NGX_HTTP_WHATSAPP_FIELD_CHECKED, 0,
      NULL, NULL, NULL, NULL,
      "true or false" },

    { "confirm", NGX_HTTP_WHATSAPP_NUMERIC, 0, NGX_HTTP_WHATSAPP_SESSION_LEN,
      NULL, NULL, NULL, NULL,
      "the phone_number_id" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_request_code_fields[] = {

    { "code_method", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 8,
      "SMS VOICE", NULL, NULL, NULL,
      "\"SMS\" or \"VOICE\"" },

    { "language", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      NULL, NULL, NULL, NULL,
      "a string of at most 16 characters" },

    { "phone_number", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_NUMBER_MAX,
      NULL, NULL, ngx_http_whatsapp_check_account, NULL,
      "a phone number" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_verify_code_fields[] = {

    { "code", NGX_HTTP_WHATSAPP_NUMERIC, NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      NULL, NULL, ngx_http_whatsapp_check_code, NULL,
      "a code of at most 16 digits" },

      ngx_http_whatsapp_null_field
};


static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_participant_fields[] = {

    { "", NGX_HTTP_WHATSAPP_NUMERIC, NGX_HTTP_WHATSAPP_FIELD_REQUIRED,
      WHATSAPP_NUMBER_MAX,
      NULL, NULL, ngx_http_whatsapp_check_phone, NULL,
      "a phone number" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_group_create_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    NGX_HTTP_WHATSAPP_REQUIRED_STRING("subject", WHATSAPP_SUBJECT_MAX),

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("description",
                                      WHATSAPP_DESCRIPTION_MAX),

    { "join_approval_mode", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 32,
      "auto_approve", NULL, NULL, NULL,
      "\"auto_approve\": whom to let in cannot be asked here" },

    { "participants", NGX_HTTP_WHATSAPP_ARRAY,
      0, WHATSAPP_PARTICIPANTS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_participant_fields,
      "an array of at most " ngx_value(WHATSAPP_PARTICIPANTS_MAX)
      " phone numbers" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_group_update_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "subject", NGX_HTTP_WHATSAPP_STRING, 0, WHATSAPP_SUBJECT_MAX,
      NULL, NULL, ngx_http_whatsapp_check_filled, NULL,
      "a string of 1 to " ngx_value(WHATSAPP_SUBJECT_MAX) " characters" },

    NGX_HTTP_WHATSAPP_OPTIONAL_STRING("description",
                                      WHATSAPP_DESCRIPTION_MAX),

    { "profile_picture_handle", NGX_HTTP_WHATSAPP_STRING,
      0, NGX_HTTP_WHATSAPP_MEDIA_ID_LEN,
      NULL, NULL, ngx_http_whatsapp_check_media_id, NULL,
      "the id of an uploaded image" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_participants_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "participants", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_PARTICIPANTS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_participant_fields,
      "an array of 1 to " ngx_value(WHATSAPP_PARTICIPANTS_MAX)
      " phone numbers" },

      ngx_http_whatsapp_null_field
};


/* the ids that the list has */

static const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_join_request_fields[] = {

    { "", NGX_HTTP_WHATSAPP_STRING, NGX_HTTP_WHATSAPP_FIELD_REQUIRED,
      WHATSAPP_JOIN_REQUEST_MAX,
      NULL, NULL, NULL, NULL,
      "the id of a request" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_join_requests_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "join_requests", NGX_HTTP_WHATSAPP_ARRAY,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_JOIN_REQUESTS_MAX,
      NULL, NULL, NULL, ngx_http_whatsapp_join_request_fields,
      "an array of 1 to " ngx_value(WHATSAPP_JOIN_REQUESTS_MAX)
      " ids of requests" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t
    ngx_http_whatsapp_subscribe_fields[] = {

    { "override_callback_uri", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_BLANK, WHATSAPP_CALLBACK_MAX,
      NULL, NULL, ngx_http_whatsapp_check_url, NULL,
      "an http or https URL of at most " ngx_value(WHATSAPP_CALLBACK_MAX)
      " characters" },

    { "verify_token", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_BLANK, WHATSAPP_VERIFY_TOKEN_MAX,
      NULL, NULL, NULL, NULL,
      "a string of at most " ngx_value(WHATSAPP_VERIFY_TOKEN_MAX)
      " characters" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t  ngx_http_whatsapp_join_fields[] = {

    NGX_HTTP_WHATSAPP_PRODUCT_FIELD,

    { "invite_link", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED, WHATSAPP_INVITE_MAX,
      NULL, NULL, ngx_http_whatsapp_check_invite, NULL,
      "a link that begins with https://chat.whatsapp.com/" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t  ngx_http_whatsapp_beta_send_fields[] = {

    { "number", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED|NGX_HTTP_WHATSAPP_FIELD_CHECKED,
      NGX_HTTP_WHATSAPP_TO_LEN,
      NULL, NULL, ngx_http_whatsapp_check_phone, NULL,
      "a phone number" },

    { "method", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      "whatsapp", NULL, NULL, NULL,
      "\"whatsapp\"" },

    { "phone_number_id", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, NGX_HTTP_WHATSAPP_SESSION_LEN,
      NULL, NULL, ngx_http_whatsapp_check_session, NULL,
      "1 to 15 digits" },

    { "msg", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED|NGX_HTTP_WHATSAPP_FIELD_CHECKED,
      WHATSAPP_TEXT_MAX,
      NULL, NULL, NULL, NULL,
      "a string of 1 to " ngx_value(WHATSAPP_TEXT_MAX) " characters" },

      ngx_http_whatsapp_null_field
};


const ngx_http_whatsapp_field_t  ngx_http_whatsapp_beta_webhook_fields[] = {

    { "number", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED|NGX_HTTP_WHATSAPP_FIELD_CHECKED,
      NGX_HTTP_WHATSAPP_TO_LEN,
      NULL, NULL, ngx_http_whatsapp_check_phone, NULL,
      "a phone number" },

    { "method", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, 16,
      "whatsapp", NULL, NULL, NULL,
      "\"whatsapp\"" },

    { "phone_number_id", NGX_HTTP_WHATSAPP_NUMERIC,
      NGX_HTTP_WHATSAPP_FIELD_CHECKED, NGX_HTTP_WHATSAPP_SESSION_LEN,
      NULL, NULL, ngx_http_whatsapp_check_session, NULL,
      "1 to 15 digits" },

    { "webhook", NGX_HTTP_WHATSAPP_STRING,
      NGX_HTTP_WHATSAPP_FIELD_REQUIRED|NGX_HTTP_WHATSAPP_FIELD_CHECKED,
      WHATSAPP_LINK_MAX,
      NULL, NULL, ngx_http_whatsapp_check_url, NULL,
      "an http or https URL of at most " ngx_value(WHATSAPP_LINK_MAX)
      " characters" },

      ngx_http_whatsapp_null_field
};


static ngx_uint_t
ngx_http_whatsapp_check_pin(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return value->len == NGX_HTTP_WHATSAPP_PIN_LEN
           && ngx_http_whatsapp_digits(value->data, value->len);
}


/* the phone number of an account that is to be linked */

static ngx_uint_t
ngx_http_whatsapp_check_account(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    char  digits[WHATSAPP_PHONE_SIZE];

    return whatsapp_phone_read((char *) value->data, value->len, digits)
           == WHATSAPP_PHONE_NUMBER
           && ngx_strlen(digits) >= WHATSAPP_ACCOUNT_DIGITS_MIN;
}


/* a code as WhatsApp shows it: digits, with a hyphen or a blank in between */

static ngx_uint_t
ngx_http_whatsapp_check_code(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if ((value->data[i] < '0' || value->data[i] > '9')
            && (i == 0 || i + 1 == value->len
                || (value->data[i] != '-' && value->data[i] != ' ')))
        {
            return 0;
        }
    }

    return value->len > 0;
}


static ngx_uint_t
ngx_http_whatsapp_check_filled(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return value->len > 0;
}


static ngx_uint_t
ngx_http_whatsapp_check_invite(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    size_t  len;

    len = sizeof(NGX_HTTP_WHATSAPP_INVITE) - 1;

    return value->len > len
           && ngx_strncmp(value->data, NGX_HTTP_WHATSAPP_INVITE, len) == 0;
}


/* WhatsApp's server judges the rest */

static ngx_uint_t
ngx_http_whatsapp_check_email(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    u_char  *at, *last;

    if (value->len == 0) {
        return 1;
    }

    last = value->data + value->len;
    at = ngx_strlchr(value->data, last, '@');

    return at != NULL && at != value->data && at + 1 < last
           && ngx_strlchr(value->data, last, ' ') == NULL
           && ngx_strlchr(at + 1, last, '@') == NULL;
}


static ngx_uint_t
ngx_http_whatsapp_check_session(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return ngx_http_whatsapp_digits(value->data, value->len);
}
