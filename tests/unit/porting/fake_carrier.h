#ifndef PORTING_FAKE_CARRIER_H
#define PORTING_FAKE_CARRIER_H

#include "bench.h"

extern const struct carrier_api fake_carrier_api;

#endif
