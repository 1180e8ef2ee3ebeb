/*
 * Types of media: the table of those that WhatsApp takes, with their limits,
 * and the tests of a file's first bytes.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "media/media_type.h"


#define MEDIA_KB  1024
#define MEDIA_MB  (1024 * 1024)


struct media_bytes {
    const uint8_t  *data;
    size_t          size;
};


struct media_row {
    const char        *mime;
    enum media_kind    kind;
    uint64_t           max;
    bool             (*is)(const struct media_bytes *head);
};


static bool media_read_mime(const char *declared, char mime[MEDIA_TYPE_SIZE]);
static const struct media_row *media_row_of(const char *mime);
static const struct media_row *media_row_by_content(
    const struct media_bytes *head);
static const struct media_row *media_row_of_kind(
    const struct media_bytes *head, enum media_kind kind);
static bool media_class(const char *mime);
static bool media_is_container(const char *mime);
static const char *media_document_mime(const struct media_bytes *head,
    const char *filename);
static void media_set(struct media_type *type, const char *mime,
    enum media_kind kind, uint64_t max);
static bool media_at(const struct media_bytes *head, size_t offset,
    const char *bytes, size_t size);
static bool media_is_jpeg(const struct media_bytes *head);
static bool media_is_png(const struct media_bytes *head);
static bool media_is_webp(const struct media_bytes *head);
static bool media_is_animated(const struct media_bytes *head);
static bool media_is_aac(const struct media_bytes *head);
static bool media_is_amr(const struct media_bytes *head);
static bool media_is_mp3(const struct media_bytes *head);
static bool media_is_opus(const struct media_bytes *head);
static bool media_is_m4a(const struct media_bytes *head);
static bool media_is_mp4(const struct media_bytes *head);
static bool media_is_3gp(const struct media_bytes *head);
static bool media_brand(const struct media_bytes *head,
    const char *const *brands);


/* the first row whose test is true is the type of an undeclared file */

static const struct media_row  media_rows[] = {
    { "image/jpeg", MEDIA_IMAGE, 5 * MEDIA_MB, media_is_jpeg },
    { "image/png", MEDIA_IMAGE, 5 * MEDIA_MB, media_is_png },
    { "image/webp", MEDIA_STICKER, 500 * MEDIA_KB, media_is_animated },
    { "image/webp", MEDIA_STICKER, 100 * MEDIA_KB, media_is_webp },
    { "audio/ogg", MEDIA_AUDIO, 16 * MEDIA_MB, media_is_opus },
    { "audio/amr", MEDIA_AUDIO, 16 * MEDIA_MB, media_is_amr },
    { "audio/aac", MEDIA_AUDIO, 16 * MEDIA_MB, media_is_aac },
    { "audio/mpeg", MEDIA_AUDIO, 16 * MEDIA_MB, media_is_mp3 },
    { "video/mp4", MEDIA_VIDEO, 16 * MEDIA_MB, media_is_mp4 },
    { "video/3gpp", MEDIA_VIDEO, 16 * MEDIA_MB, media_is_3gp },
    { "audio/mp4", MEDIA_AUDIO, 16 * MEDIA_MB, media_is_m4a }
};


#define MEDIA_ROWS  (sizeof(media_rows) / sizeof(media_rows[0]))

#define MEDIA_DOCUMENT_MAX  (100 * MEDIA_MB)


static const struct {
    const char  *name;
    const char  *mime;
} media_aliases[] = {
    { "image/jpg", "image/jpeg" },
    { "image/pjpeg", "image/jpeg" },
    { "audio/mp3", "audio/mpeg" },
    { "audio/m4a", "audio/mp4" },
    { "audio/x-m4a", "audio/mp4" },
    { "audio/x-aac", "audio/aac" },
    { "audio/opus", "audio/ogg" },
    { "video/3gp", "video/3gpp" },
    { "audio/x-mp3", "audio/mpeg" },
    { "audio/mpeg3", "audio/mpeg" },
    { "audio/x-hx-aac-adts", "audio/aac" },
    { "image/x-png", "image/png" },
    { "video/3gpp2", "video/3gpp" },

    /* servers and clients that do not know */

    { "application/octet-stream", "" },
    { "binary/octet-stream", "" },
    { "application/x-octet-stream", "" },
    { "application/binary", "" },
    { "application/unknown", "" },
    { "application/download", "" },
    { "application/x-download", "" },
    { "application/force-download", "" },
    { "application/x-force-download", "" },
    { "unknown/unknown", "" }
};


