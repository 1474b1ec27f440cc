/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading one document: everything here runs in the cage and takes every byte for hostile. */
#ifndef BILLREADER_DOCUMENT_H
#define BILLREADER_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "billreader/type.h"

enum {
    DOCUMENT_BYTES_MAX = 10 * 1024 * 1024,
    DOCUMENT_PAGES_MAX = 200,
    DOCUMENT_PIXELS_MAX = 64 * 1000 * 1000, /* the largest phone camera has 50 million; a fax page has 4 */
    DOCUMENT_POINTS_MAX = 14400, /* 200 inches: the largest page that the PDF standard's readers must take */
    PREVIEW_SIDE_MAX = 1600,     /* pixels */
    PREVIEW_BYTES_MAX = 12 * 1024 * 1024
};

/* What was found in a document that was not refused. */
struct document {
    enum type type;
    int pages;
    bool encrypted;      /* opens without a password, but its owner restricted it with one */
    bool active_content; /* scripts, embedded files, actions that start programs */
    struct preview {
        int width, height;    /* pixels */
        unsigned char *bytes; /* a PNG, malloc'ed */
        size_t len;
    } preview;
};

/* A reader fills the document and returns NULL, or returns the reason for refusing it: one of the words in document.c. */
const char *pdf_read(const unsigned char *bytes, size_t len, struct document *ret);
const char *jpeg_read(const unsigned char *bytes, size_t len, struct document *ret);
const char *png_read(const unsigned char *bytes, size_t len, struct document *ret);

/* Loads fonts and the libraries' data, by drawing a page of our own, so that no child has to. Called once, by the zygote. */
void document_preload(void);

/* Reads the document at `document_fd`, writes page 1 as PNG to `preview_fd` and one JSON line to `answer_fd`. Returns the
 * process's exit code: 0 when an answer was written, whatever it is. */
int document_answer(int document_fd, int preview_fd, int answer_fd);

#endif
