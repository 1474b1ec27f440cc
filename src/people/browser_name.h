/* Which browser on which system a User-Agent header speaks of, by a small table: enough for a person to know a device again. Pure. */
#ifndef PEOPLE_BROWSER_NAME_H
#define PEOPLE_BROWSER_NAME_H

#include "base/arena.h"
#include "base/words.h"

#define BROWSER_NAME_MAX 40 /* bytes of a name */

/* "Firefox/Windows", "Firefox/" or "/Windows" where the other is not known, empty where neither is; a text of ours whatever the header is.
 * Only the header's first 512 bytes are looked at. */
struct text browser_name(struct arena *arena, struct text user_agent);

/* The two halves of a stored name; either may be empty. */
void browser_name_split(struct text name, struct text *ret_browser, struct text *ret_system);

/* For people: "Firefox on Windows", one of the two, or empty. */
struct text browser_name_say(struct arena *arena, enum language language, struct text name);

#endif
