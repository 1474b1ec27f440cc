#include "bench.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_carrier.h"
#include "porting/order.h"
#include "store/migrations.h"
#include "test_database.h"

#define BENCH_NOW INT64_C(1792512000000000) /* 2026-10-20 16:00 UTC */

static struct actor person(
    struct bench *bench, struct text account, const char *email, const char *name, enum role role)
{
    struct problem problem = {0};
    struct id id;
    struct user_new user = {.account = account,
        .email = text_from(email),
        .name = text_from(name),
        .role = role,
        .password = TEXT("a long password"),
        .time_zone = TEXT("America/Los_Angeles")};
    if (!user_create(bench->db, bench->clock, bench->passwords, &user, &id, &problem))
        fail_msg("%s: %s", email, problem.detail);
    return (struct actor){.account = text_copy(bench->arena, account),
        .user = text_copy(bench->arena, id_text(&id)),
        .name = text_from(name),
        .email = text_from(email),
        .role = role,
        .time_zone = TEXT("America/Los_Angeles")};
}

static struct id account(struct bench *bench, const char *name, bool is_operator)
{
    struct problem problem = {0};
    struct id id;
    struct account_new account_new = {text_from(name), TEXT("US"), is_operator};
    assert_true(account_create(bench->db, bench->clock, &account_new, &id, &problem));
    return id;
}

static void make_people(struct bench *bench)
{
    struct id harbor = account(bench, "Harbor & Pine Realty", false);
    struct id birch = account(bench, "Birch Street Dental", false);
    struct id northline = account(bench, "Northline Support", true);
    bench->owner = person(bench, id_text(&harbor), "priya@harborpine.example", "Priya Raman", ROLE_OWNER);
    bench->admin =
        person(bench, id_text(&harbor), "marcus@harborpine.example", "Marcus Oyelaran", ROLE_ADMIN);
    bench->agent = person(bench, id_text(&harbor), "elena@harborpine.example", "Elena Marsh", ROLE_AGENT);
    bench->stranger = person(bench, id_text(&birch), "tom@birchdental.example", "Tom Okafor", ROLE_OWNER);
    bench->team =
        person(bench, id_text(&northline), "nadia@northline.example", "Nadia Weiss", ROLE_PORTING_TEAM);
}

static const char *path(struct bench *bench, const char *name)
{
    return text_format(bench->arena, "%s/%s", bench->folder, name).at;
}

/* Tests begin without anything to do. */
static bool no_jobs_closure(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(tx, "DELETE FROM job", DB_NO_ARGS);
}

static void make_connection(struct bench *bench)
{
    struct problem problem = {0};
    struct connection_new connection = {.account = CONNECTION_OPERATOR,
        .kind = TEXT("twilio"),
        .label = TEXT("Twilio"),
        .account_sid = TEXT("AC0123456789abcdef0123456789abcdef"),
        .secrets = {.secret = TEXT("a-secret-token")}};
    fake_carrier = &bench->carrier;
    if (!connection_add(&bench->porting, NULL, &connection, TEXT_EMPTY, &bench->connection, &problem) ||
        !db_write(bench->db, no_jobs_closure, NULL, &problem))
        fail_msg("%s %s", problem.field, problem.detail);
}

int bench_setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct problem problem = {0};
    if (!bench)
        return -1;
    snprintf(bench->folder, sizeof bench->folder, "/tmp/porting-test-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    bench->arena = arena_new(64 * 1024 * 1024);
    bench->clock = clock_fixed(BENCH_NOW);
    assert_int_equal(mkdir(path(bench, "documents"), 0700), 0);
    char url[TEST_URL_MAX];
    struct db_options options = {
        .url = test_database_with(path(bench, "portdesk.db"), portdesk_migrations, url),
        .migrations = portdesk_migrations,
        .connections = 2};
    if (!vault_key_create(path(bench, "key"), &problem) ||
        !vault_open(path(bench, "key"), &bench->vault, &problem) ||
        !db_open(&options, &bench->db, &problem) ||
        !blobs_open(path(bench, "documents"), bench->vault, &bench->blobs, &problem) ||
        !passwords_open(1, 1, PASSWORD_COST_LEAST, &bench->passwords, &problem) ||
        !area_codes_parse(bench->arena, area_codes_data(), &bench->area_codes, &problem) ||
        !directory_parse(bench->arena, directory_data(), &bench->directory, &problem) ||
        !calendar_parse(bench->arena, holidays_data(), &bench->calendar, &problem) ||
        !rejections_parse(
            bench->arena, rejections_data(), rejection_words_data(), &bench->rejections, &problem) ||
        !turns_parse(turns_data(), &bench->turns, &problem))
        fail_msg("%s", problem.detail);
    bench->carrier.clock = bench->clock;
    bench->porting = (struct porting){.db = bench->db,
        .vault = bench->vault,
        .blobs = bench->blobs,
        .clock = bench->clock,
        .area_codes = &bench->area_codes,
        .directory = &bench->directory,
        .calendar = &bench->calendar,
        .rejections = &bench->rejections,
        .turns = &bench->turns,
        .gaining = &fake_carrier_api,
        .connections = connections_new(fake_carrier_open),
        .carrier_urls = {.base_url = TEXT("https://carrier.example"),
            .upload_url = TEXT("https://upload.example"),
            .api_url = TEXT("https://api.example")},
        .base_url = TEXT("https://desk.example"),
        .operator_name = TEXT("Northline Support")};
    make_people(bench);
    make_connection(bench);
    *state = bench;
    return 0;
}

