/* The clocks: standing, shared between threads and processes, and waiting on them. No test here waits for real time to
 * pass: what must wake has a limit of a minute, and the test would fail, not hang, if it did not. */
#include "base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/id.h"
#include "unit.h"

#define MINUTE_MS 60000
#define NEVER INT64_C(253402300799999999)

static char folder[64];
static char path[96];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/clock_test.XXXXXX");
    return mkdtemp(folder) ? snprintf(path, sizeof path, "%s/clock", folder) < 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static struct clock *shared(void)
{
    struct clock *clock = NULL;
    struct problem problem = {0};
    assert_true(clock_shared(path, &clock, &problem));
    assert_int_equal(problem.kind, PROBLEM_NONE);
    return clock;
}

static int64_t real_ms(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static void a_fixed_clock_stands(void **state)
{
    (void)state;
    struct clock *clock = clock_fixed(1000);
    assert_int_equal(clock_now(clock), 1000);
    assert_int_equal(clock_speed(clock), 0);
    clock_advance(clock, 0);
    clock_advance(clock, CLOCK_DAY);
    assert_int_equal(clock_now(clock), 1000 + CLOCK_DAY);
    int64_t first = clock_tick(clock);
    assert_true(clock_tick(clock) > first);
    assert_int_equal(clock_now(clock), 1000 + CLOCK_DAY); /* ticks do not move it */
    clock_advance(clock, NEVER);
    clock_advance(clock, NEVER);
    assert_int_equal(clock_now(clock), NEVER); /* the end of the year 9999 is the end */
    clock_free(clock);
    clock_free(NULL);
}

static void the_system_clock_tells_the_time(void **state)
{
    (void)state;
    struct clock *clock = clock_system();
    struct timespec before;
    clock_gettime(CLOCK_REALTIME, &before);
    int64_t now = clock_now(clock);
    assert_true(now >= (int64_t)before.tv_sec * CLOCK_SECOND + before.tv_nsec / 1000);
    assert_true(clock_now(clock) >= now);
    assert_int_equal(clock_speed(clock), 1);
    clock_free(clock);
    assert_true(clock_now(clock) >= now);
}

static void a_shared_clock_is_one(void **state)
{
    (void)state;
    struct clock *one = shared();
    struct clock *other = shared();
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 07777, 0600);
    assert_int_equal(clock_speed(one), 1);
    assert_true(clock_now(one) - clock_now(clock_system()) < CLOCK_MINUTE);
    clock_set_speed(one, 0);
    assert_int_equal(clock_speed(other), 0);
    assert_int_equal(clock_now(one), clock_now(other));
    int64_t before = clock_now(one);
    clock_advance(other, 3 * CLOCK_DAY);
    assert_int_equal(clock_now(one), before + 3 * CLOCK_DAY);
    clock_free(one);
    one = shared(); /* it stays as it was when one opens it again */
    assert_int_equal(clock_now(one), before + 3 * CLOCK_DAY);
    clock_set_speed(one, 1000000);
    clock_advance(one, NEVER);
    assert_int_equal(clock_now(other), NEVER);
    clock_free(one);
    clock_free(other);
}

static void a_sped_up_clock_runs(void **state)
{
    (void)state;
    struct clock *clock = shared();
    clock_set_speed(clock, 1000000);
    int64_t until = clock_now(clock) + CLOCK_DAY; /* 86.4 ms */
    int64_t began = real_ms();
    clock_wait(clock, until, -1, MINUTE_MS);
    assert_true(clock_now(clock) >= until);
    assert_true(real_ms() - began < MINUTE_MS);
    clock_free(clock);
}

struct advancer {
    struct clock *clock;
    atomic_bool stop;
};

/* Advances by a µs again and again until told to stop: so it does not matter when the waiting began. */
static void *advance_on(void *data)
{
    struct advancer *advancer = data;
    while (!advancer->stop) {
        clock_advance(advancer->clock, 1);
    }
    return NULL;
}

