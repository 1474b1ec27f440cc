/* Twilio's JSON: what is read of each answer, what is refused, and what is written. */
#include "../base/unit.h"

#include <stdio.h>

#include "base/json.h"
#include "carriers/twilio_wire.h"

#define KW "KW0123456789abcdef0123456789abcdef"
#define KW2 "KWffffffffffffffffffffffffffffffff"
#define PU "PU0123456789abcdef0123456789abcdef"
#define RD "RD0123456789abcdef0123456789abcdef"
#define AC "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define MEMORY ((size_t)8 * 1024 * 1024)

static void sids_are_told_from_others(void **state)
{
    (void)state;
    static const struct {
        const char *text, *prefix;
        bool is;
    } cases[] = {
        {KW, "KW", true},
        {"KWABCDEFabcdef0123456789abcdef0123", "KW", true},
        {KW, "PU", false},
        {"", "KW", false},
        {"KW", "KW", false},
        {"KW0123456789abcdef0123456789abcde", "KW", false},
        {"KW0123456789abcdef0123456789abcdef0", "KW", false},
        {"KW0123456789abcdef0123456789abcdeg", "KW", false},
        {"kw0123456789abcdef0123456789abcdef", "KW", false},
        {"KW../../../../../../../../../../etc", "KW", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(twilio_is_sid(text_from(cases[i].text), cases[i].prefix), cases[i].is);
}

/* ---- Written ---- */

static json_t *written(struct arena *arena, const struct port_order *order)
{
    json_t *body = NULL;
    struct problem problem = {0};
    assert_true(json_parse(twilio_write_order(arena, TEXT(AC), order), 1 << 20, &body, &problem));
    return body;
}

static const struct text numbers[] = {TEXT("+14155520134"), TEXT("+14155520135")};
static const struct text documents[] = {TEXT(RD)};
static const struct text copies[] = {TEXT("office@harborpine.example")};
static const struct port_order full_order = {
    .customer_name = TEXT("Harbor \"&\" Pine <Realty> LLC \xc3\xa9"),
    .business = true,
    .account_number = TEXT("00942118306"),
    .btn = TEXT("+14155520134"),
    .owner_name = TEXT("Dana Whitfield"),
    .owner_email = TEXT("dana@harborpine.example"),
    .street = TEXT("1180 Fillmore St"),
    .unit = TEXT("Ste 4"),
    .city = TEXT("San Francisco"),
    .state = TEXT("CA"),
    .zip = TEXT("02115"),
    .country = TEXT("US"),
    .pin = TEXT("0042"),
    .wished_date = TEXT("2026-11-30"),
    .numbers = numbers,
    .number_count = 2,
    .documents = documents,
    .document_count = 1,
    .copies_to = copies,
    .copy_count = 1,
};

/* Follows "a.b.0.c" from the body. */
static const json_t *at(const json_t *value, const char *path)
{
    struct text rest = text_from(path), step;
    while (text_next(&rest, '.', &step)) {
        ARENA_CLEANUP arena = arena_new(4096);
        uint64_t index = 0;
        value = text_to_u64(step, 1000, &index) ? json_array_get(value, index)
                                                : json_object_get(value, text_cstr(arena, step));
    }
    return value;
}

static void an_order_is_written_whole(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value;
    } cases[] = {
        {"account_sid", AC},
        {"documents.0", RD},
        {"losing_carrier_information.customer_type", "Business"},
        {"losing_carrier_information.customer_name", "Harbor \"&\" Pine <Realty> LLC \xc3\xa9"},
        {"losing_carrier_information.account_number", "00942118306"},
        {"losing_carrier_information.account_telephone_number", "+14155520134"},
        {"losing_carrier_information.authorized_representative", "Dana Whitfield"},
        {"losing_carrier_information.authorized_representative_email", "dana@harborpine.example"},
        {"losing_carrier_information.address.street", "1180 Fillmore St"},
        {"losing_carrier_information.address.street_2", "Ste 4"},
        {"losing_carrier_information.address.city", "San Francisco"},
        {"losing_carrier_information.address.state", "CA"},
        {"losing_carrier_information.address.zip", "02115"},
        {"losing_carrier_information.address.country", "US"},
        {"phone_numbers.0.phone_number", "+14155520134"},
        {"phone_numbers.0.pin", "0042"}, /* a string: its zeros stay */
        {"phone_numbers.1.phone_number", "+14155520135"},
        {"phone_numbers.1.pin", "0042"},
        {"notification_emails.0", "office@harborpine.example"},
        {"target_port_in_date", "2026-11-30"},
    };
    ARENA_CLEANUP arena = arena_new(MEMORY);
    JSON_CLEANUP body = written(arena, &full_order);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const json_t *value = at(body, cases[i].path);
        if (!json_is_string(value) || strcmp(json_string_value(value), cases[i].value) != 0)
            fail_msg("%s is not %s", cases[i].path, cases[i].value);
    }
    assert_int_equal(json_array_size(at(body, "documents")), 1);
    assert_int_equal(json_array_size(at(body, "phone_numbers")), 2);
    assert_int_equal(json_array_size(at(body, "notification_emails")), 1);
}

