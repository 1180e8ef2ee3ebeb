/*
 * What the targets share.  A target is one file: a function that libFuzzer
 * calls with any bytes.  It returns 0, or -1 for input that is not worth to
 * be kept, and ends the process when what it tests breaks a rule.
 */

#ifndef FUZZ_H
#define FUZZ_H


#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* Ends the process when the condition does not hold; libFuzzer then reports
   the input. */

#define require(condition)                                                    \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,        \
                    #condition);                                              \
            abort();                                                          \
        }                                                                     \
    } while (0)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/*
 * A copy of size bytes in memory of just that length, so that the sanitizer
 * sees its bounds.  Is freed by the caller.
 */

static inline void *
fuzz_bytes(const void *data, size_t size)
{
    void  *copy;

    copy = malloc(size);
    require(copy != NULL);

    if (size != 0) {
        memcpy(copy, data, size);
    }

    return copy;
}


/* The same with a NUL behind it. */

static inline char *
fuzz_copy(const void *data, size_t size)
{
    char  *copy;

    copy = malloc(size + 1);
    require(copy != NULL);

    if (size != 0) {
        memcpy(copy, data, size);
    }

    copy[size] = '\0';

    return copy;
}


/*
 * The first line of an input, without its LF, as a copy that the caller frees;
 * what follows the line stays in *data and *size.
 */

static inline char *
fuzz_line(const uint8_t **data, size_t *size)
{
    char           *line;
    size_t          len;
    const uint8_t  *lf;

    lf = *size != 0 ? memchr(*data, '\n', *size) : NULL;
    len = lf != NULL ? (size_t) (lf - *data) : *size;
    line = fuzz_copy(*data, len);

    len += lf != NULL;
    *data += len;
    *size -= len;

    return line;
}


/*
 * The length of the next piece when size bytes are fed in pieces, for each of
 * three ways: all at once, byte by byte, and in pieces of 1 to 16 bytes that
 * *state picks.
 */

#define FUZZ_WAYS  3

static inline size_t
fuzz_piece(unsigned way, uint32_t *state, size_t size)
{
    size_t  n;

    *state = *state * 1103515245 + 12345;

    n = way == 0 ? size : way == 1 ? 1 : 1 + (*state >> 16) % 16;

    return n < size ? n : size;
}


#endif /* FUZZ_H */
