/*
 * The table of sends by key.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "calls/idempotency.h"


enum verdict {
    NEW = 0,
    KNOWN,
    REUSED,
    FULL
};


static int                        sender;
static const char                *session = "1000000001";
static struct idempotency_entry  *entry;

static const uint8_t  secret[KEYED_HASH_SECRET] = "of one installation";


static struct idempotency *
create(uint32_t max, uint64_t ttl_ms)
{
    return idempotency_create(max, ttl_ms, keyed_hash_create_with(secret));
}


/* begins a send as its first or a later call; a new entry gets an owner */

static enum verdict
begin(struct idempotency *table, const char *scope, const char *key,
    const char *body, uint64_t now)
{
    struct error             error;
    struct idempotency_name  name;

    entry = NULL;

    name.session = session;
    name.scope = scope;
    name.key = key;
    name.body = body;
    name.body_size = strlen(body);

    if (!idempotency_begin(table, &name, now, &entry, &error)) {
        assert_null(entry);

        if (error.code == ERROR_KEY_REUSED) {
            return REUSED;
        }

        assert_int_equal(error.code, ERROR_IDEMPOTENCY_FULL);
        return FULL;
    }

    if (entry->state == NEW) {
        idempotency_queue(entry, &sender);
        return NEW;
    }

    return KNOWN;
}


static void
dispatch(struct idempotency_entry *of)
{
    struct wamid  wamid;

    wamid_make(&wamid, of->wamid.id, "15550000002@c.us", "");
    idempotency_dispatch(of, &wamid, "15550000002");
}


static void
test_life_of_a_send(void **state)
{
    struct idempotency        *table;
    struct idempotency_entry  *first;

    (void) state;

    table = create(10, 1000);
    assert_non_null(table);

    assert_int_equal(begin(table, "1", "k", "body", 0), NEW);
    first = entry;
    assert_int_equal(first->state, IDEMPOTENCY_QUEUED);

    /* a repeat finds the running one in every state */

    assert_int_equal(begin(table, "1", "k", "body", 0), KNOWN);
    assert_ptr_equal(entry, first);
    assert_ptr_equal(entry->owner, &sender);

    dispatch(first);
    assert_int_equal(begin(table, "1", "k", "body", 0), KNOWN);
    assert_int_equal(entry->state, IDEMPOTENCY_DISPATCHED);

    idempotency_done(table, first, 100);
    assert_int_equal(begin(table, "1", "k", "body", 100), KNOWN);
    assert_int_equal(entry->state, IDEMPOTENCY_DONE);
    assert_string_equal(entry->wa_id, "15550000002");
    assert_string_equal(entry->wamid.chat, "15550000002@c.us");
    assert_null(entry->owner);

    idempotency_destroy(table);
}


static void
test_key_belongs_to_session_and_body(void **state)
{
    struct idempotency  *table;

    (void) state;

    table = create(10, 1000);

    assert_int_equal(begin(table, "1", "k", "body", 0), NEW);
    assert_int_equal(begin(table, "1", "k", "other", 0), REUSED);
    assert_int_equal(begin(table, "1", "k", "", 0), REUSED);
    assert_int_equal(begin(table, "2", "k", "other", 0), NEW);
    assert_int_equal(begin(table, "1", "l", "body", 0), NEW);

    /* no two pairs of scope and key run into one another */

    assert_int_equal(begin(table, "1k", "", "body", 0), NEW);
    assert_int_equal(begin(table, "", "1k", "body", 0), NEW);
    assert_int_equal(idempotency_count(table), 5);

    idempotency_destroy(table);
}


/* the id of a send's message is the same again in another run */

