/*
 * libinih would cut a line that is longer than its buffer, and says nothing of
 * a section without values.  It is given the text line by line: a line that is
 * too long is refused, and the beginning of a section is told.
 */

#include <stdarg.h>
#include <string.h>

#include <ini.h>

#include "base/ini_file.h"
#include "base/program.h"


#define INI_FILE_LINE     4096    /* characters */
#define INI_FILE_SECTION  50      /* bytes of its name, as in libinih */


struct ini_reader {
    struct ini_place   place;
    const char        *rest;      /* of the text */
    const char        *end;
    bool               failed;    /* the error was written */
    ini_value_pt       value;
    void              *ctx;
    FILE              *err;
};


static char *ini_file_line(char *line, int size, void *stream);
static bool ini_file_section(struct ini_reader *reader, const char *line);
static int ini_file_value(void *ctx, const char *section, const char *name,
    const char *value);


bool
ini_file_parse(const char *path, const char *text, size_t size,
    ini_value_pt value, void *ctx, FILE *err)
{
    int                line;
    struct ini_reader  reader;

    memset(&reader, 0, sizeof(reader));

    reader.place.path = path;
    reader.rest = text;
    reader.end = text + size;
    reader.value = value;
    reader.ctx = ctx;
    reader.err = err;

    ini_allow_inline_comments = false;
    ini_allow_multiline = false;
    ini_stop_on_first_error = true;
    ini_max_line = INI_FILE_LINE + 3;

    line = ini_parse_stream(ini_file_line, &reader, ini_file_value, &reader);

    if (line < 0) {
        fprintf(err, "%s: not enough memory\n", program_name);
        return false;
    }

    if (line > 0 && !reader.failed) {
        return ini_fail(&reader.place, err, "must be \"[SECTION]\" or "
                        "\"NAME = VALUE\"");
    }

    return !reader.failed;
}


bool
ini_fail(const struct ini_place *place, FILE *err, const char *format, ...)
{
    va_list  args;

    fprintf(err, "%s: %s:%u: ", program_name, place->path, place->line);

    va_start(args, format);
    vfprintf(err, format, args);
    va_end(args);

    fputc('\n', err);

    return false;
}


/* gives libinih the next line */

static char *
ini_file_line(char *line, int size, void *stream)
{
    size_t              len;
    struct ini_reader  *reader = stream;

    if (reader->rest == reader->end || reader->failed) {
        return NULL;
    }

    len = strcspn(reader->rest, "\n");
    reader->place.line++;

    if (reader->rest[len] == '\0' && reader->rest + len != reader->end) {
        reader->failed = true;
        (void) ini_fail(&reader->place, reader->err, "holds a NUL byte");
        return NULL;
    }

    len += reader->rest[len] == '\n';

    if (len >= (size_t) size) {
        reader->failed = true;
        (void) ini_fail(&reader->place, reader->err, "is too long");
        return NULL;
    }

    memcpy(line, reader->rest, len);
    line[len] = '\0';
    reader->rest += len;

    if (!ini_file_section(reader, line)) {
        reader->failed = true;
        return NULL;
    }

    return line;
}


/* tells of a line that begins a section; false after an error */

static bool
ini_file_section(struct ini_reader *reader, const char *line)
{
    char         name[INI_FILE_SECTION];
    size_t       len;
    const char  *end;

    line += strspn(line, " \t\r\v\f");
    end = *line == '[' ? strchr(line, ']') : NULL;

    if (end == NULL) {
        return true;
    }

    line++;
    len = (size_t) (end - line);

    if (len == 0 || len >= sizeof(name)) {
        return ini_fail(&reader->place, reader->err, "the section's name is "
                        "%s", len == 0 ? "empty" : "too long");
    }

    memcpy(name, line, len);
    name[len] = '\0';

    return reader->value(reader->ctx, &reader->place, name, NULL, NULL);
}


/* returns 0 for an error, as libinih wants it */

static int
ini_file_value(void *ctx, const char *section, const char *name,
    const char *value)
{
    struct ini_reader  *reader = ctx;

    reader->failed = !reader->value(reader->ctx, &reader->place, section,
                                    name, value);

    return !reader->failed;
}
