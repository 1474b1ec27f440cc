/* Mails to people about their access: how each kind is worded, and what becomes of one and of the link in it. */
#include <pthread.h>
#include <string.h>

#include "desk.h"

#include "net/smtp_server.h"
#include "people/person_mail.h"

#define LINK "/join/acc_1/s3cr3t-t0ken-of-the-link"

/* ---- How they are worded ---- */

static void test_each_kind_is_whole(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    for (int kind = 0; kind < PERSON_NOTICE_COUNT; kind++) {
        struct mail mail = {0};
        struct person_notice_view view = {.operator_name = TEXT("Northline"),
            .to_name = TEXT("Marcus <b>"),
            .account_name = TEXT("Harbor & Pine\r\nBcc: x@x.example"),
            .by_name = TEXT("Ada \"Lane\""),
            .about = TEXT("<script>"),
            .when = TEXT("Oct 18, 1:00 AM PDT"),
            .client = TEXT("192.0.2.7"),
            .link_text = TEXT("https://desk.example" LINK)};
        view.link = url_outside(view.link_text);
        const char *name = person_notice_name((enum person_notice_kind)kind);
        enum person_notice_kind parsed;
        assert_true(person_notice_parse(text_from(name), &parsed) && parsed == (enum person_notice_kind)kind);
        person_notice_render(arena, LANGUAGE_EN, (enum person_notice_kind)kind, &view, &mail);
        if (mail.subject.len == 0 || text_find_char(mail.subject, '\n', 0) != SIZE_MAX ||
            text_find(mail.html, TEXT("<script>"), 0) != SIZE_MAX ||
            text_find(mail.html, TEXT("Marcus <b>"), 0) != SIZE_MAX ||
            text_find(mail.text, TEXT("Marcus <b>"), 0) == SIZE_MAX ||
            text_find(mail.text, TEXT("\nBcc:"), 0) != SIZE_MAX ||
            text_find_char(mail.text, '{', 0) != SIZE_MAX ||
            text_find(mail.html, TEXT("Northline"), 0) == SIZE_MAX) {
            fail_msg("%s: %.*s\n%.*s", name, TEXT_ARG(mail.subject), TEXT_ARG(mail.text));
        }
        /* A button in one form is a link in the other. */
        bool in_text = text_find(mail.text, TEXT(LINK), 0) != SIZE_MAX;
        assert_int_equal(in_text, text_find(mail.html, TEXT(LINK), 0) != SIZE_MAX);
    }
    enum person_notice_kind none;
    assert_false(person_notice_parse(TEXT("nothing"), &none));
}

/* ---- What becomes of one ---- */

struct post {
    struct desk *desk;
    struct smtp_server *server;
    struct person_mailing mailing;
    pthread_mutex_t lock;
    struct arena *arena;
    struct text received;
    int count;
    bool busy; /* answers "later" */
    struct id mail;
    struct person_mail_new to_queue;
};

static bool deliver(void *context, const struct smtp_received *mail)
{
    struct post *post = context;
    pthread_mutex_lock(&post->lock);
    bool taken = !post->busy;
    if (taken) {
        post->received = text_copy(post->arena, mail->data);
        post->count++;
    }
    pthread_mutex_unlock(&post->lock);
    return taken;
}

static int post_open(void **state)
{
    struct post *post = calloc(1, sizeof *post);
    assert_non_null(post);
    desk_open(state);
    post->desk = *state;
    post->arena = arena_new((size_t)64 * 1024 * 1024);
    pthread_mutex_init(&post->lock, NULL);
    struct smtp_server_options options = {.listen = "127.0.0.1:0",
        .connections_max = 8,
        .size_max = 1024 * 1024,
        .deliver = deliver,
        .context = post};
    assert_true(smtp_server_start(&options, &post->server, NULL));
    post->mailing = (struct person_mailing){.db = post->desk->db,
        .clock = post->desk->clock,
        .vault = post->desk->vault,
        .smtp = {.url = text_format(post->arena, "smtp://127.0.0.1:%d", smtp_server_port(post->server)),
            .from_name = TEXT("Northline"),
            .from_address = TEXT("desk@northline.example"),
            .total_ms = 10000},
        .base_url = TEXT("https://desk.example"),
        .operator_name = TEXT("Northline"),
        .message_host = TEXT("northline.example")};
    *state = post;
    return 0;
}

static int post_close(void **state)
{
    struct post *post = *state;
    smtp_server_stop(post->server);
    pthread_mutex_destroy(&post->lock);
    arena_free(post->arena);
    *state = post->desk;
    free(post);
    return desk_close(state);
}

static bool queue_closure(struct db_tx *tx, void *context)
{
    struct post *post = context;
    return person_mail_queue(tx, post->desk->clock, post->desk->vault, &post->to_queue);
}

