/* Placing an order: portability, documents, create. Every step is committed before the next one begins, so that a death in between repeats
 * nothing that the carrier would take for two. */
#include "base/failpoint.h"
#include "people/people.h"
#include "porting/advance.h"
#include "porting/connection.h"
#include "porting/new_order.h"
#include "porting/order.h"
#include "porting/order_read.h"
#include "porting/place.h"
#include "rules/split.h"
#include "rules/wish.h"

/* How long a create whose answer we did not hear may still be on its way before we look for its port. */
#define PLACE_GRACE (20 * CLOCK_SECOND)

/* ---- What there is ---- */

static bool read_document_refs(struct db_tx *tx, struct place *place)
{
    if (!row_documents(
            tx, place->account, place->request.id, place->arena, &place->documents, &place->documents_count))
        return false;
    place->document_refs = ARENA_ARRAY(place->arena, struct text, place->documents_count + 1);
    for (size_t i = 0; i < place->documents_count; i++) {
        DB_ROWS rows = db_query(tx,
            "SELECT carrier_ref FROM order_document WHERE account = $1 AND carrier_order = $2 AND document ="
            " $3",
            DB_ARGS(db_text(place->account), db_text(place->id), db_text(id_text(&place->documents[i].id))));
        place->document_refs[i] = db_next(rows) ? db_col_copy(rows, 0, place->arena) : TEXT_EMPTY;
    }
    return db_ok(tx);
}

/* A further attempt goes where the one before it is; else the account's own connection, else the operator's. */
static bool read_connection(struct db_tx *tx, struct place *place)
{
    struct order_row before;
    place->connection = place->order.connection;
    if (!place->connection.len && place->order.replaces.len &&
        row_order(tx, place->account, place->order.replaces, place->arena, &before))
        place->connection = before.connection;
    return place->connection.len || connection_choose(tx, place->account, place->arena, &place->connection);
}

bool place_read(struct db_tx *tx, void *context)
{
    struct place *place = context;
    struct number_row *all;
    size_t count;
    if (!row_order(tx, place->account, place->id, place->arena, &place->order) ||
        !read_connection(tx, place) ||
        !row_request_of(tx, place->account, place->order.request, place->arena, &place->request) ||
        !row_numbers(tx, place->account, place->order.request, place->arena, &all, &count) ||
        !read_document_refs(tx, place))
        return false;
    place->numbers = ARENA_ARRAY(place->arena, struct number_row, count + 1);
    place->numbers_count = 0;
    for (size_t i = 0; i < count; i++)
        if (text_equal(all[i].order, place->id) && !number_status_is_terminal(all[i].status))
            place->numbers[place->numbers_count++] = all[i];
    DB_ROWS rows = db_query(tx, "SELECT sealed FROM port_pin WHERE account = $1 AND request = $2",
        DB_ARGS(db_text(place->account), db_text(place->request.id)));
    place->sealed_pin = db_next(rows) ? text_copy(place->arena, db_col_bytes(rows, 0)) : TEXT_EMPTY;
    struct user requester;
    if (user_by_id(tx, place->arena, place->account, place->request.submitted_by, &requester) &&
        !requester.removed)
        place->copy_to = requester.email;
    return db_ok(tx);
}

/* ---- Documents ---- */

bool place_keep_connection(struct db_tx *tx, const struct place *place)
{
    return db_exec(tx,
        "UPDATE carrier_order SET connection = $3 WHERE account = $1 AND id = $2 AND connection IS NULL",
        DB_ARGS(db_text(place->account), db_text(place->id), db_text(place->connection)));
}

struct read_blob {
    struct blob_reader *reader;
    struct problem problem;
};

static size_t read_blob(void *context, char *at, size_t max)
{
    struct read_blob *read = context;
    size_t len = 0;
    return blob_read(read->reader, at, max, &len, &read->problem) ? len : SIZE_MAX;
}

struct uploaded {
    struct place *place;
    const struct draft_document *document;
    struct text ref;
};

