/*
 * The type of a file by its first bytes, and the size that WhatsApp takes a
 * file of that type in.  Pure.
 */

#ifndef MEDIA_TYPE_H
#define MEDIA_TYPE_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"


/* bytes at a file's beginning that its type is decided by */

#define MEDIA_TYPE_HEAD   512

#define MEDIA_TYPE_SIZE   128    /* a MIME type, with NUL */


enum media_kind {
    MEDIA_IMAGE = 0,
    MEDIA_STICKER,
    MEDIA_AUDIO,
    MEDIA_VIDEO,
    MEDIA_DOCUMENT
};


struct media_type {
    char             mime[MEDIA_TYPE_SIZE];    /* without parameters */
    enum media_kind  kind;
    uint64_t         max;                      /* bytes of a file */
};


/*
 * Decides on the type of a file from its first size bytes.  declared is the
 * sender's MIME type, or NULL; filename may be NULL.  A declared image, audio
 * or video must really be one of its kind; a file that is declared as anything
 * else is a document and is not examined.  Without a declaration the content
 * decides, then the extension of the file's name.  Returns false, and error,
 * for a type that WhatsApp does not take, and for content of another kind.
 */
bool media_type_decide(struct media_type *type, const void *head,
    size_t size, const char *declared, const char *filename,
    struct error *error);

/* The same for a file that is sent as a document: it is never refused. */
void media_type_document(struct media_type *type, const void *head,
    size_t size, const char *declared, const char *filename);

/* The extension of files of a type, with its dot, or "" if it is not known. */
const char *media_type_extension(const struct media_type *type);

/* Returns whether a MIME type is that of an image, a sound or a video. */
bool media_type_is_shown(const char *declared);

/* The type for the page: with its codec, where that is known. */
const char *media_type_page(const struct media_type *type);

/* Finds image, sticker, audio, video, document; false for another name. */
bool media_kind_find(const char *name, enum media_kind *kind);

/* The name of a kind: the one that media_kind_find finds. */
const char *media_kind_name(enum media_kind kind);

/* Whether a file of one kind can be sent as a message of another. */
bool media_kind_fits(enum media_kind file, enum media_kind message);

/* The message of the error about a file that is larger than its max. */
const char *media_kind_limit(enum media_kind kind);


#endif /* MEDIA_TYPE_H */
