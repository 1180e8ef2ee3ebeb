/*
 * multipart/form-data: the first line of an input is a Content-Type, the rest
 * the body.  Handlers are called in order, and what they are told does not
 * depend on the pieces that the body arrives in.
 */

#include <stdbool.h>

#include "http/multipart.h"

#include "fuzz.h"


/* what the handlers were told: heads, data and ends, one behind the other */

struct transcript {
    char    *text;
    size_t   len;
    size_t   size;
    bool     inside;     /* of a part */
};


static void
append(struct transcript *t, const void *data, size_t size)
{
    if (size > t->size - t->len) {
        t->size = 2 * t->size + size;
        t->text = realloc(t->text, t->size);
        require(t->text != NULL);
    }

    memcpy(t->text + t->len, data, size);
    t->len += size;
}


static bool
on_part(void *ctx, const struct multipart_part *part)
{
    struct transcript  *t = ctx;

    require(!t->inside);
    t->inside = true;

    /* with their NUL */

    append(t, part->name, strlen(part->name) + 1);
    append(t, part->filename, strlen(part->filename) + 1);
    append(t, part->type, strlen(part->type) + 1);

    require(strpbrk(part->filename, "/\\\r\n") == NULL);

    return true;
}


static bool
on_data(void *ctx, const char *data, size_t size)
{
    struct transcript  *t = ctx;

    require(t->inside);
    require(size != 0);
    append(t, data, size);

    return true;
}


static bool
on_end(void *ctx)
{
    struct transcript  *t = ctx;

    require(t->inside);
    t->inside = false;
    append(t, "<end>", 5);

    return true;
}


static const struct multipart_handlers  handlers = {
    .part = on_part,
    .data = on_data,
    .end = on_end
};


static bool
feed(struct transcript *t, const char *type, const uint8_t *data, size_t size,
    unsigned way)
{
    bool              ok;
    char             *piece;
    size_t            n;
    uint32_t          state;
    struct multipart  multipart;

    ok = multipart_begin(&multipart, type, &handlers, t);
    state = (uint32_t) size;

    for ( /* void */ ; ok && size > 0; data += n, size -= n) {
        n = fuzz_piece(way, &state, size);
        piece = fuzz_bytes(data, n);
        ok = multipart_feed(&multipart, piece, n);
        free(piece);
    }

    ok = ok && multipart_ended(&multipart);

    require(!ok || !t->inside);

    return ok;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool               ok[FUZZ_WAYS];
    char              *type;
    unsigned           way;
    struct transcript  t[FUZZ_WAYS];

    type = fuzz_line(&data, &size);

    memset(t, 0, sizeof(t));

    for (way = 0; way < FUZZ_WAYS; way++) {
        ok[way] = feed(&t[way], type, data, size, way);

        /* what is given of a body that is refused later does depend on it */

        require(ok[way] == ok[0]);
        require(!ok[0] || (t[way].len == t[0].len
                           && (t[0].len == 0
                               || memcmp(t[way].text, t[0].text, t[0].len)
                                  == 0)));
    }

    for (way = 0; way < FUZZ_WAYS; way++) {
        free(t[way].text);
    }

    free(type);

    return 0;
}