static bool uploaded_closure(struct db_tx *tx, void *context)
{
    struct uploaded *uploaded = context;
    place_keep_connection(tx, uploaded->place);
    return db_exec(tx,
        "INSERT INTO order_document (account, carrier_order, document, carrier_ref) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_text(uploaded->place->account), db_text(uploaded->place->id),
            db_text(id_text(&uploaded->document->id)), db_text(uploaded->ref)));
}

static bool upload_one(struct place *place, size_t index, struct problem *problem)
{
    const struct draft_document *document = &place->documents[index];
    const struct lease *carrier = &place->lease;
    struct read_blob read = {0};
    struct uploaded uploaded = {.place = place, .document = document};
    if (!blob_open(place->porting->blobs, place->account, id_text(&document->id), &read.reader, problem))
        return false;
    struct carrier_document upload = {
        .friendly_name = place->request.reference,
        .file_name = text_format(place->arena, "bill-%zu.%.*s", index + 1, TEXT_ARG(document->type)),
        .type = document_mime(document->type),
        .size = document->size,
        .read = read_blob,
        .context = &read,
    };
    bool ok = carrier->api->upload(carrier->carrier, &upload, place->arena, &uploaded.ref, problem);
    blob_close(read.reader);
    failpoint("document-after-upload");
    if (!ok || !db_write(place->porting->db, uploaded_closure, &uploaded, problem))
        return false;
    place->document_refs[index] = uploaded.ref;
    return true;
}

static bool upload_documents(struct place *place, struct problem *problem)
{
    for (size_t i = 0; i < place->documents_count; i++)
        if (!place->document_refs[i].len && !upload_one(place, i, problem))
            return false;
    return true;
}

/* ---- Create ---- */

struct phase_change {
    struct place *place;
    enum order_phase from, to;
    bool changed; /* false: the order was canceled meanwhile */
};

static bool phase_closure(struct db_tx *tx, void *context)
{
    struct phase_change *change = context;
    struct place *place = change->place;
    int64_t changed = 0;
    db_exec_changed(tx,
        "UPDATE carrier_order SET phase = $4, placing_since = $5 WHERE account = $1 AND id = $2 AND phase ="
        " $3",
        DB_ARGS(db_text(place->account), db_text(place->id),
            db_text(text_from(order_phase_name(change->from))),
            db_text(text_from(order_phase_name(change->to))), db_int(clock_now(place->porting->clock))),
        &changed);
    change->changed = changed > 0;
    return db_ok(tx);
}

static bool set_phase(struct place *place, enum order_phase from, enum order_phase to, bool *ret_changed,
    struct problem *problem)
{
    struct phase_change change = {.place = place, .from = from, .to = to};
    if (!db_write(place->porting->db, phase_closure, &change, problem))
        return false;
    *ret_changed = change.changed;
    return true;
}

static bool write_order(struct place *place, struct port_order *ret, struct problem *problem)
{
    const struct draft_fields *fields = &place->request.fields;
    struct arena *arena = place->arena;
    struct vault_place number_place = place_account_number(place->account, place->request.id);
    struct vault_place pin_place = place_pin(place->account, place->request.id);
    struct text account_number = TEXT_EMPTY, pin = TEXT_EMPTY;
    if (place->request.account_number_sealed.len &&
        !vault_unseal(place->porting->vault, &number_place, place->request.account_number_sealed, arena,
            &account_number, problem))
        return false;
    if (place->sealed_pin.len &&
        !vault_unseal(place->porting->vault, &pin_place, place->sealed_pin, arena, &pin, problem))
        return false;
    struct text *numbers = ARENA_ARRAY(arena, struct text, place->numbers_count + 1);
    for (size_t i = 0; i < place->numbers_count; i++)
        numbers[i] = place->numbers[i].e164;
    enum wish_time time = WISH_ANY_TIME;
    bool takes_times = place->lease.api->can->takes_times && wish_time_parse(fields->wished_time, &time);
    struct wish_range range = wish_time_range(takes_times ? time : WISH_ANY_TIME);
    *ret = (struct port_order){
        .customer_name = fields->account_name,
        .business = text_is(fields->account_type, "business"),
        .account_number = account_number_clean(arena, account_number),
        .btn = fields->btn,
        .owner_name = fields->owner_name,
        .owner_email = fields->owner_email,
        .street = fields->street,
        .unit = fields->unit,
        .city = fields->city,
        .state = fields->state,
        .zip = fields->zip,
        .country = TEXT("US"),
        .pin = pin,
        .wished_date = place->lease.api->can->takes_date ? fields->wished_date : TEXT_EMPTY,
        .wished_from = range.from,
        .wished_until = range.until,
        .zone = place->numbers_count ? number_zone_of(place->porting->area_codes, numbers[0]) : TEXT_EMPTY,
        .numbers = numbers,
        .number_count = place->numbers_count,
        .documents = place->document_refs,
        .document_count = place->documents_count,
        .copies_to = &place->copy_to,
        .copy_count = place->copy_to.len && place->lease.api->can->copies_max ? 1 : 0,
    };
    return true;
}

