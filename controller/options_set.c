/*
 * How the value of an option is read.
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options_private.h"
#include "session/session.h"


static bool options_set_number(struct options *options,
    const struct options_row *row, const char *value, FILE *err);
static bool options_set_other(struct options *options,
    const struct options_row *row, const char *value, FILE *err);
static bool options_allow_net(struct address_guard *nets,
    const struct options_row *row, const char *value, FILE *err);
static bool options_set_mode(struct options *options, enum options_mode mode,
    FILE *err);


bool
options_set(struct options *options, const struct options_row *row,
    const char *value, FILE *err)
{
    /* --help and --version, the others without an argument, end the parsing */

    if (value == NULL && row->offset == OPTIONS_CHECK) {
        options->check = true;
        return true;
    }

    if (value == NULL) {
        return options_set_mode(options, OPTIONS_PROBE, err);
    }

    if (*value == '\0') {
        fprintf(err, "whatsapp-controller: --%s is empty\n", row->name);
        return false;
    }

    switch (row->kind) {

    case OPTIONS_TEXT:
        *(const char **) ((char *) options + row->offset) = value;
        return true;

    case OPTIONS_NUMBER:
        return options_set_number(options, row, value, err);

    case OPTIONS_OTHER:
        break;
    }

    return options_set_other(options, row, value, err);
}


static bool
options_set_number(struct options *options, const struct options_row *row,
    const char *value, FILE *err)
{
    char           *end;
    unsigned long   number;

    errno = 0;
    number = strtoul(value, &end, 10);

    if (!isdigit((unsigned char) *value) || *end != '\0' || errno != 0
        || number < row->min || number > row->max)
    {
        fprintf(err, "whatsapp-controller: --%s must be a number from %u "
                "to %u, not \"%s\"\n", row->name, row->min, row->max, value);
        return false;
    }

    *(unsigned *) ((char *) options + row->offset) = (unsigned) number;

    return true;
}


static bool
options_set_other(struct options *options, const struct options_row *row,
    const char *value, FILE *err)
{
    switch (row->offset) {

    case OPTIONS_ALLOW_USER:
        if (options->allow_users_n == OPTIONS_USERS_MAX) {
            fprintf(err, "whatsapp-controller: --allow-user may be given "
                    "%d times\n", OPTIONS_USERS_MAX);
            return false;
        }

        options->allow_users[options->allow_users_n++] = value;
        return true;

    case OPTIONS_CONFIG:
        options->config = value;
        return true;

    case OPTIONS_SESSION:
        return options_add_session(options, value, err);

    case OPTIONS_START_LINK:
        return options_set_mode(options, OPTIONS_LINK, err)
               && options_add_session(options, value, err);

    case OPTIONS_SANDBOX:
        if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
            fprintf(err, "whatsapp-controller: --chromium-sandbox is on "
                    "or off, not \"%s\"\n", value);
            return false;
        }

        options->chromium_sandbox = strcmp(value, "on") == 0;
        return true;

    case OPTIONS_MEDIA_NET:
        return options_allow_net(&options->media_nets, row, value, err);

    case OPTIONS_WEBHOOK_NET:
        return options_allow_net(&options->webhook_nets, row, value, err);

    default: /* OPTIONS_LOG_LEVEL */
        if (!log_level_find(value, &options->log_level)) {
            fprintf(err, "whatsapp-controller: --log-level is error, warn, "
                    "notice, info or debug, not \"%s\"\n", value);
            return false;
        }

        return true;
    }
}


static bool
options_allow_net(struct address_guard *nets, const struct options_row *row,
    const char *value, FILE *err)
{
    if (!address_guard_allow(nets, value)) {
        fprintf(err, "whatsapp-controller: --%s must be a network as "
                "10.0.0.0/8 or fd00::/8, not \"%s\", and at most %d times\n",
                row->name, value, ADDRESS_GUARD_NETS);
        return false;
    }

    return true;
}


static bool
options_set_mode(struct options *options, enum options_mode mode, FILE *err)
{
    if (options->mode != OPTIONS_SERVE) {
        fprintf(err, "whatsapp-controller: --probe and --link are given "
                "once, and not both\n");
        return false;
    }

    options->mode = mode;

    return true;
}


bool
options_add_session(struct options *options, const char *id, FILE *err)
{
    size_t  len;

    len = strlen(id);

    if (len > SESSION_ID_LEN || strspn(id, "0123456789") != len) {
        fprintf(err, "whatsapp-controller: a session is named by 1 to %d "
                "digits, not \"%s\"\n", SESSION_ID_LEN, id);
        return false;
    }

    if (options_has_session(options, options->sessions_filed,
                            options->sessions_n, id))
    {
        fprintf(err, "whatsapp-controller: session %s is given twice\n", id);
        return false;
    }

    if (options->sessions_n == OPTIONS_SESSIONS_MAX) {
        fprintf(err, "whatsapp-controller: more than %d sessions\n",
                OPTIONS_SESSIONS_MAX);
        return false;
    }

    options->sessions[options->sessions_n++] = id;

    return true;
}


bool
options_has_session(const struct options *options, size_t from, size_t to,
    const char *id)
{
    size_t  i;

    for (i = from; i < to; i++) {
        if (strcmp(options->sessions[i], id) == 0) {
            return true;
        }
    }

    return false;
}


/*
 * A session of the command line may be in the file too.  --probe and --link
 * concern none that is only there.
 */

void
options_merge_sessions(struct options *options)
{
    size_t       i, n;
    const char  *id;

    n = options->mode == OPTIONS_SERVE ? options->sessions_filed : 0;

    for (i = options->sessions_filed; i < options->sessions_n; i++) {
        id = options->sessions[i];

        if (!options_has_session(options, 0, n, id)) {
            options->sessions[n++] = id;
        }
    }

    options->sessions_n = n;
}
