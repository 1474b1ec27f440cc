#include "letters/loa.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "base/clock.h"

#define MARGIN 64.0 /* points */
#define NUMBER_COLUMNS 3
#define GAP 10.0

/* One walk over the letter. The first walk only counts pages, since each says of how many it is one. */
struct sheet {
    cairo_t *cairo;
    PangoLayout *layout;
    struct arena *arena;
    double width, height;
    double y;
    int page, pages; /* pages is 0 while counting */
    const struct loa_content *content;
};

struct text loa_number(struct arena *arena, struct text e164)
{
    if (e164.len != 12 || !text_starts(e164, TEXT("+1")))
        return e164;
    return text_format(arena, "%.3s-%.3s-%.4s", e164.at + 2, e164.at + 5, e164.at + 8);
}

struct text loa_request(struct arena *arena, const struct loa_content *content)
{
    struct text losing = content->losing_carrier.len
                             ? content->losing_carrier
                             : words_say(arena, LANGUAGE_EN, WORD_letter_present_carrier, WORD_NO_ARGS);
    return words_say(arena, LANGUAGE_EN, WORD_letter_request,
        WORD_ARGS(WORD_TEXT("losing", losing), WORD_TEXT("gaining", content->gaining_carrier)));
}

static struct text say(struct sheet *sheet, enum word word)
{
    return words_say(sheet->arena, LANGUAGE_EN, word, WORD_NO_ARGS);
}

