/*
 * The commands that change the file of whatsapp_tokens.
 *
 * The file holds digests only: the token itself is printed once, when it is
 * made, and is nowhere afterwards.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/base64url.h"
#include "ctl/ctl_commands.h"
#include "ctl/ctl_text.h"
#include "ctl/token_file.h"
#include "protocol/tokens.h"


#define TOKEN_BYTES       32
#define TOKEN_SHOWN       16    /* digits of a digest that a list shows */
#define TOKEN_PREFIX_MIN  12    /* that stand for a token without a name */
#define TOKEN_CELL_SIZE   512

#define TOKEN_RELOAD      "reload nginx: systemctl reload nginx"


static enum ctl_exit token_check_file(const struct ctl *ctl,
    const char *text, size_t size, bool *taken);
static enum ctl_exit token_check_limits(const struct ctl *ctl);
static bool token_make(char token[TOKEN_TEXT_SIZE],
    char digest[TOKEN_DIGEST_LEN + 1]);
static enum ctl_exit token_append(const struct ctl *ctl,
    const struct token_file *file, const char *token, const char *digest);
static enum ctl_exit token_tell(const struct ctl *ctl, const char *token,
    const char *digest);
static json_t *token_json(const struct token_line *line);
static enum ctl_exit token_print(const struct ctl *ctl, json_t *tokens);
static void token_print_list(struct ctl_table *table, json_t *list);
static bool token_is(const struct token_line *line, const char *name,
    bool by_digest);
static enum ctl_exit token_remove(const struct ctl *ctl,
    const struct token_file *file);


enum ctl_exit
ctl_token_add(struct ctl *ctl)
{
    bool               taken;
    char               token[TOKEN_TEXT_SIZE], digest[TOKEN_DIGEST_LEN + 1];
    enum ctl_exit      status;
    struct token_file  file;

    status = token_check_limits(ctl);

    if (status != CTL_OK) {
        return status;
    }

    if (!token_file_open(&file, ctl->tokens)) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_writable");
    }

    status = token_check_file(ctl, file.text, file.size, &taken);

    if (status == CTL_OK && taken) {
        status = ctl_fail(ctl, CTL_REFUSED, "name_taken", "there is a token "
                          "\"%s\" already; choose another name, or revoke "
                          "that one", ctl->args[0]);
    }

    if (status == CTL_OK) {
        status = token_make(token, digest)
                 ? token_append(ctl, &file, token, digest)
                 : ctl_fail_memory(ctl);

        OPENSSL_cleanse(token, sizeof(token));
    }

    token_file_close(&file);

    return status;
}


enum ctl_exit
ctl_token_list(struct ctl *ctl)
{
    int                 rc;
    bool                taken;
    char               *text;
    size_t              size;
    json_t             *tokens;
    const char         *rest;
    enum ctl_exit       status;
    struct token_line   line;

    text = token_file_read(ctl->tokens, &size);

    if (text == NULL) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_readable");
    }

    status = token_check_file(ctl, text, size, &taken);

    if (status != CTL_OK) {
        free(text);
        return status;
    }

    rc = 0;
    rest = text;
    tokens = json_array();

    while (token_line_next(&rest, text + size, &line)) {
        if (line.kind == TOKEN_LINE_TOKEN) {
            rc |= json_array_append_new(tokens, token_json(&line));
        }
    }

    free(text);

    if (rc != 0) {
        json_decref(tokens);
        return ctl_fail_memory(ctl);
    }

    return token_print(ctl, tokens);
}


enum ctl_exit
ctl_token_revoke(struct ctl *ctl)
{
    bool               taken;
    enum ctl_exit      status;
    struct token_file  file;

    if (!token_file_open(&file, ctl->tokens)) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_writable");
    }

    status = token_check_file(ctl, file.text, file.size, &taken);

    if (status == CTL_OK) {
        status = token_remove(ctl, &file);
    }

    token_file_close(&file);

    return status;
}


/* a file that nginx would refuse is not changed; *taken: the name is there */

