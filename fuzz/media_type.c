/*
 * The type of a file: the first line of an input is the declared type, the
 * second the file's name, the rest the file.  A type that is found is well
 * formed, and a file that is declared as what it was found to be is taken.
 */

#include <stdbool.h>

#include "media/media_type.h"

#include "fuzz.h"


static void
check_type(const struct media_type *type)
{
    const char  *p, *slash;

    slash = strchr(type->mime, '/');

    require(slash != NULL && slash != type->mime && slash[1] != '\0');
    require(strlen(type->mime) < sizeof(type->mime));

    for (p = type->mime; *p != '\0'; p++) {
        require(*p > ' ' && *p <= '~' && *p != ';');
    }

    require(type->kind <= MEDIA_DOCUMENT);
    require(type->max != 0);
    require(strncmp(media_type_page(type), type->mime, strlen(type->mime))
            == 0);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void               *head;
    char               *declared, *filename;
    struct error        error;
    struct media_type   type, again;

    declared = fuzz_line(&data, &size);
    filename = fuzz_line(&data, &size);

    size = size < MEDIA_TYPE_HEAD ? size : MEDIA_TYPE_HEAD;
    head = fuzz_bytes(data, size);

    if (media_type_decide(&type, head, size,
                          *declared != '\0' ? declared : NULL, filename,
                          &error))
    {
        check_type(&type);

        require(media_type_decide(&again, head, size, type.mime, filename,
                                  &error));
        check_type(&again);
        require(again.kind == type.kind);
    }

    media_type_document(&type, head, size, declared, filename);
    check_type(&type);
    require(type.kind == MEDIA_DOCUMENT);

    free(head);
    free(filename);
    free(declared);

    return 0;
}
