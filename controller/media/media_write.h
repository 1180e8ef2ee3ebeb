/*
 * Media files while they are written.
 */

#ifndef MEDIA_WRITE_H
#define MEDIA_WRITE_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "media/media.h"


/*
 * Begins a file of a session, whose id is borrowed for the store's life.  The
 * expected bytes (0: not known) must fit into the room that is free, of which
 * a few MB are reserved.  The caller holds the file until media_release.
 * Returns NULL, and error, when there is no room, or when too many files of
 * the session are open.
 */
struct media *media_begin(struct media_store *store, const char *session,
    uint64_t expected, struct error *error);

/*
 * Appends to a file, also beyond the expected bytes while there is room.
 * Returns false, and error, when there is none or the file gets too large.
 */
bool media_append(struct media *media, const void *data, size_t size,
    struct error *error);

/*
 * Ends a file.  Its type is decided by the declared MIME type (or NULL), its
 * content and its name (UTF-8 or NULL); with document set it is a document
 * whatever it holds.  Returns false, and error, when the file is refused.
 */
bool media_end(struct media *media, const char *declared,
    const char *filename, bool document, struct error *error);

/*
 * Begins a file of exactly size bytes that somebody else writes, whose room is
 * reserved whole; the rest is as by media_begin.
 */
struct media *media_expect(struct media_store *store, const char *session,
    uint64_t size, struct error *error);

/*
 * Takes such a file over, when it is complete, from path on the same file
 * system.  Its type is that of declared (or NULL) and its content; what no
 * message could be made of is a document.  Its digest is not computed.
 * Returns false, and error, when it is not there or has another size.
 */
bool media_take(struct media *media, const char *path, const char *declared,
    const char *filename, struct error *error);


#endif /* MEDIA_WRITE_H */
