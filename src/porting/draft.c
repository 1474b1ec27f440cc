#include "porting/draft.h"

#include "net/smtp.h"
#include "people/people.h"
#include "people/personal_phone.h"
#include "people/rights.h"
#include "people/standing.h"
#include "porting/acting.h"
#include "porting/row.h"
#include "porting/timeline.h"
#include "store/db_many.h"

/* ---- Start ---- */

struct start {
    struct porting *porting;
    const struct actor *actor;
    struct text account, user; /* whose it is */
    bool is_for;               /* the porting team begins it for the user */
    struct id id;
};

/* The person's draft in which nothing was typed: given back instead of leaving a trail of empty ones. What the team began is its own, and what
 * the person began is theirs. What the team begins counts as changed a microsecond later: lists leave out drafts that were never changed, and
 * the person shall see it at once. Ordered by an expression, so that SQLite takes the index of drafts. */
#define UNTOUCHED(which)                                                                                     \
    "SELECT id FROM port_request WHERE account = $1 AND created_by = $2 AND status = 'draft' AND " which     \
    " ORDER BY id || '' DESC LIMIT 1"

static bool find_untouched(struct db_tx *tx, struct start *start)
{
    DB_ROWS rows = db_query(tx,
        start->is_for ? UNTOUCHED("begun_by IS NOT NULL AND changed_at = created_at + 1")
                      : UNTOUCHED("begun_by IS NULL AND changed_at = created_at"),
        DB_ARGS(db_text(start->account), db_text(start->user)));
    return db_next(rows) && id_parse(db_col_text(rows, 0), "pr", &start->id);
}

static bool start_closure(struct db_tx *tx, void *context)
{
    struct start *start = context;
    const struct actor *actor = start->actor;
    if (find_untouched(tx, start))
        return db_ok(tx);
    start->id = id_new(start->porting->clock, "pr");
    int64_t now = clock_now(start->porting->clock);
    db_exec(tx, "UPDATE account SET next_request_number = next_request_number + 1 WHERE id = $1",
        DB_ARGS(db_text(start->account)));
    int64_t number = db_number(
        tx, "SELECT next_request_number - 1 FROM account WHERE id = $1", DB_ARGS(db_text(start->account)), 0);
    struct text reference = text_format(db_arena(tx), "PR-%lld", (long long)number);
    db_exec(tx,
        "INSERT INTO port_request (account, id, reference, status, turn, turn_since, created_by, created_at,"
        " changed_at, begun_by) VALUES ($1, $2, $3, 'draft', 'customer', $4, $5, $4, $6, $7)",
        DB_ARGS(db_text(start->account), db_text(id_text(&start->id)), db_text(reference), db_int(now),
            db_text(start->user), db_int(start->is_for ? now + 1 : now),
            start->is_for ? db_text(actor->user) : db_null()));
    struct timeline_entry entry = {
        .account = start->account, .request = id_text(&start->id), .event = EVENT_DRAFT_STARTED};
    timeline_by(&entry, actor);
    return timeline_add(tx, start->porting->clock, &entry) &&
           acted(tx, start->porting, actor, start->account, id_text(&start->id), ACTED_BEGUN);
}

bool draft_start(struct porting *porting, const struct actor *actor, struct id *ret, struct problem *problem)
{
    if (!right_any(actor, RIGHT_REQUEST_START))
        return problem_set(problem, PROBLEM_FORBIDDEN, WORD_porting_team_starts_none, NULL, NULL, NULL);
    struct start start = {.porting = porting, .actor = actor, .account = actor->account, .user = actor->user};
    if (!db_write(porting->db, start_closure, &start, problem))
        return false;
    *ret = start.id;
    return true;
}

/* ---- Start for somebody ---- */

static bool start_for_closure(struct db_tx *tx, void *context)
{
    struct start *start = context;
    struct account account;
    struct user user;
    if (!account_by_id(tx, db_arena(tx), start->account, &account))
        return db_ok(tx) && row_refuse(tx, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL);
    if (!standing_user(tx, start->account, start->user, &user))
        return false;
    if (account.is_operator)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_team_has_none, NULL, NULL);
    return start_closure(tx, start);
}

