
/*
 * Checks of single values: 1 accepts the value.
 */


#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_field_checks.h"

#include "protocol/emoji.h"
#include "protocol/phone.h"


/* characters of a group's id that is not sealed */
#define NGX_HTTP_WHATSAPP_GROUP_MAX     32


static ngx_uint_t ngx_http_whatsapp_check_group(u_char *p, size_t len);
static ngx_uint_t ngx_http_whatsapp_check_degrees(ngx_str_t *value,
    double most);
static ngx_uint_t ngx_http_whatsapp_check_row(ngx_http_whatsapp_json_t *row,
    ngx_http_whatsapp_json_t *section);
static ngx_uint_t ngx_http_whatsapp_check_equal(ngx_http_whatsapp_json_t *one,
    ngx_http_whatsapp_json_t *two, const char *name);


ngx_uint_t
ngx_http_whatsapp_is_group(ngx_str_t *value)
{
    size_t  prefix;

    prefix = sizeof(NGX_HTTP_WHATSAPP_GROUP) - 1;

    return (value->len > prefix
            && ngx_strncmp(value->data, NGX_HTTP_WHATSAPP_GROUP, prefix) == 0)
           || (value->len > 5
               && ngx_strncmp(value->data + value->len - 5, "@g.us", 5) == 0);
}


ngx_uint_t
ngx_http_whatsapp_check_to(ngx_str_t *value, ngx_http_whatsapp_json_t *object)
{
    u_char                    *p, *at;
    size_t                     len, rest;
    ngx_http_whatsapp_json_t  *type;

    p = value->data;
    len = value->len;

    /* recipient_type stands before "to" in the table: it is checked already */

    type = ngx_http_whatsapp_json_member(object, "recipient_type");

    if (type && type->string.data[0] == 'g') {
        return ngx_http_whatsapp_check_group(p, len);
    }

    at = ngx_strlchr(p, p + len, '@');

    if (at == NULL) {
        return ngx_http_whatsapp_check_phone(value, object);
    }

    rest = p + len - at;
    len = at - p;

    return ((rest == 5 && ngx_strncmp(at, "@c.us", 5) == 0)
            || (rest == 4 && ngx_strncmp(at, "@lid", 4) == 0))
           && len >= WHATSAPP_DIGITS_MIN
           && len <= WHATSAPP_LID_DIGITS_MAX
           && ngx_http_whatsapp_digits(p, len);
}


/*
 * The id is sealed, or digits, more than a phone number has, or "phone-time"
 * as older groups have it.
 */

static ngx_uint_t
ngx_http_whatsapp_check_group(u_char *p, size_t len)
{
    u_char  *dash;
    size_t   prefix;

    prefix = sizeof(NGX_HTTP_WHATSAPP_GROUP) - 1;

    if (len > prefix && ngx_strncmp(p, NGX_HTTP_WHATSAPP_GROUP, prefix) == 0) {
        len -= prefix;

        return len >= NGX_HTTP_WHATSAPP_SEALED_MIN
               && len <= NGX_HTTP_WHATSAPP_SEALED_MAX
               && ngx_http_whatsapp_base64url(p + prefix, len) == len;
    }

    if (len > 5 && ngx_strncmp(p + len - 5, "@g.us", 5) == 0) {
        len -= 5;

    } else if (len <= WHATSAPP_DIGITS_MAX) {
        return 0;
    }

    if (len < WHATSAPP_DIGITS_MIN || len > NGX_HTTP_WHATSAPP_GROUP_MAX) {
        return 0;
    }

    dash = ngx_strlchr(p, p + len, '-');

    if (dash == NULL) {
        return ngx_http_whatsapp_digits(p, len);
    }

    return ngx_http_whatsapp_digits(p, dash - p)
           && ngx_http_whatsapp_digits(dash + 1, p + len - dash - 1);
}


ngx_uint_t
ngx_http_whatsapp_check_phone(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    char  digits[WHATSAPP_PHONE_SIZE];

    return whatsapp_phone_read((char *) value->data, value->len, digits)
           == WHATSAPP_PHONE_NUMBER;
}


ngx_uint_t
ngx_http_whatsapp_check_contact(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    char  digits[WHATSAPP_PHONE_SIZE];

    return whatsapp_phone_read((char *) value->data, value->len, digits)
           != WHATSAPP_PHONE_DOUBTFUL;
}


ngx_uint_t
ngx_http_whatsapp_check_digits(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return value->len >= WHATSAPP_DIGITS_MIN
           && value->len <= WHATSAPP_DIGITS_MAX
           && ngx_http_whatsapp_digits(value->data, value->len);
}


ngx_uint_t
ngx_http_whatsapp_check_wamid(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return ngx_http_whatsapp_wamid(value->data, value->len);
}


ngx_uint_t
ngx_http_whatsapp_check_media_id(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return value->len
           && ngx_http_whatsapp_base64url(value->data, value->len)
              == value->len;
}


/* many clients write other alphabets unescaped, so their bytes may stand */