/* No empty text, array, object or null anywhere. */
static void assert_nothing_empty(const json_t *value, const char *name)
{
    const char *key;
    const json_t *member;
    size_t i;
    if (json_is_null(value) || (json_is_string(value) && !json_string_length(value)) ||
        (json_is_array(value) && !json_array_size(value)))
        fail_msg("%s is empty", name);
    json_array_foreach(value, i, member) assert_nothing_empty(member, name);
    json_object_foreach((json_t *)(uintptr_t)value, key, member) assert_nothing_empty(member, key);
}

static void what_was_not_given_is_not_written(void **state)
{
    (void)state;
    struct port_order order = full_order;
    order.business = false;
    order.account_number = order.btn = order.unit = order.pin = order.wished_date = TEXT_EMPTY;
    order.copy_count = 0;
    ARENA_CLEANUP arena = arena_new(MEMORY);
    JSON_CLEANUP body = written(arena, &order);
    assert_nothing_empty(body, "the body");
    static const char *const absent[] = {"notification_emails", "target_port_in_date", "phone_numbers.0.pin",
        "losing_carrier_information.account_number", "losing_carrier_information.account_telephone_number",
        "losing_carrier_information.address.street_2"};
    for (size_t i = 0; i < COUNT(absent); i++)
        assert_null(at(body, absent[i]));
    /* What the API asks for, whatever was given. */
    static const char *const required[] = {"account_sid", "documents", "losing_carrier_information",
        "losing_carrier_information.customer_name", "losing_carrier_information.authorized_representative",
        "losing_carrier_information.authorized_representative_email",
        "losing_carrier_information.address.street", "losing_carrier_information.address.city",
        "losing_carrier_information.address.state", "losing_carrier_information.address.zip",
        "losing_carrier_information.address.country", "phone_numbers.0.phone_number"};
    for (size_t i = 0; i < COUNT(required); i++)
        assert_non_null(at(body, required[i]));
    assert_string_equal(
        json_string_value(at(body, "losing_carrier_information.customer_type")), "Individual");
}

static void a_thousand_numbers_fit(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(MEMORY);
    struct text *many = ARENA_ARRAY(arena, struct text, TWILIO_NUMBERS_MAX);
    for (size_t i = 0; i < TWILIO_NUMBERS_MAX; i++)
        many[i] = text_format(arena, "+1415552%04zu", i);
    struct port_order order = full_order;
    order.numbers = many;
    order.number_count = TWILIO_NUMBERS_MAX;
    JSON_CLEANUP body = written(arena, &order);
    assert_int_equal(json_array_size(at(body, "phone_numbers")), TWILIO_NUMBERS_MAX);
    assert_string_equal(json_string_value(at(body, "phone_numbers.999.phone_number")), "+14155520999");
}

