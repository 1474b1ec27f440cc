/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <cairo-pdf.h>
#include <glib.h>
#include <math.h>
#include <poppler.h>
#include <stdlib.h>
#include <string.h>

#include "billreader/active.h"
#include "billreader/document.h"

enum { PREVIEW_DPI_MAX = 300 };

static void unref(void *object)
{
    GObject **at = object;
    g_clear_object(at);
}
#define OBJECT_CLEANUP __attribute__((cleanup(unref)))

static cairo_status_t png_add(void *closure, const unsigned char *data, unsigned int len)
{
    GByteArray *bytes = closure;
    if (bytes->len + len > PREVIEW_BYTES_MAX)
        return CAIRO_STATUS_WRITE_ERROR;
    g_byte_array_append(bytes, data, len);
    return CAIRO_STATUS_SUCCESS;
}

/* White paper with the page on it. */
static bool page_draw(PopplerPage *page, double points_across, double points_down, struct preview *ret)
{
    double scale = PREVIEW_SIDE_MAX / fmax(points_across, points_down);
    scale = fmin(scale, PREVIEW_DPI_MAX / 72.0);
    int width = (int)fmax(1, floor(points_across * scale + 0.5));
    int height = (int)fmax(1, floor(points_down * scale + 0.5));
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, scale, scale);
    poppler_page_render(page, cairo);
    cairo_surface_flush(surface);
    GByteArray *bytes = g_byte_array_new();
    bool drawn = cairo_status(cairo) == CAIRO_STATUS_SUCCESS &&
                 cairo_surface_write_to_png_stream(surface, png_add, bytes) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    if (drawn) {
        ret->width = width;
        ret->height = height;
        ret->len = bytes->len;
        ret->bytes = g_byte_array_free(bytes, FALSE); /* g_malloc is malloc */
    } else {
        g_byte_array_free(bytes, TRUE);
    }
    return drawn;
}

/* A page whose number is there but not its contents is what a cut file leaves behind. */
static bool pages_are_there(PopplerDocument *document, int pages)
{
    for (int i = 0; i < pages; i++) {
        OBJECT_CLEANUP PopplerPage *page = poppler_document_get_page(document, i);
        if (page == NULL)
            return false;
    }
    return true;
}

static const char *first_page_read(PopplerDocument *document, struct document *ret)
{
    OBJECT_CLEANUP PopplerPage *page = poppler_document_get_page(document, 0);
    if (page == NULL)
        return "broken";
    double across = 0, down = 0;
    poppler_page_get_size(page, &across, &down);
    if (!isfinite(across) || !isfinite(down) || across <= 0 || down <= 0)
        return "broken";
    if (across > DOCUMENT_POINTS_MAX || down > DOCUMENT_POINTS_MAX)
        return "too_many_pixels";
    return page_draw(page, across, down, &ret->preview) ? NULL : "broken";
}

const char *pdf_read(const unsigned char *bytes, size_t len, struct document *ret)
{
    g_autoptr(GBytes) held = g_bytes_new_static(bytes, len);
    g_autoptr(GError) error = NULL;
    OBJECT_CLEANUP PopplerDocument *document = poppler_document_new_from_bytes(held, NULL, &error);
    if (document == NULL)
        return g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED) ? "encrypted" : "broken";
    int pages = poppler_document_get_n_pages(document);
    if (pages > DOCUMENT_PAGES_MAX)
        return "too_many_pages";
    if (pages < 1 || !pages_are_there(document, pages))
        return "broken";
    ret->pages = pages;
    /* A trailer is never compressed nor encrypted itself. */
    ret->encrypted = memmem(bytes, len, "/Encrypt", 8) != NULL;
    ret->active_content = active_named(bytes, len) || poppler_document_has_javascript(document) ||
                          poppler_document_has_attachments(document);
    return first_page_read(document, ret);
}

static cairo_status_t own_page_add(void *closure, const unsigned char *data, unsigned int len)
{
    g_byte_array_append(closure, data, len);
    return CAIRO_STATUS_SUCCESS;
}

void document_preload(void)
{
    static const char *const faces[] = {"sans-serif", "serif", "monospace"};
    GByteArray *own = g_byte_array_new();
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(own_page_add, own, 300, 300);
    cairo_t *cairo = cairo_create(surface);
    for (size_t i = 0; i < sizeof faces / sizeof faces[0]; i++) {
        cairo_select_font_face(cairo, faces[i], CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
        cairo_move_to(cairo, 20, 40.0 * (double)(i + 1));
        cairo_show_text(cairo, "0123456789 Account");
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    struct document document = {.type = TYPE_PDF};
    (void)pdf_read(own->data, own->len, &document);
    free(document.preview.bytes);
    g_byte_array_free(own, TRUE);
}
