/* What a customer's people and the porting team write to each other about a request, and what the team notes for itself. Messages go out by mail
 * too, with a link to answer on the page. They are sealed at rest; notes stand in a table of their own, which no use case of customers reads. */
#ifndef PORTING_MESSAGES_H
#define PORTING_MESSAGES_H

#include "porting/porting.h"

#define MESSAGE_ID_PREFIX "msg"
#define NOTE_ID_PREFIX "note"
#define MESSAGE_MAX 4000    /* code points */
#define MESSAGES_MAX 200    /* of a request, and as many notes */
#define MESSAGES_PAGE 40    /* shown at a time */
#define MESSAGE_THROTTLE 20 /* messages and notes of one person in the window */
#define MESSAGE_WINDOW (10 * CLOCK_MINUTE)

/* Adds a message and mails it to the other side: to who has the request, else to all of the porting team; or to whoever submitted the request and the
 * account's owner. `key`: the same form again is the same message. PROBLEM_INPUT on `message` (empty, too long), PROBLEM_TOO_MANY,
 * PROBLEM_CONFLICT when the request is a draft or has no room for more. Whoever sees the request may write. */
bool message_add(struct porting *porting, const struct actor *actor, struct text request, struct text message,
    struct text key, struct problem *problem);

/* The same for the porting team's own notes, on `note`; nobody is mailed. Porting team only. */
bool note_add(struct porting *porting, const struct actor *actor, struct text request, struct text note,
    struct text key, struct problem *problem);

struct message_view {
    struct id id;
    int64_t at;
    bool from_team;
    bool mine;   /* the reader wrote it */
    bool unread; /* of the other side, and the reader has not seen it yet */
    struct text by_name, body;
};

struct conversation {
    struct message_view *messages; /* oldest first, at most MESSAGES_PAGE */
    size_t messages_count;
    struct text older;          /* id before which there are more, or empty */
    struct text last;           /* id of the newest message, or empty */
    int64_t unread;             /* among those shown */
    bool full;                  /* no room for more */
    bool waits;                 /* the customer waits for an answer */
    struct message_view *notes; /* newest first; for the porting team alone */
    size_t notes_count;
};

/* `before` is an id of a message, or empty: the newest. */
bool conversation_read(struct porting *porting, const struct actor *actor, struct text request,
    struct text before, struct arena *arena, struct conversation *ret, struct problem *problem);

/* The reader has seen the conversation up to that message. */
bool conversation_seen(struct porting *porting, const struct actor *actor, struct text request,
    struct text message, struct problem *problem);

/* The text of a message, for its mail; *ret stays empty when there is none. */
bool message_sealed(struct db_tx *tx, struct text account, struct text message, struct arena *arena,
    struct text *ret_name, struct text *ret_sealed);
bool message_open(const struct porting *porting, struct text account, struct text message, struct text sealed,
    struct arena *arena, struct text *ret, struct problem *problem);

#endif
