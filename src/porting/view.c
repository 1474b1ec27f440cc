#include "porting/view.h"

#include "people/people.h"
#include "porting/fix_scope.h"
#include "porting/watch.h"

#define EVENTS_MAX 200
#define ATTEMPTS_MAX 50
#define CHANGES_MAX 400

struct load {
    struct porting *porting;
    const struct actor *actor;
    struct text request;
    struct arena *arena;
    struct request_row row;
    struct number_row *numbers;
    size_t numbers_count;
    struct order_row *orders;
    size_t orders_count;
    struct watch watch;        /* of what it waits for first */
    bool may_work, may_record; /* the reader */
    struct request_view view;
};

static bool read_people(struct db_tx *tx, struct load *load)
{
    struct account account;
    struct user user;
    if (account_by_id(tx, load->arena, load->row.account, &account))
        load->view.account_name = account.name;
    if (load->row.submitted_by.len &&
        user_by_id(tx, load->arena, load->row.account, load->row.submitted_by, &user))
        load->view.submitted_by = user.name;
    load->view.pin_given_at =
        db_number(tx, "SELECT given_at FROM port_pin WHERE account = $1 AND request = $2",
            DB_ARGS(db_text(load->row.account), db_text(load->row.id)), 0);
    load->view.has_pin = load->view.pin_given_at > 0;
    return db_ok(tx);
}

static bool read_events(struct db_tx *tx, struct load *load)
{
    struct request_view *view = &load->view;
    bool team = right_any(load->actor, RIGHT_DESK);
    view->events = ARENA_ARRAY(load->arena, struct event_view, EVENTS_MAX);
    view->events_count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT event, actor_kind, actor_name, e164, about, at FROM timeline WHERE account = $1 AND request"
        " = $2 ORDER BY id DESC LIMIT $3",
        DB_ARGS(db_text(load->row.account), db_text(load->row.id), db_int(EVENTS_MAX)));
    while (view->events_count < EVENTS_MAX && db_next(rows)) {
        struct event_view *event = &view->events[view->events_count];
        *event = (struct event_view){
            .actor_name = db_col_copy(rows, 2, load->arena),
            .e164 = db_col_copy(rows, 3, load->arena),
            .about = db_col_copy(rows, 4, load->arena),
            .at = db_col_int(rows, 5),
        };
        if (!timeline_event_parse(db_col_text(rows, 0), &event->event) ||
            !timeline_actor_parse(db_col_text(rows, 1), &event->actor_kind))
            continue;
        view->events_count += timeline_event_is_teams(event->event) && !team ? 0 : 1;
    }
    return db_ok(tx);
}

/* All changes of all attempts in one query, newest attempt first; the slices of the attempts point into one array. */
static bool read_changes(struct db_tx *tx, struct load *load)
{
    struct request_view *view = &load->view;
    struct change_view *changes = ARENA_ARRAY(load->arena, struct change_view, CHANGES_MAX);
    size_t count = 0;
    DB_ROWS rows = db_query(tx,
        "SELECT attempt, field, was, now FROM attempt_change WHERE account = $1 AND request = $2"
        " ORDER BY attempt DESC, field LIMIT $3",
        DB_ARGS(db_text(load->row.account), db_text(load->row.id), db_int(CHANGES_MAX)));
    while (count < CHANGES_MAX && db_next(rows)) {
        int attempt = (int)db_col_int(rows, 0);
        changes[count] = (struct change_view){.field = db_col_copy(rows, 1, load->arena),
            .was = db_col_copy(rows, 2, load->arena),
            .now = db_col_copy(rows, 3, load->arena)};
        for (size_t i = 0; i < view->attempts_count; i++)
            if (view->attempts[i].attempt == attempt) {
                if (!view->attempts[i].changes_count)
                    view->attempts[i].changes = &changes[count];
                view->attempts[i].changes_count++;
            }
        count++;
    }
    return db_ok(tx);
}

/* What each attempt was answered: the first refusal of its orders. CROSS JOIN: SQLite begins with the orders of the request, not with all
 * numbers of the account. */
