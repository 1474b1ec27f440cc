/* portdesk jobs: what the queue holds and what was given up. Reads only, so it may be run beside the desk. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
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

/* Who has the database's file sees what the porting team sees. */
static bool list_page(struct listing *listing, struct text *cursor, bool *ret_more, struct problem *problem)
{
    static const struct actor operator= {.role = ROLE_PORTING_TEAM};
    ARENA_CLEANUP arena = arena_new(PAGE_MEMORY);
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

static bool list(struct program *program, bool json, struct problem *problem)
{
    struct listing listing = {.program = program};
    struct db_options options = program_database(program);
    options.read_only = true;
    options.connections = 1;
    if (!program_open_clock(program, problem) || !db_open(&options, &program->db, problem) ||
        !db_read(program->db, counts_closure, &listing.counts, problem))
        return false;
    listing.porting = (struct porting){.db = program->db, .clock = program->clock};
    return json ? list_json(&listing, problem) : list_lines(&listing, problem);
}

int command_jobs(int argc, char **argv)
{
    struct problem problem = {0};
    struct program program = {.arena = arena_new(4 * 1024 * 1024)};
    bool json = argc > 0 && !strcmp(argv[0], "--json");
    int code = 2;
    if (settings_read(argc - (json ? 1 : 0), argv + (json ? 1 : 0), program.arena, &program.settings))
        code = list(&program, json, &problem) && fflush(stdout) == 0 ? 0 : command_failed(&problem);
    program_close(&program);
    return code;
}
