/* The SMTP session: the same bytes in one piece and byte by byte give the same mails, and none with a bare line end. */
#include <stdint.h>
#include <stdlib.h>

#include "net/smtp.h"
#include "net/smtp_session.h"

#define SIZE_MAX_OF_MAIL 500

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static bool deliver(void *context, const struct smtp_received *mail)
{
    struct buffer *got = context;
    check(mail->to_count > 0 && mail->data.len <= SIZE_MAX_OF_MAIL);
    check(mail->from.len == 0 || mail_address_ok(mail->from));
    for (size_t i = 0; i < mail->to_count; i++) {
        check(mail_address_ok(mail->to[i]));
        buffer_text(got, mail->to[i]);
    }
    for (size_t i = 0; i < mail->data.len; i++) {
        bool cr = i > 0 && mail->data.at[i - 1] == '\r';
        check((mail->data.at[i] == '\n') == cr && mail->data.at[i] != '\0');
    }
    return buffer_text(got, mail->data);
}

static void talk(struct text bytes, size_t step, struct buffer *got)
{
    struct smtp_server_options options = {.size_max = SIZE_MAX_OF_MAIL, .deliver = deliver, .context = got};
    struct smtp_session *session = smtp_session_new(&options);
    BUFFER_CLEANUP replies = BUFFER(SMTP_REPLY_MAX);
    bool open = true;
    for (size_t at = 0; at < bytes.len && open; at += step) {
        open = smtp_session_feed(session, text_part(bytes, at, step), &replies);
        check(!replies.overflowed);
        buffer_reset(&replies);
    }
    smtp_session_free(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct text text = {(const char *)bytes, len};
    BUFFER_CLEANUP whole = BUFFER((size_t)16 * 1024 * 1024);
    BUFFER_CLEANUP pieces = BUFFER((size_t)16 * 1024 * 1024);
    talk(text, SMTP_FEED_MAX, &whole);
    talk(text, 1, &pieces);
    check(text_equal(buffer_view(&whole), buffer_view(&pieces)));
    return 0;
}
