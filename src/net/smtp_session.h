/* One conversation of the SMTP server as a state machine that is fed bytes and writes replies: no sockets, so that it can
 * be tested and fuzzed. */
#ifndef NET_SMTP_SESSION_H
#define NET_SMTP_SESSION_H

#include "base/buffer.h"
#include "net/smtp_server.h"

#define SMTP_REPLY_MAX ((size_t)64 * 1024) /* room for replies to what is fed at once */
#define SMTP_FEED_MAX ((size_t)4 * 1024)   /* bytes fed at once, at most */

struct smtp_session;

/* `options` must outlive the session. */
struct smtp_session *smtp_session_new(const struct smtp_server_options *options);
void smtp_session_free(struct smtp_session *session);
/* Appends the greeting. */
void smtp_session_greet(struct smtp_session *session, struct buffer *replies);
/* Takes what came and appends the replies. False when the connection is to be closed after them. */
bool smtp_session_feed(struct smtp_session *session, struct text bytes, struct buffer *replies);

#endif
