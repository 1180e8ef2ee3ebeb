/*
 * Errors on the console of a page, without what is personal in them: the words
 * of programs stay, all others are masked.
 */

#ifndef CONSOLE_H
#define CONSOLE_H


#include <stddef.h>
#include <stdio.h>

#include <jansson.h>


#define CONSOLE_LINES      20
#define CONSOLE_LINE_SIZE  200


struct console {
    struct {
        char       text[CONSOLE_LINE_SIZE];
        unsigned   times;
    }              lines[CONSOLE_LINES];
    size_t         lines_n;
    unsigned       others;    /* errors that had no room */
};


/*
 * Notes an entry of the console if it is an error: an event of the protocol
 * with its parameters, as struct tab_handlers gives it.
 */
void console_add(struct console *console, const char *method, json_t *params);

/* Prints the errors, one a line. */
void console_print(const struct console *console, FILE *out);

/*
 * Writes as much of the first line of from as fits into the size bytes of to.
 * Masked as "*" are quoted texts, words that are not ASCII, that begin with a
 * capital letter as names do, that hold an "@", five digits, or letters and
 * three, that look like base64, and those that are very long; of a URL its
 * scheme and host stay.
 */
void console_mask(char *to, size_t size, const char *from);


#endif /* CONSOLE_H */
