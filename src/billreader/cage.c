/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "billreader/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Landlock's interface, in our own words: Debian's kernel headers are older than the kernels we run on. */
struct landlock_ruleset {
    uint64_t handled_fs;
    uint64_t handled_net; /* from ABI 4 */
    uint64_t scoped;      /* from ABI 6 */
};
struct landlock_beneath {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));
enum {
    LANDLOCK_VERSION = 1,
    LANDLOCK_BENEATH = 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    NET_ALL = 3,
    SCOPED_ALL = 3
};

/* What the libraries read after a document asks for a font that is not loaded yet. */
static const char *const readable[] = {"/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/poppler",
    "/etc/fonts", "/usr/share/fontconfig", "/var/cache/fontconfig", "/usr/share/color"};

static int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
    return abi < 0 ? 0 : (int)abi;
}

/* Every right that the kernel knows is handled, and so refused unless a rule gives it back. */
static struct landlock_ruleset landlock_handled(int abi, size_t *ret_size)
{
    int rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
    *ret_size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    return (struct landlock_ruleset){.handled_fs = (UINT64_C(1) << rights) - 1,
        .handled_net = abi >= 4 ? NET_ALL : 0,
        .scoped = abi >= 6 ? SCOPED_ALL : 0};
}

static bool landlock_allow(int ruleset, const char *path)
{
    int fd = open(path, O_PATH | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR; /* a machine without it */
    struct landlock_beneath beneath = {.allowed = FS_READ_FILE | FS_READ_DIR, .parent_fd = fd};
    bool added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_BENEATH, &beneath, 0) == 0;
    close(fd);
    return added;
}

static bool landlock_enter(void)
{
    size_t size;
    struct landlock_ruleset handled = landlock_handled(landlock_abi(), &size);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, size, 0);
    if (ruleset < 0)
        return false;
    bool good = true;
    for (size_t i = 0; good && i < sizeof readable / sizeof readable[0]; i++)
        good = landlock_allow(ruleset, readable[i]);
    good = good && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return good;
}

static bool limit(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit both = {value, value};
    return setrlimit(resource, &both) == 0;
}

/* At the soft limit comes SIGXCPU, by which the zygote knows that it was the time. */
static bool limit_cpu(rlim_t seconds)
{
    struct rlimit limits = {seconds, seconds + 1};
    return setrlimit(RLIMIT_CPU, &limits) == 0;
}

static bool limits_enter(const struct cage_limits *limits)
{
    return limit(RLIMIT_AS, limits->memory_bytes) && limit_cpu(limits->cpu_seconds) &&
           limit(RLIMIT_NOFILE, 32) && limit(RLIMIT_FSIZE, limits->file_bytes) && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_NPROC, 0) && limit(RLIMIT_MEMLOCK, 0);
}

static bool capabilities_drop(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &header, none) == 0;
}

/* Calls that take nothing which could reach out of the process. */
static const int harmless[] = {SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close),
    SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
    SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk),
    SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group)};

/* A call that is allowed, or fails softly, when its arguments are so. */
struct conditional {
    uint32_t action;
    int call;
    unsigned count;
    struct scmp_arg_cmp when[2];
};
#define ARGUMENT(number, how, a, b)                                                                          \
    {                                                                                                        \
        .arg = (number), .op = (how), .datum_a = (a), .datum_b = (b)                                         \
    }
#define EQUAL(number, value) ARGUMENT(number, SCMP_CMP_EQ, value, 0)
#define WITHOUT(number, bits) ARGUMENT(number, SCMP_CMP_MASKED_EQ, bits, 0)
#define AT_MOST(number, value) ARGUMENT(number, SCMP_CMP_LE, value, 0)
#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))

static const struct conditional conditionals[] = {
    {SCMP_ACT_ALLOW, SCMP_SYS(write), 1, {EQUAL(0, CAGE_PREVIEW_FD)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(write), 1, {EQUAL(0, CAGE_ANSWER_FD)}},
    /* What the libraries print goes nowhere, and they need not know. */
    {SCMP_ACT_ERRNO(EBADF), SCMP_SYS(write), 1, {AT_MOST(0, STDERR_FILENO)}},
    {SCMP_ACT_ERRNO(EBADF), SCMP_SYS(writev), 1, {AT_MOST(0, STDERR_FILENO)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, {WITHOUT(2, WRITING)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(open), 1, {WITHOUT(1, WRITING)}},
    /* No memory that can be run, and none that is shared but to be read. */
    {SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, {WITHOUT(2, PROT_EXEC), WITHOUT(3, MAP_SHARED)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, {EQUAL(2, PROT_READ), EQUAL(3, MAP_SHARED)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, {WITHOUT(2, PROT_EXEC)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, {EQUAL(1, F_GETFD)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, {EQUAL(1, F_SETFD)}},
    {SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, {EQUAL(1, F_GETFL)}},
};

static bool rules_add(scmp_filter_ctx filter)
{
    bool good = true;
    for (size_t i = 0; good && i < sizeof harmless / sizeof harmless[0]; i++)
        good = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, harmless[i], 0, NULL) == 0;
    for (size_t i = 0; good && i < sizeof conditionals / sizeof conditionals[0]; i++) {
        const struct conditional *rule = &conditionals[i];
        good = seccomp_rule_add_array(filter, rule->action, rule->call, rule->count, rule->when) == 0;
    }
    /* abort() signals itself and nobody else. */
    const struct scmp_arg_cmp itself[] = {EQUAL(0, (scmp_datum_t)getpid())};
    return good && seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, itself) == 0;
}

static bool seccomp_enter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return false;
    bool good = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1) == 0 &&
                seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
    good = good && rules_add(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

static bool seccomp_there(void)
{
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static bool no_new_privs_there(void)
{
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0;
}

const char *cage_missing(void)
{
    if (!no_new_privs_there())
        return "no_new_privs";
    if (!seccomp_there())
        return "seccomp";
    return landlock_abi() == 0 ? "landlock" : NULL;
}

const char *cage_enter(const struct cage_limits *limits, bool allow_weak)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || !limits_enter(limits))
        return "limits";
    if (!(allow_weak && !no_new_privs_there()) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "no_new_privs";
    if (!capabilities_drop())
        return "capabilities";
    if (!(allow_weak && landlock_abi() == 0) && !landlock_enter())
        return "landlock";
    if (!(allow_weak && !seccomp_there()) && !seccomp_enter())
        return "seccomp";
    return NULL;
}
