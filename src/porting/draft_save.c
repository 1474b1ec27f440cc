/* Saving one step of the draft: what was typed is kept as it is, right or wrong; only what does not fit is refused. */
#include "porting/acting.h"
#include "porting/draft.h"
#include "porting/row.h"
#include "rules/checklist.h"

#include <stdio.h>

#define LIST_ARENA (32 * 1024 * 1024)

struct save {
    struct porting *porting;
    const struct actor *actor;
    struct text request;
    int step, next_step;
    const struct draft_fields *fields;
};

/* Columns of text and their limits in bytes; four to a code point. */
static bool fits(const struct draft_fields *fields, struct problem *problem)
{
    const struct {
        const char *field;
        struct text value;
        size_t max;
    } limits[] = {
        {"carrier", fields->carrier, 40},
        {"carrier", fields->carrier_name, DRAFT_NAME_MAX},
        {"account_name", fields->account_name, DRAFT_NAME_MAX},
        {"account_type", fields->account_type, 20},
        {"account_number", fields->account_number, DRAFT_ACCOUNT_NUMBER_MAX},
        {"btn", fields->btn, 40},
        {"owner_name", fields->owner_name, DRAFT_NAME_MAX},
        {"owner_email", fields->owner_email, DRAFT_EMAIL_MAX},
        {"street", fields->street, DRAFT_STREET_MAX},
        {"unit", fields->unit, DRAFT_UNIT_MAX},
        {"city", fields->city, DRAFT_CITY_MAX},
        {"state", fields->state, DRAFT_CITY_MAX},
        {"zip", fields->zip, 20},
        {"wished_date", fields->wished_date, 20},
        {"wished_time", fields->wished_time, 20},
    };
    if (fields->numbers.len > NUMBER_LIST_BYTES_MAX)
        return problem_set(problem, PROBLEM_INPUT, WORD_porting_numbers_too_long, "numbers", NULL, NULL);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        char max[24];
        snprintf(max, sizeof max, "%zu", limits[i].max);
        if (text_length(limits[i].value) > limits[i].max)
            return problem_set(problem, PROBLEM_INPUT, WORD_porting_too_long, limits[i].field, max, NULL);
    }
    return true;
}

static bool save_carrier(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    return db_exec(tx,
        "UPDATE port_request SET losing_carrier = $3, losing_carrier_name = $4, numbers_typed = $5"
        " WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text_or_null(save->fields->carrier),
            db_text_or_null(save->fields->carrier_name), db_text(save->fields->numbers)));
}

static bool save_checklist(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    const struct draft_fields *form = save->fields;
    uint32_t after = checklist_after(row->fields.checklist, form->checklist_shown, form->checklist);
    return db_exec(tx, "UPDATE port_request SET checklist = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_int(after)));
}

static bool save_bill(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    return db_exec(tx, "UPDATE port_request SET bill_confirmed = $3 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_int(save->fields->bill_confirmed)));
}

static bool save_account(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    struct vault_place place = place_account_number(row->account, row->id);
    struct text sealed = save->fields->account_number.len ? vault_seal(save->porting->vault, &place,
                                                                save->fields->account_number, db_arena(tx))
                                                          : TEXT_EMPTY;
    return db_exec(tx,
        "UPDATE port_request SET account_name = $3, account_type = $4, account_number_sealed = $5, btn = $6,"
        " pin_later = $7 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text_or_null(save->fields->account_name),
            db_text_or_null(save->fields->account_type), sealed.len ? db_bytes(sealed) : db_null(),
            db_text_or_null(save->fields->btn), db_int(save->fields->pin_later)));
}

static bool save_owner(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    return db_exec(tx,
        "UPDATE port_request SET owner_name = $3, owner_email = $4 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text_or_null(save->fields->owner_name),
            db_text_or_null(save->fields->owner_email)));
}

static bool save_address(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    const struct draft_fields *fields = save->fields;
    return db_exec(tx,
        "UPDATE port_request SET street = $3, unit = $4, city = $5, state = $6, zip = $7"
        " WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text_or_null(fields->street),
            db_text_or_null(fields->unit), db_text_or_null(fields->city), db_text_or_null(fields->state),
            db_text_or_null(fields->zip)));
}