static void
test_ids(void **state)
{
    int                  i;
    uint8_t              id[WAMID_ID_SIZE];
    struct idempotency  *table;

    (void) state;

    table = create(10, 1000);
    (void) begin(table, "1", "k", "body", 0);
    memcpy(id, entry->wamid.id, sizeof(id));
    idempotency_drop(table, entry);
    (void) begin(table, "1", "k", "body", 0);
    assert_memory_equal(entry->wamid.id, id, sizeof(id));
    idempotency_destroy(table);

    table = create(10, 1000);
    (void) begin(table, "1", "k", "body", 0);
    assert_memory_equal(entry->wamid.id, id, sizeof(id));

    /* all that it is known by has a part in it */

    (void) begin(table, "2", "k", "body", 0);
    assert_memory_not_equal(entry->wamid.id, id, sizeof(id));
    (void) begin(table, "1", "l", "body", 0);
    assert_memory_not_equal(entry->wamid.id, id, sizeof(id));
    (void) begin(table, "", "1k", "body", 0);
    assert_memory_not_equal(entry->wamid.id, id, sizeof(id));

    (void) begin(table, "1", "k", "body", 0);
    idempotency_drop(table, entry);
    (void) begin(table, "1", "k", "other", 0);
    assert_memory_not_equal(entry->wamid.id, id, sizeof(id));
    idempotency_destroy(table);

    /* and there are some more of them, each another one */

    table = create(10, 1000);
    (void) begin(table, "1", "k", "body", 0);

    for (i = 1; i < 16; i++) {
        memcpy(id, entry->wamid.id, sizeof(id));
        assert_true(idempotency_next_id(table, entry));
        assert_memory_not_equal(entry->wamid.id, id, sizeof(id));
    }

    assert_false(idempotency_next_id(table, entry));
    idempotency_drop(table, entry);
    (void) begin(table, "1", "k", "body", 0);
    memcpy(id, entry->wamid.id, sizeof(id));
    idempotency_destroy(table);

    /* of another installation they are others */

    table = idempotency_create(10, 1000, keyed_hash_create());
    (void) begin(table, "1", "k", "body", 0);
    assert_memory_not_equal(entry->wamid.id, id, sizeof(id));
    idempotency_destroy(table);

    assert_null(idempotency_create(10, 1000, NULL));
}


static void
test_not_sent_is_forgotten(void **state)
{
    struct idempotency  *table;

    (void) state;

    table = create(10, 1000);

    assert_int_equal(begin(table, "1", "k", "body", 0), NEW);
    idempotency_drop(table, entry);
    assert_int_equal(idempotency_count(table), 0);

    /* anew, and with another body too */

    assert_int_equal(begin(table, "1", "k", "other", 0), NEW);

    /* also after its bytes could not be written */

    dispatch(entry);
    idempotency_drop(table, entry);
    assert_int_equal(begin(table, "1", "k", "body", 0), NEW);

    idempotency_destroy(table);
}


static void
test_unknown_and_checked(void **state)
{
    int                  owner;
    struct idempotency  *table;

    (void) state;

    table = create(1, 1000);

    (void) begin(table, "1", "k", "body", 0);
    dispatch(entry);
    idempotency_unknown(table, entry, ERROR_DEADLINE, 0);

    assert_int_equal(begin(table, "1", "k", "body", 999), KNOWN);
    assert_int_equal(entry->state, IDEMPOTENCY_UNKNOWN);
    assert_int_equal(entry->error, ERROR_DEADLINE);

    /* while it is checked it can neither be evicted nor expire */

    idempotency_check(table, entry, &owner);
    assert_int_equal(begin(table, "1", "l", "body", 9999), FULL);
    assert_int_equal(begin(table, "1", "k", "body", 9999), KNOWN);
    assert_int_equal(entry->state, IDEMPOTENCY_CHECKING);
    assert_ptr_equal(entry->owner, &owner);

    idempotency_done(table, entry, 9999);
    assert_int_equal(begin(table, "1", "k", "body", 9999), KNOWN);
    assert_int_equal(entry->state, IDEMPOTENCY_DONE);

    idempotency_destroy(table);
}


static void
test_time_to_live(void **state)
{
    struct idempotency  *table;

    (void) state;

    table = create(10, 1000);

    (void) begin(table, "1", "k", "body", 0);
    dispatch(entry);
    idempotency_done(table, entry, 500);

    assert_int_equal(begin(table, "1", "k", "body", 1499), KNOWN);
    assert_int_equal(idempotency_expired(table), 0);
    assert_int_equal(begin(table, "1", "k", "body", 1500), NEW);
    assert_int_equal(idempotency_expired(table), 1);

    /* an unfinished one lives on */

    assert_int_equal(begin(table, "1", "k", "body", 999999), KNOWN);

    idempotency_destroy(table);
}


