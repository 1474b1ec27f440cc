/* A small SMTP server that takes every mail and hands it over: the demo's mailbox and the tests' mail server. Not for the
 * open Internet: it listens on loopback, offers no TLS and no relaying. */
#ifndef NET_SMTP_SERVER_H
#define NET_SMTP_SERVER_H

#include "base/problem.h"
#include "base/text.h"

struct smtp_server;

struct smtp_received {
    struct text from; /* envelope */
    struct text *to;
    size_t to_count;
    struct text data; /* the message as it came, dot-unstuffed, CRLF lines; at most size_max */
};

struct smtp_server_options {
    const char *listen; /* "127.0.0.1:2525"; port 0 picks one */
    size_t connections_max;
    size_t size_max; /* bytes of one message, announced with SIZE */
    /* Called on the connection's thread; false answers 451 so that the sender tries again. */
    bool (*deliver)(void *context, const struct smtp_received *mail);
    void *context;
};

bool smtp_server_start(
    const struct smtp_server_options *options, struct smtp_server **ret, struct problem *problem);
int smtp_server_port(const struct smtp_server *server);
void smtp_server_stop(struct smtp_server *server);

/* What a mailbox page shows of a message: decoded headers and the text and HTML parts (MIME, quoted-printable, base64, RFC
 * 2047 words). Hostile input: fuzzed. Everything lives in the arena, which must have room for eight times the data and 2 MiB
 * more, or in the data itself. Texts are valid UTF-8, headers on one line. PROBLEM_SYNTAX when it is no message. */
struct mail_view {
    struct text from, to, subject, date, message_id, text, html;
    struct text attachment, attachment_name, attachment_type; /* the first attachment, decoded */
};
bool mail_parse(struct arena *arena, struct text data, struct mail_view *ret, struct problem *problem);

#endif
