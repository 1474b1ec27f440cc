/* Phone Numbers: the numbers that are here. */
#include "calls/inventory.h"
#include "numbering/number.h"
#include "pages_templates.gen.h"
#include "web/requests_parts.h"

static struct view_number_row row_of(
    const struct reader *reader, const struct directory *directory, const struct inventory_row *row)
{
    const struct losing_carrier *carrier = directory_find(directory, row->losing_carrier);
    struct id request;
    bool has_request = id_parse(row->request, "pr", &request);
    return (struct view_number_row){
        .number = number_show(reader->arena, row->e164),
        .label = row->label,
        .carrier = carrier != NULL ? carrier->name : TEXT_EMPTY,
        .who = row->assigned_to,
        .since = reader_day(reader, row->since),
        .request = url_pathf(reader->arena, "/requests/%.*s", TEXT_ARG(row->request)),
        .has_request = has_request,
        .arriving = row->arriving,
    };
}

void numbers_get(struct web_request *web)
{
    struct problem problem = {0};
    struct reader reader = web_reader(web);
    struct inventory_list list;
    struct list_filter every = {.show = LIST_ALL};
    struct list_view ports;
    struct number after = {0};
    if (!number_from_e164(web_query(web, "after"), &after)) {
        after = (struct number){0};
    }
    if (!inventory_list(web->app->db, web->actor, number_e164(&after), web->arena, &list, &problem) ||
        !request_list(web->app->porting, web->actor, &every, web->arena, &ports, &problem)) {
        web_problem(web, &problem);
        return;
    }
    struct view_number_row *rows = ARENA_ARRAY(web->arena, struct view_number_row, list.rows_count + 1);
    for (size_t i = 0; i < list.rows_count; i++) {
        rows[i] = row_of(&reader, web->app->porting->directory, &list.rows[i]);
    }
    struct view_numbers view = {
        .layout = web_layout_word(web, WORD_numbers_title, NAV_NUMBERS),
        .tabs = {.numbers = web_count(web->arena, list.total),
            .ports = web_count(web->arena, ports.counts[LIST_ALL])},
        .rows = rows,
        .rows_count = list.rows_count,
        .next = url_pathf(web->arena, "/numbers?after=%.*s", TEXT_ARG(text_percent(web->arena, list.next))),
        .has_next = list.next.len > 0,
    };
    numbers_list_write(web_html(web, 200), web->language, &view);
}
