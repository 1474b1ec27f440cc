#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/metrics_table.h"

#define LOOKS_MAX 8

/* One family's place among the cells: a counter or gauge has one for each series, a histogram one for each bucket, the last
 * without an end, and one for the sum. */
struct place {
    size_t first;
    size_t sizes[3]; /* of the label's sets; 1 when there is none */
    size_t series;
    size_t cells; /* of one series */
};

static struct {
    const char *const *values[LABEL_COUNT];
    size_t counts[LABEL_COUNT];
    struct place places[METRIC_COUNT];
    _Atomic int64_t *_Atomic cells; /* NULL: nothing is counted */
    struct {
        metrics_look *look;
        void *context;
    } looks[LOOKS_MAX];
    size_t looks_count;
} registry;

void metrics_values(enum metric_label label, const char *const *values, size_t count)
{
    assert(metric_label_sets[label].given != NULL && registry.cells == NULL);
    registry.values[label] = values;
    registry.counts[label] = count;
}

void metrics_collect(metrics_look *look, void *context)
{
    assert(registry.looks_count < LOOKS_MAX && registry.cells == NULL);
    registry.looks[registry.looks_count].look = look;
    registry.looks[registry.looks_count++].context = context;
}

static size_t bounds_count(const struct metric_family *family)
{
    size_t count = 0;
    while (family->bounds != NULL && family->bounds[count] != 0) {
        count++;
    }
    return count;
}

static size_t label_count(enum metric_label label)
{
    if (label == LABEL_NONE) {
        return 1;
    }
    if (metric_label_sets[label].given != NULL) {
        return registry.counts[label];
    }
    size_t count = 0;
    while (count < sizeof metric_label_sets->values / sizeof *metric_label_sets->values &&
           metric_label_sets[label].values[count] != NULL) {
        count++;
    }
    return count;
}

void metrics_start(void)
{
    size_t cells = 0;
    assert(registry.cells == NULL);
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_family *family = &metric_families[i];
        struct place *place = &registry.places[i];
        *place = (struct place){.first = cells, .series = 1, .cells = 1};
        place->cells += family->type == METRIC_HISTOGRAM ? bounds_count(family) + 1 : 0;
        for (size_t label = 0; label < 3; label++) {
            place->sizes[label] = label_count(family->labels[label]);
            place->series *= place->sizes[label];
        }
        cells += place->series * place->cells;
    }
    _Atomic int64_t *made = calloc(cells, sizeof *made);
    if (made == NULL) {
        abort();
    }
    atomic_store(&registry.cells, made);
}

void metrics_stop(void)
{
    free((void *)atomic_exchange(&registry.cells, NULL));
    registry.looks_count = 0;
    memset(registry.counts, 0, sizeof registry.counts);
}

size_t metric_value(enum metric_label label, struct text value)
{
    const struct metric_label_set *set = &metric_label_sets[label];
    const char *const *values = set->given != NULL ? registry.values[label] : set->values;
    for (size_t i = 0; i < label_count(label); i++) {
        if (text_is(value, values[i])) {
            return i;
        }
    }
    return SIZE_MAX;
}

int64_t metric_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The first cell of a series; NULL when nothing is counted, or not this value. */
static _Atomic int64_t *series_cells(enum metric metric, struct metric_at at)
{
    _Atomic int64_t *cells = atomic_load_explicit(&registry.cells, memory_order_acquire);
    if (cells == NULL) {
        return NULL;
    }
    const struct place *place = &registry.places[metric];
    size_t series = 0;
    for (size_t i = 0; i < 3; i++) {
        if (at.at[i] >= place->sizes[i]) {
            return NULL;
        }
        series = series * place->sizes[i] + at.at[i];
    }
    return &cells[place->first + series * place->cells];
}

void metric_add(enum metric metric, struct metric_at at, int64_t n)
{
    assert(metric_families[metric].type != METRIC_HISTOGRAM);
    _Atomic int64_t *cell = series_cells(metric, at);
    if (cell != NULL) {
        atomic_fetch_add_explicit(cell, n, memory_order_relaxed);
    }
}

void metric_set(enum metric metric, struct metric_at at, int64_t value)
{
    assert(metric_families[metric].type != METRIC_HISTOGRAM);
    _Atomic int64_t *cell = series_cells(metric, at);
    if (cell != NULL) {
        atomic_store_explicit(cell, value, memory_order_relaxed);
    }
}

void metric_observe(enum metric metric, struct metric_at at, int64_t value)
{
    const struct metric_family *family = &metric_families[metric];
    assert(family->type == METRIC_HISTOGRAM);
    _Atomic int64_t *cells = series_cells(metric, at);
    if (cells == NULL) {
        return;
    }
    size_t bucket = 0;
    while (family->bounds[bucket] != 0 && value > family->bounds[bucket]) {
        bucket++;
    }
    atomic_fetch_add_explicit(&cells[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(
        &cells[registry.places[metric].cells - 1], value > 0 ? value : 0, memory_order_relaxed);
}

/* ---- Writing ---- */

static void write_escaped(struct buffer *out, const char *text, bool quoted)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' || (quoted && *text == '"')) {
            buffer_char(out, '\\');
        }
        if (*text == '\n') {
            buffer_string(out, "\\n");
        } else {
            buffer_char(out, *text);
        }
    }
}

