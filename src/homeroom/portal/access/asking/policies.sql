-- The district's own choices. They are not secret.

GRANT SELECT ON district TO door, jobs, intake;
CREATE POLICY district_read_by_door ON district FOR SELECT TO door USING (true);
CREATE POLICY district_read_by_jobs ON district FOR SELECT TO jobs USING (true);