bool draft_start_for(struct porting *porting, const struct actor *actor, struct text account,
    struct text user, struct id *ret, struct problem *problem)
{
    if (!right_need(actor, RIGHT_REQUEST_START_FOR, problem))
        return false;
    struct start start = {
        .porting = porting, .actor = actor, .account = account, .user = user, .is_for = true};
    if (!db_write(porting->db, start_for_closure, &start, problem))
        return false;
    if (porting->jobs)
        jobs_wake(porting->jobs);
    *ret = start.id;
    return true;
}

struct begun {
    struct porting *porting;
    struct text account, user;
    struct arena *arena;
    struct draft_begun *drafts;
    size_t count;
    bool more;
};

static bool begun_closure(struct db_tx *tx, void *context)
{
    struct begun *begun = context;
    begun->drafts = ARENA_ARRAY(begun->arena, struct draft_begun, DRAFT_BEGUN_MAX);
    begun->count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT id, reference, created_at, step, numbers_typed FROM port_request WHERE account = $1 AND"
        " created_by = $2 AND status = 'draft' AND begun_by IS NOT NULL ORDER BY id DESC LIMIT $3",
        DB_ARGS(db_text(begun->account), db_text(begun->user), db_int(DRAFT_BEGUN_MAX + 1)));
    while ((begun->more = db_next(rows)) && begun->count < DRAFT_BEGUN_MAX) {
        struct draft_begun *draft = &begun->drafts[begun->count];
        *draft = (struct draft_begun){.reference = db_col_copy(rows, 1, begun->arena),
            .created_at = db_col_int(rows, 2),
            .step = (int)db_col_int(rows, 3)};
        draft->number_count =
            row_typed_numbers(begun->porting, db_col_text(rows, 4), begun->arena, &draft->first_number);
        if (id_parse(db_col_text(rows, 0), "pr", &draft->id))
            begun->count++;
    }
    return db_ok(tx);
}

bool draft_begun_list(struct porting *porting, const struct actor *actor, struct text account,
    struct text user, struct arena *arena, struct draft_begun **ret, size_t *ret_count, bool *ret_more,
    struct problem *problem)
{
    struct begun begun = {.porting = porting, .account = account, .user = user, .arena = arena};
    if (right_over(actor, RIGHT_REQUEST_START_FOR, account, user) &&
        !db_read(porting->db, begun_closure, &begun, problem))
        return false;
    *ret = begun.drafts;
    *ret_count = begun.count;
    *ret_more = begun.more;
    return true;
}

/* ---- Load ---- */

/* What a number of the list is in use for already. */
struct clash {
    enum word word;  /* WORD_NONE: nothing */
    struct text who; /* whose personal phone it is, as far as the reader may know */
};

struct load {
    struct porting *porting;
    const struct actor *actor;
    struct text request;
    struct arena *arena;
    struct draft draft;
    struct request_row row;
    struct clash *clashes; /* for each item of the list */
};

