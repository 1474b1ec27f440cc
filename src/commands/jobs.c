/* portdesk jobs: what the queue holds and what was given up; one job closer, trying it again, dropping it. Looking may be done beside
 * the desk; changing too, but not on SQLite, where the desk alone writes. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/program.h"
#include "porting/stuck.h"

#define SHOWN_MAX 1000
#define PAGE_MEMORY (1024 * 1024)

struct listing {
    struct program *program;
    struct porting porting;
    struct job_counts counts;
    json_t *dead; /* --json; else NULL */
    int64_t shown;
};

static bool counts_closure(struct db_tx *tx, void *context)
{
    return jobs_count(tx, context);
}

/* What carriers and mail servers said stands in it: nothing of that may steer the terminal. */
static void print_clean(struct text text)
{
    bool whole = text_is_utf8(text);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.at[i + 1] < 0xa0;
        bool shown = c >= 0x20 && c != 0x7f && !c1 && (whole || c < 0x80);
        putchar(shown ? c : '?');
        i += c1 ? 1 : 0;
    }
}

static void print_row(struct arena *arena, const struct stuck_row *row)
{
    struct text columns[] = {row->kind, row->reference,
        row->account_name.len ? row->account_name : row->account, instant_iso(arena, row->since),
        text_format(arena, "%lld", (long long)row->times), row->subject, row->detail};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (i > 0)
            putchar('\t');
        print_clean(columns[i].len ? columns[i] : TEXT("-"));
    }
    putchar('\n');
}

static void put(json_t *object, const char *name, struct text value)
{
    json_put_text(object, name, text_is_utf8(value) ? value : TEXT("?"));
}

static json_t *row_json(struct arena *arena, const struct stuck_row *row)
{
    json_t *object = json_object();
    put(object, "kind", row->kind);
    put(object, "account", row->account);
    put(object, "account_name", row->account_name);
    put(object, "subject", row->subject);
    put(object, "request", row->request);
    put(object, "reference", row->reference);
    put(object, "since", instant_iso(arena, row->since));
    json_put_i64(object, "attempts", row->times);
    put(object, "detail", row->detail);
    return object;
}

/* Who has the database sees what the porting team sees, and may do what it may. */
static struct actor the_operator(struct arena *arena)
{
    return (struct actor){.role = ROLE_PORTING_TEAM,
        .name = words_say(arena, LANGUAGE_EN, WORD_stuck_command_name, WORD_NO_ARGS)};
}

static bool list_page(struct listing *listing, struct text *cursor, bool *ret_more, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(PAGE_MEMORY);
    const struct actor operator= the_operator(arena);
    struct stuck_list list;
    if (!stuck_list(&listing->porting, &operator, STUCK_JOBS, *cursor, arena, &list, problem))
        return false;
    for (size_t i = 0; i < list.rows_count; i++) {
        if (listing->dead)
            json_array_append_new(listing->dead, row_json(arena, &list.rows[i]));
        else
            print_row(arena, &list.rows[i]);
    }
    listing->shown += (int64_t)list.rows_count;
    *cursor = text_copy(listing->program->arena, list.next);
    *ret_more = list.next.len > 0 && listing->shown < SHOWN_MAX;
    return true;
}

static bool list_all(struct listing *listing, struct problem *problem)
{
    struct text cursor = TEXT_EMPTY;
    bool more = true;
    while (more)
        if (!list_page(listing, &cursor, &more, problem))
            return false;
    return true;
}

static void print_word(struct arena *arena, enum word word, const struct word_arg *args, size_t count)
{
    struct text line = words_say(arena, LANGUAGE_EN, word, args, count);
    printf("%.*s\n", TEXT_ARG(line));
}

static bool list_lines(struct listing *listing, struct problem *problem)
{
    const struct job_counts *counts = &listing->counts;
    struct arena *arena = listing->program->arena;
    print_word(arena, WORD_stuck_command_counts,
        WORD_ARGS(WORD_NUMBER("waiting", counts->waiting), WORD_NUMBER("running", counts->running),
            WORD_NUMBER("dead", counts->dead)));
    if (!list_all(listing, problem))
        return false;
    if (counts->dead > listing->shown)
        print_word(
            arena, WORD_stuck_command_more, WORD_ARGS(WORD_NUMBER("count", counts->dead - listing->shown)));
    return true;
}