static bool read_answers(struct db_tx *tx, struct load *load)
{
    struct request_view *view = &load->view;
    DB_ROWS rows = db_query(tx,
        "SELECT o.attempt, min(n.rejection), min(n.rejection_words) FROM carrier_order o"
        " CROSS JOIN order_number n WHERE o.account = $1 AND o.request = $2 AND n.account = o.account"
        " AND n.carrier_order = o.id AND n.rejection IS NOT NULL GROUP BY o.attempt",
        DB_ARGS(db_text(load->row.account), db_text(load->row.id)));
    while (db_next(rows))
        for (size_t i = 0; i < view->attempts_count; i++)
            if (view->attempts[i].attempt == (int)db_col_int(rows, 0)) {
                view->attempts[i].answer = db_col_copy(rows, 1, load->arena);
                view->attempts[i].answer_words = db_col_copy(rows, 2, load->arena);
            }
    return db_ok(tx);
}

static bool read_attempts(struct db_tx *tx, struct load *load)
{
    struct request_view *view = &load->view;
    view->attempts = ARENA_ARRAY(load->arena, struct attempt_view, ATTEMPTS_MAX);
    view->attempts_count = 0;
    for (int attempt = load->row.attempt; attempt >= 1 && view->attempts_count < ATTEMPTS_MAX; attempt--) {
        struct attempt_view *one = &view->attempts[view->attempts_count];
        *one = (struct attempt_view){.attempt = attempt};
        for (size_t i = 0; i < load->orders_count; i++)
            if (load->orders[i].attempt == attempt && (!one->at || load->orders[i].created_at < one->at))
                one->at = load->orders[i].created_at;
        view->attempts_count += one->at ? 1 : 0;
    }
    return read_changes(tx, load) && read_answers(tx, load);
}

/* What it waits for first, and how far that was followed. */
static bool read_turn(struct db_tx *tx, struct load *load)
{
    struct request_wait waits[WAIT_COUNT];
    struct turn_state *turn = &load->view.turn_state;
    size_t count = watch_waits(
        load->porting, load->orders, load->orders_count, load->numbers, load->numbers_count, waits);
    load->watch = (struct watch){0};
    if (!watch_zone(tx, &load->row, load->arena, &turn->zone))
        return false;
    if (count == 0)
        return db_ok(tx);
    turn->wait = waits[0].wait;
    turn->since = waits[0].since;
    return watch_read(tx, &load->row, &waits[0], &load->watch);
}

static bool load_closure(struct db_tx *tx, void *context)
{
    struct load *load = context;
    load->view = (struct request_view){0};
    return row_request(tx, load->actor, RIGHT_REQUEST_SEE, load->request, load->arena, &load->row) &&
           row_numbers(
               tx, load->row.account, load->row.id, load->arena, &load->numbers, &load->numbers_count) &&
           row_orders(tx, load->row.account, load->row.id, load->arena, &load->orders, &load->orders_count) &&
           row_documents(tx, load->row.account, load->row.id, load->arena, &load->view.documents,
               &load->view.documents_count) &&
           read_people(tx, load) && read_events(tx, load) && read_attempts(tx, load) && read_turn(tx, load);
}

/* ---- What follows from the rows ---- */

static const struct order_row *order_of(
    const struct load *load, const struct number_row *number, int *ret_place)
{
    for (size_t i = 0; i < load->orders_count; i++)
        if (text_equal(load->orders[i].id, number->order)) {
            *ret_place = (int)i + 1;
            return &load->orders[i];
        }
    return NULL;
}

static void show_number(struct load *load, const struct number_row *row, struct number_view *ret)
{
    int place = 0;
    const struct order_row *order = order_of(load, row, &place);
    struct request_view *view = &load->view;
    *ret = (struct number_view){
        .e164 = row->e164,
        .status = row->status,
        .status_since = row->status_since,
        .way = row->way,
        .order = row->order,
        .order_number = place,
        .rejection = row->rejection,
        .rejection_words = row->rejection_words,
        .firm_date = row->firm_date,
        .firm_at = row->firm_at,
        .ported_at = row->ported_at,
        .retry_at = row->retry_at,
    };
    if (!order)
        return;
    if (!text_is(order->carrier, "manual"))
        view->gaining_carrier = ret->carrier_label = text_from(load->porting->gaining->label);
    ret->by_hand =
        order_is_by_hand(load->orders, load->orders_count, order) && !number_status_is_terminal(row->status);
    ret->resending =
        order->attempt > 1 && row->status == NUMBER_STATUS_IN_REVIEW && order->phase != ORDER_PLACED;
    view->has_manual |= ret->by_hand;
    view->nothing_sent &= order->phase == ORDER_NEW;
    view->can_cancel |= number_may_be_canceled(row->status);
    if (row->status == NUMBER_STATUS_WAITING_FOR_SIGNATURE && order->signature_url.len)
        view->signature_url = order->signature_url;
    if (right_any(load->actor, RIGHT_DESK) && order->suggested_action.len)
        view->suggested_action = order->suggested_action;
    if (order->signed_at > view->signed_at)
        view->signed_at = order->signed_at;
}

