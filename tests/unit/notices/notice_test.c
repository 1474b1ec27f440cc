/* What each notice says: whole and with little in it, with hostile names, in text and in HTML. Given a folder, it writes them
 * there, to be looked at. */
#include "../base/unit.h"

#include <stdio.h>

#include "notices/notice.h"

#define HOSTILE "Eve\r\nBcc: all@x.example\r\n\r\n<script>alert(1)</script> \"&'"

static struct notice_number few[] = {{TEXT("(415) 552-0134")}, {TEXT("(415) 552-0135")}};
static struct notice_rejection rejections[] = {
    {TEXT("(415) 552-0134"), TEXT("Verizon says that the transfer PIN is wrong or has expired."),
        TEXT("Get a new PIN at Verizon: call #PORT, or look into the app."), TEXT("INVALID_PIN")},
    {TEXT("(415) 552-0135"), TEXT("The number is not active."), TEXT("Have it switched on again."), TEXT("")},
};

static struct notice_view full(void)
{
    return (struct notice_view){
        .operator_name = TEXT("Northline Support"),
        .to_name = TEXT("Dana Whitfield"),
        .account_name = TEXT("Harbor & Pine Realty"),
        .reference = TEXT("PD-1042"),
        .requester = TEXT("Priya Raman"),
        .losing_carrier = TEXT("Verizon"),
        .gaining_carrier = TEXT("Twilio"),
        .first_number = TEXT("(415) 552-0134"),
        .numbers = few,
        .numbers_count = COUNT(few),
        .numbers_more = 3,
        .rejections = rejections,
        .rejections_count = COUNT(rejections),
        .customer_acts = true,
        .link_text = TEXT("https://desk.example/requests/pr_1?a=1&b=2"),
        .link = {TEXT("https://desk.example/requests/pr_1?a=1&b=2")},
        .partly = true,
    };
}

static struct mail rendered(struct arena *arena, enum notice_kind kind, const struct notice_view *view)
{
    struct mail mail = {.to_address = TEXT("untouched")};
    notice_render(arena, LANGUAGE_EN, kind, view, &mail);
    assert_text(mail.to_address, "untouched");
    return mail;
}

static bool has(struct text text, const char *what)
{
    return text_find(text, text_from(what), 0) != SIZE_MAX;
}

static void each_notice_says_its_part(void **state)
{
    (void)state;
    static const struct {
        enum notice_kind kind;
        const char *subject;
        const char *both[8]; /* in text and in HTML */
    } cases[] = {
        {NOTICE_SIGNATURE_REMINDER, "Please sign: move (415) 552-0134 from Verizon",
            {"Hello Dana Whitfield,", "Priya Raman at ", "(415) 552-0135", "and 3 more",
                "Twilio has sent you", "Keep the Verizon service on."}},
        {NOTICE_REJECTED, "Action Required: (415) 552-0134 from Verizon",
            {"transfer PIN is wrong", "call #PORT", "INVALID_PIN", "The number is not active.",
                "the owner gets a new letter", "Keep the Verizon service on."}},
        {NOTICE_COMPLETED, "Completed: (415) 552-0134 has moved",
            {"Twilio reports", "(415) 552-0134", "Other numbers of this request did not move",
                "before you cancel"}},
        {NOTICE_EXPIRED, "Expired: the letter for (415) 552-0134 was not signed",
            {"ran out before it was signed", "Send the request again", "Keep the Verizon service on."}},
    };
    assert_int_equal(COUNT(cases), NOTICE_KIND_COUNT);
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct notice_view view = full();
        struct mail mail = rendered(arena, cases[i].kind, &view);
        assert_text(mail.subject, cases[i].subject);
        for (size_t j = 0; j < COUNT(cases[i].both) && cases[i].both[j]; j++)
            if (!has(mail.text, cases[i].both[j]) || !has(mail.html, cases[i].both[j]))
                fail_msg("%s: %s", notice_kind_name(cases[i].kind), cases[i].both[j]);
        assert_true(has(mail.text, "https://desk.example/requests/pr_1?a=1&b=2"));
        assert_true(has(mail.html, "href=\"https://desk.example/requests/pr_1?a=1&amp;b=2\""));
        assert_true(has(mail.text, "About request PD-1042 of Harbor & Pine Realty."));
        assert_true(has(mail.html, "About request PD-1042 of Harbor &amp; Pine Realty."));
        assert_true(has(mail.text, "\n-- \nNorthline Support\n"));
    }
}

