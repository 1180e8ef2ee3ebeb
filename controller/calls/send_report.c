/*
 * The inbox of the session tells what becomes of a message that was sent.  It
 * waits for the answer of the send, and needs to know what the client wants to
 * be told with it.
 */

#include <stdio.h>
#include <string.h>

#include "calls/send_private.h"
#include "events/inbox_list.h"


static struct inbox *send_inbox(const struct send *send);


void
send_report_begin(struct send *send, const char *key)
{
    struct inbox  *inbox;

    inbox = send_inbox(send);

    if (inbox != NULL) {
        (void) snprintf(send->begun, sizeof(send->begun), "%s", key);
        inbox_send_began(inbox, key, send->callback_data);
    }
}


/* the page may have named the message otherwise than it was asked to */

void
send_report_end(struct send *send, const struct idempotency_entry *entry)
{
    char           key[WAMID_KEY_SIZE];
    struct inbox  *inbox;

    inbox = send_inbox(send);

    if (inbox == NULL) {
        return;
    }

    wamid_key(&entry->wamid, key);

    if (send->begun[0] != '\0' && strcmp(send->begun, key) != 0) {
        inbox_send_ended(inbox, send->begun, NULL, true);
    }

    inbox_send_ended(inbox, key, send->callback_data, false);
}


void
send_report_not_sent(struct send *send)
{
    struct inbox  *inbox;

    inbox = send_inbox(send);

    if (inbox != NULL && send->begun[0] != '\0') {
        inbox_send_ended(inbox, send->begun, NULL, true);
    }
}


static struct inbox *
send_inbox(const struct send *send)
{
    return inbox_list_find(send->services->inboxes, send->session);
}
