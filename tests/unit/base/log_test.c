/* The log's lines, and failpoints. */
#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/json.h"
#include "base/trace.h"
#include "unit.h"

/* What `write_lines` puts on standard error. */
static struct text logged(struct arena *arena, void (*write_lines)(const void *), const void *data)
{
    int keep = dup(STDERR_FILENO);
    int file = memfd_create("log", MFD_CLOEXEC);
    assert_true(keep >= 0 && file >= 0);
    dup2(file, STDERR_FILENO);
    write_lines(data);
    dup2(keep, STDERR_FILENO);
    close(keep);
    char *at = ARENA_ARRAY(arena, char, 65536);
    ssize_t len = pread(file, at, 65536, 0);
    close(file);
    assert_true(len >= 0);
    return (struct text){at, (size_t)len};
}

static void log_one_text(const void *data)
{
    log_event(
        LOG_LEVEL_INFO, "test.text", LOG_TEXT("value", *(const struct text *)data), LOG_NUMBER("n", -5));
}

static void escapes_values(void **state)
{
    (void)state;
    static const struct {
        struct text value;
        const char *line;
    } cases[] = {
        {{"pr_1", 4}, "value=pr_1 n=-5\n"},
        {{"", 0}, "value=\"\" n=-5\n"},
        {{"two words", 9}, "value=\"two words\" n=-5\n"},
        {{"a=b", 3}, "value=\"a=b\" n=-5\n"},
        {{"a\"b\\c", 5}, "value=\"a\\\"b\\\\c\" n=-5\n"},
        {{"a\nlevel=error event=forged", 26}, "value=\"a\\nlevel=error event=forged\" n=-5\n"},
        {{"\r\x1b[2J\0\x7f", 7}, "value=\"\\x0d\\x1b[2J\\x00\\x7f\" n=-5\n"},
        {{"\xc2\x9b\xff", 3}, "value=\"\\xc2\\x9b\\xff\" n=-5\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(256 * 1024);
        struct text line = logged(arena, log_one_text, &cases[i].value);
        assert_text(line, text_format(arena, "level=info event=test.text %s", cases[i].line).at);
    }
}

/* What a line is as JSON, and that it is one line of printable ASCII. */
static json_t *logged_json(struct arena *arena, void (*write_lines)(const void *), const void *data)
{
    log_set_format(LOG_FORMAT_JSON);
    struct text line = logged(arena, write_lines, data);
    log_set_format(LOG_FORMAT_LOGFMT);
    assert_true(line.len > 0 && line.len <= 8 * 1024 + 1);
    for (size_t i = 0; i + 1 < line.len; i++) {
        assert_true(line.at[i] >= ' ' && line.at[i] <= '~');
    }
    assert_int_equal(line.at[line.len - 1], '\n');
    json_t *value = json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    return value;
}

static void json_is_json(void **state)
{
    (void)state;
    static const struct {
        struct text value;
        const char *read;
    } cases[] = {
        {{"pr_1", 4}, "pr_1"}, {{"", 0}, ""}, {{"a\"b\\c", 5}, "a\"b\\c"},
        {{"x\"}\n{\"level\":\"error\"", 20}, "x\"}\n{\"level\":\"error\""},
        {{"\r\x1b[2J\x7f", 6}, "\r\x1b[2J\x7f"},
        {{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", 14}, "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {{"\xc2\x9b\xff\xe2\x82", 5}, "\xc2\x9b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {{"\xed\xa0\x80", 3}, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* a lone surrogate */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(256 * 1024);
        JSON_CLEANUP line = logged_json(arena, log_one_text, &cases[i].value);
        assert_int_equal(json_object_size(line), 5);
        assert_string_equal(json_string_value(json_object_get(line, "event")), "test.text");
        assert_string_equal(json_string_value(json_object_get(line, "level")), "info");
        assert_string_equal(json_string_value(json_object_get(line, "value")), cases[i].read);
        assert_int_equal(json_integer_value(json_object_get(line, "n")), -5);
        int64_t at = 0;
        assert_true(instant_parse(text_from(json_string_value(json_object_get(line, "time"))), &at));
    }
}

static void lines_carry_the_request(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    struct text value = TEXT("v");
    trace_set(TEXT("7k3m9x2p4q8z"));
    assert_text(logged(arena, log_one_text, &value),
        "level=info event=test.text request=7k3m9x2p4q8z value=v n=-5\n");
    JSON_CLEANUP line = logged_json(arena, log_one_text, &value);
    assert_string_equal(json_string_value(json_object_get(line, "request")), "7k3m9x2p4q8z");
    trace_set(TEXT_EMPTY);
    assert_text(logged(arena, log_one_text, &value), "level=info event=test.text value=v n=-5\n");
}

static void log_a_problem(const void *data)
{
    log_problem(LOG_LEVEL_ERROR, "test.problem", data);
}

static void log_each_level(const void *data)
{
    (void)data;
    for (int level = LOG_LEVEL_DEBUG; level <= LOG_LEVEL_ERROR; level++) {
        log_event((enum log_level)level, "test.level");
    }
}

static void log_much(const void *data)
{
    struct text much = *(const struct text *)data;
    log_event(LOG_LEVEL_ERROR, "test.much", LOG_TEXT("a", much), LOG_TEXT("b", much), LOG_TEXT("c", much),
        LOG_TEXT("d", much), LOG_TEXT("e", much), LOG_TEXT("f", much), LOG_TEXT("g", much),
        LOG_TEXT("h", much));
}

static void logs_levels_and_problems(void **state)
{
    (void)state;
    ARENA_CLEANUP arena = arena_new(1024 * 1024);
    assert_text(logged(arena, log_each_level, NULL),
        "level=info event=test.level\nlevel=warn event=test.level\nlevel=error event=test.level\n");
    log_set_level(LOG_LEVEL_ERROR);
    assert_text(logged(arena, log_each_level, NULL), "level=error event=test.level\n");
    log_set_level(LOG_LEVEL_INFO);
    struct problem problem = {0};
    problem_set(&problem, PROBLEM_INPUT, WORD_problem_field_long, "name", "it", "70 bytes");
    assert_text(logged(arena, log_a_problem, &problem),
        "level=error event=test.problem word=problem.field_long "
        "status=422 field=name about=it detail=\"70 bytes\"\n");
    char bytes[2000];
    memset(bytes, '\n', sizeof bytes);
    struct text line = logged(arena, log_much, &(struct text){bytes, sizeof bytes});
    assert_true(line.len <= 8 * 1024 + 1);
    assert_int_equal(text_find_char(line, '\n', 0), line.len - 1); /* one line, however much */
    memset(bytes, '\x01', sizeof bytes);
    JSON_CLEANUP cut = logged_json(arena, log_much, &(struct text){bytes, sizeof bytes});
    assert_true(json_is_true(json_object_get(cut, "cut")));
}

/* How a child ends that passes `passes` times through each of two points: a signal, or 0. */
static int ends_with(const char *armed, int passes)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("PORTDESK_FAILPOINT", armed, 1);
        if (!failpoint_init(NULL)) {
            _exit(1);
        }
        for (int i = 0; i < passes; i++) {
            failpoint("job-before-commit");
            failpoint("job-after-commit");
        }
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void failpoints_kill(void **state)
{
    (void)state;
    static const struct {
        const char *armed;
        int passes, signal;
    } cases[] = {
        {"", 9, 0},
        {"job-before-commit", 1, SIGKILL},
        {"job-after-commit", 1, SIGKILL},
        {"sync-before-commit", 9, 0},
        {"job-after-commit:3", 2, 0},
        {"job-after-commit:3", 3, SIGKILL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(ends_with(cases[i].armed, cases[i].passes), cases[i].signal);
    }
}

static void failpoints_must_be_known(void **state)
{
    (void)state;
    static const char *const wrong[] = {"nowhere", "job-before-commit:", "job-before-commit:0",
        "job-before-commit:-1", "job-before-commit:x", "job-before-commit:4294967296", ":1",
        "job-before-commi", "job-before-commit ", ":"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        setenv("PORTDESK_FAILPOINT", wrong[i], 1);
        struct problem problem = {0};
        assert_false(failpoint_init(&problem));
        assert_string_equal(problem.about, "PORTDESK_FAILPOINT");
    }
    for (size_t i = 0; failpoint_names[i]; i++) {
        setenv("PORTDESK_FAILPOINT", failpoint_names[i], 1);
        assert_true(failpoint_init(NULL));
    }
    unsetenv("PORTDESK_FAILPOINT");
    assert_true(failpoint_init(NULL));
    failpoint(failpoint_names[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_values),
        cmocka_unit_test(json_is_json),
        cmocka_unit_test(lines_carry_the_request),
        cmocka_unit_test(logs_levels_and_problems),
        cmocka_unit_test(failpoints_kill),
        cmocka_unit_test(failpoints_must_be_known),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
