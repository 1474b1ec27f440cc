/* Portdesk: picks the command. */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"

static const struct command commands[] = {
    {"serve", command_serve, "run the desk"},
    {"init", command_init,
        "make the data directory, the key and the database (--demo: with the demo's people)"},
    {"user", command_user, "user add, invite, role, remove, reset, list: who works here"},
    {"account", command_account, "account add, list: the customers of the desk"},
    {"doctor", command_doctor,
        "look whether this machine can run the desk (--deep: and every record and document)"},
    {"backup", command_backup, "backup FILE: copy everything while the desk runs (--with-key: the key too)"},
    {"restore", command_restore, "restore FILE: into an empty data directory (--key KEYFILE)"},
    {"keys", command_keys, "keys status, rotate, prune: the keys that everything is sealed with"},
    {"carrier", command_carrier, "carrier list, add, test, rotate: the connections to carriers"},
    {"jobs", command_jobs, "the jobs that were given up: list, show, retry, drop"},
    {"routes", command_routes, "print the table of routes as JSON"},
    {"metrics", command_metrics, "print what is counted for /metrics, as Markdown"},
    {"settings", command_settings, "print what can be set (--markdown)"},
};

static int help(FILE *to)
{
    fprintf(to, "usage: portdesk COMMAND [--config FILE] [--section.name VALUE ...]\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return help(stderr);
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
        return help(stdout);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 2, argv + 2);
    fprintf(stderr, "portdesk: there is no command called %s\n", argv[1]);
    return help(stderr);
}
