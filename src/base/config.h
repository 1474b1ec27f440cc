/* Configuration: one table of settings for each program; each is read from its default, then the file, then the
 * environment, then the flags. The same table makes the help text and docs/configuration.md. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

enum setting_type {
    SETTING_TEXT,
    SETTING_NUMBER, /* min..max */
    SETTING_BOOL,   /* true or false */
    SETTING_PATH,
    SETTING_URL,    /* absolute http, https or smtp(s) URL without user or fragment */
    SETTING_SECRET, /* as text, but never printed; `<name>_file` names a file that holds it */
};

struct setting {
    const char *
        name; /* section.name as in the file: "web.listen"; PORTDESK_WEB_LISTEN in the environment; --web.listen */
    enum setting_type type;
    const char *otherwise; /* the default, in its written form; NULL when it must be given */
    int64_t min, max;      /* of a number */
    size_t offset;         /* in the program's struct: struct text for texts, int64_t for numbers, bool */
    const char *help;      /* one plain sentence */
};

/* Reads all settings into *ret (the program's own struct). `environment_prefix` is "PORTDESK_" or "SANDBOX_"; `file` may be NULL; unknown names in file and
 * flags are problems with the name in `about`. Texts live in the arena. `argv` holds only what follows the subcommand;
 * `--config FILE` is understood here. */
bool config_read(const struct setting *table, size_t count, const char *environment_prefix, int argc,
    char **argv, struct arena *arena, void *ret, struct problem *problem);

/* The table as text for --help, or as a Markdown table for the docs. */
void config_help(const struct setting *table, size_t count, const char *environment_prefix, bool markdown,
    struct buffer *out);

#endif
