/* /settings: who one is here. */
#include "web/settings.h"

#include "pages_templates.gen.h"

void settings_get(struct web_request *web)
{
    struct view_settings view = {.layout = web_layout_word(web, WORD_settings_title, NAV_SETTINGS),
        .head = settings_head(web, SETTINGS_ME)};
    settings_page_write(web_html(web, 200), web->language, &view);
}
