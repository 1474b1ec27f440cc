/* Mail through the client to the server and back out of the reader. */
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/net_listen.h"
#include "net/smtp.h"
#include "net/smtp_server.h"
#include "net_fixture.h"

struct inbox {
    pthread_mutex_t lock;
    struct arena *arena;
    struct text data, from, to;
    int count;
    bool refuse;
};

static struct inbox inbox = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct smtp_server *server;

static bool deliver(void *context, const struct smtp_received *mail)
{
    struct inbox *box = context;
    pthread_mutex_lock(&box->lock);
    box->data = text_copy(box->arena, mail->data);
    box->from = text_copy(box->arena, mail->from);
    box->to = text_copy(box->arena, mail->to[0]);
    box->count++;
    bool taken = !box->refuse;
    pthread_mutex_unlock(&box->lock);
    return taken;
}

static int begin(void **state)
{
    (void)state;
    inbox.arena = arena_new((size_t)256 * 1024 * 1024);
    struct smtp_server_options options = {.listen = "127.0.0.1:0",
        .connections_max = 8,
        .size_max = 1024 * 1024,
        .deliver = deliver,
        .context = &inbox};
    assert_true(smtp_server_start(&options, &server, NULL));
    return 0;
}

static int finish(void **state)
{
    (void)state;
    smtp_server_stop(server);
    arena_free(inbox.arena);
    return 0;
}

static struct smtp_options options_for(struct arena *arena, int port)
{
    return (struct smtp_options){.url = text_format(arena, "smtp://127.0.0.1:%d", port),
        .from_name = TEXT("Porting desk"),
        .from_address = TEXT("desk@example.org"),
        .total_ms = 10000};
}

static struct mail plain_mail(void)
{
    return (struct mail){.to_address = TEXT("owner@example.org"),
        .subject = TEXT("Please sign"),
        .text = TEXT("Hello\n"),
        .message_id = TEXT("<1@example.org>"),
        .date = INT64_C(1793093400000000)};
}

static void test_round_trip(void **state)
{
    (void)state;
    static const struct {
        const char *to_name, *to, *subject, *text, *html;
    } rows[] = {
        {"", "<owner@example.org>", "Please sign", "Hello\r\n", ""},
        {"Ann \"A\" Lee", "\"Ann \\\"A\\\" Lee\" <owner@example.org>", "Please sign", "Hello\r\n",
            "<p>Hello</p>\r\n"},
        {"Ren\xc3\xa9 \xe6\x9d\x8e", "Ren\xc3\xa9 \xe6\x9d\x8e <owner@example.org>",
            "D\xc3\xa9j\xc3\xa0 vu \xe2\x80\x93 votre num\xc3\xa9ro sera transf\xc3\xa9r\xc3\xa9 "
            "bient\xc3\xb4t, "
            "\xf0\x9f\x93\x9e\xf0\x9f\x93\x9e\xf0\x9f\x93\x9e\xf0\x9f\x93\x9e\xf0\x9f\x93\x9e\xf0\x9f\x93"
            "\x9e",
            "Gr\xc3\xbc\xc3\x9f"
            "e\r\n",
            "<p>Gr\xc3\xbc\xc3\x9f"
            "e</p>\r\n"},
        {"", "<owner@example.org>", "=?utf-8?B?AAAA?= is no word", ".\r\n..\r\n.dot\r\n\r\n.\r\n", ""},
        {"", "<owner@example.org>",
            "A subject that is so long that it has to be folded, and then unfolded again, without losing a "
            "single blank",
            "a line of text that is longer than seventy-six characters, so that quoted-printable must break "
            "it = softly\r\n"
            "trailing blank \r\n\ttab\r\n",
            "<a href=\"https://desk.example.org/sign?a=b&amp;c=d\">sign</a>\r\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
        struct smtp_options options = options_for(arena, smtp_server_port(server));
        struct mail mail = plain_mail();
        mail.to_name = text_from(rows[i].to_name);
        mail.subject = text_from(rows[i].subject);
        mail.text = text_from(rows[i].text);
        mail.html = text_from(rows[i].html);
        struct problem problem = {0};
        if (!mail_send(&options, &mail, &problem)) {
            fail_msg("row %zu: %s", i, problem.detail);
        }
        struct mail_view view;
        assert_true(mail_parse(arena, inbox.data, &view, NULL));
        assert_text(inbox.from, "desk@example.org");
        assert_text(inbox.to, "owner@example.org");
        assert_text(view.from, "\"Porting desk\" <desk@example.org>");
        assert_text(view.to, rows[i].to);
        assert_text(view.subject, rows[i].subject);
        assert_text(view.date, "Tue, 27 Oct 2026 09:30:00 +0000");
        assert_text(view.message_id, "<1@example.org>");
        assert_text(view.text, rows[i].text);
        assert_text(view.html, rows[i].html);
        assert_int_equal(view.attachment_type.len, 0);
    }
}

static void test_attachment(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
    static char bytes[100000];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i * 7 + i / 256);
    }
    struct smtp_options options = options_for(arena, smtp_server_port(server));
    struct mail mail = plain_mail();
    mail.html = TEXT("<p>x</p>");
    mail.attachment = (struct text){bytes, sizeof bytes};
    mail.attachment_name = TEXT("letter of \"Ren\xc3\xa9\".pdf");
    mail.attachment_type = TEXT("application/pdf");
    mail.from_address = TEXT("other@example.org");
    struct problem problem = {0};
    if (!mail_send(&options, &mail, &problem)) {
        fail_msg("%s", problem.detail);
    }
    struct mail_view view;
    assert_true(mail_parse(arena, inbox.data, &view, NULL));
    assert_text(view.from, "<other@example.org>");
    assert_text(view.text, "Hello\r\n");
    assert_text(view.html, "<p>x</p>");
    assert_text(view.attachment_name, "letter of _Ren___.pdf");
    assert_text(view.attachment_type, "application/pdf");
    assert_int_equal(view.attachment.len, sizeof bytes);
    assert_memory_equal(view.attachment.at, bytes, sizeof bytes);
}

