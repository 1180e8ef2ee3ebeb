/*
 * The options of whatsapp-ctl and its files of settings.
 */

#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H


#include <stdio.h>

#include "ctl/ctl.h"


enum ctl_parsed {
    CTL_PARSED_RUN = 0,
    CTL_PARSED_HELP,       /* is to be printed */
    CTL_PARSED_VERSION,    /* the same */
    CTL_PARSED_INVALID     /* the error was printed */
};


/*
 * Reads the command line, wherever in it options stand; ctl->args is then what
 * is no option, and *given has a bit for each option of single commands.
 */
enum ctl_parsed ctl_options_parse(struct ctl *ctl, int argc, char **argv,
    unsigned *given);

/*
 * Reads the files of settings; the command line outweighs them.  Returns
 * CTL_OK, or another status after an error was printed.
 */
enum ctl_exit ctl_options_load(struct ctl *ctl);

/* Prints the options. */
void ctl_options_print(FILE *out);

/* Returns the name of an option of single commands. */
const char *ctl_options_name(enum ctl_option_bit bit);

/* Frees what was read from files. */
void ctl_options_free(struct ctl *ctl);


#endif /* CTL_OPTIONS_H */
