-- Who may get a letter or a code, and which people at school may print it.

-- Returns the people among these I may print a code for in my office, and on which sides. Never
-- oneself, a child one is tied to or restricted from, or another adult of that child, restricted or
-- not. Never an administrator: one administrator could otherwise become the second approver too.
-- The operator's command prints those. One call serves a whole list.
CREATE FUNCTION printable(among integer[]) RETURNS TABLE (who integer, on_side text)
LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT schools_of_my_office());
    is_everyones boolean := array_position(mine, NULL) IS NOT NULL;
    apart integer[] := people_not_decided_by(asking());
BEGIN
    IF mine = '{}' THEN RETURN; END IF;
    RETURN QUERY SELECT p.id, s.side
    FROM person p, unnest(ARRAY['family', 'staff', 'student']) s (side)
    WHERE p.id = ANY (among) AND p.ended_at IS NULL AND p.id <> ALL (apart)
      AND NOT EXISTS (SELECT FROM administrator a
          WHERE a.person_id = p.id AND (a.end_date IS NULL OR a.end_date > today()))
      -- In this order, so that only the person's own sides are checked.
      AND CASE WHEN CASE s.side WHEN 'student' THEN p.is_student WHEN 'staff' THEN p.is_staff
              ELSE EXISTS (SELECT FROM tie t WHERE t.adult_id = p.id AND t.state <> 'ended') END
          THEN is_everyones
              OR EXISTS (SELECT FROM unnest(mine) m WHERE is_of_school(p.id, s.side, m)) END;
END $$;

CREATE FUNCTION may_print_for(who integer, on_side text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM printable(ARRAY[who]) w WHERE w.on_side = may_print_for.on_side);
END $$;

