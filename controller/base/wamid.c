/*
 * Builds, encodes and decodes message ids.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "base/wamid.h"


#define WAMID_PREFIX      "wamid."
#define WAMID_PREFIX_LEN  (sizeof(WAMID_PREFIX) - 1)


static char *wamid_add(char *to, const char *text);
static bool wamid_key_valid(const char *key);
static bool wamid_span_valid(const char *from, const char *to);


bool
wamid_wid_valid(const char *text)
{
    return wamid_span_valid(text, text + strnlen(text, WAMID_WID_SIZE));
}


void
wamid_make(struct wamid *wamid, const uint8_t id[WAMID_ID_SIZE],
    const char *chat, const char *participant)
{
    memcpy(wamid->id, id, WAMID_ID_SIZE);
    (void) snprintf(wamid->chat, sizeof(wamid->chat), "%s", chat);
    (void) snprintf(wamid->participant, sizeof(wamid->participant), "%s",
                    participant);
}


bool
wamid_parse(const char *key, struct wamid *wamid)
{
    char         again[WAMID_KEY_SIZE];
    size_t       i, len;
    unsigned     byte;
    const char  *chat, *id, *rest;

    memset(wamid, 0, sizeof(struct wamid));

    chat = strchr(key, '_');
    id = chat != NULL ? strchr(chat + 1, '_') : NULL;

    if (id == NULL || !wamid_key_valid(key)) {
        return false;
    }

    len = (size_t) (id - chat - 1);
    memcpy(wamid->chat, chat + 1, len);

    rest = strchr(id + 1, '_');

    if (rest != NULL) {
        (void) snprintf(wamid->participant, sizeof(wamid->participant), "%s",
                        rest + 1);
    }

    if (strlen(id) < 5 + WAMID_ID_SIZE * 2) {
        return false;
    }

    for (i = 0; i < WAMID_ID_SIZE; i++) {
        if (sscanf(id + 5 + i * 2, "%2x", &byte) != 1) {
            return false;
        }

        wamid->id[i] = (uint8_t) byte;
    }

    /* a key that differs in any other way is found here */

    return strcmp(wamid_key(wamid, again), key) == 0;
}


const char *
wamid_key(const struct wamid *wamid, char key[WAMID_KEY_SIZE])
{
    char    *end;
    size_t   i;

    static const char  digits[] = "0123456789ABCDEF";

    /* 3EB0 marks the ids that WhatsApp Web makes */

    end = wamid_add(key, "true_");
    end = wamid_add(end, wamid->chat);
    end = wamid_add(end, "_3EB0");

    for (i = 0; i < WAMID_ID_SIZE; i++) {
        *end++ = digits[wamid->id[i] >> 4];
        *end++ = digits[wamid->id[i] & 15];
    }

    *end = '\0';

    if (wamid->participant[0] != '\0') {
        end = wamid_add(end, "_");
        (void) wamid_add(end, wamid->participant);
    }

    return key;
}


/* returns the end, to which more may be added; all parts fit into a key */

static char *
wamid_add(char *to, const char *text)
{
    size_t  len;

    len = strnlen(text, WAMID_WID_SIZE);

    memcpy(to, text, len);
    to[len] = '\0';

    return to + len;
}


void
wamid_encode(const char *key, char text[WAMID_TEXT_SIZE])
{
    memcpy(text, WAMID_PREFIX, WAMID_PREFIX_LEN);

    (void) base64url_encode(key, strnlen(key, WAMID_KEY_SIZE - 1),
                            text + WAMID_PREFIX_LEN);
}


bool
wamid_decode(const char *text, char key[WAMID_KEY_SIZE])
{
    long  used;

    if (strncmp(text, WAMID_PREFIX, WAMID_PREFIX_LEN) != 0) {
        return false;
    }

    text += WAMID_PREFIX_LEN;

    used = base64url_decode(text, strnlen(text, WAMID_TEXT_SIZE), key,
                            WAMID_KEY_SIZE - 1);

    if (used < 0) {
        return false;
    }

    key[used] = '\0';

    return strlen(key) == (size_t) used && wamid_key_valid(key);
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
