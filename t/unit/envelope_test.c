/*
 * The bodies of events, byte for byte.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/group_id.h"
#include "base/wamid.h"
#include "events/envelope.h"
#include "media/message_media_id.h"
#include "sealed.h"


#define GROUP  "120363000000000001@g.us"

#define HEAD(field)                                                           \
    "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":"           \
    "\"1000000001\",\"changes\":[{\"field\":\"" field "\",\"value\":{"        \
    "\"messaging_product\":\"whatsapp\",\"metadata\":{"                       \
    "\"display_phone_number\":\"15550000001\",\"phone_number_id\":"           \
    "\"1000000001\"},"

#define TAIL  "}}]}]}"

#define FROM                                                                  \
    "'from':{'wid':'15550000002@c.us','number':'15550000002',"                \
    "'lid':'2@lid','name':'J\\u00fcrgen'}"

#define CONTACT                                                               \
    "\"contacts\":[{\"profile\":{\"name\":\"J\\u00fcrgen\"},"                 \
    "\"wa_id\":\"15550000002\",\"user_id\":\"2@lid\"}],"


static struct envelope_account  account;


static int
set_up(void **state)
{
    if (sealed_begin(state) != 0) {
        return -1;
    }

    account.session = "1000000001";
    account.number = "15550000001";
    account.seal = seal;

    return 0;
}


/* JSON with ' in place of " */

static json_t *
object(const char *text)
{
    char    *copy, *p;
    json_t  *json;

    copy = strdup(text);
    assert_non_null(copy);

    for (p = copy; *p != '\0'; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }

    json = json_loads(copy, 0, NULL);
    free(copy);
    assert_non_null(json);

    return json;
}


static const char *
wamid(const char *key)
{
    static char  texts[2][WAMID_TEXT_SIZE];
    static int   n;

    n = 1 - n;
    wamid_encode(key, texts[n]);

    return texts[n];
}


static const char *
media(const char *key)
{
    static char  text[SEAL_TEXT_SIZE];

    assert_true(message_media_id_close(seal, "1000000001", key, text));

    return text;
}


static const char *
group(void)
{
    static char  text[GROUP_ID_SIZE];

    assert_true(group_id_close(seal, "1000000001", GROUP, text));

    return text;
}


/* compares a body with expected, and the same event's second body with it */

static void
check(bool made, struct envelope *envelope, const char *format, ...)
{
    char     expected[8192];
    va_list  args;

    va_start(args, format);
    (void) vsnprintf(expected, sizeof(expected), format, args);
    va_end(args);

    assert_true(made);
    assert_string_equal(envelope->body, expected);
    assert_int_equal(envelope->size, strlen(expected));
    free(envelope->body);
}


static void
test_text(void **state)
{
    json_t           *event;
    struct envelope   envelope;

    (void) state;

    event = object("{'kind':'message','id':'false_2@lid_3A01','t':1790000000,"
                   "'chat':'2@lid'," FROM ",'message':{'type':'text','text':"
                   "{'body':'a/b <c> \\u20ac \\ud83d\\ude00\\u007f'}}}");

    check(envelope_message(&envelope, &account, event), &envelope,
          HEAD("messages") CONTACT "\"messages\":[{\"from\":\"15550000002\","
          "\"from_user_id\":\"2@lid\",\"id\":\"%s\",\"timestamp\":"
          "\"1790000000\",\"type\":\"text\",\"text\":{\"body\":"
          "\"a/b <c> \\u20ac \\ud83d\\ude00\\u007f\"}}]" TAIL,
          wamid("false_2@lid_3A01"));

    json_decref(event);
}