/* containers, in which there may be what WhatsApp shows */

static const char *const  media_containers[] = {
    "application/ogg", "application/x-ogg", "application/mp4"
};


/* the first row of a type has the extension that a file of it gets */

static const struct {
    const char  *extension;
    const char  *mime;
} media_extensions[] = {
    { ".pdf", "application/pdf" },
    { ".txt", "text/plain" },
    { ".csv", "text/csv" },
    { ".doc", "application/msword" },
    { ".xls", "application/vnd.ms-excel" },
    { ".ppt", "application/vnd.ms-powerpoint" },
    { ".docx", "application/vnd.openxmlformats-officedocument."
              "wordprocessingml.document" },
    { ".xlsx", "application/vnd.openxmlformats-officedocument."
              "spreadsheetml.sheet" },
    { ".pptx", "application/vnd.openxmlformats-officedocument."
              "presentationml.presentation" },
    { ".zip", "application/zip" },
    { ".json", "application/json" },
    { ".xml", "application/xml" },
    { ".html", "text/html" },
    { ".htm", "text/html" },
    { ".ics", "text/calendar" },
    { ".vcf", "text/vcard" },
    { ".rtf", "application/rtf" },
    { ".odt", "application/vnd.oasis.opendocument.text" },
    { ".ods", "application/vnd.oasis.opendocument.spreadsheet" },
    { ".odp", "application/vnd.oasis.opendocument.presentation" },
    { ".jpg", "image/jpeg" },
    { ".png", "image/png" },
    { ".webp", "image/webp" },
    { ".ogg", "audio/ogg" },
    { ".amr", "audio/amr" },
    { ".aac", "audio/aac" },
    { ".mp3", "audio/mpeg" },
    { ".m4a", "audio/mp4" },
    { ".mp4", "video/mp4" },
    { ".3gp", "video/3gpp" },
    { ".bin", "application/octet-stream" }
};


#define MEDIA_EXTENSIONS                                                      \
    (sizeof(media_extensions) / sizeof(media_extensions[0]))


static const char *const  media_kinds[] = {
    [MEDIA_IMAGE] = "image",
    [MEDIA_STICKER] = "sticker",
    [MEDIA_AUDIO] = "audio",
    [MEDIA_VIDEO] = "video",
    [MEDIA_DOCUMENT] = "document"
};


static const char  media_unsupported[] =
    "WhatsApp takes no media of this type";


/* the sentences of the limits in media_rows */

static const char *const  media_limits[] = {
    [MEDIA_IMAGE] = "An image may have 5 MB at most",
    [MEDIA_STICKER] = "A sticker may have 100 KB at most, 500 KB if animated",
    [MEDIA_AUDIO] = "Audio may have 16 MB at most",
    [MEDIA_VIDEO] = "A video may have 16 MB at most",
    [MEDIA_DOCUMENT] = "A document may have 100 MB at most"
};


bool
media_type_decide(struct media_type *type, const void *head, size_t size,
    const char *declared, const char *filename, struct error *error)
{
    char                     mime[MEDIA_TYPE_SIZE];
    struct media_bytes       bytes;
    const struct media_row  *row, *said;

    bytes.data = head;
    bytes.size = size < MEDIA_TYPE_HEAD ? size : MEDIA_TYPE_HEAD;

    if (!media_read_mime(declared, mime)) {
        return error_set(error, ERROR_MEDIA_INVALID, media_unsupported);
    }

    /* the content decides where nothing, or only a container, is declared */

    row = mime[0] == '\0' || media_is_container(mime)
          ? media_row_by_content(&bytes) : NULL;

    if (row != NULL) {
        media_set(type, row->mime, row->kind, row->max);
        return true;
    }

    if (mime[0] == '\0' || !media_class(mime)) {
        media_set(type, mime[0] == '\0'
                        ? media_document_mime(&bytes, filename) : mime,
                  MEDIA_DOCUMENT, MEDIA_DOCUMENT_MAX);
        return true;
    }

    said = media_row_of(mime);

    if (said == NULL) {
        return error_set(error, ERROR_MEDIA_INVALID, media_unsupported);
    }

    /* a declared type is corrected within its kind: a JPEG called PNG */

    row = said->is(&bytes) ? said : media_row_of_kind(&bytes, said->kind);

    if (row == NULL) {
        return error_set(error, ERROR_MEDIA_INVALID, "The file is not of the "
                         "type that it is said to be");
    }

    /* animated and other stickers have one name, but rows of their own */

    if (row->kind == MEDIA_STICKER) {
        row = media_row_by_content(&bytes);
    }

    media_set(type, row->mime, row->kind, row->max);

    return true;
}


