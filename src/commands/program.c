#include "commands/program.h"

#include <string.h>

#include "bills/reader.h"
#include "carriers/twilio.h"
#include "people/email.h"
#include "porting/hold.h"
#include "porting/view.h"
#include "store/migrations.h"
#include "web/readiness.h"
#include "web/web.h"

/* PASSWORD_COST is the build's: only that of the tests hashes cheaply. */
#define HASHES_AT_ONCE 2
#define HASHES_WAITING 32
#define READERS_AT_ONCE 2

const char *program_path(struct program *program, const char *name)
{
    return text_format(program->arena, "%.*s/%s", TEXT_ARG(program->settings.data_dir), name).at;
}

struct db_options program_database(struct program *program)
{
    const struct settings *settings = &program->settings;
    return (struct db_options){
        .url = settings->database_url.len ? text_cstr(program->arena, settings->database_url)
                                          : program_path(program, "portdesk.db"),
        .migrations = portdesk_migrations,
        .connections = (size_t)settings->database_connections,
        .no_prepared = !settings->database_prepared,
    };
}

bool program_open_clock(struct program *program, struct problem *problem)
{
    if (!program->settings.clock_file.len) {
        program->clock = clock_system();
        return true;
    }
    return clock_shared(text_cstr(program->arena, program->settings.clock_file), &program->clock, problem);
}

static bool open_objects(struct program *program, struct problem *problem)
{
    const struct settings *settings = &program->settings;
    struct text rest = text_part(settings->documents_url, 5, SIZE_MAX), bucket = TEXT_EMPTY;
    text_next(&rest, '/', &bucket);
    struct text endpoint = settings->documents_endpoint;
    if (!endpoint.len)
        endpoint = text_format(
            program->arena, "https://s3.%.*s.amazonaws.com", TEXT_ARG(settings->documents_region));
    if (!text_starts(endpoint, TEXT("https://")) && !text_starts(endpoint, TEXT("http://")))
        return problem_set(
            problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "documents.endpoint", NULL);
    struct blob_s3_options options = {.endpoint = endpoint,
        .bucket = bucket,
        .prefix = rest,
        .region = settings->documents_region,
        .access_key = settings->documents_access_key,
        .secret_key = settings->documents_secret_key};
    return blobs_open_s3(&options, program->vault, &program->blobs, problem);
}

bool program_open_documents(struct program *program, struct problem *problem)
{
    const struct settings *settings = &program->settings;
    if (text_starts(settings->documents_url, TEXT("s3://")))
        return open_objects(program, problem);
    if (settings->documents_url.len)
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "documents.url", NULL);
    return blobs_open(program_path(program, "documents"), program->vault, &program->blobs, problem);
}

bool program_open(struct program *program, struct problem *problem)
{
    struct db_options options = program_database(program);
    return program_open_clock(program, problem) &&
           vault_open(program_path(program, "portdesk.key"), &program->vault, problem) &&
           db_open(&options, &program->db, problem) && program_open_documents(program, problem) &&
           passwords_open(HASHES_AT_ONCE, HASHES_WAITING, PASSWORD_COST, &program->passwords, problem);
}

bool program_open_beside(struct program *program, struct problem *problem)
{
    struct db_options options = program_database(program);
    options.read_only = true;
    options.connections = 1;
    if (!program_open_clock(program, problem) ||
        !vault_open(program_path(program, "portdesk.key"), &program->vault, problem) ||
        !db_open(&options, &program->db, problem) || !program_open_documents(program, problem))
        return false;
    program->porting = (struct porting){
        .db = program->db, .vault = program->vault, .blobs = program->blobs, .clock = program->clock};
    return true;
}

static bool read_tables(struct program *program, struct problem *problem)
{
    return area_codes_parse(program->arena, area_codes_data(), &program->area_codes, problem) &&
           directory_parse(program->arena, directory_data(), &program->directory, problem) &&
           calendar_parse(program->arena, holidays_data(), &program->calendar, problem) &&
           rejections_parse(
               program->arena, rejections_data(), rejection_words_data(), &program->rejections, problem) &&
           turns_parse(turns_data(), &program->turns, problem);
}

static bool open_carrier(struct text kind, const struct carrier_access *access,
    struct carrier_connection *ret, struct problem *problem)
{
    if (!text_is(kind, twilio_api.name))
        return problem_set(problem, PROBLEM_INPUT, WORD_connection_kind_wrong, "kind", NULL, NULL);
    return twilio_open(access, ret, problem);
}

void program_assemble_connections(struct program *program)
{
    const struct settings *settings = &program->settings;
    program->porting.gaining = &twilio_api;
    program->porting.connections = connections_new(open_carrier);
    program->porting.carrier_urls = (struct carrier_access){.base_url = settings->twilio_url,
        .upload_url = settings->twilio_upload_url,
        .api_url = settings->twilio_api_url};
}

static bool take_settings(struct program *program, struct problem *problem)
{
    const struct settings *settings = &program->settings;
    struct connection_settings say = {.account_sid = settings->twilio_account_sid,
        .auth_token = settings->twilio_auth_token,
        .base_url = settings->twilio_url,
        .upload_url = settings->twilio_upload_url,
        .api_url = settings->twilio_api_url};
    return connection_from_settings(&program->porting, &say, problem);
}

static bool open_reader(struct program *program, struct problem *problem)
{
    struct bill_reader_options options = {
        .allow_weak_cage = program->settings.reader_weak_cage, .at_once = READERS_AT_ONCE};
    return bill_reader_start(
        text_cstr(program->arena, program->settings.reader_program), &options, &program->reader, problem);
}

