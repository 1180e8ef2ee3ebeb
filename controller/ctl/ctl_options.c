/*
 * The table of options.  A setting that no command line gives is taken from
 * the command's own file, and what the controller's file says about its socket
 * from that one.
 */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/ini_file.h"
#include "base/program.h"
#include "base/text.h"
#include "ctl/ctl_options.h"
#include "protocol/abuse.h"


#define CTL_FILE_SIZE  (256 * 1024)

#define CTL_CONFIG             "/etc/whatsapp-ctl.conf"
#define CTL_CONTROLLER_CONFIG  "/etc/whatsapp-controller.conf"
#define CTL_SOCKET             "unix:/run/whatsapp-controller/controller.sock"
#define CTL_TOKENS             "/etc/nginx/whatsapp.tokens"


enum ctl_kind {
    CTL_SETTING = 0,    /* a text, in the file too */
    CTL_TEXT,           /* a text of the command line only */
    CTL_FLAG,
    CTL_HELP,
    CTL_VERSION
};


struct ctl_option {
    const char     *name;
    enum ctl_kind   kind;
    unsigned        offset;      /* of the member of struct ctl */
    unsigned        bit;         /* ctl_option_bit, 0: of all commands */
    const char     *argument;    /* as help shows it */
    const char     *help;
};


#define CTL_AT(member)  (unsigned) offsetof(struct ctl, member)


static const struct ctl_option  ctl_options[] = {

    { "json", CTL_FLAG, CTL_AT(json), 0, NULL,
      "print JSON, errors too" },

    { "socket", CTL_SETTING, CTL_AT(socket), 0, "ADDR",
      "the controller's: unix:PATH, IP:PORT or [IPV6]:PORT (\"listen\" of\n"
      "--controller-config)" },

    { "secret-file", CTL_SETTING, CTL_AT(secret_file), 0, "FILE",
      "secret shared with the controller (\"secret-file\" there)" },

    { "tokens", CTL_SETTING, CTL_AT(tokens), 0, "FILE",
      "the file of whatsapp_tokens (" CTL_TOKENS ")" },

    { "redis", CTL_SETTING, CTL_AT(redis), 0, "ADDR",
      "Redis, as \"redis=\" of whatsapp_abuse_zone" },

    { "redis-user", CTL_SETTING, CTL_AT(redis_user), 0, "NAME",
      "who logs in there" },

    { "redis-password-file", CTL_SETTING, CTL_AT(redis_password_file), 0,
      "FILE", "with which password" },

    { "redis-db", CTL_SETTING, CTL_AT(redis_db), 0, "N",
      "the database, \"db=\" (0)" },

    { "prefix", CTL_SETTING, CTL_AT(prefix), 0, "TEXT",
      "what keys begin with, \"prefix=\" (" WHATSAPP_ABUSE_PREFIX ")" },

    { "ipv6-prefix", CTL_SETTING, CTL_AT(ipv6_prefix), 0, "BITS",
      "that make a client, \"ipv6_prefix=\" ("
      text_of(WHATSAPP_ABUSE_IPV6_PREFIX) ")" },

    { "hash-key-file", CTL_SETTING, CTL_AT(hash_key_file), 0, "FILE",
      "if addresses are digests there, \"hash_key_file=\"" },

    { "nginx", CTL_SETTING, CTL_AT(nginx), 0, "URL",
      "\"forget\": the location of whatsapp_abuse_forget" },

    { "forget", CTL_FLAG, CTL_AT(forget), CTL_FORGET, NULL,
      "\"logout\": delete all that is kept of the session, too" },

    { "yes", CTL_FLAG, CTL_AT(yes), CTL_YES, NULL,
      "\"logout --forget\": do not ask again" },

    { "scope", CTL_TEXT, CTL_AT(scope), CTL_SCOPE, "LIST",
      "\"token add\": send, read or control, with commas between (all)" },

    { "session", CTL_TEXT, CTL_AT(session), CTL_SESSION, "LIST",
      "\"token add\": sessions, with commas between (all)" },

    { "config", CTL_TEXT, CTL_AT(config), 0, "FILE",
      "settings, one \"NAME = VALUE\" a line (" CTL_CONFIG ")" },

    { "controller-config", CTL_SETTING, CTL_AT(controller_config), 0, "FILE",
      "the controller's options (" CTL_CONTROLLER_CONFIG ")" },

    { "help", CTL_HELP, 0, 0, NULL, "print this and exit" },

    { "version", CTL_VERSION, 0, 0, NULL, "print the version and exit" }
};


