/* portdesk serve: the web, the webhooks and the jobs, or a part of that, until SIGTERM or SIGINT. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/program.h"
#include "store/migrations.h"
#include "web/readiness.h"
#include "web/web.h"

#define GRACE_MS 5000
#define JOBS_GRACE_MS 35000 /* longer than one call of a carrier may take */

/* Blocks the signals that end the program in all threads, so that they are taken in one place. */
static void block_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    pthread_sigmask(SIG_BLOCK, ret, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* ---- Roles ---- */

static bool read_role(struct program *program, struct problem *problem)
{
    static const char *const names[] = {
        [PROGRAM_ALL] = "all", [PROGRAM_WEB] = "web", [PROGRAM_WORKER] = "worker"};
    int role = PROGRAM_ALL;
    while (role <= PROGRAM_WORKER && !text_is(program->settings.role, names[role]))
        role++;
    if (role > PROGRAM_WORKER)
        return problem_set(problem, PROBLEM_INPUT, WORD_command_serve_role_wrong, "serve.role", NULL, NULL);
    if (role != PROGRAM_ALL && !db_url_is_shared(program->settings.database_url))
        return problem_set(problem, PROBLEM_INPUT, WORD_command_serve_role_sqlite, "serve.role", NULL, NULL);
    program->role = (enum program_role)role;
    return true;
}

/* ---- What may stand between people and us ---- */

static bool is_loopback(struct text url)
{
    static const char *const hosts[] = {"localhost", "[::1]"};
    struct text host = text_part(url, strlen("http://"), SIZE_MAX);
    struct text name = text_part(host, 0,
        text_starts(host, TEXT("[")) ? text_find_char(host, ']', 0) + 1 : text_find_char(host, ':', 0));
    name = text_part(name, 0, text_find_char(name, '/', 0));
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (text_is(name, hosts[i]))
            return true;
    struct proxies loopback;
    return proxies_parse(TEXT("127.0.0.0/8"), &loopback, NULL) && proxies_have(&loopback, name);
}

static bool read_network(struct program *program, struct problem *problem)
{
    const struct settings *settings = &program->settings;
    if (text_starts(settings->base_url, TEXT("http://")) && !settings->allow_plain_http &&
        !is_loopback(settings->base_url))
        return problem_set(problem, PROBLEM_INPUT, WORD_command_base_url_plain, "web.base_url", NULL, NULL);
    return proxies_parse(settings->trusted_proxies, &program->proxies, problem);
}

/* "--role X" is "--serve.role X". */
static void expand_role(int argc, char **argv, struct arena *arena)
{
    for (int i = 0; i < argc; i++)
        if (!strcmp(argv[i], "--role") || !strncmp(argv[i], "--role=", 7))
            argv[i] = (char *)text_format(arena, "--serve.role%s", argv[i] + 6).at;
}

/* ---- From the start to the signal, and to the end ---- */

static bool start_http(struct program *program, struct http_server **ret, struct problem *problem)
{
    const struct settings *settings = &program->settings;
    struct http_server_options options = {
        .listen = text_cstr(program->arena, settings->listen),
        .connections_max = (size_t)settings->connections_max,
        .idle_seconds = (unsigned)settings->idle_seconds,
        .proxies = &program->proxies,
        .accept = web_accept,
        .application = &program->web,
        .refuse = web_refuse,
    };
    return http_server_start(&options, ret, problem);
}

static bool start(struct program *program, struct http_server **ret, struct problem *problem)
{
    if (!readiness_start(program->db, portdesk_migrations, &program->readiness, problem))
        return false;
    program->web.readiness = program->readiness;
    return (program->role == PROGRAM_WEB || program_start_jobs(program, problem)) &&
           start_http(program, ret, problem);
}

static void say_ready(struct program *program, struct http_server *server)
{
    struct text weakness = program->reader ? bill_reader_weakness(program->reader) : TEXT_EMPTY;
    if (weakness.len)
        log_event(LOG_LEVEL_WARN, "serve.weak_cage", LOG_TEXT("missing", weakness));
    log_event(LOG_LEVEL_INFO, "serve.ready", LOG_NUMBER("port", http_server_port(server)),
        LOG_TEXT("url", program->settings.base_url), LOG_TEXT("role", program->settings.role));
    sd_notify(0, "READY=1");
}

/* Until a signal; then what looks at /readyz is given time to see that this process ends. A second signal cuts that short. */
static void wait_for_the_end(struct program *program, const sigset_t *ending)
{
    static const struct timespec look = {.tv_sec = 1};
    int signal_number = 0;
    struct timespec drain = {.tv_sec = (time_t)program->settings.drain_seconds};
    do {
        program_watch_key(program);
        signal_number = sigtimedwait(ending, NULL, &look);
    } while (signal_number < 0);
    log_event(LOG_LEVEL_INFO, "serve.ending", LOG_NUMBER("signal", signal_number));
    sd_notify(0, "STOPPING=1");
    readiness_stopping(program->readiness);
    jobs_quiesce(program->jobs);
    if (drain.tv_sec > 0)
        sigtimedwait(ending, NULL, &drain);
}

static bool serve(struct program *program, const sigset_t *ending, struct problem *problem)
{
    struct http_server *server = NULL;
    bool started = start(program, &server, problem);
    if (started) {
        say_ready(program, server);
        wait_for_the_end(program, ending);
        http_server_stop(server, GRACE_MS);
    }
    /* When a job did not end in time nothing may be closed under it. */
    if (!jobs_stop(program->jobs, JOBS_GRACE_MS)) {
        log_event(LOG_LEVEL_WARN, "serve.cut_off");
        _exit(started ? 0 : 1);
    }
    return started;
}

int command_serve(int argc, char **argv)
{
    sigset_t ending;
    struct problem problem = {0};
    struct program program = {.arena = arena_new(16 * 1024 * 1024)};
    block_signals(&ending);
    expand_role(argc, argv, program.arena);
    bool ok = settings_read(argc, argv, program.arena, &program.settings);
    if (!ok) {
        arena_free(program.arena);
        return 2;
    }
    ok = failpoint_init(&problem) && read_role(&program, &problem) && read_network(&program, &problem) &&
         program_open(&program, &problem) && program_assemble(&program, &problem) &&
         serve(&program, &ending, &problem);
    int code = ok ? 0 : command_failed(&problem);
    program_close(&program);
    return code;
}