static bool newest_closure(struct db_tx *tx, void *context)
{
    struct post *post = context;
    DB_ROWS rows = db_query(tx, "SELECT id FROM person_mail ORDER BY id DESC LIMIT 1", DB_NO_ARGS);
    return db_next(rows) && id_parse(db_col_text(rows, 0), "pml", &post->mail);
}

/* Queues an invitation. */
static void queue(struct post *post, const char *address)
{
    struct problem problem = {0};
    post->to_queue = (struct person_mail_new){.account = id_text(&post->desk->account),
        .kind = PERSON_NOTICE_INVITATION,
        .to_name = TEXT("Ada\r\nLane"),
        .to_address = text_from(address),
        .about = TEXT("admin"),
        .link = TEXT(LINK)};
    DESK_OK(db_write(post->desk->db, queue_closure, post, &problem), problem);
    DESK_OK(db_read(post->desk->db, newest_closure, post, &problem), problem);
}

static bool work(struct post *post, struct problem *problem)
{
    int64_t again = 0;
    struct job job = {.account = id_text(&post->desk->account), .subject = id_text(&post->mail)};
    return person_mail_work(&post->mailing, &job, post->arena, &again, problem);
}

static void test_a_link_is_sealed_until_it_is_out(void **state)
{
    struct post *post = *state;
    struct problem problem = {0};
    struct mail_view view;
    queue(post, "ada@harborpine.example");
    assert_int_equal(
        desk_number(post->desk, "SELECT count(*) FROM job WHERE kind = '" JOB_PERSON_MAIL "'"), 1);
    assert_int_equal(
        desk_number(post->desk, "SELECT count(*) FROM person_mail WHERE link_sealed IS NOT NULL"), 1);
    assert_int_equal(
        desk_number(post->desk, "SELECT count(*) FROM person_mail WHERE to_name LIKE '%\n%'"), 0);
    DESK_OK(work(post, &problem), problem);
    assert_int_equal(post->count, 1);
    assert_true(mail_parse(post->arena, post->received, &view, &problem));
    assert_true(text_find(view.text, TEXT("https://desk.example" LINK), 0) != SIZE_MAX);
    assert_true(text_find(view.html, TEXT("https://desk.example" LINK), 0) != SIZE_MAX);
    assert_true(text_find(view.to, TEXT("ada@harborpine.example"), 0) != SIZE_MAX);
    assert_true(text_find(view.message_id, id_text(&post->mail), 0) != SIZE_MAX);
    assert_int_equal(desk_number(post->desk, "SELECT count(*) FROM person_mail WHERE link_sealed IS NULL AND"
                                             " sent_at IS NOT NULL AND refused IS NULL"),
        1);
    /* The job once more, as after a kill behind the sending's commit: nothing is sent twice. */
    DESK_OK(work(post, &problem), problem);
    assert_int_equal(post->count, 1);
}

static void test_what_is_refused_is_not_tried_again(void **state)
{
    struct post *post = *state;
    struct problem problem = {0};
    queue(post, "no address");
    DESK_OK(work(post, &problem), problem);
    DESK_OK(work(post, &problem), problem);
    assert_int_equal(post->count, 0);
    assert_int_equal(desk_number(post->desk, "SELECT count(*) FROM person_mail WHERE link_sealed IS NULL AND"
                                             " sent_at IS NULL AND length(refused) > 0"),
        1);
}

static void test_a_busy_server_is_asked_again(void **state)
{
    struct post *post = *state;
    struct problem problem = {0};
    queue(post, "ada@harborpine.example");
    post->busy = true;
    assert_false(work(post, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    assert_int_equal(
        desk_number(post->desk, "SELECT count(*) FROM person_mail WHERE link_sealed IS NOT NULL AND"
                                " sent_at IS NULL AND refused IS NULL"),
        1);
    post->busy = false;
    problem = (struct problem){0};
    DESK_OK(work(post, &problem), problem);
    assert_int_equal(post->count, 1);
}

/* Of another time, or of a row that is gone: nothing is done, and nothing is wrong. */
static void test_what_is_not_there_is_over(void **state)
{
    struct post *post = *state;
    struct problem problem = {0};
    queue(post, "ada@harborpine.example");
    assert_true(desk_exec(post->desk, "UPDATE person_mail SET kind = 'of_tomorrow'", DB_NO_ARGS));
    DESK_OK(work(post, &problem), problem);
    assert_true(desk_exec(post->desk, "DELETE FROM person_mail", DB_NO_ARGS));
    DESK_OK(work(post, &problem), problem);
    assert_int_equal(post->count, 0);
}

int main(void)
{
#define ON_A_POST(test) cmocka_unit_test_setup_teardown(test, post_open, post_close)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_is_whole),
        ON_A_POST(test_a_link_is_sealed_until_it_is_out),
        ON_A_POST(test_what_is_refused_is_not_tried_again),
        ON_A_POST(test_a_busy_server_is_asked_again),
        ON_A_POST(test_what_is_not_there_is_over),
    };
    return cmocka_run_group_tests_name("person_mail", tests, NULL, NULL);
}
