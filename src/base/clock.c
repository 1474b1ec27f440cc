#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_MAGIC UINT64_C(0x6b636f6c436b7364) /* "dskClock" */
#define CLOCK_VERSION UINT32_C(1)
#define SPEED_MAX UINT32_C(1000000)
#define INSTANT_MAX INT64_C(253402300799999999) /* the end of the year 9999 */
#define SLICE_US INT64_C(100000)

/* Virtual time runs from the anchor at a speed. */
struct anchor {
    _Atomic int64_t real_us;
    _Atomic int64_t virtual_us;
    _Atomic uint32_t speed;
    uint32_t spare;
};

/* The content of the shared file; a fixed clock keeps one in its own memory. A writer fills the anchor that is not in
 * use and then raises the generation, whose lowest bit says which one is. So a reader needs no lock, and a writer that
 * is killed half-way leaves the clock as it was. */
struct face {
    uint64_t magic;
    uint32_t version;
    _Atomic uint32_t generation; /* also the futex word */
    struct anchor anchors[2];
};

struct clock {
    struct face *face; /* NULL: the system's clock */
    int fd;            /* of the shared file, or -1 */
    struct face own;
    pthread_mutex_t writer; /* within this process; flock is between processes */
    _Atomic int64_t last;   /* told by clock_now */
    _Atomic int64_t ticked; /* told by clock_tick */
};

static struct clock the_system = {.fd = -1, .writer = PTHREAD_MUTEX_INITIALIZER};

static int64_t system_us(clockid_t which)
{
    struct timespec at;
    if (clock_gettime(which, &at) != 0) {
        abort();
    }
    return (int64_t)at.tv_sec * CLOCK_SECOND + at.tv_nsec / 1000;
}

static int64_t clamp(int64_t value, int64_t min, int64_t max)
{
    return value < min ? min : value > max ? max : value;
}

/* Fills `anchor`; the numbers are kept within bounds here, so that every reader may rely on nothing and still add up. */
static void anchor_set(struct anchor *anchor, int64_t real_us, int64_t virtual_us, uint32_t speed)
{
    anchor->real_us = clamp(real_us, 0, INSTANT_MAX);
    anchor->virtual_us = clamp(virtual_us, 0, INSTANT_MAX);
    anchor->speed = speed;
}

/* Virtual time and speed now. The file may be written by anybody who may open it: all is clamped. */
static int64_t face_read(struct face *face, uint32_t *ret_speed)
{
    uint32_t generation = 0;
    int64_t real = 0;
    int64_t virtual = 0;
    uint32_t speed = 0;
    do {
        generation = face->generation;
        const struct anchor *anchor = &face->anchors[generation & 1];
        real = anchor->real_us;
        virtual = anchor->virtual_us;
        speed = anchor->speed;
    } while (face->generation != generation);
    *ret_speed = speed > SPEED_MAX ? SPEED_MAX : speed;
    virtual = clamp(virtual, 0, INSTANT_MAX);
    int64_t gone = 0;
    if (speed == 0 || __builtin_sub_overflow(system_us(CLOCK_REALTIME), clamp(real, 0, INSTANT_MAX), &gone) ||
        gone < 0) {
        return virtual;
    }
    if (__builtin_mul_overflow(gone, (int64_t)*ret_speed, &gone) || gone > INSTANT_MAX - virtual) {
        return INSTANT_MAX;
    }
    return virtual + gone;
}

struct clock *clock_system(void)
{
    return &the_system;
}

static struct clock *clock_new(void)
{
    struct clock *clock = calloc(1, sizeof *clock);
    if (!clock || pthread_mutex_init(&clock->writer, NULL) != 0) {
        abort();
    }
    clock->fd = -1;
    return clock;
}

struct clock *clock_fixed(int64_t now_us)
{
    assert(now_us >= 0 && now_us <= INSTANT_MAX);
    struct clock *clock = clock_new();
    anchor_set(&clock->own.anchors[0], 0, now_us, 0);
    clock->face = &clock->own;
    return clock;
}

