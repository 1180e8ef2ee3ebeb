/*
 * A line's error is that of the option, with the line's place before it.
 */

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/ini_file.h"
#include "options_file.h"


#define OPTIONS_FILE_SIZE  (256 * 1024)


struct options_file {
    options_set_pt   set;
    void            *ctx;
    FILE            *err;
};


static bool options_file_value(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *value);


bool
options_file_read(const char *path, options_set_pt set, void *ctx, FILE *err)
{
    bool                 ok;
    char                *text;
    size_t               size;
    struct options_file  file;

    text = files_read(path, OPTIONS_FILE_SIZE, &size);

    if (text == NULL) {
        return false;
    }

    file.set = set;
    file.ctx = ctx;
    file.err = err;

    ok = ini_file_parse(path, text, size, options_file_value, &file, err);

    free(text);

    return ok;
}


static bool
options_file_value(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *value)
{
    bool                  ok;
    char                 *error;
    FILE                 *memory;
    size_t                size;
    struct options_file  *file = ctx;

    if (*section != '\0') {
        return ini_fail(place, file->err, "there are no sections");
    }

    error = NULL;
    memory = open_memstream(&error, &size);

    if (memory == NULL) {
        return ini_fail(place, file->err, "not enough memory");
    }

    ok = file->set(file->ctx, name, value, memory);

    fclose(memory);

    if (!ok) {
        error[strcspn(error, "\n")] = '\0';
        (void) ini_fail(place, file->err, "%s",
                        error + sizeof("whatsapp-controller: ") - 1);
    }

    free(error);

    return ok;
}
