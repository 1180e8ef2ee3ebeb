/*
 * The table of names, and what is made of their values.  An error tells the
 * line and never a value, which may be a secret.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/ini_file.h"
#include "base/text.h"
#include "events/event.h"
#include "events/webhook_pem.h"
#include "events/webhook_sections.h"
#include "events/webhook_url.h"
#include "session/session.h"


#define WEBHOOK_PEM_MAX       (1024 * 1024)

/* characters of secrets */

#define WEBHOOK_SECRET_MIN    8
#define WEBHOOK_SECRET_MAX    1024
#define WEBHOOK_TOKEN_MAX     256

#define WEBHOOK_SECTION       "session"
#define WEBHOOK_SECTION_ALL   "*"


enum webhook_value {
    WEBHOOK_URL = 0,
    WEBHOOK_VERIFY_TOKEN,
    WEBHOOK_APP_SECRET,
    WEBHOOK_PREVIOUS_SECRET,
    WEBHOOK_CA,
    WEBHOOK_CERTIFICATE,
    WEBHOOK_KEY,
    WEBHOOK_EVENTS,
    WEBHOOK_WITHOUT,
    WEBHOOK_OVERRIDES,
    WEBHOOK_VALUES
};


struct webhook_section {
    char                     id[SESSION_ID_LEN + 1];      /* or "*" */
    unsigned                 line;
    char                    *values[WEBHOOK_VALUES];      /* NULL: not set */
    unsigned                 events;
    unsigned                 without;
    struct webhook_section  *next;
};


struct webhook_sections {
    struct webhook_section  *first;
};


/* the state of reading */

struct webhook_reader {
    struct webhook_sections  *sections;
    uid_t                     uid;
    const struct ini_place   *place;
    bool                      private;    /* the file may hold secrets */
};


struct webhook_name {
    const char          *name;
    enum webhook_value   value;

    /*
     * Makes what is kept of a text, to be freed; NULL: the error was
     * written.
     */
    char              *(*read)(struct webhook_reader *reader,
                               const struct webhook_name *name,
                               const char *text);
    size_t               min;
    size_t               max;
};


static bool webhook_take(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *text);
static bool webhook_set(struct webhook_reader *reader,
    struct webhook_section *own, const char *name, const char *text);
static struct webhook_section *webhook_make_section(
    struct webhook_reader *reader, const char *name);
static const struct webhook_section *webhook_get(
    const struct webhook_sections *sections, const char *id);
static char *webhook_read_url(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text);
static char *webhook_read_secret(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text);
static char *webhook_read_secret_file(struct webhook_reader *reader,
    const struct webhook_name *name, const char *path);
static char *webhook_read_pem(struct webhook_reader *reader,
    const struct webhook_name *name, const char *path);
static char *webhook_read_key(struct webhook_reader *reader,
    const struct webhook_name *name, const char *path);
static char *webhook_read_events(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text);
static char *webhook_read_without(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text);
static char *webhook_read_switch(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text);
static unsigned webhook_kind_bit(const char *name, size_t len);
static unsigned webhook_list_mask(const char *text,
    unsigned (*bit)(const char *name, size_t len));
static bool webhook_check(const struct webhook_sections *sections,
    const char *path);
static bool webhook_check_section(const struct webhook_sections *sections,
    const char *path, const struct webhook_section *section);
static const char *webhook_choose(const struct webhook_section *own,
    const struct webhook_section *all, enum webhook_value value);
static void *webhook_fail(const struct webhook_reader *reader,
    const char *name, const char *must);


static const struct webhook_name  webhook_names[] = {
    { "url", WEBHOOK_URL, webhook_read_url, 1, WEBHOOK_URL_MAX },
    { "verify_token", WEBHOOK_VERIFY_TOKEN, webhook_read_secret, 1,
      WEBHOOK_TOKEN_MAX },
    { "verify_token_file", WEBHOOK_VERIFY_TOKEN, webhook_read_secret_file, 1,
      WEBHOOK_TOKEN_MAX },
    { "app_secret", WEBHOOK_APP_SECRET, webhook_read_secret,
      WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX },
    { "app_secret_file", WEBHOOK_APP_SECRET, webhook_read_secret_file,
      WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX },
    { "previous_app_secret", WEBHOOK_PREVIOUS_SECRET, webhook_read_secret,
      WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX },
    { "previous_app_secret_file", WEBHOOK_PREVIOUS_SECRET,
      webhook_read_secret_file, WEBHOOK_SECRET_MIN, WEBHOOK_SECRET_MAX },
    { "events", WEBHOOK_EVENTS, webhook_read_events, 0, 0 },
    { "without", WEBHOOK_WITHOUT, webhook_read_without, 0, 0 },
    { "overrides", WEBHOOK_OVERRIDES, webhook_read_switch, 0, 0 },
    { "ca", WEBHOOK_CA, webhook_read_pem, 0, 0 },
    { "certificate", WEBHOOK_CERTIFICATE, webhook_read_pem, 0, 0 },
    { "key", WEBHOOK_KEY, webhook_read_key, 0, 0 }
};