/* Fills a file that was just made. One write of the whole: a process killed here leaves it empty or complete. */
static bool face_make(int fd, const char *path, struct problem *problem)
{
    struct face face = {.magic = CLOCK_MAGIC, .version = CLOCK_VERSION};
    int64_t now = system_us(CLOCK_REALTIME);
    anchor_set(&face.anchors[0], now, now, 1);
    if (pwrite(fd, &face, sizeof face, 0) != (ssize_t)sizeof face) {
        return problem_internal(problem, "cannot write the clock file %s: %s", path, strerrordesc_np(errno));
    }
    return true;
}

/* With the file locked, so that of two processes that start together one makes it and the other finds it made. */
static bool face_check(int fd, const char *path, struct problem *problem)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        return problem_internal(problem, "the clock file %s is not a plain file", path);
    }
    if (stat.st_size == 0 && !face_make(fd, path, problem)) {
        return false;
    }
    struct face face;
    if ((stat.st_size != 0 && stat.st_size != (off_t)sizeof face) ||
        pread(fd, &face, sizeof face, 0) != (ssize_t)sizeof face) {
        return problem_internal(problem, "the clock file %s has a wrong size", path);
    }
    if (face.magic != CLOCK_MAGIC || face.version != CLOCK_VERSION) {
        return problem_internal(problem, "%s is not a clock file of this version", path);
    }
    const struct anchor *anchor = &face.anchors[face.generation & 1];
    bool real = anchor->real_us >= 0 && anchor->real_us <= INSTANT_MAX;
    bool virtual = anchor->virtual_us >= 0 && anchor->virtual_us <= INSTANT_MAX;
    if (!real || !virtual || anchor->speed > SPEED_MAX) {
        return problem_internal(problem, "the clock file %s holds impossible times", path);
    }
    return true;
}

bool clock_shared(const char *path, struct clock **ret, struct problem *problem)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0) {
        return problem_internal(problem, "cannot open the clock file %s: %s", path, strerrordesc_np(errno));
    }
    bool locked = flock(fd, LOCK_EX) == 0;
    if (!locked) {
        problem_internal(problem, "cannot lock the clock file %s: %s", path, strerrordesc_np(errno));
    }
    void *map = MAP_FAILED;
    if (locked && face_check(fd, path, problem)) {
        map = mmap(NULL, sizeof(struct face), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED) {
            problem_internal(problem, "cannot map the clock file %s: %s", path, strerrordesc_np(errno));
        }
    }
    if (map == MAP_FAILED) {
        close(fd);
        return false;
    }
    flock(fd, LOCK_UN);
    struct clock *clock = clock_new();
    clock->face = map;
    clock->fd = fd;
    *ret = clock;
    return true;
}

void clock_free(struct clock *clock)
{
    if (!clock || clock == &the_system) {
        return;
    }
    if (clock->face != &clock->own) {
        munmap(clock->face, sizeof *clock->face);
        close(clock->fd);
    }
    pthread_mutex_destroy(&clock->writer);
    free(clock);
}

/* The later of `now` and what was last told plus `step`, which becomes what was last told. */
static int64_t tell(_Atomic int64_t *told, int64_t now, int64_t step)
{
    int64_t last = *told;
    int64_t next = 0;
    do {
        next = now < last + step ? last + step : now;
    } while (!atomic_compare_exchange_weak(told, &last, next));
    return next;
}

static int64_t clock_read(struct clock *clock, uint32_t *ret_speed)
{
    *ret_speed = 1;
    return clock->face ? face_read(clock->face, ret_speed) : system_us(CLOCK_REALTIME);
}

int64_t clock_now(struct clock *clock)
{
    uint32_t speed = 0;
    return tell(&clock->last, clock_read(clock, &speed), 0);
}

