/* The sweep: what no row names goes, everything else stays. */
#include "bench.h"
#include "porting/hold.h"
#include "porting/sweep.h"

static void put(struct bench *bench, struct text account, struct text id)
{
    struct problem problem = {0};
    struct blob_writer *writer;
    struct blob_info info;
    assert_true(blob_begin(bench->blobs, account, id, &writer, &problem));
    assert_true(blob_write(writer, TEXT("bytes"), &problem));
    assert_true(blob_finish(writer, &info, &problem));
}

static bool is_there(struct bench *bench, struct text account, struct text id)
{
    struct problem problem = {0};
    struct blob_reader *reader;
    if (!blob_open(bench->blobs, account, id, &reader, &problem))
        return false;
    blob_close(reader);
    return true;
}

struct first {
    struct arena *arena;
    struct text document;
};

static bool first_closure(struct db_tx *tx, void *context)
{
    struct first *first = context;
    DB_ROWS rows = db_query(tx, "SELECT id FROM document ORDER BY id", DB_NO_ARGS);
    assert_true(db_next(rows));
    first->document = db_col_copy(rows, 0, first->arena);
    return db_ok(tx);
}

static bool preview_closure(struct db_tx *tx, void *context)
{
    (void)context;
    return db_exec(tx, "UPDATE document SET has_preview = 1", DB_NO_ARGS);
}

static struct text preview_of(struct bench *bench, struct text document)
{
    return text_format(bench->arena, "pv_%.*s", TEXT_ARG(text_part(document, 4, document.len)));
}

/* An hour from now by the store's clock; the caller moves the injected one. */
static struct swept sweep(struct bench *bench)
{
    struct problem problem = {0};
    struct swept swept = {.removed = 77};
    if (!documents_sweep(
            &bench->porting, clock_now(clock_system()) + CLOCK_HOUR + CLOCK_MINUTE, &swept, &problem))
        fail_msg("%s", problem.detail);
    return swept;
}

static void what_no_row_names_goes(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct first first = {.arena = bench->arena};
    assert_int_equal(sweep(bench).removed, 0); /* an empty desk */
    bench_draft(bench, &bench->owner, "(415) 552-0134");
    assert_true(db_read(bench->db, first_closure, &first, &problem));
    struct text account = bench->owner.account, other = bench->stranger.account;
    struct id lost = id_new(bench->clock, "doc");
    struct text lost_preview = preview_of(bench, id_text(&lost)), preview = preview_of(bench, first.document);
    put(bench, account, id_text(&lost));
    put(bench, account, lost_preview);
    put(bench, account, preview);        /* the row says that it has none */
    put(bench, other, first.document);   /* the same id in an account that does not have it */
    put(bench, account, TEXT("readme")); /* no name of ours */
    put(bench, account, TEXT("doc_readme"));
    assert_int_equal(sweep(bench).removed, 0); /* they are young: somebody may be uploading */
    clock_advance(bench->clock, SWEEP_AGE + CLOCK_SECOND);
    struct swept swept = {.removed = 77};
    assert_true(documents_sweep(&bench->porting, clock_now(clock_system()), &swept, &problem));
    assert_int_equal(swept.removed, 0); /* days passed within minutes */
    assert_int_equal(sweep(bench).removed, 4);
    assert_true(is_there(bench, account, first.document));
    assert_false(is_there(bench, account, id_text(&lost)));
    assert_false(is_there(bench, account, lost_preview));
    assert_false(is_there(bench, account, preview));
    assert_false(is_there(bench, other, first.document));
    assert_true(is_there(bench, account, TEXT("readme")));
    assert_true(is_there(bench, account, TEXT("doc_readme")));
    assert_int_equal(sweep(bench).removed, 0);
}

static void a_picture_stays_with_its_document(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct first first = {.arena = bench->arena};
    bench_draft(bench, &bench->owner, "(415) 552-0134");
    assert_true(db_read(bench->db, first_closure, &first, &problem));
    assert_true(db_write(bench->db, preview_closure, NULL, &problem));
    put(bench, bench->owner.account, preview_of(bench, first.document));
    clock_advance(bench->clock, 2 * SWEEP_AGE);
    assert_int_equal(sweep(bench).removed, 0);
    assert_true(is_there(bench, bench->owner.account, preview_of(bench, first.document)));
}

/* A hold of another process: a lock, and where many machines share a database a row. */
static void what_is_held_stays(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct hold *hold = NULL;
    bench->porting.hold_path = text_format(bench->arena, "%s/" HOLD_FILE, bench->folder).at;
    for (int row = 0; row < 2; row++) {
        struct id lost = id_new(bench->clock, "doc");
        put(bench, bench->owner.account, id_text(&lost));
        clock_advance(bench->clock, 2 * SWEEP_AGE);
        assert_true(hold_begin(&bench->porting, row, &hold, &problem));
        const char *path = bench->porting.hold_path;
        bench->porting.hold_path = row ? NULL : path; /* as on another machine */
        struct swept swept = sweep(bench);
        assert_true(swept.held);
        assert_int_equal(swept.removed, 0);
        assert_true(hold_renew(hold, &problem));
        bench->porting.hold_path = path;
        hold_end(hold);
        swept = sweep(bench);
        assert_false(swept.held);
        assert_int_equal(swept.removed, 1);
    }
}

/* Who held it was killed, or the clock jumped: the hold ends by itself, and whoever had it is told. */
static void a_hold_that_is_not_renewed_ends(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct hold *hold = NULL;
    bench->porting.hold_path = text_format(bench->arena, "%s/" HOLD_FILE, bench->folder).at;
    struct id lost = id_new(bench->clock, "doc");
    put(bench, bench->owner.account, id_text(&lost));
    clock_advance(bench->clock, 2 * SWEEP_AGE);
    assert_true(hold_begin(&bench->porting, true, &hold, &problem));
    bench->porting.hold_path = NULL;
    clock_advance(bench->clock, HOLD_LASTS - CLOCK_SECOND);
    assert_true(sweep(bench).held);
    clock_advance(bench->clock, 2 * CLOCK_SECOND);
    assert_int_equal(sweep(bench).removed, 1);
    assert_false(hold_renew(hold, &problem));
    assert_int_equal(problem.kind, PROBLEM_CONFLICT);
    hold_end(hold);
}

static void two_may_hold_at_once(void **state)
{
    struct bench *bench = *state;
    struct problem problem = {0};
    struct hold *first = NULL, *second = NULL;
    bool held = false;
    int lock = -1;
    bench->porting.hold_path = text_format(bench->arena, "%s/" HOLD_FILE, bench->folder).at;
    assert_true(hold_begin(&bench->porting, true, &first, &problem));
    assert_true(hold_begin(&bench->porting, true, &second, &problem));
    hold_end(first);
    assert_true(removal_begin(&bench->porting, &lock, &held, &problem));
    assert_true(held);
    hold_end(second);
    assert_true(removal_begin(&bench->porting, &lock, &held, &problem));
    assert_false(held);
    removal_end(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_no_row_names_goes, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(a_picture_stays_with_its_document, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(what_is_held_stays, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(a_hold_that_is_not_renewed_ends, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(two_may_hold_at_once, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
