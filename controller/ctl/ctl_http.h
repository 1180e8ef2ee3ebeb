/*
 * One HTTP request, by libcurl.
 */

#ifndef CTL_HTTP_H
#define CTL_HTTP_H


#include <stdbool.h>
#include <stddef.h>


struct ctl_http;


/* what was answered, with any status; ctl_answer_free frees the text */

struct ctl_answer {
    long    status;
    char   *text;     /* ends with a NUL; NULL: it was empty */
    size_t  size;
};


/*
 * Prepares a request; path is that of a unix socket, or NULL: the URL's host
 * is connected to.  Returns NULL when memory is short; ctl_http_free frees it.
 */
struct ctl_http *ctl_http_create(const char *method, const char *url,
    const char *path);

void ctl_http_free(struct ctl_http *http);

/* Adds a header; false when memory is short. */
bool ctl_http_header(struct ctl_http *http, const char *name,
    const char *value);

/* Sets the body, which is borrowed until the end of the request. */
void ctl_http_body(struct ctl_http *http, const char *body);

/*
 * Makes the request.  Returns NULL and the answer, or why there is none, a
 * literal; *error is then an errno or 0.
 */
const char *ctl_http_perform(struct ctl_http *http,
    struct ctl_answer *answer, int *error);

void ctl_answer_free(struct ctl_answer *answer);


#endif /* CTL_HTTP_H */
