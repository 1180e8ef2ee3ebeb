/*
 * The lines of the file of tokens, as the module reads them.
 */

#include <ctype.h>
#include <string.h>

#include "ctl/token_file.h"
#include "ctl/ctl_text.h"
#include "protocol/tokens.h"


static size_t token_word(const char **p, const char *end,
    const char **word);
static void token_line_name(struct token_line *line, const char *comment,
    const char *last);
static bool token_is_digest(const char *text, size_t len);
static bool token_list(const char *list, bool (*item)(const char *text,
    size_t len));
static bool token_is_scope(const char *text, size_t len);
static bool token_is_session(const char *text, size_t len);


static const char *const  token_scopes[] = {

#define WHATSAPP_SCOPE(NAME, name)  name,
#include "protocol/tokens.h"

};


bool
token_line_next(const char **rest, const char *end, struct token_line *line)
{
    size_t       len;
    const char  *p, *last, *word;

    if (*rest == end) {
        return false;
    }

    memset(line, 0, sizeof(struct token_line));

    p = *rest;
    last = memchr(p, '\n', (size_t) (end - p));

    line->start = p;
    *rest = last != NULL ? last + 1 : end;
    line->len = (size_t) (*rest - p);

    last = last != NULL ? last : end;

    if (last > p && last[-1] == '\r') {
        last--;
    }

    len = token_word(&p, last, &word);

    if (len == 0 || *word == '#') {
        return true;
    }

    line->kind = token_is_digest(word, len) ? TOKEN_LINE_TOKEN
                                            : TOKEN_LINE_INVALID;
    line->digest = word;
    line->limits = p;

    do {
        line->limits_len = (size_t) (p - line->limits);
        len = token_word(&p, last, &word);

    } while (len != 0 && *word != '#');

    if (len != 0) {
        token_line_name(line, word, last);
    }

    return true;
}


/* the comment up to last, without blanks at both ends */

static void
token_line_name(struct token_line *line, const char *comment,
    const char *last)
{
    while (comment < last && (*comment == '#' || *comment == ' '
                              || *comment == '\t'))
    {
        comment++;
    }

    while (last > comment && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    line->name = comment;
    line->name_len = (size_t) (last - comment);
}


/* returns the length of the next word, 0 at the end */

static size_t
token_word(const char **p, const char *end, const char **word)
{
    while (*p < end && (**p == ' ' || **p == '\t')) {
        (*p)++;
    }

    *word = *p;

    while (*p < end && **p != ' ' && **p != '\t') {
        (*p)++;
    }

    return (size_t) (*p - *word);
}


json_t *
token_line_limit(const struct token_line *line, const char *limit)
{
    size_t       len, name_len;
    json_t      *list;
    const char  *p, *end, *word, *comma, *word_end;

    list = NULL;
    name_len = strlen(limit);
    p = line->limits;
    end = p + line->limits_len;

    while ((len = token_word(&p, end, &word)) != 0) {

        if (len < name_len || memcmp(word, limit, name_len) != 0) {
            continue;
        }

        if (list == NULL) {
            list = json_array();
        }

        word_end = word + len;

        for (word += name_len; word < word_end; word = comma + 1) {
            comma = memchr(word, ',', (size_t) (word_end - word));
            comma = comma != NULL ? comma : word_end;

            if (json_array_append_new(list,
                    json_stringn(word, (size_t) (comma - word)))
                != 0)
            {
                json_decref(list);
                return NULL;
            }
        }
    }

    return list != NULL ? list : json_null();
}


bool
token_name_valid(const char *name)
{
    size_t  i;

    for (i = 0; name[i] != '\0'; i++) {
        if (!isalnum((unsigned char) name[i])
            && strchr("_.@-", name[i]) == NULL)
        {
            return false;
        }
    }

    return i >= 1 && i <= TOKEN_NAME_MAX;
}


bool
token_scopes_valid(const char *list)
{
    return token_list(list, token_is_scope);
}


bool
token_sessions_valid(const char *list)
{
    return token_list(list, token_is_session);
}


static bool
token_list(const char *list, bool (*item)(const char *text, size_t len))
{
    size_t  len;

    for ( ;; ) {
        len = strcspn(list, ",");

        if (!item(list, len)) {
            return false;
        }

        if (list[len] == '\0') {
            return true;
        }

        list += len + 1;
    }
}


static bool
token_is_digest(const char *text, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (!isxdigit((unsigned char) text[i])) {
            return false;
        }
    }

    return len == TOKEN_DIGEST_LEN;
}


static bool
token_is_scope(const char *text, size_t len)
{
    size_t  i;

    for (i = 0; i < sizeof(token_scopes) / sizeof(token_scopes[0]); i++) {
        if (strlen(token_scopes[i]) == len
            && memcmp(token_scopes[i], text, len) == 0)
        {
            return true;
        }
    }

    return false;
}


static bool
token_is_session(const char *text, size_t len)
{
    return len >= 1 && len <= CTL_SESSION_LEN
           && strspn(text, "0123456789") >= len;
}
