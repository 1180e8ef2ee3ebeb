/*
 * A seal with a key of its own, for the tests of what is sealed.
 */

#ifndef SEALED_H
#define SEALED_H


#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/seal.h"


static char          sealed_directory[] = "/tmp/sealed_test-XXXXXX";
static struct seal  *seal;


/* Returns 0, or -1 when there is no seal. */

static int
sealed_begin(void **state)
{
    (void) state;

    if (mkdtemp(sealed_directory) == NULL) {
        return -1;
    }

    seal = seal_create(sealed_directory);

    return seal != NULL ? 0 : -1;
}


static int
sealed_end(void **state)
{
    char  path[64];

    (void) state;

    seal_destroy(seal);
    (void) snprintf(path, sizeof(path), "%s/seal.key", sealed_directory);
    (void) unlink(path);

    return rmdir(sealed_directory);
}


#endif /* SEALED_H */
