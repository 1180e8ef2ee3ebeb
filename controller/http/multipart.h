/*
 * multipart/form-data, parsed as it arrives in pieces of any size, in constant
 * memory.  Pure.
 */

#ifndef MULTIPART_H
#define MULTIPART_H


#include <stdbool.h>
#include <stddef.h>


#define MULTIPART_BOUNDARY_MAX   70      /* characters, as RFC 2046 says */
#define MULTIPART_HEAD_MAX       4096    /* bytes of a part's headers */
#define MULTIPART_NAME_SIZE      64
#define MULTIPART_FILENAME_SIZE  1024
#define MULTIPART_TYPE_SIZE      128


/* the headers of a part; a value that is absent is "" */

struct multipart_part {
    char  name[MULTIPART_NAME_SIZE];
    char  filename[MULTIPART_FILENAME_SIZE];  /* UTF-8, without a path */
    char  type[MULTIPART_TYPE_SIZE];
};


/* a handler ends the parsing by returning false */

struct multipart_handlers {
    bool  (*part)(void *ctx, const struct multipart_part *part);
    bool  (*data)(void *ctx, const char *data, size_t size);
    bool  (*end)(void *ctx);
};


enum multipart_state {
    MULTIPART_PREAMBLE = 0,
    MULTIPART_DELIMITER,     /* a delimiter was read, but not its line end */
    MULTIPART_DASH,
    MULTIPART_LF,
    MULTIPART_HEAD,
    MULTIPART_DATA,
    MULTIPART_EPILOGUE,
    MULTIPART_FAILED
};


/* members are private */

struct multipart {
    enum multipart_state              state;
    const struct multipart_handlers  *handlers;
    void                             *ctx;
    size_t                            delimiter_len;
    size_t                            matched;   /* bytes of the delimiter */
    size_t                            supposed;  /* matched, but not read */
    size_t                            head_len;
    char                              delimiter[MULTIPART_BOUNDARY_MAX + 5];
    char                              head[MULTIPART_HEAD_MAX + 1];
    struct multipart_part             part;
};


/*
 * Begins to parse a body of this Content-Type; handlers are borrowed.  Returns
 * false when it is not multipart/form-data with a valid boundary.
 */
bool multipart_begin(struct multipart *multipart, const char *content_type,
    const struct multipart_handlers *handlers, void *ctx);

/* Parses the next piece; false: it is malformed, or a handler ended it. */
bool multipart_feed(struct multipart *multipart, const char *data,
    size_t size);

/* Whether the body's last delimiter was read. */
bool multipart_ended(const struct multipart *multipart);


#endif /* MULTIPART_H */
