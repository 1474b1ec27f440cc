/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a PDF names something that acts: a script, an embedded file, an action that starts a program. The document is
 * not refused for it, since we run nothing, but whoever downloads it later should know. */
#ifndef BILLREADER_ACTIVE_H
#define BILLREADER_ACTIVE_H

#include <stdbool.h>
#include <stddef.h>

/* Looks at the bytes themselves and into compressed object streams (64 MiB of them at most); a match too many is
 * better than one too few. */
bool active_named(const unsigned char *bytes, size_t len);

#endif
