/*
 * The file of whatsapp_tokens: its lines, and how it is replaced.
 */

#ifndef TOKEN_FILE_H
#define TOKEN_FILE_H


#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>


#define TOKEN_FILE_MAX      (4 << 20)    /* bytes */
#define TOKEN_DIGEST_LEN    64           /* SHA-256 in hexadecimal */
#define TOKEN_NAME_MAX      64
#define TOKEN_TEXT_SIZE     44           /* of a token, with its NUL */


enum token_line_kind {
    TOKEN_LINE_EMPTY = 0,    /* or nothing but a comment */
    TOKEN_LINE_TOKEN,
    TOKEN_LINE_INVALID
};


/* a line of the file; the pointers lead into it */

struct token_line {
    enum token_line_kind   kind;
    const char            *start;
    size_t                 len;           /* with the newline */
    const char            *digest;        /* TOKEN_DIGEST_LEN characters */
    const char            *limits;        /* the words behind it */
    size_t                 limits_len;
    const char            *name;          /* the comment, without blanks */
    size_t                 name_len;      /* 0: it has none */
};


/* a file that is locked for a change */

struct token_file {
    char        *path;       /* without links */
    const char  *name;       /* of the file in its directory, within path */
    int          dir_fd;
    int          lock_fd;
    char        *text;       /* with a NUL; "" if there is no file */
    size_t       size;
};


/*
 * Reads the next line of *rest, up to end, and moves *rest behind it.  Returns
 * false at the end.
 */
bool token_line_next(const char **rest, const char *end,
    struct token_line *line);

/*
 * Returns the items of a limit, WHATSAPP_TOKEN_SCOPE or _SESSION, as an array,
 * a new reference: null if the line does not limit this, NULL when memory is
 * short.
 */
json_t *token_line_limit(const struct token_line *line, const char *limit);

/* Returns whether a text can be the name of a new token. */
bool token_name_valid(const char *name);

/*
 * Returns whether a text is a list of scopes, or of sessions, with commas
 * between.
 */
bool token_scopes_valid(const char *list);
bool token_sessions_valid(const char *list);

/*
 * Reads the file, which need not exist.  The caller frees the text, which has
 * *size bytes and a NUL; NULL after an error was printed.
 */
char *token_file_read(const char *path, size_t *size);

/*
 * Locks the file and reads it.  Returns false after an error was printed.
 * token_file_close gives the lock back.
 */
bool token_file_open(struct token_file *file, const char *path);

/*
 * Replaces the file at once by one with this text, of the same owner and mode,
 * or mode 0600 for a new file.  Returns false after an error was printed.
 */
bool token_file_replace(const struct token_file *file, const char *text,
    size_t size);

void token_file_close(struct token_file *file);


#endif /* TOKEN_FILE_H */
