/* The pages of errors: what happened in plain words, and a way on. */
#include "pages_templates.gen.h"
#include "web/parts.h"

struct error_kind {
    int status;
    enum word title;
    enum word sentence; /* WORD_NONE: the problem's own */
    const char *icon;
};

static const struct error_kind error_kinds[] = {
    {400, WORD_web_e400_title, WORD_NONE, "alert"},
    {403, WORD_web_e403_title, WORD_NONE, "lock"},
    {404, WORD_web_e404_title, WORD_web_e404, "search"},
    {405, WORD_web_e405_title, WORD_web_method, "ban"},
    {409, WORD_web_e409_title, WORD_NONE, "refresh"},
    {413, WORD_web_e413_title, WORD_web_e413, "file"},
    {422, WORD_web_e400_title, WORD_NONE, "alert"},
    {429, WORD_web_e429_title, WORD_NONE, "hourglass"},
    {500, WORD_web_e500_title, WORD_problem_internal, "alert"},
    {502, WORD_web_e502_title, WORD_NONE, "tower"},
    {503, WORD_web_e503_title, WORD_NONE, "clock"},
};

static const struct error_kind *error_kind(int status)
{
    const struct error_kind *otherwise = &error_kinds[0];
    for (size_t i = 0; i < sizeof error_kinds / sizeof *error_kinds; i++) {
        if (error_kinds[i].status == status) {
            return &error_kinds[i];
        }
        if (error_kinds[i].status == 500 && status > 500) {
            otherwise = &error_kinds[i];
        }
    }
    return otherwise;
}

void error_page(struct web_request *web, int status, const struct problem *problem)
{
    const struct error_kind *kind = error_kind(status);
    /* While nothing can be read nobody knows who asks; it is no reason to sign in anew. */
    bool is_home = web->actor != NULL || status == 503;
    BUFFER_CLEANUP sentence = BUFFER(4096);
    struct view_error view = {.layout = web_layout_word(web, kind->title, NAV_NONE),
        .status = status,
        .title = kind->title,
        .icon = kind->icon,
        .trace = web->trace,
        .onward = url_path(is_home ? TEXT("/") : TEXT("/sign-in")),
        .onward_word = is_home ? WORD_web_home : WORD_web_sign_in};
    if (kind->sentence != WORD_NONE) {
        view.sentence = words_say(web->arena, web->language, kind->sentence, WORD_NO_ARGS);
    } else {
        problem_say(&sentence, web->language, problem);
        view.sentence = text_copy(web->arena, buffer_view(&sentence));
    }
    error_page_write(web_html(web, status), web->language, &view);
}