static void write_number(struct buffer *out, enum metric_unit unit, int64_t value)
{
    if (unit == METRIC_PLAIN) {
        buffer_i64(out, value);
        return;
    }
    char digits[8];
    uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    buffer_format(out, "%s%" PRIu64, value < 0 ? "-" : "", size / 1000000);
    size_t len = 6;
    for (uint64_t rest = size % 1000000, i = 6; i > 0; i--, rest /= 10) {
        digits[i - 1] = (char)('0' + rest % 10);
    }
    while (len > 0 && digits[len - 1] == '0') {
        len--;
    }
    if (len > 0) {
        buffer_char(out, '.');
        buffer_add(out, digits, len);
    }
}

static const char *label_text(enum metric_label label, size_t at)
{
    const struct metric_label_set *set = &metric_label_sets[label];
    return set->given != NULL ? registry.values[label][at] : set->values[at];
}

/* name{label="value",le="bound"}, the bound when there is one, and a blank. */
static void write_name(
    struct buffer *out, enum metric metric, const char *suffix, size_t series, struct text bound)
{
    const struct metric_family *family = &metric_families[metric];
    const struct place *place = &registry.places[metric];
    size_t at[3];
    bool opened = false;
    for (size_t i = 3; i > 0; i--) {
        at[i - 1] = series % place->sizes[i - 1];
        series /= place->sizes[i - 1];
    }
    buffer_string(out, family->name);
    buffer_string(out, suffix);
    for (size_t i = 0; i < 3 && family->labels[i] != LABEL_NONE; i++) {
        buffer_format(out, "%c%s=\"", opened ? ',' : '{', metric_label_sets[family->labels[i]].name);
        write_escaped(out, label_text(family->labels[i], at[i]), true);
        buffer_char(out, '"');
        opened = true;
    }
    if (bound.len > 0) {
        buffer_format(out, "%cle=\"%.*s\"", opened ? ',' : '{', TEXT_ARG(bound));
        opened = true;
    }
    buffer_string(out, opened ? "} " : " ");
}

/* The count is made of the buckets as they were read, so that the two agree whatever is counted meanwhile. */
static void write_histogram(struct buffer *out, enum metric metric, size_t series, _Atomic int64_t *cells)
{
    const struct metric_family *family = &metric_families[metric];
    size_t count = bounds_count(family) + 1;
    int64_t counted = 0, read[METRIC_BOUNDS_MAX + 1];
    assert(count <= METRIC_BOUNDS_MAX);
    int64_t sum = atomic_load_explicit(&cells[count], memory_order_relaxed);
    for (size_t i = 0; i < count; i++) {
        read[i] = atomic_load_explicit(&cells[i], memory_order_relaxed);
        counted += read[i];
    }
    if (family->seldom && counted == 0) {
        return;
    }
    int64_t below = 0;
    BUFFER_CLEANUP bound = BUFFER(64);
    for (size_t i = 0; i < count; i++) {
        below += read[i];
        buffer_reset(&bound);
        if (i + 1 < count) {
            write_number(&bound, family->unit, family->bounds[i]);
        } else {
            buffer_string(&bound, "+Inf");
        }
        write_name(out, metric, "_bucket", series, buffer_view(&bound));
        buffer_format(out, "%" PRId64 "\n", below);
    }
    write_name(out, metric, "_sum", series, TEXT_EMPTY);
    write_number(out, family->unit, sum);
    buffer_char(out, '\n');
    write_name(out, metric, "_count", series, TEXT_EMPTY);
    buffer_format(out, "%" PRId64 "\n", counted);
}

static void write_family(struct buffer *out, enum metric metric, _Atomic int64_t *cells)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    const struct metric_family *family = &metric_families[metric];
    const struct place *place = &registry.places[metric];
    buffer_format(out, "# HELP %s ", family->name);
    write_escaped(out, family->help, false);
    buffer_format(out, "\n# TYPE %s %s\n", family->name, types[family->type]);
    for (size_t series = 0; series < place->series; series++) {
        _Atomic int64_t *cell = &cells[place->first + series * place->cells];
        if (family->type == METRIC_HISTOGRAM) {
            write_histogram(out, metric, series, cell);
            continue;
        }
        int64_t value = atomic_load_explicit(cell, memory_order_relaxed);
        if (!family->seldom || value != 0) {
            write_name(out, metric, "", series, TEXT_EMPTY);
            write_number(out, family->unit, value);
            buffer_char(out, '\n');
        }
    }
}

void metrics_write(struct buffer *out)
{
    _Atomic int64_t *cells = atomic_load(&registry.cells);
    if (cells == NULL) {
        return;
    }
    for (size_t i = 0; i < registry.looks_count; i++) {
        registry.looks[i].look(registry.looks[i].context);
    }
    for (int i = 0; i < METRIC_COUNT; i++) {
        write_family(out, (enum metric)i, cells);
    }
}

static void describe_labels(struct buffer *out, const struct metric_family *family)
{
    for (size_t i = 0; i < 3 && family->labels[i] != LABEL_NONE; i++) {
        const struct metric_label_set *set = &metric_label_sets[family->labels[i]];
        buffer_format(out, "%s`%s`: ", i > 0 ? "; " : "", set->name);
        if (set->given != NULL) {
            buffer_string(out, set->given);
            continue;
        }
        for (size_t value = 0; value < label_count(family->labels[i]); value++) {
            buffer_format(out, "%s%s", value > 0 ? ", " : "", set->values[value]);
        }
    }
}

void metrics_describe(struct buffer *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    buffer_string(out, "| metric | type | labels | what it counts |\n|---|---|---|---|\n");
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_family *family = &metric_families[i];
        buffer_format(out, "| `%s` | %s | ", family->name, types[family->type]);
        describe_labels(out, family);
        buffer_format(out, " | %s |\n", family->help);
    }
}
