-- What the export says of schools and people. intake stands outside the policies (COPY fails for a role they bind), within these grants.
GRANT SELECT, INSERT, UPDATE ON school, term, course, person, role, demographic, contact_detail, contact, section, enrollment TO intake;
GRANT SELECT, INSERT, DELETE ON section_term TO intake;
-- masking: the functions of masking.sql and membership/masking_office.sql alone read and write it.
GRANT SELECT ON school, term, course, section, section_term, person, role, enrollment, demographic, contact_detail, contact TO app;

-- Schools, terms and courses are no secret to anybody signed in.
CREATE POLICY school_read_by_signed_in ON school FOR SELECT TO app USING ((SELECT asking()) IS NOT NULL);
CREATE POLICY term_read_by_signed_in ON term FOR SELECT TO app USING ((SELECT asking()) IS NOT NULL);
CREATE POLICY course_read_by_signed_in ON course FOR SELECT TO app USING ((SELECT asking()) IS NOT NULL);

CREATE POLICY section_read_by_its_people ON section FOR SELECT TO app USING (id = ANY ((SELECT reach_sections())::integer[]));
CREATE POLICY section_term_read_by_its_people ON section_term FOR SELECT TO app USING (section_id = ANY ((SELECT reach_sections())::integer[]));

CREATE POLICY person_read_by_reach ON person FOR SELECT TO app USING (id = ANY ((SELECT reach_names())::integer[]));
CREATE POLICY role_read_by_family ON role FOR SELECT TO app USING (person_id = ANY ((SELECT reach_people())::integer[]));
CREATE POLICY role_read_by_oneself ON role FOR SELECT TO app USING (person_id = (SELECT asking()));

-- Which classes a child has, and who teaches them.
-- PostgreSQL tests these from the last name to the first, and works out a set when it is asked for: a family's own rows ask once.
CREATE POLICY enrollment_read_by_family ON enrollment FOR SELECT TO app
    USING (person_id = ANY ((SELECT reach_people())::integer[]) AND section_id = ANY ((SELECT reach_sections())::integer[]));
CREATE POLICY enrollment_read_of_teachers ON enrollment FOR SELECT TO app
    USING (role <> 'student' AND section_id = ANY ((SELECT reach_sections())::integer[]));
CREATE POLICY enrollment_read_by_class_staff ON enrollment FOR SELECT TO app
    USING (section_id = ANY ((SELECT reach_staff_sections())::integer[]) AND person_id <> ALL ((SELECT barred_from())::integer[]));

-- Records: only what a committed look opened.
CREATE POLICY demographic_read_after_look ON demographic FOR SELECT TO app USING (person_id = ANY ((SELECT opened('birth date'))::integer[]));
CREATE POLICY contact_detail_read_by_oneself ON contact_detail FOR SELECT TO app USING (person_id = (SELECT asking()));
CREATE POLICY contact_detail_read_after_look ON contact_detail FOR SELECT TO app USING (person_id = ANY ((SELECT opened('contacts'))::integer[]));
-- A contact is another adult's phone: a family reads only the row that is its own reader.
CREATE POLICY contact_read_by_oneself ON contact FOR SELECT TO app
    USING (person_id = (SELECT asking()) AND student_id <> ALL ((SELECT barred_from())::integer[]));