static bool list_json(struct listing *listing, struct problem *problem)
{
    JSON_CLEANUP whole = json_object();
    json_put_i64(whole, "waiting", listing->counts.waiting);
    json_put_i64(whole, "running", listing->counts.running);
    json_put_i64(whole, "dead", listing->counts.dead);
    listing->dead = json_array();
    json_object_set_new(whole, "jobs", listing->dead);
    if (!list_all(listing, problem))
        return false;
    bool written = json_dumpf(whole, stdout, JSON_INDENT(2)) == 0 && putchar('\n') == '\n';
    return written || problem_internal(problem, "standard output cannot be written");
}

static bool open_reading(struct program *program, struct problem *problem)
{
    struct db_options options = program_database(program);
    options.read_only = true;
    options.connections = 1;
    return program_open_clock(program, problem) && db_open(&options, &program->db, problem);
}

static bool list(struct program *program, bool json, struct problem *problem)
{
    struct listing listing = {.program = program};
    if (!open_reading(program, problem) || !db_read(program->db, counts_closure, &listing.counts, problem))
        return false;
    listing.porting = (struct porting){.db = program->db, .clock = program->clock};
    return json ? list_json(&listing, problem) : list_lines(&listing, problem);
}

/* ---- One job ---- */

struct finding {
    struct program *program;
    struct text account; /* empty: whichever it is */
    struct text kind, subject;
    struct stuck_job job; /* found */
    size_t count;         /* that fit, up to 2 */
};

static bool find_closure(struct db_tx *tx, void *context)
{
    struct finding *find = context;
    find->count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT account FROM job WHERE kind = $1 AND subject = $2 AND (account = $3 OR $3 = '') LIMIT 2",
        DB_ARGS(db_text(find->kind), db_text(find->subject), db_text(find->account)));
    while (db_next(rows))
        if (find->count++ == 0)
            find->job =
                (struct stuck_job){db_col_copy(rows, 0, find->program->arena), find->kind, find->subject};
    return db_ok(tx);
}

static bool find_job(struct finding *find, struct problem *problem)
{
    if (!db_read(find->program->db, find_closure, find, problem))
        return false;
    if (find->count == 1)
        return true;
    return find->count == 0
               ? problem_set(problem, PROBLEM_NOT_FOUND, WORD_stuck_command_none, NULL,
                     text_cstr(find->program->arena, find->subject), NULL)
               : problem_set(problem, PROBLEM_INPUT, WORD_stuck_command_several, NULL, NULL, NULL);
}

static const char *const state_names[] = {
    [STUCK_DEAD] = "dead", [STUCK_WAITING] = "waiting", [STUCK_RUNNING] = "running"};

static void print_fact(const char *name, struct text value)
{
    printf("%s\t", name);
    print_clean(value.len ? value : TEXT("-"));
    putchar('\n');
}

static bool show(struct finding *find, bool json, struct problem *problem)
{
    struct program *program = find->program;
    struct arena *arena = program->arena;
    const struct actor operator= the_operator(arena);
    struct stuck_look look;
    if (!open_reading(program, problem) || !find_job(find, problem))
        return false;
    struct porting porting = {.db = program->db, .clock = program->clock};
    if (!stuck_look(&porting, &operator, & find->job, arena, &look, problem))
        return false;
    struct text due = look.state == STUCK_WAITING ? instant_iso(arena, look.due) : TEXT_EMPTY;
    if (json) {
        JSON_CLEANUP object = row_json(arena, &look.row);
        json_put_text(object, "state", text_from(state_names[look.state]));
        put(object, "due", due);
        json_put_i64(object, "interrupted", look.interrupted);
        bool written = json_dumpf(object, stdout, JSON_INDENT(2)) == 0 && putchar('\n') == '\n';
        return written || problem_internal(problem, "standard output cannot be written");
    }
    print_fact("kind", look.row.kind);
    print_fact("subject", look.row.subject);
    print_fact("account", look.row.account);
    print_fact("account_name", look.row.account_name);
    print_fact("request", look.row.reference);
    print_fact("state", text_from(state_names[look.state]));
    print_fact("since", instant_iso(arena, look.row.since));
    print_fact("due", due);
    print_fact("attempts", text_format(arena, "%lld", (long long)look.row.times));
    print_fact("interrupted", text_format(arena, "%lld", (long long)look.interrupted));
    print_fact("detail", look.row.detail);
    return true;
}

