#include "base/json.h"
#include "unit.h"

static void parses_strictly(void **state)
{
    (void)state;
    static const struct {
        struct text text;
        bool good;
    } cases[] = {
        {{"{}", 2}, true},
        {{"[]", 2}, true},
        {{" {\"a\":[1,2.5,true,null,\"\\u00e9\"]}\n", 34}, true},
        {{"", 0}, false},
        {{"{", 1}, false},
        {{"1", 1}, false}, /* a document is an object or an array */
        {{"\"a\"", 3}, false},
        {{"null", 4}, false},
        {{"{\"a\":1,\"a\":2}", 13}, false}, /* twice */
        {{"{\"a\":1,\"\\u0061\":2}", 18}, false},
        {{"{\"o\":{\"a\":1,\"a\":2}}", 19}, false},
        {{"{\"a\":1,}", 8}, false},
        {{"{'a':1}", 7}, false},
        {{"{\"a\":01}", 8}, false},
        {{"{\"a\":+1}", 8}, false},
        {{"{\"a\":NaN}", 9}, false},
        {{"{\"a\":1e999}", 11}, false},
        {{"{\"a\":9223372036854775808}", 25}, false},
        {{"{}x", 3}, false},
        {{"{}{}", 4}, false},
        {{"{}\0", 3}, false},
        {{"{\"a\0b\":1}", 9}, false},
        {{"{\"a\":\"b\0\"}", 10}, false},
        {{"{\"a\":\"\\u0000\"}", 14}, false},
        {{"{\"a\\u0000\":1}", 13}, false},
        {{"{\"a\":\"\xff\"}", 9}, false},
        {{"{\"a\":\"\xc0\x80\"}", 10}, false},
        {{"{\"a\":\"\\ud800\"}", 14}, false},
        {{"{\"a\":\"\x01\"}", 9}, false},
        {{"\xef\xbb\xbf{}", 5}, false},
        {{"/**/{}", 6}, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        JSON_CLEANUP value = NULL;
        struct problem problem = {0};
        assert_int_equal(json_parse(cases[i].text, 1000, &value, &problem), cases[i].good);
        assert_int_equal(value != NULL, cases[i].good);
        assert_int_equal(problem.kind, cases[i].good ? PROBLEM_NONE : PROBLEM_SYNTAX);
    }
}

static void has_limits(void **state)
{
    (void)state;
    JSON_CLEANUP value = NULL;
    struct problem problem = {0};
    assert_false(json_parse(TEXT("{\"a\":1}"), 6, &value, &problem));
    assert_int_equal(problem.kind, PROBLEM_TOO_LARGE);
    assert_true(json_parse(TEXT("{\"a\":1}"), 7, &value, NULL));
    for (size_t depth = 31; depth <= 34; depth++) {
        char deep[80];
        memset(deep, '[', depth);
        memset(deep + depth, ']', depth);
        JSON_CLEANUP nested = NULL;
        assert_int_equal(
            json_parse((struct text){deep, 2 * depth}, 80, &nested, NULL), depth <= JSON_DEPTH_MAX);
    }
    /* Brackets within strings do not count, also behind an escaped quote. */
    char wide[200] = "[\"\\\"";
    memset(wide + 4, '[', 100);
    memcpy(wide + 104, "\\\\\"]", 5);
    JSON_CLEANUP text = NULL;
    assert_true(json_parse(text_from(wide), 200, &text, NULL));
}

static void never_quotes_the_input(void **state)
{
    (void)state;
    JSON_CLEANUP value = NULL;
    struct problem problem = {0};
    assert_false(json_parse(TEXT("{\"pin\": 4711secret }"), 100, &value, &problem));
    assert_int_equal(text_find(text_from(problem.detail), TEXT("4711"), 0), SIZE_MAX);
    assert_int_equal(text_find(text_from(problem.detail), TEXT("secret"), 0), SIZE_MAX);
}

static const char members[] =
    "{\"text\":\"Caf\xc3\xa9\\n\",\"esc\":\"\\u001b[2J\",\"csi\":\"\\u009b\",\"empty\":\"\",\"null\":null,"
    "\"int\":42,\"neg\":-42,\"digits\":\"42\",\"bad\":\"4 2\",\"real\":42.0,\"huge\":\"9223372036854775808\","
    "\"true\":true,\"strue\":\"true\",\"sfalse\":\"false\",\"yes\":\"yes\",\"array\":[1,2,3],\"object\":{}}";

static json_t *example(void)
{
    json_t *value = NULL;
    assert_true(json_parse(text_from(members), sizeof members, &value, NULL));
    return value;
}

static void gets_texts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t max;
        const char *text; /* NULL: refused */
        enum word word;
    } cases[] = {
        {"text", 6, "Caf\xc3\xa9\n", WORD_NONE},
        {"text", 5, NULL, WORD_problem_field_long},
        {"esc", 99, NULL, WORD_problem_not_clean},
        {"csi", 99, NULL, WORD_problem_not_clean},
        {"empty", 0, "", WORD_NONE},
        {"null", 9, "", WORD_NONE},
        {"missing", 9, "", WORD_NONE},
        {"int", 9, NULL, WORD_problem_field_type},
        {"array", 9, NULL, WORD_problem_field_type},
        {"object", 9, NULL, WORD_problem_field_type},
    };
    JSON_CLEANUP object = example();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text text = TEXT("untouched");
        struct problem problem = {0};
        assert_int_equal(
            json_get_text(object, cases[i].name, cases[i].max, &text, &problem), cases[i].text != NULL);
        assert_text(text, cases[i].text ? cases[i].text : "untouched");
        assert_int_equal(problem.word, cases[i].word);
        assert_string_equal(problem.field, cases[i].text ? "" : cases[i].name);
    }
}