static void sum_up(struct request_view *view, const struct number_view *number)
{
    if (number->firm_date.len &&
        (!view->firm_date.len || text_compare(number->firm_date, view->firm_date) < 0))
        view->firm_date = number->firm_date;
    if (number->ported_at > view->ported_at)
        view->ported_at = number->ported_at;
}

/* The fields that the correction opens. What ran out opens none: it is only sent again. */
static uint32_t fields_of(const struct load *load, enum fix_scope scope, const struct number_row *number)
{
    uint32_t signer = DRAFT_FIELD_BIT(DRAFT_FIELD_OWNER_NAME) | DRAFT_FIELD_BIT(DRAFT_FIELD_OWNER_EMAIL);
    /* What was wiped since the request ended is asked again. */
    uint32_t wiped = load->row.account_number_sealed.len ? 0 : DRAFT_FIELD_BIT(DRAFT_FIELD_ACCOUNT_NUMBER);
    if (scope == FIX_SIGNER || scope == FIX_ENDED)
        return signer | wiped;
    return wiped | (number->status == NUMBER_STATUS_REJECTED
                           ? rejection_of_name(load->porting->rejections, number->rejection)->fields
                           : 0);
}

static void find_fixes(struct load *load)
{
    struct request_view *view = &load->view;
    bool team = right_any(load->actor, RIGHT_DESK);
    view->fix_scope = request_fix_scope(
        load->porting, load->orders, load->orders_count, load->numbers, load->numbers_count, team);
    for (size_t i = 0; i < load->numbers_count && view->fix_scope != FIX_NOTHING; i++)
        if (number_fix_scope(load->porting, load->orders, load->orders_count, &load->numbers[i], team) ==
            view->fix_scope)
            view->fix_fields |= fields_of(load, view->fix_scope, &load->numbers[i]);
    view->can_fix =
        load->may_work && view->fix_scope != FIX_NOTHING && view->status != REQUEST_STATUS_CANCELING;
}

/* How each attempt differed from the one after it, taken back from what stands now. */
static void find_sent(struct load *load)
{
    struct request_view *view = &load->view;
    struct draft_fields sent = load->row.fields;
    for (size_t i = 0; i < view->attempts_count; i++) {
        struct attempt_view *attempt = &view->attempts[i];
        attempt->sent = sent;
        for (size_t j = 0; j < attempt->changes_count; j++) {
            enum draft_field field = DRAFT_FIELD_NONE;
            draft_field_parse(attempt->changes[j].field, &field);
            struct text *value = draft_fields_text(&sent, field);
            if (value)
                *value = attempt->changes[j].was;
        }
    }
}

/* Newest first: a refused cancel counts until somebody asks anew. */
static bool was_cancel_refused(const struct request_view *view)
{
    for (size_t i = 0; i < view->events_count; i++)
        if (view->events[i].event == EVENT_CANCEL_REFUSED || view->events[i].event == EVENT_CANCEL_ASKED)
            return view->events[i].event == EVENT_CANCEL_REFUSED;
    return false;
}

static void find_turn(struct load *load)
{
    struct request_view *view = &load->view;
    struct turn_state *turn = &view->turn_state;
    const struct calendar *calendar = load->porting->calendar;
    int64_t now = clock_now(load->porting->clock);
    view->escalated = load->row.escalated;
    view->can_put_off = load->may_record && load->row.escalated;
    view->cancel_refused = was_cancel_refused(view);
    for (size_t i = 0; i < load->numbers_count; i++) {
        const struct number_row *number = &load->numbers[i];
        if (number->retry_at && (!turn->retry_at || number->retry_at < turn->retry_at))
            turn->retry_at = number->retry_at;
        if (number->status == NUMBER_STATUS_CANCELED && view->fix_scope == FIX_ENDED) {
            view->ended_there = true;
            view->ended_words = number->rejection_words;
        }
    }
    if (request_status_is_terminal(view->status))
        return;
    turn->rule = load->porting->turns->items[turn->wait];
    turn->late = watch_is_late(&turn->rule, calendar, turn->zone, turn->since, now);
    turn->next = watch_next(&turn->rule, calendar, turn->zone, &load->watch);
}

