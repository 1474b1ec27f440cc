#include "bills/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/metrics.h"
#include "bills/answer.h"
#include "bills/zygote.h"

enum {
    AT_ONCE = 2,
    AT_ONCE_MAX = 16,
    SECONDS = 20,
    SECONDS_MAX = 600,
    PLACE_WAIT_SECONDS = 30,
    GRACE_MS = 5000
};

struct bill_reader {
    char *path;
    struct bill_reader_options options;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t place;
    int running;
    struct zygote zygote;
    uint64_t generation; /* of the zygote: who finds one dead must not end its successor */
    char weakness[64];   /* set once, at the start */
};

static int within(int value, int otherwise, int max)
{
    return value < 1 ? otherwise : value > max ? max : value;
}

bool bill_reader_start(const char *path, const struct bill_reader_options *options, struct bill_reader **ret,
    struct problem *problem)
{
    struct bill_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return problem_internal(problem, "out of memory");
    reader->options = (struct bill_reader_options){.at_once = within(options->at_once, AT_ONCE, AT_ONCE_MAX),
        .seconds = within(options->seconds, SECONDS, SECONDS_MAX),
        .allow_weak_cage = options->allow_weak_cage};
    reader->path = strdup(path);
    reader->zygote.socket = -1;
    pthread_mutex_init(&reader->lock, NULL);
    pthread_cond_init(&reader->place, NULL);
    if (reader->path == NULL || !zygote_start(reader->path, &reader->options, &reader->zygote, problem)) {
        bill_reader_stop(reader);
        return problem_internal(problem, "out of memory"); /* unless the problem is known already */
    }
    memcpy(reader->weakness, reader->zygote.missing, sizeof reader->weakness);
    *ret = reader;
    return true;
}

void bill_reader_stop(struct bill_reader *reader)
{
    if (reader == NULL)
        return;
    zygote_stop(&reader->zygote);
    pthread_cond_destroy(&reader->place);
    pthread_mutex_destroy(&reader->lock);
    free(reader->path);
    free(reader);
}

struct text bill_reader_weakness(const struct bill_reader *reader)
{
    return text_from(reader->weakness);
}

int bill_document_new(void)
{
    return memfd_create("bill", MFD_CLOEXEC);
}

/* Waits for a place among those that are being read. Holds the lock when it returns true. */
static bool place_take(struct bill_reader *reader, struct problem *problem)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PLACE_WAIT_SECONDS;
    pthread_mutex_lock(&reader->lock);
    int late = 0;
    while (reader->running >= reader->options.at_once && late == 0)
        late = pthread_cond_clockwait(&reader->place, &reader->lock, CLOCK_MONOTONIC, &until);
    if (reader->running < reader->options.at_once) {
        reader->running++;
        return true;
    }
    pthread_mutex_unlock(&reader->lock);
    return problem_set(problem, PROBLEM_LATER, WORD_bills_busy, NULL, NULL, "no place at the bill reader");
}

static void place_give(struct bill_reader *reader)
{
    pthread_mutex_lock(&reader->lock);
    reader->running--;
    pthread_cond_signal(&reader->place);
    pthread_mutex_unlock(&reader->lock);
}

/* Starts another one in place of one that is dead; the lock is held. */
static bool zygote_renew(struct bill_reader *reader, struct problem *problem)
{
    zygote_stop(&reader->zygote);
    reader->generation++;
    return zygote_start(reader->path, &reader->options, &reader->zygote, problem);
}

/* Hands the files over, to a new zygote when the old one is gone: it has taken nothing then, so this repeats nothing.
 * The lock is held. */
static bool hand_over(
    struct bill_reader *reader, int document, int preview, int answer, struct problem *problem)
{
    if (zygote_send(&reader->zygote, document, preview, answer))
        return true;
    if (!zygote_renew(reader, problem))
        return false;
    return zygote_send(&reader->zygote, document, preview, answer) ||
           problem_set(
               problem, PROBLEM_LATER, WORD_bills_reader_away, NULL, NULL, "a new bill reader takes nothing");
}

/* A zygote that ended, or is past the time in which it should have ended its child. */
static void zygote_give_up(struct bill_reader *reader, uint64_t generation)
{
    pthread_mutex_lock(&reader->lock);
    if (reader->generation == generation) {
        zygote_stop(&reader->zygote);
        reader->generation++;
    }
    pthread_mutex_unlock(&reader->lock);
}

