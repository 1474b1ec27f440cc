#include "sandbox/fault.h"

#include <pthread.h>
#include <time.h>

#include "sandbox/script.h"

/* ---- Names ---- */

static const char *const places[FAULT_PLACES] = {
    [FAULT_AT_CALL] = "call",
    [FAULT_AT_PORTABILITY] = "portability",
    [FAULT_AT_UPLOAD] = "upload",
    [FAULT_AT_CREATE] = "create",
    [FAULT_AT_FETCH] = "fetch",
    [FAULT_AT_LIST] = "list",
    [FAULT_AT_CANCEL] = "cancel",
    [FAULT_AT_CONFIGURE] = "configure",
    [FAULT_AT_INVENTORY] = "inventory",
    [FAULT_AT_OTHER] = "other",
    [FAULT_AT_WEBHOOK] = "webhook",
};

static const struct {
    const char *name;
    bool of_webhook;
    enum word said, said_after;
} kinds[FAULT_DOES] = {
    [FAULT_ANY] = {"any", false, WORD_sandbox_fault_any, WORD_sandbox_fault_any},
    [FAULT_ERROR] = {"error", false, WORD_sandbox_fault_error, WORD_sandbox_fault_error_after},
    [FAULT_LIMIT] = {"limit", false, WORD_sandbox_fault_limit, WORD_sandbox_fault_limit},
    [FAULT_SILENCE] = {"silence", false, WORD_sandbox_fault_silence, WORD_sandbox_fault_silence_after},
    [FAULT_CUT] = {"cut", false, WORD_sandbox_fault_cut, WORD_sandbox_fault_cut},
    [FAULT_GARBAGE] = {"garbage", false, WORD_sandbox_fault_garbage, WORD_sandbox_fault_garbage},
    [FAULT_OVERSIZED] = {"oversized", false, WORD_sandbox_fault_oversized, WORD_sandbox_fault_oversized},
    [FAULT_LOST] = {"lost", true, WORD_sandbox_fault_lost, WORD_sandbox_fault_lost},
    [FAULT_DOUBLED] = {"doubled", true, WORD_sandbox_fault_doubled, WORD_sandbox_fault_doubled},
    [FAULT_LATE] = {"late", true, WORD_sandbox_fault_late, WORD_sandbox_fault_late},
    [FAULT_REORDERED] = {"reordered", true, WORD_sandbox_fault_reordered, WORD_sandbox_fault_reordered},
    [FAULT_FORGED_SIGNATURE] = {"forged-signature", true, WORD_sandbox_fault_forged_signature,
        WORD_sandbox_fault_forged_signature},
    [FAULT_FORGED_REFERENCE] = {"forged-reference", true, WORD_sandbox_fault_forged_reference,
        WORD_sandbox_fault_forged_reference},
    [FAULT_FORGED_ACCOUNT] = {"forged-account", true, WORD_sandbox_fault_forged_account,
        WORD_sandbox_fault_forged_account},
    [FAULT_UNKNOWN_EVENT] = {"unknown-event", true, WORD_sandbox_fault_unknown_event,
        WORD_sandbox_fault_unknown_event},
    [FAULT_GARBAGE_BODY] = {"garbage-body", true, WORD_sandbox_fault_garbage_body,
        WORD_sandbox_fault_garbage_body},
};

const char *fault_place_name(int place)
{
    return places[place];
}

const char *fault_does_name(int does)
{
    return kinds[does].name;
}

bool fault_fits(int place, int does)
{
    return does == FAULT_ANY || kinds[does].of_webhook == (place == FAULT_AT_WEBHOOK);
}

struct text fault_said(struct arena *arena, const struct fault_rule *rule)
{
    BUFFER_CLEANUP out = BUFFER(4096);
    words_write(&out, LANGUAGE_EN, rule->after ? kinds[rule->does].said_after : kinds[rule->does].said,
        WORD_ARGS(WORD_TEXT("place", text_from(places[rule->at])),
            WORD_NUMBER("status", rule->status ? rule->status : 500), WORD_NUMBER("seconds", rule->seconds)));
    if (rule->times) {
        buffer_char(&out, ' ');
        words_write(
            &out, LANGUAGE_EN, WORD_sandbox_fault_times, WORD_ARGS(WORD_NUMBER("count", rule->times)));
    }
    return text_copy(arena, buffer_view(&out));
}

/* ---- The rules ---- */

