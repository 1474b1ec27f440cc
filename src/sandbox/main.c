/* portdesk-sandbox serve: the sandbox carrier's program. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "letters/loa.h"
#include "sandbox/app.h"
#include "sandbox/fault.h"
#include "sandbox/mailbox.h"
#include "sandbox/script.h"
#include "sandbox/workers.h"
#include "store/migrations.h"

#define CONNECTIONS_MAX 200
#define IDLE_SECONDS 30
#define GRACE_MS 3000
#define CALL_MS 5000 /* of a webhook */
#define READERS 8

struct program {
    struct sandbox sandbox;
    struct workers *workers;
    struct http_server *server;
    struct smtp_server *mail;
};

static bool prepare(struct program *program, struct arena *arena, struct problem *problem)
{
    struct sandbox *sandbox = &program->sandbox;
    struct text url = sandbox->settings.base_url;
    sandbox->origin = text_ends(url, TEXT("/")) ? text_part(url, 0, url.len - 1) : url;
    if (!sid_ok(sandbox->settings.account_sid, "AC"))
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, "carrier.account_sid",
            "carrier.account_sid", "carrier.account_sid must be AC and 32 hex digits");
    struct text key = sandbox->settings.api_key_sid;
    if ((key.len && !sid_ok(key, "SK")) || !key.len != !sandbox->settings.api_key_secret.len)
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, "carrier.api_key_sid",
            "carrier.api_key_sid", "carrier.api_key_sid must be SK and 32 hex digits, and have its secret");
    const char *folder = text_cstr(arena, sandbox->settings.data_dir);
    struct stat status;
    if (mkdir(folder, 0700) != 0 && (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode)))
        return problem_internal(problem, "data.dir: %s cannot be made", folder);
    struct db_options options = {.url = text_format(arena, "%s/sandbox.db", folder).at,
        .migrations = sandbox_migrations,
        .connections = READERS};
    struct http_client_options client = {.connect_ms = CALL_MS,
        .total_ms = CALL_MS,
        .answer_max = 64 * 1024,
        .user_agent = "TwilioProxy/1.1 (portdesk-sandbox)"};
    struct text clock = sandbox->settings.clock_file;
    if (!clock.len)
        clock = text_format(arena, "%s/clock", folder);
    if (!clock_shared(text_cstr(arena, clock), &sandbox->clock, problem) ||
        !db_open(&options, &sandbox->db, problem) || !script_start(sandbox, problem))
        return false;
    sandbox->client = http_client_new(&client);
    sandbox->wake_carrier = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sandbox->wake_webhooks = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    sandbox->wake_mails = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (sandbox->wake_carrier < 0 || sandbox->wake_webhooks < 0 || sandbox->wake_mails < 0)
        return problem_internal(problem, "no eventfd");
    return true;
}

static bool start(struct program *program, struct arena *arena, struct problem *problem)
{
    struct sandbox *sandbox = &program->sandbox;
    struct smtp_server_options mail = {.listen = text_cstr(arena, sandbox->settings.mail_listen),
        .connections_max = 50,
        .size_max = MAIL_SIZE_MAX,
        .deliver = mailbox_deliver,
        .context = sandbox};
    struct http_server_options server = {.listen = text_cstr(arena, sandbox->settings.listen),
        .connections_max = CONNECTIONS_MAX,
        .idle_seconds = IDLE_SECONDS,
        .accept = app_accept,
        .application = sandbox,
        .refuse = app_refuse};
    return smtp_server_start(&mail, &program->mail, problem) &&
           workers_start(sandbox, &program->workers, problem) &&
           http_server_start(&server, &program->server, problem);
}

