/*
 * How the command line and the file are read by the table of options.
 */

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "options_file.h"
#include "options_private.h"


static enum options_verdict options_read(struct options *options, int argc,
    char **argv, bool config, FILE *out, FILE *err);
static bool options_read_file(struct options *options, FILE *err);
static bool options_apply(void *ctx, const char *name, const char *value,
    FILE *err);
static bool options_apply_section(void *ctx, const char *id, FILE *err);
static const char *options_keep(struct options *options, const char *value,
    FILE *err);
static void options_names(struct option *names);
static bool options_exact(const struct options_row *row, const char *given);


enum options_verdict
options_parse(struct options *options, int argc, char **argv, FILE *out,
    FILE *err)
{
    enum options_verdict  verdict;

    options_default(options);

    /* the file comes first, wherever its name stands */

    verdict = options_read(options, argc, argv, true, out, err);

    if (verdict == OPTIONS_RUN && options->config != NULL
        && !options_read_file(options, err))
    {
        return OPTIONS_INVALID;
    }

    options->sessions_filed = options->sessions_n;

    if (verdict == OPTIONS_RUN) {
        verdict = options_read(options, argc, argv, false, out, err);
    }

    if (verdict != OPTIONS_RUN) {
        return verdict;
    }

    options_merge_sessions(options);
    options_derive(options);

    return options_check(options, err) ? OPTIONS_RUN : OPTIONS_INVALID;
}


static bool
options_read_file(struct options *options, FILE *err)
{
    struct options_taker  taker;

    taker.set = options_apply;
    taker.session = options_apply_section;
    taker.ctx = options;

    options->config_text = options_file_read(options->config,
                                             &options->config_size, &taker,
                                             err);

    return options->config_text != NULL;
}


/* sets an option of a file */

static bool
options_apply(void *ctx, const char *name, const char *value, FILE *err)
{
    size_t           i;
    const char      *kept;
    struct options  *options = ctx;

    for (i = 0; i < options_rows_n; i++) {
        if (strcmp(options_rows[i].name, name) == 0) {
            break;
        }
    }

    if (i == options_rows_n || options_rows[i].argument == NULL
        || options_is(&options_rows[i], OPTIONS_CONFIG)
        || options_is(&options_rows[i], OPTIONS_START_LINK))
    {
        fprintf(err, "whatsapp-controller: unknown option \"%s\"\n", name);
        return false;
    }

    kept = options_keep(options, value, err);

    return kept != NULL && options_set(options, &options_rows[i], kept, err);
}


/* a session may have several sections, and a line of its own */

static bool
options_apply_section(void *ctx, const char *id, FILE *err)
{
    const char      *kept;
    struct options  *options = ctx;

    if (options_has_session(options, 0, options->sessions_n, id)) {
        return true;
    }

    kept = options_keep(options, id, err);

    return kept != NULL && options_add_session(options, kept, err);
}


/* returns a copy that lives as long as the options; NULL after an error */

static const char *
options_keep(struct options *options, const char *value, FILE *err)
{
    struct options_text  *text;

    text = malloc(sizeof(struct options_text) + strlen(value) + 1);

    if (text == NULL) {
        fprintf(err, "whatsapp-controller: not enough memory\n");
        return NULL;
    }

    strcpy(text->text, value);
    text->next = options->texts;
    options->texts = text;

    return text->text;
}


void
options_free(struct options *options)
{
    struct options_text  *text;

    while ((text = options->texts) != NULL) {
        options->texts = text->next;
        free(text);
    }

    text_wipe(options->config_text);
    options->config_text = NULL;
}


/* reads the command line: only --config of it, or all else */

static enum options_verdict
options_read(struct options *options, int argc, char **argv, bool config,
    FILE *out, FILE *err)
{
    int                        c, index, at;
    struct option              names[OPTIONS_ROWS_MAX];
    const struct options_row  *row;

    options_names(names);

    /* getopt_long starts again when optind is 0 */

    opterr = 0;
    optind = 0;
    index = -1;

    for ( ;; ) {
        at = optind > 0 ? optind : 1;
        c = getopt_long(argc, argv, "+:", names, &index);

        if (c == -1) {
            break;
        }

        if (c != 0) {
            fprintf(err, "whatsapp-controller: %s \"%s\", see --help\n",
                    c == ':' ? "no value for" : "unknown option",
                    argv[optind - 1]);
            return OPTIONS_INVALID;
        }

        row = &options_rows[index];

        if (!options_exact(row, argv[at])) {
            fprintf(err, "whatsapp-controller: unknown option \"%s\", did "
                    "you mean \"--%s\"?\n", argv[at], row->name);
            return OPTIONS_INVALID;
        }

        if (options_is(row, OPTIONS_SHOW_HELP)
            || options_is(row, OPTIONS_SHOW_VERSION))
        {
            options_print(row, out);
            return OPTIONS_HELP;
        }

        if (config == options_is(row, OPTIONS_CONFIG)
            && !options_set(options, row, optarg, err))
        {
            return OPTIONS_INVALID;
        }
    }

    if (optind < argc) {
        fprintf(err, "whatsapp-controller: unexpected argument \"%s\", "
                "see --help\n", argv[optind]);
        return OPTIONS_INVALID;
    }

    return OPTIONS_RUN;
}


/* the table as getopt_long wants it, with an empty row at its end */

static void
options_names(struct option *names)
{
    size_t  i;

    memset(names, 0, (options_rows_n + 1) * sizeof(struct option));

    for (i = 0; i < options_rows_n; i++) {
        names[i].name = options_rows[i].name;
        names[i].has_arg = options_rows[i].argument != NULL
                           ? required_argument : no_argument;
    }
}


/*
 * Whether an argument names the option in full.  getopt_long takes any
 * beginning of a name, of which a later version may have two.
 */

static bool
options_exact(const struct options_row *row, const char *given)
{
    return strcspn(given, "=") == sizeof("--") - 1 + strlen(row->name);
}
