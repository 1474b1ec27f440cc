#include "notices/person_notice.h"

#include "mail_templates.gen.h"

#define PERSON_NOTICE_BYTES_MAX (64 * 1024)
#define SUBJECT_MAX 200 /* code points */

static const struct {
    const char *name;
    enum word subject, head, intro, todo, button; /* button: WORD_NONE without a link */
    bool place;
    enum word why; /* WORD_NONE: as a user of the account */
} kinds[PERSON_NOTICE_COUNT] = {
    [PERSON_NOTICE_INVITATION] = {"invitation", WORD_person_mail_invitation_subject,
        WORD_person_mail_invitation_head, WORD_person_mail_invitation_intro, WORD_person_mail_invitation_todo,
        WORD_person_mail_invitation_button, false, WORD_person_mail_why_invited},
    [PERSON_NOTICE_RESET] = {"reset", WORD_person_mail_reset_subject, WORD_person_mail_reset_head,
        WORD_person_mail_reset_intro, WORD_person_mail_reset_todo, WORD_person_mail_reset_button, true,
        WORD_NONE},
    [PERSON_NOTICE_PASSWORD_CHANGED] = {"password_changed", WORD_person_mail_password_changed_subject,
        WORD_person_mail_password_changed_head, WORD_person_mail_password_changed_intro,
        WORD_person_mail_password_changed_todo, WORD_person_mail_password_changed_button, true, WORD_NONE},
    [PERSON_NOTICE_PHONE_CHANGED] = {"phone_changed", WORD_person_mail_phone_changed_subject,
        WORD_person_mail_phone_changed_head, WORD_person_mail_phone_changed_intro,
        WORD_person_mail_phone_changed_todo, WORD_person_mail_phone_changed_button, true, WORD_NONE},
    [PERSON_NOTICE_PHONE_REMOVED] = {"phone_removed", WORD_person_mail_phone_removed_subject,
        WORD_person_mail_phone_removed_head, WORD_person_mail_phone_removed_intro,
        WORD_person_mail_phone_removed_todo, WORD_person_mail_phone_removed_button, true, WORD_NONE},
    [PERSON_NOTICE_PHONE_HERE] = {"phone_here", WORD_person_mail_phone_here_subject,
        WORD_person_mail_phone_here_head, WORD_person_mail_phone_here_intro, WORD_person_mail_phone_here_todo,
        WORD_person_mail_phone_here_button, false, WORD_NONE},
    [PERSON_NOTICE_NEW_SIGN_IN] = {"new_sign_in", WORD_person_mail_new_sign_in_subject,
        WORD_person_mail_new_sign_in_head, WORD_person_mail_new_sign_in_intro,
        WORD_person_mail_new_sign_in_todo, WORD_person_mail_new_sign_in_button, true, WORD_NONE},
    [PERSON_NOTICE_INVITATION_TAKEN] = {"invitation_taken", WORD_person_mail_invitation_taken_subject,
        WORD_person_mail_invitation_taken_head, WORD_person_mail_invitation_taken_intro,
        WORD_person_mail_invitation_taken_todo, WORD_person_mail_invitation_taken_button, false,
        WORD_person_mail_why_invited},
    [PERSON_NOTICE_EMAIL_CHANGE] = {"email_change", WORD_person_mail_email_change_subject,
        WORD_person_mail_email_change_head, WORD_person_mail_email_change_intro,
        WORD_person_mail_email_change_todo, WORD_person_mail_email_change_button, true,
        WORD_person_mail_why_email},
    [PERSON_NOTICE_EMAIL_CHANGE_TAKEN] = {"email_change_taken", WORD_person_mail_email_change_taken_subject,
        WORD_person_mail_email_change_taken_head, WORD_person_mail_email_change_taken_intro,
        WORD_person_mail_email_change_taken_todo, WORD_person_mail_email_change_taken_button, true,
        WORD_person_mail_why_email},
    [PERSON_NOTICE_EMAIL_CHANGED] = {"email_changed", WORD_person_mail_email_changed_subject,
        WORD_person_mail_email_changed_head, WORD_person_mail_email_changed_intro,
        WORD_person_mail_email_changed_todo, WORD_person_mail_email_changed_button, true,
        WORD_person_mail_why_address},
    [PERSON_NOTICE_EMAIL_PUT_BACK] = {"email_put_back", WORD_person_mail_email_put_back_subject,
        WORD_person_mail_email_put_back_head, WORD_person_mail_email_put_back_intro,
        WORD_person_mail_email_put_back_todo, WORD_person_mail_email_put_back_button, true, WORD_NONE},
    [PERSON_NOTICE_SIGN_UP] = {"sign_up", WORD_person_mail_sign_up_subject, WORD_person_mail_sign_up_head,
        WORD_person_mail_sign_up_intro, WORD_person_mail_sign_up_todo, WORD_person_mail_sign_up_button, true,
        WORD_person_mail_why_email},
    [PERSON_NOTICE_SIGN_UP_TAKEN] = {"sign_up_taken", WORD_person_mail_sign_up_taken_subject,
        WORD_person_mail_sign_up_taken_head, WORD_person_mail_sign_up_taken_intro,
        WORD_person_mail_sign_up_taken_todo, WORD_person_mail_sign_up_taken_button, true, WORD_NONE},
    [PERSON_NOTICE_ROLE_CHANGED] = {"role_changed", WORD_person_mail_role_changed_subject,
        WORD_person_mail_role_changed_head, WORD_person_mail_role_changed_intro,
        WORD_person_mail_role_changed_todo, WORD_NONE, true, WORD_NONE},
    [PERSON_NOTICE_OWNERSHIP] = {"ownership", WORD_person_mail_ownership_subject,
        WORD_person_mail_ownership_head, WORD_person_mail_ownership_intro, WORD_person_mail_ownership_todo,
        WORD_NONE, true, WORD_NONE},
    [PERSON_NOTICE_OWNERSHIP_GIVEN] = {"ownership_given", WORD_person_mail_ownership_given_subject,
        WORD_person_mail_ownership_given_head, WORD_person_mail_ownership_given_intro,
        WORD_person_mail_ownership_given_todo, WORD_NONE, true, WORD_NONE},
    [PERSON_NOTICE_REMOVED] = {"removed", WORD_person_mail_removed_subject, WORD_person_mail_removed_head,
        WORD_person_mail_removed_intro, WORD_person_mail_removed_todo, WORD_NONE, true,
        WORD_person_mail_why_was},
    [PERSON_NOTICE_SIGN_INS_FAILED] = {"sign_ins_failed", WORD_person_mail_sign_ins_failed_subject,
        WORD_person_mail_sign_ins_failed_head, WORD_person_mail_sign_ins_failed_intro,
        WORD_person_mail_sign_ins_failed_todo, WORD_person_mail_sign_ins_failed_button, true, WORD_NONE},
    [PERSON_NOTICE_CODES_WRONG] = {"codes_wrong", WORD_person_mail_codes_wrong_subject,
        WORD_person_mail_codes_wrong_head, WORD_person_mail_codes_wrong_intro,
        WORD_person_mail_codes_wrong_todo, WORD_person_mail_codes_wrong_button, true, WORD_NONE},
    [PERSON_NOTICE_SECOND_FACTOR_ON] = {"second_factor_on", WORD_person_mail_second_factor_on_subject,
        WORD_person_mail_second_factor_on_head, WORD_person_mail_second_factor_on_intro,
        WORD_person_mail_second_factor_on_todo, WORD_person_mail_second_factor_on_button, true, WORD_NONE},
    [PERSON_NOTICE_SECOND_FACTOR_OFF] = {"second_factor_off", WORD_person_mail_second_factor_off_subject,
        WORD_person_mail_second_factor_off_head, WORD_person_mail_second_factor_off_intro,
        WORD_person_mail_second_factor_off_todo, WORD_person_mail_second_factor_off_button, true, WORD_NONE},
    [PERSON_NOTICE_SECOND_FACTOR_RESET] = {"second_factor_reset",
        WORD_person_mail_second_factor_reset_subject, WORD_person_mail_second_factor_reset_head,
        WORD_person_mail_second_factor_reset_intro, WORD_person_mail_second_factor_reset_todo,
        WORD_person_mail_second_factor_reset_button, true, WORD_NONE},
    [PERSON_NOTICE_RECOVERY_USED] = {"recovery_used", WORD_person_mail_recovery_used_subject,
        WORD_person_mail_recovery_used_head, WORD_person_mail_recovery_used_intro,
        WORD_person_mail_recovery_used_todo, WORD_person_mail_recovery_used_button, true, WORD_NONE},
    [PERSON_NOTICE_RECOVERY_FEW] = {"recovery_few", WORD_person_mail_recovery_few_subject,
        WORD_person_mail_recovery_few_head, WORD_person_mail_recovery_few_intro,
        WORD_person_mail_recovery_few_todo, WORD_person_mail_recovery_few_button, true, WORD_NONE},
    [PERSON_NOTICE_RECOVERY_NEW] = {"recovery_new", WORD_person_mail_recovery_new_subject,
        WORD_person_mail_recovery_new_head, WORD_person_mail_recovery_new_intro,
        WORD_person_mail_recovery_new_todo, WORD_person_mail_recovery_new_button, true, WORD_NONE},
    [PERSON_NOTICE_PASSKEY_ADDED] = {"passkey_added", WORD_person_mail_passkey_added_subject,
        WORD_person_mail_passkey_added_head, WORD_person_mail_passkey_added_intro,
        WORD_person_mail_passkey_added_todo, WORD_NONE, true, WORD_NONE},
    [PERSON_NOTICE_PASSKEY_REMOVED] = {"passkey_removed", WORD_person_mail_passkey_removed_subject,
        WORD_person_mail_passkey_removed_head, WORD_person_mail_passkey_removed_intro,
        WORD_person_mail_passkey_removed_todo, WORD_NONE, true, WORD_NONE},
    [PERSON_NOTICE_PASSKEY_COPIED] = {"passkey_copied", WORD_person_mail_passkey_copied_subject,
        WORD_person_mail_passkey_copied_head, WORD_person_mail_passkey_copied_intro,
        WORD_person_mail_passkey_copied_todo, WORD_NONE, true, WORD_NONE},
};

