-- district: the district's own choices, no secret. session: the functions of asking.sql read it; app has no right on it.
-- opening, closing: look() and the triggers write them and open_opening reads them; no login has a right on them.
GRANT SELECT ON district TO app, door, jobs, intake;
CREATE POLICY district_read_by_app ON district FOR SELECT TO app USING (true);
CREATE POLICY district_read_by_door ON district FOR SELECT TO door USING (true);
CREATE POLICY district_read_by_jobs ON district FOR SELECT TO jobs USING (true);

GRANT SELECT, INSERT, UPDATE ON session TO door;
CREATE POLICY session_read_by_door ON session FOR SELECT TO door USING (true);
CREATE POLICY session_write_by_door ON session FOR INSERT TO door WITH CHECK (true);
CREATE POLICY session_end_by_door ON session FOR UPDATE TO door USING (true) WITH CHECK (true);
