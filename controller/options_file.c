/*
 * A line's error is that of the option, with the line's place before it.  What
 * stands in the sections is read when the user of the controller is known, to
 * whom the files of secrets have to belong.
 */

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/ini_file.h"
#include "base/text.h"
#include "events/webhook_sections.h"
#include "options_file.h"


#define OPTIONS_FILE_SIZE  (256 * 1024)


struct options_file {
    const struct options_taker  *taker;
    FILE                        *err;
};


static bool options_file_value(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *value);
static bool options_file_session(const struct options_taker *taker,
    const char *section, FILE *err);


char *
options_file_read(const char *path, size_t *size,
    const struct options_taker *taker, FILE *err)
{
    char                *text;
    struct options_file  file;

    text = files_read(path, OPTIONS_FILE_SIZE, size);

    if (text == NULL) {
        return NULL;
    }

    file.taker = taker;
    file.err = err;

    if (!ini_file_parse(path, text, *size, options_file_value, &file, err)) {
        text_wipe(text);
        return NULL;
    }

    return text;
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

    if (*section != '\0' && name != NULL) {
        return true;
    }

    error = NULL;
    memory = open_memstream(&error, &size);

    if (memory == NULL) {
        return ini_fail(place, file->err, "not enough memory");
    }

    ok = *section == '\0'
         ? file->taker->set(file->taker->ctx, name, value, memory)
         : options_file_session(file->taker, section, memory);

    fclose(memory);

    if (!ok) {
        error[strcspn(error, "\n")] = '\0';
        (void) ini_fail(place, file->err, "%s",
                        error + sizeof("whatsapp-controller: ") - 1);
    }

    free(error);

    return ok;
}


static bool
options_file_session(const struct options_taker *taker, const char *section,
    FILE *err)
{
    const char  *id;

    id = webhook_sections_id(section);

    if (id == NULL) {
        fprintf(err, "whatsapp-controller: a section must be "
                "\"[session ID]\", or \"[session *]\" for all\n");
        return false;
    }

    return *id == '*' || taker->session(taker->ctx, id, err);
}