void
media_type_document(struct media_type *type, const void *head, size_t size,
    const char *declared, const char *filename)
{
    char          mime[MEDIA_TYPE_SIZE];
    struct error  error;

    if (media_type_decide(type, head, size, declared, filename, &error)) {
        memcpy(mime, type->mime, sizeof(mime));

    } else if (!media_read_mime(declared, mime) || mime[0] == '\0') {
        (void) media_type_decide(type, head, size, NULL, filename, &error);
        memcpy(mime, type->mime, sizeof(mime));
    }

    media_set(type, mime, MEDIA_DOCUMENT, MEDIA_DOCUMENT_MAX);
}


const char *
media_type_extension(const struct media_type *type)
{
    size_t  i;

    for (i = 0; i < MEDIA_EXTENSIONS; i++) {
        if (strcmp(media_extensions[i].mime, type->mime) == 0) {
            return media_extensions[i].extension;
        }
    }

    return "";
}


bool
media_type_is_shown(const char *declared)
{
    char  mime[MEDIA_TYPE_SIZE];

    return media_read_mime(declared, mime) && media_class(mime);
}


const char *
media_type_page(const struct media_type *type)
{
    return strcmp(type->mime, "audio/ogg") == 0 ? "audio/ogg; codecs=opus"
                                                : type->mime;
}


bool
media_kind_find(const char *name, enum media_kind *kind)
{
    size_t  i;

    for (i = 0; i < sizeof(media_kinds) / sizeof(media_kinds[0]); i++) {
        if (strcmp(name, media_kinds[i]) == 0) {
            *kind = (enum media_kind) i;
            return true;
        }
    }

    return false;
}


const char *
media_kind_name(enum media_kind kind)
{
    return media_kinds[kind];
}


bool
media_kind_fits(enum media_kind file, enum media_kind message)
{
    return message == MEDIA_DOCUMENT || file == message;
}


const char *
media_kind_limit(enum media_kind kind)
{
    return media_limits[kind];
}


/* mime becomes "" for no declaration, and for one that means any type */

static bool
media_read_mime(const char *declared, char mime[MEDIA_TYPE_SIZE])
{
    size_t       i, n, slashes;
    const char  *p;

    mime[0] = '\0';

    if (declared == NULL) {
        return true;
    }

    slashes = 0;
    n = 0;

    for (p = declared + strspn(declared, " \t");
         *p != '\0' && *p != ';' && *p != ' ' && *p != '\t';
         p++)
    {
        if (n + 1 == MEDIA_TYPE_SIZE
            || (!isalnum((unsigned char) *p)
                && strchr("/!#$&^_.+-", *p) == NULL))
        {
            return false;
        }

        slashes += *p == '/';
        mime[n++] = (char) tolower((unsigned char) *p);
    }

    mime[n] = '\0';

    if (n == 0) {
        return true;
    }

    if (slashes != 1 || mime[0] == '/' || mime[n - 1] == '/') {
        return false;
    }

    for (i = 0; i < sizeof(media_aliases) / sizeof(media_aliases[0]); i++) {
        if (strcmp(mime, media_aliases[i].name) == 0) {
            strcpy(mime, media_aliases[i].mime);
            break;
        }
    }

    return true;
}


static const struct media_row *
media_row_of(const char *mime)
{
    size_t  i;

    for (i = 0; i < MEDIA_ROWS; i++) {
        if (strcmp(media_rows[i].mime, mime) == 0) {
            return &media_rows[i];
        }
    }

    return NULL;
}


static const struct media_row *
media_row_by_content(const struct media_bytes *head)
{
    size_t  i;

    for (i = 0; i < MEDIA_ROWS; i++) {
        if (media_rows[i].is(head)) {
            return &media_rows[i];
        }
    }

    return NULL;
}


static const struct media_row *
media_row_of_kind(const struct media_bytes *head, enum media_kind kind)
{
    size_t  i;

    for (i = 0; i < MEDIA_ROWS; i++) {
        if (media_rows[i].kind == kind && media_rows[i].is(head)) {
            return &media_rows[i];
        }
    }

    return NULL;
}


/* whether WhatsApp shows files of the type; documents it only carries */

static bool
media_class(const char *mime)
{
    return strncmp(mime, "image/", 6) == 0 || strncmp(mime, "audio/", 6) == 0
           || strncmp(mime, "video/", 6) == 0;
}


