/* Where a request stands on the desk. */
#include "porting/desk.h"
#include "porting/watch.h"
#include "rules/business_time.h"

static const char *const names[DESK_WHY_COUNT] = {
    [DESK_CORRECTION] = "correction",
    [DESK_BY_HAND] = "by_hand",
    [DESK_UNCLEAR] = "unclear",
    [DESK_SILENT] = "silent",
    [DESK_MESSAGE] = "message",
    [DESK_MAIL] = "mail",
};

const char *desk_why_name(enum desk_why why)
{
    return names[why];
}

bool desk_why_parse(struct text name, enum desk_why *ret)
{
    for (int i = 0; i < DESK_WHY_COUNT; i++)
        if (text_is(name, names[i])) {
            *ret = (enum desk_why)i;
            return true;
        }
    return false;
}

unsigned desk_usual(const struct porting *porting, enum desk_why why)
{
    if (why == DESK_MESSAGE || why == DESK_MAIL)
        return DESK_ANSWER_DAYS;
    return porting->turns->items[WAIT_TEAM].usual_max;
}

static void add_reason(const struct porting *porting, struct desk_place *place, enum desk_why why,
    int64_t since, struct text zone)
{
    int64_t due = business_time_add(porting->calendar, since, desk_usual(porting, why), zone);
    place->why |= DESK_BIT(why);
    if (place->due && place->due <= due)
        return;
    place->due = due;
    place->since = since;
}

struct desk_place desk_place_of(const struct porting *porting, const struct request_row *row,
    uint32_t turn_why, int64_t team_since, struct text zone)
{
    struct desk_place place = {0};
    for (enum desk_why why = DESK_CORRECTION; why < DESK_MESSAGE; why++)
        if (turn_why & DESK_BIT(why))
            add_reason(porting, &place, why, team_since, zone);
    if (row->asked_since)
        add_reason(porting, &place, DESK_MESSAGE, row->asked_since, zone);
    if (row->mail_refused_at)
        add_reason(porting, &place, DESK_MAIL, row->mail_refused_at, zone);
    return place;
}

bool desk_place_write(struct db_tx *tx, struct porting *porting, const struct request_row *row)
{
    struct text zone;
    if (!watch_zone(tx, row, db_arena(tx), &zone))
        return false;
    struct desk_place place =
        desk_place_of(porting, row, row->desk_why & DESK_TURN_BITS, row->team_since, zone);
    return db_exec(tx,
        "UPDATE port_request SET desk_why = $3, desk_since = $4, desk_due = $5, asked_since = $6,"
        " mail_refused_at = $7 WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(row->account), db_text(row->id), db_int(place.why), db_int_or_null(place.since),
            db_int_or_null(place.due), db_int_or_null(row->asked_since),
            db_int_or_null(row->mail_refused_at)));
}

bool desk_mail_refused(struct db_tx *tx, struct porting *porting, struct text account, struct text request)
{
    struct request_row row;
    if (!row_request_of(tx, account, request, db_arena(tx), &row))
        return false;
    if (row.mail_refused_at || row.status == REQUEST_STATUS_DRAFT)
        return db_ok(tx);
    row.mail_refused_at = clock_now(porting->clock);
    return desk_place_write(tx, porting, &row);
}
