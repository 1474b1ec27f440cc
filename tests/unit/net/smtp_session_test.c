/* Whole conversations: what the client sends, what it hears, and what was delivered. Each is fed whole, and byte by byte. */
#include "../base/unit.h"
#include "net/smtp_session.h"

#define BEGIN "EHLO me\r\nMAIL FROM:<a@x.org>\r\nRCPT TO:<b@y.org>\r\nDATA\r\n"
#define BEGUN "250 250 250 354 "

struct inbox {
    struct buffer got;
    bool refuse;
};

static bool inbox_deliver(void *context, const struct smtp_received *mail)
{
    struct inbox *inbox = context;
    buffer_text(&inbox->got, mail->from);
    for (size_t i = 0; i < mail->to_count; i++) {
        buffer_format(&inbox->got, ",%.*s", TEXT_ARG(mail->to[i]));
    }
    buffer_char(&inbox->got, ':');
    buffer_text(&inbox->got, mail->data);
    buffer_char(&inbox->got, '|');
    return !inbox->refuse;
}

static const struct {
    struct text sent;
    const char *codes; /* of the replies */
    const char *got;
    bool open; /* afterwards */
    bool refuse;
} rows[] = {
#define BYTES(literal)                                                                                       \
    {                                                                                                        \
        literal, sizeof(literal) - 1                                                                         \
    }
    {BYTES(BEGIN "Subject: s\r\n\r\nhello\r\n.\r\nQUIT\r\n"), BEGUN "250 221 ",
        "a@x.org,b@y.org:Subject: s\r\n\r\nhello\r\n|", false, false},
    {BYTES("helo me\r\nmail from:<>\r\nrcpt to:<b@y.org>\r\nrcpt to:<c@y.org>\r\ndata\r\n.\r\n"),
        "250 250 250 250 354 250 ", ",b@y.org,c@y.org:|", true, false},
    {BYTES(BEGIN "..\r\n...\r\n.a\r\na.\r\n.\r\n"), BEGUN "250 ", "a@x.org,b@y.org:.\r\n..\r\na\r\na.\r\n|",
        true, false},
    {BYTES(BEGIN "x\r\n.\r\n"), BEGUN "451 ", "a@x.org,b@y.org:x\r\n|", true, true},
    {BYTES(BEGIN
         "x\r\n.\r\nMAIL FROM:<c@x.org> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<d@y.org>\r\nDATA\r\ny\r\n.\r\n"),
        BEGUN "250 250 250 354 250 ", "a@x.org,b@y.org:x\r\n|c@x.org,d@y.org:y\r\n|", true, false},
    {BYTES("EHLO me\r\nMAIL FROM:<a@x.org>\r\nRSET\r\nRCPT TO:<b@y.org>\r\nNOOP\r\nVRFY b\r\n"),
        "250 250 250 503 250 252 ", "", true, false},
    /* Out of order, malformed, unknown. */
    {BYTES("MAIL FROM:<a@x.org>\r\nRCPT TO:<b@y.org>\r\nDATA\r\n"), "503 503 503 ", "", true, false},
    {BYTES("EHLO me\r\nDATA\r\nMAIL FROM:<a@x.org>\r\nDATA\r\nMAIL FROM:<b@x.org>\r\n"),
        "250 503 250 503 503 ", "", true, false},
    {BYTES("EHLO\r\nEHLO  \r\nWHAT\r\n\r\n"), "501 501 500 500 ", "", true, false},
    {BYTES("EHLO me\r\nMAIL\r\nMAIL FROM:\r\nMAIL FROM:a@x.org\r\nMAIL FROM:<a>\r\nMAIL "
           "FROM:<a@x.org\r\nMAIL TO:<a@x.org>\r\n"),
        "250 501 501 501 501 501 501 ", "", true, false},
    {BYTES(
         "EHLO me\r\nMAIL FROM:<a@x.org>SIZE=1\r\nMAIL FROM:<a@x.org> SIZE=x\r\nMAIL FROM:<a@x.org> A=b\r\n"),
        "250 501 555 555 ", "", true, false},
    {BYTES("EHLO me\r\nMAIL FROM:<a@x.org> SIZE=201\r\nMAIL FROM:<a@x.org> SIZE=200\r\n"), "250 552 250 ", "",
        true, false},
    {BYTES("EHLO me\r\nMAIL FROM:<a@x.org>\r\nRCPT TO:<>\r\nRCPT TO:<b>\r\nRCPT TO:<b@y.org> A=b\r\nDATA "
           "now\r\n"),
        "250 250 501 501 555 503 ", "", true, false},
    /* Smuggling: a line end that is not CR LF ends the conversation, and no second mail comes through. */
    {BYTES(BEGIN "x\r\n.\nMAIL FROM:<evil@x.org>\r\nRCPT TO:<b@y.org>\r\nDATA\r\nevil\r\n.\r\n"),
        BEGUN "500 ", "", false, false},
    {BYTES(BEGIN "x\n.\r\nMAIL FROM:<evil@x.org>\r\n"), BEGUN "500 ", "", false, false},
    {BYTES(BEGIN "x\n.\nMAIL FROM:<evil@x.org>\r\n"), BEGUN "500 ", "", false, false},
    {BYTES(BEGIN "x\r.\r\nMAIL FROM:<evil@x.org>\r\n"), BEGUN "500 ", "", false, false},
    {BYTES(BEGIN "x\r\n.\r\r\nMAIL FROM:<evil@x.org>\r\n"), BEGUN "500 ", "", false, false},
    {BYTES(BEGIN "x\0y\r\n.\r\n"), BEGUN "500 ", "", false, false},
    {BYTES("EHLO me\nMAIL FROM:<a@x.org>\r\n"), "500 ", "", false, false},
    {BYTES("QUIT\r\nEHLO me\r\n"), "221 ", "", false, false},
};

