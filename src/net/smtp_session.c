#include "net/smtp_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "net/smtp.h"

#define LINE_MAX_BYTES 1000 /* RFC 5321 4.5.3.1.6, with its line end; for commands too */
#define RECIPIENTS_MAX 100
#define COMMANDS_MAX 1000
#define MISTAKES_MAX 20

enum smtp_state {
    SMTP_NEW,   /* before EHLO */
    SMTP_READY, /* no mail begun */
    SMTP_MAIL,  /* MAIL was taken */
    SMTP_DATA,  /* lines of the message */
    SMTP_CLOSED,
};

struct smtp_session {
    const struct smtp_server_options *options;
    enum smtp_state state;
    char line[LINE_MAX_BYTES];
    size_t line_len;
    unsigned commands, mistakes;
    struct arena *arena; /* of the mail at hand */
    struct text from;
    struct text to[RECIPIENTS_MAX];
    size_t to_count;
    struct buffer data;
    size_t excess; /* bytes of the message past size_max, which are read away */
};

struct smtp_session *smtp_session_new(const struct smtp_server_options *options)
{
    struct smtp_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        abort();
    }
    session->options = options;
    session->arena = arena_new((size_t)1024 * 1024);
    session->data = BUFFER(options->size_max);
    return session;
}

void smtp_session_free(struct smtp_session *session)
{
    if (session == NULL) {
        return;
    }
    arena_free(session->arena);
    buffer_free(&session->data);
    free(session);
}

void smtp_session_greet(struct smtp_session *session, struct buffer *replies)
{
    (void)session;
    buffer_string(replies, "220 localhost ESMTP ready\r\n");
}

static void forget_mail(struct smtp_session *session)
{
    arena_reset(session->arena);
    buffer_free(&session->data);
    session->data = BUFFER(session->options->size_max);
    session->from = TEXT_EMPTY;
    session->to_count = 0;
    session->excess = 0;
    if (session->state != SMTP_NEW && session->state != SMTP_CLOSED) {
        session->state = SMTP_READY;
    }
}

static void mistake(struct smtp_session *session, struct buffer *replies, const char *reply)
{
    buffer_string(replies, reply);
    session->mistakes++;
    if (session->mistakes > MISTAKES_MAX) {
        buffer_string(replies, "421 4.7.0 Too many mistakes\r\n");
        session->state = SMTP_CLOSED;
    }
}

static void close_with(struct smtp_session *session, struct buffer *replies, const char *reply)
{
    buffer_string(replies, reply);
    session->state = SMTP_CLOSED;
}

/* Takes "<address>" off the front of *rest. */
static bool path_parse(struct text *rest, struct text *ret)
{
    *rest = text_trim(*rest);
    size_t end = text_find_char(*rest, '>', 0);
    if (end == SIZE_MAX || rest->at[0] != '<') {
        return false;
    }
    *ret = text_part(*rest, 1, end - 1);
    *rest = text_part(*rest, end + 1, SIZE_MAX);
    return rest->len == 0 || rest->at[0] == ' ';
}

enum parameters { PARAMETERS_OK, PARAMETERS_UNKNOWN, PARAMETERS_TOO_LARGE };

static enum parameters parameters_check(struct text rest, size_t size_max)
{
    struct text parameter = TEXT_EMPTY;
    while (text_next(&rest, ' ', &parameter)) {
        struct text name = TEXT_EMPTY;
        uint64_t size = 0;
        if (parameter.len == 0) {
            continue;
        }
        text_next(&parameter, '=', &name);
        if (text_equal_nocase(name, TEXT("SIZE")) && text_to_u64(parameter, INT64_MAX, &size)) {
            if (size > size_max) {
                return PARAMETERS_TOO_LARGE;
            }
        } else if (!text_equal_nocase(name, TEXT("BODY")) ||
                   (!text_equal_nocase(parameter, TEXT("8BITMIME")) &&
                       !text_equal_nocase(parameter, TEXT("7BIT")))) {
            return PARAMETERS_UNKNOWN;
        }
    }
    return PARAMETERS_OK;
}