/* ---- Changing ---- */

/* On SQLite the database opens only while no desk runs. */
static bool open_writing(struct program *program, struct problem *problem)
{
    struct problem refused = {.kind = PROBLEM_NONE};
    struct db_options options = program_database(program);
    options.connections = 1;
    db_close(program->db);
    program->db = NULL;
    if (db_open(&options, &program->db, &refused))
        return true;
    bool served = refused.word == WORD_store_in_use;
    return served ? problem_set(problem, PROBLEM_CONFLICT, WORD_stuck_command_serving, NULL, NULL, NULL)
                  : problem_set(problem, refused.kind, refused.word, refused.field, refused.about, "%s",
                        refused.detail);
}

static bool change(struct finding *find, bool drops, struct problem *problem)
{
    struct program *program = find->program;
    const struct actor operator= the_operator(program->arena);
    if (!open_reading(program, problem) || !find_job(find, problem) || !open_writing(program, problem) ||
        !program_assemble_porting(program, problem))
        return false;
    struct porting *porting = &program->porting;
    bool done = drops ? stuck_drop(porting, &operator, & find->job, TEXT_EMPTY, problem)
                      : stuck_retry(porting, &operator, & find->job, TEXT_EMPTY, problem);
    if (done) {
        log_event(LOG_LEVEL_INFO, drops ? "stuck.dropped" : "stuck.retried", LOG_TEXT("kind", find->kind),
            LOG_TEXT("account", find->job.account), LOG_TEXT("subject", find->subject),
            LOG_TEXT("user", TEXT("command line")));
        print_word(
            program->arena, drops ? WORD_stuck_command_dropped : WORD_stuck_command_retried, WORD_NO_ARGS);
    }
    return done;
}

/* ---- What is asked for ---- */

static void print_usage(struct arena *arena)
{
    struct text usage = words_say(arena, LANGUAGE_EN, WORD_stuck_command_usage, WORD_NO_ARGS);
    fprintf(stderr, "%.*s\n", TEXT_ARG(usage));
}

enum action { ACTION_LIST, ACTION_SHOW, ACTION_RETRY, ACTION_DROP, ACTION_NONE };

/* Takes the action's words off the front. */
static enum action read_action(int *argc, char ***argv, struct finding *ret)
{
    static const char *const names[] = {"list", "show", "retry", "drop"};
    if (*argc == 0 || !strncmp(**argv, "--", 2))
        return ACTION_LIST;
    int action = ACTION_LIST;
    while (action < ACTION_NONE && strcmp(**argv, names[action]) != 0)
        action++;
    int words = action == ACTION_LIST ? 1 : 3;
    if (action == ACTION_NONE || *argc < words)
        return ACTION_NONE;
    if (words == 3) {
        if (!strncmp((*argv)[1], "--", 2) || !strncmp((*argv)[2], "--", 2))
            return ACTION_NONE;
        ret->kind = text_from((*argv)[1]);
        ret->subject = text_from((*argv)[2]);
    }
    *argc -= words;
    *argv += words;
    return (enum action)action;
}

static bool act(enum action action, struct finding *find, bool json, struct problem *problem)
{
    switch (action) {
    case ACTION_SHOW:
        return show(find, json, problem);
    case ACTION_RETRY:
    case ACTION_DROP:
        return change(find, action == ACTION_DROP, problem);
    default:
        return list(find->program, json, problem);
    }
}

int command_jobs(int argc, char **argv)
{
    struct problem problem = {0};
    struct program program = {.arena = arena_new(4 * 1024 * 1024)};
    struct finding find = {.program = &program};
    enum action action = read_action(&argc, &argv, &find);
    bool json = action <= ACTION_SHOW && settings_take_flag(&argc, argv, "--json", NULL);
    settings_take_flag(&argc, argv, "--account", action == ACTION_LIST ? NULL : &find.account);
    int code = 2;
    if (action == ACTION_NONE)
        print_usage(program.arena);
    else if (settings_read(argc, argv, program.arena, &program.settings))
        code = act(action, &find, json, &problem) && fflush(stdout) == 0 ? 0 : command_failed(&problem);
    program_close(&program);
    return code;
}
