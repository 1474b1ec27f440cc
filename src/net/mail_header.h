/* Mail headers with words beyond ASCII (RFC 2047), both ways. */
#ifndef NET_MAIL_HEADER_H
#define NET_MAIL_HEADER_H

#include "base/buffer.h"
#include "base/text.h"

/* Writes clean UTF-8 as unstructured header text: as it is when it is short ASCII, otherwise as encoded words, folded. */
void mail_header_encode(struct buffer *out, struct text value);
/* Writes `"name" <address>`, or the address alone; the address has passed mail_address_ok. */
void mail_header_mailbox(struct buffer *out, struct text name, struct text address);

/* Decodes encoded words in a header value; always gives valid UTF-8 on one line. */
struct text mail_header_decode(struct arena *arena, struct text value);

/* Any bytes in a named charset as valid UTF-8: us-ascii, utf-8, iso-8859-1 and windows-1252 are known, of another only the
 * ASCII is kept. What cannot be read becomes U+FFFD. */
struct text mail_to_utf8(struct arena *arena, struct text bytes, struct text charset);

/* Forgiving decoders: what does not belong there is skipped. */
struct text mail_unquote(
    struct arena *arena, struct text encoded, bool header); /* quoted-printable, or Q of a header */
struct text mail_unbase64(struct arena *arena, struct text encoded);

#endif