int64_t clock_tick(struct clock *clock)
{
    uint32_t speed = 0;
    return tell(&clock->ticked, clock_read(clock, &speed), 1);
}

static void generation_wake(struct face *face)
{
    syscall(SYS_futex, &face->generation, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Anchors the clock anew, `us` further on, with the speed given or the one it has. */
static void clock_set(struct clock *clock, int64_t us, const uint32_t *new_speed)
{
    assert(clock->face); /* the system's clock is not ours to set */
    pthread_mutex_lock(&clock->writer);
    bool locked = clock->fd < 0 || flock(clock->fd, LOCK_EX) == 0;
    assert(locked);
    struct face *face = clock->face;
    uint32_t speed = 0;
    int64_t now = tell(&clock->last, clock_read(clock, &speed), 0);
    uint32_t next = face->generation + 1;
    anchor_set(&face->anchors[next & 1], system_us(CLOCK_REALTIME), now + clamp(us, 0, INSTANT_MAX),
        new_speed ? *new_speed : speed);
    face->generation = next;
    if (clock->fd >= 0) {
        flock(clock->fd, LOCK_UN);
    }
    pthread_mutex_unlock(&clock->writer);
    generation_wake(face);
}

void clock_advance(struct clock *clock, int64_t us)
{
    assert(us >= 0);
    clock_set(clock, us, NULL);
}

void clock_set_speed(struct clock *clock, uint32_t speed)
{
    assert(speed <= SPEED_MAX);
    clock_set(clock, 0, &speed);
}

uint32_t clock_speed(struct clock *clock)
{
    uint32_t speed = 0;
    clock_read(clock, &speed);
    return speed;
}

static struct timespec timespec_from(int64_t us)
{
    return (struct timespec){.tv_sec = us / CLOCK_SECOND, .tv_nsec = us % CLOCK_SECOND * 1000};
}

/* Real µs until the clock reads `until_us`, if nobody touches it; 0 or less when it does already. */
static int64_t real_left(struct clock *clock, int64_t until_us)
{
    uint32_t speed = 0;
    int64_t now = tell(&clock->last, clock_read(clock, &speed), 0);
    if (now >= until_us) {
        return 0;
    }
    int64_t left = 0;
    if (speed == 0 || __builtin_sub_overflow(until_us, now, &left)) {
        return INT64_MAX;
    }
    return left / speed + (left % speed != 0 ? 1 : 0);
}

/* Waits for `us` on what can be waited for. True when wake_fd is readable (or broken: never wait on that again). */
static bool wait_once(struct clock *clock, uint32_t generation, int wake_fd, int64_t us)
{
    if (clock->face && wake_fd < 0) {
        struct timespec timeout = timespec_from(us);
        syscall(SYS_futex, &clock->face->generation, FUTEX_WAIT, generation, &timeout, NULL, 0);
        return false;
    }
    /* One cannot wait for a futex and a descriptor at once, so the generation is looked at between short waits. */
    struct timespec timeout = timespec_from(clock->face && us > SLICE_US ? SLICE_US : us);
    struct pollfd wake = {.fd = wake_fd, .events = POLLIN};
    return ppoll(&wake, 1, &timeout, NULL) > 0;
}

void clock_wait(struct clock *clock, int64_t until_us, int wake_fd, int max_real_ms)
{
    int64_t deadline = system_us(CLOCK_MONOTONIC) + (int64_t)max_real_ms * 1000;
    uint32_t generation = clock->face ? clock->face->generation : 0;
    bool woken = false;
    while (!woken && (!clock->face || clock->face->generation == generation)) {
        int64_t left = real_left(clock, until_us);
        int64_t most = deadline - system_us(CLOCK_MONOTONIC);
        left = left < most ? left : most;
        if (left <= 0) {
            return;
        }
        woken = wait_once(clock, generation, wake_fd, left);
    }
}
