/* The mailbox: every mail that comes by SMTP is kept in the sandbox's database, the newest MAILBOX_MAX of them. */
#ifndef SANDBOX_MAILBOX_H
#define SANDBOX_MAILBOX_H

#include "net/smtp_server.h"
#include "sandbox/sandbox.h"

#define MAILBOX_MAX 2000
#define MAIL_SIZE_MAX ((size_t)2 * 1024 * 1024)

/* What the SMTP server calls for each mail; the context is the struct sandbox. */
bool mailbox_deliver(void *context, const struct smtp_received *mail);

#endif
