/* Runs the target once on each file of the corpus folder that is its argument, and on nothing at all: what a fuzzer
 * once found stays found, under any compiler. A folder without files is a failure, as it would test nothing. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define INPUT_MAX ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static _Noreturn void give_up(const char *path)
{
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
}

static bool replay_file(const char *folder, const char *name)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = len > 0 && (size_t)len < sizeof path ? fopen(path, "rbe") : NULL;
    if (!file)
        give_up(path);
    struct stat stat;
    if (fstat(fileno(file), &stat) != 0 || stat.st_size < 0 || (size_t)stat.st_size > INPUT_MAX) {
        fclose(file);
        give_up(path);
    }
    if (!S_ISREG(stat.st_mode)) {
        fclose(file);
        return false;
    }
    /* A block of exactly the input's size, so that the sanitizer sees a read past its end. */
    size_t size = (size_t)stat.st_size;
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    bool whole = bytes && fread(bytes, 1, size, file) == size;
    fclose(file);
    if (!whole) {
        free(bytes);
        give_up(path);
    }
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return 2;
    }
    DIR *folder = opendir(argv[1]);
    if (!folder) {
        fprintf(stderr, "cannot open %s\n", argv[1]);
        return 1;
    }
    size_t files = 0;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        files += replay_file(argv[1], entry->d_name);
    }
    closedir(folder);
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    printf("%zu inputs\n", files);
    return files > 0 ? 0 : 1;
}
