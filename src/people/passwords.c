#include "people/passwords.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define HASHING_NICE 5

/* One hash that a caller waits for. */
struct task {
    struct task *next;
    const char *stored; /* to check against; NULL: make a new one */
    struct text password;
    char hash[crypto_pwhash_STRBYTES];
    bool good, done;
};

struct passwords {
    pthread_mutex_t mutex;
    pthread_cond_t wanted, answered;
    size_t at_once, waiting_max;
    enum password_cost cost;
    size_t running, waiting;
    uint64_t computed;
    struct task *first, *last; /* the line */
    bool ending;
    pthread_t *threads;
    size_t threads_count;
    char nobody[crypto_pwhash_STRBYTES]; /* the hash of a password that nobody knows */
};

static bool hash_into(char ret[static crypto_pwhash_STRBYTES], enum password_cost cost, struct text password)
{
    bool least = cost == PASSWORD_COST_LEAST;
    return crypto_pwhash_str(ret, password.at, password.len,
               least ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_INTERACTIVE,
               least ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

/* ---- The threads that hash ---- */

static struct task *take(struct passwords *passwords)
{
    while (passwords->first == NULL && !passwords->ending) {
        pthread_cond_wait(&passwords->wanted, &passwords->mutex);
    }
    struct task *task = passwords->first;
    if (task != NULL) {
        passwords->first = task->next;
        passwords->last = passwords->first == NULL ? NULL : passwords->last;
        passwords->waiting--;
        passwords->running++;
    }
    return task;
}

static void work(const struct passwords *passwords, struct task *task)
{
    task->good = task->stored == NULL
                     ? hash_into(task->hash, passwords->cost, task->password)
                     : crypto_pwhash_str_verify(task->stored, task->password.at, task->password.len) == 0;
}

/* Less urgent than whoever answers pages: a flood of sign-ins has what they leave. */
static void *run(void *context)
{
    struct passwords *passwords = context;
    if (passwords->cost != PASSWORD_COST_LEAST) {
        setpriority(PRIO_PROCESS, (id_t)gettid(), HASHING_NICE);
    }
    pthread_mutex_lock(&passwords->mutex);
    for (struct task *task = take(passwords); task != NULL; task = take(passwords)) {
        pthread_mutex_unlock(&passwords->mutex);
        work(passwords, task);
        pthread_mutex_lock(&passwords->mutex);
        task->done = true;
        passwords->running--;
        passwords->computed++;
        pthread_cond_broadcast(&passwords->answered);
    }
    pthread_mutex_unlock(&passwords->mutex);
    return NULL;
}

static bool start(struct passwords *passwords, struct problem *problem)
{
    passwords->threads = calloc(passwords->at_once, sizeof *passwords->threads);
    while (passwords->threads != NULL && passwords->threads_count < passwords->at_once &&
           pthread_create(&passwords->threads[passwords->threads_count], NULL, run, passwords) == 0) {
        passwords->threads_count++;
    }
    return passwords->threads_count == passwords->at_once ||
           problem_internal(problem, "no threads for hashing");
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
    pthread_cond_init(&passwords->wanted, NULL);
    pthread_cond_init(&passwords->answered, NULL);
    if (!start(passwords, problem)) {
        passwords_close(passwords);
        return false;
    }
    *ret = passwords;
    return true;
}

void passwords_close(struct passwords *passwords)
{
    if (passwords == NULL) {
        return;
    }
    pthread_mutex_lock(&passwords->mutex);
    passwords->ending = true;
    pthread_cond_broadcast(&passwords->wanted);
    pthread_mutex_unlock(&passwords->mutex);
    for (size_t i = 0; i < passwords->threads_count; i++) {
        pthread_join(passwords->threads[i], NULL);
    }
    pthread_cond_destroy(&passwords->wanted);
    pthread_cond_destroy(&passwords->answered);
    pthread_mutex_destroy(&passwords->mutex);
    free(passwords->threads);
    free(passwords);
}

uint64_t passwords_computed(struct passwords *passwords)
{
    pthread_mutex_lock(&passwords->mutex);
    uint64_t computed = passwords->computed;
    pthread_mutex_unlock(&passwords->mutex);
    return computed;
}

/* Waits for the hash. The wait ends by itself: the line is short, and each hash ahead takes a fraction of a second. */
static bool compute(struct passwords *passwords, struct task *task, struct problem *problem)
{
    pthread_mutex_lock(&passwords->mutex);
    bool entered = passwords->running + passwords->waiting < passwords->at_once + passwords->waiting_max;
    if (entered) {
        if (passwords->last != NULL) {
            passwords->last->next = task;
        } else {
            passwords->first = task;
        }
        passwords->last = task;
        passwords->waiting++;
        pthread_cond_signal(&passwords->wanted);
        while (!task->done) {
            pthread_cond_wait(&passwords->answered, &passwords->mutex);
        }
    }
    pthread_mutex_unlock(&passwords->mutex);
    return entered || problem_set(problem, PROBLEM_TOO_MANY, WORD_people_password_busy, NULL, NULL,
                          "hashes are waiting");
}

bool password_hash(struct passwords *passwords, struct arena *arena, struct text password, struct text *ret,
    struct problem *problem)
{
    if (!text_is_utf8(password)) {
        return problem_set(problem, PROBLEM_INPUT, WORD_problem_not_clean, "password", NULL, NULL);
    }
    size_t length = text_length(password);
    if (length < PASSWORD_MIN || length > PASSWORD_MAX) {
        return problem_set(problem, PROBLEM_INPUT,
            length < PASSWORD_MIN ? WORD_people_password_short : WORD_people_password_long, "password", NULL,
            NULL);
    }
    struct task task = {.password = password};
    if (!compute(passwords, &task, problem)) {
        return false;
    }
    if (!task.good) {
        return problem_set(
            problem, PROBLEM_LATER, WORD_problem_later, NULL, NULL, "Argon2id cannot have its memory");
    }
    *ret = text_copy(arena, text_from(task.hash));
    return true;
}

bool password_check(struct passwords *passwords, struct text hash, struct text password, bool *ret_fits,
    struct problem *problem)
{
    char stored[crypto_pwhash_STRBYTES] = {0};
    bool known = hash.len > 0 && hash.len < sizeof stored && password.len <= (size_t)PASSWORD_MAX * 4;
    memcpy(stored, known ? hash.at : passwords->nobody, known ? hash.len : sizeof stored - 1);
    struct task task = {
        .stored = stored, .password = known && password.len > 0 ? password : (struct text){"", 0}};
    if (!compute(passwords, &task, problem)) {
        return false;
    }
    *ret_fits = known && task.good;
    return true;
}