#define WEBHOOK_NAMES  (sizeof(webhook_names) / sizeof(webhook_names[0]))


const char *
webhook_sections_id(const char *name)
{
    size_t       len;
    const char  *id;

    len = sizeof(WEBHOOK_SECTION) - 1;

    if (strncmp(name, WEBHOOK_SECTION, len) != 0
        || (name[len] != ' ' && name[len] != '\t'))
    {
        return NULL;
    }

    id = name + len + strspn(name + len, " \t");
    len = strlen(id);

    if (strcmp(id, WEBHOOK_SECTION_ALL) != 0
        && (len == 0 || len > SESSION_ID_LEN
            || strspn(id, "0123456789") != len))
    {
        return NULL;
    }

    return id;
}


struct webhook_sections *
webhook_sections_read(const char *path, const char *text, size_t size,
    uid_t uid)
{
    struct webhook_reader  reader;

    memset(&reader, 0, sizeof(reader));

    reader.uid = uid;
    reader.sections = calloc(1, sizeof(struct webhook_sections));

    if (reader.sections == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return NULL;
    }

    if (!ini_file_parse(path, text, size, webhook_take, &reader,
                        stderr)
        || !webhook_check(reader.sections, path))
    {
        webhook_sections_destroy(reader.sections);
        return NULL;
    }

    return reader.sections;
}


void
webhook_sections_destroy(struct webhook_sections *sections)
{
    size_t                   i;
    struct webhook_section  *section;

    if (sections == NULL) {
        return;
    }

    while (sections->first != NULL) {
        section = sections->first;
        sections->first = section->next;

        for (i = 0; i < WEBHOOK_VALUES; i++) {
            text_wipe(section->values[i]);
        }

        free(section);
    }

    free(sections);
}


struct webhook_settings
webhook_sections_find(const struct webhook_sections *sections,
    const char *session)
{
    const char                    *overrides;
    struct webhook_settings        settings;
    const struct webhook_section  *own, *all;

    own = webhook_get(sections, session);
    all = webhook_get(sections, WEBHOOK_SECTION_ALL);

    settings.url = webhook_choose(own, all, WEBHOOK_URL);
    settings.verify_token = webhook_choose(own, all, WEBHOOK_VERIFY_TOKEN);
    settings.app_secret = webhook_choose(own, all, WEBHOOK_APP_SECRET);
    settings.previous_app_secret = webhook_choose(own, all,
                                                  WEBHOOK_PREVIOUS_SECRET);
    settings.ca = webhook_choose(own, all, WEBHOOK_CA);
    settings.certificate = webhook_choose(own, all, WEBHOOK_CERTIFICATE);
    settings.key = webhook_choose(own, all, WEBHOOK_KEY);

    settings.events = own != NULL && own->events != 0 ? own->events
                      : all != NULL && all->events != 0 ? all->events
                      : (unsigned) EVENT_DEFAULT;

    settings.without = own != NULL && own->without != 0 ? own->without
                       : all != NULL ? all->without : 0;

    overrides = webhook_choose(own, all, WEBHOOK_OVERRIDES);

    settings.overrides = settings.app_secret != NULL
                         && (overrides == NULL
                             || strcmp(overrides, "on") == 0);

    return settings;
}


bool
webhook_settings_equal(const struct webhook_settings *a,
    const struct webhook_settings *b)
{
    return webhook_text_equal(a->url, b->url)
           && webhook_text_equal(a->verify_token, b->verify_token)
           && webhook_text_equal(a->app_secret, b->app_secret)
           && webhook_text_equal(a->previous_app_secret,
                                 b->previous_app_secret)
           && webhook_text_equal(a->ca, b->ca)
           && webhook_text_equal(a->certificate, b->certificate)
           && webhook_text_equal(a->key, b->key)
           && a->events == b->events && a->without == b->without
           && a->overrides == b->overrides;
}


