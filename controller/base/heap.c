/*
 * Memory of the heap is overwritten before it is given back, so that what
 * messages, tokens and secrets were in does not wait there to be read: in a
 * core file, in swap, or in what is allocated next.  Here it holds for all
 * libraries at once: jansson's trees, buffers of libevent, libcurl and
 * libmicrohttpd, and everything of this program.
 *
 * glibc lets a program replace these functions.  The memory itself remains
 * that of glibc's allocator, so that the others need not be replaced.
 * Sanitizers have functions of their own in this place.
 */

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>


#ifdef __has_feature
#define HEAP_SANITIZED  __has_feature(address_sanitizer)
#elif defined __SANITIZE_ADDRESS__
#define HEAP_SANITIZED  1
#else
#define HEAP_SANITIZED  0
#endif


#if !HEAP_SANITIZED

/* a block is moved to a smaller one if it would keep less than this of it */

#define HEAP_SHRINK  2


extern void *__libc_malloc(size_t size);
extern void __libc_free(void *block);


void
free(void *block)
{
    int  error;

    if (block == NULL) {
        return;
    }

    error = errno;

    explicit_bzero(block, malloc_usable_size(block));
    __libc_free(block);

    errno = error;
}


/* glibc's own would leave a copy behind where it moves the block */

void *
realloc(void *block, size_t size)
{
    void    *moved;
    size_t   room;

    if (block == NULL) {
        return __libc_malloc(size);
    }

    if (size == 0) {
        free(block);
        return NULL;
    }

    room = malloc_usable_size(block);

    if (size <= room && size >= room / HEAP_SHRINK) {
        return block;
    }

    moved = __libc_malloc(size);

    if (moved != NULL) {
        memcpy(moved, block, size < room ? size : room);
        free(block);
    }

    return moved;
}

#endif
