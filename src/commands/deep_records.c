/* What one record says of another, where no constraint of the database can hold it. */
#include "commands/deep.h"
#include "notices/notice.h"
#include "people/audit.h"
#include "people/joining.h"
#include "people/person_mail.h"
#include "porting/order.h"
#include "rules/turn.h"

#define ROWS_MAX "1000" /* of one check; more are not counted one by one */

#define OPEN "n.status NOT IN ('completed', 'canceled', 'expired', 'not_portable')"

static const struct record_check {
    const char *name;
    enum word word;
    const char *sql; /* gives what is wrong: two texts */
} record_checks[] = {
    /* The guard of numbers. */
    {"claims", WORD_doctor_claims,
        "SELECT n.account, n.e164 FROM port_number n LEFT JOIN port_request r ON r.account = n.account AND r.id ="
        " n.request WHERE r.status <> 'draft' AND ((n.claimed IS NULL AND " OPEN
        ") OR (n.claimed IS NOT NULL AND NOT (" OPEN
        ")) OR (n.claimed IS NOT NULL AND n.claimed <> n.e164)) LIMIT " ROWS_MAX},
    {"claims_of_nobody", WORD_doctor_claims_of_nobody,
        "SELECT u.account, u.e164 FROM number_use u WHERE (u.kind = 'port' AND NOT EXISTS (SELECT 1 FROM port_number"
        " n WHERE n.account = u.account AND n.claimed = u.e164)) OR (u.kind = 'inventory' AND NOT EXISTS (SELECT 1"
        " FROM number i WHERE i.account = u.account AND i.e164 = u.e164)) OR (u.kind = 'personal' AND NOT EXISTS"
        " (SELECT 1 FROM app_user a WHERE a.account = u.account AND a.personal_phone = u.e164)) LIMIT " ROWS_MAX},
    {"homes", WORD_doctor_homes,
        "SELECT h.account, h.e164 FROM number_home h WHERE NOT EXISTS (SELECT 1 FROM number_use u WHERE u.account ="
        " h.account AND u.e164 = h.e164 AND u.kind <> 'personal') LIMIT " ROWS_MAX},
    {"homeless", WORD_doctor_homeless,
        "SELECT u.account, u.e164 FROM number_use u WHERE u.kind <> 'personal' AND NOT EXISTS (SELECT 1 FROM"
        " number_home h WHERE h.account = u.account AND h.e164 = u.e164) LIMIT " ROWS_MAX},
    /* Requests and orders. */
    {"ends", WORD_doctor_ends,
        "SELECT account, id FROM port_request WHERE (ended_at IS NOT NULL) <> (status IN ('completed',"
        " 'partly_completed', 'canceled', 'expired', 'not_portable')) LIMIT " ROWS_MAX},
    {"pins", WORD_doctor_pins,
        "SELECT p.account, p.request FROM port_pin p JOIN port_request r ON r.account = p.account AND r.id ="
        " p.request WHERE r.ended_at IS NOT NULL LIMIT " ROWS_MAX},
    {"submitted", WORD_doctor_submitted,
        "SELECT r.account, r.id FROM port_request r WHERE (r.status <> 'draft' AND (r.submitted_at IS NULL OR NOT"
        " EXISTS (SELECT 1 FROM port_number n WHERE n.account = r.account AND n.request = r.id) OR NOT EXISTS"
        " (SELECT 1 FROM carrier_order o WHERE o.account = r.account AND o.request = r.id))) OR (r.status = 'draft'"
        " AND EXISTS (SELECT 1 FROM carrier_order o WHERE o.account = r.account AND o.request = r.id)) LIMIT " ROWS_MAX},
    {"numbers_orders", WORD_doctor_numbers_orders,
        "SELECT n.account, n.id FROM port_number n JOIN carrier_order o ON o.account = n.account AND o.id ="
        " n.carrier_order WHERE o.request <> n.request LIMIT " ROWS_MAX},
    {"replaced", WORD_doctor_replaced,
        "SELECT o.account, o.id FROM carrier_order o WHERE o.replaces IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
        " carrier_order b WHERE b.account = o.account AND b.id = o.replaces AND b.request = o.request) LIMIT " ROWS_MAX},
    {"carrier_refs", WORD_doctor_carrier_refs,
        "SELECT o.account, o.id FROM carrier_order o WHERE o.carrier_ref IS NOT NULL AND o.carrier <> 'manual' AND NOT"
        " EXISTS (SELECT 1 FROM carrier_ref c WHERE c.carrier = o.carrier AND c.ref = o.carrier_ref AND c.account ="
        " o.account AND c.carrier_order = o.id) LIMIT " ROWS_MAX},
    /* Pointers that no foreign key holds. */
    {"makers", WORD_doctor_makers,
        "SELECT r.account, r.id FROM port_request r WHERE NOT EXISTS (SELECT 1 FROM app_user u WHERE u.id ="
        " r.created_by) OR (r.submitted_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM app_user u WHERE u.id ="
        " r.submitted_by)) OR (r.begun_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM app_user u WHERE u.id ="
        " r.begun_by)) LIMIT " ROWS_MAX},
    {"document_makers", WORD_doctor_document_makers,
        "SELECT d.account, d.id FROM document d WHERE NOT EXISTS (SELECT 1 FROM app_user u WHERE u.id = d.added_by)"
        " LIMIT " ROWS_MAX},
    {"mails", WORD_doctor_mails,
        "SELECT m.account, m.id FROM mail m WHERE (m.request IS NOT NULL AND NOT EXISTS (SELECT 1 FROM port_request r"
        " WHERE r.account = m.account AND r.id = m.request)) OR (m.carrier_order IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM carrier_order o WHERE o.account = m.account AND o.id = m.carrier_order)) LIMIT " ROWS_MAX},
    {"events", WORD_doctor_events,
        "SELECT e.id, e.carrier_order FROM inbound_event e WHERE e.carrier_order IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM carrier_order o WHERE o.account = e.account AND o.id = e.carrier_order) LIMIT " ROWS_MAX},
    {"inventory", WORD_doctor_inventory,
        "SELECT i.account, i.e164 FROM number i WHERE (i.request IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
        " port_request r WHERE r.account = i.account AND r.id = i.request)) OR (i.assigned_user IS NOT NULL AND NOT"
        " EXISTS (SELECT 1 FROM app_user u WHERE u.account = i.account AND u.id = i.assigned_user)) LIMIT " ROWS_MAX},
    {"completed", WORD_doctor_completed,
        "SELECT n.account, n.e164 FROM port_number n WHERE n.status = 'completed' AND NOT EXISTS (SELECT 1 FROM number"
        " i WHERE i.account = n.account AND i.e164 = n.e164) LIMIT " ROWS_MAX},
    {"order_jobs", WORD_doctor_order_jobs,
        "SELECT j.account, j.subject FROM job j WHERE j.kind IN ('order_place', 'order_sync', 'order_cancel') AND NOT"
        " EXISTS (SELECT 1 FROM carrier_order o WHERE o.account = j.account AND o.id = j.subject) LIMIT " ROWS_MAX},
    {"mail_jobs", WORD_doctor_mail_jobs,
        "SELECT m.account, m.id FROM mail m WHERE m.sent_at IS NULL AND m.refused IS NULL AND NOT EXISTS (SELECT 1 FROM"
        " job j WHERE j.account = m.account AND j.kind = '" JOB_MAIL
        "' AND j.subject = m.id) LIMIT " ROWS_MAX},
    /* People. */
    {"emails", WORD_doctor_emails,
        "SELECT u.account, u.id FROM app_user u LEFT JOIN user_email e ON e.email = u.email AND e.account = u.account"
        " AND e.user_id = u.id WHERE (u.removed_at IS NULL) <> (e.email IS NOT NULL) LIMIT " ROWS_MAX},
    {"owners", WORD_doctor_owners,
        "SELECT a.id, a.name FROM account a WHERE EXISTS (SELECT 1 FROM app_user u WHERE u.account = a.id) AND NOT"
        " EXISTS (SELECT 1 FROM app_user u WHERE u.account = a.id AND u.removed_at IS NULL AND u.role IN ('owner',"
        " 'porting_team')) LIMIT " ROWS_MAX},
    {"removed", WORD_doctor_removed,
        "SELECT u.account, u.id FROM app_user u WHERE u.removed_at IS NOT NULL AND (u.personal_phone IS NOT NULL OR"
        " EXISTS (SELECT 1 FROM session s WHERE s.account = u.account AND s.user_id = u.id) OR EXISTS (SELECT 1 FROM"
        " user_link l WHERE l.account = u.account AND l.user_id = u.id AND l.used_at IS NULL) OR EXISTS (SELECT 1 FROM"
        " half_session h WHERE h.account = u.account AND h.user_id = u.id) OR EXISTS (SELECT 1 FROM known_device d"
        " WHERE d.account = u.account AND d.user_id = u.id) OR EXISTS (SELECT 1 FROM totp t WHERE t.account ="
        " u.account AND t.user_id = u.id) OR EXISTS (SELECT 1 FROM passkey k WHERE k.account = u.account AND"
        " k.user_id = u.id)) LIMIT " ROWS_MAX},
    {"recovery_codes", WORD_doctor_recovery_codes,
        "SELECT c.account, c.user_id FROM recovery_code c WHERE NOT EXISTS (SELECT 1 FROM totp t WHERE t.account ="
        " c.account AND t.user_id = c.user_id AND t.confirmed_at IS NOT NULL) LIMIT " ROWS_MAX},
    {"passkeys", WORD_doctor_passkeys,
        "SELECT k.account, k.id FROM passkey k WHERE NOT EXISTS (SELECT 1 FROM passkey_credential c WHERE"
        " c.credential_hash = k.credential_hash AND c.account = k.account AND c.passkey = k.id) LIMIT " ROWS_MAX},
    {"links", WORD_doctor_links,
        "SELECT l.account, l.id FROM user_link l WHERE l.used_at IS NULL AND ((l.user_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM app_user u WHERE u.account = l.account AND u.id = l.user_id)) OR (l.kind = 'invitation' AND"
        " NOT EXISTS (SELECT 1 FROM account a WHERE a.id = l.account))) LIMIT " ROWS_MAX},
    {"person_mails", WORD_doctor_person_mails,
        "SELECT m.account, m.id FROM person_mail m WHERE (m.sent_at IS NULL AND m.refused IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM job j WHERE j.account = m.account AND j.kind = '" JOB_PERSON_MAIL
        "' AND j.subject = m.id)) OR ((m.sent_at IS NOT NULL OR m.refused IS NOT NULL) AND m.link_sealed IS NOT NULL)"
        " LIMIT " ROWS_MAX},
    {"link_requests", WORD_doctor_link_requests,
        "SELECT r.account, r.id FROM link_request r WHERE NOT EXISTS (SELECT 1 FROM job j WHERE j.account = r.account"
        " AND j.kind = '" JOB_LINK_REQUEST "' AND j.subject = r.id) LIMIT " ROWS_MAX},
    /* What stands twice, so that lists need not look at every number. */
    {"summaries", WORD_doctor_summaries,
        "SELECT r.account, r.id FROM port_request r WHERE r.status <> 'draft' AND (r.numbers_count <> (SELECT COUNT(*)"
        " FROM port_number n WHERE n.account = r.account AND n.request = r.id) OR r.numbers_completed <> (SELECT"
        " COUNT(*) FROM port_number n WHERE n.account = r.account AND n.request = r.id AND n.status = 'completed') OR"
        " COALESCE(r.first_number, '') <> COALESCE((SELECT MIN(n.e164) FROM port_number n WHERE n.account = r.account"
        " AND n.request = r.id), '')) LIMIT " ROWS_MAX},
    {"reversed", WORD_doctor_reversed,
        "SELECT account, id FROM port_number WHERE e164_reversed IS NULL OR LENGTH(e164_reversed) <> LENGTH(e164) - 1"
        " LIMIT " ROWS_MAX},
};