static double measure(struct sheet *sheet, struct text text, const char *font, double width)
{
    PangoFontDescription *description = pango_font_description_from_string(font);
    pango_layout_set_font_description(sheet->layout, description);
    pango_font_description_free(description);
    pango_layout_set_width(sheet->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_text(sheet->layout, text.at ? text.at : "", (int)text.len);
    int height = 0;
    pango_layout_get_size(sheet->layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

/* Draws at a place and returns the height. */
static double draw(struct sheet *sheet, struct text text, const char *font, double x, double y, double width)
{
    double height = measure(sheet, text, font, width);
    cairo_move_to(sheet->cairo, x, y);
    pango_cairo_show_layout(sheet->cairo, sheet->layout);
    return height;
}

static void rule(struct sheet *sheet, double x, double y, double width)
{
    cairo_set_line_width(sheet->cairo, 0.7);
    cairo_move_to(sheet->cairo, x, y);
    cairo_line_to(sheet->cairo, x + width, y);
    cairo_stroke(sheet->cairo);
}

static void foot(struct sheet *sheet)
{
    double y = sheet->height - MARGIN + 20;
    cairo_set_source_rgb(sheet->cairo, 0.35, 0.35, 0.35);
    if (sheet->content->reference.len) {
        struct text reference = words_say(sheet->arena, LANGUAGE_EN, WORD_letter_reference,
            WORD_ARGS(WORD_TEXT("reference", sheet->content->reference)));
        draw(sheet, reference, "Liberation Sans, Sans 8", MARGIN, y, 360);
    }
    struct text page = words_say(sheet->arena, LANGUAGE_EN, WORD_letter_page,
        WORD_ARGS(WORD_NUMBER("page", sheet->page), WORD_NUMBER("pages", sheet->pages)));
    draw(sheet, page, "Liberation Sans, Sans 8", sheet->width - MARGIN - 80, y, 80);
    cairo_set_source_rgb(sheet->cairo, 0, 0, 0);
}

/* Goes to the next page when less than `height` is left on this one. */
static void need(struct sheet *sheet, double height)
{
    if (sheet->y + height <= sheet->height - MARGIN)
        return;
    foot(sheet);
    cairo_show_page(sheet->cairo);
    sheet->page++;
    sheet->y = MARGIN;
}

static void paragraph(struct sheet *sheet, struct text text, const char *font, double after)
{
    double width = sheet->width - 2 * MARGIN;
    need(sheet, measure(sheet, text, font, width));
    sheet->y += draw(sheet, text, font, MARGIN, sheet->y, width) + after;
}

static void fact(struct sheet *sheet, enum word label, struct text value)
{
    if (!value.len)
        return;
    double width = sheet->width - 2 * MARGIN - 160;
    double height = measure(sheet, value, "Liberation Serif, Serif 11", width);
    need(sheet, height);
    draw(sheet, say(sheet, label), "Liberation Sans, Sans 9", MARGIN, sheet->y + 1.5, 150);
    draw(sheet, value, "Liberation Serif, Serif 11", MARGIN + 160, sheet->y, width);
    sheet->y += height + 5;
}

static struct text address_of(struct sheet *sheet)
{
    struct text address = TEXT_EMPTY;
    for (size_t i = 0; i < 4; i++) {
        struct text line = sheet->content->address_lines[i];
        if (line.len)
            address = text_format(
                sheet->arena, "%.*s%s%.*s", TEXT_ARG(address), address.len ? "\n" : "", TEXT_ARG(line));
    }
    return address;
}

static void facts(struct sheet *sheet)
{
    const struct loa_content *content = sheet->content;
    fact(sheet, WORD_letter_account_name, content->customer_name);
    fact(sheet, WORD_letter_account_type,
        say(sheet, content->business ? WORD_letter_business : WORD_letter_individual));
    fact(sheet, WORD_letter_account_number, content->account_number);
    fact(sheet, WORD_letter_address, address_of(sheet));
    if (content->btn.len)
        fact(sheet, WORD_letter_btn, loa_number(sheet->arena, content->btn));
    sheet->y += GAP;
}

/* Each number by itself, never a range. */
static void numbers(struct sheet *sheet)
{
    const char *font = "Liberation Mono, Monospace 10.5";
    double column = (sheet->width - 2 * MARGIN) / NUMBER_COLUMNS;
    double line = measure(sheet, TEXT("0"), font, column) + 3;
    need(sheet, 2 * line + 20);
    struct text count = words_say(sheet->arena, LANGUAGE_EN, WORD_letter_numbers_count,
        WORD_ARGS(WORD_NUMBER("count", (int64_t)sheet->content->number_count)));
    struct text title =
        text_format(sheet->arena, "%.*s (%.*s)", TEXT_ARG(say(sheet, WORD_letter_numbers)), TEXT_ARG(count));
    paragraph(sheet, title, "Liberation Sans, Sans Bold 10", 6);
    for (size_t i = 0; i < sheet->content->number_count; i += NUMBER_COLUMNS) {
        need(sheet, line);
        for (size_t k = i; k < i + NUMBER_COLUMNS && k < sheet->content->number_count; k++)
            draw(sheet, loa_number(sheet->arena, sheet->content->numbers[k]), font,
                MARGIN + (double)(k - i) * column, sheet->y, column);
        sheet->y += line;
    }
    sheet->y += 2 * GAP;
}

/* The drawing within a box, as large as it fits. */
static void draw_lines(struct sheet *sheet, double x, double y, double width, double height)
{
    const struct drawing *drawing = &sheet->content->drawing;
    double scale =
        width / DRAWING_WIDTH < height / DRAWING_HEIGHT ? width / DRAWING_WIDTH : height / DRAWING_HEIGHT;
    cairo_set_line_width(sheet->cairo, 1.1);
    cairo_set_line_cap(sheet->cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(sheet->cairo, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < drawing->count; i++) {
        const struct drawing_point *point = &drawing->points[i];
        if (point->begins)
            cairo_move_to(sheet->cairo, x + point->x * scale, y + point->y * scale);
        /* Also to the first: a line of one point is a dot. */
        cairo_line_to(sheet->cairo, x + point->x * scale, y + point->y * scale);
    }
    cairo_stroke(sheet->cairo);
    cairo_set_line_cap(sheet->cairo, CAIRO_LINE_CAP_BUTT);
}

static void signature(struct sheet *sheet)
{
    const struct loa_content *content = sheet->content;
    const char *small = "Liberation Sans, Sans 9";
    bool is_signed = content->signed_at != 0;
    double half = (sheet->width - 2 * MARGIN) / 2 - GAP, right = MARGIN + half + 2 * GAP;
    need(sheet, 150);
    sheet->y += content->drawing.count ? 30 : 0;
    struct text date = TEXT_EMPTY;
    if (is_signed) {
        if (content->drawing.count)
            draw_lines(sheet, MARGIN, sheet->y - 30, half, 62);
        else
            draw(sheet, content->signature, "Liberation Serif, Serif Italic 20", MARGIN, sheet->y, half);
        struct date day = clock_date(content->signed_at, TEXT_EMPTY);
        date = date_long(sheet->arena, day, (struct date){.year = 0, .month = 1, .day = 1});
        draw(sheet, date, "Liberation Serif, Serif 12", right, sheet->y + 9, half);
    } else {
        draw(sheet, say(sheet, WORD_letter_unsigned), "Liberation Serif, Serif Italic 12", MARGIN,
            sheet->y + 9, half);
    }
    sheet->y += 34;
    rule(sheet, MARGIN, sheet->y, half);
    rule(sheet, right, sheet->y, half);
    sheet->y += 3;
    draw(sheet, say(sheet, WORD_letter_date), small, right, sheet->y, half);
    sheet->y += draw(sheet, content->representative, small, MARGIN, sheet->y, half) + GAP;
    if (!is_signed)
        return;
    struct text who = content->signature;
    if (content->email.len)
        who = text_format(sheet->arena, "%.*s (%.*s)", TEXT_ARG(who), TEXT_ARG(content->email));
    struct text how = words_say(sheet->arena, LANGUAGE_EN, WORD_letter_signed_electronically,
        WORD_ARGS(WORD_TEXT("name", who), WORD_TEXT("date", instant_iso(sheet->arena, content->signed_at)),
            WORD_TEXT("ip", content->ip)));
    paragraph(sheet, how, small, 0);
}

static struct text with_gaining(struct sheet *sheet, enum word word)
{
    return words_say(
        sheet->arena, LANGUAGE_EN, word, WORD_ARGS(WORD_TEXT("gaining", sheet->content->gaining_carrier)));
}

static void walk(struct sheet *sheet)
{
    const char *body = "Liberation Serif, Serif 11.5";
    sheet->page = 1;
    sheet->y = MARGIN;
    paragraph(sheet, say(sheet, WORD_letter_title), "Liberation Sans, Sans Bold 18", 2);
    paragraph(sheet, say(sheet, WORD_letter_subtitle), "Liberation Sans, Sans 10", GAP);
    rule(sheet, MARGIN, sheet->y, sheet->width - 2 * MARGIN);
    sheet->y += 2 * GAP;
    paragraph(sheet, loa_request(sheet->arena, sheet->content), body, 7);
    paragraph(sheet, with_gaining(sheet, WORD_letter_agent), body, 7);
    paragraph(sheet, say(sheet, WORD_letter_one_carrier), body, 7);
    paragraph(sheet, say(sheet, WORD_letter_fee), body, 7);
    paragraph(sheet, say(sheet, WORD_letter_authority), body, 2 * GAP);
    facts(sheet);
    numbers(sheet);
    signature(sheet);
    foot(sheet);
    cairo_show_page(sheet->cairo);
}

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned len)
{
    return buffer_add(closure, bytes, len) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void describe(cairo_surface_t *surface, struct sheet *sheet)
{
    const struct loa_content *content = sheet->content;
    cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_TITLE, text_cstr(sheet->arena, say(sheet, WORD_letter_title)));
    cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_AUTHOR, text_cstr(sheet->arena, content->representative));
    cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_SUBJECT, text_cstr(sheet->arena, content->reference));
    /* Never the machine's own time: the letter's dates are those of the injected clock. */
    if (content->signed_at)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
            text_cstr(sheet->arena, instant_iso(sheet->arena, content->signed_at)));
}

