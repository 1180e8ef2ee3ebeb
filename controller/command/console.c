/*
 * The errors of a console, masked, each once with its count.
 */

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "command/console.h"


#define CONSOLE_WORD_MAX    40
#define CONSOLE_DIGITS_MAX  4
#define CONSOLE_MIXED_MAX   2     /* digits in a word that has letters */
#define CONSOLE_NAME_MAX    12    /* letters, many of them capitals */
#define CONSOLE_PLACE_SIZE  100

/* the characters of names and places in programs */

#define CONSOLE_LETTERS  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"                         \
                         "abcdefghijklmnopqrstuvwxyz"
#define CONSOLE_NAMES    CONSOLE_LETTERS "0123456789_$.-"


/* words with a capital letter that are no names of people */

static const char *const  console_words[] = {
    "API", "Assignment", "CSP", "Can't", "Cannot", "Class", "Content",
    "Could", "DOM", "Directive", "Error", "Failed", "HTTP", "ID",
    "Invalid", "JSON", "Maximum", "Missing", "Module", "Network", "No",
    "Object", "Policy", "Promise", "Refused", "Requiring", "Script",
    "Security", "Source", "The", "URL", "Uncaught", "Unable", "Unexpected",
    "Unhandled", "Unknown"
};


static void console_note(struct console *console, const char *kind,
    const char *text, const char *place);
static const char *console_called_text(json_t *params);
static void console_place(char *to, size_t size, json_t *trace);
static size_t console_mask_word(char *to, const char *word, size_t length);
static bool console_number(const char *word, size_t length);
static bool console_plain(const char *word, size_t length);
static bool console_named(const char *word, size_t length);
static bool console_known(const char *word, size_t length);
static size_t console_url(const char *word, size_t length);


void
console_add(struct console *console, const char *method, json_t *params)
{
    char         place[CONSOLE_PLACE_SIZE];
    json_t      *entry, *details;
    const char  *level, *text;

    if (strcmp(method, "Runtime.exceptionThrown") == 0) {
        details = json_object_get(params, "exceptionDetails");
        text = json_string_value(json_object_get(
                   json_object_get(details, "exception"), "description"));

        console_place(place, sizeof(place),
                      json_object_get(details, "stackTrace"));
        console_note(console, "exception",
                     text != NULL ? text : json_string_value(
                                        json_object_get(details, "text")),
                     place);

    } else if (strcmp(method, "Runtime.consoleAPICalled") == 0) {
        level = json_string_value(json_object_get(params, "type"));

        if (level == NULL || (strcmp(level, "error") != 0
                              && strcmp(level, "assert") != 0))
        {
            return;
        }

        console_place(place, sizeof(place),
                      json_object_get(params, "stackTrace"));
        console_note(console, "console", console_called_text(params), place);

    } else if (strcmp(method, "Log.entryAdded") == 0) {
        entry = json_object_get(params, "entry");
        level = json_string_value(json_object_get(entry, "level"));
        text = json_string_value(json_object_get(entry, "source"));

        /* the page's own errors are told by the other two events */

        if (level == NULL || strcmp(level, "error") != 0 || text == NULL
            || strcmp(text, "javascript") == 0)
        {
            return;
        }

        console_note(console, "browser",
                     json_string_value(json_object_get(entry, "text")), "");
    }
}


void
console_print(const struct console *console, FILE *out)
{
    size_t  i;

    for (i = 0; i < console->lines_n; i++) {
        fprintf(out, "  %ux %s\n", console->lines[i].times,
                console->lines[i].text);
    }

    if (console->others != 0) {
        fprintf(out, "  and %u more\n", console->others);
    }

    if (console->lines_n == 0) {
        fprintf(out, "  none\n");
    }
}


void
console_mask(char *to, size_t size, const char *from)
{
    char         masked[CONSOLE_WORD_MAX * 2];
    bool         quoted, was_quoted, was_number;
    size_t       i, length, n, next_length, used;
    const char  *end, *next;

    used = 0;
    quoted = false;
    was_number = false;
    end = from + strcspn(from, "\n");
    to[0] = '\0';

    while (from < end) {
        length = strcspn(from, " \t\n");

        if (length == 0) {
            from++;
            continue;
        }

        next = from + length + strspn(from + length, " \t");
        next_length = strcspn(next, " \t\n");

        /* a quoted text may have several words */

        was_quoted = quoted;

        for (i = 0; i < length; i++) {
            quoted ^= from[i] == '"' || from[i] == '`';
            was_quoted |= quoted;
        }

        if (was_quoted) {
            n = used >= 1 && to[used - 1] == '*'
                ? 0 : (size_t) snprintf(masked, sizeof(masked), "*");

        } else if (console_number(from, length)
                   && (was_number || console_number(next, next_length)))
        {
            n = (size_t) snprintf(masked, sizeof(masked), "*");

        } else {
            n = console_mask_word(masked, from, length);
        }

        was_number = console_number(from, length);

        if (used + n + 2 > size) {
            return;
        }

        if (n != 0) {
            used += (size_t) snprintf(to + used, size - used, "%s%s",
                                      used != 0 ? " " : "", masked);
        }

        from += length;
    }
}


