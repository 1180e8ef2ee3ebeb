/*
 * The command that shows what the sessions are doing.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl/ctl_commands.h"
#include "ctl/ctl_request.h"
#include "ctl/ctl_text.h"


#define CTL_CELL_SIZE  128


static json_t *ctl_status_find(json_t *sessions, const char *id);
static enum ctl_exit ctl_status_print(const struct ctl *ctl,
    json_t *sessions);
static void ctl_status_row(struct ctl_table *table, json_t *session);
static void ctl_status_number(struct ctl_table *table, json_t *session,
    const char *name);
static void ctl_status_memory(struct ctl_table *table, json_t *session);
static void ctl_status_webhook(struct ctl_table *table, json_t *webhook);


static const char *const  ctl_status_heads[] = {
    "SESSION", "STATE", "SINCE", "NUMBER", "QUEUE", "SENT", "FAILED",
    "MEMORY", "WEBHOOK", "REASON"
};


#define CTL_STATUS_COLUMNS                                                    \
    (sizeof(ctl_status_heads) / sizeof(ctl_status_heads[0]))


enum ctl_exit
ctl_status(struct ctl *ctl)
{
    json_t              *result, *sessions, *one;
    enum ctl_exit        status;
    struct ctl_request   request;

    memset(&request, 0, sizeof(request));

    request.method = "GET";
    request.action = "";

    status = ctl_call(ctl, &request, &result);

    if (status != CTL_OK) {
        return status;
    }

    sessions = json_object_get(result, "sessions");

    if (ctl->args_n != 0) {
        one = ctl_status_find(sessions, ctl->args[0]);

        if (one == NULL) {
            json_decref(result);
            return ctl_fail(ctl, CTL_REFUSED, "unknown_session", "there is "
                            "no session \"%s\"; \"whatsapp-ctl status\" "
                            "lists the sessions", ctl->args[0]);
        }

        (void) json_array_clear(sessions);
        (void) json_array_append_new(sessions, one);
    }

    if (ctl->json) {
        return ctl_print(ctl, result);
    }

    status = ctl_status_print(ctl, sessions);

    json_decref(result);

    return status;
}


/* returns a new reference, or NULL */

static json_t *
ctl_status_find(json_t *sessions, const char *id)
{
    size_t       i;
    json_t      *session;
    const char  *name;

    json_array_foreach(sessions, i, session) {
        name = json_string_value(json_object_get(session, "id"));

        if (name != NULL && strcmp(name, id) == 0) {
            return json_incref(session);
        }
    }

    return NULL;
}


static enum ctl_exit
ctl_status_print(const struct ctl *ctl, json_t *sessions)
{
    size_t            i;
    json_t           *session;
    struct ctl_table  table;

    if (json_array_size(sessions) == 0) {
        printf("there is no session; \"whatsapp-ctl start ID\" makes one\n");
        return CTL_OK;
    }

    memset(&table, 0, sizeof(table));

    table.columns = CTL_STATUS_COLUMNS;

    for (i = 0; i < CTL_STATUS_COLUMNS; i++) {
        ctl_table_add(&table, ctl_status_heads[i]);
    }

    json_array_foreach(sessions, i, session) {
        ctl_status_row(&table, session);
    }

    return ctl_table_print(&table, stdout) ? CTL_OK : ctl_fail_memory(ctl);
}


static void
ctl_status_row(struct ctl_table *table, json_t *session)
{
    char     span[CTL_TIME_SIZE];
    time_t   since;

    since = json_integer_value(json_object_get(session, "since"));

    ctl_table_add(table, json_string_value(json_object_get(session, "id")));
    ctl_table_add(table, json_string_value(json_object_get(session,
                                                           "state")));
    ctl_table_add(table, ctl_text_span(time(NULL) - since, span));
    ctl_table_add(table, json_string_value(json_object_get(session,
                                                           "number")));
    ctl_status_number(table, session, "queue");
    ctl_status_number(table, session, "sends");
    ctl_status_number(table, session, "failures");
    ctl_status_memory(table, session);
    ctl_status_webhook(table, json_object_get(session, "webhook"));
    ctl_table_add(table, json_string_value(json_object_get(session,
                                                           "reason")));
}


static void
ctl_status_number(struct ctl_table *table, json_t *session, const char *name)
{
    char     text[CTL_CELL_SIZE];
    json_t  *number;

    number = json_object_get(session, name);

    (void) snprintf(text, sizeof(text), "%lld",
                    (long long) json_integer_value(number));

    ctl_table_add(table, json_is_integer(number) ? text : NULL);
}


static void
ctl_status_memory(struct ctl_table *table, json_t *session)
{
    char     text[CTL_CELL_SIZE];
    json_t  *memory;

    memory = json_object_get(session, "memory");

    (void) snprintf(text, sizeof(text), "%lldM",
                    (long long) json_integer_value(memory) >> 20);

    ctl_table_add(table, json_is_integer(memory) ? text : NULL);
}


/* "ok 3m 2s ago", or the error that came after the last success */

static void
ctl_status_webhook(struct ctl_table *table, json_t *webhook)
{
    char         text[CTL_CELL_SIZE], span[CTL_TIME_SIZE];
    json_t      *error;
    time_t       success, failure;
    const char  *what;

    if (!json_is_true(json_object_get(webhook, "active"))) {
        ctl_table_add(table, NULL);
        return;
    }

    error = json_object_get(webhook, "last_error");
    what = json_string_value(json_object_get(error, "what"));
    failure = json_integer_value(json_object_get(error, "time"));
    success = json_integer_value(json_object_get(webhook, "last_success"));

    if (failure != 0 && failure >= success) {
        (void) snprintf(text, sizeof(text), "%s %s ago",
                        what != NULL ? what : "failed",
                        ctl_text_span(time(NULL) - failure, span));

    } else if (success != 0) {
        (void) snprintf(text, sizeof(text), "ok %s ago",
                        ctl_text_span(time(NULL) - success, span));

    } else {
        (void) snprintf(text, sizeof(text), "no event yet");
    }

    ctl_table_add(table, text);
}
