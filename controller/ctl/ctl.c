/*
 * whatsapp-ctl: the table of commands, and how the command line finds one.
 *
 * A new command is a row here, its function in a file of its concern, a row in
 * docs/ctl.md, which the manual page is made of, and a test in t/ctl.t.  The
 * completion of shells reads --help.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/program.h"
#include "base/rlimits.h"
#include "base/stdio_fds.h"
#include "ctl/ctl_commands.h"
#include "ctl/ctl_options.h"
#include "protocol/version.h"


#define CTL_DESCRIPTORS  1024


static enum ctl_exit ctl_run(struct ctl *ctl, unsigned given);
static const struct ctl_command *ctl_find(const struct ctl *ctl,
    size_t *words);
static bool ctl_check(const struct ctl *ctl,
    const struct ctl_command *command, unsigned given);
static bool ctl_matches(const struct ctl *ctl, const char *name,
    size_t *words);
static void ctl_help(void);


static const struct ctl_command  ctl_commands[] = {

    { "status", "[SESSION]", "what the sessions are doing", 0, 1, 0,
      ctl_status },

    { "start", "SESSION", "start a session; one that is new is made", 1, 1,
      0, ctl_start },

    { "stop", "SESSION", "stop its browser; the login stays", 1, 1, 0,
      ctl_stop },

    { "restart", "SESSION", "restart its browser", 1, 1, 0, ctl_restart },

    { "logout", "SESSION", "log its account out", 1, 1,
      CTL_FORGET | CTL_YES, ctl_logout },

    { "qr", "SESSION", "its QR code, for the phone", 1, 1, 0, ctl_qr },

    { "code", "SESSION NUMBER", "a code to be typed in at the phone", 2, 2,
      0, ctl_code },

    { "link", "SESSION [NUMBER]", "start it, show codes, wait until linked",
      1, 2, 0, ctl_link },

    { "ban list", "", "the addresses that are banned", 0, 0, 0,
      ctl_ban_list },

    { "ban add", "ADDRESS [TIME]", "ban one, for 1h or another time", 1, 2, 0,
      ctl_ban_add },

    { "ban remove", "ADDRESS", "lift a ban", 1, 1, 0, ctl_ban_remove },

    { "forget", "ADDRESS", "erase an address everywhere", 1, 1, 0,
      ctl_forget },

    { "token add", "NAME", "make a token and print it, once", 1, 1,
      CTL_SCOPE | CTL_SESSION, ctl_token_add },

    { "token list", "", "the tokens' names and limits", 0, 0, 0,
      ctl_token_list },

    { "token revoke", "NAME", "remove a token", 1, 1, 0, ctl_token_revoke },

    { "audit", "[PATH ...]", "look for values (standard input) on this host",
      0, 16, 0, ctl_audit }
};


#define CTL_COMMANDS  (sizeof(ctl_commands) / sizeof(ctl_commands[0]))


int
main(int argc, char **argv)
{
    unsigned       given;
    struct ctl     ctl;
    enum ctl_exit  status;

    program_name = "whatsapp-ctl";

    if (!stdio_fds_fill()) {
        return CTL_REFUSED;
    }

    /* no core file with a token in it; a closed terminal ends the program */

    rlimits_set(CTL_DESCRIPTORS);
    (void) signal(SIGHUP, SIG_DFL);

    memset(&ctl, 0, sizeof(ctl));

    switch (ctl_options_parse(&ctl, argc, argv, &given)) {

    case CTL_PARSED_HELP:
        ctl_help();
        return CTL_OK;

    case CTL_PARSED_VERSION:
        printf("whatsapp-ctl " WHATSAPP_VERSION "\n");
        return CTL_OK;

    case CTL_PARSED_INVALID:
        return CTL_USAGE;

    case CTL_PARSED_RUN:
        break;
    }

    status = ctl_run(&ctl, given);

    ctl_options_free(&ctl);

    return (int) status;
}


/* given: the options of single commands */

static enum ctl_exit
ctl_run(struct ctl *ctl, unsigned given)
{
    size_t                     words;
    enum ctl_exit              status;
    const struct ctl_command  *command;

    command = ctl_find(ctl, &words);

    if (command == NULL) {
        return CTL_USAGE;
    }

    ctl->args += words;
    ctl->args_n -= words;

    if (!ctl_check(ctl, command, given)) {
        return CTL_USAGE;
    }

    if (!ctl_take_errors(ctl)) {
        return CTL_REFUSED;
    }

    status = ctl_options_load(ctl);

    return status == CTL_OK ? command->run(ctl) : status;
}


/* *words is the number of words in the command's name */

static const struct ctl_command *
ctl_find(const struct ctl *ctl, size_t *words)
{
    size_t  i;

    if (ctl->args_n == 0) {
        fprintf(stderr, "%s: no command, see --help\n", program_name);
        return NULL;
    }

    for (i = 0; i < CTL_COMMANDS; i++) {
        if (ctl_matches(ctl, ctl_commands[i].name, words)) {
            return &ctl_commands[i];
        }
    }

    fprintf(stderr, "%s: unknown command \"%s%s%s\", see --help\n",
            program_name, ctl->args[0], ctl->args_n > 1 ? " " : "",
            ctl->args_n > 1 ? ctl->args[1] : "");

    return NULL;
}


static bool
ctl_matches(const struct ctl *ctl, const char *name, size_t *words)
{
    size_t  i, len;

    for (i = 0; i < ctl->args_n; i++) {
        len = strcspn(name, " ");

        if (strlen(ctl->args[i]) != len
            || strncmp(ctl->args[i], name, len) != 0)
        {
            return false;
        }

        if (name[len] == '\0') {
            *words = i + 1;
            return true;
        }

        name += len + 1;
    }

    return false;
}


static bool
ctl_check(const struct ctl *ctl, const struct ctl_command *command,
    unsigned given)
{
    unsigned  bit, foreign;

    if (ctl->args_n < command->args_min || ctl->args_n > command->args_max) {
        fprintf(stderr, "usage: %s %s%s%s\n", program_name, command->name,
                *command->arguments != '\0' ? " " : "", command->arguments);
        return false;
    }

    foreign = given & ~command->options;

    if (foreign == 0) {
        return true;
    }

    bit = foreign & -foreign;

    fprintf(stderr, "%s: \"%s\" takes no --%s, see --help\n", program_name,
            command->name, ctl_options_name(bit));

    return false;
}


static void
ctl_help(void)
{
    int                        width;
    size_t                     i;
    const struct ctl_command  *command;

    printf("usage: whatsapp-ctl COMMAND [ARGUMENT ...] [OPTION ...]\n\n"
           "commands:\n");

    for (i = 0; i < CTL_COMMANDS; i++) {
        command = &ctl_commands[i];
        width = printf("  %s %s", command->name, command->arguments);
        printf("%*s%s\n", width < 28 ? 28 - width : 1, "", command->help);
    }

    printf("\noptions:\n");
    ctl_options_print(stdout);
}
