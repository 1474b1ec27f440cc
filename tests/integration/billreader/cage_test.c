/* The cage from inside: a child that was taken over tries what it would try, and each must be stopped. The zygote and
 * the cage are the product's; only what runs inside is another. */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "billreader/zygote.h"

/* The other side of an attempt: tells what it got, which the test compares. */
static int tell(int fd, const char *what)
{
    char line[128];
    int len = snprintf(line, sizeof line, "%s\n", what);
    return write(fd, line, (size_t)len) == len ? 0 : 1;
}

static int tell_open(int answer_fd, const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    return tell(answer_fd, fd >= 0 ? "opened" : strerrorname_np(errno));
}

static int open_passwd(int answer_fd)
{
    return tell_open(answer_fd, "/etc/passwd", O_RDONLY);
}

static int open_self(int answer_fd)
{
    return tell_open(answer_fd, "/proc/self/environ", O_RDONLY);
}

static int open_font_folder(int answer_fd)
{
    return tell_open(answer_fd, "/usr/share/fonts", O_RDONLY | O_DIRECTORY);
}

static int open_to_write(int answer_fd)
{
    return tell_open(answer_fd, "/tmp/escaped", O_WRONLY | O_CREAT);
}

static int make_socket(int answer_fd)
{
    return tell(answer_fd, socket(AF_INET, SOCK_STREAM, 0) >= 0 ? "socket" : "no socket");
}

static int run_program(int answer_fd)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    execve("/bin/true", argv, argv + 1);
    return tell(answer_fd, "not run");
}

static int make_child(int answer_fd)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return tell(answer_fd, pid > 0 ? "forked" : "not forked");
}

static int trace_parent(int answer_fd)
{
    return tell(answer_fd, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? "traced" : "not traced");
}

static int kill_parent(int answer_fd)
{
    return tell(answer_fd, kill(getppid(), SIGKILL) == 0 ? "killed" : "not killed");
}

static int write_document(int answer_fd)
{
    return tell(answer_fd, write(CAGE_DOCUMENT_FD, "x", 1) == 1 ? "written" : "not written");
}

static int run_memory(int answer_fd)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return tell(answer_fd, at != MAP_FAILED ? "mapped" : "not mapped");
}

static int take_memory(int answer_fd)
{
    void *at = mmap(NULL, (size_t)4 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return tell(answer_fd, at != MAP_FAILED ? "mapped" : strerrorname_np(errno));
}

static int count_files(int answer_fd)
{
    struct stat status;
    for (int fd = CAGE_ANSWER_FD + 1; fd < 1024; fd++) {
        if (fstat(fd, &status) == 0)
            return tell(answer_fd, "a file of somebody else");
    }
    return tell(answer_fd, getenv("PATH") == NULL && environ == NULL ? "alone" : "an environment");
}

static int fill_preview(int answer_fd)
{
    static const char block[1 << 16];
    for (int i = 0; i < 1000; i++) {
        if (write(CAGE_PREVIEW_FD, block, sizeof block) != sizeof block)
            break;
    }
    return tell(answer_fd, "filled");
}

static int spin(int answer_fd)
{
    for (volatile uint64_t i = 0; i + 1 != 0; i++) {
    }
    return tell(answer_fd, "span");
}

static int wait_for_nothing(int answer_fd)
{
    uint32_t word = 0;
    syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0);
    return tell(answer_fd, "woken");
}

static int two_lines(int answer_fd)
{
    return tell(answer_fd, "{}\n{\"result\":\"ok\"}");
}

static int no_ascii(int answer_fd)
{
    return tell(answer_fd, "\x1b[2J");
}

static int say_nothing(int answer_fd)
{
    (void)answer_fd;
    return 0;
}

static int crash(int answer_fd)
{
    (void)answer_fd;
    abort();
}

#define REFUSED(reason, by) "{\"result\":\"refused\",\"reason\":\"" reason "\",\"by\":\"" by "\"}"
#define KILLED_BY_FILTER REFUSED("killed", "signal 31")

static const struct attempt {
    const char *name;
    int (*run)(int answer_fd);
    const char *expected;
} attempts[] = {
    {"open /etc/passwd", open_passwd, "EACCES"},
    {"open /proc/self/environ", open_self, "EACCES"},
    {"open the fonts, which it may", open_font_folder, "opened"},
    {"open a file to write", open_to_write, KILLED_BY_FILTER},
    {"make a socket", make_socket, KILLED_BY_FILTER},
    {"run a program", run_program, KILLED_BY_FILTER},
    {"fork", make_child, KILLED_BY_FILTER},
    {"trace the zygote", trace_parent, KILLED_BY_FILTER},
    {"kill the zygote", kill_parent, KILLED_BY_FILTER},
    {"write into the document", write_document, KILLED_BY_FILTER},
    {"map memory that can be run", run_memory, KILLED_BY_FILTER},
    {"take 4 GB", take_memory, "ENOMEM"},
    {"find others' files or an environment", count_files, "alone"},
    {"write a preview without end", fill_preview, REFUSED("killed", "signal 25")},
    {"spin for ever", spin, REFUSED("timeout", "signal 24")},
    {"wait for ever", wait_for_nothing, REFUSED("timeout", "signal 9")},
    {"answer with two lines", two_lines, REFUSED("killed", "exit 0")},
    {"answer with a terminal's escapes", no_ascii, REFUSED("killed", "exit 0")},
    {"answer nothing", say_nothing, REFUSED("killed", "exit 0")},
    {"crash", crash, REFUSED("killed", "signal 6")},
};
enum { ATTEMPTS = sizeof attempts / sizeof attempts[0] };

