/*
 * Message ids: what is decoded or parsed is written as it was read, and the
 * module takes what the controller takes.  An input is taken for a public id,
 * and for a key of WhatsApp Web's.
 */

#include "base/wamid.h"
#include "ngx_http_whatsapp_text.h"

#include "fuzz.h"


static void
check_key(const char *key)
{
    char          again[WAMID_KEY_SIZE], text[WAMID_TEXT_SIZE];
    struct wamid  wamid;

    if (!wamid_parse(key, &wamid)) {
        return;
    }

    require(wamid_wid_valid(wamid.chat));
    require(wamid.participant[0] == '\0'
            || wamid_wid_valid(wamid.participant));
    require(strcmp(wamid_key(&wamid, again), key) == 0);

    wamid_encode(key, text);
    require(wamid_decode(text, again));
    require(strcmp(again, key) == 0);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char  *text, key[WAMID_KEY_SIZE], again[WAMID_TEXT_SIZE];

    text = fuzz_copy(data, size);

    if (wamid_decode(text, key)) {
        wamid_encode(key, again);
        require(strcmp(again, text) == 0);
        require(ngx_http_whatsapp_wamid((u_char *) text, strlen(text)));
        check_key(key);
    }

    check_key(text);

    free(text);

    return 0;
}