static void wait_beside_advancer(struct clock *clock, struct clock *advanced, int wake_fd)
{
    struct advancer advancer = {.clock = advanced};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, advance_on, &advancer), 0);
    int64_t began = real_ms();
    for (int i = 0; i < 20; i++) {
        clock_wait(clock, NEVER, wake_fd, MINUTE_MS);
    }
    int64_t took = real_ms() - began;
    advancer.stop = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(took < MINUTE_MS);
}

static void an_advance_wakes(void **state)
{
    (void)state;
    int wake_fd = eventfd(0, EFD_CLOEXEC);
    struct clock *fixed = clock_fixed(0);
    wait_beside_advancer(fixed, fixed, -1);
    wait_beside_advancer(fixed, fixed, wake_fd);
    struct clock *one = shared();
    struct clock *other = shared();
    wait_beside_advancer(one, other, -1);
    wait_beside_advancer(one, other, wake_fd);
    clock_free(fixed);
    clock_free(one);
    clock_free(other);
    close(wake_fd);
}

/* Runs `act` again and again in a process of its own until killed. */
static pid_t process_of(void (*act)(struct clock *))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct clock *clock = NULL;
        if (!clock_shared(path, &clock, NULL)) {
            _exit(1);
        }
        while (getppid() != 1) {
            act(clock);
        }
        _exit(0);
    }
    return child;
}

static void kill_process(pid_t child)
{
    int status = 0;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void advance_a_little(struct clock *clock)
{
    clock_advance(clock, 1);
}

static void change_speed(struct clock *clock)
{
    clock_set_speed(clock, clock_speed(clock) == 1 ? 2 : 1);
}

static void another_process_wakes(void **state)
{
    (void)state;
    struct clock *clock = shared();
    clock_set_speed(clock, 1);
    static void (*const acts[])(struct clock *) = {advance_a_little, change_speed};
    for (size_t i = 0; i < COUNT(acts); i++) {
        pid_t child = process_of(acts[i]);
        int64_t began = real_ms();
        clock_wait(clock, NEVER, -1, MINUTE_MS);
        assert_true(real_ms() - began < MINUTE_MS);
        kill_process(child);
    }
    clock_free(clock);
}

/* A process that is killed while it writes leaves a clock that goes on, and never a time that nobody set. */
static void a_killed_writer_leaves_the_clock_whole(void **state)
{
    (void)state;
    struct clock *clock = shared();
    clock_set_speed(clock, 0);
    int64_t first = clock_now(clock);
    for (int i = 0; i < 50; i++) {
        int64_t before = clock_now(clock);
        pid_t child = process_of(advance_a_little);
        clock_wait(clock, NEVER, -1, MINUTE_MS);
        kill_process(child);
        assert_true(clock_now(clock) > before);
        assert_true(clock_now(clock) < first + CLOCK_MINUTE);
        clock_advance(clock, 1);
    }
    clock_free(clock);
}

static void *read_on(void *data)
{
    struct clock *clock = data;
    int64_t last = 0;
    for (int i = 0; i < 20000; i++) {
        int64_t now = clock_now(clock);
        if (now < last || now % 1000 != 0) {
            return data; /* went back, or halves of two times */
        }
        last = now;
    }
    return NULL;
}

static void readers_see_whole_times(void **state)
{
    (void)state;
    struct clock *clock = clock_fixed(0);
    pthread_t readers[2];
    for (size_t i = 0; i < COUNT(readers); i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, clock), 0);
    }
    for (int i = 0; i < 5000; i++) {
        clock_advance(clock, 1000);
    }
    for (size_t i = 0; i < COUNT(readers); i++) {
        void *fault = NULL;
        assert_int_equal(pthread_join(readers[i], &fault), 0);
        assert_null(fault);
    }
    assert_int_equal(clock_now(clock), 5000000);
    clock_free(clock);
}

