/*
 * The system's random numbers, getrandom(2).
 */

#include <sys/random.h>

#include "base/random.h"


uint32_t
random_number(void)
{
    uint32_t  number;

    if (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
        number = UINT32_MAX / 2;
    }

    return number;
}
