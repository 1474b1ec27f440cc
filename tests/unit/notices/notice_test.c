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
        .owner = TEXT("Dana Whitfield"),
        .email = TEXT("dana@example.com"),
        .date = TEXT("Tue, Nov 3"),
        .phone = TEXT("800-922-0204"),
        .reason = TEXT("A reason in a sentence."),
        .waits_for = TEXT("Verizon"),
        .by_name = TEXT("Nadia Weiss"),
        .message = TEXT("First line\nSecond <line>"),
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

static const struct {
    enum notice_kind kind;
    const char *subject;
    const char *both[8]; /* in text and in HTML */
} parts[] = {
    {NOTICE_SIGNATURE_REMINDER, "Please sign: move (415) 552-0134 from Verizon",
        {"Hello Dana Whitfield,", "Priya Raman at ", "(415) 552-0135", "and 3 more", "Twilio has sent you",
            "Keep the Verizon service on."}},
    {NOTICE_REJECTED, "Action Required: (415) 552-0134 from Verizon",
        {"transfer PIN is wrong", "call #PORT", "INVALID_PIN", "The number is not active.",
            "the owner gets a new letter", "Keep the Verizon service on."}},
    {NOTICE_COMPLETED, "Partly completed: (415) 552-0134 has moved, others have not",
        {"Twilio reports", "(415) 552-0134", "Other numbers of this request did not move",
            "before you cancel"}},
    {NOTICE_EXPIRED, "Expired: the letter for (415) 552-0134 was not signed",
        {"ran out before it was signed", "Send the request again", "Keep the Verizon service on."}},
    {NOTICE_DATE_SET, "Date set: (415) 552-0134 moves on Tue, Nov 3",
        {"Verizon has agreed to move these numbers on Tue, Nov 3.", "(415) 552-0135",
            "Keep the Verizon service on."}},
    {NOTICE_DATE_MOVED, "New date: (415) 552-0134 moves on Tue, Nov 3",
        {"now moves these numbers on Tue, Nov 3.", "Keep the Verizon service on."}},
    {NOTICE_DATE_LOST, "No date any more: (415) 552-0134",
        {"has taken back the day", "Keep the Verizon service on."}},
    {NOTICE_NOT_PORTABLE, "Not portable: (415) 552-0134",
        {"does not take these numbers", "A reason in a sentence.", "Keep the Verizon service on."}},
    {NOTICE_CANCELED, "Canceled: (415) 552-0134 stays at Verizon",
        {"The move was canceled.", "keep the service there", "start a new request"}},
    {NOTICE_CANCEL_REFUSED, "Too late to cancel: (415) 552-0134 moves all the same",
        {"did not cancel", "Leave everything as it is", "Keep the Verizon service on."}},
    {NOTICE_RETRY, "Verizon needs longer: (415) 552-0134",
        {"We send them again by ourselves on Tue, Nov 3.", "Dana Whitfield then gets a new letter",
            "Keep the Verizon service on."}},
    {NOTICE_CORRECTION_REMINDER, "Still waiting for you: (415) 552-0134",
        {"The move of these numbers has stopped", "A reason in a sentence.", "Correct it and send again"}},
    {NOTICE_LETTER_WAITS, "Not signed yet: the letter for (415) 552-0134",
        {"Dana Whitfield has not signed", "dana@example.com", "correct it on the page"}},
    {NOTICE_CARRIER_SILENT, "Verizon takes longer than usual: (415) 552-0134",
        {"has not named a day", "A call from you to Verizon, 800-922-0204, often helps"}},
    {NOTICE_TEAM, "Needs us: PD-1042, (415) 552-0134",
        {"PD-1042 of Harbor ", "waits for Verizon longer than it should"}},
    {NOTICE_MESSAGE, "Message about (415) 552-0134 from Northline Support",
        {"Nadia Weiss of our porting team wrote", "First line", "Answers to this e-mail are not read"}},
    {NOTICE_TEAM_MESSAGE, "Harbor & Pine Realty wrote: PD-1042, (415) 552-0134",
        {"Nadia Weiss of Harbor ", "First line", "Answer"}},
    {NOTICE_ACTED_BEGUN, "Begun for you: port request PD-1042",
        {"Northline Support has begun the port request PD-1042 for you, in the name of Harbor",
            "go on with it", "discard it there"}},
    {NOTICE_ACTED_SUBMITTED, "Submitted for you: (415) 552-0134 from Verizon",
        {"submitted the request for these numbers in the name of Harbor", "shows who did it"}},
    {NOTICE_ACTED_CORRECTED, "Corrected for you: (415) 552-0134 from Verizon",
        {"and sent it again", "shows who did it"}},
    {NOTICE_ACTED_CANCELED, "Cancel asked for you: (415) 552-0134 from Verizon",
        {"to cancel the move of these numbers", "shows who did it"}},
};