const struct fault_rule fault_numbers[] = {
    {.at = FAULT_AT_CREATE, .does = FAULT_SILENCE, .number = "0140", .after = 1, .times = 1},
    {.at = FAULT_AT_CREATE, .does = FAULT_SILENCE, .number = "0141", .times = 1},
    {.at = FAULT_AT_CREATE, .does = FAULT_ERROR, .number = "0142", .after = 1, .status = 502, .times = 1},
    {.at = FAULT_AT_CREATE, .does = FAULT_ERROR, .number = "0143", .times = 2},
    {.at = FAULT_AT_CREATE, .does = FAULT_LIMIT, .number = "0144", .seconds = 30, .times = 1},
    {.at = FAULT_AT_CREATE, .does = FAULT_CUT, .number = "0145", .after = 1, .times = 1},
    {.at = FAULT_AT_FETCH, .does = FAULT_GARBAGE, .number = "0146", .times = 2},
    {.at = FAULT_AT_FETCH, .does = FAULT_OVERSIZED, .number = "0147", .times = 1},
    {.at = FAULT_AT_CANCEL, .does = FAULT_SILENCE, .number = "0148", .after = 1, .times = 1},
    {.at = FAULT_AT_WEBHOOK, .does = FAULT_LOST, .number = "0184"},
    {.at = FAULT_AT_WEBHOOK, .does = FAULT_DOUBLED, .number = "0185"},
    {.at = FAULT_AT_WEBHOOK, .does = FAULT_LATE, .number = "0186", .seconds = 5},
    {.at = FAULT_AT_WEBHOOK, .does = FAULT_REORDERED, .number = "0187"},
    {.at = FAULT_AT_WEBHOOK, .does = FAULT_FORGED_SIGNATURE, .number = "0188"},
    {.at = FAULT_AT_WEBHOOK, .does = FAULT_ANY, .number = "0189"},
};
const size_t fault_numbers_count = sizeof fault_numbers / sizeof fault_numbers[0];

static struct {
    pthread_rwlock_t lock;
    uint64_t seed;
    struct fault_rule rules[FAULT_RULES_MAX];
    size_t count;
} script = {.lock = PTHREAD_RWLOCK_INITIALIZER};

void fault_use(uint64_t seed, const struct fault_rule *rules, size_t count)
{
    pthread_rwlock_wrlock(&script.lock);
    script.seed = seed;
    script.count = count < FAULT_RULES_MAX ? count : FAULT_RULES_MAX;
    for (size_t i = 0; i < script.count; i++)
        script.rules[i] = rules[i];
    pthread_rwlock_unlock(&script.lock);
}

static bool concerns(const struct fault_rule *rule, enum fault_place place)
{
    return rule->at == (int)place || (rule->at == FAULT_AT_CALL && place != FAULT_AT_WEBHOOK);
}

static bool matches(const struct fault_rule *rule, enum fault_place place, struct text subject)
{
    return concerns(rule, place) && (!rule->number[0] || text_ends(subject, text_from(rule->number)));
}

/* The rules in order; false past the last. The lock is held by the caller. */
static bool rule_at(size_t index, const struct fault_rule **ret)
{
    if (index < script.count)
        *ret = &script.rules[index];
    else if (index - script.count < fault_numbers_count)
        *ret = &fault_numbers[index - script.count];
    else
        return false;
    return true;
}

bool fault_possible(enum fault_place place)
{
    const struct fault_rule *rule;
    bool found = false;
    pthread_rwlock_rdlock(&script.lock);
    for (size_t i = 0; !found && rule_at(i, &rule); i++)
        found = concerns(rule, place);
    pthread_rwlock_unlock(&script.lock);
    return found;
}

/* ---- Chance ---- */

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t mix_text(uint64_t x, struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        x = mix(x ^ (unsigned char)text.at[i]);
    return x;
}

uint64_t fault_random(struct text subject, uint64_t salt)
{
    pthread_rwlock_rdlock(&script.lock);
    uint64_t seed = script.seed;
    pthread_rwlock_unlock(&script.lock);
    return mix(mix_text(mix(seed), subject) ^ salt);
}

/* What FAULT_ANY comes to. */
static void choose(struct fault_rule *rule, uint64_t chance)
{
    if (rule->does != FAULT_ANY)
        return;
    bool webhook = rule->at == FAULT_AT_WEBHOOK;
    int first = webhook ? FAULT_LOST : FAULT_ERROR, last = webhook ? FAULT_GARBAGE_BODY : FAULT_OVERSIZED;
    rule->does = first + (int)(chance % (uint64_t)(last - first + 1));
    rule->after = !webhook && rule->does != FAULT_LIMIT && (chance >> 32) % 2;
    if (rule->does == FAULT_ERROR)
        rule->status = (chance >> 40) % 2 ? 500 : 503;
    if (!rule->seconds)
        rule->seconds = rule->does == FAULT_LIMIT || rule->does == FAULT_LATE ? 1 : 0;
}