static void test_what_is_not_sent(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct smtp_options options = options_for(arena, smtp_server_port(server));
    struct mail mails[10];
    for (size_t i = 0; i < COUNT(mails); i++) {
        mails[i] = plain_mail();
    }
    mails[0].subject = TEXT("a\r\nBcc: evil@example.org");
    mails[1].subject = TEXT("a\nb");
    mails[2].to_name = TEXT("a\r\nBcc: evil@example.org");
    mails[3].to_address = TEXT("a@b>\r\nRCPT TO:<evil@example.org");
    mails[4].to_address = TEXT("");
    mails[5].message_id = TEXT("<a@b>\r\nBcc: evil@example.org");
    mails[6].subject = TEXT("\xff");
    mails[7].text = TEXT("\xff");
    mails[8].from_address = TEXT("no address");
    mails[9].message_id = TEXT("");
    int count = inbox.count;
    for (size_t i = 0; i < COUNT(mails); i++) {
        struct problem problem = {0};
        assert_false(mail_send(&options, &mails[i], &problem));
        assert_int_equal(problem.kind, PROBLEM_UPSTREAM);
    }
    assert_int_equal(inbox.count, count);
}

/* A mail server that says these lines, one for each line it hears. */
struct script {
    int fd;
    const char *const *replies;
};

static void *script_run(void *context)
{
    struct script *script = context;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    int fd = -1;
    while (fd < 0) {
        fd = accept(script->fd, NULL, NULL);
    }
    for (size_t i = 0; script->replies[i] != NULL; i++) {
        wire_write(fd, script->replies[i], strlen(script->replies[i]));
        wire_read_until(arena, fd, "\r\n");
    }
    close(fd);
    return NULL;
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *replies[8];
        enum problem_kind kind;
    } rows[] = {
        {{"220 hi\r\n", "250 me\r\n", "250 ok\r\n", "550 no such user\r\n", "221 bye\r\n"}, PROBLEM_UPSTREAM},
        {{"220 hi\r\n", "250 me\r\n", "250 ok\r\n", "450 busy\r\n", "221 bye\r\n"}, PROBLEM_LATER},
        {{"220 hi\r\n", "250 me\r\n", "553 not you\r\n", "221 bye\r\n"}, PROBLEM_UPSTREAM},
        {{"220 hi\r\n", "250 me\r\n", "451 later\r\n", "221 bye\r\n"}, PROBLEM_LATER},
        {{"220 hi\r\n", "250 me\r\n", "250 ok\r\n", "250 ok\r\n", "554 no data\r\n", "221 bye\r\n"},
            PROBLEM_UPSTREAM},
        {{"421 not now\r\n"}, PROBLEM_LATER},
        {{"nonsense\r\n"}, PROBLEM_LATER},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ARENA_CLEANUP arena = arena_new(1024 * 1024);
        struct script script = {.replies = rows[i].replies};
        int port = 0;
        pthread_t thread;
        assert_true(net_listen("127.0.0.1:0", &script.fd, &port, NULL));
        assert_int_equal(pthread_create(&thread, NULL, script_run, &script), 0);
        struct smtp_options options = options_for(arena, port);
        options.total_ms = 3000;
        struct mail mail = plain_mail();
        struct problem problem = {0};
        bool done = mail_send(&options, &mail, &problem);
        pthread_join(thread, NULL);
        close(script.fd);
        if (done || problem.kind != rows[i].kind) {
            fail_msg("row %zu: %d %s", i, (int)problem.kind, problem.detail);
        }
    }
}

