/* Structured header values: `type/subtype; name=value; name="quoted value"`, as in Content-Type and Content-Disposition. */
#ifndef NET_HEADER_PARAM_H
#define NET_HEADER_PARAM_H

#include "base/text.h"

/* Takes what stands before the first ';' (trimmed) off the front of *rest. */
struct text header_main(struct text *rest);

enum header_param { HEADER_PARAM_END, HEADER_PARAM_FOUND, HEADER_PARAM_BROKEN };

/* Takes the next parameter off the front of *rest. In a quoted value `\"` and `\\` lose their backslash; another
 * backslash stays, as old browsers send paths of Windows. Values live in the arena. */
enum header_param header_param_next(
    struct arena *arena, struct text *rest, struct text *ret_name, struct text *ret_value);

#endif
