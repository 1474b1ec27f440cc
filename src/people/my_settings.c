#include "people/my_settings.h"

#include <stdio.h>

#include "notices/notice.h"
#include "numbering/number.h"
#include "people/audit.h"
#include "people/person_mail.h"
#include "people/personal_phone.h"

#define NAME_MAX_LENGTH 100

static bool read_version(struct db_tx *tx, const struct actor *actor, int64_t *ret)
{
    *ret = db_number(tx, "SELECT settings_version FROM app_user WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(actor->account), db_text(actor->user)), 0);
    return db_ok(tx);
}

static bool read_settings(
    struct db_tx *tx, const struct actor *actor, struct arena *arena, struct my_settings *ret)
{
    struct user user;
    if (!user_by_id(tx, arena, actor->account, actor->user, &user) || user.removed) {
        struct problem problem = {0};
        problem_set(&problem, PROBLEM_NOT_FOUND, WORD_people_no_user, NULL, NULL, NULL);
        return db_ok(tx) && db_fail(tx, &problem);
    }
    *ret = (struct my_settings){.name = user.name,
        .time_zone = user.time_zone,
        .personal_phone = user.personal_phone,
        .notices_off = user.notices_off};
    return read_version(tx, actor, &ret->version);
}

struct load {
    const struct actor *actor;
    struct arena *arena;
    struct my_settings settings;
};

static bool load_closure(struct db_tx *tx, void *context)
{
    struct load *load = context;
    return read_settings(tx, load->actor, load->arena, &load->settings);
}

bool my_settings_load(struct db *db, const struct actor *actor, struct arena *arena, struct my_settings *ret,
    struct problem *problem)
{
    struct load load = {.actor = actor, .arena = arena};
    if (!db_read(db, load_closure, &load, problem)) {
        return false;
    }
    *ret = load.settings;
    return true;
}

/* ---- Saving ---- */

struct save {
    const struct my_settings_desk *desk;
    const struct actor *actor;
    struct my_settings to; /* as it is stored */
};

static bool is_same(const struct my_settings *a, const struct my_settings *b)
{
    return text_equal(a->name, b->name) && text_equal(a->time_zone, b->time_zone) &&
           text_equal(a->personal_phone, b->personal_phone) && a->notices_off == b->notices_off;
}

static bool is_offered(struct text zone)
{
    for (size_t i = 0; i < time_zones_count; i++) {
        if (text_is(zone, time_zones[i].name)) {
            return true;
        }
    }
    return false;
}

static bool tell_phone(struct db_tx *tx, const struct save *save)
{
    const struct actor *actor = save->actor;
    struct text e164 = save->to.personal_phone;
    struct text shown = number_show(db_arena(tx), e164);
    /* The log is read by others than the person: the last digits are enough to know it by. */
    struct text end =
        e164.len > 4 ? text_format(db_arena(tx), "… %.*s", TEXT_ARG(text_part(e164, e164.len - 4, SIZE_MAX)))
                     : TEXT_EMPTY;
    return audit_add(tx, save->desk->clock,
               &(struct audit_entry){.account = actor->account,
                   .kind = AUDIT_PERSONAL_PHONE_CHANGED,
                   .actor = actor,
                   .subject = actor->user,
                   .about = end}) &&
           person_mail_queue(tx, save->desk->clock, save->desk->vault,
               &(struct person_mail_new){.account = actor->account,
                   .kind = e164.len > 0 ? PERSON_NOTICE_PHONE_CHANGED : PERSON_NOTICE_PHONE_REMOVED,
                   .to_name = save->to.name,
                   .to_address = actor->email,
                   .actor = actor,
                   .about = shown,
                   .link = TEXT("/settings")});
}

static bool tell_rest(struct db_tx *tx, const struct save *save, const struct my_settings *was)
{
    const struct my_settings *to = &save->to;
    struct text about = text_format(db_arena(tx), "%s%s%s", text_equal(was->name, to->name) ? "" : "name ",
        text_equal(was->time_zone, to->time_zone) ? "" : "time zone ",
        was->notices_off == to->notices_off ? "" : "mails ");
    return about.len == 0 || audit_add(tx, save->desk->clock,
                                 &(struct audit_entry){.account = save->actor->account,
                                     .kind = AUDIT_SETTINGS_CHANGED,
                                     .actor = save->actor,
                                     .subject = save->actor->user,
                                     .about = text_trim(about)});
}

static bool refuse_stale(struct db_tx *tx)
{
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_CONFLICT, WORD_people_settings_meanwhile, "version", NULL, NULL);
    return db_fail(tx, &problem);
}