static void command_hello(
    struct smtp_session *session, struct text argument, struct buffer *replies, bool extended)
{
    if (text_trim(argument).len == 0) {
        mistake(session, replies, "501 5.5.4 Say who you are\r\n");
        return;
    }
    session->state = SMTP_READY;
    forget_mail(session);
    if (extended) {
        buffer_format(replies, "250-localhost\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SIZE %zu\r\n",
            session->options->size_max);
    } else {
        buffer_string(replies, "250 localhost\r\n");
    }
}

static void command_ehlo(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    command_hello(session, argument, replies, true);
}

static void command_helo(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    command_hello(session, argument, replies, false);
}

static void command_mail(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    struct text from = TEXT_EMPTY;
    if (session->state != SMTP_READY) {
        mistake(session, replies, "503 5.5.1 Not now\r\n");
        return;
    }
    struct text rest = text_part(argument, 5, SIZE_MAX);
    if (!text_equal_nocase(text_part(argument, 0, 5), TEXT("FROM:")) || !path_parse(&rest, &from) ||
        (from.len > 0 && !mail_address_ok(from))) {
        mistake(session, replies, "501 5.1.7 MAIL FROM:<address>\r\n");
        return;
    }
    switch (parameters_check(rest, session->options->size_max)) {
    case PARAMETERS_UNKNOWN:
        mistake(session, replies, "555 5.5.4 Parameter not known\r\n");
        return;
    case PARAMETERS_TOO_LARGE:
        buffer_string(replies, "552 5.3.4 Message too big\r\n");
        return;
    case PARAMETERS_OK:
        break;
    }
    session->from = text_copy(session->arena, from);
    session->state = SMTP_MAIL;
    buffer_string(replies, "250 2.1.0 OK\r\n");
}

static void command_rcpt(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    struct text to = TEXT_EMPTY;
    if (session->state != SMTP_MAIL) {
        mistake(session, replies, "503 5.5.1 MAIL first\r\n");
        return;
    }
    struct text rest = text_part(argument, 3, SIZE_MAX);
    if (!text_equal_nocase(text_part(argument, 0, 3), TEXT("TO:")) || !path_parse(&rest, &to) ||
        !mail_address_ok(to)) {
        mistake(session, replies, "501 5.1.3 RCPT TO:<address>\r\n");
        return;
    }
    if (text_trim(rest).len > 0) {
        mistake(session, replies, "555 5.5.4 Parameter not known\r\n");
        return;
    }
    if (session->to_count == RECIPIENTS_MAX) {
        buffer_string(replies, "452 4.5.3 Too many recipients\r\n");
        return;
    }
    session->to[session->to_count++] = text_copy(session->arena, to);
    buffer_string(replies, "250 2.1.5 OK\r\n");
}

static void command_data(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    if (session->state != SMTP_MAIL || session->to_count == 0) {
        mistake(session, replies, "503 5.5.1 MAIL and RCPT first\r\n");
        return;
    }
    if (argument.len > 0) {
        mistake(session, replies, "501 5.5.4 DATA stands alone\r\n");
        return;
    }
    session->state = SMTP_DATA;
    buffer_string(replies, "354 End with a line of one dot\r\n");
}

static void command_rset(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    (void)argument;
    forget_mail(session);
    buffer_string(replies, "250 2.0.0 OK\r\n");
}

static void command_noop(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    (void)session;
    (void)argument;
    buffer_string(replies, "250 2.0.0 OK\r\n");
}

static void command_vrfy(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    (void)session;
    (void)argument;
    buffer_string(replies, "252 2.5.2 Send it and see\r\n");
}

static void command_quit(struct smtp_session *session, struct text argument, struct buffer *replies)
{
    (void)argument;
    close_with(session, replies, "221 2.0.0 Bye\r\n");
}

