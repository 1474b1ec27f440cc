#include "people/passwords.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct passwords {
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    size_t at_once, waiting_max;
    enum password_cost cost;
    size_t running, waiting;
    char nobody[crypto_pwhash_STRBYTES]; /* the hash of a password that nobody knows */
};

static bool hash_into(char ret[static crypto_pwhash_STRBYTES], enum password_cost cost, struct text password)
{
    bool least = cost == PASSWORD_COST_LEAST;
    return crypto_pwhash_str(ret, password.at, password.len,
               least ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_INTERACTIVE,
               least ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

bool passwords_open(size_t at_once, size_t waiting_max, enum password_cost cost, struct passwords **ret,
    struct problem *problem)
{
    char secret[32];
    assert(at_once > 0);
    if (sodium_init() < 0) {
        return problem_internal(problem, "libsodium does not start");
    }
    struct passwords *passwords = calloc(1, sizeof *passwords);
    if (passwords == NULL) {
        return problem_internal(problem, "out of memory");
    }
    randombytes_buf(secret, sizeof secret);
    if (!hash_into(passwords->nobody, cost, (struct text){secret, sizeof secret})) {
        free(passwords);
        return problem_internal(problem, "Argon2id cannot have its memory");
    }
    passwords->cost = cost;
    passwords->at_once = at_once;
    passwords->waiting_max = waiting_max;
    pthread_mutex_init(&passwords->mutex, NULL);
    pthread_cond_init(&passwords->freed, NULL);
    *ret = passwords;
    return true;
}

void passwords_close(struct passwords *passwords)
{
    if (passwords == NULL) {
        return;
    }
    pthread_cond_destroy(&passwords->freed);
    pthread_mutex_destroy(&passwords->mutex);
    free(passwords);
}

/* The wait ends by itself: the line is short, and each hash ahead takes a fraction of a second. */
static bool enter(struct passwords *passwords, struct problem *problem)
{
    bool entered = true;
    pthread_mutex_lock(&passwords->mutex);
    if (passwords->running >= passwords->at_once) {
        entered = passwords->waiting < passwords->waiting_max;
        if (entered) {
            passwords->waiting++;
            while (passwords->running >= passwords->at_once) {
                pthread_cond_wait(&passwords->freed, &passwords->mutex);
            }
            passwords->waiting--;
        }
    }
    if (entered) {
        passwords->running++;
    }
    pthread_mutex_unlock(&passwords->mutex);
    return entered || problem_set(problem, PROBLEM_TOO_MANY, WORD_people_password_busy, NULL, NULL,
                          "hashes are waiting");
}

static void leave(struct passwords *passwords)
{
    pthread_mutex_lock(&passwords->mutex);
    passwords->running--;
    pthread_cond_signal(&passwords->freed);
    pthread_mutex_unlock(&passwords->mutex);
}

bool password_hash(struct passwords *passwords, struct arena *arena, struct text password, struct text *ret,
    struct problem *problem)
{
    char hash[crypto_pwhash_STRBYTES];
    if (!text_is_utf8(password)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_not_clean, "password", NULL, NULL);
    }
    size_t length = text_length(password);
    if (length < PASSWORD_MIN || length > PASSWORD_MAX) {
        return problem_set(problem, PROBLEM_INPUT,
            length < PASSWORD_MIN ? WORD_people_password_short : WORD_people_password_long, "password", NULL,
            NULL);
    }
    if (!enter(passwords, problem)) {
        return false;
    }
    bool hashed = hash_into(hash, passwords->cost, password);
    leave(passwords);
    if (!hashed) {
        return problem_set(
            problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "Argon2id cannot have its memory");
    }
    *ret = text_copy(arena, text_from(hash));
    return true;
}

bool password_check(struct passwords *passwords, struct text hash, struct text password, bool *ret_fits,
    struct problem *problem)
{
    char stored[crypto_pwhash_STRBYTES] = {0};
    bool known = hash.len > 0 && hash.len < sizeof stored && password.len <= (size_t)PASSWORD_MAX * 4;
    if (!enter(passwords, problem)) {
        return false;
    }
    memcpy(stored, known ? hash.at : passwords->nobody, known ? hash.len : sizeof stored - 1);
    size_t length = known ? password.len : 0;
    bool fits = crypto_pwhash_str_verify(stored, length ? password.at : "", length) == 0;
    leave(passwords);
    *ret_fits = known && fits;
    return true;
}
