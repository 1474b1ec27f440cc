#include "fault_vfs.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#define LOCK_OF_CHECKPOINT 1 /* of the shared memory; lock 0 is the one of writing */

static sqlite3_vfs *disk;
static sqlite3_mem_methods memory;
static sqlite3_vfs vfs;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static struct fault armed;
static uint64_t calls, checkpoints;
static bool fired, checkpointing;
static uint64_t counted[2][4];
enum { WRITES, TRUNCATES, SYNCS, WRITE_LOCKS };

struct file {
    sqlite3_file base;
    bool of_writer;
    sqlite3_file *real; /* behind it, in the same allocation */
};

void fault_arm(const struct fault *fault)
{
    pthread_mutex_lock(&lock);
    fired = false;
    calls = 0;
    armed = *fault;
    pthread_mutex_unlock(&lock);
}

bool fault_disarm(void)
{
    pthread_mutex_lock(&lock);
    armed = (struct fault){.places = 0};
    bool was = fired;
    pthread_mutex_unlock(&lock);
    return was;
}

/* SQLITE_OK when the call is to go through. */
static int fault_of(enum fault_place place)
{
    int code = SQLITE_OK;
    pthread_mutex_lock(&lock);
    if ((armed.places & place) && (checkpointing || !armed.in_checkpoint)) {
        calls++;
        if (calls == armed.nth || (armed.lasting && calls > armed.nth)) {
            fired = true;
            code = place == FAULT_MEMORY ? SQLITE_NOMEM : armed.code;
        }
    }
    pthread_mutex_unlock(&lock);
    return code;
}

void fault_counts_reset(void)
{
    pthread_mutex_lock(&lock);
    memset(counted, 0, sizeof counted);
    pthread_mutex_unlock(&lock);
}

struct fault_counts fault_counts(bool of_writers)
{
    pthread_mutex_lock(&lock);
    const uint64_t *of = counted[of_writers];
    struct fault_counts counts = {
        .writes = of[WRITES], .truncates = of[TRUNCATES], .syncs = of[SYNCS], .write_locks = of[WRITE_LOCKS]};
    pthread_mutex_unlock(&lock);
    return counts;
}

uint64_t fault_checkpoints(void)
{
    pthread_mutex_lock(&lock);
    uint64_t over = checkpoints;
    pthread_mutex_unlock(&lock);
    return over;
}

static void count(const struct file *file, size_t what)
{
    pthread_mutex_lock(&lock);
    counted[file->of_writer][what]++;
    pthread_mutex_unlock(&lock);
}

static struct file *self(sqlite3_file *file)
{
    return (struct file *)file;
}

static sqlite3_file *real(sqlite3_file *file)
{
    return self(file)->real;
}

/* The files. */

static int file_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}

static int file_read(sqlite3_file *file, void *at, int len, sqlite3_int64 offset)
{
    int code = fault_of(FAULT_READ);
    return code ? code : real(file)->pMethods->xRead(real(file), at, len, offset);
}

static int file_write(sqlite3_file *file, const void *at, int len, sqlite3_int64 offset)
{
    count(self(file), WRITES);
    int code = fault_of(FAULT_WRITE);
    /* When it fails, half of it comes to the disk: what a full one does. */
    int written = real(file)->pMethods->xWrite(real(file), at, code ? len / 2 : len, offset);
    return code ? code : written;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    count(self(file), TRUNCATES);
    int code = fault_of(FAULT_TRUNCATE);
    return code ? code : real(file)->pMethods->xTruncate(real(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    count(self(file), SYNCS);
    int code = fault_of(FAULT_SYNC);
    return code ? code : real(file)->pMethods->xSync(real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    return real(file)->pMethods->xFileSize(real(file), ret);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int file_is_reserved(sqlite3_file *file, int *ret)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), ret);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
    return real(file)->pMethods->xFileControl(real(file), what, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int file_characteristics(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int file_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret)
{
    int code = fault_of(FAULT_SHM_MAP);
    return code ? code : real(file)->pMethods->xShmMap(real(file), region, size, extend, ret);
}

static void checkpoint_note(bool is)
{
    pthread_mutex_lock(&lock);
    checkpointing = is;
    checkpoints += !is;
    pthread_mutex_unlock(&lock);
}

static int file_shm_lock(sqlite3_file *file, int first, int locks, int flags)
{
    bool takes = flags & SQLITE_SHM_LOCK;
    bool of_checkpoint = first == LOCK_OF_CHECKPOINT && (flags & SQLITE_SHM_EXCLUSIVE);
    if (takes && (flags & SQLITE_SHM_EXCLUSIVE) && first <= LOCK_OF_CHECKPOINT) {
        count(self(file), WRITE_LOCKS);
    }
    if (of_checkpoint) {
        checkpoint_note(takes);
    }
    int code = takes ? fault_of(FAULT_SHM_LOCK) : SQLITE_OK; /* giving a lock back never fails */
    code = code ? code : real(file)->pMethods->xShmLock(real(file), first, locks, flags);
    if (of_checkpoint && code) {
        checkpoint_note(false);
    }
    return code;
}

static void file_shm_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2, /* without reading by mmap */
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* A connection is one that writes when its database was opened so; its WAL belongs to the same. */
static bool is_of_writer(const char *name, int flags)
{
    if (flags & SQLITE_OPEN_WAL) {
        return self(sqlite3_database_file_object(name))->of_writer;
    }
    return !(flags & SQLITE_OPEN_MAIN_DB) || (flags & SQLITE_OPEN_READWRITE);
}

static int vfs_open(sqlite3_vfs *of, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)of;
    struct file *opened = self(file);
    opened->base.pMethods = NULL;
    opened->real = (sqlite3_file *)(opened + 1);
    int code = disk->xOpen(disk, name, opened->real, flags, ret_flags);
    if (code == SQLITE_OK) {
        opened->of_writer = is_of_writer(name, flags);
        opened->base.pMethods = &file_methods;
    }
    return code;
}

/* The memory. */

static void *memory_new(int size)
{
    return fault_of(FAULT_MEMORY) ? NULL : memory.xMalloc(size);
}

static void *memory_resize(void *at, int size)
{
    return fault_of(FAULT_MEMORY) ? NULL : memory.xRealloc(at, size);
}

void fault_vfs_install(void)
{
    int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    assert(code == SQLITE_OK);
    sqlite3_mem_methods methods = memory;
    methods.xMalloc = memory_new;
    methods.xRealloc = memory_resize;
    code = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    assert(code == SQLITE_OK);
    /* Every allocation shall come by, and none be served from a connection's own stock. */
    code = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    assert(code == SQLITE_OK);
    disk = sqlite3_vfs_find(NULL);
    vfs = *disk;
    vfs.zName = "fault";
    vfs.szOsFile = disk->szOsFile + (int)sizeof(struct file);
    vfs.xOpen = vfs_open;
    code = sqlite3_vfs_register(&vfs, 1);
    assert(code == SQLITE_OK);
}