struct placed {
    struct place *place;
    const struct carrier_port *port;
    int64_t asked_at;
};

static bool placed_closure(struct db_tx *tx, void *context)
{
    struct placed *placed = context;
    struct place *place = placed->place;
    struct advance advance;
    int64_t now = clock_now(place->porting->clock);
    struct text label = text_from(place->porting->gaining->label);
    db_exec(tx,
        "UPDATE carrier_order SET phase = 'placed', carrier_ref = $3, placed_at = $4 WHERE account = $1 AND"
        " id = $2",
        DB_ARGS(db_text(place->account), db_text(place->id), db_text(placed->port->ref), db_int(now)));
    db_exec(tx,
        "INSERT INTO carrier_ref (carrier, ref, account, carrier_order) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (carrier, ref) DO NOTHING",
        DB_ARGS(db_text(place->order.carrier), db_text(placed->port->ref), db_text(place->account),
            db_text(place->id)));
    if (!advance_load(tx, place->porting, place->account, place->request.id, &advance))
        return false;
    struct order_row *order = advance_order(&advance, place->id);
    advance_tell(tx, &advance, EVENT_ORDER_PLACED, &(struct news_source){ACTOR_PORTDESK, TEXT_EMPTY},
        TEXT_EMPTY, label);
    job_add(tx, place->porting->clock,
        &(struct job_new){.account = place->account, .kind = JOB_ORDER_SYNC, .subject = place->id});
    if (order->cancel_wanted)
        job_add(tx, place->porting->clock,
            &(struct job_new){.account = place->account, .kind = JOB_ORDER_CANCEL, .subject = place->id});
    return order_take(tx, &advance, order, placed->port, placed->asked_at, false);
}

static bool keep_placed(
    struct place *place, const struct carrier_port *port, int64_t asked_at, struct problem *problem)
{
    struct placed placed = {place, port, asked_at};
    return db_write(place->porting->db, placed_closure, &placed, problem);
}

/* ---- What else may come of it ---- */

struct refusal {
    struct place *place;
    enum rejection_reason reason;
    enum number_status status;
    enum timeline_event event; /* or TIMELINE_EVENT_COUNT for no line of its own */
    struct text words;
};

