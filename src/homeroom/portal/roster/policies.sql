-- Schools and people from the export. Row security does not bind intake, because COPY fails for a
-- role that it binds. These grants limit intake.
GRANT SELECT, INSERT, UPDATE ON school, term, course, person, role, demographic, contact_detail,
    contact, section, enrollment TO intake;
GRANT SELECT, INSERT, DELETE ON section_term TO intake;
