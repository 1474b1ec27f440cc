/* The letter of authorization: what it says and its PDF. The page on which it is signed shows the same sentences from the
 * same catalogue (letter.*). The PIN is never part of a letter: whoever reads one could take the numbers away. */
#ifndef LETTERS_LOA_H
#define LETTERS_LOA_H

#include "base/buffer.h"
#include "base/problem.h"
#include "base/text.h"
#include "letters/drawing.h"

#define LOA_NUMBERS_MAX 1000
#define LOA_PDF_MAX (4 * 1024 * 1024) /* bytes; a letter of 1,000 numbers is some 60 KiB */

enum loa_paper { LOA_LETTER, LOA_A4 };

/* All texts are clean UTF-8 as the customer wrote them; empty ones are left out of the letter. */
struct loa_content {
    enum loa_paper paper;
    struct text customer_name; /* as the losing carrier has it */
    bool business;
    struct text address_lines[4]; /* service address; unused lines are empty */
    const struct text *numbers;   /* E.164 */
    size_t number_count;
    struct text btn; /* main number of the account, E.164, or empty */
    struct text account_number;
    struct text representative; /* who signs */
    struct text gaining_carrier;
    struct text losing_carrier; /* may be empty: "my present carrier" stands for it then */
    struct text reference;      /* of the port, for whoever files the letter */
    /* Of the signature; an unsigned letter has signed_at == 0 and is made out for signing. */
    struct text signature;  /* the name as it was typed, or of whom the drawing is */
    struct drawing drawing; /* stands in place of the typed name when it has points */
    struct text email;      /* where the signer was reached, or empty */
    struct text ip;         /* the signer's network address */
    int64_t signed_at;      /* µs */
};

/* Appends the letter as a PDF with embedded fonts to `out`. PROBLEM_INTERNAL when the drawing fails or the buffer's limit is
 * passed; `out` is untouched then. */
bool loa_pdf(const struct loa_content *content, struct buffer *out, struct problem *problem);

/* 415-555-0134, as letters write a number; anything but +1 and ten digits comes back as it is. */
struct text loa_number(struct arena *arena, struct text e164);

/* The sentence by which the signer asks for the change. */
struct text loa_request(struct arena *arena, const struct loa_content *content);

#endif