static void
console_note(struct console *console, const char *kind, const char *text,
    const char *place)
{
    char    line[CONSOLE_LINE_SIZE], masked[CONSOLE_LINE_SIZE / 2];
    size_t  i;

    console_mask(masked, sizeof(masked), text != NULL ? text : "");

    (void) snprintf(line, sizeof(line), "%s: %s%s%.60s", kind, masked,
                    place[0] != '\0' ? " at " : "", place);

    for (i = 0; i < console->lines_n; i++) {
        if (strcmp(console->lines[i].text, line) == 0) {
            console->lines[i].times++;
            return;
        }
    }

    if (console->lines_n == CONSOLE_LINES) {
        console->others++;
        return;
    }

    memcpy(console->lines[console->lines_n].text, line, sizeof(line));
    console->lines[console->lines_n].times = 1;
    console->lines_n++;
}


/* the first argument; the others are what it is about */

static const char *
console_called_text(json_t *params)
{
    json_t      *argument;
    const char  *text;

    argument = json_array_get(json_object_get(params, "args"), 0);
    text = json_string_value(json_object_get(argument, "value"));

    return text != NULL ? text : json_string_value(
                                     json_object_get(argument, "description"));
}


/* "function (file:line)" of the uppermost call; line counts from 1 */

static void
console_place(char *to, size_t size, json_t *trace)
{
    char         file[48], name[48];
    json_t      *frame;
    const char  *url, *slash;

    frame = json_array_get(json_object_get(trace, "callFrames"), 0);
    url = json_string_value(json_object_get(frame, "url"));

    to[0] = '\0';

    if (url == NULL) {
        return;
    }

    text_copy(name, sizeof(name),
              json_string_value(json_object_get(frame, "functionName")),
              CONSOLE_NAMES);

    slash = strrchr(url, '/');
    url = slash != NULL ? slash + 1 : url;

    (void) snprintf(file, sizeof(file), "%.*s",
                    (int) strcspn(url, "?#"), url);

    if (!console_plain(file, strlen(file))) {
        (void) snprintf(file, sizeof(file), "*");
    }

    (void) snprintf(to, size, "%s (%s:%lld)",
                    name[0] != '\0' ? name : "anonymous", file,
                    (long long) json_integer_value(
                        json_object_get(frame, "lineNumber")) + 1);
}


/* returns the length of the masked word, which is at most twice as long as the
   longest one that is not masked */

static size_t
console_mask_word(char *to, const char *word, size_t length)
{
    size_t  url;

    url = console_url(word, length);

    if (url != 0 && url <= CONSOLE_WORD_MAX && console_plain(word, url)) {
        return (size_t) snprintf(to, CONSOLE_WORD_MAX * 2, "%.*s/*",
                                 (int) url, word);
    }

    /* a "?" within a word is that of an address */

    if (url != 0 || length > CONSOLE_WORD_MAX
        || memchr(word, '?', length - 1) != NULL
        || !console_plain(word, length) || console_named(word, length))
    {
        return (size_t) snprintf(to, CONSOLE_WORD_MAX * 2, "*");
    }

    return (size_t) snprintf(to, CONSOLE_WORD_MAX * 2, "%.*s", (int) length,
                             word);
}


/* digits and no letter: a phone number may be written in several such words */

static bool
console_number(const char *word, size_t length)
{
    size_t  i, digits;

    digits = 0;

    for (i = 0; i < length; i++) {
        if (isalpha((unsigned char) word[i])) {
            return false;
        }

        digits += isdigit((unsigned char) word[i]) != 0;
    }

    return digits != 0;
}


/* ASCII without an "@", without a long number, and no id */

static bool
console_plain(const char *word, size_t length)
{
    size_t  i, digits, letters, capitals;

    digits = 0;
    letters = 0;
    capitals = 0;

    for (i = 0; i < length; i++) {
        if (word[i] <= ' ' || word[i] > '~' || word[i] == '@') {
            return false;
        }

        digits += isdigit((unsigned char) word[i]) != 0;
        letters += isalpha((unsigned char) word[i]) != 0;
        capitals += isupper((unsigned char) word[i]) != 0;
    }

    /* base64 has as many capitals as small letters, names in programs few */

    if (letters > CONSOLE_NAME_MAX && 3 * capitals > letters
        && memchr(word, '_', length) == NULL)
    {
        return false;
    }

    return digits <= (letters != 0 ? CONSOLE_MIXED_MAX : CONSOLE_DIGITS_MAX);
}


/* begins as names do, and has nothing in it that only programs write */

static bool
console_named(const char *word, size_t length)
{
    size_t  i, start, end;

    for (start = 0; start < length; start++) {
        if (isalnum((unsigned char) word[start])) {
            break;
        }
    }

    for (end = length; end > start; end--) {
        if (isalnum((unsigned char) word[end - 1])) {
            break;
        }
    }

    if (start == end || !isupper((unsigned char) word[start])
        || console_known(word + start, end - start))
    {
        return false;
    }

    /* "TypeError", "ERR_FAILED", "Object.assign" */

    for (i = start + 1; i < end; i++) {
        if (word[i] == '_' || word[i] == '.'
            || (isupper((unsigned char) word[i])
                && islower((unsigned char) word[i - 1])))
        {
            return false;
        }
    }

    return true;
}


static bool
console_known(const char *word, size_t length)
{
    size_t  i;

    for (i = 0; i < sizeof(console_words) / sizeof(console_words[0]); i++) {
        if (strlen(console_words[i]) == length
            && memcmp(console_words[i], word, length) == 0)
        {
            return true;
        }
    }

    return false;
}


/* returns the length of scheme and host; 0: this is no URL */

static size_t
console_url(const char *word, size_t length)
{
    const char  *host;

    host = memmem(word, length, "://", 3);

    if (host == NULL) {
        return 0;
    }

    host += 3;

    return (size_t) (host - word)
           + strspn(host, CONSOLE_LETTERS "0123456789.-");
}