static void each_notice_says_its_part(void **state)
{
    (void)state;
    assert_int_equal(COUNT(parts), NOTICE_KIND_COUNT);
    for (size_t i = 0; i < COUNT(parts); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct notice_view view = full();
        struct mail mail = rendered(arena, parts[i].kind, &view);
        assert_text(mail.subject, parts[i].subject);
        for (size_t j = 0; j < COUNT(parts[i].both) && parts[i].both[j]; j++)
            if (!has(mail.text, parts[i].both[j]) || !has(mail.html, parts[i].both[j]))
                fail_msg("%s: %s", notice_kind_name(parts[i].kind), parts[i].both[j]);
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

static void a_message_keeps_its_lines(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct notice_view view = full();
    struct mail mail = rendered(arena, NOTICE_MESSAGE, &view);
    assert_true(has(mail.text, "\n> First line\n> Second <line>\n"));
    assert_true(has(mail.html, ">First line\nSecond &lt;line&gt;</div>"));
}

/* Who ended it decides what is to be done. */
static void canceled_by_the_carrier(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct notice_view view = full();
    view.ended_there = true;
    struct mail mail = rendered(arena, NOTICE_CANCELED, &view);
    assert_true(has(mail.text, "Twilio ended the move") && has(mail.html, "Twilio ended the move"));
    assert_true(has(mail.text, "Check with Dana Whitfield"));
    assert_false(has(mail.text, "start a new request"));
    view = full();
    view.phone = TEXT_EMPTY;
    mail = rendered(arena, NOTICE_CARRIER_SILENT, &view);
    assert_true(has(mail.text, "A call from you to Verizon often helps"));
    view.partly = false;
    mail = rendered(arena, NOTICE_COMPLETED, &view);
    assert_text(mail.subject, "Completed: (415) 552-0134 has moved");
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
        .link_text = eve,
        .owner = eve,
        .email = eve,
        .date = eve,
        .phone = eve,
        .reason = eve,
        .waits_for = eve,
        .by_name = eve,
        .message = eve};
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

/* Who has switched everything off gets what is no choice, and what they must act on. */
static void some_mails_always_come(void **state)
{
    (void)state;
    int always = 0, to_act = 0;
    for (int i = 0; i < NOTICE_KIND_COUNT; i++) {
        enum notice_kind kind = (enum notice_kind)i;
        bool to_requester = notice_is_wanted(kind, NOTICE_CHOICES_ALL, true);
        bool to_owner = notice_is_wanted(kind, NOTICE_CHOICES_ALL, false);
        assert_true(notice_is_wanted(kind, 0, false) && notice_is_wanted(kind, 0, true));
        assert_true(to_requester || !to_owner);
        always += to_owner;
        to_act += to_requester && !to_owner;
    }
    assert_int_equal(always, NOTICE_KIND_COUNT - 13); /* to the signer, to and from the porting team */
    assert_int_equal(to_act, 3);                      /* rejected, expired, still not corrected */
    assert_true(
        notice_is_wanted(NOTICE_DATE_SET, NOTICE_CHOICES_ALL & ~(UINT32_C(1) << NOTICE_CHOICE_DATES), false));
    assert_false(notice_is_wanted(NOTICE_DATE_LOST, UINT32_C(1) << NOTICE_CHOICE_DATES, true));
    assert_false(notice_is_wanted(NOTICE_COMPLETED, UINT32_C(1) << NOTICE_CHOICE_COMPLETED, true));
    assert_true(notice_is_wanted(NOTICE_REJECTED, UINT32_C(1) << NOTICE_CHOICE_COMPLETED, false));
    assert_string_equal(notice_choice_name(NOTICE_CHOICE_SETBACKS), "setbacks");
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return write_all(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_notice_says_its_part),
        cmocka_unit_test(whose_turn_it_is_decides_what_a_rejection_asks),
        cmocka_unit_test(canceled_by_the_carrier),
        cmocka_unit_test(a_message_keeps_its_lines),
        cmocka_unit_test(little_is_enough),
        cmocka_unit_test(hostile_names_stay_names),
        cmocka_unit_test(a_long_name_makes_no_endless_subject),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(some_mails_always_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
