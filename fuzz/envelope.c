/*
 * What a page tells of the account, which may be anything: a body that is made
 * of it is JSON in ASCII, within its bound, and the same each time.
 */

#include <stdbool.h>
#include <unistd.h>

#include "events/envelope.h"

#include "fuzz.h"


static const char *
answered(void *ctx, const char *key)
{
    (void) ctx;

    return key[0] == 't' ? "wamid.QQ" : NULL;
}


static struct seal *
create_seal(void)
{
    char          path[64];
    struct seal  *seal;

    char  directory[] = "/tmp/fuzz-envelope-XXXXXX";

    require(mkdtemp(directory) != NULL);

    seal = seal_create(directory);
    require(seal != NULL);

    (void) snprintf(path, sizeof(path), "%s/seal.key", directory);
    (void) unlink(path);
    (void) rmdir(directory);

    return seal;
}


static bool
make(struct envelope *envelope, const struct envelope_account *account,
    json_t *event, unsigned kind)
{
    switch (kind) {

    case 0:
        return envelope_message(envelope, account, event);

    case 1:
        return envelope_status(envelope, account, event, NULL);

    case 2:
        return envelope_status(envelope, account, event, "opaque");

    default:
        return envelope_call(envelope, account, event);
    }
}


static void
check(const struct envelope *envelope)
{
    size_t   i;
    json_t  *root;

    require(envelope->size <= ENVELOPE_MAX);
    require(strlen(envelope->body) == envelope->size);

    for (i = 0; i < envelope->size; i++) {
        require(envelope->body[i] >= ' ' && envelope->body[i] < 0x7f);
    }

    root = json_loadb(envelope->body, envelope->size, JSON_REJECT_DUPLICATES,
                      NULL);
    require(root != NULL);
    json_decref(root);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t           *event;
    unsigned          kind;
    struct envelope   one, again;

    static struct envelope_account  account;

    if (account.seal == NULL) {
        account.session = "1000000001";
        account.number = "15550000001";
        account.answered = answered;
        account.seal = create_seal();
    }

    /* as the controller reads what comes from the browser */

    event = json_loadb((const char *) data, size, 0, NULL);

    for (kind = 0; event != NULL && kind < 4; kind++) {

        if (!make(&one, &account, event, kind)) {
            continue;
        }

        check(&one);

        require(make(&again, &account, event, kind));
        require(again.size == one.size
                && memcmp(again.body, one.body, one.size) == 0);

        free(one.body);
        free(again.body);
    }

    json_decref(event);

    return 0;
}
