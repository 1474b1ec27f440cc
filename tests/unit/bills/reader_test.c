/* The client with the real bill reader: program and sample bill are given as arguments. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bills/reader.h"

static const char *program, *sample;

static struct bill_reader *reader_begin(int at_once)
{
    struct bill_reader *reader = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    const struct bill_reader_options options = {.at_once = at_once};
    if (!bill_reader_start(program, &options, &reader, &problem))
        fail_msg("the reader does not start: %s", problem.detail);
    assert_int_equal(bill_reader_weakness(reader).len, 0);
    return reader;
}

static int document(const char *bytes)
{
    int fd = bill_document_new();
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
    return fd;
}

/* Whether the sample bill is read as what it is; for threads, where cmocka cannot fail. */
static bool sample_is_read(struct bill_reader *reader, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new((size_t)BILL_PREVIEW_BYTES_MAX + 4096);
    struct bill_facts facts;
    struct text preview;
    int fd = open(sample, O_RDONLY | O_CLOEXEC);
    bool read = fd >= 0 && bill_reader_inspect(reader, fd, arena, &facts, &preview, problem);
    close(fd);
    return read && facts.type == BILL_PDF && facts.pages == 2 && !facts.encrypted && !facts.active_content &&
           facts.preview_width == 1236 && facts.preview_height == 1600 && preview.len > 10000;
}

static void the_sample_bill_is_read(void **state)
{
    (void)state;
    struct bill_reader *reader = reader_begin(1);
    struct problem problem = {.kind = PROBLEM_NONE};
    for (int i = 0; i < 3; i++)
        assert_true(sample_is_read(reader, &problem));
    bill_reader_stop(reader);
}

static void what_is_refused_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum word word;
    } cases[] = {{"", WORD_bills_empty}, {"%PDF-1.4", WORD_bills_broken}, {"<html>", WORD_bills_type_html},
        {"PK\x03\x04", WORD_bills_type_zip}, {"#!/bin/sh", WORD_bills_type_program}};
    struct bill_reader *reader = reader_begin(1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ARENA_CLEANUP arena = arena_new(4096);
        struct bill_facts facts = {.pages = 77};
        struct text preview = TEXT("as it was");
        struct problem problem = {.kind = PROBLEM_NONE};
        int fd = document(cases[i].bytes);
        assert_false(bill_reader_inspect(reader, fd, arena, &facts, &preview, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_int_equal(problem.word, cases[i].word);
        assert_string_equal(problem.field, "bill");
        assert_int_equal(facts.pages, 77);
        assert_true(text_is(preview, "as it was"));
        close(fd);
    }
    bill_reader_stop(reader);
}

enum { THREADS = 8 };

static void *read_in_thread(void *argument)
{
    struct problem problem = {.kind = PROBLEM_NONE};
    return sample_is_read(argument, &problem) ? argument : NULL;
}

static void many_threads_share_a_few_places(void **state)
{
    (void)state;
    struct bill_reader *reader = reader_begin(2);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_in_thread, reader), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good = NULL;
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_ptr_equal(good, reader);
    }
    bill_reader_stop(reader);
}

/* The only child that this process has; it stays to be waited for. */
static pid_t child_pid(int options)
{
    siginfo_t info = {.si_pid = 0};
    char path[64], line[32] = "";
    if (options != 0)
        return waitid(P_ALL, 0, &info, options | WNOWAIT) == 0 ? info.si_pid : 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *children = fopen(path, "re");
    assert_non_null(children);
    assert_non_null(fgets(line, sizeof line, children));
    fclose(children);
    return (pid_t)strtol(line, NULL, 10);
}

static void a_dead_reader_is_started_anew(void **state)
{
    (void)state;
    struct bill_reader *reader = reader_begin(1);
    struct problem problem = {.kind = PROBLEM_NONE};
    for (int i = 0; i < 2; i++) {
        pid_t before = child_pid(0);
        assert_true(before > 0);
        assert_int_equal(kill(before, SIGKILL), 0);
        assert_int_equal(child_pid(WEXITED), before);
        assert_true(sample_is_read(reader, &problem));
        assert_int_not_equal(child_pid(0), before);
    }
    bill_reader_stop(reader);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* A program of that text in its place. */
static void reader_is(const char *script, char path[32])
{
    snprintf(path, 32, "/tmp/portdesk-reader-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, script, strlen(script)), strlen(script));
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
}

static void what_is_no_reader_does_not_start(void **state)
{
    (void)state;
    static const struct {
        const char *script, *about;
    } cases[] = {
        {NULL, "ENOENT"},
        {"#!/bin/sh\nexit 0\n", "no answer"},
        {"#!/bin/sh\necho hello >&3\n", "no answer"},
        {"#!/bin/sh\necho '{\"ready\":false,\"missing\":\"landlock\"}' >&3\nexit 3\n", "landlock"},
    };
    const struct bill_reader_options options = {.at_once = 1};
    struct bill_reader *reader = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem = {.kind = PROBLEM_NONE};
        char path[32] = "/nowhere/portdesk-billreader";
        if (cases[i].script != NULL)
            reader_is(cases[i].script, path);
        assert_false(bill_reader_start(path, &options, &reader, &problem));
        assert_int_equal(problem.kind, PROBLEM_LATER);
        assert_int_equal(problem.word, WORD_bills_reader_missing);
        assert_string_equal(problem.about, cases[i].about);
        assert_null(reader);
        (void)unlink(path);
    }
    bill_reader_stop(NULL);
}

/* A reader that says it is ready and then dies, or talks nonsense, harms only its own request. */
static void a_false_reader_is_found_out(void **state)
{
    (void)state;
    static const char script[] =
        "#!/bin/sh\necho '{\"ready\":true,\"missing\":\"\"}' >&3\nread line <&3\nexit 0\n";
    const struct bill_reader_options options = {.at_once = 1};
    struct bill_reader *reader = NULL;
    struct problem problem = {.kind = PROBLEM_NONE};
    char path[32];
    reader_is(script, path);
    assert_true(bill_reader_start(path, &options, &reader, &problem));
    assert_false(sample_is_read(reader, &problem));
    assert_int_equal(problem.kind, PROBLEM_LATER);
    bill_reader_stop(reader);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_bill_is_read),
        cmocka_unit_test(what_is_refused_leaves_nothing),
        cmocka_unit_test(many_threads_share_a_few_places),
        cmocka_unit_test(a_dead_reader_is_started_anew),
        cmocka_unit_test(what_is_no_reader_does_not_start),
        cmocka_unit_test(a_false_reader_is_found_out),
    };
    if (argc != 3)
        return 2;
    program = argv[1];
    sample = argv[2];
    return cmocka_run_group_tests_name("bills reader", tests, NULL, NULL);
}