bool
webhook_text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}


char *
webhook_sections_read_ca(const char *path)
{
    char    *text;
    size_t   size;

    text = files_read(path, WEBHOOK_PEM_MAX, &size);

    if (text != NULL && !webhook_pem_certificates(text)) {
        fprintf(stderr, "whatsapp-controller: \"%s\" has no certificate in "
                "PEM\n", path);
        free(text);
        return NULL;
    }

    return text;
}


/* the lines before the first section are options */

static bool
webhook_take(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *text)
{
    struct webhook_reader   *reader = ctx;
    struct webhook_section  *own;

    if (*section == '\0') {
        return true;
    }

    reader->place = place;
    own = webhook_make_section(reader, section);

    return own != NULL
           && (name == NULL
               || webhook_set(reader, own, name, text));
}


static bool
webhook_set(struct webhook_reader *reader,
    struct webhook_section *own, const char *name, const char *text)
{
    size_t    i;
    char    **value;

    for (i = 0; i < WEBHOOK_NAMES; i++) {
        if (strcmp(webhook_names[i].name, name) == 0) {
            break;
        }
    }

    if (i == WEBHOOK_NAMES) {
        return ini_fail(reader->place, stderr, "there is no such name here");
    }

    if (webhook_names[i].read == webhook_read_secret && !reader->private) {
        reader->private = files_check_private(reader->place->path,
                                              reader->uid);
        if (!reader->private) {
            return ini_fail(reader->place, stderr, "%s can't be here", name);
        }
    }

    value = &own->values[webhook_names[i].value];

    if (*value != NULL) {
        return ini_fail(reader->place, stderr, "%s is given twice", name);
    }

    *value = webhook_names[i].read(reader, &webhook_names[i], text);

    if (*value != NULL && webhook_names[i].value == WEBHOOK_EVENTS) {
        own->events = webhook_list_mask(text, webhook_kind_bit);
    }

    if (*value != NULL && webhook_names[i].value == WEBHOOK_WITHOUT) {
        own->without = webhook_list_mask(text, event_word_find);
    }

    return *value != NULL;
}


/* finds or makes a section; NULL: the error was written */

static struct webhook_section *
webhook_make_section(struct webhook_reader *reader, const char *name)
{
    const char              *id;
    struct webhook_section  *section;

    id = webhook_sections_id(name);

    if (id == NULL) {
        return webhook_fail(reader, "a section", "must be "
                            "\"[session ID]\", or \"[session *]\" "
                            "for all");
    }

    section = (struct webhook_section *) webhook_get(reader->sections, id);

    if (section != NULL) {
        return section;
    }

    section = calloc(1, sizeof(struct webhook_section));

    if (section == NULL) {
        return webhook_fail(reader, "the line", "is too much for "
                            "the memory");
    }

    strcpy(section->id, id);
    section->line = reader->place->line;
    section->next = reader->sections->first;
    reader->sections->first = section;

    return section;
}


static const struct webhook_section *
webhook_get(const struct webhook_sections *sections, const char *id)
{
    const struct webhook_section  *section;

    section = sections != NULL ? sections->first : NULL;

    while (section != NULL && strcmp(section->id, id) != 0) {
        section = section->next;
    }

    return section;
}


static char *
webhook_read_url(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text)
{
    if (!webhook_url_valid(text)) {
        return webhook_fail(reader, name->name, "must be a http or "
                            "https URL without a fragment");
    }

    return strdup(text);
}


static char *
webhook_read_secret(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text)
{
    size_t       len;
    char         must[80];
    const char  *p;

    len = strlen(text);

    for (p = text; *p > ' ' && *p <= '~'; p++) { /* void */ }

    if (*p != '\0' || len < name->min || len > name->max) {
        (void) snprintf(must, sizeof(must), "must have %zu to %zu visible "
                        "ASCII characters", name->min, name->max);
        return webhook_fail(reader, name->name, must);
    }

    return strdup(text);
}


