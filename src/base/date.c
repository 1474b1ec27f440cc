/* The calendar half of clock.h: dates, instants as text, and time zones. */
#include <assert.h>
#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"

#define ZONES_MAX ((size_t)1024) /* the zone database has some 600 names */
#define ZONE_NAME_MAX ((size_t)48)

static const char *const month_names[] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const month_long_names[] = {"January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December"};
static const char *const day_names[] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/* Zones once read stay for the life of the process, so a pointer from here is good without a lock. */
struct zone {
    struct zone *next;
    GTimeZone *zone;
    char name[ZONE_NAME_MAX];
};

static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone *zones;
static size_t zones_count;

/* Area/Place, as the zone database has it. GLib would take offsets, POSIX rules and paths as well. */
static bool zone_name_is_good(struct text name)
{
    size_t slash = text_find_char(name, '/', 0);
    if (slash == SIZE_MAX || slash == 0 || name.len >= ZONE_NAME_MAX || name.at[name.len - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool later = i >= slash && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '/');
        if (!letter && !later) {
            return false;
        }
    }
    return true;
}

/* With zones_lock held. */
static GTimeZone *zone_open(struct text name)
{
    for (const struct zone *zone = zones; zone; zone = zone->next) {
        if (text_is(name, zone->name)) {
            return zone->zone;
        }
    }
    if (zones_count == ZONES_MAX) {
        return NULL;
    }
    struct zone *zone = g_new0(struct zone, 1);
    memcpy(zone->name, name.at, name.len);
    zone->zone = g_time_zone_new_identifier(zone->name);
    if (!zone->zone) {
        g_free(zone);
        return NULL;
    }
    zone->next = zones;
    zones = zone;
    zones_count++;
    return zone->zone;
}

/* NULL is UTC. */
static GTimeZone *zone_find(struct text name)
{
    if (!zone_name_is_good(name)) {
        return NULL;
    }
    pthread_mutex_lock(&zones_lock);
    GTimeZone *zone = zone_open(name);
    pthread_mutex_unlock(&zones_lock);
    return zone;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* Seconds of local time since 1970, and the zone's short name at that instant ("EDT"). */
static int64_t local_seconds(int64_t us, struct text zone_name, const char **ret_short)
{
    int64_t seconds = floor_div(us, CLOCK_SECOND);
    GTimeZone *zone = zone_find(zone_name);
    int interval = zone ? g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, seconds) : -1;
    if (interval < 0) {
        *ret_short = "UTC";
        return seconds;
    }
    *ret_short = g_time_zone_get_abbreviation(zone, interval);
    return seconds + g_time_zone_get_offset(zone, interval);
}

struct date clock_date(int64_t us, struct text zone)
{
    const char *name = NULL;
    return date_from_days(floor_div(local_seconds(us, zone, &name), 86400));
}

/* Both ways by 400-year eras that begin in March (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
int64_t date_to_days(struct date date)
{
    int64_t year = (int64_t)date.year - (date.month <= 2 ? 1 : 0);
    int64_t era = floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * ((int64_t)date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date date_from_days(int64_t days)
{
    assert(days > -1000000000 && days < 100000000000);
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t day = days - era * 146097;
    int64_t of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int month_of_year = (int)(month < 10 ? month + 3 : month - 9);
    return (struct date){
        .year = (int)(of_era + era * 400 + (month_of_year <= 2 ? 1 : 0)),
        .month = month_of_year,
        .day = (int)(of_year - (153 * month + 2) / 5 + 1),
    };
}

int64_t date_at(struct date date, int hour, int minute, struct text zone_name)
{
    assert(hour >= 0 && hour < 24 && minute >= 0 && minute < 60);
    int64_t local = date_to_days(date) * 86400 + hour * 3600 + minute * 60;
    GTimeZone *zone = zone_find(zone_name);
    if (!zone) {
        return local * CLOCK_SECOND;
    }
    gint64 adjusted =
        local; /* moved on when the zone skips this time; of a repeated one the first is taken */
    int interval = g_time_zone_adjust_time(zone, G_TIME_TYPE_DAYLIGHT, &adjusted);
    return (adjusted - g_time_zone_get_offset(zone, interval)) * CLOCK_SECOND;
}

bool date_is_real(struct date date)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.month < 1 || date.month > 12 || date.day < 1) {
        return false;
    }
    bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
    return date.day <= lengths[date.month - 1] + (leap && date.month == 2 ? 1 : 0);
}

int date_weekday(struct date date)
{
    int64_t days = date_to_days(date) + 4; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_div(days, 7) * 7);
}

/* Exactly `digits` decimal digits at `at`, at most `max`. */
static bool digits_at(struct text text, size_t at, size_t digits, int max, int *ret)
{
    struct text part = text_part(text, at, digits);
    uint64_t number = 0;
    if (part.len != digits || !text_to_u64(part, (uint64_t)max, &number)) {
        return false;
    }
    *ret = (int)number;
    return true;
}

static bool char_at(struct text text, size_t at, char c)
{
    return at < text.len && text.at[at] == c;
}