static void take_codes(struct buffer *codes, struct text replies)
{
    struct text line = TEXT_EMPTY;
    while (text_next(&replies, '\n', &line)) {
        assert_true(line.len > 4 && line.at[line.len - 1] == '\r');
        if (line.at[3] == ' ') {
            buffer_text(codes, text_part(line, 0, 4));
        }
    }
}

/* Feeds the bytes in pieces of `step` and gives the codes; false when the connection is to be closed. */
static bool talk(
    const struct smtp_server_options *options, struct text sent, size_t step, struct buffer *codes)
{
    struct smtp_session *session = smtp_session_new(options);
    BUFFER_CLEANUP replies = BUFFER(SMTP_REPLY_MAX);
    bool open = true;
    smtp_session_greet(session, &replies);
    assert_true(text_starts(buffer_view(&replies), TEXT("220 ")));
    buffer_reset(&replies);
    for (size_t at = 0; at < sent.len && open; at += step) {
        open = smtp_session_feed(session, text_part(sent, at, step), &replies);
        assert_false(replies.overflowed);
        take_codes(codes, buffer_view(&replies));
        buffer_reset(&replies);
    }
    smtp_session_free(session);
    return open;
}

static void test_conversations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t step = 1; step <= SMTP_FEED_MAX; step *= 64) {
            ARENA_CLEANUP arena = arena_new(1024 * 1024);
            BUFFER_CLEANUP codes = BUFFER(10000);
            struct inbox inbox = {BUFFER(10000), rows[i].refuse};
            struct smtp_server_options options = {
                .size_max = 200, .deliver = inbox_deliver, .context = &inbox};
            bool open = talk(&options, rows[i].sent, step, &codes);
            const char *heard = text_cstr(arena, buffer_view(&codes)),
                       *got = text_cstr(arena, buffer_view(&inbox.got));
            if (open != rows[i].open || strcmp(heard, rows[i].codes) != 0 || strcmp(got, rows[i].got) != 0) {
                fail_msg("row %zu by %zu: %s %s", i, step, heard, got);
            }
            buffer_free(&inbox.got);
        }
    }
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *begin, *filler;
        size_t times;
        const char *end, *last; /* codes at the end */
        bool open;
    } limits[] = {
        {BEGIN, "12345678\r\n", 20, ".\r\n", "354 250 ", true}, /* exactly the size */
        {BEGIN, "12345678\r\n", 21, ".\r\n", "354 552 ", true},
        {BEGIN, "12345678\r\n", 30, ".\r\nNOOP\r\n", "354 552 250 ", true},
        {BEGIN, "12345678\r\n", 1000, ".\r\n", "354 552 ", false}, /* does not listen for ever */
        {BEGIN, "x", 198, "\r\n.\r\n", "354 250 ", true},
        {BEGIN, "x", 998, "\r\n.\r\n", "354 552 ", false},
        {BEGIN, "x", 999, "\r\n.\r\n", "354 500 ", false}, /* the longest line */
        {"NOOP ", "x", 993, "\r\n", "250 ", true},
        {"NOOP ", "x", 994, "\r\n", "500 ", false},
        {"", "NOOP\r\n", 1000, "", "250 250 ", true},
        {"", "NOOP\r\n", 1001, "", "250 421 ", false},
        {"", "WHAT\r\n", 20, "NOOP\r\n", "500 250 ", true},
        {"", "WHAT\r\n", 21, "NOOP\r\n", "500 421 ", false},
        {"EHLO me\r\nMAIL FROM:<a@x.org>\r\n", "RCPT TO:<b@y.org>\r\n", 101, "", "250 452 ", true},
    };
    for (size_t i = 0; i < COUNT(limits); i++) {
        BUFFER_CLEANUP sent = BUFFER(100000);
        BUFFER_CLEANUP codes = BUFFER(100000);
        struct inbox inbox = {BUFFER(10000), false};
        struct smtp_server_options options = {.size_max = 200, .deliver = inbox_deliver, .context = &inbox};
        buffer_string(&sent, limits[i].begin);
        for (size_t j = 0; j < limits[i].times; j++) {
            buffer_string(&sent, limits[i].filler);
        }
        buffer_string(&sent, limits[i].end);
        bool open = talk(&options, buffer_view(&sent), SMTP_FEED_MAX, &codes);
        if (open != limits[i].open || !text_ends(buffer_view(&codes), text_from(limits[i].last))) {
            fail_msg("row %zu: %d ...%.*s", i, (int)open,
                TEXT_ARG(text_part(buffer_view(&codes), codes.len > 40 ? codes.len - 40 : 0, 40)));
        }
        buffer_free(&inbox.got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_conversations), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