#define CTL_OPTIONS  (sizeof(ctl_options) / sizeof(ctl_options[0]))


/* a file that is being read */

struct ctl_file {
    struct ctl  *ctl;
    bool         controller;
};


static bool ctl_options_take(struct ctl *ctl, const struct ctl_option *option,
    const char *value);
static const char **ctl_options_text(struct ctl *ctl,
    const struct ctl_option *option);
static enum ctl_exit ctl_options_read(struct ctl *ctl, const char *path,
    bool controller, bool required);
static bool ctl_options_value(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *value);
static bool ctl_options_set(struct ctl *ctl, const char **to,
    const struct ini_place *place, const char *value);


enum ctl_parsed
ctl_options_parse(struct ctl *ctl, int argc, char **argv, unsigned *given)
{
    int                       c, index;
    size_t                    i;
    struct option             names[CTL_OPTIONS + 1];
    const struct ctl_option  *option;

    memset(names, 0, sizeof(names));

    for (i = 0; i < CTL_OPTIONS; i++) {
        names[i].name = ctl_options[i].name;
        names[i].has_arg = ctl_options[i].argument != NULL
                           ? required_argument : no_argument;
    }

    *given = 0;
    opterr = 0;
    optind = 0;

    while ((c = getopt_long(argc, argv, ":", names, &index)) != -1) {

        if (c != 0) {
            fprintf(stderr, "%s: %s \"%s\", see --help\n", program_name,
                    c == ':' ? "no value for" : "unknown option",
                    argv[optind - 1]);
            return CTL_PARSED_INVALID;
        }

        option = &ctl_options[index];

        if (option->kind == CTL_HELP || option->kind == CTL_VERSION) {
            return option->kind == CTL_HELP ? CTL_PARSED_HELP
                                            : CTL_PARSED_VERSION;
        }

        if (!ctl_options_take(ctl, option, optarg)) {
            return CTL_PARSED_INVALID;
        }

        *given |= option->bit;
    }

    ctl->args = argv + optind;
    ctl->args_n = (size_t) (argc - optind);

    return CTL_PARSED_RUN;
}


static bool
ctl_options_take(struct ctl *ctl, const struct ctl_option *option,
    const char *value)
{
    if (option->kind == CTL_FLAG) {
        *(bool *) ((char *) ctl + option->offset) = true;
        return true;
    }

    if (*value == '\0') {
        fprintf(stderr, "%s: --%s is empty\n", program_name, option->name);
        return false;
    }

    *ctl_options_text(ctl, option) = value;

    return true;
}


static const char **
ctl_options_text(struct ctl *ctl, const struct ctl_option *option)
{
    return (const char **) ((char *) ctl + option->offset);
}


enum ctl_exit
ctl_options_load(struct ctl *ctl)
{
    bool           required;
    enum ctl_exit  status;

    required = ctl->config != NULL;

    status = ctl_options_read(ctl, required ? ctl->config : CTL_CONFIG, false,
                              required);

    if (ctl->tokens == NULL) {
        ctl->tokens = CTL_TOKENS;
    }

    if (status != CTL_OK || ctl->socket != NULL) {
        return status;
    }

    required = ctl->controller_config != NULL;

    status = ctl_options_read(ctl, required ? ctl->controller_config
                                            : CTL_CONTROLLER_CONFIG, true,
                              required);

    if (ctl->socket == NULL) {
        ctl->socket = CTL_SOCKET;
    }

    return status;
}