static void assemble_porting(struct program *program)
{
    program->porting = (struct porting){
        .db = program->db,
        .vault = program->vault,
        .blobs = program->blobs,
        .clock = program->clock,
        .reader = program->reader,
        .area_codes = &program->area_codes,
        .directory = &program->directory,
        .calendar = &program->calendar,
        .rejections = &program->rejections,
        .turns = &program->turns,
        .base_url = program->settings.base_url,
        .operator_name = program->settings.operator_name,
        .audit_kept = program->settings.audit_keep_days * CLOCK_DAY,
        .hold_path = program_path(program, HOLD_FILE),
    };
    program_assemble_connections(program);
}

static bool assemble_mailing(struct program *program, struct problem *problem)
{
    const struct settings *settings = &program->settings;
    size_t at = text_find_char(settings->mail_from, '@', 0);
    if (!mail_address_ok(settings->mail_from))
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_setting_wrong, NULL, "mail.from", NULL);
    program->mailing = (struct mailing){
        .porting = &program->porting,
        .smtp = {.url = settings->smtp_url,
            .user = settings->smtp_user,
            .password = settings->smtp_password,
            .require_tls = settings->smtp_require_tls,
            .from_name = settings->mail_from_name,
            .from_address = settings->mail_from,
            .total_ms = 30000},
        .message_host = text_part(settings->mail_from, at + 1, settings->mail_from.len),
    };
    program->person_mailing = (struct person_mailing){
        .db = program->db,
        .clock = program->clock,
        .vault = program->vault,
        .smtp = program->mailing.smtp,
        .base_url = settings->base_url,
        .operator_name = settings->operator_name,
        .message_host = program->mailing.message_host,
    };
    return true;
}

void program_assemble_people(struct program *program)
{
    program->people = (struct people){.db = program->db,
        .clock = program->clock,
        .passwords = program->passwords,
        .vault = program->vault,
        .operator_name = program->settings.operator_name,
        .sign_up_open = program->settings.sign_up};
}

void program_open_sessions(struct program *program, struct sessions *ret)
{
    const struct settings *settings = &program->settings;
    sessions_init(ret, program->db, program->clock, program->passwords, program->vault);
    ret->idle = settings->session_idle_hours * CLOCK_HOUR;
    ret->life = settings->session_days * CLOCK_DAY;
    ret->team_second_factor = settings->team_second_factor;
}

static void assemble_web(struct program *program)
{
    const struct settings *settings = &program->settings;
    struct web_demo_sign_in *people = ARENA_ARRAY(program->arena, struct web_demo_sign_in, demo_people_count);
    for (size_t i = 0; i < demo_people_count; i++)
        people[i] = (struct web_demo_sign_in){text_from(demo_people[i].name), text_from(demo_people[i].role),
            text_from(demo_people[i].email), TEXT(DEMO_PASSWORD)};
    program->web = (struct web_app){
        .db = program->db,
        .clock = program->clock,
        .porting = &program->porting,
        .people = &program->people,
        .count_mine = request_count_mine,
        .config = {.base_url = settings->base_url,
            .operator_name = settings->operator_name,
            .demo = settings->demo,
            .demo_sign_ins = people,
            .demo_sign_ins_count = settings->demo ? demo_people_count : 0,
            .demo_carrier_url = settings->demo_sandbox_url,
            .metrics_token = settings->metrics_token,
            .log_requests = settings->log_requests},
        .routes = web_routes,
        .routes_count = web_routes_count,
    };
    program_assemble_people(program);
    program_open_sessions(program, &program->web.sessions);
    passkeys_init(
        &program->web.passkeys, program->arena, &program->web.sessions, program->vault, settings->base_url);
}

/* What a worker answers: whether it lives, whether it is ready, and what it counted. */
static void answer_as_worker(struct program *program)
{
    static const char *const pages[] = {"health", "ready", "metrics"};
    struct web_app *web = &program->web;
    struct route *routes = ARENA_ARRAY(program->arena, struct route, web->routes_count);
    size_t count = 0;
    for (size_t i = 0; i < web->routes_count; i++)
        for (size_t j = 0; j < sizeof pages / sizeof *pages; j++)
            if (!strcmp(web->routes[i].page, pages[j]))
                routes[count++] = web->routes[i];
    web->routes = routes;
    web->routes_count = count;
}

bool program_assemble_porting(struct program *program, struct problem *problem)
{
    if (!read_tables(program, problem))
        return false;
    assemble_porting(program);
    return true;
}

bool program_assemble(struct program *program, struct problem *problem)
{
    /* A worker is given no bills. */
    if ((program->role != PROGRAM_WORKER && !open_reader(program, problem)) ||
        !program_assemble_porting(program, problem))
        return false;
    assemble_web(program);
    if (program->role == PROGRAM_WORKER)
        answer_as_worker(program);
    program_measure(program); /* before the first write, so that each is counted */
    return take_settings(program, problem) && assemble_mailing(program, problem);
}

void program_close(struct program *program)
{
    readiness_stop(program->readiness);
    bill_reader_stop(program->reader);
    connections_free(program->porting.connections);
    passwords_close(program->passwords);
    blobs_close(program->blobs);
    db_close(program->db);
    vault_close(program->vault);
    clock_free(program->clock);
    arena_free(program->arena);
}