-- People whose names begin with these words, once per side I may print for, twenty at most. Only
-- the office's schools are searched. People are checked twenty at a time from the top of the list
-- until twenty are found. Checking everyone whose name begins with Ma took eight seconds in a
-- district of 50,000.
CREATE FUNCTION printable_called(typed text) RETURNS TABLE (who integer, on_side text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer[] := ARRAY(SELECT schools_of_my_office());
    wanted bigint := 20;
    made bigint;
    found integer[];
    waiting integer[];
BEGIN
    IF mine = '{}' OR names_begin(typed) IS NULL THEN RETURN; END IF;
    found := ARRAY(SELECT people_found(typed,
        CASE WHEN array_position(mine, NULL) IS NULL THEN mine END));
    waiting := ARRAY(SELECT w.id FROM person w WHERE w.id = ANY (found) AND w.ended_at IS NULL
        ORDER BY w.family_name, w.given_name, w.id);
    WHILE waiting <> '{}' AND wanted > 0 LOOP
        RETURN QUERY SELECT w.who, w.on_side
            FROM unnest(waiting[:20]) WITH ORDINALITY u (who, place)
                 JOIN printable(waiting[:20]) w USING (who)
            ORDER BY u.place, w.on_side LIMIT wanted;
        GET DIAGNOSTICS made = ROW_COUNT;
        wanted := wanted - made;
        waiting := waiting[21:];
    END LOOP;
END $$;

-- Everyone in that list, in its order. Adults and staff are not students and have no access log, so
-- their kinds are NULL.
CREATE FUNCTION seen_for_codes(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT w.who, NULL::integer, CASE WHEN bool_or(w.on_side = 'student') THEN wanted
            END, (SELECT office_i_act_in()), NULL::integer
        FROM printable_called(words) WITH ORDINALITY w (who, on_side, place) WHERE subject IS NULL
        GROUP BY w.who ORDER BY min(w.place);
END $$;

-- The student for whom a code is printed. `words` is the UUID.
CREATE FUNCTION seen_to_print_for(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL OR pg_input_is_valid(words, 'uuid') IS NOT TRUE
        OR NOT EXISTS (SELECT FROM schools_of_my_office()) THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT p.id, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
        FROM person p WHERE p.uuid = words::uuid AND p.is_student
          AND may_print_for(p.id, 'student');
END $$;

-- Returns the contacts among these whose person may get a letter. Leaves out confidential contacts,
-- contacts of a student with an alias, and all contacts while parent access is turned off. Also
-- leaves out people who are restricted from the child (34 CFR 99.4) or have the name of one who is.
-- Any of the person's rows counts. If in doubt, no letter. A row that ended counts as long as the
-- record has the person in another row. One call serves a whole list. A function that costs a call
-- per contact runs only if the student has such a row.
CREATE FUNCTION letters_may_go_to(among integer[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
DECLARE students integer[] := ARRAY(SELECT DISTINCT c.student_id FROM contact c
    WHERE c.id = ANY (among));
BEGIN
    RETURN QUERY
    WITH one AS (SELECT w.contact, w.one FROM people_of_contacts(students) w),
         barred AS (SELECT u.one FROM restriction x JOIN person p ON p.id = x.person_id
             JOIN contact o ON o.student_id = x.student_id JOIN one u ON u.contact = o.id
             WHERE x.student_id = ANY (students)
               AND (x.end_date IS NULL OR x.end_date > today())
               AND (p.id IN (SELECT adults_of_contact(o)) OR name_words(name_of_contact(o)) IN (
                   name_words(full_name(p)), name_words(p.given_name || ' ' || p.family_name)))),
         open AS (SELECT u.one FROM contact o JOIN one u ON u.contact = o.id
             WHERE o.ended_at IS NULL)
    SELECT c.id FROM contact c JOIN one u ON u.contact = c.id
    WHERE c.id = ANY (among) AND u.one IN (SELECT s.one FROM open s)
        AND NOT (EXISTS (SELECT FROM contact o
                WHERE o.student_id = c.student_id AND o.is_confidential)
            AND is_kept_confidential(c))
        AND (c.name <> '' OR name_of_contact(c) <> '')
        AND NOT (EXISTS (SELECT FROM closed_to_parents x WHERE x.student_id = c.student_id)
            AND is_closed_to_parents(c.student_id))
        AND NOT EXISTS (SELECT FROM masking m WHERE m.student_id = c.student_id AND counts_today(m))
        AND u.one NOT IN (SELECT b.one FROM barred b);
END $$;

CREATE FUNCTION may_get_letter(c contact) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT letters_may_go_to(ARRAY[c.id]));
END $$;

-- The school's students by name, with their places in that order, for an office of the school.
-- Never a child about whom the asker may not decide.
CREATE FUNCTION students_for_letters(of_school uuid)
RETURNS TABLE (student integer, place integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE of_place integer := (SELECT s.id FROM school s
    WHERE s.uuid = of_school AND s.ended_at IS NULL);
    mine integer[] := ARRAY(SELECT children_not_decided_by(asking()));
BEGIN
    IF of_place IS NULL OR NOT EXISTS (SELECT FROM schools_of_my_office() m
        WHERE m IS NULL OR m = of_place) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT p.id, (row_number() OVER (ORDER BY p.family_name, p.given_name, p.id))::integer
    FROM person p
    WHERE p.ended_at IS NULL AND p.id <> ALL (mine) AND p.id IN (SELECT r.person_id FROM role r
        WHERE r.school_id = of_place AND r.role = 'student' AND r.ended_at IS NULL)
    ORDER BY 2;
END $$;

-- Contacts of these students who have no access yet and may get a letter. Each person appears once,
-- by the first of the person's rows.
CREATE FUNCTION contacts_without_access(students integer[])
RETURNS TABLE (contact integer, student integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE waiting integer[] := ARRAY(
    SELECT min(c.id) FILTER (WHERE c.ended_at IS NULL)
    FROM people_of_contacts(students) w JOIN contact c ON c.id = w.contact
        LEFT JOIN contact_join j ON j.contact_id = c.id AND j.ended_at IS NULL
        LEFT JOIN tie t ON t.student_id = c.student_id AND t.state <> 'ended'
            AND t.adult_id IN (c.person_id, j.person_id)
    GROUP BY w.one HAVING count(t.id) = 0);
BEGIN
    RETURN QUERY SELECT c.id, c.student_id
        FROM letters_may_go_to(waiting) f JOIN contact c ON c.id = f;
END $$;

-- The students of one page of that list: as many as have 100 contacts who may get a letter, but at
-- least one. No student's contacts are on two pages. Students are checked 100 at a time until the
-- page is full, since most schools have more than one page.
CREATE FUNCTION seen_for_letters(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE waiting integer[] := ARRAY(SELECT s.student FROM students_for_letters(subject) s
        WHERE s.place > coalesce(after, 0)
          AND (coalesce(words, '') = '' OR s.student IN (SELECT people_found(words)))
        ORDER BY s.place);
    office text := office_i_act_in();
    asked integer[];
    letters bigint := 0;
    one record;
BEGIN
    WHILE waiting <> '{}' LOOP
        asked := waiting[:100];
        waiting := waiting[101:];
        FOR one IN SELECT u.student, count(*) AS own
            FROM unnest(asked) WITH ORDINALITY AS u (student, place)
                 JOIN contacts_without_access(asked) c USING (student)
            GROUP BY u.student, u.place ORDER BY u.place
        LOOP
            letters := letters + one.own;
            IF letters > 100 AND letters > one.own THEN RETURN; END IF;
            RETURN QUERY SELECT one.student, NULL::integer, wanted, office, NULL::integer;
        END LOOP;
    END LOOP;
END $$;

-- The students of the contacts that letters are printed for. `words` has the contacts' UUIDs, any
-- row of each person.
CREATE FUNCTION seen_on_letters(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE named uuid[] := ARRAY(SELECT w::uuid FROM unnest(string_to_array(words, ' ')) w
        WHERE pg_input_is_valid(w, 'uuid'));
    children integer[] := ARRAY(SELECT s.student FROM students_for_letters(subject) s
        WHERE s.student IN (SELECT c.student_id FROM contact c WHERE c.uuid = ANY (named)));
BEGIN
    RETURN QUERY
    SELECT DISTINCT a.student, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
    FROM contacts_without_access(children) a JOIN contact c ON c.id = a.contact
    WHERE EXISTS (SELECT FROM rows_of_contact(c) o WHERE o.uuid = ANY (named)) LIMIT 100;
END $$;

-- Whether this person verified the record's own address of this contact, and no file changed it for
-- 14 days.
CREATE FUNCTION has_answered(c contact, who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT address_of_contact(c) <> ''
        AND address_of_contact(c) = coalesce(lower(address_of_family(who)), '')
        AND is_settled(CASE WHEN c.email <> '' THEN c.delivery_id
                ELSE (SELECT d.delivery_id FROM contact_detail d
                    WHERE d.person_id = c.person_id) END)
$$;

-- Whether the person is not restricted from this child and has no suspended, ended or expired tie
-- to it. Anyone else is no longer notified about the child.
CREATE FUNCTION is_without_past(who integer, child integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT NOT is_restricted(who, child)
        AND NOT EXISTS (SELECT FROM tie t
            WHERE t.adult_id = who AND t.student_id = child
              AND (t.state IN ('suspended', 'ended') OR t.end_date <= today()))
$$;

-- Whether this contact is notified of a request. It must be one who may get a letter and is not the
-- asker. The asker is known by the letter's code or by a verified address in the record. Any of the
-- person's rows counts. If the record names parents, only they are notified.
CREATE FUNCTION is_told_of(c contact, r registration) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_get_letter(c)
        AND NOT EXISTS (SELECT FROM rows_of_contact(c) o
            WHERE has_answered(o, r.person_id)
               OR o.id = (SELECT k.contact_id FROM contact_code k WHERE k.id = r.contact_code_id))
        AND NOT EXISTS (SELECT FROM adults_of_contact(c) a
            WHERE NOT is_without_past(a, c.student_id))
        AND (EXISTS (SELECT FROM rows_of_contact(c) o
                WHERE o.ended_at IS NULL AND is_called_parent(o))
            OR NOT EXISTS (SELECT FROM contact o
                WHERE o.student_id = c.student_id AND o.ended_at IS NULL AND is_called_parent(o)))
$$;

-- How many letters and codes this person may print now. Letters and codes share an hourly limit, to
-- which another administrator can add for a day. At most 30 of them are codes (print_code()).
CREATE FUNCTION prints_left_of(who integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT greatest(0, 200 + raised_by(who)
        - (SELECT count(*) FROM code c
            WHERE c.made_by_id = who AND c.made_at > now() - interval '1 hour')
        - (SELECT count(*) FROM contact_code k
            WHERE k.made_by_id = who AND k.made_at > now() - interval '1 hour'))::integer
$$;