static void waiting_ends(void **state)
{
    (void)state;
    int wake_fd = eventfd(1, EFD_CLOEXEC);
    struct clock *fixed = clock_fixed(1000);
    struct clock *clocks[] = {fixed, clock_system()};
    int64_t began = real_ms();
    for (size_t i = 0; i < COUNT(clocks); i++) {
        clock_wait(clocks[i], NEVER, wake_fd, MINUTE_MS); /* readable */
        clock_wait(clocks[i], 1000, -1, MINUTE_MS);       /* due */
        clock_wait(clocks[i], INT64_MIN, -1, MINUTE_MS);
        clock_wait(clocks[i], NEVER, -1, 0);
        clock_wait(clocks[i], NEVER, -1, -1);
        clock_wait(clocks[i], INT64_MAX, -1, 1);
    }
    clock_wait(clock_system(), clock_now(clock_system()) + 1000, -1, MINUTE_MS);
    close(wake_fd);
    clock_wait(fixed, NEVER, wake_fd, MINUTE_MS); /* a closed descriptor does not hang */
    assert_true(real_ms() - began < MINUTE_MS);
    clock_free(fixed);
}

static void write_file(const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

/* The file's layout, as two processes of different builds must agree on it. */
struct file {
    uint64_t magic;
    uint32_t version, generation;
    struct {
        int64_t real_us, virtual_us;
        uint32_t speed, spare;
    } anchors[2];
};

static struct file good_file(void)
{
    return (struct file){.magic = UINT64_C(0x6b636f6c436b7364),
        .version = 1,
        .generation = UINT32_MAX,
        .anchors = {
            {.real_us = -1, .virtual_us = -1, .speed = UINT32_MAX}, {.real_us = 0, .virtual_us = 5000}}};
}

static void refuses_a_hostile_file(void **state)
{
    (void)state;
    struct file good = good_file();
    write_file(&good, sizeof good);
    struct clock *clock = shared();
    assert_int_equal(clock_now(clock), 5000);
    clock_advance(clock, 1); /* over the end of the generations */
    assert_int_equal(clock_now(clock), 5001);
    clock_free(clock);

    struct file files[8];
    for (size_t i = 0; i < COUNT(files); i++) {
        files[i] = good;
    }
    files[0].magic++;
    files[1].version++;
    files[2].anchors[1].speed = 1000001;
    files[3].anchors[1].real_us = -1;
    files[4].anchors[1].virtual_us = -1;
    files[5].anchors[1].real_us = INT64_MAX;
    files[6].anchors[1].virtual_us = INT64_MAX;
    files[7].generation = 0;
    for (size_t i = 0; i < COUNT(files); i++) {
        write_file(&files[i], sizeof files[i]);
        struct problem problem = {0};
        clock = NULL;
        assert_false(clock_shared(path, &clock, &problem));
        assert_null(clock);
        assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    }
    char longer[sizeof good + 1] = "";
    memcpy(longer, &good, sizeof good);
    static const size_t sizes[] = {1, 8, sizeof good - 1, sizeof good + 1};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        write_file(longer, sizes[i]);
        assert_false(clock_shared(path, &clock, NULL));
    }
}

/* Somebody who may write the file scribbles in it while it is open: any time may come out, but nothing breaks. */
static void bears_scribbles(void **state)
{
    (void)state;
    struct file file = good_file();
    write_file(&file, sizeof file);
    struct clock *clock = shared();
    static const int64_t numbers[] = {INT64_MIN, -1, 0, 1, NEVER, INT64_MAX};
    for (size_t i = 0; i < COUNT(numbers) * COUNT(numbers); i++) {
        file.anchors[1].real_us = numbers[i / COUNT(numbers)];
        file.anchors[1].virtual_us = numbers[i % COUNT(numbers)];
        file.anchors[1].speed = UINT32_MAX;
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        assert_int_equal(pwrite(fd, &file, sizeof file, 0), sizeof file);
        close(fd);
        int64_t now = clock_now(clock);
        assert_true(now >= 0 && now <= NEVER);
        assert_true(clock_speed(clock) <= 1000000);
        clock_wait(clock, INT64_MAX, -1, 0);
    }
    clock_free(clock);
}