static bool save_review(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    return db_exec(tx,
        "UPDATE port_request SET wished_date = $3, wished_time = $4, acknowledged = $5 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_text_or_null(save->fields->wished_date),
            db_text_or_null(save->fields->wished_time), db_int(save->fields->acknowledged)));
}

bool pin_keep(
    struct db_tx *tx, struct porting *porting, struct text account, struct text request, struct text pin)
{
    struct vault_place place = place_pin(account, request);
    struct text sealed = vault_seal(porting->vault, &place, pin, db_arena(tx));
    return db_exec(tx,
        "INSERT INTO port_pin (account, request, sealed, given_at) VALUES ($1, $2, $3, $4) ON CONFLICT"
        " (account, request) DO UPDATE SET sealed = excluded.sealed, given_at = excluded.given_at",
        DB_ARGS(db_text(account), db_text(request), db_bytes(sealed), db_int(clock_now(porting->clock))));
}

static bool save_step(struct db_tx *tx, const struct save *save, const struct request_row *row)
{
    switch (save->step) {
    case 1:
        return save_carrier(tx, save, row);
    case 2:
        return save_checklist(tx, save, row);
    case 3:
        return save_bill(tx, save, row);
    case 4:
        return save_account(tx, save, row);
    case 5:
        return save_owner(tx, save, row);
    case 6:
        return save_address(tx, save, row);
    case DRAFT_STEPS:
        return save_review(tx, save, row);
    default:
        return db_ok(tx);
    }
}

/* Submit pressed twice saves the last step twice: the second time it is no change that would have to be looked at again. */
static bool review_stays(const struct save *save, const struct request_row *row)
{
    const struct draft_fields *now = save->fields, *was = &row->fields;
    return save->step == DRAFT_STEPS && now->acknowledged == was->acknowledged && now->pin.len == 0 &&
           text_equal(now->wished_date, was->wished_date) && text_equal(now->wished_time, was->wished_time) &&
           row->step == save->next_step;
}

static bool save_closure(struct db_tx *tx, void *context)
{
    struct save *save = context;
    struct request_row row;
    if (!row_request(tx, save->actor, RIGHT_REQUEST_WORK, save->request, db_arena(tx), &row))
        return false;
    if (row.status != REQUEST_STATUS_DRAFT)
        return row_refuse(tx, PROBLEM_CONFLICT, WORD_porting_submitted_already, NULL, NULL);
    if (review_stays(save, &row))
        return db_ok(tx);
    save_step(tx, save, &row);
    if (save->fields->pin.len && (save->step == 4 || save->step == DRAFT_STEPS))
        pin_keep(tx, save->porting, row.account, row.id, save->fields->pin);
    /* Later than created_at, so that the draft no longer counts as untouched. */
    int64_t now = clock_now(save->porting->clock);
    int64_t changed = now > row.created_at ? now : row.created_at + 1;
    return db_exec(tx, "UPDATE port_request SET step = $3, changed_at = $4 WHERE account = $1 AND id = $2",
               DB_ARGS(db_text(row.account), db_text(row.id), db_int(save->next_step), db_int(changed))) &&
           acted(tx, save->porting, save->actor, row.account, row.id, ACTED_EDITED);
}

/* A list with too many numbers in it is not kept: the draft could not be read any more. */
static bool list_can_be_read(struct porting *porting, struct text numbers, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(LIST_ARENA);
    struct number_list list;
    return number_list_parse(arena, porting->area_codes, numbers, &list, problem);
}

bool draft_save(struct porting *porting, const struct actor *actor, struct text request, int step,
    const struct draft_fields *fields, int next_step, struct problem *problem)
{
    if (step < 1 || step > DRAFT_STEPS || next_step < 1 || next_step > DRAFT_STEPS)
        return problem_set(problem, PROBLEM_NOT_FOUND, WORD_problem_not_found, NULL, NULL, NULL);
    if (!fits(fields, problem) || (fields->pin.len && !pin_check(fields->pin, problem)))
        return false;
    if (step == 1 && !list_can_be_read(porting, fields->numbers, problem))
        return false;
    struct save save = {.porting = porting,
        .actor = actor,
        .request = request,
        .step = step,
        .next_step = next_step,
        .fields = fields};
    return db_write(porting->db, save_closure, &save, problem);
}
