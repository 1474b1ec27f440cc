/* Dates as HTTP and mail headers write them. */
#ifndef NET_NET_DATE_H
#define NET_NET_DATE_H

#include <stdint.h>

#include "base/buffer.h"

/* "Tue, 27 Oct 2026 09:30:00 GMT", or "+0000" instead of GMT; the instant in UTC µs. */
void net_date_http(struct buffer *out, int64_t us);
void net_date_mail(struct buffer *out, int64_t us);

#endif
