/* What the control page and the control API share. */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "sandbox/app.h"
#include "sandbox/machine.h"

#define CONTROL_ARENA ((size_t)64 * 1024 * 1024)
#define CONTROL_ADVANCE_MAX 31536000 /* seconds that the clock goes forward at once */
#define CONTROL_SPEED_MAX 1000000

/* One port with what comes next of it. */
struct shown {
    struct port port;
    bool has_next, has_expiry;
    enum event_kind next;
    int64_t next_due;
};

/* Reads a port with what comes next of it; *ret_found false when there is none. */
bool control_load(struct db_tx *tx, struct text sid, struct arena *arena, struct shown *ret, bool *ret_found);
/* As Twilio tells a port, with what only the sandbox knows. The caller releases it. */
json_t *control_port_json(struct exchange *exchange, const struct shown *shown, struct arena *arena);

#endif
