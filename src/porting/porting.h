/* The heart: port requests from the first field of a draft to the last number's end. Every use case is one function: it
 * checks who asks, reads, asks rules/ what may be, and writes once; everything slow or outside is left to jobs.
 *
 *   draft.h     the wizard: start, save, attach bills, check, discard
 *   submit.h    a draft becomes a request; and cancel, fix, record: what people do to it later
 *   view.h      what pages show: the list, one request, the porting team's queue
 *   order.h     jobs: placing an order, re-reading it, canceling it; webhooks
 *   connection.h  connections to gaining carriers: credentials, tests, the comparison of lists
 *
 * Who may stands in people/rights.h. Every role of a customer may start a request (MISSION P1), and the porting team one for a person of a
 * customer's account, whose it is then; an agent sees and works on their own, which they began or submitted, admins and owners on those of the
 * account, the porting team on those of every account. Anything else is PROBLEM_NOT_FOUND, so that ids tell nothing. The one door to a request
 * is row_request (row.h). */
#ifndef PORTING_PORTING_H
#define PORTING_PORTING_H

#include "base/clock.h"
#include "base/id.h"
#include "bills/reader.h"
#include "carriers/carrier.h"
#include "jobs/jobs.h"
#include "numbering/area_codes.h"
#include "people/actor.h"
#include "rules/calendar.h"
#include "rules/directory.h"
#include "rules/rejection.h"
#include "rules/turn.h"
#include "store/blobs.h"
#include "store/db.h"
#include "store/vault.h"

/* What the use cases need; owned by the program, the same for its whole life. */
struct porting {
    struct db *db;
    struct vault *vault;
    struct blobs *blobs;
    struct clock *clock;
    struct jobs *jobs; /* to wake them; NULL in commands */
    struct bill_reader *reader;
    const struct area_codes *area_codes;
    const struct directory *directory; /* losing carriers */
    const struct calendar *calendar;
    const struct rejections *rejections;
    const struct turn_rules *turns;
    const struct carrier_api *gaining; /* the kind of carrier that new orders go to, and what it can do */
    struct connections *connections;   /* open ones; connection.h */
    struct carrier_access
        carrier_urls; /* where a new connection calls, unless it says otherwise: the three addresses alone */
    struct text base_url;      /* of this desk, for links in mail; without a slash at its end */
    struct text operator_name; /* who runs the desk; signs the mails */
    int64_t audit_kept;        /* µs that lines of the audit log are kept; 0: for ever */
    const char *hold_path;     /* the lock file of hold.h; NULL: nobody can hold documents by it */
};

/* How far ahead a day can be wished, by what the gaining carrier can do. */
static inline struct wish_days porting_wish_days(const struct porting *porting)
{
    const struct carrier_can *can = porting->gaining->can;
    return (struct wish_days){can->earliest_days, can->latest_days ? can->latest_days : 365};
}

#endif