static void
test_only_finished_ones_make_room(void **state)
{
    struct idempotency        *table;
    struct idempotency_entry  *a, *b, *c;

    (void) state;

    table = create(3, 1000000);

    (void) begin(table, "1", "a", "body", 0);
    a = entry;
    (void) begin(table, "1", "b", "body", 0);
    b = entry;
    (void) begin(table, "1", "c", "body", 0);
    c = entry;

    assert_int_equal(begin(table, "1", "d", "body", 0), FULL);

    /* the one that was finished first goes first */

    dispatch(b);
    idempotency_done(table, b, 1);
    dispatch(a);
    idempotency_done(table, a, 2);

    assert_int_equal(begin(table, "1", "d", "body", 3), NEW);
    assert_int_equal(begin(table, "1", "a", "body", 3), KNOWN);
    assert_int_equal(begin(table, "1", "b", "body", 3), NEW);
    assert_int_equal(begin(table, "1", "c", "body", 3), KNOWN);
    assert_ptr_equal(entry, c);
    assert_int_equal(begin(table, "1", "a", "body", 3), FULL);
    assert_int_equal(idempotency_count(table), 3);

    idempotency_destroy(table);
}


static void
test_unknown_ones_make_no_room(void **state)
{
    struct idempotency  *table;

    (void) state;

    table = create(3, 1000);

    (void) begin(table, "1", "a", "body", 0);
    dispatch(entry);
    idempotency_unknown(table, entry, ERROR_DEADLINE, 0);
    (void) begin(table, "1", "b", "body", 1);
    dispatch(entry);
    idempotency_done(table, entry, 1);
    (void) begin(table, "1", "c", "body", 2);
    dispatch(entry);
    idempotency_unknown(table, entry, ERROR_DEADLINE, 2);

    assert_int_equal(begin(table, "1", "d", "body", 3), NEW);
    assert_int_equal(begin(table, "1", "a", "body", 3), KNOWN);
    assert_int_equal(entry->state, IDEMPOTENCY_UNKNOWN);
    assert_int_equal(begin(table, "1", "b", "body", 3), FULL);

    /* a check that finds it sent lets it go like any other */

    assert_int_equal(begin(table, "1", "c", "body", 4), KNOWN);
    idempotency_check(table, entry, NULL);
    idempotency_done(table, entry, 4);
    assert_int_equal(begin(table, "1", "e", "body", 5), NEW);
    assert_int_equal(begin(table, "1", "f", "body", 5), FULL);

    /* and so does time */

    assert_int_equal(begin(table, "1", "a", "body", 1000), NEW);
    assert_int_equal(idempotency_count(table), 3);

    idempotency_destroy(table);
}


static void
test_many(void **state)
{
    int                  i;
    char                 key[32];
    struct idempotency  *table;

    (void) state;

    table = create(100, 1000000);

    for (i = 0; i < 9999; i++) {
        (void) snprintf(key, sizeof(key), "key-%d", i);
        assert_int_equal(begin(table, "1", key, "body", 0), NEW);

        if (i % 3 == 0) {
            idempotency_drop(table, entry);

        } else {
            dispatch(entry);
            idempotency_done(table, entry, (uint64_t) i);
        }
    }

    assert_int_equal(idempotency_count(table), 100);
    assert_int_equal(idempotency_evicted(table), 6666 - 100);
    assert_int_equal(begin(table, "1", "key-9998", "body", 0), KNOWN);
    assert_int_equal(begin(table, "1", "key-9998", "other", 0), REUSED);

    idempotency_destroy(table);
}


/* a session is forgotten: its finished sends, and nobody else's */

static void
test_session_is_forgotten(void **state)
{
    struct idempotency  *table;

    (void) state;

    table = create(10, 1000);

    assert_int_equal(begin(table, "1", "done", "body", 0), NEW);
    dispatch(entry);
    idempotency_done(table, entry, 0);
    assert_int_equal(begin(table, "1", "running", "body", 0), NEW);

    session = "1000000002";
    assert_int_equal(begin(table, "1", "done", "body", 0), NEW);
    dispatch(entry);
    idempotency_unknown(table, entry, ERROR_DEADLINE, 0);

    idempotency_forget(table, "1000000001");

    assert_int_equal(begin(table, "1", "done", "body", 0), KNOWN);
    session = "1000000001";
    assert_int_equal(begin(table, "1", "running", "body", 0), KNOWN);
    assert_int_equal(begin(table, "1", "done", "another", 0), NEW);

    idempotency_destroy(table);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_life_of_a_send),
        cmocka_unit_test(test_key_belongs_to_session_and_body),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_not_sent_is_forgotten),
        cmocka_unit_test(test_unknown_and_checked),
        cmocka_unit_test(test_session_is_forgotten),
        cmocka_unit_test(test_time_to_live),
        cmocka_unit_test(test_only_finished_ones_make_room),
        cmocka_unit_test(test_unknown_ones_make_no_room),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
