/*
 * What a file really is, by its first bytes, and how large WhatsApp takes a
 * file of that type.  Pure.
 */

#ifndef MEDIA_TYPE_H
#define MEDIA_TYPE_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


/* bytes of a file that are looked at; fewer when it is shorter */

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
    uint64_t         max;                      /* bytes that it may have */
};


enum media_verdict {
    MEDIA_TYPE_OK = 0,
    MEDIA_TYPE_UNSUPPORTED,    /* WhatsApp does not take such a type */
    MEDIA_TYPE_MISMATCH        /* the content is none of what is declared */
};


/*
 * Decides on the type of a file from its first size bytes.  declared is what
 * its sender says, or NULL; filename may be NULL.  An image, audio or video
 * must really be one of its kind; of what is declared as anything else nothing
 * is expected; without a declaration the content decides, then the file name's
 * extension.
 */
enum media_verdict media_type_decide(struct media_type *type,
    const void *head, size_t size, const char *declared,
    const char *filename);

/* The same for a file that is a document, whatever it is: never refused. */
void media_type_document(struct media_type *type, const void *head,
    size_t size, const char *declared, const char *filename);

/* The type as the page is told it: with its codec, where that is known. */
const char *media_type_page(const struct media_type *type);

/* Finds image, sticker, audio, video, document; false for another name. */
bool media_kind_find(const char *name, enum media_kind *kind);

/* Whether a file of this kind can be sent as a message of that one. */
bool media_kind_fits(enum media_kind file, enum media_kind message);

/* What to say of a file of this kind that is larger than its max. */
const char *media_kind_limit(enum media_kind kind);


#endif /* MEDIA_TYPE_H */
