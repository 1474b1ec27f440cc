/* A backup's file: whatever it is, it is read to its end or refused, and no name leads out of a folder. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    int fd = memfd_create("backup", MFD_CLOEXEC);
    struct pack_in *in = NULL;
    if (fd < 0 || len > 1024 * 1024 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return 0;
    }
    if (!pack_open_fd(fd, &in, NULL)) {
        return 0;
    }
    struct pack_member member;
    struct text manifest, mac;
    char part[1000], sums[65];
    bool more = true;
    size_t got = 0;
    int64_t all = 0;
    while (more && pack_next(in, &member, &more, NULL)) {
        assert(!more || (member.name[0] != '/' && strstr(member.name, "..") == NULL && member.size >= 0));
        if (more && pack_read(in, part, sizeof part, &got, NULL)) {
            all += (int64_t)got;
        }
    }
    assert(all <= (int64_t)len);
    if (!more && pack_manifest(in, &manifest, &mac, sums, NULL)) {
        assert(manifest.len <= PACK_MANIFEST_MAX);
    }
    pack_close(in);
    return 0;
}
