/*
 * How an end is told: for people on standard error, for programs as JSON on
 * standard output.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/program.h"
#include "ctl/ctl.h"


#define CTL_MESSAGE_SIZE  1024


static enum ctl_exit ctl_print_error(enum ctl_exit status, const char *code,
    const char *message);


enum ctl_exit
ctl_fail(const struct ctl *ctl, enum ctl_exit status, const char *code,
    const char *format, ...)
{
    char     message[CTL_MESSAGE_SIZE];
    va_list  args;

    va_start(args, format);
    (void) vsnprintf(message, sizeof(message), format, args);
    va_end(args);

    if (ctl->json) {
        return ctl_print_error(status, code, message);
    }

    fprintf(stderr, "%s: %s\n", program_name, message);

    return status;
}


enum ctl_exit
ctl_fail_told(const struct ctl *ctl, enum ctl_exit status, const char *code)
{
    char         message[CTL_MESSAGE_SIZE];
    size_t       len;
    const char  *text;

    if (!ctl->json) {
        return status;
    }

    (void) fflush(stderr);

    /* the first line, without the program's name */

    text = ctl->told;
    len = strlen(program_name);

    if (strncmp(text, program_name, len) == 0
        && strncmp(text + len, ": ", 2) == 0)
    {
        text += len + 2;
    }

    (void) snprintf(message, sizeof(message), "%.*s",
                    (int) strcspn(text, "\n"), text);

    return ctl_print_error(status, code, message);
}


bool
ctl_take_errors(struct ctl *ctl)
{
    FILE  *memory;

    if (!ctl->json) {
        return true;
    }

    memory = open_memstream(&ctl->told, &ctl->told_size);

    if (memory == NULL) {
        return false;
    }

    stderr = memory;

    return true;
}


enum ctl_exit
ctl_fail_memory(const struct ctl *ctl)
{
    return ctl_fail(ctl, CTL_REFUSED, "no_memory", "not enough memory");
}


static enum ctl_exit
ctl_print_error(enum ctl_exit status, const char *code, const char *message)
{
    json_t  *object;

    object = json_pack("{s:{s:s, s:s}}", "error", "code", code, "message",
                       message);

    if (object != NULL) {
        (void) json_dumpf(object, stdout, JSON_COMPACT);
        (void) putchar('\n');
        json_decref(object);
    }

    return status;
}


enum ctl_exit
ctl_print(const struct ctl *ctl, json_t *object)
{
    if (object == NULL) {
        return ctl_fail_memory(ctl);
    }

    (void) json_dumpf(object, stdout, JSON_COMPACT);
    (void) putchar('\n');

    /* a program that reads a line at a time waits for it */

    (void) fflush(stdout);

    json_decref(object);

    return CTL_OK;
}


const char *
ctl_keep(struct ctl *ctl, const char *text)
{
    struct ctl_text  *kept;

    kept = malloc(sizeof(struct ctl_text) + strlen(text) + 1);

    if (kept == NULL) {
        return NULL;
    }

    strcpy(kept->text, text);
    kept->next = ctl->texts;
    ctl->texts = kept;

    return kept->text;
}