const char *
ngx_http_whatsapp_header_kind(ngx_str_t *type)
{
    size_t  i;

    static const char *const  kinds[] = { "image", "video", "document" };

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {

        if (type->len == ngx_strlen(kinds[i])
            && ngx_strncasecmp(type->data, (u_char *) kinds[i], type->len)
               == 0)
        {
            return kinds[i];
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_whatsapp_check_url(ngx_str_t *value, ngx_http_whatsapp_json_t *object)
{
    u_char  *p, *last;

    p = value->data;
    last = p + value->len;

    if (ngx_strlcasestrn(p, ngx_min(last, p + 8), (u_char *) "https://", 7)
        == p)
    {
        p += sizeof("https://") - 1;

    } else if (ngx_strlcasestrn(p, ngx_min(last, p + 7),
                                (u_char *) "http://", 6)
               == p)
    {
        p += sizeof("http://") - 1;

    } else {
        return 0;
    }

    if (p == last || *p == '/' || *p == '?' || *p == '#' || *p == ':') {
        return 0;
    }

    for ( /* void */ ; p < last; p++) {
        if (*p <= 0x20 || *p == 0x7f || *p == '\\') {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
ngx_http_whatsapp_check_filename(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {

        if (value->data[i] < 0x20 || value->data[i] == 0x7f
            || value->data[i] == '/' || value->data[i] == '\\')
        {
            return 0;
        }
    }

    return value->len > 0
           && !(value->data[0] == '.'
                && (value->len == 1
                    || (value->len == 2 && value->data[1] == '.')));
}


ngx_uint_t
ngx_http_whatsapp_check_latitude(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return ngx_http_whatsapp_check_degrees(value, 90);
}


ngx_uint_t
ngx_http_whatsapp_check_longitude(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return ngx_http_whatsapp_check_degrees(value, 180);
}


/* value is a number of at most NGX_HTTP_WHATSAPP_NUMBER_LEN characters */

static ngx_uint_t
ngx_http_whatsapp_check_degrees(ngx_str_t *value, double most)
{
    char    number[NGX_HTTP_WHATSAPP_NUMBER_LEN + 1];
    double  degrees;

    *ngx_cpymem(number, value->data, value->len) = '\0';

    degrees = strtod(number, NULL);

    return degrees >= -most && degrees <= most;
}


ngx_uint_t
ngx_http_whatsapp_check_date(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    u_char     *p;
    ngx_int_t   month, day;

    p = value->data;

    if (value->len != sizeof("YYYY-MM-DD") - 1 || p[4] != '-' || p[7] != '-'
        || !ngx_http_whatsapp_digits(p, 4))
    {
        return 0;
    }

    month = ngx_atoi(p + 5, 2);
    day = ngx_atoi(p + 8, 2);

    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}


ngx_uint_t
ngx_http_whatsapp_check_emoji(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    return value->len == 0
           || whatsapp_emoji_is_one((char *) value->data, value->len);
}


ngx_uint_t
ngx_http_whatsapp_check_options(ngx_str_t *value,
    ngx_http_whatsapp_json_t *array)
{
    ngx_http_whatsapp_json_t  *one, *two;

    for (one = array->members; one; one = one->next) {
        for (two = one->next; two; two = two->next) {

            if (ngx_http_whatsapp_text_equal(&one->string, &two->string)) {
                return 0;
            }
        }
    }

    return array->members && array->members->next;
}


ngx_uint_t
ngx_http_whatsapp_check_selectable(ngx_str_t *value,
    ngx_http_whatsapp_json_t *object)
{
    ngx_int_t                  most, n;
    ngx_http_whatsapp_json_t  *options, *option;

    /* options stands before selectable_count in the table: it is checked */

    options = ngx_http_whatsapp_json_member(object, "options");

    n = 0;

    for (option = options->members; option; option = option->next) {
        n++;
    }

    most = ngx_atoi(value->data, value->len);

    return most != NGX_ERROR && most <= n;
}


ngx_uint_t
ngx_http_whatsapp_check_buttons(ngx_str_t *value,
    ngx_http_whatsapp_json_t *array)
{
    ngx_http_whatsapp_json_t  *one, *two;

    for (one = array->members; one; one = one->next) {
        for (two = one->next; two; two = two->next) {

            if (ngx_http_whatsapp_check_equal(
                    ngx_http_whatsapp_json_member(one, "reply"),
                    ngx_http_whatsapp_json_member(two, "reply"), "id")
                || ngx_http_whatsapp_check_equal(
                       ngx_http_whatsapp_json_member(one, "reply"),
                       ngx_http_whatsapp_json_member(two, "reply"), "title"))
            {
                return 0;
            }
        }
    }

    return 1;
}


ngx_uint_t
ngx_http_whatsapp_check_sections(ngx_str_t *value,
    ngx_http_whatsapp_json_t *array)
{
    ngx_uint_t                 n;
    ngx_http_whatsapp_json_t  *section, *title, *row;

    n = 0;

    for (section = array->members; section; section = section->next) {

        title = ngx_http_whatsapp_json_member(section, "title");

        if (array->members->next && (title == NULL || title->string.len == 0))
        {
            return 0;
        }

        row = ngx_http_whatsapp_json_member(section, "rows")->members;

        for ( /* void */ ; row; row = row->next) {

            if (++n > NGX_HTTP_WHATSAPP_ROWS_MAX
                || !ngx_http_whatsapp_check_row(row, section))
            {
                return 0;
            }
        }
    }

    return 1;
}


/* accepts if no later row, in this section or the next ones, has the id */

static ngx_uint_t
ngx_http_whatsapp_check_row(ngx_http_whatsapp_json_t *row,
    ngx_http_whatsapp_json_t *section)
{
    ngx_http_whatsapp_json_t  *other;

    other = row->next;

    for ( ;; ) {

        for ( /* void */ ; other; other = other->next) {
            if (ngx_http_whatsapp_check_equal(row, other, "id")) {
                return 0;
            }
        }

        section = section->next;

        if (section == NULL) {
            return 1;
        }

        other = ngx_http_whatsapp_json_member(section, "rows")->members;
    }
}


static ngx_uint_t
ngx_http_whatsapp_check_equal(ngx_http_whatsapp_json_t *one,
    ngx_http_whatsapp_json_t *two, const char *name)
{
    return ngx_http_whatsapp_text_equal(
                         &ngx_http_whatsapp_json_member(one, name)->string,
                         &ngx_http_whatsapp_json_member(two, name)->string);
}
