/*
 * Accept: a type that is chosen is wanted for itself, and when none is, none
 * of them is wanted alone.
 */

#include "protocol/accept.h"

#include "fuzz.h"


#define TYPES  3


static const char *const  types[TYPES] = {
    "image/svg+xml", "image/png", "text/plain"
};


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int     chosen, alone;
    char   *header;
    size_t  i;

    header = fuzz_copy(data, size);
    chosen = whatsapp_accept_choose(header, types, TYPES);

    require(chosen >= -1 && chosen < TYPES);

    for (i = 0; i < TYPES; i++) {
        alone = whatsapp_accept_choose(header, &types[i], 1);

        require(alone == 0 || alone == -1);
        require(chosen != (int) i || alone == 0);
        require(chosen != -1 || alone == -1);
    }

    free(header);

    return 0;
}
