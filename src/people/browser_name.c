#include "people/browser_name.h"

#define LOOKED_AT 512

struct sign {
    const char *word, *name;
};

/* In this order: most browsers also call themselves by the name of others. */
static const struct sign browsers[] = {
    {"Edg/", "Edge"},
    {"EdgA/", "Edge"},
    {"EdgiOS/", "Edge"},
    {"OPR/", "Opera"},
    {"SamsungBrowser/", "Samsung Internet"},
    {"Vivaldi/", "Vivaldi"},
    {"DuckDuckGo/", "DuckDuckGo"},
    {"FxiOS/", "Firefox"},
    {"Firefox/", "Firefox"},
    {"CriOS/", "Chrome"},
    {"HeadlessChrome/", "Chrome"},
    {"Chromium/", "Chromium"},
    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
    {"curl/", "curl"},
};
static const struct sign systems[] = {
    {"Windows", "Windows"},
    {"Android", "Android"},
    {"iPhone", "iPhone"},
    {"iPad", "iPad"},
    {"CrOS", "ChromeOS"},
    {"Mac OS X", "macOS"},
    {"Macintosh", "macOS"},
    {"Linux", "Linux"},
};

static const char *find(struct text in, const struct sign *signs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_find(in, text_from(signs[i].word), 0) != SIZE_MAX) {
            return signs[i].name;
        }
    }
    return "";
}

struct text browser_name(struct arena *arena, struct text user_agent)
{
    struct text looked = text_part(user_agent, 0, LOOKED_AT);
    const char *browser = find(looked, browsers, sizeof browsers / sizeof *browsers);
    const char *system = find(looked, systems, sizeof systems / sizeof *systems);
    return *browser == '\0' && *system == '\0' ? TEXT_EMPTY : text_format(arena, "%s/%s", browser, system);
}

void browser_name_split(struct text name, struct text *ret_browser, struct text *ret_system)
{
    size_t slash = text_find_char(name, '/', 0);
    *ret_browser = text_part(name, 0, slash == SIZE_MAX ? name.len : slash);
    *ret_system = slash == SIZE_MAX ? TEXT_EMPTY : text_part(name, slash + 1, SIZE_MAX);
}

struct text browser_name_say(struct arena *arena, enum language language, struct text name)
{
    struct text browser, system;
    browser_name_split(name, &browser, &system);
    if (browser.len == 0 || system.len == 0) {
        return browser.len > 0 ? browser : system;
    }
    return words_say(arena, language, WORD_security_browser_on,
        WORD_ARGS(WORD_TEXT("browser", browser), WORD_TEXT("system", system)));
}
