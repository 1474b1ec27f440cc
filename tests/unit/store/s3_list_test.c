/* Listings and errors of an S3-compatible store: what is no such thing is refused. */
#include "store/s3_list.h"

#include "scratch.h"

#define LIST(inside)                                                                                         \
    "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" inside     \
    "</ListBucketResult>"
#define OBJECT(key)                                                                                          \
    "<Contents><Key>" key                                                                                    \
    "</Key><LastModified>2026-10-20T16:00:00.000Z</LastModified><Size>3</Size><Owner><ID>x</ID><DisplayName>Key</DisplayName></Owner></Contents>"

static void listings(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        bool sound;
        size_t count;
        const char *last, *next;
    } cases[] = {
        {LIST(""), true, 0, NULL, ""},
        {LIST("<IsTruncated>false</IsTruncated>" OBJECT("a/b")), true, 1, "a/b", ""},
        {LIST(OBJECT("a") OBJECT("b&amp;&#x63;")), true, 2, "b&c", ""},
        {LIST("<Name>Key</Name><Prefix>p</Prefix>" OBJECT(
             "a") "<IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>"),
            true, 1, "a", "t+/="},
        {LIST("<IsTruncated>true</IsTruncated>"), false, 0, NULL, NULL}, /* and where does it go on? */
        {LIST("<NextContinuationToken>t</NextContinuationToken>"), false, 0, NULL, NULL},
        {LIST("<Contents><Key>a</Key></Contents>"), false, 0, NULL, NULL},
        {LIST("<Contents><LastModified>2026-10-20T16:00:00.000Z</LastModified></Contents>"), false, 0, NULL,
            NULL},
        {LIST("<Contents><Key>a</Key><LastModified>yesterday</LastModified></Contents>"), false, 0, NULL,
            NULL},
        {LIST("<Contents><Key>a</Key>"), false, 0, NULL, NULL},
        {"", false, 0, NULL, NULL},
        {"<html><body>It works!</body></html>", false, 0, NULL, NULL},
        {"{\"ListBucketResult\": []}", false, 0, NULL, NULL},
        {"<Error><Code>AccessDenied</Code></Error>", false, 0, NULL, NULL},
        {"<!DOCTYPE a [<!ENTITY x \"xx\">]><ListBucketResult><Prefix>&x;</Prefix></ListBucketResult>", false,
            0, NULL, NULL},
        {"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><ListBucketResult/>", false, 0, NULL, NULL},
        {LIST(
             "<a><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p></p></o></n></m></l></k></j></i></h></g></f></e></d></c></b></a>"),
            false, 0, NULL, NULL},
        {LIST("\xff"), false, 0, NULL, NULL},
        {LIST("") "<x/>", false, 0, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        struct s3_page page;
        struct problem problem = {.kind = PROBLEM_NONE};
        if (s3_list_parse(text_from(cases[i].xml), arena, &page, &problem) != cases[i].sound) {
            fail_msg("%s", cases[i].xml);
        }
        if (!cases[i].sound) {
            assert_int_equal(problem.kind, PROBLEM_UPSTREAM);
            continue;
        }
        assert_int_equal(page.count, cases[i].count);
        assert_true(text_is(page.next, cases[i].next));
        if (page.count > 0) {
            assert_true(text_is(page.objects[page.count - 1].key, cases[i].last));
            assert_true(page.objects[0].changed_at == INT64_C(1792512000000000));
        }
    }
}

static void errors(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *code;
    } cases[] = {
        {"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>x</Message></Error>", "NoSuchKey"},
        {"<Error><Message>x</Message></Error>", ""},
        {"<Error><Code>bad\nline</Code></Error>", ""},
        {"<Error><Code>No</Code>", ""},
        {"", ""},
        {"<html/>", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        assert_true(text_is(s3_error_code(text_from(cases[i].xml), arena), cases[i].code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(listings), cmocka_unit_test(errors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