struct reading {
    struct deep *deep;
    const char *sql;
    bool (*known)(struct text word);
};

static bool record_closure(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    DB_ROWS rows = db_query(tx, reading->sql, DB_NO_ARGS);
    while (db_next(rows)) {
        ARENA_CLEANUP arena = arena_new(64 * 1024);
        struct text first = db_col_copy(rows, 0, arena), second = db_col_copy(rows, 1, arena);
        deep_found(reading->deep, text_format(arena, "%.*s %.*s", TEXT_ARG(first), TEXT_ARG(second)));
    }
    return db_ok(tx);
}

/* ---- Words ---- */

static bool known_request_status(struct text word)
{
    enum request_status status;
    return request_status_parse(word, &status);
}

static bool known_number_status(struct text word)
{
    enum number_status status;
    return number_status_parse(word, &status);
}

static bool known_turn(struct text word)
{
    enum turn turn;
    return turn_parse(word, &turn);
}

static bool known_wait(struct text word)
{
    enum wait wait;
    return wait_parse(word, &wait);
}

static bool known_phase(struct text word)
{
    static const char *const phases[] = {"new", "waiting", "placing", "placed", "unclear", "ended"};
    bool known = false;
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        known = known || text_is(word, phases[i]);
    return known;
}

static bool known_link(struct text word)
{
    enum link_kind kind;
    return link_kind_parse(word, &kind);
}