/* The order goes nowhere by itself: its numbers get the status, and a line on the timeline says why. */
static bool refusal_closure(struct db_tx *tx, void *context)
{
    struct refusal *refusal = context;
    struct place *place = refusal->place;
    struct advance advance;
    struct text label = text_from(place->porting->gaining->label);
    struct news_source desk = {ACTOR_PORTDESK, TEXT_EMPTY};
    if (!advance_load(tx, place->porting, place->account, place->request.id, &advance))
        return false;
    struct order_row *order = advance_order(&advance, place->id);
    /* Whoever asked to cancel meanwhile has got it. */
    enum number_status status = order->cancel_wanted ? NUMBER_STATUS_CANCELED : refusal->status;
    advance_phase(tx, order, ORDER_ENDED);
    if (refusal->event != TIMELINE_EVENT_COUNT)
        advance_tell(tx, &advance, refusal->event, &desk, TEXT_EMPTY, label);
    struct number_news *news = ARENA_ARRAY(db_arena(tx), struct number_news, place->numbers_count + 1);
    for (size_t i = 0; i < place->numbers_count; i++)
        news[i] = (struct number_news){.e164 = place->numbers[i].e164,
            .truth = {status, 0, clock_now(place->porting->clock)},
            .rejection =
                status == NUMBER_STATUS_REJECTED ? text_from(rejection_name(refusal->reason)) : TEXT_EMPTY,
            .rejection_words = refusal->words};
    if (!advance_take(tx, &advance, order, news, place->numbers_count, &desk))
        return false;
    return advance_roll_up(tx, &advance);
}

/* What the carrier said, without what our log has in front of it ("twilio: HTTP 400, code 22102: ..."). */
static struct text words_of(const struct problem *why)
{
    struct text detail = text_from(why->detail), mark = TEXT("code ");
    size_t code = text_find(detail, mark, 0);
    size_t colon = code == SIZE_MAX ? SIZE_MAX : text_find(detail, TEXT(": "), code);
    return colon == SIZE_MAX ? detail : text_part(detail, colon + 2, detail.len);
}

/* Its error code tells why, when we know it ("22137": a port of the number is under way). */
static enum rejection_reason reason_of(const struct place *place, const struct problem *why)
{
    struct text detail = text_from(why->detail), mark = TEXT("code ");
    size_t code = text_find(detail, mark, 0);
    size_t colon = code == SIZE_MAX ? SIZE_MAX : text_find(detail, TEXT(": "), code);
    if (colon == SIZE_MAX)
        return REJECTION_OTHER;
    return rejection_of_word(place->porting->rejections, text_from(place->porting->gaining->name),
        text_part(detail, code + mark.len, colon - code - mark.len))
        ->reason;
}

/* The carrier has said no, and not for a reason that repeating would mend: a person looks. */
static bool refused(struct place *place, const struct problem *why, struct problem *problem)
{
    struct refusal refusal = {.place = place,
        .reason = reason_of(place, why),
        .status = NUMBER_STATUS_REJECTED,
        .event = EVENT_ORDER_REFUSED,
        .words = text_copy(place->arena, words_of(why))};
    return db_write(place->porting->db, refusal_closure, &refusal, problem);
}

static bool canceled_unseen(struct place *place, struct problem *problem)
{
    struct refusal refusal = {
        .place = place, .status = NUMBER_STATUS_CANCELED, .event = TIMELINE_EVENT_COUNT};
    return db_write(place->porting->db, refusal_closure, &refusal, problem);
}

struct owner_of {
    const struct place *place;
    struct text ref;
    bool other;
};

static bool owner_closure(struct db_tx *tx, void *context)
{
    struct owner_of *owner = context;
    const struct place *place = owner->place;
    owner->other =
        db_number(tx,
            "SELECT count(*) FROM carrier_ref WHERE carrier = $1 AND ref = $2 AND NOT (account = $3"
            " AND carrier_order = $4)",
            DB_ARGS(db_text(text_from(place->porting->gaining->name)), db_text(owner->ref),
                db_text(place->account), db_text(place->id)),
            0) > 0;
    return db_ok(tx);
}

/* Whether the port is that of another order. Ours is looked at also when another process has found it meanwhile. */
static bool is_of_other_order(void *context, struct text ref)
{
    struct owner_of owner = {.place = context, .ref = ref};
    return db_read(owner.place->porting->db, owner_closure, &owner, NULL) && owner.other;
}