static void stop(struct program *program)
{
    fault_stop();
    if (program->server)
        http_server_stop(program->server, GRACE_MS);
    workers_stop(program->workers);
    if (program->mail)
        smtp_server_stop(program->mail);
    db_close(program->sandbox.db);
    if (program->sandbox.client)
        http_client_free(program->sandbox.client);
    clock_free(program->sandbox.clock);
    const int wakes[] = {
        program->sandbox.wake_carrier, program->sandbox.wake_webhooks, program->sandbox.wake_mails};
    for (size_t i = 0; i < sizeof wakes / sizeof wakes[0]; i++)
        if (wakes[i] > 0)
            close(wakes[i]);
}

static int serve(int argc, char **argv)
{
    ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
    struct program program = {.workers = NULL};
    struct problem problem = {0};
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    /* Before any thread is there, so that all of them leave these to sigwait. */
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    bool ok = config_read(sandbox_settings_table, sandbox_settings_count, "SANDBOX_", argc, argv, arena,
                  &program.sandbox.settings, &problem) &&
              failpoint_init(&problem) && prepare(&program, arena, &problem) &&
              start(&program, arena, &problem);
    if (ok) {
        log_event(LOG_LEVEL_INFO, "sandbox.listening", LOG_NUMBER("port", http_server_port(program.server)),
            LOG_NUMBER("mail_port", smtp_server_port(program.mail)));
        int signal_number = 0;
        sigwait(&ends, &signal_number);
        log_event(LOG_LEVEL_INFO, "sandbox.stopping", LOG_NUMBER("signal", signal_number));
    } else {
        log_problem(LOG_LEVEL_ERROR, "sandbox.start_failed", &problem);
    }
    stop(&program);
    return ok ? 0 : 1;
}

static void help_examples(struct buffer *out)
{
    static const enum word examples[] = {
        WORD_sandbox_help_first, WORD_sandbox_help_ports, WORD_sandbox_help_key, WORD_sandbox_help_ini};
    static const char *const commands[] = {"portdesk-sandbox serve",
        "portdesk-sandbox serve --web.listen=0.0.0.0:9000 --web.base_url=http://carrier.test:9000",
        "portdesk-sandbox serve --carrier.api_key_sid=SK0123456789abcdef0123456789abcdef"
        " --carrier.api_key_secret_file=key.txt",
        "portdesk-sandbox serve --config /etc/portdesk-sandbox.ini"};
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        buffer_format(out, "  %s\n      ", commands[i]);
        words_write(out, LANGUAGE_EN, examples[i], WORD_NO_ARGS);
        buffer_char(out, '\n');
    }
}

static int help(bool markdown)
{
    BUFFER_CLEANUP text = BUFFER(64 * 1024);
    if (!markdown) {
        words_write(&text, LANGUAGE_EN, WORD_sandbox_help_what, WORD_NO_ARGS);
        buffer_string(&text, "\n\nusage: portdesk-sandbox serve [--config FILE] [--SETTING=VALUE]...\n"
                             "       portdesk-sandbox scenarios\n"
                             "       portdesk-sandbox help [--markdown]\n\n");
        help_examples(&text);
        buffer_char(&text, '\n');
    }
    config_help(sandbox_settings_table, sandbox_settings_count, "SANDBOX_", markdown, &text);
    return fwrite(text.at, 1, text.len, stdout) == text.len && fflush(stdout) == 0 ? 0 : 1;
}

static int tell_scenarios(void)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    BUFFER_CLEANUP text = BUFFER(256 * 1024);
    script_tables(arena, &text);
    return fwrite(text.at, 1, text.len, stdout) == text.len ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *command = argc >= 2 ? argv[1] : "";
    if (strcmp(command, "serve") == 0)
        return serve(argc - 2, argv + 2);
    if (strcmp(command, "help") == 0 || strcmp(command, "--help") == 0)
        return help(argc > 2 && strcmp(argv[2], "--markdown") == 0);
    if (strcmp(command, "scenarios") == 0)
        return tell_scenarios();
    fputs("usage: portdesk-sandbox serve [--config FILE] [--SETTING=VALUE]... | scenarios | help\n", stderr);
    return 2;
}