/* ---- A port ---- */

static bool read_port(
    struct arena *arena, const char *body, struct carrier_port *ret, struct problem *problem)
{
    return twilio_read_port(arena, text_from(body), ret, problem);
}

static void a_port_is_read(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(MEMORY);
    struct carrier_port port;
    struct problem problem = {0};
    assert_true(read_port(arena,
        "{\"port_in_request_sid\":\"" KW "\",\"port_in_request_status\":\"Action Required\","
        "\"order_cancellation_reason\":\"asked\",\"signature_request_url\":\"https://sign.example/x?a=1\","
        "\"support_ticket_id\":12345678901,\"date_created\":\"2026-10-20T16:00:00Z\",\"documents\":[\"" RD
        "\"],"
        "\"losing_carrier_information\":{\"customer_name\":\"unread\"},\"phone_numbers\":["
        "{\"phone_number\":\"+14155520134\",\"port_in_phone_number_sid\":\"" PU "\","
        "\"port_in_phone_number_status\":\"port_rejected\",\"rejection_reason\":\"INVALID_PIN\","
        "\"rejection_reason_code\":\"12\",\"status_last_time_updated_timestamp\":\"2026-10-21T16:00:00Z\"},"
        "{\"phone_number\":\"+14155520135\",\"port_in_phone_number_sid\":null,\"portable\":false,"
        "\"port_in_phone_number_status\":\"In Review\",\"not_portability_reason\":\"UNSUPPORTED\","
        "\"port_date\":\"2026-10-29T23:30:00Z\"}],\"surprise\":[[{}]]}",
        &port, &problem));
    assert_text(port.ref, KW);
    assert_text(port.status, "Action Required");
    assert_text(port.cancel_reason, "asked");
    assert_text(port.signature_url, "https://sign.example/x?a=1");
    assert_text(port.support_ticket, "12345678901");
    assert_true(port.created_at == INT64_C(1792512000000000));
    assert_int_equal(port.document_count, 1);
    assert_text(port.documents[0], RD);
    assert_int_equal(port.number_count, 2);
    assert_text(port.numbers[0].e164, "+14155520134");
    assert_text(port.numbers[0].ref, PU);
    assert_text(port.numbers[0].status, "port_rejected");
    assert_text(port.numbers[0].rejection, "INVALID_PIN");
    assert_int_equal(port.numbers[0].rejection_code, 12);
    assert_true(port.numbers[0].changed_at == INT64_C(1792512000000000) + CLOCK_DAY);
    assert_false(port.numbers[0].not_portable);
    assert_true(port.numbers[0].port_at == 0);
    assert_text(port.numbers[1].ref, "");
    assert_true(port.numbers[1].not_portable);
    assert_text(port.numbers[1].not_portable_reason, "UNSUPPORTED");
    assert_text(port.numbers[1].port_date, "2026-10-29");
}

