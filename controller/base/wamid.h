/*
 * Message ids: WhatsApp Web's own (a serialized MsgKey, "true_<chat>_<id>"
 * and in groups "_<participant>") and the public one, "wamid." and the
 * former in base64url.
 */

#ifndef WAMID_H
#define WAMID_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define WAMID_ID_SIZE    9     /* bytes of an id of ours, behind 3EB0 */
#define WAMID_WID_SIZE   48    /* a chat's or participant's id, with NUL */
#define WAMID_KEY_SIZE   192   /* a serialized key, with NUL */
#define WAMID_TEXT_SIZE  272   /* a public id, with NUL */


/* the parts of the id of a message that we sent */

struct wamid {
    uint8_t  id[WAMID_ID_SIZE];
    char     chat[WAMID_WID_SIZE];
    char     participant[WAMID_WID_SIZE];  /* "" outside of groups */
};


/*
 * Whether text is an id of a chat or a person: 1..47 letters, digits and
 * . : - with one @ between.
 */
bool wamid_wid_valid(const char *text);

/* Fills wamid; chat and participant are valid, participant may be "". */
void wamid_make(struct wamid *wamid, const uint8_t id[WAMID_ID_SIZE],
    const char *chat, const char *participant);

/*
 * Reads WhatsApp Web's key of a message that we sent.  Returns false for a key
 * that wamid_key would not write.
 */
bool wamid_parse(const char *key, struct wamid *wamid);

/* Writes WhatsApp Web's key of a message, and returns key. */
const char *wamid_key(const struct wamid *wamid, char key[WAMID_KEY_SIZE]);

/* Writes the public id of a key. */
void wamid_encode(const char *key, char text[WAMID_TEXT_SIZE]);

/*
 * Reads a public id.  Returns false unless it is exactly what wamid_encode
 * would write for a well-formed key.
 */
bool wamid_decode(const char *text, char key[WAMID_KEY_SIZE]);


#endif /* WAMID_H */
