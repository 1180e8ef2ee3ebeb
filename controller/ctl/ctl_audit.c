/*
 * The command that looks for values on this host.  The search is a program of
 * its own, in Perl, which make audit uses too.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl_commands.h"


#ifndef PREFIX
#define PREFIX  "/usr/local"
#endif

#define CTL_AUDIT  PREFIX "/share/whatsapp-controller/audit/host"

/* the program, a pair of the controller's file, and NULL */

#define CTL_AUDIT_WORDS  4


/* the values come by standard input, which the program reads */

enum ctl_exit
ctl_audit(struct ctl *ctl)
{
    char    **argv;
    size_t    i, n;

    argv = calloc(CTL_AUDIT_WORDS + 2 * ctl->args_n, sizeof(char *));

    if (argv == NULL) {
        return ctl_fail_memory(ctl);
    }

    n = 0;
    argv[n++] = (char *) CTL_AUDIT;

    if (ctl->controller_config != NULL) {
        argv[n++] = (char *) "--controller-config";
        argv[n++] = (char *) ctl->controller_config;
    }

    for (i = 0; i < ctl->args_n; i++) {
        argv[n++] = (char *) "--add";
        argv[n++] = ctl->args[i];
    }

    (void) execv(argv[0], argv);

    free(argv);

    return ctl_fail(ctl, CTL_REFUSED, "not_installed",
                    "can't run " CTL_AUDIT ": %s; make install puts it "
                    "there, and it needs perl", strerror(errno));
}
