/* JSON from and to the outside, over jansson. Parsing is strict: limits on bytes and depth, no duplicate keys, no NUL,
 * valid UTF-8. A getter says what is wrong with which field. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/problem.h"
#include "base/text.h"

#define JSON_DEPTH_MAX 32

void json_cleanup(json_t **value);
#define JSON_CLEANUP __attribute__((cleanup(json_cleanup))) json_t *

/* Parses a whole document of at most `max_bytes`. The caller releases *ret with json_decref.
 * PROBLEM_TOO_LARGE past the limit, PROBLEM_SYNTAX when it is not JSON. */
bool json_parse(struct text bytes, size_t max_bytes, json_t **ret, struct problem *problem);

/* The string member `name`, at most `max` bytes, clean text (text_is_clean). A missing member or null gives the empty
 * slice and true; another type gives false. The slice lives as long as the object. */
bool json_get_text(
    const json_t *object, const char *name, size_t max, struct text *ret, struct problem *problem);
/* Whole number, also given as a string of digits (Twilio does both). Missing or null gives `otherwise`. */
bool json_get_i64(const json_t *object, const char *name, int64_t min, int64_t max, int64_t otherwise,
    int64_t *ret, struct problem *);
/* true/false, also as the strings "true"/"false" (Twilio's webhooks do). Missing or null gives `otherwise`. */
bool json_get_bool(
    const json_t *object, const char *name, bool otherwise, bool *ret, struct problem *problem);
/* The array member or NULL when missing or null; false when it is another type or longer than `max`. */
bool json_get_array(
    const json_t *object, const char *name, size_t max, json_t **ret, struct problem *problem);
bool json_get_object(const json_t *object, const char *name, json_t **ret, struct problem *problem);

/* Sets a string member; the text must be valid UTF-8 (asserted). */
void json_put_text(json_t *object, const char *name, struct text value);
void json_put_i64(json_t *object, const char *name, int64_t value);
/* Compact, keys in insertion order. */
struct text json_write(struct arena *arena, const json_t *value);

#endif