/* ---- Decisions ---- */

static int64_t count_pass(struct db_tx *tx, enum fault_place place, struct text subject)
{
    struct db_value key[] = {db_text(text_from(places[place])), db_text(subject)};
    db_exec(tx,
        "INSERT INTO fault_pass (place, subject, passes) VALUES ($1, $2, 1) ON CONFLICT (place, subject) DO"
        " UPDATE SET passes = fault_pass.passes + 1",
        key, 2);
    return db_number(tx, "SELECT passes FROM fault_pass WHERE place = $1 AND subject = $2", key, 2, 0);
}

static bool write_journal(struct db_tx *tx, const struct fault_rule *rule, struct text name,
    enum fault_place place, struct text subject, int64_t nth, int64_t at)
{
    struct fault_rule again = *rule;
    again.at = (int)place;
    again.nth = (int)nth;
    again.chance = again.times = 0;
    text_to_chars(again.number, sizeof again.number, subject);
    JSON_CLEANUP json = script_rule_json(&again);
    return db_exec(tx,
        "INSERT INTO fault (at, rule, place, subject, nth, body) VALUES ($1, $2, $3, $4, $5, $6)",
        DB_ARGS(db_int(at), db_text(name), db_text(text_from(places[place])), db_text(subject), db_int(nth),
            db_text(json_write(db_arena(tx), json))));
}

/* One who may come by. */
struct passing {
    enum fault_place place;
    struct text subject;
    int64_t nth;
};

static bool applies(struct db_tx *tx, const struct fault_rule *rule, struct text name,
    const struct passing *passing, uint64_t chance)
{
    if (rule->nth && rule->nth != passing->nth)
        return false;
    if (rule->chance && (int)(chance % 100) >= rule->chance)
        return false;
    return !rule->times || db_number(tx, "SELECT COUNT(*) FROM fault WHERE rule = $1 AND subject = $2",
                               DB_ARGS(db_text(name), db_text(passing->subject)), 0) < rule->times;
}

/* The rules for the place and number, copied, so that no lock is held over the database. */
static size_t concerning(enum fault_place place, struct text subject, struct arena *arena,
    struct fault_rule **ret, size_t **ret_index)
{
    const struct fault_rule *rule;
    size_t count = 0;
    pthread_rwlock_rdlock(&script.lock);
    for (size_t i = 0; rule_at(i, &rule); i++)
        count += matches(rule, place, subject);
    *ret = ARENA_ARRAY(arena, struct fault_rule, count + 1);
    *ret_index = ARENA_ARRAY(arena, size_t, count + 1);
    count = 0;
    for (size_t i = 0; rule_at(i, &rule); i++)
        if (matches(rule, place, subject)) {
            (*ret_index)[count] = i;
            (*ret)[count++] = *rule;
        }
    pthread_rwlock_unlock(&script.lock);
    return count;
}

bool fault_decide(
    struct db_tx *tx, enum fault_place place, struct text subject, int64_t at, struct fault_rule *ret)
{
    struct fault_rule *rules;
    size_t *index, count = concerning(place, subject, db_arena(tx), &rules, &index);
    if (!count)
        return false;
    struct passing passing = {place, subject, count_pass(tx, place, subject)};
    for (size_t i = 0; i < count && db_ok(tx); i++) {
        struct text name = text_format(db_arena(tx), "%zu", index[i]);
        uint64_t chance = fault_random(text_format(db_arena(tx), "%s %.*s", places[place], TEXT_ARG(subject)),
            mix(index[i] * 1000003 + (uint64_t)passing.nth));
        if (!applies(tx, &rules[i], name, &passing, chance))
            continue;
        *ret = rules[i];
        ret->at = (int)place;
        choose(ret, chance / 100);
        return write_journal(tx, ret, name, place, subject, passing.nth, at);
    }
    return false;
}

/* ---- Waits ---- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopped;
} waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

void fault_stop(void)
{
    pthread_mutex_lock(&waiting.lock);
    waiting.stopped = true;
    pthread_cond_broadcast(&waiting.changed);
    pthread_mutex_unlock(&waiting.lock);
}

void fault_wait(int seconds)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    int waited = 0;
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.stopped && waited == 0)
        waited = pthread_cond_clockwait(&waiting.changed, &waiting.lock, CLOCK_MONOTONIC, &end);
    pthread_mutex_unlock(&waiting.lock);
}