/* What runs in the cage: the document's one byte says which attempt. */
static int attempt_run(int document_fd, int preview_fd, int answer_fd)
{
    unsigned char which = 0;
    if (preview_fd != CAGE_PREVIEW_FD || pread(document_fd, &which, 1, 0) != 1 || which >= ATTEMPTS)
        return 1;
    return attempts[which].run(answer_fd);
}

static const struct zygote_options options = {
    .limits = {.memory_bytes = (size_t)1 << 30, .cpu_seconds = 1, .file_bytes = 1 << 20},
    .wall_ms = 2500,
    .children = 4,
    .answer = attempt_run,
};

static pid_t zygote_pid;
static int zygote_socket;

static int zygote_begin(void **state)
{
    (void)state;
    int ends[2];
    char ready[256] = "";
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    zygote_pid = fork();
    if (zygote_pid == 0) {
        close(ends[0]);
        _exit(zygote_run(ends[1], &options));
    }
    close(ends[1]);
    zygote_socket = ends[0];
    if (recv(zygote_socket, ready, sizeof ready - 1, 0) <= 0)
        return -1;
    return strcmp(ready, "{\"ready\":true,\"missing\":\"\"}\n") == 0 ? 0 : -1;
}

static int zygote_finish(void **state)
{
    (void)state;
    int status = -1;
    close(zygote_socket);
    waitpid(zygote_pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

/* Sends the request; returns where the answer comes. */
static int ask(unsigned char which)
{
    int answer[2], document = memfd_create("document", MFD_CLOEXEC),
                   preview = memfd_create("preview", MFD_CLOEXEC);
    assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
    assert_int_equal(write(document, &which, 1), 1);
    int files[] = {document, preview, answer[1]};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof files)];
    } control = {.bytes = {0}};
    char word[] = ZYGOTE_REQUEST;
    struct iovec piece = {word, sizeof word - 1};
    struct msghdr message = {.msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof files);
    memcpy(CMSG_DATA(part), files, sizeof files);
    assert_true(sendmsg(zygote_socket, &message, 0) > 0);
    close(document);
    close(preview);
    close(answer[1]);
    return answer[0];
}

static void hear(int fd, char line[ANSWER_MAX + 1])
{
    ssize_t len = read(fd, line, ANSWER_MAX);
    assert_true(len > 0);
    line[len] = '\0';
    if (line[len - 1] == '\n')
        line[len - 1] = '\0';
    close(fd);
}

static void attempt_is_stopped(void **state)
{
    const struct attempt *attempt = *state;
    char line[ANSWER_MAX + 1];
    hear(ask((unsigned char)(attempt - attempts)), line);
    assert_string_equal(line, attempt->expected);
}

/* One child that hangs keeps nobody else waiting, and each answer goes to who asked. */
static void several_run_side_by_side(void **state)
{
    (void)state;
    char line[ANSWER_MAX + 1];
    unsigned char passwd = 0, fonts = 2, hang = 15;
    assert_ptr_equal(attempts[hang].run, wait_for_nothing);
    int slow = ask(hang), first = ask(passwd), second = ask(fonts);
    hear(second, line);
    assert_string_equal(line, attempts[fonts].expected);
    hear(first, line);
    assert_string_equal(line, attempts[passwd].expected);
    hear(slow, line);
    assert_string_equal(line, attempts[hang].expected);
}

/* A kernel without Landlock, as far as this process and its children can tell. */
static int kernel_without_landlock(bool allow_weak, int socket)
{
    struct zygote_options weak = options;
    weak.allow_weak = allow_weak;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0) != 0 ||
        seccomp_load(filter) != 0)
        return 99;
    seccomp_release(filter);
    return zygote_run(socket, &weak);
}

/* Without a part of the cage it does not run, and says which part; with the operator's leave it runs, and says so too. */
static void a_weak_cage_needs_leave(void **state)
{
    (void)state;
    static const char *const words[] = {
        "{\"ready\":false,\"missing\":\"landlock\"}\n", "{\"ready\":true,\"missing\":\"landlock\"}\n"};
    for (int weak = 0; weak < 2; weak++) {
        int ends[2], status = -1;
        char line[256] = "";
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        pid_t pid = fork();
        if (pid == 0) {
            close(ends[0]);
            _exit(kernel_without_landlock(weak == 1, ends[1]));
        }
        close(ends[1]);
        assert_true(recv(ends[0], line, sizeof line - 1, 0) > 0);
        assert_string_equal(line, words[weak]);
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), weak ? 0 : 3);
    }
}

/* The program under the cage must be whole on the machine that runs the tests. */
static void nothing_is_missing_here(void **state)
{
    (void)state;
    assert_null(cage_missing());
}

int main(void)
{
    struct CMUnitTest tests[ATTEMPTS + 3];
    for (size_t i = 0; i < ATTEMPTS; i++)
        tests[i] = (struct CMUnitTest){
            attempts[i].name, attempt_is_stopped, NULL, NULL, (void *)(uintptr_t)(const void *)&attempts[i]};
    tests[ATTEMPTS] = (struct CMUnitTest)cmocka_unit_test(several_run_side_by_side);
    tests[ATTEMPTS + 1] = (struct CMUnitTest)cmocka_unit_test(nothing_is_missing_here);
    tests[ATTEMPTS + 2] = (struct CMUnitTest)cmocka_unit_test(a_weak_cage_needs_leave);
    return cmocka_run_group_tests_name("cage", tests, zygote_begin, zygote_finish);
}
