-- The access settings: which choices there are, which one counts now, and which is wider.

-- Every choice of every setting. A higher `width` lets people see more.
CREATE FUNCTION setting_choices() RETURNS TABLE (setting text, choice text, width integer)
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    VALUES ('teachers_see_school', 'false', 0), ('teachers_see_school', 'true', 1),
           ('registering', 'closed', 0), ('registering', 'in person', 1),
           ('registering', 'approve first', 2), ('registering', 'limited first', 3),
           ('registering_students', 'closed', 0), ('registering_students', 'in person', 1),
           ('registering_students', 'approve first', 2),
           ('registering_students', 'limited first', 3),
           ('code_approves', 'false', 0), ('code_approves', 'true', 1),
           ('letters_by_child', 'false', 0), ('letters_by_child', 'true', 1),
           ('tutors', 'off', 0), ('tutors', 'on', 1), ('tutors', 'with grades', 2),
           ('preferred_names', 'off', 0), ('preferred_names', 'staff', 1),
           ('preferred_names', 'everyone', 2),
           ('directory_name', 'false', 0), ('directory_name', 'true', 1),
           ('directory_birth_date', 'false', 0), ('directory_birth_date', 'true', 1),
           ('directory_email', 'false', 0), ('directory_email', 'true', 1),
           ('directory_phone', 'false', 0), ('directory_phone', 'true', 1),
           ('directory_attendance_dates', 'false', 0),
           ('directory_attendance_dates', 'true', 1),
           -- These two let no one see more, so one administrator changes them.
           ('estimates', 'false', 0), ('estimates', 'true', 0),
           ('preview', 'false', 0), ('preview', 'true', 0)
    UNION ALL SELECT 'leaving_days', n::text, n FROM generate_series(30, 365) n
$$;

CREATE FUNCTION setting_now(of_setting text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_jsonb(d)->>of_setting FROM district d
$$;

-- NULL means no such choice.
CREATE FUNCTION is_wider(of_setting text, was text, becomes text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT b.width > w.width FROM setting_choices() w JOIN setting_choices() b USING (setting)
    WHERE setting = of_setting AND w.choice = was AND b.choice = becomes
$$;
