/*
 * Events, the names of their kinds, and the words for what they are about.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/event.h"


static const char *const  event_names[EVENT_KINDS] = {

#define WHATSAPP_EVENT_TYPE(NAME, DEFAULT, name)                              \
    [EVENT_##NAME] = (name),
#include "protocol/event_types.h"

};


static const char *const  event_words[] = {

#define EVENT_WORD_NAME(name)  #name,

    EVENT_WORDS(EVENT_WORD_NAME)
};

#define EVENT_WORD_COUNT  (sizeof(event_words) / sizeof(event_words[0]))


struct account_event *
event_create(enum event_kind kind, char *body, size_t size)
{
    struct account_event  *event;

    event = calloc(1, sizeof(struct account_event));

    if (event == NULL) {
        free(body);
        return NULL;
    }

    event->refs = 1;
    event->kind = kind;
    event->arrived = clock_ms();
    event->body = body;
    event->size = size;

    return event;
}


struct account_event *
event_hold(struct account_event *event)
{
    event->refs++;

    return event;
}


void
event_release(struct account_event *event)
{
    if (event == NULL || --event->refs != 0) {
        return;
    }

    free(event->body);
    free(event);
}


const char *
event_kind_name(enum event_kind kind)
{
    return event_names[kind];
}


enum event_kind
event_kind_find(const char *name, size_t len)
{
    unsigned  kind;

    for (kind = 0; kind < EVENT_KINDS; kind++) {
        if (strlen(event_names[kind]) == len
            && memcmp(event_names[kind], name, len) == 0)
        {
            break;
        }
    }

    return (enum event_kind) kind;
}


unsigned
event_word_find(const char *word, size_t len)
{
    unsigned  i;

    for (i = 0; i < EVENT_WORD_COUNT; i++) {
        if (strlen(event_words[i]) == len
            && memcmp(event_words[i], word, len) == 0)
        {
            return 1u << i;
        }
    }

    return 0;
}
