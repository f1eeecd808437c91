-- What the export says of schools and people. intake stands outside row security (COPY fails for a
-- role that it binds), within these grants.
GRANT SELECT, INSERT, UPDATE ON school, term, course, person, role, demographic, contact_detail,
    contact, section, enrollment TO intake;
GRANT SELECT, INSERT, DELETE ON section_term TO intake;