/* only a file that was asked for must be there */

static enum ctl_exit
ctl_options_read(struct ctl *ctl, const char *path, bool controller,
    bool required)
{
    bool             ok;
    char            *text;
    size_t           size;
    struct ctl_file  file;

    if (access(path, R_OK) != 0 && !required) {

        if (errno == ENOENT || errno == ENOTDIR) {
            return CTL_OK;
        }

        return ctl_fail(ctl, CTL_REFUSED, "not_readable", "can't read "
                        "\"%s\": %s; run this as root, or give --%s", path,
                        strerror(errno), controller ? "socket" : "config");
    }

    text = files_read(path, CTL_FILE_SIZE, &size);

    if (text == NULL) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_readable");
    }

    file.ctl = ctl;
    file.controller = controller;

    ok = ini_file_parse(path, text, size, ctl_options_value, &file, stderr);

    free(text);

    return ok ? CTL_OK : ctl_fail_told(ctl, CTL_USAGE, "invalid_settings");
}


static bool
ctl_options_value(void *ctx, const struct ini_place *place,
    const char *section, const char *name, const char *value)
{
    size_t                    i;
    struct ctl_file          *file = ctx;
    const struct ctl_option  *option;

    /* the controller checks its own file; this is what it shares */

    if (file->controller) {
        if (*section != '\0') {
            return true;
        }

        if (strcmp(name, "listen") == 0) {
            return ctl_options_set(file->ctl, &file->ctl->socket, place,
                                   value);
        }

        return strcmp(name, "secret-file") != 0
               || ctl_options_set(file->ctl, &file->ctl->secret_file, place,
                                  value);
    }

    if (*section != '\0') {
        return ini_fail(place, stderr, "there are no sections");
    }

    for (i = 0; i < CTL_OPTIONS; i++) {
        option = &ctl_options[i];

        if (option->kind == CTL_SETTING && strcmp(option->name, name) == 0) {
            return ctl_options_set(file->ctl,
                                   ctl_options_text(file->ctl, option), place,
                                   value);
        }
    }

    return ini_fail(place, stderr, "unknown setting \"%s\"", name);
}


/* what stands in front of it in the order of ctl_options_load stays */

static bool
ctl_options_set(struct ctl *ctl, const char **to,
    const struct ini_place *place, const char *value)
{
    if (*value == '\0') {
        return ini_fail(place, stderr, "the value is empty");
    }

    if (*to != NULL) {
        return true;
    }

    *to = ctl_keep(ctl, value);

    return *to != NULL || ini_fail(place, stderr, "not enough memory");
}


void
ctl_options_print(FILE *out)
{
    int                       width;
    size_t                    i;
    const char               *line, *end;
    const struct ctl_option  *option;

    for (i = 0; i < CTL_OPTIONS; i++) {
        option = &ctl_options[i];

        width = fprintf(out, "  --%s%s%s", option->name,
                        option->argument != NULL ? " " : "",
                        option->argument != NULL ? option->argument : "");

        for (line = option->help; line != NULL; line = *end != '\0' ? end + 1
                                                                    : NULL)
        {
            end = strchrnul(line, '\n');
            fprintf(out, "%*s%.*s\n", width < 28 ? 28 - width : 1, "",
                    (int) (end - line), line);
            width = 0;
        }
    }
}


const char *
ctl_options_name(enum ctl_option_bit bit)
{
    size_t  i;

    for (i = 0; i < CTL_OPTIONS; i++) {
        if (ctl_options[i].bit == bit) {
            return ctl_options[i].name;
        }
    }

    return NULL;
}


void
ctl_options_free(struct ctl *ctl)
{
    struct ctl_text  *text;

    while ((text = ctl->texts) != NULL) {
        ctl->texts = text->next;
        free(text);
    }
}
