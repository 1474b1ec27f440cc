/* What the system tells of this process. What cannot be read stays as it was. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/metrics.h"

#define STAT_MAX 2048
/* Fields of /proc/self/stat behind the program's name, from 0. */
#define STAT_THREADS 17
#define STAT_PAGES 21

static void read_stat(void)
{
    char bytes[STAT_MAX];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;
    if (fd >= 0) {
        close(fd);
    }
    struct text rest = {bytes, len > 0 ? (size_t)len : 0}, field;
    /* The name stands in parentheses and may hold any byte. */
    for (size_t at = text_find_char(rest, ')', 0); at != SIZE_MAX; at = text_find_char(rest, ')', 0)) {
        rest = text_part(rest, at + 1, rest.len);
    }
    rest = text_trim(rest);
    for (int i = 0; text_next(&rest, ' ', &field); i++) {
        uint64_t number = 0;
        if ((i == STAT_THREADS || i == STAT_PAGES) && text_to_u64(field, INT32_MAX, &number)) {
            metric_set(i == STAT_THREADS ? METRIC_PROCESS_THREADS : METRIC_PROCESS_MEMORY, METRIC_ONE,
                i == STAT_THREADS ? (int64_t)number : (int64_t)number * sysconf(_SC_PAGESIZE));
        }
    }
}

static void count_files(void)
{
    DIR *files = opendir("/proc/self/fd");
    if (files == NULL) {
        return;
    }
    int64_t count = -1; /* the directory itself */
    for (const struct dirent *entry = readdir(files); entry != NULL; entry = readdir(files)) {
        count += entry->d_name[0] != '.';
    }
    closedir(files);
    metric_set(METRIC_PROCESS_FDS, METRIC_ONE, count);
}

void process_metrics(void *context)
{
    (void)context;
    struct rlimit limit;
    struct timespec used;
    read_stat();
    count_files();
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metric_set(METRIC_PROCESS_FDS_MAX, METRIC_ONE,
            limit.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur);
    }
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
        metric_set(METRIC_PROCESS_CPU, METRIC_ONE, (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000);
    }
}