bool date_parse(struct text text, struct date *ret)
{
    struct date date = {0};
    bool shaped = text.len == 10 && char_at(text, 4, '-') && char_at(text, 7, '-');
    if (!shaped || !digits_at(text, 0, 4, 2199, &date.year) || !digits_at(text, 5, 2, 12, &date.month) ||
        !digits_at(text, 8, 2, 31, &date.day) || date.year < 1970 || !date_is_real(date)) {
        return false;
    }
    *ret = date;
    return true;
}

struct text date_iso(struct arena *arena, struct date date)
{
    return text_format(arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

/* The fraction at the front of `rest`, if there is one, in µs; takes it off. */
static bool fraction_take(struct text *rest, int64_t *ret_us)
{
    *ret_us = 0;
    if (!char_at(*rest, 0, '.')) {
        return true;
    }
    int64_t unit = CLOCK_SECOND / 10;
    size_t at = 1;
    while (at < rest->len && rest->at[at] >= '0' && rest->at[at] <= '9') {
        *ret_us += (rest->at[at] - '0') * unit;
        unit /= 10;
        at++;
    }
    *rest = text_part(*rest, at, SIZE_MAX);
    return at > 1;
}

static bool offset_parse(struct text text, int64_t *ret_seconds)
{
    if (text_is(text, "Z") || text_is(text, "z")) {
        *ret_seconds = 0;
        return true;
    }
    int hours = 0;
    int minutes = 0;
    bool shaped = text.len == 6 && (text.at[0] == '+' || text.at[0] == '-') && text.at[3] == ':';
    if (!shaped || !digits_at(text, 1, 2, 23, &hours) || !digits_at(text, 4, 2, 59, &minutes)) {
        return false;
    }
    int64_t seconds = hours * 3600 + minutes * 60;
    *ret_seconds = text.at[0] == '-' ? -seconds : seconds;
    return true;
}

bool instant_parse(struct text text, int64_t *ret_us)
{
    struct date date;
    int hour = 0;
    int minute = 0;
    int second = 0;
    bool shaped = (char_at(text, 10, 'T') || char_at(text, 10, 't')) && char_at(text, 13, ':') &&
                  char_at(text, 16, ':');
    if (!shaped || !date_parse(text_part(text, 0, 10), &date) || !digits_at(text, 11, 2, 23, &hour) ||
        !digits_at(text, 14, 2, 59, &minute) || !digits_at(text, 17, 2, 60, &second)) {
        return false;
    }
    struct text rest = text_part(text, 19, SIZE_MAX);
    int64_t fraction = 0;
    int64_t offset = 0;
    if (!fraction_take(&rest, &fraction) || !offset_parse(rest, &offset)) {
        return false;
    }
    int64_t seconds = date_to_days(date) * 86400 + hour * 3600 + minute * 60 + second - offset;
    /* Second 60 is a leap second, which ends a UTC day; it counts as the first of the next. */
    if (second == 60 && seconds % 86400 != 0) {
        return false;
    }
    *ret_us = seconds * CLOCK_SECOND + fraction;
    return true;
}

struct text instant_iso(struct arena *arena, int64_t us)
{
    int64_t seconds = floor_div(us, CLOCK_SECOND);
    int64_t days = floor_div(seconds, 86400);
    int of_day = (int)(seconds - days * 86400);
    struct date date = date_from_days(days);
    return text_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month, date.day,
        of_day / 3600, of_day / 60 % 60, of_day % 60);
}

/* ", 2026" when it is another year than that of `today`. */
static struct text year_part(struct arena *arena, struct date date, struct date today)
{
    return date.year == today.year ? TEXT_EMPTY : text_format(arena, ", %d", date.year);
}

struct text date_short(struct arena *arena, struct date date, struct date today)
{
    assert(date_is_real(date));
    struct text year = year_part(arena, date, today);
    return text_format(arena, "%.3s, %s %d%.*s", day_names[date_weekday(date)], month_names[date.month - 1],
        date.day, TEXT_ARG(year));
}

struct text date_long(struct arena *arena, struct date date, struct date today)
{
    assert(date_is_real(date));
    struct text year = year_part(arena, date, today);
    return text_format(arena, "%s, %s %d%.*s", day_names[date_weekday(date)],
        month_long_names[date.month - 1], date.day, TEXT_ARG(year));
}

struct text instant_short(struct arena *arena, int64_t us, int64_t now_us, struct text zone)
{
    const char *name = NULL;
    int64_t local = local_seconds(us, zone, &name);
    struct date date = date_from_days(floor_div(local, 86400));
    int of_day = (int)(local - floor_div(local, 86400) * 86400);
    struct text year = year_part(arena, date, clock_date(now_us, zone));
    int hour = of_day / 3600 % 12;
    /* Zones without letters call themselves "-03": say what that is. */
    const char *utc = name[0] == '+' || name[0] == '-' ? "UTC" : "";
    return text_format(arena, "%s %d%.*s, %d:%02d %s %s%s", month_names[date.month - 1], date.day,
        TEXT_ARG(year), hour == 0 ? 12 : hour, of_day / 60 % 60, of_day < 12 * 3600 ? "AM" : "PM", utc, name);
}
