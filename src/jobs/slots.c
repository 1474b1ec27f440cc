#include "jobs/slots.h"

#include <assert.h>
#include <string.h>

static unsigned char group_find(struct slots *slots, const char *outside, size_t before)
{
    for (size_t i = 0; i < before; i++) {
        if (slots->table[i].outside && strcmp(slots->table[i].outside, outside) == 0) {
            return slots->group[i];
        }
    }
    return (unsigned char)++slots->groups;
}

void slots_init(struct slots *slots, const struct job_kind *table, size_t workers)
{
    size_t spare = (workers + 3) / 4;
    *slots = (struct slots){.table = table, .limit = workers > spare ? workers - spare : 1};
    pthread_mutex_init(&slots->lock, NULL);
    for (size_t i = 0; table[i].kind; i++) {
        slots->group[i] = table[i].outside ? group_find(slots, table[i].outside, i) : 0;
    }
    assert(slots->groups < 32); /* bits of slots_held */
}

void slots_end(struct slots *slots)
{
    pthread_mutex_destroy(&slots->lock);
}

slots_held slots_take(struct slots *slots, slots_held held)
{
    pthread_mutex_lock(&slots->lock);
    for (size_t g = 1; g <= slots->groups; g++) {
        slots_held bit = UINT32_C(1) << g;
        if (held & bit) {
            continue;
        }
        if (slots->used[g] < slots->limit) {
            slots->used[g]++;
            held |= bit;
        } else {
            slots->refused = true;
        }
    }
    pthread_mutex_unlock(&slots->lock);
    return held;
}

bool slots_give(struct slots *slots, slots_held held)
{
    if (held == 0) {
        return false;
    }
    pthread_mutex_lock(&slots->lock);
    for (size_t g = 1; g <= slots->groups; g++) {
        if (held >> g & 1) {
            assert(slots->used[g] > 0);
            slots->used[g]--;
        }
    }
    bool refused = slots->refused;
    slots->refused = false;
    pthread_mutex_unlock(&slots->lock);
    return refused;
}

uint32_t slots_kinds(const struct slots *slots, slots_held held)
{
    uint32_t kinds = 0;
    for (size_t i = 0; slots->table[i].kind; i++) {
        if (slots->group[i] == 0 || held >> slots->group[i] & 1) {
            kinds |= UINT32_C(1) << i;
        }
    }
    return kinds;
}

slots_held slots_of(const struct slots *slots, const struct job_kind *kind)
{
    size_t group = slots->group[kind - slots->table];
    return group ? UINT32_C(1) << group : 0;
}
