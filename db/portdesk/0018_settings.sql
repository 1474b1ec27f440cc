-- My Settings, and the check-list of who moves a number that is on a mobile.

ALTER TABLE app_user ADD COLUMN notices_off INTEGER NOT NULL DEFAULT 0; -- bits of enum notice_choice: mails that the person does not want
ALTER TABLE app_user ADD COLUMN settings_version INTEGER NOT NULL DEFAULT 0; -- counts changes, so that a form opened before one is known
ALTER TABLE port_request ADD COLUMN checklist INTEGER NOT NULL DEFAULT 0; -- bits of enum checklist_item that are done