/* The examples of Twilio's own specification have null and placeholders in them. */
static void a_port_of_nulls_is_read(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(MEMORY);
    struct carrier_port port;
    struct problem problem = {0};
    assert_true(read_port(arena,
        "{\"port_in_request_sid\":\"" KW
        "\",\"port_in_request_status\":null,\"order_cancellation_reason\":null,"
        "\"signature_request_url\":null,\"support_ticket_id\":null,\"date_created\":null,\"documents\":null,"
        "\"phone_numbers\":null}",
        &port, &problem));
    assert_text(port.status, "");
    assert_text(port.support_ticket, "");
    assert_int_equal(port.number_count, 0);
    assert_int_equal(port.document_count, 0);
    assert_true(port.created_at == 0);
    assert_true(
        read_port(arena, "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":[{}]}", &port, &problem));
    assert_int_equal(port.number_count, 1);
    assert_text(port.numbers[0].e164, "");
}

static const char *const odd_ports[] = {
    "",
    "null",
    "[]",
    "\"" KW "\"",
    "{}",
    "<html><body>502 Bad Gateway</body></html>",
    "{\"port_in_request_sid\":\"" KW "\"",
    "{\"port_in_request_sid\":null}",
    "{\"port_in_request_sid\":7}",
    "{\"port_in_request_sid\":\"KW\"}",
    "{\"port_in_request_sid\":\"" PU "\"}",
    "{\"port_in_request_sid\":\"" KW "\",\"port_in_request_sid\":\"" KW2 "\"}",
    "{\"port_in_request_sid\":\"" KW "\",\"port_in_request_status\":{}}",
    "{\"port_in_request_sid\":\"" KW "\",\"port_in_request_status\":\"\\u0000\"}",
    "{\"port_in_request_sid\":\"" KW "\",\"port_in_request_status\":\"line\\u0007\"}",
    "{\"port_in_request_sid\":\"" KW "\",\"signature_request_url\":[]}",
    "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":{}}",
    "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":[null]}",
    "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":[\"+14155520134\"]}",
    "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":[{\"phone_number\":14155520134}]}",
    "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":[{\"portable\":\"perhaps\"}]}",
    "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":[{\"rejection_reason\":[]}]}",
    "{\"port_in_request_sid\":\"" KW "\",\"documents\":\"" RD "\"}",
    "{\"port_in_request_sid\":\"" KW "\",\"documents\":[null]}",
    "{\"port_in_request_sid\":\"" KW "\",\"documents\":[\"RD../..\"]}",
    "{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":[{\"phone_number\":\"+1\xff\xfe\"}]}",
    "{\"port_in_request_sid\":\"" KW
    "\",\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
};

static void odd_ports_are_refused_untouched(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(odd_ports); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct carrier_port port = {.number_count = 77};
        struct problem problem = {0};
        if (read_port(arena, odd_ports[i], &port, &problem))
            fail_msg("taken: %s", odd_ports[i]);
        assert_int_equal(problem.kind, PROBLEM_LATER);
        assert_int_equal(problem.word, WORD_carrier_answer_odd);
        assert_int_equal(port.number_count, 77);
    }
}

/* "[item,item,...]" of so many items, put in the place of %s. */
static struct text many(struct arena *arena, const char *around, const char *item, size_t count)
{
    BUFFER_CLEANUP list = BUFFER(MEMORY);
    buffer_char(&list, '[');
    for (size_t i = 0; i < count; i++) {
        buffer_string(&list, i ? "," : "");
        buffer_string(&list, item);
    }
    buffer_char(&list, ']');
    struct text front = text_part(text_from(around), 0, strlen(around) - 1);
    return text_format(arena, "%.*s%.*s}", TEXT_ARG(front), TEXT_ARG(buffer_view(&list)));
}

static void long_lists_have_a_limit(void **state)
{
    (void)state;
    static const struct {
        const char *around, *item;
        size_t max;
    } cases[] = {
        {"{\"port_in_request_sid\":\"" KW "\",\"phone_numbers\":}", "{\"phone_number\":\"+14155520134\"}",
            TWILIO_NUMBERS_MAX},
        {"{\"port_in_request_sid\":\"" KW "\",\"documents\":}", "\"" RD "\"", TWILIO_DOCUMENTS_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * MEMORY);
        struct carrier_port port;
        struct problem problem = {0};
        assert_true(twilio_read_port(
            arena, many(arena, cases[i].around, cases[i].item, cases[i].max), &port, &problem));
        assert_int_equal(port.number_count + port.document_count, cases[i].max);
        assert_false(twilio_read_port(
            arena, many(arena, cases[i].around, cases[i].item, cases[i].max + 1), &port, &problem));
    }
    ARENA_CLEANUP arena = arena_new(4 * MEMORY);
    struct problem problem = {0};
    struct carrier_port port;
    char *spaces = ARENA_ARRAY(arena, char, TWILIO_ANSWER_MAX + 1);
    memset(spaces, ' ', TWILIO_ANSWER_MAX + 1);
    memcpy(spaces, "{\"port_in_request_sid\":\"" KW "\"}", sizeof KW + 25);
    assert_true(twilio_read_port(arena, (struct text){spaces, TWILIO_ANSWER_MAX}, &port, &problem));
    assert_false(twilio_read_port(arena, (struct text){spaces, TWILIO_ANSWER_MAX + 1}, &port, &problem));
}

static void a_long_sentence_is_clipped(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(MEMORY);
    char words[2001];
    struct carrier_port port;
    struct problem problem = {0};
    memset(words, 'w', 2000);
    words[2000] = '\0';
    struct text body = text_format(
        arena, "{\"port_in_request_sid\":\"" KW "\",\"order_cancellation_reason\":\"%s\"}", words);
    assert_true(twilio_read_port(arena, body, &port, &problem));
    assert_int_equal(port.cancel_reason.len, 500);
}

/* ---- Portability ---- */

static void every_reason_has_its_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum portability portability;
        int64_t code;
        bool pin;
    } cases[] = {
        {"{\"portable\":true,\"pin_and_account_number_required\":true,\"number_type\":\"MOBILE\"}",
            PORTABILITY_YES, 0, true},
        {"{\"portable\":\"true\",\"not_portable_reason\":null,\"not_portable_reason_code\":null}",
            PORTABILITY_YES, 0, false},
        {"{\"portable\":true,\"not_portable_reason_code\":0}", PORTABILITY_YES, 0, false},
        {"{\"portable\":false,\"not_portable_reason\":\"UNSUPPORTED\",\"not_portable_reason_code\":22130}",
            PORTABILITY_NO, 22130, false},
        {"{\"portable\":false,\"not_portable_reason_code\":\"22131\"}", PORTABILITY_HERE, 22131, false},
        {"{\"portable\":false,\"not_portable_reason_code\":22132}", PORTABILITY_MANUAL, 22132, false},
        {"{\"portable\":false,\"not_portable_reason_code\":22133}", PORTABILITY_MANUAL, 22133, false},
        {"{\"portable\":false,\"not_portable_reason_code\":22135}", PORTABILITY_UNKNOWN, 22135, false},
        {"{\"portable\":false,\"not_portable_reason_code\":22136}", PORTABILITY_HERE, 22136, false},
        {"{\"portable\":false,\"not_portable_reason_code\":22137}", PORTABILITY_HERE, 22137, false},
        {"{\"portable\":false,\"not_portable_reason_code\":22102}", PORTABILITY_UNKNOWN, 22102, false},
        {"{\"portable\":false,\"not_portable_reason_code\":22171}", PORTABILITY_UNKNOWN, 22171, false},
        /* With HTTP 400: the error body. */
        {"{\"code\":22130,\"message\":\"not supported\",\"status\":400}", PORTABILITY_NO, 22130, false},
        {"{\"code\":22133,\"message\":\"by hand\",\"more_info\":\"https://x\",\"status\":400}",
            PORTABILITY_MANUAL, 22133, false},
        {"{\"code\":20001,\"message\":\"bad\",\"status\":400}", PORTABILITY_UNKNOWN, 20001, false},
        /* The word alone. */
        {"{\"portable\":false,\"not_portable_reason\":\"UNSUPPORTED\"}", PORTABILITY_NO, 0, false},
        {"{\"portable\":false,\"not_portable_reason\":\"ALREADY_IN_TWILIO_DIFFERENT_OWNER\"}",
            PORTABILITY_MANUAL, 0, false},
        {"{\"portable\":false,\"not_portable_reason\":\"NEW_WORD\"}", PORTABILITY_UNKNOWN, 0, false},
        {"{\"portable\":null}", PORTABILITY_UNKNOWN, 0, false},
        {"{}", PORTABILITY_UNKNOWN, 0, false},
        {"{\"portable\":false,\"not_portable_reason_code\":-5}", PORTABILITY_UNKNOWN, 0, false},
        {"{\"portable\":false,\"not_portable_reason_code\":[22130]}", PORTABILITY_UNKNOWN, 0, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct portability_answer answer;
        struct problem problem = {0};
        if (!twilio_read_portability(arena, text_from(cases[i].body), &answer, &problem) ||
            answer.portability != cases[i].portability || answer.reason_code != cases[i].code ||
            answer.pin_needed != cases[i].pin)
            fail_msg("%s", cases[i].body);
    }
}

static void odd_portability_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "true", "[]", "{\"portable\":1}", "{\"portable\":\"yes\"}",
        "{\"portable\":true,\"number_type\":4}", "{\"portable\":true,\"not_portable_reason\":{}}",
        "{\"pin_and_account_number_required\":[]}"};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct portability_answer answer;
        struct problem problem = {0};
        assert_false(twilio_read_portability(arena, text_from(cases[i]), &answer, &problem));
        assert_int_equal(problem.kind, PROBLEM_LATER);
    }
}

/* ---- Documents, lists, errors, webhooks ---- */

static void documents_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum problem_kind kind; /* PROBLEM_NONE: taken */
    } cases[] = {
        {"{\"sid\":\"" RD "\",\"mime_type\":\"application/pdf\",\"status\":\"DRAFT\"}", PROBLEM_NONE},
        {"{\"sid\":\"" RD "\",\"mime_type\":\"\"}", PROBLEM_LATER}, /* nothing arrived */
        {"{\"sid\":\"" RD "\",\"mime_type\":null}", PROBLEM_LATER},
        {"{\"sid\":\"" RD "\"}", PROBLEM_LATER},
        {"{\"sid\":\"" KW "\",\"mime_type\":\"application/pdf\"}", PROBLEM_LATER},
        {"{\"mime_type\":\"application/pdf\"}", PROBLEM_LATER},
        {"{\"sid\":12,\"mime_type\":\"application/pdf\"}", PROBLEM_LATER},
        {"{\"sid\":\"" RD "\",\"mime_type\":4}", PROBLEM_LATER},
        {"[]", PROBLEM_LATER},
        {"", PROBLEM_LATER},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct text ref = TEXT("untouched");
        struct problem problem = {0};
        bool taken = twilio_read_document(arena, text_from(cases[i].body), &ref, &problem);
        assert_int_equal(problem.kind, cases[i].kind);
        assert_int_equal(taken, cases[i].kind == PROBLEM_NONE);
        assert_text(ref, taken ? RD : "untouched");
    }
}

static void pages_of_ports_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        bool taken;
        size_t count;
        const char *next;
    } cases[] = {
        {"{\"port_in_requests\":[{\"port_in_request_sid\":\"" KW "\"},{\"port_in_request_sid\":\"" KW2
         "\",\"suggested_action\":null}],\"meta\":{\"next_token\":\"PT/1+2=\",\"previous_token\":null}}",
            true, 2, "PT/1+2="},
        {"{\"port_in_requests\":[],\"meta\":{\"next_token\":null}}", true, 0, ""},
        {"{\"port_in_requests\":[],\"meta\":{}}", true, 0, ""},
        {"{\"port_in_requests\":null,\"meta\":{\"next_token\":null}}", false, 0, ""},
        {"{\"port_in_requests\":[]}", false, 0, ""},
        {"{}", false, 0, ""},
        {"{\"port_in_requests\":{}}", false, 0, ""},
        {"{\"port_in_requests\":[null]}", false, 0, ""},
        {"{\"port_in_requests\":[{}]}", false, 0, ""},
        {"{\"port_in_requests\":[{\"port_in_request_sid\":\"" PU "\"}]}", false, 0, ""},
        {"{\"port_in_requests\":[],\"meta\":[]}", false, 0, ""},
        {"{\"port_in_requests\":[],\"meta\":{\"next_token\":5}}", false, 0, ""},
        {"", false, 0, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct carrier_list list = {.next = TEXT_EMPTY};
        struct problem problem = {0};
        bool taken = twilio_read_list(arena, text_from(cases[i].body), &list, &problem);
        assert_int_equal(taken, cases[i].taken);
        assert_int_equal(problem.kind, taken ? PROBLEM_NONE : PROBLEM_LATER);
        assert_int_equal(list.count, cases[i].count);
        assert_text(list.next, cases[i].next);
        if (list.count == 2)
            assert_text(list.items[1].ref, KW2);
    }
    ARENA_CLEANUP arena = arena_new(MEMORY);
    struct carrier_list list;
    struct text page = many(arena, "{\"port_in_requests\":}", "{\"port_in_request_sid\":\"" KW "\"}", 101);
    assert_false(twilio_read_list(arena, page, &list, NULL));
}

