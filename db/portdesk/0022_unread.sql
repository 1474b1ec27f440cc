-- The porting team's last message about the request; a list marks the request for who has not seen that one (message_seen).
ALTER TABLE port_request ADD COLUMN last_team_message TEXT;
UPDATE port_request SET last_team_message = (SELECT max(m.id) FROM request_message m WHERE m.account = port_request.account
        AND m.request = port_request.id AND m.from_team = 1)
    WHERE messages > 0;