static char *
webhook_read_secret_file(struct webhook_reader *reader,
    const struct webhook_name *name, const char *path)
{
    char    *text, *secret;
    size_t   size;

    if (*path != '/') {
        return webhook_fail(reader, name->name,
                            "must be an absolute path");
    }

    text = files_read_private(path, WEBHOOK_SECRET_MAX + 2, reader->uid,
                              &size);
    if (text == NULL) {
        return webhook_fail(reader, name->name, "can't be used");
    }

    text[strcspn(text, "\r\n")] = '\0';
    secret = webhook_read_secret(reader, name, text);

    text_wipe(text);

    return secret;
}


static char *
webhook_read_pem(struct webhook_reader *reader,
    const struct webhook_name *name, const char *path)
{
    char  *text;

    if (*path != '/') {
        return webhook_fail(reader, name->name,
                            "must be an absolute path");
    }

    text = webhook_sections_read_ca(path);

    return text != NULL ? text
           : webhook_fail(reader, name->name, "can't be used");
}


static char *
webhook_read_key(struct webhook_reader *reader,
    const struct webhook_name *name, const char *path)
{
    char    *text;
    size_t   size;

    if (*path != '/') {
        return webhook_fail(reader, name->name,
                            "must be an absolute path");
    }

    text = files_read_private(path, WEBHOOK_PEM_MAX, reader->uid, &size);

    return text != NULL ? text
           : webhook_fail(reader, name->name, "can't be used");
}


static char *
webhook_read_events(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text)
{
    if (webhook_list_mask(text, webhook_kind_bit) == 0) {
        return webhook_fail(reader, name->name, "must be a list of "
                            "messages, statuses, echoes, calls and "
                            "errors");
    }

    return strdup(text);
}


static char *
webhook_read_without(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text)
{
    if (webhook_list_mask(text, event_word_find) == 0) {
        return webhook_fail(reader, name->name, "must be a list of types "
                            "of messages, or of statuses");
    }

    return strdup(text);
}


static char *
webhook_read_switch(struct webhook_reader *reader,
    const struct webhook_name *name, const char *text)
{
    if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0) {
        return webhook_fail(reader, name->name, "must be on or off");
    }

    return strdup(text);
}


static unsigned
webhook_kind_bit(const char *name, size_t len)
{
    enum event_kind  kind;

    kind = event_kind_find(name, len);

    return kind != EVENT_KINDS ? EVENT_BIT(kind) : 0;
}


/* the bits of a list of names, 0 when it is empty or has an unknown one */

static unsigned
webhook_list_mask(const char *text,
    unsigned (*bit)(const char *name, size_t len))
{
    size_t       len;
    unsigned     mask, one;
    const char  *p;

    mask = 0;

    for (p = text; *p != '\0'; p += len) {
        len = strcspn(p, ", \t");

        if (len == 0) {
            len = 1;
            continue;
        }

        one = bit(p, len);

        if (one == 0) {
            return 0;
        }

        mask |= one;
    }

    return mask;
}


static bool
webhook_check(const struct webhook_sections *sections, const char *path)
{
    const struct webhook_section  *section;

    for (section = sections->first; section != NULL; section = section->next) {
        if (!webhook_check_section(sections, path, section)) {
            return false;
        }
    }

    return true;
}


static bool
webhook_check_section(const struct webhook_sections *sections,
    const char *path, const struct webhook_section *section)
{
    const char              *wrong;
    struct ini_place         place;
    struct webhook_settings  settings;

    settings = webhook_sections_find(sections, section->id);
    wrong = NULL;

    if (settings.app_secret == NULL
        && (settings.url != NULL || settings.previous_app_secret != NULL))
    {
        wrong = "has no app_secret, which signs what is delivered";

    } else if ((settings.certificate == NULL) != (settings.key == NULL)) {
        wrong = "must have both a certificate and a key, or none of them";

    } else if (settings.key != NULL
               && !webhook_pem_pair(settings.certificate, settings.key))
    {
        wrong = "has a key that can't be read, or is not the certificate's";
    }

    place.path = path;
    place.line = section->line;

    return wrong == NULL
           || ini_fail(&place, stderr, "section [session %s] %s", section->id,
                       wrong);
}


static const char *
webhook_choose(const struct webhook_section *own,
    const struct webhook_section *all, enum webhook_value value)
{
    if (own != NULL && own->values[value] != NULL) {
        return own->values[value];
    }

    return all != NULL ? all->values[value] : NULL;
}


/* writes an error about a name; returns NULL */

static void *
webhook_fail(const struct webhook_reader *reader, const char *name,
    const char *must)
{
    (void) ini_fail(reader->place, stderr, "%s %s", name, must);

    return NULL;
}
