/* Draws examples/sample-bill.pdf: the bill of an invented business, for the demo and the tests.
 *
 *     ninja -C build && build/tests/integration/billreader/sample-bill examples/sample-bill.pdf */
#include <cairo-pdf.h>
#include <stdbool.h>
#include <stdio.h>

enum { PAGE_WIDTH = 612, PAGE_HEIGHT = 792, LEFT = 48, RIGHT = PAGE_WIDTH - 48, MIDDLE = 330 };

struct color {
    double red, green, blue;
};
static const struct color ink = {0.11, 0.12, 0.14}, quiet = {0.42, 0.44, 0.48}, accent = {0.72, 0.11, 0.16},
                          rule = {0.80, 0.81, 0.83}, shade = {0.96, 0.96, 0.97};

struct line {
    const char *number, *user, *plan, *charge;
};
static const struct line lines[] = {
    {"(415) 552-0134", "Harbor Lane main line", "Business Unlimited Plus", "$55.00"},
    {"(415) 552-0176", "Dana Whitfield", "Business Unlimited Start", "$45.00"},
    {"(415) 552-0181", "Leasing desk", "Business Unlimited Start", "$45.00"},
};
enum { LINES = sizeof lines / sizeof lines[0] };

static void color_set(cairo_t *cairo, struct color color)
{
    cairo_set_source_rgb(cairo, color.red, color.green, color.blue);
}

static void font(cairo_t *cairo, double size, bool bold)
{
    cairo_select_font_face(cairo, "Liberation Sans", CAIRO_FONT_SLANT_NORMAL,
        bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo, size);
}

static void put(cairo_t *cairo, double x, double y, const char *text)
{
    cairo_move_to(cairo, x, y);
    cairo_show_text(cairo, text);
}

static void put_right(cairo_t *cairo, double x, double y, const char *text)
{
    cairo_text_extents_t extents;
    cairo_text_extents(cairo, text, &extents);
    put(cairo, x - extents.x_advance, y, text);
}

static void rule_draw(cairo_t *cairo, double x, double to, double y)
{
    color_set(cairo, rule);
    cairo_set_line_width(cairo, 0.75);
    cairo_move_to(cairo, x, y);
    cairo_line_to(cairo, to, y);
    cairo_stroke(cairo);
    color_set(cairo, ink);
}

static void box_draw(cairo_t *cairo, double x, double y, double width, double height)
{
    color_set(cairo, shade);
    cairo_rectangle(cairo, x, y, width, height);
    cairo_fill(cairo);
    color_set(cairo, ink);
}

/* A label with its value at the right edge. */
static void pair(cairo_t *cairo, double x, double to, double y, const char *label, const char *value)
{
    font(cairo, 9, false);
    color_set(cairo, quiet);
    put(cairo, x, y, label);
    color_set(cairo, ink);
    font(cairo, 9, true);
    put_right(cairo, to, y, value);
}

static void head(cairo_t *cairo, const char *page)
{
    color_set(cairo, accent);
    font(cairo, 22, true);
    put(cairo, LEFT, 66, "Verizon");
    color_set(cairo, quiet);
    font(cairo, 8, false);
    put(cairo, LEFT, 80, "Business wireless bill");
    pair(cairo, MIDDLE, RIGHT, 56, "Account number", "942118306-00001");
    pair(cairo, MIDDLE, RIGHT, 70, "Bill date", "November 10, 2026");
    pair(cairo, MIDDLE, RIGHT, 84, "Billing period", "Oct 11 - Nov 10, 2026");
    pair(cairo, MIDDLE, RIGHT, 98, "Page", page);
    rule_draw(cairo, LEFT, RIGHT, 112);
}

static void foot(cairo_t *cairo)
{
    rule_draw(cairo, LEFT, RIGHT, 742);
    color_set(cairo, quiet);
    font(cairo, 7, false);
    put(cairo, LEFT, 754,
        "Sample made for Portdesk. The customer, the account and the charges are invented; no carrier issued "
        "this bill.");
}

static void summary(cairo_t *cairo, double y)
{
    static const char *const rows[][2] = {{"Previous balance", "$171.42"},
        {"Payment received Oct 28 - thank you", "-$171.42"}, {"Balance forward", "$0.00"},
        {"Monthly charges", "$145.00"}, {"Surcharges and fees", "$14.37"}, {"Taxes", "$12.05"}};
    font(cairo, 12, true);
    color_set(cairo, ink);
    put(cairo, LEFT, y, "Account summary");
    rule_draw(cairo, LEFT, RIGHT, y + 8);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        pair(cairo, LEFT, RIGHT, y + 26 + 18 * (double)i, rows[i][0], rows[i][1]);
    box_draw(cairo, LEFT, y + 130, RIGHT - LEFT, 26);
    font(cairo, 11, true);
    put(cairo, LEFT + 8, y + 147, "Total due by December 2, 2026");
    put_right(cairo, RIGHT - 8, y + 147, "$171.42");
}