static int remove_one(const char *name, const struct stat *info, int flag, struct FTW *walk)
{
    (void)info;
    (void)flag;
    (void)walk;
    return remove(name);
}

int bench_teardown(void **state)
{
    struct bench *bench = *state;
    connections_free(bench->porting.connections);
    passwords_close(bench->passwords);
    blobs_close(bench->blobs);
    db_close(bench->db);
    test_databases_drop();
    vault_close(bench->vault);
    clock_free(bench->clock);
    nftw(bench->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(bench->arena);
    free(bench);
    return 0;
}

struct text bench_key(struct bench *bench)
{
    return token_new(bench->arena, 32);
}

/* A bill in its place without the reader, which is tested elsewhere. */
struct bill {
    struct bench *bench;
    const struct actor *actor;
    struct id request, document;
};

static bool bill_closure(struct db_tx *tx, void *context)
{
    struct bill *bill = context;
    return db_exec(tx,
        "INSERT INTO document (account, id, request, kind, file_name, type, size, sha256, pages, "
        "has_preview, added_by,"
        " added_at) VALUES ($1, $2, $3, 'bill', 'bill.pdf', 'pdf', 8, '', 1, 0, $4, $5)",
        DB_ARGS(db_text(bill->actor->account), db_text(id_text(&bill->document)),
            db_text(id_text(&bill->request)), db_text(bill->actor->user),
            db_int(clock_now(bill->bench->clock))));
}

static void add_bill(struct bench *bench, const struct actor *actor, const struct id *request)
{
    struct bill bill = {bench, actor, *request, id_new(bench->clock, "doc")};
    struct problem problem = {0};
    struct blob_writer *writer;
    struct blob_info info;
    assert_true(blob_begin(bench->blobs, actor->account, id_text(&bill.document), &writer, &problem));
    assert_true(blob_write(writer, TEXT("%PDF-1.7"), &problem));
    assert_true(blob_finish(writer, &info, &problem));
    assert_true(db_write(bench->db, bill_closure, &bill, &problem));
}

struct id bench_draft(struct bench *bench, const struct actor *actor, const char *numbers)
{
    struct id id;
    struct problem problem = {0};
    struct draft_fields fields = {.carrier = TEXT("verizon"),
        .numbers = text_from(numbers),
        .bill_confirmed = true,
        .account_name = TEXT("Harbor & Pine Realty LLC"),
        .account_type = TEXT("business"),
        .account_number = TEXT("942118306-00001"),
        .btn = TEXT("(415) 552-0134"),
        .pin = TEXT("482913"),
        .owner_name = TEXT("Dana Whitfield"),
        .owner_email = TEXT("dana@harborpine.example"),
        .street = TEXT("1180 Fillmore St"),
        .unit = TEXT("Ste 4"),
        .city = TEXT("San Francisco"),
        .state = TEXT("CA"),
        .zip = TEXT("94115"),
        .acknowledged = ACKNOWLEDGE_ALL};
    assert_true(draft_start(&bench->porting, actor, &id, &problem));
    add_bill(bench, actor, &id);
    for (int step = 1; step <= DRAFT_STEPS; step++)
        if (!draft_save(&bench->porting, actor, id_text(&id), step, &fields, step, &problem))
            fail_msg("step %d: %s %s", step, problem.field, words_key(problem.word));
    return id;
}

struct id bench_submitted(struct bench *bench, const struct actor *actor, const char *numbers)
{
    struct problem problem = {0};
    struct id id = bench_draft(bench, actor, numbers);
    if (!request_submit(&bench->porting, actor, id_text(&id), NULL, bench_key(bench), &problem))
        fail_msg("%s %s %s", problem.field, words_key(problem.word), problem.detail);
    return id;
}

/* ---- Jobs by hand ---- */

struct due {
    struct bench *bench;
    struct job job;
    char kind[JOB_KIND_MAX];
    bool found, again;
};

/* It goes on at once. */
static bool again_closure(struct db_tx *tx, void *context)
{
    struct due *due = context;
    return job_add(tx, due->bench->clock,
        &(struct job_new){.account = due->job.account, .kind = due->kind, .subject = due->job.subject});
}

/* Takes the first job of an order that is due off the queue. */
static bool due_closure(struct db_tx *tx, void *context)
{
    struct due *due = context;
    {
        DB_ROWS rows = db_query(tx,
            "SELECT account, kind, subject FROM job WHERE due <= $1 AND state = 'waiting' AND kind LIKE "
            "'order_%'"
            " ORDER BY due, kind LIMIT 1",
            DB_ARGS(db_int(clock_now(due->bench->clock))));
        due->found = db_next(rows);
        if (!due->found)
            return db_ok(tx);
        due->job =
            (struct job){db_col_copy(rows, 0, due->bench->arena), db_col_copy(rows, 2, due->bench->arena), 1};
        snprintf(due->kind, sizeof due->kind, "%.*s", TEXT_ARG(db_col_text(rows, 1)));
    }
    return db_exec(tx, "DELETE FROM job WHERE account = $1 AND kind = $2 AND subject = $3",
        DB_ARGS(db_text(due->job.account), db_text(text_from(due->kind)), db_text(due->job.subject)));
}

bool bench_run(struct bench *bench)
{
    static const struct {
        const char *kind;
        job_work *work;
    } works[] = {{JOB_ORDER_PLACE, order_place}, {JOB_ORDER_SYNC, order_sync},
        {JOB_ORDER_CANCEL, order_cancel}, {JOB_ORDER_READY, order_ready}};
    bool all = true;
    for (int rounds = 0; rounds < 100; rounds++) {
        struct due due = {.bench = bench};
        struct problem problem = {0};
        int64_t again_at = 0;
        assert_true(db_write(bench->db, due_closure, &due, &problem));
        if (!due.found)
            return all;
        ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
        for (size_t i = 0; i < COUNT(works); i++)
            if (!strcmp(works[i].kind, due.kind))
                all &= works[i].work(&bench->porting, &due.job, arena, &again_at, &problem);
        due.again = again_at && again_at <= clock_now(bench->clock);
        assert_true(!due.again || db_write(bench->db, again_closure, &due, &problem));
    }
    fail_msg("the jobs do not come to an end");
    return false;
}

bool bench_work(
    struct bench *bench, job_work *work, struct text account, struct text order, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(16 * 1024 * 1024);
    struct job job = {account, order, 1};
    int64_t again_at = 0;
    *problem = (struct problem){0};
    return work(&bench->porting, &job, arena, &again_at, problem);
}

struct request_view bench_view(struct bench *bench, const struct actor *actor, const struct id *request)
{
    struct request_view view;
    struct problem problem = {0};
    if (!request_load(&bench->porting, actor, id_text(request), bench->arena, &view, &problem))
        fail_msg("%s", problem.detail);
    return view;
}

struct question {
    const char *sql;
    int64_t answer;
};

static bool number_closure(struct db_tx *tx, void *context)
{
    struct question *question = context;
    question->answer = db_number(tx, question->sql, DB_NO_ARGS, -1);
    return db_ok(tx);
}

int64_t bench_number(struct bench *bench, const char *sql)
{
    struct question question = {sql, -1};
    struct problem problem = {0};
    assert_true(db_read(bench->db, number_closure, &question, &problem));
    return question.answer;
}

bool bench_event(struct bench *bench, struct text body, struct problem *problem)
{
    struct order_event event = {TEXT("twilio"), id_text(&bench->connection), body, TEXT("valid")};
    return order_webhook(&bench->porting, &event, bench->arena, problem);
}

struct fake_port *bench_port(struct bench *bench)
{
    assert_true(bench->carrier.ports_count > 0);
    return &bench->carrier.ports[bench->carrier.ports_count - 1];
}

struct sync_all {
    struct bench *bench;
};

/* A re-read of every order, as a webhook or the polling would cause. */
static bool sync_closure(struct db_tx *tx, void *context)
{
    struct sync_all *sync = context;
    DB_ROWS rows =
        db_query(tx, "SELECT account, id FROM carrier_order WHERE carrier_ref IS NOT NULL", DB_NO_ARGS);
    while (db_next(rows)) {
        struct job_new job = {.account = db_col_copy(rows, 0, db_arena(tx)),
            .kind = JOB_ORDER_SYNC,
            .subject = db_col_copy(rows, 1, db_arena(tx))};
        job_add(tx, sync->bench->clock, &job);
    }
    return db_ok(tx);
}

void bench_state(struct bench *bench, struct fake_port *port, const char *status)
{
    struct problem problem = {0};
    struct sync_all sync = {bench};
    clock_advance(bench->clock, CLOCK_SECOND);
    for (size_t i = 0; port && i < port->numbers_count; i++) {
        port->numbers[i].status = status;
        port->numbers[i].changed_at = clock_now(bench->clock);
    }
    assert_true(db_write(bench->db, sync_closure, &sync, &problem));
    assert_true(bench_run(bench));
}

bool bench_record(struct bench *bench, const struct actor *actor, const struct id *request, struct text e164,
    enum number_status status, const char *firm_date, const char *rejection, struct problem *problem)
{
    struct record_form form = {.request = id_text(request),
        .number = e164,
        .status = status,
        .firm_date = text_from(firm_date),
        .rejection = text_from(rejection),
        .words = TEXT("Queue is full"),
        .sure = true,
        .key = bench_key(bench)};
    return request_record(&bench->porting, actor, &form, problem);
}