static void
test_group_media_and_context(void **state)
{
    json_t           *event;
    struct envelope   envelope;

    static const char  key[] = "false_" GROUP "_3A02_2@lid";

    (void) state;

    event = object("{'kind':'message','id':'false_" GROUP "_3A02_2@lid',"
                   "'t':1790000000,'chat':'" GROUP "','group':'" GROUP "',"
                   FROM ",'message':{'context':{'from':{'number':"
                   "'15550000001','lid':'1@lid'},'id':"
                   "'true_" GROUP "_3EB0AA_1@lid'},'type':'image','image':"
                   "{'media':true,'mime_type':'image/jpeg','sha256':'AA=='}"
                   "}}");

    check(envelope_message(&envelope, &account, event), &envelope,
          HEAD("messages") CONTACT "\"messages\":[{\"from\":\"15550000002\","
          "\"from_user_id\":\"2@lid\",\"id\":\"%s\",\"timestamp\":"
          "\"1790000000\",\"group_id\":\"%s\",\"context\":{\"from\":"
          "\"15550000001\",\"id\":\"%s\"},\"type\":\"image\",\"image\":"
          "{\"id\":\"%s\",\"mime_type\":\"image/jpeg\",\"sha256\":\"AA==\"}}]"
          TAIL, wamid(key), group(), wamid("true_" GROUP "_3EB0AA_1@lid"),
          media(key));

    json_decref(event);
}


static void
test_references(void **state)
{
    size_t            i;
    json_t           *event;
    struct envelope   envelope;

    static const char *const  messages[][2] = {
        { "'type':'reaction','reaction':{'message_id':'true_2@lid_3EB0AA',"
          "'emoji':''}",
          "\"type\":\"reaction\",\"reaction\":{\"message_id\":\"%2$s\","
          "\"emoji\":\"\"}" },
        { "'type':'revoke','revoke':{'original_message_id':"
          "'true_2@lid_3EB0AA'}",
          "\"type\":\"revoke\",\"revoke\":{\"original_message_id\":\"%2$s\"}"
        },
        { "'type':'poll_vote','poll_vote':{'message_id':'true_2@lid_3EB0AA',"
          "'options':['a']}",
          "\"type\":\"poll_vote\",\"poll_vote\":{\"message_id\":\"%2$s\","
          "\"options\":[\"a\"]}" },
        { "'type':'edit','edit':{'original_message_id':'true_2@lid_3EB0AA',"
          "'message':{'type':'image','image':{'media':true,'caption':'b'},"
          "'context':{'id':'true_2@lid_3EB0AA'}}}",
          "\"type\":\"edit\",\"edit\":{\"original_message_id\":\"%2$s\","
          "\"message\":{\"type\":\"image\",\"image\":{\"id\":\"%3$s\","
          "\"caption\":\"b\"},\"context\":{\"id\":\"%2$s\"}}}" },
        { "'type':'text','text':{'body':'a','message_id':'b'},'context':"
          "{'forwarded':true}",
          "\"type\":\"text\",\"text\":{\"body\":\"a\",\"message_id\":\"b\"},"
          "\"context\":{\"forwarded\":true}" },
        { "'type':'location','location':{'latitude':52.5,'longitude':-13}",
          "\"type\":\"location\",\"location\":{\"latitude\":52.5,"
          "\"longitude\":-13}" }
    };

    (void) state;

    for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        char  in[2048], out[2048];

        (void) snprintf(in, sizeof(in), "{'kind':'message','id':"
                        "'false_2@lid_3A03','t':1790000000,'chat':'2@lid',"
                        FROM ",'message':{%s}}", messages[i][0]);

        (void) snprintf(out, sizeof(out), HEAD("messages") CONTACT
                        "\"messages\":[{\"from\":\"15550000002\","
                        "\"from_user_id\":\"2@lid\",\"id\":\"%%1$s\","
                        "\"timestamp\":\"1790000000\",%s}]" TAIL,
                        messages[i][1]);

        event = object(in);
        check(envelope_message(&envelope, &account, event), &envelope, out,
              wamid("false_2@lid_3A03"), wamid("true_2@lid_3EB0AA"),
              media("true_2@lid_3EB0AA"));
        json_decref(event);
    }
}


