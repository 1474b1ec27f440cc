/* libcurl's start of the whole process, which must happen once and before the first use in any thread. */
#ifndef NET_CURL_ONCE_H
#define NET_CURL_ONCE_H

void curl_begin_once(void);

#endif