/* One walk onto a surface; with `pages` 0 nothing is kept of it but the number of pages. */
static bool walk_once(const struct loa_content *content, struct arena *arena, int pages, struct buffer *out,
    int *ret_pages, struct problem *problem)
{
    struct sheet sheet = {.arena = arena, .pages = pages, .content = content};
    sheet.width = content->paper == LOA_A4 ? 595.28 : 612;
    sheet.height = content->paper == LOA_A4 ? 841.89 : 792;
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(out ? write_bytes : NULL, out, sheet.width, sheet.height);
    describe(surface, &sheet);
    sheet.cairo = cairo_create(surface);
    /* A font map of our own, not the thread's: that one lives as long as the thread. */
    PangoFontMap *fonts = pango_cairo_font_map_new();
    PangoContext *context = pango_font_map_create_context(fonts);
    pango_cairo_update_context(sheet.cairo, context);
    pango_cairo_context_set_resolution(context, 72); /* so that a point is a point */
    sheet.layout = pango_layout_new(context);
    pango_layout_set_wrap(sheet.layout, PANGO_WRAP_WORD_CHAR);
    walk(&sheet);
    g_object_unref(sheet.layout);
    g_object_unref(context);
    g_object_unref(fonts);
    cairo_status_t drawn = cairo_status(sheet.cairo);
    cairo_destroy(sheet.cairo);
    cairo_surface_finish(surface);
    cairo_status_t finished = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    *ret_pages = sheet.page;
    if (drawn == CAIRO_STATUS_SUCCESS && finished == CAIRO_STATUS_SUCCESS)
        return true;
    return problem_internal(problem, "letter: %s", cairo_status_to_string(drawn ? drawn : finished));
}

bool loa_pdf(const struct loa_content *content, struct buffer *out, struct problem *problem)
{
    ARENA_CLEANUP arena = arena_new(2 * 1024 * 1024);
    size_t before = out->len;
    int pages = 0;
    if (walk_once(content, arena, 0, NULL, &pages, problem) &&
        walk_once(content, arena, pages, out, &pages, problem))
        return true;
    out->len = before;
    return false;
}

#ifdef __SANITIZE_ADDRESS__
/* fontconfig lets go of its configuration only in FcFini, which must not be called while pango's own threads still hold fonts:
 * that one leak is the library's, and is left out of the leak check. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}
#endif