static enum ctl_exit
token_check_file(const struct ctl *ctl, const char *text, size_t size,
    bool *taken)
{
    unsigned           n;
    const char        *rest;
    struct token_line  line;

    *taken = false;
    rest = text;

    for (n = 1; token_line_next(&rest, text + size, &line); n++) {

        /* the line is not quoted, as it may hold a plain token by mistake */

        if (line.kind == TOKEN_LINE_INVALID) {
            return ctl_fail(ctl, CTL_REFUSED, "invalid_file", "line %u of "
                            "\"%s\" is not the hexadecimal SHA-256 digest of "
                            "a token; correct or remove it", n, ctl->tokens);
        }

        if (line.kind == TOKEN_LINE_TOKEN && ctl->args_n != 0
            && token_is(&line, ctl->args[0], false))
        {
            *taken = true;
        }
    }

    return CTL_OK;
}


static enum ctl_exit
token_check_limits(const struct ctl *ctl)
{
    if (!token_name_valid(ctl->args[0])) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_name", "a name has 1 to %d "
                        "letters, digits and _ . @ -", TOKEN_NAME_MAX);
    }

    if (ctl->scope != NULL && !token_scopes_valid(ctl->scope)) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_scope", "--scope must be "
                        "send, read or control, or several with commas "
                        "between, not \"%s\"", ctl->scope);
    }

    if (ctl->session != NULL && !token_sessions_valid(ctl->session)) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_session", "--session must "
                        "be an id of 1 to 15 digits, or several with commas "
                        "between, not \"%s\"", ctl->session);
    }

    return CTL_OK;
}


static bool
token_make(char token[TOKEN_TEXT_SIZE], char digest[TOKEN_DIGEST_LEN + 1])
{
    size_t         i;
    unsigned       n;
    unsigned char  bytes[TOKEN_BYTES], hash[EVP_MAX_MD_SIZE];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return false;
    }

    (void) base64url_encode(bytes, sizeof(bytes), token);

    OPENSSL_cleanse(bytes, sizeof(bytes));

    if (EVP_Digest(token, strlen(token), hash, &n, EVP_sha256(), NULL) != 1) {
        return false;
    }

    for (i = 0; i < TOKEN_DIGEST_LEN / 2; i++) {
        (void) snprintf(digest + 2 * i, 3, "%02x", hash[i]);
    }

    return true;
}


static enum ctl_exit
token_append(const struct ctl *ctl, const struct token_file *file,
    const char *token, const char *digest)
{
    int    len;
    bool   ok;
    char  *text;

    /* a last line without its end must not become part of this one */

    len = asprintf(&text, "%s%s%s%s%s%s%s  # %s\n", file->text,
                   file->size != 0 && file->text[file->size - 1] != '\n'
                   ? "\n" : "",
                   digest,
                   ctl->scope != NULL ? " " WHATSAPP_TOKEN_SCOPE : "",
                   ctl->scope != NULL ? ctl->scope : "",
                   ctl->session != NULL ? " " WHATSAPP_TOKEN_SESSION : "",
                   ctl->session != NULL ? ctl->session : "",
                   ctl->args[0]);

    if (len == -1) {
        return ctl_fail_memory(ctl);
    }

    ok = token_file_replace(file, text, (size_t) len);

    free(text);

    if (!ok) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_writable");
    }

    return token_tell(ctl, token, digest);
}


static enum ctl_exit
token_tell(const struct ctl *ctl, const char *token, const char *digest)
{
    if (ctl->json) {
        return ctl_print(ctl, json_pack("{s:s, s:s, s:s#}", "name",
                                        ctl->args[0], "token", token,
                                        "digest", digest, TOKEN_SHOWN));
    }

    printf("%s\n", token);
    fprintf(stderr, "The token is shown this once. To make it valid, "
            TOKEN_RELOAD "\n");

    return CTL_OK;
}