static bool read_pin_state(struct db_tx *tx, struct load *load)
{
    DB_ROWS rows = db_query(tx, "SELECT given_at FROM port_pin WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(load->row.account), db_text(load->row.id)));
    load->draft.has_pin = db_next(rows);
    if (load->draft.has_pin)
        load->draft.pin_given_at = db_col_int(rows, 0);
    return db_ok(tx);
}

static enum word use_word(struct text kind)
{
    if (text_is(kind, "personal"))
        return WORD_porting_number_personal;
    return text_is(kind, "inventory") ? WORD_porting_number_here : WORD_porting_number_porting;
}

/* A number that is in use already. */
static void take_clash(struct db_rows *rows, void *context)
{
    struct load *load = context;
    const struct number_list *list = &load->draft.numbers;
    for (size_t i = 0; i < list->count; i++)
        if (number_item_usable(&list->items[i]) &&
            text_equal(number_e164(&list->items[i].number), db_col_text(rows, 0)))
            load->clashes[i].word = use_word(db_col_text(rows, 1));
}

/* Whose personal phone it is: the reader's own, which they can change; or another's, whom they ask if they may know of them. */
static bool read_whose(struct db_tx *tx, const struct load *load, struct text e164, struct clash *clash)
{
    const struct actor *actor = load->actor;
    bool may_know = right_over(actor, RIGHT_USER_SEE, load->row.account, TEXT_EMPTY);
    DB_ROWS rows = db_query(tx,
        "SELECT id, name FROM app_user WHERE account = $1 AND personal_phone = $2 ORDER BY name, id",
        DB_ARGS(db_text(load->row.account), db_text(e164)));
    while (db_next(rows)) {
        if (text_equal(load->row.account, actor->account) && text_equal(db_col_text(rows, 0), actor->user)) {
            *clash = (struct clash){.word = WORD_porting_number_personal_own};
            break;
        }
        if (may_know && clash->word == WORD_porting_number_personal)
            *clash = (struct clash){WORD_porting_number_personal_of, db_col_copy(rows, 1, load->arena)};
    }
    return db_ok(tx);
}

static bool read_owners(struct db_tx *tx, struct load *load)
{
    const struct number_list *list = &load->draft.numbers;
    for (size_t i = 0; i < list->count; i++)
        if (load->clashes[i].word == WORD_porting_number_personal &&
            !read_whose(tx, load, number_e164(&list->items[i].number), &load->clashes[i]))
            return false;
    return true;
}

/* Which numbers are a personal phone, in the inventory or being ported already. */
static bool read_clashes(struct db_tx *tx, struct load *load)
{
    static struct db_many uses =
        DB_MANY("SELECT e164, kind FROM number_use WHERE account = $1 AND e164 IN (", "?", ")", 1, 1);
    const struct number_list *list = &load->draft.numbers;
    struct db_value *values = ARENA_ARRAY(load->arena, struct db_value, list->count + 1);
    struct db_value account = db_text(load->row.account);
    size_t count = 0;
    load->clashes = ARENA_ARRAY(load->arena, struct clash, list->count + 1);
    if (!guard_looks_first())
        return true;
    for (size_t i = 0; i < list->count; i++)
        if (number_item_usable(&list->items[i]))
            values[count++] = db_text(number_e164(&list->items[i].number));
    return db_query_many(tx, &uses, &account, values, count, take_clash, load) && read_owners(tx, load);
}

static bool load_closure(struct db_tx *tx, void *context)
{
    struct load *load = context;
    struct draft *draft = &load->draft;
    if (!row_request(tx, load->actor, RIGHT_REQUEST_WORK, load->request, load->arena, &load->row))
        return false;
    if (load->row.status != REQUEST_STATUS_DRAFT)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_submitted_already, NULL, NULL);
    *draft = (struct draft){
        .reference = load->row.reference,
        .fields = load->row.fields,
        .step = load->row.step,
        .changed_at = load->row.changed_at,
    };
    id_parse(load->row.id, "pr", &draft->id);
    id_parse(load->row.account, "acc", &draft->account);
    struct problem problem = {0};
    struct account account;
    struct user user;
    if (right_any(load->actor, RIGHT_DESK) && account_by_id(tx, load->arena, load->row.account, &account))
        draft->account_name = account.name;
    if (right_any(load->actor, RIGHT_DESK) && load->row.begun_by.len &&
        user_by_id(tx, load->arena, load->row.account, load->row.created_by, &user) && !user.removed)
        draft->begun_for = user.id;
    if (!number_list_parse(
            load->arena, load->porting->area_codes, draft->fields.numbers, &draft->numbers, &problem))
        return db_fail(tx, &problem);
    return row_documents(tx, load->row.account, load->row.id, load->arena, &draft->documents,
               &draft->documents_count) &&
           read_pin_state(tx, load) && read_clashes(tx, load);
}