static void gets_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t min, max;
        bool good;
        int64_t number;
        enum word word;
    } cases[] = {
        {"int", 0, 42, true, 42, WORD_NONE},
        {"int", 0, 41, false, 0, WORD_problem_field_range},
        {"int", 43, 50, false, 0, WORD_problem_field_range},
        {"neg", -42, 0, true, -42, WORD_NONE},
        {"digits", 0, 99, true, 42, WORD_NONE},
        {"bad", 0, 99, false, 0, WORD_problem_field_type},
        {"real", 0, 99, false, 0, WORD_problem_field_type},
        {"huge", 0, INT64_MAX, false, 0, WORD_problem_field_type},
        {"empty", 0, 99, false, 0, WORD_problem_field_type},
        {"true", 0, 99, false, 0, WORD_problem_field_type},
        {"null", 0, 99, true, 7, WORD_NONE},
        {"missing", 0, 1, true, 7, WORD_NONE},
    };
    JSON_CLEANUP object = example();
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t number = 4711;
        struct problem problem = {0};
        bool good = json_get_i64(object, cases[i].name, cases[i].min, cases[i].max, 7, &number, &problem);
        assert_int_equal(good, cases[i].good);
        assert_int_equal(number, good ? cases[i].number : 4711);
        assert_int_equal(problem.word, cases[i].word);
    }
}

static void gets_truths(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool otherwise, good, truth;
    } cases[] = {
        {"true", false, true, true},
        {"strue", false, true, true},
        {"sfalse", true, true, false},
        {"missing", true, true, true},
        {"null", false, true, false},
        {"yes", false, false, false},
        {"int", false, false, false},
        {"empty", false, false, false},
    };
    JSON_CLEANUP object = example();
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool truth = false;
        bool good = json_get_bool(object, cases[i].name, cases[i].otherwise, &truth, NULL);
        assert_int_equal(good, cases[i].good);
        assert_int_equal(truth, cases[i].truth);
    }
}

static void gets_parts(void **state)
{
    (void)state;
    JSON_CLEANUP object = example();
    json_t *part = NULL;
    assert_true(json_get_array(object, "array", 3, &part, NULL));
    assert_int_equal(json_array_size(part), 3);
    struct problem problem = {0};
    assert_false(json_get_array(object, "array", 2, &part, &problem));
    assert_int_equal(problem.word, WORD_problem_field_long);
    assert_non_null(part);
    assert_true(json_get_array(object, "missing", 3, &part, NULL));
    assert_null(part);
    assert_false(json_get_array(object, "object", 3, &part, NULL));
    assert_true(json_get_object(object, "object", &part, NULL));
    assert_non_null(part);
    assert_true(json_get_object(object, "null", &part, NULL));
    assert_null(part);
    assert_false(json_get_object(object, "array", &part, NULL));
    /* Of what is no object, nothing is a member. */
    json_t *array = json_object_get(object, "array");
    struct text text = TEXT("untouched");
    assert_true(json_get_text(array, "text", 9, &text, NULL));
    assert_text(text, "");
}

static void writes(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    JSON_CLEANUP object = json_object();
    json_put_text(object, "z", TEXT("a\"\\\n\x1b</script>\xc3\xa9"));
    json_put_i64(object, "a", INT64_MIN);
    json_put_text(object, "empty", (struct text){NULL, 0});
    json_put_i64(object, "a", -1); /* again: in its place */
    assert_text(json_write(arena, object),
        "{\"z\":\"a\\\"\\\\\\n\\u001B</script>\xc3\xa9\",\"a\":-1,\"empty\":\"\"}");
    assert_text(json_write(arena, json_object_get(object, "a")), "-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_strictly),
        cmocka_unit_test(has_limits),
        cmocka_unit_test(never_quotes_the_input),
        cmocka_unit_test(gets_texts),
        cmocka_unit_test(gets_numbers),
        cmocka_unit_test(gets_truths),
        cmocka_unit_test(gets_parts),
        cmocka_unit_test(writes),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
