-- Accounts, credentials and sessions.
-- No login has a right on code, card, account_mail: functions read and write them.

-- Whoever steals the login of the door makes sessions of accounts that are open, as short as
-- anybody's, and lengthens none: what he leaves behind is over within a day for staff and a month
-- for families.
GRANT SELECT, INSERT, UPDATE (key, ended_at, proven_at, is_strong, has_news) ON session TO door;
CREATE POLICY session_read_by_door ON session FOR SELECT TO door USING (true);
CREATE POLICY session_write_by_door ON session FOR INSERT TO door WITH CHECK (
    expires_at <= now() + CASE side WHEN 'staff' THEN interval '1 day 1 minute'
        ELSE interval '30 days 1 minute' END
    AND may_sign_in(person_id, side)
    AND idle_limit <= CASE side WHEN 'staff' THEN interval '1 hour' ELSE interval '30 days' END
    AND EXISTS (SELECT FROM account a
        WHERE a.id = account_id AND a.person_id = session.person_id AND a.side = session.side
          AND a.is_active));

-- One that a restoration ended begins again for nobody who could not sign in.
CREATE POLICY session_end_by_door ON session FOR UPDATE TO door USING (true)
    WITH CHECK (ended_at IS NOT NULL OR may_sign_in(person_id, side));

-- The door alone reads accounts and credentials, and nothing about students. An account is made by
-- the operator's command.
GRANT SELECT ON account TO door;
CREATE POLICY account_read_by_door ON account FOR SELECT TO door USING (true);

GRANT SELECT ON mail_address TO door;
CREATE POLICY mail_address_read_by_door ON mail_address FOR SELECT TO door USING (true);

GRANT SELECT, INSERT, UPDATE ON credential TO door;
CREATE POLICY credential_write_by_door ON credential FOR INSERT TO door WITH CHECK (true);
CREATE POLICY credential_read_by_door ON credential FOR SELECT TO door USING (true);
CREATE POLICY credential_rehash_by_door ON credential FOR UPDATE TO door USING (true)
    WITH CHECK (true);

GRANT SELECT, UPDATE (shown_at) ON account_notice TO door;
CREATE POLICY account_notice_read_by_door ON account_notice FOR SELECT TO door USING (true);
CREATE POLICY account_notice_change_by_door ON account_notice FOR UPDATE TO door USING (true)
    WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON known_browser TO door;
CREATE POLICY known_browser_read_by_door ON known_browser FOR SELECT TO door USING (true);
CREATE POLICY known_browser_write_by_door ON known_browser FOR INSERT TO door WITH CHECK (true);
CREATE POLICY known_browser_change_by_door ON known_browser FOR UPDATE TO door USING (true)
    WITH CHECK (true);
CREATE POLICY known_browser_sweep_by_door ON known_browser FOR DELETE TO door USING (true);

GRANT SELECT, INSERT, DELETE ON sign_in_try TO door;
CREATE POLICY sign_in_try_read_by_door ON sign_in_try FOR SELECT TO door USING (true);
CREATE POLICY sign_in_try_write_by_door ON sign_in_try FOR INSERT TO door WITH CHECK (true);
CREATE POLICY sign_in_try_sweep_by_door ON sign_in_try FOR DELETE TO door USING (true);

GRANT SELECT, INSERT, DELETE ON sign_in_step TO door;
CREATE POLICY sign_in_step_read_by_door ON sign_in_step FOR SELECT TO door USING (true);
CREATE POLICY sign_in_step_write_by_door ON sign_in_step FOR INSERT TO door WITH CHECK (true);
CREATE POLICY sign_in_step_sweep_by_door ON sign_in_step FOR DELETE TO door USING (true);

-- What a person proves herself with beside the password. Whoever adds or takes away one ends the
-- account's sessions: triggers.sql.
GRANT SELECT, INSERT, UPDATE, DELETE ON passkey, authenticator, recovery_code TO door;
CREATE POLICY passkey_read_by_door ON passkey FOR SELECT TO door USING (true);
CREATE POLICY passkey_add_by_door ON passkey FOR INSERT TO door WITH CHECK (true);
CREATE POLICY passkey_change_by_door ON passkey FOR UPDATE TO door USING (true) WITH CHECK (true);
CREATE POLICY passkey_remove_by_door ON passkey FOR DELETE TO door USING (true);
CREATE POLICY authenticator_read_by_door ON authenticator FOR SELECT TO door USING (true);
CREATE POLICY authenticator_add_by_door ON authenticator FOR INSERT TO door WITH CHECK (true);
CREATE POLICY authenticator_change_by_door ON authenticator FOR UPDATE TO door USING (true)
    WITH CHECK (true);
CREATE POLICY authenticator_remove_by_door ON authenticator FOR DELETE TO door USING (true);
CREATE POLICY recovery_code_read_by_door ON recovery_code FOR SELECT TO door USING (true);
CREATE POLICY recovery_code_add_by_door ON recovery_code FOR INSERT TO door WITH CHECK (true);
CREATE POLICY recovery_code_end_by_door ON recovery_code FOR UPDATE TO door USING (true)
    WITH CHECK (true);
CREATE POLICY recovery_code_remove_by_door ON recovery_code FOR DELETE TO door USING (true);
