/*
 * Values of MIME headers: what is copied out of them fits, and names of files
 * are clean: UTF-8, no path, no control character.
 */

#include <stdbool.h>

#include <jansson.h>

#include "http/form_value.h"

#include "fuzz.h"


#define NAME_SIZE  64
#define CUT_MIN    32


static void
check_clean(const char *name)
{
    json_t      *string;
    const char  *p;

    for (p = name; *p != '\0'; p++) {
        require((unsigned char) *p >= ' ' && *p != 0x7f);
        require(*p != '/' && *p != '\\');
    }

    require(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);

    /* NULL unless it is UTF-8 */

    string = json_string(name);
    require(string != NULL);
    json_decref(string);
}


static void
check_filename(const char *value)
{
    char    name[NAME_SIZE], *text, *again;
    size_t  max;

    form_filename(value, name, sizeof(name));
    check_clean(name);

    text = fuzz_copy(value, strlen(value));
    form_clean_filename(text);
    require(strlen(text) <= strlen(value));
    check_clean(text);

    again = fuzz_copy(text, strlen(text));
    form_clean_filename(again);
    require(strcmp(again, text) == 0);
    free(again);

    for (max = CUT_MIN; max < CUT_MIN + 4; max++) {
        again = fuzz_copy(text, strlen(text));
        form_cut_filename(again, max);
        require(strlen(again) <= max);
        require(strlen(text) > max || strcmp(again, text) == 0);
        check_clean(again);
        free(again);
    }

    free(text);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char  *value, out[NAME_SIZE];

    value = fuzz_copy(data, size);

    if (form_parameter(value, "name", out, sizeof(out))) {
        require(strlen(out) < sizeof(out));
        require(strlen(out) <= strlen(value));

    } else {
        require(out[0] == '\0');
    }

    if (form_copy(value, out, sizeof(out))) {
        require(strncmp(out, value, strlen(out)) == 0);

    } else {
        require(out[0] == '\0');
    }

    check_filename(value);

    free(value);

    return 0;
}