static json_t *
token_json(const struct token_line *line)
{
    json_t  *name;

    name = line->name_len != 0 ? json_stringn(line->name, line->name_len)
                               : json_null();

    /* a comment in another encoding than UTF-8 is no name */

    return json_pack("{s:o, s:o, s:o, s:s#}",
                     "name", name != NULL ? name : json_null(),
                     "scope", token_line_limit(line, WHATSAPP_TOKEN_SCOPE),
                     "session", token_line_limit(line,
                                                 WHATSAPP_TOKEN_SESSION),
                     "digest", line->digest, TOKEN_SHOWN);
}


static enum ctl_exit
token_print(const struct ctl *ctl, json_t *tokens)
{
    size_t             i;
    json_t            *token;
    struct ctl_table   table;

    if (ctl->json) {
        return ctl_print(ctl, json_pack("{s:o}", "tokens", tokens));
    }

    memset(&table, 0, sizeof(table));

    table.columns = 4;

    ctl_table_add(&table, "NAME");
    ctl_table_add(&table, "SCOPE");
    ctl_table_add(&table, "SESSIONS");
    ctl_table_add(&table, "DIGEST");

    json_array_foreach(tokens, i, token) {
        ctl_table_add(&table,
                      json_string_value(json_object_get(token, "name")));
        token_print_list(&table, json_object_get(token, "scope"));
        token_print_list(&table, json_object_get(token, "session"));
        ctl_table_add(&table,
                      json_string_value(json_object_get(token, "digest")));
    }

    json_decref(tokens);

    return ctl_table_print(&table, stdout) ? CTL_OK : ctl_fail_memory(ctl);
}


static void
token_print_list(struct ctl_table *table, json_t *list)
{
    char     text[TOKEN_CELL_SIZE];
    size_t   i, len;
    json_t  *item;

    if (!json_is_array(list)) {
        ctl_table_add(table, "all");
        return;
    }

    len = 0;
    text[0] = '\0';

    json_array_foreach(list, i, item) {
        if (len < sizeof(text)) {
            len += (size_t) snprintf(text + len, sizeof(text) - len, "%s%s",
                                     i != 0 ? "," : "",
                                     json_string_value(item));
        }
    }

    ctl_table_add(table, text);
}


static bool
token_is(const struct token_line *line, const char *name, bool by_digest)
{
    size_t  len;

    len = strlen(name);

    if (by_digest) {
        return len >= TOKEN_PREFIX_MIN && len <= TOKEN_DIGEST_LEN
               && strncasecmp(line->digest, name, len) == 0;
    }

    return line->name_len == len && len != 0
           && memcmp(line->name, name, len) == 0;
}


/* all tokens of this name go; without one, the digest may be meant */

static enum ctl_exit
token_remove(const struct ctl *ctl, const struct token_file *file)
{
    bool                ok, by_digest;
    char               *text;
    size_t              size, removed;
    const char         *rest;
    struct token_line   line;

    text = malloc(file->size + 1);

    if (text == NULL) {
        return ctl_fail_memory(ctl);
    }

    removed = 0;

    for (by_digest = false; removed == 0; by_digest = true) {
        size = 0;
        rest = file->text;

        while (token_line_next(&rest, file->text + file->size, &line)) {

            if (line.kind == TOKEN_LINE_TOKEN
                && token_is(&line, ctl->args[0], by_digest))
            {
                removed++;
                continue;
            }

            memcpy(text + size, line.start, line.len);
            size += line.len;
        }

        if (by_digest) {
            break;
        }
    }

    ok = removed != 0 && token_file_replace(file, text, size);

    free(text);

    if (removed == 0) {
        return ctl_fail(ctl, CTL_REFUSED, "unknown_token", "there is no "
                        "token \"%s\"; \"whatsapp-ctl token list\" lists the "
                        "tokens", ctl->args[0]);
    }

    if (!ok) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_writable");
    }

    if (ctl->json) {
        return ctl_print(ctl, json_pack("{s:I}", "revoked",
                                        (json_int_t) removed));
    }

    printf("revoked: %zu. To make it so at once, " TOKEN_RELOAD "\n",
           removed);

    return CTL_OK;
}
