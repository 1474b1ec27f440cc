/* Who may do what: the table of rights in plain words, from the table itself. */
#include "pages_templates.gen.h"
#include "web/audit.h"
#include "web/context.h"

static enum word right_word(enum right right)
{
    static const enum word words[RIGHT_COUNT] = {
        [RIGHT_SELF] = WORD_rights_self,
        [RIGHT_REQUEST_START] = WORD_rights_request_start,
        [RIGHT_REQUEST_START_FOR] = WORD_rights_request_start_for,
        [RIGHT_REQUEST_SEE] = WORD_rights_request_see,
        [RIGHT_REQUEST_WORK] = WORD_rights_request_work,
        [RIGHT_REQUEST_RECORD] = WORD_rights_request_record,
        [RIGHT_NUMBER_SEE] = WORD_rights_number_see,
        [RIGHT_USER_SEE] = WORD_rights_user_see,
        [RIGHT_USER_MANAGE] = WORD_rights_user_manage,
        [RIGHT_OWNER_MANAGE] = WORD_rights_owner_manage,
        [RIGHT_ACCOUNT_SETTINGS] = WORD_rights_account_settings,
        [RIGHT_ACCOUNT_CREATE] = WORD_rights_account_create,
        [RIGHT_CONNECTION_MANAGE] = WORD_rights_connection_manage,
        [RIGHT_AUDIT_SEE] = WORD_rights_audit_see,
        [RIGHT_DESK] = WORD_rights_desk,
    };
    return words[right];
}

/* Rights that are about no thing of somebody's. */
static bool is_plain(enum right right)
{
    return right == RIGHT_REQUEST_START || right == RIGHT_REQUEST_START_FOR ||
           right == RIGHT_ACCOUNT_CREATE || right == RIGHT_DESK;
}

static struct view_right row_of(enum right right)
{
    static const enum word words[] = {[REACH_NONE] = WORD_rights_none,
        [REACH_OWN] = WORD_rights_own,
        [REACH_ACCOUNT] = WORD_rights_account,
        [REACH_ALL] = WORD_rights_all};
    struct view_right row = {.name = right_name(right), .word = right_word(right), .cells_count = ROLE_COUNT};
    for (int role = ROLE_AGENT; role < ROLE_COUNT; role++) {
        enum reach reach = right_reach((enum role)role, right);
        row.cells[role] = (struct view_reach){role_word((enum role)role),
            is_plain(right) && reach != REACH_NONE ? WORD_rights_yes : words[reach], reach == REACH_NONE};
    }
    return row;
}

void rights_get(struct web_request *web)
{
    struct view_right *rows = ARENA_ARRAY(web->arena, struct view_right, RIGHT_COUNT);
    size_t count = 0;
    for (int right = RIGHT_SELF; right < RIGHT_COUNT; right++) {
        rows[count++] = row_of((enum right)right);
    }
    struct view_rights view = {.layout = web_layout_word(web, WORD_rights_title, NAV_NONE),
        .rows = rows,
        .rows_count = count,
        .roles_count = ROLE_COUNT};
    for (int role = ROLE_AGENT; role < ROLE_COUNT; role++) {
        view.roles[role] =
            (struct view_rights_role){role_word((enum role)role), web->actor->role == (enum role)role};
    }
    rights_page_write(web_html(web, 200), web->language, &view);
}