const char *person_notice_name(enum person_notice_kind kind)
{
    return kinds[kind].name;
}

bool person_notice_parse(struct text name, enum person_notice_kind *ret)
{
    for (int i = 0; i < PERSON_NOTICE_COUNT; i++) {
        if (text_is(name, kinds[i].name)) {
            *ret = (enum person_notice_kind)i;
            return true;
        }
    }
    return false;
}

/* What the sentences of a kind may have in them. */
static struct text say(
    struct arena *arena, enum language language, enum word word, const struct person_notice_view *view)
{
    return words_say(arena, language, word,
        WORD_ARGS(WORD_TEXT("who", view->by_name), WORD_TEXT("name", view->to_name),
            WORD_TEXT("account", view->account_name), WORD_TEXT("operator", view->operator_name),
            WORD_TEXT("about", view->about)));
}

static struct person_notice_view tame(struct arena *arena, const struct person_notice_view *view)
{
    struct person_notice_view tame = *view;
    struct text *const texts[] = {&tame.operator_name, &tame.to_name, &tame.account_name, &tame.by_name,
        &tame.about, &tame.when, &tame.client, &tame.link_text};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = text_one_line(arena, *texts[i]);
    }
    return tame;
}

typedef void person_template(
    struct buffer *out, enum language language, const struct person_notice_view *view);