/* The answer's line; its length is 0 when the other end closed without one and -1 when nothing came in time. */
static ssize_t answer_wait(const struct bill_reader *reader, int fd, char line[BILL_ANSWER_MAX])
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    int found = poll(&polled, 1, reader->options.seconds * 1000 + GRACE_MS);
    while (found < 0 && errno == EINTR)
        found = poll(&polled, 1, reader->options.seconds * 1000 + GRACE_MS);
    return found > 0 ? read(fd, line, BILL_ANSWER_MAX) : -1;
}

/* Sends the request and waits for its answer; *ret_len is not 0 when it returns true. */
static bool ask_with(struct bill_reader *reader, int document, int preview, const int answer[2],
    char line[BILL_ANSWER_MAX], size_t *ret_len, struct problem *problem)
{
    bool sent = hand_over(reader, document, preview, answer[1], problem);
    uint64_t generation = reader->generation;
    pthread_mutex_unlock(&reader->lock);
    close(answer[1]); /* so that the end of the zygote is the end of the pipe */
    ssize_t len = sent ? answer_wait(reader, answer[0], line) : -1;
    close(answer[0]);
    if (sent && len <= 0) {
        zygote_give_up(reader, generation);
        return problem_set(problem, PROBLEM_LATER, WORD_bills_reader_away, NULL, NULL, "the bill reader %s",
            len == 0 ? "ended" : "was silent");
    }
    *ret_len = sent ? (size_t)len : 0;
    return sent;
}

static bool ask(struct bill_reader *reader, int document, int preview, char line[BILL_ANSWER_MAX],
    size_t *ret_len, struct problem *problem)
{
    int answer[2];
    if (pipe2(answer, O_CLOEXEC) != 0)
        return problem_internal(problem, "no pipe: error %d", errno);
    if (!place_take(reader, problem)) {
        close(answer[0]);
        close(answer[1]);
        return false;
    }
    bool good = ask_with(reader, document, preview, answer, line, ret_len, problem);
    place_give(reader);
    return good;
}

static bool preview_take(
    int fd, size_t len, const struct bill_facts *facts, struct arena *arena, struct text *ret)
{
    if (lseek(fd, 0, SEEK_END) != (off_t)len)
        return false;
    char *bytes = arena_alloc(arena, len, 1);
    for (size_t got = 0; got < len;) {
        ssize_t count = pread(fd, bytes + got, len - got, (off_t)got);
        if (count <= 0)
            return false;
        got += (size_t)count;
    }
    *ret = (struct text){bytes, len};
    return bill_preview_is_sound(*ret, facts->preview_width, facts->preview_height);
}

static bool inspect(struct bill_reader *reader, int document_fd, int preview_fd, struct arena *arena,
    struct bill_facts *ret, struct text *ret_preview_png, struct problem *problem)
{
    char line[BILL_ANSWER_MAX];
    size_t len = 0, preview_len = 0;
    struct bill_facts facts;
    struct text preview;
    if (!ask(reader, document_fd, preview_fd, line, &len, problem) ||
        !bill_answer_parse((struct text){line, len}, &facts, &preview_len, problem))
        return false;
    if (!preview_take(preview_fd, preview_len, &facts, arena, &preview))
        return problem_internal(problem, "the bill reader's picture is not what it says");
    *ret = facts;
    *ret_preview_png = preview;
    return true;
}

static void count(int64_t began, bool good, const struct problem *problem)
{
    size_t outcome = good                             ? BILL_RUN_READ
                     : problem->kind == PROBLEM_INPUT ? BILL_RUN_REFUSED
                     : problem->kind == PROBLEM_LATER ? BILL_RUN_AWAY
                                                      : BILL_RUN_FAILED;
    metric_observe(METRIC_BILL_DURATION, METRIC_ONE, metric_clock() - began);
    metric_add(METRIC_BILL_RUNS, METRIC_AT(outcome), 1);
}

bool bill_reader_inspect(struct bill_reader *reader, int document_fd, struct arena *arena,
    struct bill_facts *ret, struct text *ret_preview_png, struct problem *problem)
{
    int preview_fd = memfd_create("preview", MFD_CLOEXEC);
    if (preview_fd < 0)
        return problem_internal(problem, "no memory file: error %d", errno);
    struct problem why = {0};
    int64_t began = metric_clock();
    bool good = inspect(reader, document_fd, preview_fd, arena, ret, ret_preview_png, &why);
    close(preview_fd);
    count(began, good, &why);
    if (!good && problem && problem->kind == PROBLEM_NONE)
        *problem = why;
    return good;
}
