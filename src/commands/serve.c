/* portdesk serve: the web, the webhooks and the jobs, until SIGTERM or SIGINT. */
#include <signal.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/program.h"
#include "porting/sweep.h"
#include "web/web.h"

#define GRACE_MS 5000

/* Blocks the signals that end the program in all threads, so that they are taken in one place. */
static void block_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    pthread_sigmask(SIG_BLOCK, ret, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Before anything can be uploaded. What cannot be swept now is swept at the next start: no reason not to serve. */
static void sweep(struct program *program)
{
    struct problem problem = {0};
    size_t removed = 0;
    if (!documents_sweep(&program->porting, &removed, &problem))
        log_problem(LOG_LEVEL_WARN, "serve.not_swept", &problem);
    if (removed)
        log_event(LOG_LEVEL_INFO, "serve.swept", LOG_NUMBER("documents", removed));
}

static bool serve(struct program *program, const sigset_t *ending, struct problem *problem)
{
    const struct settings *settings = &program->settings;
    struct http_server_options options = {
        .listen = text_cstr(program->arena, settings->listen),
        .connections_max = (size_t)settings->connections_max,
        .idle_seconds = (unsigned)settings->idle_seconds,
        .trust_forwarded_for = settings->trust_forwarded_for,
        .accept = web_accept,
        .application = &program->web,
        .refuse = web_refuse,
    };
    struct http_server *server;
    sweep(program);
    if (!program_start_jobs(program, problem) || !http_server_start(&options, &server, problem))
        return false;
    struct text weakness = bill_reader_weakness(program->reader);
    if (weakness.len)
        log_event(LOG_LEVEL_WARN, "serve.weak_cage", LOG_TEXT("missing", weakness));
    log_event(LOG_LEVEL_INFO, "serve.ready", LOG_NUMBER("port", http_server_port(server)),
        LOG_TEXT("url", settings->base_url));
    sd_notify(0, "READY=1");
    int signal_number = 0;
    sigwait(ending, &signal_number);
    log_event(LOG_LEVEL_INFO, "serve.ending", LOG_NUMBER("signal", signal_number));
    sd_notify(0, "STOPPING=1");
    http_server_stop(server, GRACE_MS);
    return true;
}

int command_serve(int argc, char **argv)
{
    sigset_t ending;
    struct problem problem = {0};
    struct program program = {.arena = arena_new(16 * 1024 * 1024)};
    block_signals(&ending);
    bool ok = settings_read(argc, argv, program.arena, &program.settings);
    if (!ok) {
        arena_free(program.arena);
        return 2;
    }
    ok = failpoint_init(&problem) && program_open(&program, &problem) &&
         program_assemble(&program, &problem) && serve(&program, &ending, &problem);
    int code = ok ? 0 : command_failed(&problem);
    program_close(&program);
    return code;
}
