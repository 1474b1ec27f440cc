#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

struct program {
    struct text listen, url, secret, folder;
    int64_t threads;
    bool quick;
};

static const struct setting table[] = {
    {"web.listen", SETTING_TEXT, "127.0.0.1:8080", 0, 0, offsetof(struct program, listen),
        "Where it listens."},
    {"web.threads", SETTING_NUMBER, "4", 1, 64, offsetof(struct program, threads), "How many at once."},
    {"web.quick", SETTING_BOOL, "false", 0, 0, offsetof(struct program, quick), "Whether a|b."},
    {"web.url", SETTING_URL, NULL, 0, 0, offsetof(struct program, url), "The address of the pages."},
    {"mail.password", SETTING_SECRET, "", 0, 0, offsetof(struct program, secret),
        "The mail server's password."},
    {"data.folder", SETTING_PATH, "/var/lib/portdesk", 0, 0, offsetof(struct program, folder),
        "Where all is kept."},
};

static char folder[64];
static char config_path[96];
static char secret_path[96];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/config_test.XXXXXX");
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(config_path, sizeof config_path, "%s/portdesk.conf", folder);
    snprintf(secret_path, sizeof secret_path, "%s/secret", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(config_path);
    unlink(secret_path);
    return rmdir(folder);
}

static void write_file(const char *path, struct text content)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(content.at, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

#define FLAGS_MAX 8

/* One reading: what stands in the file (NULL: no --config), in the environment as "NAME=value", and in the flags. */
struct reading {
    const char *file;
    const char *environment[3];
    const char *flags[FLAGS_MAX];
};

static bool read_config(
    const struct reading *reading, struct arena *arena, struct program *ret, struct problem *problem)
{
    char *argv[FLAGS_MAX + 2];
    int argc = 0;
    for (; reading->flags[argc]; argc++) {
        argv[argc] = (char *)(uintptr_t)reading->flags[argc];
    }
    if (reading->file) {
        write_file(config_path, text_from(reading->file));
        argv[argc++] = (char *)(uintptr_t) "--config";
        argv[argc++] = config_path;
    }
    for (size_t i = 0; i < COUNT(reading->environment) && reading->environment[i]; i++) {
        struct text rest = text_from(reading->environment[i]);
        struct text name;
        assert_true(text_next(&rest, '=', &name));
        setenv(text_cstr(arena, name), text_cstr(arena, rest), 1);
    }
    bool good = config_read(table, COUNT(table), "TESTDESK_", argc, argv, arena, ret, problem);
    for (size_t i = 0; i < COUNT(reading->environment) && reading->environment[i]; i++) {
        struct text rest = text_from(reading->environment[i]);
        struct text name;
        text_next(&rest, '=', &name);
        unsetenv(text_cstr(arena, name));
    }
    return good;
}

#define URL_FLAG "--web.url=http://localhost:1"

static void later_layers_win(void **state)
{
    (void)state;
    static const struct {
        struct reading reading;
        const char *listen;
    } cases[] = {
        {{.flags = {URL_FLAG}}, "127.0.0.1:8080"},
        {{.flags = {URL_FLAG}, .file = "[web]\nlisten = file\n"}, "file"},
        {{.flags = {URL_FLAG}, .environment = {"TESTDESK_WEB_LISTEN=environment"}}, "environment"},
        {{.flags = {URL_FLAG, "--web.listen", "flag"}}, "flag"},
        {{.flags = {URL_FLAG},
             .file = "[web]\nlisten = file\n",
             .environment = {"TESTDESK_WEB_LISTEN=environment"}},
            "environment"},
        {{.flags = {URL_FLAG, "--web.listen=flag"},
             .file = "[web]\nlisten = file\n",
             .environment = {"TESTDESK_WEB_LISTEN=environment"}},
            "flag"},
        {{.flags = {URL_FLAG, "--web.listen="}, .file = "[web]\nlisten = file\n"}, ""},
        {{.flags = {URL_FLAG, "--web.listen=a=b"}}, "a=b"},
        {{.flags = {URL_FLAG}, .file = "; a remark\n# another\n\n[web]\r\nlisten: file ; rest\r\n"}, "file"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct program program = {0};
        struct problem problem = {0};
        assert_true(read_config(&cases[i].reading, arena, &program, &problem));
        assert_text(program.listen, cases[i].listen);
        assert_text(program.url, "http://localhost:1");
        assert_text(program.folder, "/var/lib/portdesk");
        assert_int_equal(program.threads, 4);
        assert_false(program.quick);
    }
}

static void names_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        struct reading reading;
        enum word word;
        const char *about;
    } cases[] = {
        {{.flags = {NULL}}, WORD_problem_setting_missing, "web.url"},
        {{.flags = {"--web.url", ""}}, WORD_problem_setting_missing, "web.url"},
        {{.flags = {URL_FLAG, "--web.lisen", "x"}}, WORD_problem_setting_unknown, "web.lisen"},
        {{.flags = {URL_FLAG, "--web.listen_file", "x"}}, WORD_problem_setting_unknown, "web.listen_file"},
        {{.flags = {URL_FLAG, "listen"}}, WORD_problem_setting_unknown, "listen"},
        {{.flags = {URL_FLAG, "--"}}, WORD_problem_setting_unknown, "--"},
        {{.flags = {URL_FLAG, "-web.quick", "true"}}, WORD_problem_setting_unknown, "-web.quick"},
        {{.flags = {URL_FLAG, "--web.listen"}}, WORD_problem_setting_wrong, "web.listen"},
        {{.flags = {URL_FLAG, URL_FLAG}}, WORD_problem_setting_twice, "web.url"},
        {{.flags = {URL_FLAG}, .file = "[web]\nlisten=a\nlisten=b\n"}, WORD_problem_setting_twice,
            "web.listen"},
        {{.flags = {URL_FLAG}, .file = "[web]\nnothing=a\n"}, WORD_problem_setting_unknown, "web.nothing"},
        {{.flags = {URL_FLAG}, .file = "[mail]\nlisten=a\n"}, WORD_problem_setting_unknown, "mail.listen"},
        {{.flags = {URL_FLAG}, .file = "listen=a\n"}, WORD_problem_setting_unknown, "listen"},
        {{.flags = {URL_FLAG}, .file = "[web]\n\nlisten\n"}, WORD_problem_config_line, "3"},
        {{.flags = {URL_FLAG}, .file = "[web\nlisten=a\n"}, WORD_problem_config_line, "1"},
        {{.flags = {URL_FLAG}, .file = "[web]\nlisten=\x1b[2J\n"}, WORD_problem_config_file, config_path},
        {{.flags = {URL_FLAG, "--config", "/nowhere/portdesk.conf"}}, WORD_problem_config_file,
            "/nowhere/portdesk.conf"},
        {{.flags = {URL_FLAG, "--config", "/"}}, WORD_problem_config_file, "/"},
        {{.flags = {URL_FLAG, "--config", "/dev/zero"}}, WORD_problem_config_file, "/dev/zero"},
        {{.flags = {URL_FLAG}, .environment = {"TESTDESK_WEB_THREADS=65"}}, WORD_problem_setting_wrong,
            "web.threads"},
        {{.flags = {URL_FLAG, "--web.threads=0"}}, WORD_problem_setting_wrong, "web.threads"},
        {{.flags = {URL_FLAG, "--web.threads=4x"}}, WORD_problem_setting_wrong, "web.threads"},
        {{.flags = {URL_FLAG, "--web.threads="}}, WORD_problem_setting_wrong, "web.threads"},
        {{.flags = {URL_FLAG, "--web.quick=yes"}}, WORD_problem_setting_wrong, "web.quick"},
        {{.flags = {URL_FLAG, "--web.listen=a\nb"}}, WORD_problem_setting_wrong, "web.listen"},
        {{.flags = {URL_FLAG, "--web.listen=\xff"}}, WORD_problem_setting_wrong, "web.listen"},
        {{.flags = {URL_FLAG}, .environment = {"TESTDESK_MAIL_PASSWORD=a", "TESTDESK_MAIL_PASSWORD_FILE=/x"}},
            WORD_problem_setting_twice, "mail.password"},
        {{.flags = {URL_FLAG, "--mail.password_file=/nowhere/x"}}, WORD_problem_setting_wrong,
            "mail.password"},
        {{.flags = {URL_FLAG, "--mail.password_file=/dev/null"}}, WORD_problem_setting_wrong,
            "mail.password"},
        {{.flags = {URL_FLAG, "--mail.password_file="}}, WORD_problem_setting_wrong, "mail.password"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct program program = {.threads = 4711};
        struct problem problem = {0};
        assert_false(read_config(&cases[i].reading, arena, &program, &problem));
        assert_int_equal(problem.kind, PROBLEM_INPUT);
        assert_string_equal(words_key(problem.word), words_key(cases[i].word));
        assert_string_equal(problem.about, cases[i].about);
        assert_int_equal(program.threads, 4711); /* nothing is stored when anything is wrong */
        assert_false(config_read(
            table, 1, "TESTDESK_", 1, (char *[]){(char *)(uintptr_t) "x"}, arena, &program, NULL));
    }
}

static void refuses_lines_that_would_be_cut(void **state)
{
    (void)state;
    for (size_t len = 190; len <= 210; len++) {
        char file[300] = "[web]\nlisten=";
        size_t head = strlen(file);
        memset(file + head, 'x', len - strlen("listen="));
        memcpy(file + 6 + len, "\n", 2);
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct program program = {0};
        struct problem problem = {0};
        struct reading reading = {.file = file, .flags = {URL_FLAG}};
        bool good = read_config(&reading, arena, &program, &problem);
        assert_int_equal(good, len <= 198);
        if (good) {
            assert_int_equal(program.listen.len, len - strlen("listen="));
        } else {
            assert_string_equal(problem.about, "2");
        }
    }
}

static void reads_secrets_from_files(void **state)
{
    (void)state;
    static const struct {
        struct text content;
        const char *secret; /* NULL: refused */
    } cases[] = {
        {{"s3cret", 6}, "s3cret"},
        {{"s3cret\n", 7}, "s3cret"},
        {{"s3cret\r\n", 8}, "s3cret"},
        {{" s3 cret ", 9}, " s3 cret "},
        {{"s3cret\n\n", 8}, NULL},
        {{"two\nlines\n", 10}, NULL},
        {{"\n", 1}, NULL},
        {{"a\0b", 3}, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_file(secret_path, cases[i].content);
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        char flag[160];
        char variable[160];
        char file[160];
        snprintf(flag, sizeof flag, "--mail.password_file=%s", secret_path);
        snprintf(variable, sizeof variable, "TESTDESK_MAIL_PASSWORD_FILE=%s", secret_path);
        snprintf(file, sizeof file, "[mail]\npassword_file = %s\n", secret_path);
        struct reading readings[] = {
            {.flags = {URL_FLAG, flag}, .environment = {"TESTDESK_MAIL_PASSWORD=overridden"}},
            {.flags = {URL_FLAG}, .environment = {variable}, .file = "[mail]\npassword = overridden\n"},
            {.flags = {URL_FLAG}, .file = file},
        };
        for (size_t j = 0; j < COUNT(readings); j++) {
            struct program program = {0};
            struct problem problem = {0};
            assert_int_equal(read_config(&readings[j], arena, &program, &problem), cases[i].secret != NULL);
            assert_text(program.secret, cases[i].secret ? cases[i].secret : "");
            assert_int_equal(text_find(text_from(problem.detail), TEXT("two"), 0), SIZE_MAX);
        }
    }
}

static void checks_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool good;
    } cases[] = {
        {"http://localhost", true},
        {"HTTPS://desk.example.com:8443/base?x=1", true},
        {"smtp://mail.example.com:25", true},
        {"smtps://mail.example.com", true},
        {"http://[::1]:8080/", true},
        {"ftp://example.com", false},
        {"example.com", false},
        {"http://", false},
        {"http:///path", false},
        {"http://user@example.com", false},
        {"http://user:secret@example.com/", false},
        {"http://example.com/#part", false},
        {"http://example.com:0", false},
        {"http://example.com:65536", false},
        {"http://example.com:", false},
        {"http://example.com:8a", false},
        {"http://exa mple.com", false},
        {"http://example.com\\@evil.example", false},
        {"http://[::1", false},
        {"http://[]", false},
        {"http://[::1]x", false},
        {"http://ex\xc3\xa4mple.com", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ARENA_CLEANUP arena = arena_new(4 * 1024 * 1024);
        struct program program = {0};
        struct reading reading = {.flags = {"--web.url", cases[i].url}};
        assert_int_equal(read_config(&reading, arena, &program, NULL), cases[i].good);
    }
}

static void tells_its_table(void **state)
{
    (void)state;
    BUFFER_CLEANUP plain = BUFFER(64 * 1024);
    config_help(table, COUNT(table), "TESTDESK_", false, &plain);
    BUFFER_CLEANUP markdown = BUFFER(64 * 1024);
    config_help(table, COUNT(table), "TESTDESK_", true, &markdown);
    static const char *const in_plain[] = {
        "  --web.listen TEXT\n      Where it listens.\n      Default: 127.0.0.1:8080. In the environment: "
        "TESTDESK_WEB_LISTEN.\n",
        "From 1 to 64.",
        "Must be given.",
        "mail.password_file names a file that holds it.",
    };
    static const char *const in_markdown[] = {
        "| Setting | Environment | Default | What it does |\n|---|---|---|---|\n",
        "| `web.listen` | `TESTDESK_WEB_LISTEN` | `127.0.0.1:8080` | Where it listens. |\n",
        "| `web.quick` | `TESTDESK_WEB_QUICK` | `false` | Whether a/b. |\n",
        "| `web.url` | `TESTDESK_WEB_URL` | Must be given. | The address of the pages. |\n",
    };
    for (size_t i = 0; i < COUNT(in_plain); i++) {
        assert_int_not_equal(text_find(buffer_view(&plain), text_from(in_plain[i]), 0), SIZE_MAX);
        assert_int_not_equal(text_find(buffer_view(&markdown), text_from(in_markdown[i]), 0), SIZE_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_layers_win),
        cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(refuses_lines_that_would_be_cut),
        cmocka_unit_test(reads_secrets_from_files),
        cmocka_unit_test(checks_addresses),
        cmocka_unit_test(tells_its_table),
    };
    return cmocka_run_group_tests_name("config", tests, make_folder, remove_folder);
}