static void errors_are_read_as_far_as_they_go(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int64_t code;
        const char *message;
    } cases[] = {
        {"{\"code\":22172,\"message\":\"one country\",\"more_info\":\"https://x\",\"status\":400}", 22172,
            "one country"},
        {"{\"code\":\"20003\",\"message\":null}", 20003, ""},
        {"{\"code\":{},\"message\":\"m\"}", 0, "m"},
        {"{\"code\":5,\"message\":[]}", 5, ""},
        {"<html>503</html>", 0, ""},
        {"", 0, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct text message = TEXT("other");
        assert_true(twilio_read_error(arena, text_from(cases[i].body), &message) == cases[i].code);
        assert_text(message, cases[i].message);
    }
}

static void webhooks_name_their_port(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        bool taken;
    } cases[] = {
        {"{\"port_in_request_sid\":\"" KW "\",\"status\":\"Completed\",\"portable\":\"true\"}", true},
        {"{\"port_in_request_sid\":\"" KW "\",\"phone_number\":null,\"port_in_phone_number_sid\":null}",
            true},
        {"{\"port_in_request_sid\":null}", false},
        {"{\"port_in_request_sid\":[\"" KW "\"]}", false},
        {"{\"port_in_request_sid\":\"" KW "/PhoneNumber/\"}", false},
        {"{\"PortInRequestSid\":\"" KW "\"}", false},
        {"port_in_request_sid=" KW, false},
        {"[]", false},
        {"{", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(MEMORY);
        struct text ref = TEXT("untouched");
        struct problem problem = {0};
        assert_int_equal(
            twilio_read_webhook(text_from(cases[i].body), arena, &ref, &problem), cases[i].taken);
        assert_int_equal(problem.kind, cases[i].taken ? PROBLEM_NONE : PROBLEM_SYNTAX);
        assert_text(ref, cases[i].taken ? KW : "untouched");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sids_are_told_from_others),
        cmocka_unit_test(an_order_is_written_whole),
        cmocka_unit_test(what_was_not_given_is_not_written),
        cmocka_unit_test(a_thousand_numbers_fit),
        cmocka_unit_test(a_port_is_read),
        cmocka_unit_test(a_port_of_nulls_is_read),
        cmocka_unit_test(odd_ports_are_refused_untouched),
        cmocka_unit_test(long_lists_have_a_limit),
        cmocka_unit_test(a_long_sentence_is_clipped),
        cmocka_unit_test(every_reason_has_its_meaning),
        cmocka_unit_test(odd_portability_is_refused),
        cmocka_unit_test(documents_are_read),
        cmocka_unit_test(pages_of_ports_are_read),
        cmocka_unit_test(errors_are_read_as_far_as_they_go),
        cmocka_unit_test(webhooks_name_their_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
