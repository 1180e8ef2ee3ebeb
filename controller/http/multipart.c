/*
 * multipart/form-data as a state machine.  The delimiter is matched byte by
 * byte.  Its first byte is the only CR in it, so after a mismatch only the
 * present byte has to be compared again.
 */

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http/form_value.h"
#include "http/multipart.h"


static size_t multipart_data(struct multipart *multipart, const char *data,
    size_t size);
static bool multipart_give(struct multipart *multipart, const char *data,
    size_t size);
static bool multipart_byte(struct multipart *multipart, char c);
static bool multipart_head_byte(struct multipart *multipart, char c);
static bool multipart_read_head(struct multipart *multipart);
static bool multipart_read_line(struct multipart_part *part, char *line,
    bool *form_data);


bool
multipart_begin(struct multipart *multipart, const char *content_type,
    const struct multipart_handlers *handlers, void *ctx)
{
    char    boundary[MULTIPART_BOUNDARY_MAX + 1];
    size_t  i, len;

    static const char  type[] = "multipart/form-data";

    memset(multipart, 0, sizeof(struct multipart));

    multipart->handlers = handlers;
    multipart->ctx = ctx;
    multipart->state = MULTIPART_FAILED;

    len = sizeof(type) - 1;

    if (strncasecmp(content_type, type, len) != 0
        || (content_type[len] != ';' && content_type[len] != ' '))
    {
        return false;
    }

    if (!form_parameter(content_type, "boundary", boundary,
                        sizeof(boundary)))
    {
        return false;
    }

    len = strlen(boundary);

    if (len == 0 || boundary[len - 1] == ' ') {
        return false;
    }

    for (i = 0; i < len; i++) {
        if (!isalnum((unsigned char) boundary[i])
            && strchr("'()+_,-./:=? ", boundary[i]) == NULL)
        {
            return false;
        }
    }

    memcpy(multipart->delimiter, "\r\n--", 4);
    memcpy(multipart->delimiter + 4, boundary, len + 1);

    /* the first delimiter of a body has no line end before it */

    multipart->delimiter_len = len + 4;
    multipart->matched = 2;
    multipart->supposed = 2;
    multipart->state = MULTIPART_PREAMBLE;

    return true;
}


bool
multipart_feed(struct multipart *multipart, const char *data, size_t size)
{
    size_t  n;

    while (size > 0) {

        switch (multipart->state) {

        case MULTIPART_PREAMBLE:
        case MULTIPART_DATA:
            n = multipart_data(multipart, data, size);
            break;

        case MULTIPART_EPILOGUE:
            return true;

        default:
            n = multipart_byte(multipart, *data) ? 1 : 0;
        }

        if (n == 0) {
            multipart->state = MULTIPART_FAILED;
            return false;
        }

        data += n;
        size -= n;
    }

    return true;
}


bool
multipart_ended(const struct multipart *multipart)
{
    return multipart->state == MULTIPART_EPILOGUE;
}


/*
 * Passes data on up to where a delimiter may begin.  Returns the number of
 * bytes that were used, 0 when a handler ends the parsing.
 */

static size_t
multipart_data(struct multipart *multipart, const char *data, size_t size)
{
    size_t       i, known, held;
    const char  *cr;

    held = multipart->matched - multipart->supposed;
    known = 0;
    i = 0;

    while (i < size && multipart->matched < multipart->delimiter_len) {

        if (multipart->matched == 0) {
            cr = memchr(data + i, '\r', size - i);
            i = cr != NULL ? (size_t) (cr - data) : size;
            known = i;

        } else if (data[i] != multipart->delimiter[multipart->matched]) {

            /* bytes that were held back are data, not a delimiter */

            if (held != 0
                && !multipart_give(multipart, multipart->delimiter
                                              + multipart->supposed, held))
            {
                return 0;
            }

            multipart->matched = 0;
            multipart->supposed = 0;
            held = 0;
            continue;
        }

        if (i < size) {
            multipart->matched++;
            i++;
        }
    }

    if (known != 0 && !multipart_give(multipart, data, known)) {
        return 0;
    }

    if (multipart->matched == multipart->delimiter_len) {

        if (multipart->state == MULTIPART_DATA
            && !multipart->handlers->end(multipart->ctx))
        {
            return 0;
        }

        multipart->supposed = 0;
        multipart->state = MULTIPART_DELIMITER;
    }

    return i;
}


static bool
multipart_give(struct multipart *multipart, const char *data, size_t size)
{
    return multipart->state == MULTIPART_PREAMBLE
           || multipart->handlers->data(multipart->ctx, data, size);
}


static bool
multipart_byte(struct multipart *multipart, char c)
{
    switch (multipart->state) {

    case MULTIPART_DELIMITER:

        if (c == '-') {
            multipart->state = MULTIPART_DASH;
            return true;
        }

        if (c == '\r') {
            multipart->state = MULTIPART_LF;
            return true;
        }

        return c == ' ' || c == '\t';

    case MULTIPART_DASH:
        multipart->state = MULTIPART_EPILOGUE;
        return c == '-';

    case MULTIPART_LF:
        multipart->state = MULTIPART_HEAD;
        multipart->head_len = 0;
        return c == '\n';

    case MULTIPART_HEAD:
        return multipart_head_byte(multipart, c);

    default:
        return false;
    }
}


static bool
multipart_head_byte(struct multipart *multipart, char c)
{
    char    *head;
    size_t   len;

    head = multipart->head;

    if (multipart->head_len == MULTIPART_HEAD_MAX || c == '\0') {
        return false;
    }

    head[multipart->head_len++] = c;
    len = multipart->head_len;

    if (c != '\n') {
        return true;
    }

    if (len < 2 || head[len - 2] != '\r') {
        return false;
    }

    if (len != 2 && (len < 4 || head[len - 3] != '\n')) {
        return true;
    }

    head[len - 2] = '\0';

    if (!multipart_read_head(multipart)) {
        return false;
    }

    multipart->state = MULTIPART_DATA;

    /* the head's line end may already be that of the next delimiter */

    multipart->matched = 2;
    multipart->supposed = 2;

    return multipart->handlers->part(multipart->ctx, &multipart->part);
}


static bool
multipart_read_head(struct multipart *multipart)
{
    char  *line, *end;
    bool   form_data;

    memset(&multipart->part, 0, sizeof(struct multipart_part));

    form_data = false;

    for (line = multipart->head; *line != '\0'; line = end + 2) {
        end = strstr(line, "\r\n");

        if (end == NULL) {
            return false;
        }

        *end = '\0';

        /* RFC 7578 has no folded lines */

        if (*line == ' ' || *line == '\t'
            || !multipart_read_line(&multipart->part, line, &form_data))
        {
            return false;
        }
    }

    return form_data;
}


static bool
multipart_read_line(struct multipart_part *part, char *line, bool *form_data)
{
    char  *value;

    value = strchr(line, ':');

    if (value == NULL || value == line) {
        return false;
    }

    *value++ = '\0';
    value += strspn(value, " \t");

    if (strcasecmp(line, "Content-Type") == 0) {
        (void) form_copy(value, part->type, sizeof(part->type));
        return true;
    }

    if (strcasecmp(line, "Content-Disposition") != 0) {
        return true;
    }

    *form_data = !*form_data && strncasecmp(value, "form-data", 9) == 0
                 && (value[9] == ';' || value[9] == ' ')
                 && form_parameter(value, "name", part->name,
                                   sizeof(part->name));

    form_filename(value, part->filename, sizeof(part->filename));

    return *form_data;
}