static void first_page(cairo_t *cairo)
{
    static const char *const address[] = {
        "HARBOR LANE REALTY LLC", "DANA WHITFIELD", "1180 FILLMORE ST STE 4", "SAN FRANCISCO, CA 94115"};
    head(cairo, "1 of 2");
    font(cairo, 10, false);
    for (size_t i = 0; i < sizeof address / sizeof address[0]; i++)
        put(cairo, LEFT + 24, 160 + 14 * (double)i, address[i]);
    box_draw(cairo, MIDDLE, 144, RIGHT - MIDDLE, 70);
    pair(cairo, MIDDLE + 8, RIGHT - 8, 162, "Account owner", "Dana Whitfield");
    pair(cairo, MIDDLE + 8, RIGHT - 8, 180, "Main number", "(415) 552-0134");
    pair(cairo, MIDDLE + 8, RIGHT - 8, 198, "Lines on this account", "3");
    summary(cairo, 260);
    font(cairo, 12, true);
    put(cairo, LEFT, 456, "Charges by line");
    rule_draw(cairo, LEFT, RIGHT, 464);
    for (size_t i = 0; i < LINES; i++) {
        double y = 482 + 18 * (double)i;
        font(cairo, 9, true);
        put(cairo, LEFT, y, lines[i].number);
        font(cairo, 9, false);
        put(cairo, LEFT + 110, y, lines[i].user);
        put(cairo, MIDDLE, y, "Page 2");
        put_right(cairo, RIGHT, y, lines[i].charge);
    }
    rule_draw(cairo, LEFT, RIGHT, 530);
    font(cairo, 9, false);
    put(cairo, LEFT, 560, "Service address: 1180 Fillmore St Ste 4, San Francisco, CA 94115");
    put(cairo, LEFT, 576,
        "Auto Pay is on. The total is charged to the card ending in 4417 on December 2, 2026.");
    foot(cairo);
}

static void line_details(cairo_t *cairo, const struct line *line, double y)
{
    font(cairo, 10.5, true);
    color_set(cairo, ink);
    put(cairo, LEFT, y, line->number);
    font(cairo, 9, false);
    color_set(cairo, quiet);
    put(cairo, LEFT + 110, y, line->user);
    rule_draw(cairo, LEFT, RIGHT, y + 7);
    pair(cairo, LEFT, RIGHT, y + 24, line->plan, line->charge);
    pair(cairo, LEFT, RIGHT, y + 40, "Voice, minutes used", "unlimited");
    pair(cairo, LEFT, RIGHT, y + 56, "Messaging", "unlimited");
    pair(cairo, LEFT, RIGHT, y + 72, "Regulatory and administrative charges", "$4.79");
}

static void second_page(cairo_t *cairo)
{
    head(cairo, "2 of 2");
    font(cairo, 12, true);
    put(cairo, LEFT, 144, "Lines in detail");
    for (size_t i = 0; i < LINES; i++)
        line_details(cairo, &lines[i], 176 + 108 * (double)i);
    color_set(cairo, ink);
    font(cairo, 10, true);
    put(cairo, LEFT, 528, "Moving a number?");
    font(cairo, 9, false);
    put(cairo, LEFT, 544,
        "To take a number to another company you need the account number above and a Number Transfer PIN,");
    put(cairo, LEFT, 557,
        "which the account owner asks for in My Business or by dialing #PORT. It is valid for seven days.");
    put(cairo, LEFT, 570, "Do not cancel the service before the transfer is complete.");
    foot(cairo);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: sample-bill OUT.pdf\n", stderr);
        return 2;
    }
    cairo_surface_t *surface = cairo_pdf_surface_create(argv[1], PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_set_metadata(
        surface, CAIRO_PDF_METADATA_TITLE, "Sample bill of Harbor Lane Realty LLC");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2026-11-10T00:00:00Z");
    cairo_t *cairo = cairo_create(surface);
    first_page(cairo);
    cairo_show_page(cairo);
    second_page(cairo);
    cairo_show_page(cairo);
    cairo_destroy(cairo);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS)
        fprintf(stderr, "sample-bill: %s\n", cairo_status_to_string(status));
    return status == CAIRO_STATUS_SUCCESS ? 0 : 1;
}