static void
test_who_is_not_known(void **state)
{
    json_t           *event;
    struct envelope   envelope;

    (void) state;

    event = object("{'kind':'message','id':'false_2@lid_3A04',"
                   "'t':1790000000,'chat':'2@lid','from':{'wid':'2@lid',"
                   "'number':null,'lid':'2@lid','name':null},'message':"
                   "{'type':'text','text':{'body':'a'}}}");

    check(envelope_message(&envelope, &account, event), &envelope,
          HEAD("messages") "\"contacts\":[{\"profile\":{\"name\":\"\"},"
          "\"user_id\":\"2@lid\"}],\"messages\":[{\"from_user_id\":"
          "\"2@lid\",\"id\":\"%s\",\"timestamp\":\"1790000000\",\"type\":"
          "\"text\",\"text\":{\"body\":\"a\"}}]" TAIL,
          wamid("false_2@lid_3A04"));

    json_decref(event);

    event = object("{'kind':'message','id':'false_2@c.us_3A05',"
                   "'t':1790000000,'chat':'2@c.us','from':{'number':'2',"
                   "'name':''},'message':{'type':'text','text':{'body':'a'}}"
                   "}");

    check(envelope_message(&envelope, &account, event), &envelope,
          HEAD("messages") "\"contacts\":[{\"profile\":{\"name\":\"2\"},"
          "\"wa_id\":\"2\"}],\"messages\":[{\"from\":\"2\",\"id\":\"%s\","
          "\"timestamp\":\"1790000000\",\"type\":\"text\",\"text\":{\"body\":"
          "\"a\"}}]" TAIL, wamid("false_2@c.us_3A05"));

    json_decref(event);
}


static void
test_echo(void **state)
{
    json_t           *event;
    struct envelope   envelope;

    (void) state;

    event = object("{'kind':'message','own':true,'id':'true_2@lid_AC01',"
                   "'t':1790000000,'chat':'2@lid','from':{'lid':'1@lid'},"
                   "'to':{'number':'15550000002','lid':'2@lid'},'message':"
                   "{'type':'text','text':{'body':'a'}}}");

    check(envelope_message(&envelope, &account, event), &envelope,
          HEAD("smb_message_echoes") "\"message_echoes\":[{\"from\":"
          "\"15550000001\",\"id\":\"%s\",\"timestamp\":\"1790000000\",\"to\":"
          "\"15550000002\",\"to_user_id\":\"2@lid\",\"type\":\"text\","
          "\"text\":{\"body\":\"a\"}}]" TAIL, wamid("true_2@lid_AC01"));

    json_decref(event);
}


static void
test_statuses(void **state)
{
    json_t           *event;
    struct envelope   envelope;

    (void) state;

    event = object("{'kind':'status','id':'true_2@lid_3EB0AA',"
                   "'t':1790000000,'chat':'2@lid','status':'read',"
                   "'recipient':{'number':'15550000002','lid':'2@lid'}}");

    check(envelope_status(&envelope, &account, event, "o\"1"), &envelope,
          HEAD("messages") "\"statuses\":[{\"id\":\"%s\",\"status\":\"read\","
          "\"timestamp\":\"1790000000\",\"recipient_id\":\"15550000002\","
          "\"recipient_user_id\":\"2@lid\",\"biz_opaque_callback_data\":"
          "\"o\\\"1\"}]" TAIL, wamid("true_2@lid_3EB0AA"));

    json_decref(event);

    event = object("{'kind':'status','id':'true_" GROUP "_3EB0AA_1@lid',"
                   "'t':1790000000,'chat':'" GROUP "','group':'" GROUP "',"
                   "'status':'delivered','recipient':{'number':"
                   "'15550000002','lid':null}}");

    check(envelope_status(&envelope, &account, event, NULL), &envelope,
          HEAD("messages") "\"statuses\":[{\"id\":\"%s\",\"status\":"
          "\"delivered\",\"timestamp\":\"1790000000\",\"recipient_id\":"
          "\"%s\",\"recipient_type\":\"group\",\"recipient_participant_id\":"
          "\"15550000002\"}]" TAIL, wamid("true_" GROUP "_3EB0AA_1@lid"),
          group());

    json_decref(event);
}