static void whose_turn_it_is_decides_what_a_rejection_asks(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct notice_view view = full();
    view.customer_acts = false;
    struct mail mail = rendered(arena, NOTICE_REJECTED, &view);
    assert_true(has(mail.text, "Our porting team takes care of it.") &&
                has(mail.html, "Our porting team takes care of it."));
    assert_false(has(mail.text, "Correct it") || has(mail.html, "Correct it"));
    assert_false(has(mail.text, "new letter") || has(mail.html, "new letter"));
}

static void little_is_enough(void **state)
{
    (void)state;
    for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct notice_view view = {.link = {TEXT("#")}};
        struct mail mail = rendered(arena, (enum notice_kind)kind, &view);
        assert_true(mail.subject.len && mail.text.len && mail.html.len);
        assert_true(text_is_clean(mail.text) && text_is_clean(mail.html));
        assert_false(has(mail.text, "and 0 more") || has(mail.html, "and 0 more"));
        assert_false(has(mail.html, "Other numbers of this request"));
    }
}

/* Every text hostile: no tag, no attribute, no header and no paragraph of its own comes of it. */
static void hostile_names_stay_names(void **state)
{
    (void)state;
    struct notice_number number = {TEXT(HOSTILE)};
    struct notice_rejection rejection = {TEXT(HOSTILE), TEXT(HOSTILE), TEXT(HOSTILE), TEXT(HOSTILE)};
    struct text eve = TEXT(HOSTILE);
    struct notice_view view = {.operator_name = eve,
        .to_name = eve,
        .account_name = eve,
        .reference = eve,
        .requester = eve,
        .losing_carrier = eve,
        .gaining_carrier = eve,
        .first_number = eve,
        .link_text = eve};
    view.numbers = &number;
    view.rejections = &rejection;
    view.numbers_count = view.rejections_count = 1;
    view.link = url_outside(TEXT("javascript:alert(1)"));
    for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct mail mail = rendered(arena, (enum notice_kind)kind, &view);
        for (size_t i = 0; i < mail.subject.len; i++)
            assert_true((unsigned char)mail.subject.at[i] >= 0x20);
        assert_false(has(mail.text, "\nBcc:"));
        assert_false(has(mail.text, "\r"));
        assert_false(has(mail.html, "<script"));
        assert_false(has(mail.html, "javascript:"));
        assert_true(has(mail.html, "&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;&#39;"));
        assert_true(has(mail.html, "href=\"#\""));
    }
}

static void a_long_name_makes_no_endless_subject(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    char name[4001];
    memset(name, 'n', 4000);
    name[4000] = '\0';
    struct notice_view view = full();
    view.losing_carrier = text_from(name);
    assert_int_equal(rendered(arena, NOTICE_REJECTED, &view).subject.len, 200);
}

static void kinds_have_names(void **state)
{
    (void)state;
    enum notice_kind kind;
    for (int i = 0; i < NOTICE_KIND_COUNT; i++) {
        assert_true(notice_kind_parse(text_from(notice_kind_name((enum notice_kind)i)), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(notice_kind_parse(TEXT("other"), &kind));
}

static int write_all(const char *folder)
{
    for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct notice_view view = full();
        struct mail mail = rendered(arena, (enum notice_kind)kind, &view);
        const char *name = notice_kind_name((enum notice_kind)kind);
        FILE *html = fopen(text_format(arena, "%s/%s.html", folder, name).at, "w");
        if (!html)
            return 1;
        FILE *text = fopen(text_format(arena, "%s/%s.txt", folder, name).at, "w");
        if (!text) {
            fclose(html);
            return 1;
        }
        fprintf(html, "%.*s", TEXT_ARG(mail.html));
        fprintf(text, "Subject: %.*s\n\n%.*s", TEXT_ARG(mail.subject), TEXT_ARG(mail.text));
        fclose(html);
        fclose(text);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return write_all(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_notice_says_its_part),
        cmocka_unit_test(whose_turn_it_is_decides_what_a_rejection_asks),
        cmocka_unit_test(little_is_enough),
        cmocka_unit_test(hostile_names_stay_names),
        cmocka_unit_test(a_long_name_makes_no_endless_subject),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
