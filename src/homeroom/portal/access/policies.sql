-- district: the district's own choices, no secret. session: the functions of asking.sql read it; app has no right on it.
-- opening, closing: look() and the triggers write them and open_opening reads them; no login has a right on them.
GRANT SELECT ON district TO door, jobs, intake;
CREATE POLICY district_read_by_door ON district FOR SELECT TO door USING (true);
CREATE POLICY district_read_by_jobs ON district FOR SELECT TO jobs USING (true);

-- Whoever steals the login of the door makes sessions of accounts that are open, as short as anybody's, and lengthens none: what he
-- leaves behind is over within a day for staff and a month for families.
GRANT SELECT, INSERT, UPDATE (key, ended_at, proven_at, is_strong, has_news) ON session TO door;
CREATE POLICY session_read_by_door ON session FOR SELECT TO door USING (true);
CREATE POLICY session_write_by_door ON session FOR INSERT TO door WITH CHECK (
    expires_at <= now() + CASE side WHEN 'staff' THEN interval '1 day 1 minute' ELSE interval '30 days 1 minute' END
    AND may_sign_in(person_id, side)
    AND idle_limit <= CASE side WHEN 'staff' THEN interval '1 hour' ELSE interval '30 days' END
    AND EXISTS (SELECT FROM account a WHERE a.id = account_id AND a.person_id = session.person_id AND a.side = session.side AND a.is_active));
-- One that a restoration ended begins again for nobody who could not sign in.
CREATE POLICY session_end_by_door ON session FOR UPDATE TO door USING (true) WITH CHECK (ended_at IS NOT NULL OR may_sign_in(person_id, side));