static void command(struct smtp_session *session, struct text line, struct buffer *replies)
{
    static const struct {
        const char *name;
        void (*run)(struct smtp_session *session, struct text argument, struct buffer *replies);
    } commands[] = {
        {"EHLO", command_ehlo},
        {"HELO", command_helo},
        {"MAIL", command_mail},
        {"RCPT", command_rcpt},
        {"DATA", command_data},
        {"RSET", command_rset},
        {"NOOP", command_noop},
        {"VRFY", command_vrfy},
        {"QUIT", command_quit},
    };
    session->commands++;
    if (session->commands > COMMANDS_MAX) {
        close_with(session, replies, "421 4.7.0 Too many commands\r\n");
        return;
    }
    size_t end = text_find_char(line, ' ', 0);
    struct text name = text_part(line, 0, end);
    struct text argument = end == SIZE_MAX ? TEXT_EMPTY : text_part(line, end + 1, SIZE_MAX);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (text_equal_nocase(name, text_from(commands[i].name))) {
            commands[i].run(session, argument, replies);
            return;
        }
    }
    mistake(session, replies, "500 5.5.1 Command not known\r\n");
}

static void deliver(struct smtp_session *session, struct buffer *replies)
{
    struct smtp_received mail = {.from = session->from,
        .to = session->to,
        .to_count = session->to_count,
        .data = buffer_view(&session->data)};
    if (session->data.overflowed) {
        buffer_string(replies, "552 5.3.4 Message too big\r\n");
    } else if (session->options->deliver(session->options->context, &mail)) {
        buffer_string(replies, "250 2.0.0 OK\r\n");
    } else {
        buffer_string(replies, "451 4.3.0 Try again later\r\n");
    }
    forget_mail(session);
}

/* `line` without its line end. */
static void data_line(struct smtp_session *session, struct text line, struct buffer *replies)
{
    if (text_is(line, ".")) {
        deliver(session, replies);
        return;
    }
    if (line.len > 0 && line.at[0] == '.') {
        line = text_part(line, 1, SIZE_MAX);
    }
    if (!session->data.overflowed && buffer_text(&session->data, line) &&
        buffer_string(&session->data, "\r\n")) {
        return;
    }
    session->data.overflowed = true;
    session->excess += line.len + 2;
    if (session->excess > session->options->size_max) {
        close_with(session, replies, "552 5.3.4 Message much too big\r\n");
    }
}

static void line_done(struct smtp_session *session, struct buffer *replies)
{
    struct text line = {session->line, session->line_len - 2};
    session->line_len = 0;
    if (session->state == SMTP_DATA) {
        data_line(session, line, replies);
    } else {
        command(session, line, replies);
    }
}

/* CR and LF only together: a server that takes one alone for a line end is how a second mail is smuggled in. After such a
 * byte nobody knows any more what is command and what is message, so the connection ends. */
static void take(struct smtp_session *session, char c, struct buffer *replies)
{
    bool after_cr = session->line_len > 0 && session->line[session->line_len - 1] == '\r';
    if (c == '\0' || after_cr != (c == '\n')) {
        close_with(session, replies, "500 5.5.2 Lines end with CR LF, and only there\r\n");
        return;
    }
    if (session->line_len == LINE_MAX_BYTES) {
        close_with(session, replies, "500 5.5.2 Line too long\r\n");
        return;
    }
    session->line[session->line_len++] = c;
    if (c == '\n') {
        line_done(session, replies);
    }
}

bool smtp_session_feed(struct smtp_session *session, struct text bytes, struct buffer *replies)
{
    assert(bytes.len <= SMTP_FEED_MAX);
    for (size_t i = 0; i < bytes.len && session->state != SMTP_CLOSED; i++) {
        take(session, bytes.at[i], replies);
    }
    return session->state != SMTP_CLOSED;
}