static void
test_failed_statuses(void **state)
{
    size_t            i;
    json_t           *event;
    struct envelope   envelope;

    static const struct {
        int          ack;
        int          code;
        const char  *title;
        const char  *details;
    } errors[] = {
        { 463, 131049, "Meta chose not to deliver",
          "WhatsApp lets this account write to nobody new for a while" },
        { 475, 131048, "Spam rate limit hit",
          "This account has written to as many new people as WhatsApp allows "
          "for now" },
        { 421, 131026, "Message undeliverable",
          "WhatsApp refused the message" }
    };

    (void) state;

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        event = object("{'kind':'status','id':'true_2@lid_3EB0AA',"
                       "'t':1790000000,'chat':'2@lid','status':'failed',"
                       "'recipient':{'number':'15550000002'}}");
        assert_int_equal(json_object_set_new(event, "error_code",
                                             json_integer(errors[i].ack)), 0);

        check(envelope_status(&envelope, &account, event, NULL), &envelope,
              HEAD("messages") "\"statuses\":[{\"id\":\"%s\",\"status\":"
              "\"failed\",\"timestamp\":\"1790000000\",\"recipient_id\":"
              "\"15550000002\",\"errors\":[{\"code\":%d,\"title\":\"%s\","
              "\"message\":\"%s\",\"error_data\":{\"details\":\"%s\"},"
              "\"href\":\"https://developers.facebook.com/docs/whatsapp/"
              "cloud-api/support/error-codes/\"}]}]" TAIL,
              wamid("true_2@lid_3EB0AA"), errors[i].code, errors[i].title,
              errors[i].title, errors[i].details);
        json_decref(event);
    }
}


static void
test_call(void **state)
{
    json_t           *event;
    struct envelope   envelope;

    (void) state;

    event = object("{'kind':'call','id':'false_2@lid_C1','t':1790000000,"
                   "'chat':'2@lid'," FROM ",'call':{'event':'connect',"
                   "'direction':'USER_INITIATED','video':false,'id':'x'}}");

    check(envelope_call(&envelope, &account, event), &envelope,
          HEAD("calls") CONTACT "\"calls\":[{\"from\":\"15550000002\","
          "\"from_user_id\":\"2@lid\",\"id\":\"%s\",\"timestamp\":"
          "\"1790000000\",\"to\":\"15550000001\",\"event\":\"connect\","
          "\"direction\":\"USER_INITIATED\",\"video\":false}]" TAIL,
          wamid("false_2@lid_C1"));

    json_decref(event);
}


static const char *
answered(void *ctx, const char *key)
{
    return strcmp(key, "true_2@c.us_3EB0AA") == 0 ? ctx : NULL;
}


static void
test_the_id_that_was_answered(void **state)
{
    json_t                   *event;
    struct envelope           envelope;
    struct envelope_account   other;

    (void) state;

    other = account;
    other.answered = answered;
    other.ctx = "wamid.answered";

    event = object("{'kind':'status','id':'true_2@c.us_3EB0AA',"
                   "'t':1790000000,'chat':'2@c.us','status':'sent',"
                   "'recipient':{'number':'2'}}");

    check(envelope_status(&envelope, &other, event, NULL), &envelope,
          HEAD("messages") "\"statuses\":[{\"id\":\"wamid.answered\","
          "\"status\":\"sent\",\"timestamp\":\"1790000000\","
          "\"recipient_id\":\"2\"}]" TAIL);

    json_decref(event);
}


static void
test_what_is_none(void **state)
{
    size_t            i;
    json_t           *event;
    struct envelope   envelope;

    static const char *const  events[] = {
        "{}",
        "{'id':'false_2@lid_1','t':1}",
        "{'id':'false_2@lid_1','t':0,'message':{'type':'text'}}",
        "{'id':1,'t':1,'message':{'type':'text'}}",
        "{'id':'','t':1,'message':{'type':'text'}}",
        "{'id':'false_2@lid_1','t':1,'message':{'type':1}}",
        "{'id':'false_2@lid_1','t':1,'message':[]}",
        "{'id':'false_2@lid_1','t':1,'message':{'type':'reaction',"
        "'reaction':{'message_id':null}}}",
        "{'id':'false_2@lid_1','t':1,'message':{'type':'text','context':"
        "{'id':7}}}"
    };

    (void) state;

    for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        event = object(events[i]);
        assert_false(envelope_message(&envelope, &account, event));
        assert_false(envelope_status(&envelope, &account, event, NULL));
        json_decref(event);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_group_media_and_context),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_who_is_not_known),
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_failed_statuses),
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_the_id_that_was_answered),
        cmocka_unit_test(test_what_is_none)
    };

    return cmocka_run_group_tests(tests, set_up, sealed_end);
}
