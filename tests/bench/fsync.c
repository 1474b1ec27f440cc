/* The yardstick of durable writes: how many times a second this disk takes 4 KiB appended and synced, one after the other.
 * `fsync DIRECTORY SECONDS` prints one line of JSON. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    double seconds = argc == 3 ? strtod(argv[2], NULL) : 0;
    if (!(seconds > 0)) {
        fprintf(stderr, "usage: fsync DIRECTORY SECONDS\n");
        return 2;
    }
    int directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file =
        directory < 0 ? -1 : openat(directory, "fsync.bench", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) {
        perror(argv[1]);
        return 1;
    }
    static const char block[4096];
    double began = seconds_now(), spent = 0;
    uint64_t count = 0;
    while (spent < seconds) {
        if (write(file, block, sizeof block) != (ssize_t)sizeof block || fdatasync(file) != 0) {
            perror("fsync.bench");
            return 1;
        }
        count++;
        spent = seconds_now() - began;
    }
    unlinkat(directory, "fsync.bench", 0);
    close(file);
    close(directory);
    printf("{\"per_second\": %.1f}\n", (double)count / spent);
    return 0;
}
