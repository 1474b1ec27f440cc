/* portdesk routes, portdesk metrics and portdesk settings: the tables that docs and tests are made from. */
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "commands/commands.h"
#include "commands/settings.h"
#include "web/routes.h"

#define LISTING_MAX (1024 * 1024)

static int print(const struct buffer *out)
{
    struct text text = buffer_view(out);
    return fwrite(text.at, 1, text.len, stdout) == text.len && fflush(stdout) == 0 ? 0 : 1;
}

int command_routes(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    BUFFER_CLEANUP out = BUFFER(LISTING_MAX);
    routes_json(&out, web_routes, web_routes_count);
    return print(&out);
}

static void heading(struct buffer *out, enum word title, enum word made)
{
    buffer_string(out, "# ");
    words_write(out, LANGUAGE_EN, title, WORD_NO_ARGS);
    buffer_string(out, "\n\n");
    words_write(out, LANGUAGE_EN, made, WORD_NO_ARGS);
    buffer_string(out, "\n\n");
}

int command_metrics(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    BUFFER_CLEANUP out = BUFFER(LISTING_MAX);
    heading(&out, WORD_command_metrics_title, WORD_command_metrics_made);
    metrics_describe(&out);
    return print(&out);
}

int command_settings(int argc, char **argv)
{
    bool markdown = argc > 0 && !strcmp(argv[0], "--markdown");
    BUFFER_CLEANUP out = BUFFER(LISTING_MAX);
    if (markdown)
        heading(&out, WORD_command_settings_title, WORD_command_settings_made);
    config_help(settings_table, settings_count, "PORTDESK_", markdown, &out);
    return print(&out);
}