/* The rules' findings, with those that only the database knows in front. */
static void find_faults(struct load *load)
{
    struct draft *draft = &load->draft;
    const struct draft_fields *fields = &draft->fields;
    struct text zone = load->actor->time_zone;
    struct draft_facts facts = {
        .carrier = directory_find(load->porting->directory, fields->carrier),
        .carrier_name = fields->carrier_name,
        .numbers = &draft->numbers,
        .bills = draft->documents_count,
        .bill_confirmed = fields->bill_confirmed,
        .account_name = fields->account_name,
        .account_type = fields->account_type,
        .account_number = fields->account_number,
        .btn = fields->btn,
        .has_pin = draft->has_pin,
        .pin_later = fields->pin_later,
        .owner_name = fields->owner_name,
        .owner_email = fields->owner_email,
        .owner_email_ok = mail_address_ok(fields->owner_email),
        .street = fields->street,
        .unit = fields->unit,
        .city = fields->city,
        .state = fields->state,
        .zip = fields->zip,
        .wished_date = fields->wished_date,
        .wished_time = fields->wished_time,
        .acknowledged = fields->acknowledged,
        .today = clock_date(clock_now(load->porting->clock), zone),
        .calendar = load->porting->calendar,
        .wish_days = porting_wish_days(load->porting),
    };
    if (draft->has_pin)
        facts.pin_since = clock_date(draft->pin_given_at, zone);
    struct finding *found;
    size_t count;
    draft_check(load->arena, &facts, &found, &count);
    draft->findings = ARENA_ARRAY(load->arena, struct finding, count + draft->numbers.count + 1);
    for (size_t i = 0; i < draft->numbers.count; i++)
        if (load->clashes[i].word != WORD_NONE)
            draft->findings[draft->findings_count++] = (struct finding){.step = 1,
                .field = DRAFT_FIELD_NUMBERS,
                .severity = SEVERITY_MUST,
                .word = load->clashes[i].word,
                .about = number_format(load->arena, &draft->numbers.items[i].number),
                .who = load->clashes[i].who};
    for (size_t i = 0; i < count; i++)
        draft->findings[draft->findings_count++] = found[i];
}

bool draft_load_reviewed(struct porting *porting, const struct actor *actor, struct text request,
    const struct draft_fields *review, struct arena *arena, struct draft *ret, struct problem *problem)
{
    struct load load = {.porting = porting, .actor = actor, .request = request, .arena = arena};
    if (!db_read(porting->db, load_closure, &load, problem))
        return false;
    struct text sealed = load.row.account_number_sealed;
    struct vault_place place = place_account_number(load.row.account, load.row.id);
    if (sealed.len &&
        !vault_unseal(porting->vault, &place, sealed, arena, &load.draft.fields.account_number, problem))
        return false;
    if (review) {
        load.draft.fields.wished_date = review->wished_date;
        load.draft.fields.wished_time = review->wished_time;
        load.draft.fields.acknowledged = review->acknowledged;
    }
    find_faults(&load);
    *ret = load.draft;
    return true;
}

bool draft_load(struct porting *porting, const struct actor *actor, struct text request, struct arena *arena,
    struct draft *ret, struct problem *problem)
{
    return draft_load_reviewed(porting, actor, request, NULL, arena, ret, problem);
}

/* ---- Discard ---- */

struct discard {
    struct porting *porting;
    const struct actor *actor;
    struct text request;
    struct arena *arena;
    struct request_row row;
    struct draft_document *documents;
    size_t documents_count;
};

static bool discard_closure(struct db_tx *tx, void *context)
{
    struct discard *discard = context;
    if (!row_request(tx, discard->actor, RIGHT_REQUEST_WORK, discard->request, discard->arena, &discard->row))
        return false;
    if (discard->row.status != REQUEST_STATUS_DRAFT)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_submitted_already, NULL, NULL);
    if (!row_documents(tx, discard->row.account, discard->row.id, discard->arena, &discard->documents,
            &discard->documents_count))
        return false;
    struct db_value account = db_text(discard->row.account), id = db_text(discard->row.id);
    db_exec(tx, "DELETE FROM document WHERE account = $1 AND request = $2", DB_ARGS(account, id));
    db_exec(tx, "DELETE FROM port_pin WHERE account = $1 AND request = $2", DB_ARGS(account, id));
    db_exec(tx, "DELETE FROM timeline WHERE account = $1 AND request = $2", DB_ARGS(account, id));
    acted_forget(tx, discard->row.account, discard->row.id);
    db_exec(tx, "DELETE FROM port_request WHERE account = $1 AND id = $2", DB_ARGS(account, id));
    return row_audit(tx, discard->porting->clock, discard->actor, AUDIT_DRAFT_DISCARDED, discard->row.account,
        discard->row.id, discard->row.reference);
}

bool draft_discard(
    struct porting *porting, const struct actor *actor, struct text request, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct discard discard = {.porting = porting, .actor = actor, .request = request, .arena = arena};
    if (!db_write(porting->db, discard_closure, &discard, problem))
        return false;
    for (size_t i = 0; i < discard.documents_count; i++)
        document_forget(porting, discard.row.account, &discard.documents[i].id);
    return true;
}
