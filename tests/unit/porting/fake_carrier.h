#ifndef PORTING_FAKE_CARRIER_H
#define PORTING_FAKE_CARRIER_H

#include "bench.h"

extern const struct carrier_api fake_carrier_api;
/* To which connections lead, and which opens them: notes with what they were opened. */
extern struct carrier *fake_carrier;
bool fake_carrier_open(struct text kind, const struct carrier_access *access, struct carrier_connection *ret,
    struct problem *problem);

#endif