static void show(struct load *load)
{
    struct request_view *view = &load->view;
    const struct request_row *row = &load->row;
    id_parse(row->id, "pr", &view->id);
    id_parse(row->account, "acc", &view->account);
    load->may_work = row_is_reached(load->actor, RIGHT_REQUEST_WORK, row);
    load->may_record = row_is_reached(load->actor, RIGHT_REQUEST_RECORD, row);
    view->reference = row->reference;
    view->status = row->status;
    view->turn = row->turn;
    view->turn_since = row->turn_since;
    view->fields = row->fields;
    view->losing_carrier = losing_carrier_name(load->porting, &row->fields);
    view->directory = directory_find(load->porting->directory, row->fields.carrier);
    view->created_at = row->created_at;
    view->submitted_at = row->submitted_at;
    view->ended_at = row->ended_at;
    view->nothing_sent = true;
    view->asked_carrier = text_from(load->porting->gaining->label);
    view->numbers_count = load->numbers_count;
    view->numbers = ARENA_ARRAY(load->arena, struct number_view, load->numbers_count + 1);
    for (size_t i = 0; i < load->numbers_count; i++) {
        show_number(load, &load->numbers[i], &view->numbers[i]);
        sum_up(view, &view->numbers[i]);
    }
    find_fixes(load);
    find_sent(load);
    find_turn(load);
    view->can_cancel &= load->may_work && row->status != REQUEST_STATUS_CANCELING;
    view->can_remind = load->may_work && view->signature_url.len > 0;
    view->is_held = row->assigned_user.len > 0 && !request_status_is_terminal(row->status);
    view->can_record = load->may_record && view->has_manual;
}

bool request_load(struct porting *porting, const struct actor *actor, struct text request,
    struct arena *arena, struct request_view *ret, struct problem *problem)
{
    struct load load = {.porting = porting, .actor = actor, .request = request, .arena = arena};
    if (!db_read(porting->db, load_closure, &load, problem))
        return false;
    show(&load);
    struct vault_place place = place_account_number(load.row.account, load.row.id);
    if (load.row.account_number_sealed.len &&
        !vault_unseal(porting->vault, &place, load.row.account_number_sealed, arena,
            &load.view.fields.account_number, problem))
        return false;
    *ret = load.view;
    return true;
}

/* ---- Whether anything is new ---- */

struct stamp {
    const struct actor *actor;
    struct text request;
    struct arena *arena;
    struct text stamp;
};

static bool stamp_closure(struct db_tx *tx, void *context)
{
    struct stamp *stamp = context;
    struct request_row row;
    if (!row_request(tx, stamp->actor, RIGHT_REQUEST_SEE, stamp->request, stamp->arena, &row))
        return false;
    DB_ROWS rows = db_query(tx, "SELECT max(id) FROM timeline WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(row.account), db_text(row.id)));
    struct text event = db_next(rows) ? db_col_text(rows, 0) : TEXT_EMPTY;
    struct text note = right_any(stamp->actor, RIGHT_DESK) ? row.last_note : TEXT_EMPTY;
    stamp->stamp = text_format(stamp->arena, "%s.%s.%lld.%.*s.%.*s.%.*s", request_status_name(row.status),
        turn_name(row.turn), (long long)row.changed_at, TEXT_ARG(event), TEXT_ARG(row.last_message),
        TEXT_ARG(note));
    return db_ok(tx);
}

bool request_stamp(struct porting *porting, const struct actor *actor, struct text request,
    struct arena *arena, struct text *ret, struct problem *problem)
{
    struct stamp stamp = {.actor = actor, .request = request, .arena = arena};
    if (!db_read(porting->db, stamp_closure, &stamp, problem))
        return false;
    *ret = stamp.stamp;
    return true;
}
