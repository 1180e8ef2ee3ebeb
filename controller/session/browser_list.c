/*
 * The list is as large as it may get from the beginning: a browser borrows
 * memory of its entry, which therefore must not move.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/browser_list.h"


#define BROWSER_NAME_SIZE  16


struct browser_entry {
    struct browser  *browser;
    char             name[BROWSER_NAME_SIZE];
    char             tmp_dir[PATH_MAX];
};


struct browser_list {
    struct browser_list_parts   parts;
    struct browser_config       config;
    struct browser_entry       *entries;
    size_t                      n;
    size_t                      per_browser;
};


static struct browser *browser_list_add(struct browser_list *list);


struct browser_list *
browser_list_create(const struct browser_list_parts *parts, size_t max,
    size_t per_browser)
{
    struct browser_list  *list;

    list = calloc(1, sizeof(struct browser_list));

    if (list == NULL) {
        return NULL;
    }

    list->parts = *parts;
    list->config = *parts->config;
    list->per_browser = per_browser;
    list->entries = calloc((max + per_browser - 1) / per_browser,
                           sizeof(struct browser_entry));

    if (list->entries == NULL) {
        free(list);
        return NULL;
    }

    return list;
}


void
browser_list_destroy(struct browser_list *list)
{
    size_t  i;

    if (list == NULL) {
        return;
    }

    for (i = 0; i < list->n; i++) {
        browser_destroy(list->entries[i].browser);
    }

    free(list->entries);
    free(list);
}


struct browser *
browser_list_find(struct browser_list *list, size_t i)
{
    i /= list->per_browser;

    return i < list->n ? list->entries[i].browser : browser_list_add(list);
}


static struct browser *
browser_list_add(struct browser_list *list)
{
    struct browser_entry   *entry;
    struct browser_config   config;

    entry = &list->entries[list->n];

    (void) snprintf(entry->name, sizeof(entry->name), "%zu", list->n + 1);

    if (snprintf(entry->tmp_dir, sizeof(entry->tmp_dir), "%s/browser-%s",
                 list->parts.runtime_dir, entry->name)
        >= (int) sizeof(entry->tmp_dir))
    {
        return NULL;
    }

    config = list->config;
    config.name = entry->name;
    config.tmp_dir = entry->tmp_dir;

    entry->browser = browser_create(list->parts.base, list->parts.log,
                                    &config);

    if (entry->browser != NULL) {
        list->n++;
    }

    return entry->browser;
}


size_t
browser_list_size(const struct browser_list *list)
{
    return list->n;
}


struct browser *
browser_list_get(const struct browser_list *list, size_t i)
{
    return list->entries[i].browser;
}