static void test_later(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct smtp_options options = options_for(arena, smtp_server_port(server));
    struct mail mail = plain_mail();
    struct problem refused = {0}, nobody = {0}, tls = {0};
    inbox.refuse = true;
    assert_false(mail_send(&options, &mail, &refused));
    inbox.refuse = false;
    assert_int_equal(refused.kind, PROBLEM_LATER); /* 451 */
    options.require_tls = true;
    int count = inbox.count;
    assert_false(mail_send(&options, &mail, &tls));
    assert_int_equal(tls.kind, PROBLEM_LATER);
    assert_int_equal(inbox.count, count);
    int fd = -1, port = 0;
    assert_true(net_listen("127.0.0.1:0", &fd, &port, NULL));
    close(fd);
    options = options_for(arena, port);
    assert_false(mail_send(&options, &mail, &nobody));
    assert_int_equal(nobody.kind, PROBLEM_LATER);
}

static void *send_run(void *context)
{
    struct smtp_options *options = context;
    struct mail mail = plain_mail();
    size_t sent = 0;
    for (int i = 0; i < 5; i++) {
        sent += mail_send(options, &mail, NULL);
    }
    return (void *)sent;
}

/* More senders than connections: those that wait are served when another leaves. */
static void test_many_senders(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct smtp_options options = options_for(arena, smtp_server_port(server));
    int count = inbox.count;
    pthread_t threads[20];
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, send_run, &options), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *sent = NULL;
        pthread_join(threads[i], &sent);
        assert_int_equal((size_t)sent, 5);
    }
    assert_int_equal(inbox.count, count + 100);
}

/* A client in the middle of its mail does not keep the server from stopping. */
static void test_stop(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct smtp_server *other = NULL;
    struct smtp_server_options options = {.listen = "127.0.0.1:0",
        .connections_max = 2,
        .size_max = 1000,
        .deliver = deliver,
        .context = &inbox};
    assert_true(smtp_server_start(&options, &other, NULL));
    int fd = wire_open(smtp_server_port(other));
    wire_read_until(arena, fd, "220 ");
    wire_write(fd, "EHLO me\r\nMAIL", 13);
    wire_read_until(arena, fd, "SIZE 1000\r\n");
    smtp_server_stop(other);
    assert_int_equal(wire_read_all(arena, fd).len, 0);
    close(fd);
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool good;
    } rows[] = {
        {"a@b", true},
        {"ann.lee+port@mail.example.co.uk", true},
        {"o'neil_x-1@example.org", true},
        {"a@xn--bcher-kva.example", true},
        {"", false},
        {"a", false},
        {"@b", false},
        {"a@", false},
        {"a@b@c", false},
        {"a b@c", false},
        {"a@b c", false},
        {"a@b,c@d", false},
        {"<a@b>", false},
        {"\"a\"@b", false},
        {"a..b@c", false},
        {".a@b", false},
        {"a.@b", false},
        {"-a@b", false},
        {"a@b.", false},
        {"a@.b", false},
        {"a@b..c", false},
        {"a@-b", false},
        {"a@b-", false},
        {"a@[1.2.3.4]", false},
        {"a@b_c", false},
        {"a@b\r\n", false},
        {"a\n@b", false},
        {"ren\xc3\xa9@example.org", false},
        {"a@ex\xc3\xa4mple.org", false},
        {"a123456789012345678901234567890123456789012345678901234567890123@b", true},
        {"a1234567890123456789012345678901234567890123456789012345678901234@b", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (mail_address_ok(text_from(rows[i].address)) != rows[i].good) {
            fail_msg("%s", rows[i].address);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip), cmocka_unit_test(test_attachment),
        cmocka_unit_test(test_what_is_not_sent), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_later), cmocka_unit_test(test_many_senders), cmocka_unit_test(test_stop),
        cmocka_unit_test(test_addresses)};
    return cmocka_run_group_tests(tests, begin, finish);
}
