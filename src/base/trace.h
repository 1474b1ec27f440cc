/* The id of the request that this thread works for: the log writes it in each line, a job that is added keeps it, and
 * calls to a carrier send it, so that one thing that a person did can be followed through all of them. It is no secret. */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include <stdbool.h>

#include "base/text.h"

#define TRACE_MAX 40 /* bytes */

/* Whether a text from outside may be an id: 8 to 40 letters, digits, '-' and '_'. */
bool trace_is_good(struct text id);
/* The id of this thread from now on, copied; the empty slice is none. One that is not good is none, too. */
void trace_set(struct text id);
/* A new id of 12 lower-case letters and digits, which people can read to each other. */
void trace_new(void);
/* The id, or the empty slice; valid until this thread sets another. */
struct text trace_get(void);

#endif