static bool known_person_mail(struct text word)
{
    enum person_notice_kind kind;
    return person_notice_parse(word, &kind);
}

static bool known_audit(struct text word)
{
    enum audit_kind kind;
    return audit_kind_parse(word, &kind);
}

static const struct word_check {
    const char *sql; /* gives each word once, and where it stands */
    bool (*known)(struct text word);
} word_checks[] = {
    {"SELECT status, min(id) FROM port_request GROUP BY status", known_request_status},
    {"SELECT turn, min(id) FROM port_request GROUP BY turn", known_turn},
    {"SELECT status, min(id) FROM port_number GROUP BY status", known_number_status},
    {"SELECT phase, min(id) FROM carrier_order GROUP BY phase", known_phase},
    {"SELECT status, min(carrier_order) FROM order_number GROUP BY status", known_number_status},
    {"SELECT wait, min(request) FROM turn_watch GROUP BY wait", known_wait},
    {"SELECT kind, min(id) FROM user_link GROUP BY kind", known_link},
    {"SELECT kind, min(id) FROM person_mail GROUP BY kind", known_person_mail},
    {"SELECT kind, min(id) FROM audit_event GROUP BY kind", known_audit},
};

static bool word_closure(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    DB_ROWS rows = db_query(tx, reading->sql, DB_NO_ARGS);
    while (db_next(rows)) {
        ARENA_CLEANUP arena = arena_new(64 * 1024);
        struct text word = db_col_copy(rows, 0, arena), where = db_col_copy(rows, 1, arena);
        if (!reading->known(word))
            deep_found(reading->deep, text_format(arena, "\"%.*s\" %.*s", TEXT_ARG(word), TEXT_ARG(where)));
    }
    return db_ok(tx);
}

bool deep_records(struct deep *deep, struct problem *problem)
{
    struct db *db = deep->program->db;
    for (size_t i = 0; i < sizeof record_checks / sizeof record_checks[0]; i++) {
        struct reading reading = {.deep = deep, .sql = record_checks[i].sql};
        deep_begin(deep, record_checks[i].name, record_checks[i].word);
        if (!db_read(db, record_closure, &reading, problem))
            return false;
        deep_end(deep);
    }
    deep_begin(deep, "words", WORD_doctor_words);
    for (size_t i = 0; i < sizeof word_checks / sizeof word_checks[0]; i++) {
        struct reading reading = {.deep = deep, .sql = word_checks[i].sql, .known = word_checks[i].known};
        if (!db_read(db, word_closure, &reading, problem))
            return false;
    }
    deep_end(deep);
    return true;
}