static bool
media_is_container(const char *mime)
{
    size_t  i;

    for (i = 0;
         i < sizeof(media_containers) / sizeof(media_containers[0]);
         i++)
    {
        if (strcmp(mime, media_containers[i]) == 0) {
            return true;
        }
    }

    return false;
}


/* the content was none that WhatsApp shows, whatever the name says */

static const char *
media_document_mime(const struct media_bytes *head, const char *filename)
{
    size_t       i;
    const char  *dot;

    if (media_at(head, 0, "%PDF-", 5)) {
        return "application/pdf";
    }

    dot = filename != NULL ? strrchr(filename, '.') : NULL;

    for (i = 0; dot != NULL && i < MEDIA_EXTENSIONS; i++) {
        if (strcasecmp(dot, media_extensions[i].extension) == 0
            && !media_class(media_extensions[i].mime))
        {
            return media_extensions[i].mime;
        }
    }

    return "application/octet-stream";
}


static void
media_set(struct media_type *type, const char *mime, enum media_kind kind,
    uint64_t max)
{
    (void) snprintf(type->mime, sizeof(type->mime), "%s", mime);

    type->kind = kind;
    type->max = max;
}


static bool
media_at(const struct media_bytes *head, size_t offset, const char *bytes,
    size_t size)
{
    return head->size >= offset + size
           && memcmp(head->data + offset, bytes, size) == 0;
}


static bool
media_is_jpeg(const struct media_bytes *head)
{
    return media_at(head, 0, "\xff\xd8\xff", 3);
}


static bool
media_is_png(const struct media_bytes *head)
{
    return media_at(head, 0, "\x89PNG\r\n\x1a\n", 8);
}


static bool
media_is_webp(const struct media_bytes *head)
{
    return media_at(head, 0, "RIFF", 4) && media_at(head, 8, "WEBPVP8", 7);
}


static bool
media_is_animated(const struct media_bytes *head)
{
    return media_is_webp(head) && media_at(head, 12, "VP8X", 4)
           && head->size > 20 && (head->data[20] & 0x02) != 0;
}


/* ADTS: twelve bits of sync, layer 0 */

static bool
media_is_aac(const struct media_bytes *head)
{
    return head->size >= 7 && head->data[0] == 0xff
           && (head->data[1] & 0xf6) == 0xf0
           && (head->data[2] >> 2 & 15) < 13;
}


static bool
media_is_amr(const struct media_bytes *head)
{
    return media_at(head, 0, "#!AMR\n", 6)
           || media_at(head, 0, "#!AMR-WB\n", 9);
}


/* a tag, or a frame of layer 3 with a rate that exists */

static bool
media_is_mp3(const struct media_bytes *head)
{
    if (media_at(head, 0, "ID3", 3)) {
        return true;
    }

    return head->size >= 4 && head->data[0] == 0xff
           && (head->data[1] & 0xe6) == 0xe2
           && (head->data[1] & 0x18) != 0x08
           && (head->data[2] & 0xf0) != 0xf0
           && (head->data[2] & 0x0c) != 0x0c;
}


/* the first packet follows the page's head and its table of one segment */

static bool
media_is_opus(const struct media_bytes *head)
{
    return media_at(head, 0, "OggS", 4) && media_at(head, 28, "OpusHead", 8);
}


static bool
media_is_m4a(const struct media_bytes *head)
{
    static const char *const  brands[] = { "M4A ", "M4B ", NULL };

    /* the brands of a video are also used for sound alone */

    return media_brand(head, brands) || media_is_mp4(head);
}


static bool
media_is_mp4(const struct media_bytes *head)
{
    static const char *const  brands[] = {
        "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8",
        "mp41", "mp42", "mp71", "avc1", "M4V ", "M4VH", "M4VP", "MSNV",
        "dash", "mmp4", "f4v ", NULL
    };

    return media_brand(head, brands);
}


static bool
media_is_3gp(const struct media_bytes *head)
{
    return media_at(head, 4, "ftyp3gp", 7) || media_at(head, 4, "ftyp3g2", 7);
}


static bool
media_brand(const struct media_bytes *head, const char *const *brands)
{
    if (!media_at(head, 4, "ftyp", 4)) {
        return false;
    }

    for ( /* void */ ; *brands != NULL; brands++) {
        if (media_at(head, 8, *brands, 4)) {
            return true;
        }
    }

    return false;
}