static bool save_closure(struct db_tx *tx, void *context)
{
    const struct save *save = context;
    const struct actor *actor = save->actor;
    const struct my_settings *to = &save->to;
    struct my_settings was;
    if (!read_settings(tx, actor, db_arena(tx), &was)) {
        return false;
    }
    if (is_same(&was, to)) {
        return db_ok(tx);
    }
    if (was.version != to->version) {
        return refuse_stale(tx);
    }
    bool phone_moves = !text_equal(was.personal_phone, to->personal_phone);
    if (phone_moves && (!personal_phone_change(tx, actor->account, actor->user, to->personal_phone) ||
                           !tell_phone(tx, save))) {
        return false;
    }
    db_exec(tx,
        "UPDATE app_user SET name = $3, time_zone = $4, notices_off = $5, settings_version = $6"
        " WHERE account = $1 AND id = $2",
        DB_ARGS(db_text(actor->account), db_text(actor->user), db_text(to->name), db_text(to->time_zone),
            db_int(to->notices_off), db_int(was.version + 1)));
    return tell_rest(tx, save, &was);
}

static bool check_name(struct text name, struct problem *problem)
{
    enum word word = WORD_NONE;
    if (!text_is_clean(name)) {
        word = WORD_problem_not_clean;
    } else if (name.len == 0) {
        word = WORD_people_name_missing;
    } else if (text_length(name) > NAME_MAX_LENGTH) {
        word = WORD_people_name_long;
    }
    return word == WORD_NONE || problem_set(problem, PROBLEM_INPUT, word, "name", NULL, NULL);
}

/* An ordinary phone of the United States or Canada: a toll-free or special number is nobody's own phone. */
static bool read_phone(
    const struct my_settings_desk *desk, struct text typed, struct number *ret, struct problem *problem)
{
    if (!number_parse(typed, ret, "personal_phone", problem)) {
        return false;
    }
    struct number_class class = number_classify(desk->area_codes, ret);
    if (class.portability == NUMBER_PORT_OK || class.portability == NUMBER_PORT_CANADIAN) {
        return true;
    }
    char about[32];
    struct text e164 = number_e164(ret);
    snprintf(about, sizeof about, "(%.3s) %.3s-%.4s", e164.at + 2, e164.at + 5, e164.at + 8);
    return problem_set(problem, PROBLEM_INPUT, WORD_people_phone_not_ordinary, "personal_phone", about, NULL);
}

bool my_settings_save(const struct my_settings_desk *desk, const struct actor *actor,
    const struct my_settings *form, struct problem *problem)
{
    struct save save = {.desk = desk, .actor = actor, .to = *form};
    struct number number;
    struct text typed = text_trim(form->personal_phone);
    save.to.name = text_trim(form->name);
    save.to.notices_off &= NOTICE_CHOICES_ALL;
    save.to.personal_phone = TEXT_EMPTY;
    if (!check_name(save.to.name, problem)) {
        return false;
    }
    if (typed.len > 0) {
        if (!read_phone(desk, typed, &number, problem)) {
            return false;
        }
        save.to.personal_phone = number_e164(&number);
    }
    /* One that an operator has set by the command line stays one's own, though it is not offered. */
    if (!is_offered(form->time_zone) && !text_equal(form->time_zone, actor->time_zone)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_people_time_zone_wrong, "time_zone", NULL, NULL);
    }
    return db_write(desk->db, save_closure, &save, problem);
}