/* Looks for the port that holds our document. */
static bool find(struct place *place, bool *ret_found, struct problem *problem)
{
    const struct lease *carrier = &place->lease;
    struct carrier_port port;
    int64_t asked_at = clock_now(place->porting->clock);
    *ret_found = false;
    if (!place->documents_count)
        return problem_internal(problem, "an order without a document cannot be looked for");
    struct carrier_search wanted = {.document = place->document_refs[0],
        .since = place->order.created_at,
        .is_other = is_of_other_order,
        .context = place};
    return carrier->api->find(carrier->carrier, &wanted, place->arena, ret_found, &port, problem) &&
           (!*ret_found || keep_placed(place, &port, asked_at, problem));
}

static bool after_failed_create(
    struct place *place, bool sent, const struct problem *why, struct problem *problem)
{
    bool found = false, changed = false;
    if (why->kind == PROBLEM_LATER) {
        /* Nothing left here: the next try need not look for it. Else the order stays in placing, and the next try looks. */
        if (!sent && !set_phase(place, ORDER_PLACING, ORDER_NEW, &changed, problem))
            return false;
        *problem = *why;
        return false;
    }
    /* "A port of this number is under way in your account": perhaps it is this one. */
    if (why->kind == PROBLEM_CONFLICT && !find(place, &found, problem))
        return false;
    return found || refused(place, why, problem);
}

static bool create(struct place *place, struct problem *problem)
{
    const struct lease *carrier = &place->lease;
    struct port_order order;
    struct carrier_port port;
    struct problem why = {0};
    bool sent = false;
    if (!write_order(place, &order, problem))
        return false;
    int64_t asked_at = clock_now(place->porting->clock);
    if (carrier->api->create(carrier->carrier, &order, place->arena, &port, &sent, &why))
        return keep_placed(place, &port, asked_at, problem);
    return after_failed_create(place, sent, &why, problem);
}

/* A create that we did not hear the end of. */
static bool resume(struct place *place, int64_t *ret_again_at, struct problem *problem)
{
    bool found = false, changed = false;
    int64_t ready = place->order.placing_since + PLACE_GRACE;
    if (clock_now(place->porting->clock) < ready) {
        *ret_again_at = ready;
        return true;
    }
    if (!find(place, &found, problem) || found)
        return found;
    if (place->order.cancel_wanted)
        return canceled_unseen(place, problem);
    return set_phase(place, ORDER_PLACING, ORDER_PLACING, &changed, problem) &&
           (!changed || create(place, problem));
}

static bool place_new(struct place *place, int64_t *ret_again_at, struct problem *problem)
{
    bool changed = false;
    if (!place_look_at_portability(place, ret_again_at, problem))
        return false;
    if (!place->numbers_count || *ret_again_at)
        return true;
    return upload_documents(place, problem) &&
           set_phase(place, ORDER_NEW, ORDER_PLACING, &changed, problem) &&
           (!changed || create(place, problem));
}

static bool work(struct place *place, int64_t *ret_again_at, struct problem *problem)
{
    bool is_new = place->order.phase == ORDER_NEW;
    if (is_new && place->order.cancel_wanted)
        return canceled_unseen(place, problem);
    if (!(is_new && place->numbers_count) && place->order.phase != ORDER_PLACING)
        return true;
    if (!place->connection.len)
        return problem_set(problem, PROBLEM_LATER, WORD_carrier_no_connection, NULL, NULL,
            "no connection to a carrier takes new orders");
    if (!connection_lease(place->porting, place->account, place->connection, &place->lease, problem))
        return false;
    bool ok = is_new ? place_new(place, ret_again_at, problem) : resume(place, ret_again_at, problem);
    ok = ok || lease_rests(&place->lease, place->porting->clock, ret_again_at, problem);
    connection_give_back(&place->lease);
    return ok;
}

bool order_place(
    void *context, const struct job *job, struct arena *arena, int64_t *ret_again_at, struct problem *problem)
{
    struct place place = {.porting = context, .arena = arena, .account = job->account, .id = job->subject};
    bool ok = db_read(place.porting->db, place_read, &place, problem) && work(&place, ret_again_at, problem);
    jobs_wake(place.porting->jobs);
    return ok;
}