static void refuses_what_is_no_plain_file(void **state)
{
    (void)state;
    struct clock *clock = NULL;
    struct problem problem = {0};
    assert_false(clock_shared(folder, &clock, &problem));
    assert_int_equal(problem.kind, PROBLEM_INTERNAL);
    assert_int_equal(symlink("/dev/zero", path), 0);
    assert_false(clock_shared(path, &clock, NULL));
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(clock_shared(path, &clock, NULL));
    assert_null(clock);
}

static void ids_sort_by_making(void **state)
{
    (void)state;
    struct clock *clock = clock_fixed(INT64_C(1730000000123456));
    struct id last = id_new(clock, "pr");
    assert_memory_equal(last.at, "pr_0192cc09147b774b", 19);
    for (int i = 0; i < 5000; i++) {
        struct id id = id_new(clock, "pr");
        assert_true(text_compare(id_text(&last), id_text(&id)) < 0);
        last = id;
    }
    clock_free(clock);
}

static void ids_are_parsed_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text, *prefix;
        bool good;
    } cases[] = {
        {"pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0f", "pr", true},
        {"user_0192f3c4a1b27c3d9e4f5a6b7c8d9e0f", "user", true},
        {"pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0f", "po", false},
        {"pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0f", "p", false},
        {"pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0F", "pr", false},
        {"pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0g", "pr", false},
        {"pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0", "pr", false},
        {"pr_0192f3c4a1b27c3d9e4f5a6b7c8d9e0f0", "pr", false},
        {"pr-0192f3c4a1b27c3d9e4f5a6b7c8d9e0f", "pr", false},
        {"pr_0192f3c4a1b24c3d9e4f5a6b7c8d9e0f", "pr", false}, /* version 4 */
        {"pr_0192f3c4a1b27c3dce4f5a6b7c8d9e0f", "pr", false}, /* another variant */
        {"pr_", "pr", false},
        {"", "pr", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct id id = {.at = "untouched"};
        assert_int_equal(id_parse(text_from(cases[i].text), cases[i].prefix, &id), cases[i].good);
        assert_text(id_text(&id), cases[i].good ? cases[i].text : "untouched");
    }
    struct id made = id_new(clock_system(), "abcd");
    struct id same;
    assert_true(id_parse(id_text(&made), "abcd", &same));
    assert_text(id_text(&same), made.at);
}

static void tokens_are_random_and_hashed(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(64 * 1024);
    struct text token = token_new(arena, 32);
    assert_int_equal(token.len, 43);
    assert_false(text_equal(token, token_new(arena, 32)));
    unsigned char bytes[32];
    assert_true(text_unbase64url(token, bytes, sizeof bytes));
    /* FIPS 180-2, appendix B.1 */
    assert_text(
        token_hash(arena, TEXT("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_text(
        token_hash(arena, TEXT_EMPTY), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fixed_clock_stands),
        cmocka_unit_test(the_system_clock_tells_the_time),
        cmocka_unit_test_teardown(a_shared_clock_is_one, remove_file),
        cmocka_unit_test_teardown(a_sped_up_clock_runs, remove_file),
        cmocka_unit_test_teardown(an_advance_wakes, remove_file),
        cmocka_unit_test_teardown(another_process_wakes, remove_file),
        cmocka_unit_test_teardown(a_killed_writer_leaves_the_clock_whole, remove_file),
        cmocka_unit_test(readers_see_whole_times),
        cmocka_unit_test(waiting_ends),
        cmocka_unit_test_teardown(refuses_a_hostile_file, remove_file),
        cmocka_unit_test_teardown(bears_scribbles, remove_file),
        cmocka_unit_test_teardown(refuses_what_is_no_plain_file, remove_file),
        cmocka_unit_test(ids_sort_by_making),
        cmocka_unit_test(ids_are_parsed_strictly),
        cmocka_unit_test(tokens_are_random_and_hashed),
    };
    return cmocka_run_group_tests_name("clock", tests, make_folder, remove_folder);
}
