/*
 * Message ids: built, encoded, decoded.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "wamid.h"


#define WAMID_PREFIX      "wamid."
#define WAMID_PREFIX_LEN  (sizeof(WAMID_PREFIX) - 1)


static bool wamid_key_valid(const char *key);
static bool wamid_span_valid(const char *from, const char *to);
static int wamid_digit(char c);


static const char  wamid_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";


bool
wamid_wid_valid(const char *text)
{
    return wamid_span_valid(text, text + strnlen(text, WAMID_WID_SIZE));
}


bool
wamid_create(struct wamid *wamid, const char *chat, const char *participant)
{
    (void) snprintf(wamid->chat, sizeof(wamid->chat), "%s", chat);
    (void) snprintf(wamid->participant, sizeof(wamid->participant), "%s",
                    participant);

    return RAND_bytes(wamid->id, sizeof(wamid->id)) == 1;
}


const char *
wamid_key(const struct wamid *wamid, char key[WAMID_KEY_SIZE])
{
    char    id[WAMID_ID_SIZE * 2 + 1];
    size_t  i;

    for (i = 0; i < WAMID_ID_SIZE; i++) {
        (void) snprintf(id + i * 2, 3, "%02X", wamid->id[i]);
    }

    /* 3EB0 marks the ids that WhatsApp Web makes */

    (void) snprintf(key, WAMID_KEY_SIZE, "true_%s_3EB0%s%s%s", wamid->chat,
                    id, wamid->participant[0] != '\0' ? "_" : "",
                    wamid->participant);

    return key;
}


void
wamid_encode(const char *key, char text[WAMID_TEXT_SIZE])
{
    char           *out;
    size_t          left;
    uint32_t        bits;
    const uint8_t  *in;

    memcpy(text, WAMID_PREFIX, WAMID_PREFIX_LEN);

    in = (const uint8_t *) key;
    out = text + WAMID_PREFIX_LEN;

    for (left = strnlen(key, WAMID_KEY_SIZE - 1); left >= 3; left -= 3) {
        bits = (uint32_t) in[0] << 16 | (uint32_t) in[1] << 8 | in[2];
        in += 3;

        *out++ = wamid_digits[bits >> 18];
        *out++ = wamid_digits[bits >> 12 & 63];
        *out++ = wamid_digits[bits >> 6 & 63];
        *out++ = wamid_digits[bits & 63];
    }

    if (left > 0) {
        bits = (uint32_t) in[0] << 16
               | (left == 2 ? (uint32_t) in[1] << 8 : 0);

        *out++ = wamid_digits[bits >> 18];
        *out++ = wamid_digits[bits >> 12 & 63];

        if (left == 2) {
            *out++ = wamid_digits[bits >> 6 & 63];
        }
    }

    *out = '\0';
}


bool
wamid_decode(const char *text, char key[WAMID_KEY_SIZE])
{
    int       digit;
    size_t    len, i, used;
    uint32_t  bits;

    if (strncmp(text, WAMID_PREFIX, WAMID_PREFIX_LEN) != 0) {
        return false;
    }

    text += WAMID_PREFIX_LEN;
    len = strnlen(text, WAMID_TEXT_SIZE);

    if (len % 4 == 1 || len / 4 * 3 + 2 >= WAMID_KEY_SIZE) {
        return false;
    }

    bits = 0;
    used = 0;

    for (i = 0; i < len; i++) {
        digit = wamid_digit(text[i]);

        if (digit < 0) {
            return false;
        }

        bits = bits << 6 | (uint32_t) digit;

        if (i % 4 != 0) {
            key[used++] = (char) (bits >> (6 - i % 4 * 2) & 0xff);
        }
    }

    key[used] = '\0';

    /* bits behind the last whole byte must be 0: one text for one key */

    if ((len % 4 == 2 && (bits & 15) != 0)
        || (len % 4 == 3 && (bits & 3) != 0)
        || strlen(key) != used)
    {
        return false;
    }

    return wamid_key_valid(key);
}


/* (true|false)_<wid>_<id>[_<wid>] */

static bool
wamid_key_valid(const char *key)
{
    const char  *p, *end;

    if (strncmp(key, "true_", 5) == 0) {
        key += 5;

    } else if (strncmp(key, "false_", 6) == 0) {
        key += 6;

    } else {
        return false;
    }

    p = strchr(key, '_');

    if (p == NULL || !wamid_span_valid(key, p)) {
        return false;
    }

    key = ++p;

    while (isalnum((unsigned char) *p)) {
        p++;
    }

    if (p == key || p - key > 64) {
        return false;
    }

    if (*p == '\0') {
        return true;
    }

    end = p + strlen(p);

    return *p == '_' && wamid_span_valid(p + 1, end);
}


static bool
wamid_span_valid(const char *from, const char *to)
{
    const char  *p, *at;

    at = NULL;

    if (to - from >= WAMID_WID_SIZE) {
        return false;
    }

    for (p = from; p < to; p++) {
        if (*p == '@') {
            if (at != NULL) {
                return false;
            }

            at = p;

        } else if (!isalnum((unsigned char) *p)
                   && strchr(".:-", *p) == NULL)
        {
            return false;
        }
    }

    return at != NULL && at > from && at + 1 < to;
}


static int
wamid_digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    if (c == '-') {
        return 62;
    }

    return c == '_' ? 63 : -1;
}