static struct text render(struct arena *arena, enum language language, person_template *template,
    const struct person_notice_view *view)
{
    BUFFER_CLEANUP out = BUFFER(PERSON_NOTICE_BYTES_MAX);
    template(&out, language, view);
    return text_copy(arena, buffer_view(&out));
}

void person_notice_render(struct arena *arena, enum language language, enum person_notice_kind kind,
    const struct person_notice_view *view, struct mail *ret)
{
    struct person_notice_view shown = tame(arena, view);
    shown.head = say(arena, language, kinds[kind].head, &shown);
    shown.intro = say(arena, language, kinds[kind].intro, &shown);
    shown.todo = say(arena, language, kinds[kind].todo, &shown);
    shown.button = shown.link_text.len > 0 && kinds[kind].button != WORD_NONE
                       ? say(arena, language, kinds[kind].button, &shown)
                       : TEXT_EMPTY;
    shown.why =
        say(arena, language, kinds[kind].why != WORD_NONE ? kinds[kind].why : WORD_person_mail_why, &shown);
    shown.place = kinds[kind].place;
    ret->subject = text_clip(say(arena, language, kinds[kind].subject, &shown), SUBJECT_MAX);
    ret->html = render(arena, language, person_html_write, &shown);
    ret->text = render(arena, language, person_text_write, &shown);
}
