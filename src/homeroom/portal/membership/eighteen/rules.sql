-- When rights transfer at 18, and which adults keep access. Consent, correction and challenge pass
-- to the student (34 CFR 99.5(a)(1), Ed. Code 49061(a)). A parent keeps access if the student is a
-- dependent for tax purposes (34 CFR 99.31(a)(8), 26 USC 152). A parent also keeps access if the
-- student agrees (34 CFR 99.30) or a court says so. A conservator and an education-rights holder
-- have their own right. Otherwise the tie is suspended by age. A student's own access from 16, or
-- from 14 if homeless and unaccompanied (Ed. Code 49076(a)(1)), rests on no tie, and nothing here
-- closes it.

-- Returns the day on which someone born on this day is 18, from its first minute (Fam. Code 6500).
-- For Feb 29 it is Mar 1, since no year that is 18 after a leap year has a Feb 29. PostgreSQL
-- itself would say Feb 28, a day too early.
CREATE FUNCTION turns_18_on(born date) RETURNS date LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN to_char(born, 'MMDD') = '0229'
        THEN make_date(extract(year FROM born)::integer + 18, 3, 1)
            ELSE (born + interval '18 years')::date END
$$;

-- Appointed for the student at any age (Prob. Code 1801, 34 CFR 300.520(b)).
CREATE FUNCTION keeps_rights_at_18(kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT kind IN ('conservator', 'education-rights holder')
$$;

CREATE FUNCTION is_dependent(student integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dependence d
        WHERE d.student_id = student AND d.ended_at IS NULL
          AND (d.until IS NULL OR d.until > today()))
$$;

-- Why a tie goes on after 18: 'own right', 'dependent', 'agreed', 'court', or '' for no reason.
-- Foster, agency and tutor ties end by their own dates.
CREATE FUNCTION goes_on_by(t tie) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT is_parent_kind(t.kind) THEN 'own right'
        WHEN is_dependent(t.student_id) THEN 'dependent'
                WHEN EXISTS (SELECT FROM age_agreement a
                    WHERE a.tie_id = t.id AND a.ended_at IS NULL) THEN 'agreed'
                WHEN EXISTS (SELECT FROM age_effect e
                    WHERE e.tie_id = t.id AND e.opened_by = 'court') THEN 'court' ELSE '' END
$$;

CREATE FUNCTION has_address(who integer, on_side text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM account a JOIN mail_address m ON m.account_id = a.id
        AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
                   WHERE a.person_id = who AND a.side = on_side AND a.is_active)
$$;

-- Returns the students among these who are at my office's schools, without children I may not
-- decide about. One call serves a whole list.
CREATE FUNCTION students_of_my_office(among integer[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT students_at(ARRAY(SELECT schools_of_my_office()), among);
END $$;

CREATE FUNCTION i_keep_ages_of(student integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT students_of_my_office(ARRAY[student]));
END $$;

-- Whether I may record or end a dependence. It opens the record to all of the student's parents, so
-- I must be allowed to decide about each of them.
CREATE FUNCTION i_keep_dependence_of(student integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_keep_ages_of(student)
        AND NOT EXISTS (SELECT FROM tie t
            WHERE t.student_id = student AND t.state <> 'ended' AND is_parent_kind(t.kind)
              AND NOT may_decide_about(t.adult_id))
$$;

-- Students of my office without a birth date. A district may send none at all.
CREATE FUNCTION students_without_birth_date() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT students_of_my_office(ARRAY(SELECT p.id FROM person p
        WHERE p.is_student AND p.ended_at IS NULL AND NOT EXISTS (SELECT FROM demographic d
            WHERE d.person_id = p.id AND d.ended_at IS NULL)));
END $$;

-- The list of them, by name. `place` is the student's place in it.
CREATE FUNCTION places_without_birth_date() RETURNS TABLE (student integer, place integer)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT p.id, (row_number() OVER (ORDER BY p.family_name, p.given_name, p.id))::integer
    FROM students_without_birth_date() w JOIN person p ON p.id = w;
END $$;

CREATE FUNCTION seen_without_birth_date(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL OR NOT EXISTS (SELECT schools_of_my_office()) THEN RETURN; END IF;
    RETURN QUERY SELECT w.student, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
        FROM places_without_birth_date() w WHERE w.place > coalesce(after, 0)
        ORDER BY w.place LIMIT 100;
END $$;

-- Ties of my office's students that are suspended by age, without adults I may not decide about.
-- One call serves the whole list.
CREATE FUNCTION ties_suspended_by_age()
RETURNS TABLE (tie integer, student integer, closed_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE kept integer[] := ARRAY(SELECT students_of_my_office(ARRAY(SELECT DISTINCT t.student_id
        FROM age_effect e JOIN tie t ON t.id = e.tie_id WHERE e.closed_at IS NOT NULL)));
    apart integer[] := people_not_decided_by(asking());
BEGIN
    RETURN QUERY SELECT t.id, t.student_id, e.closed_at
        FROM age_effect e JOIN tie t ON t.id = e.tie_id
        WHERE e.closed_at IS NOT NULL AND t.state <> 'ended' AND t.student_id = ANY (kept)
          AND t.adult_id <> ALL (apart);
END $$;

-- The students of these ties, latest first, 100 at most.
CREATE FUNCTION seen_suspended_by_age(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL OR NOT EXISTS (SELECT schools_of_my_office()) THEN RETURN; END IF;
    RETURN QUERY SELECT w.student, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
        FROM ties_suspended_by_age() w GROUP BY w.student
        ORDER BY max(w.closed_at) DESC, min(w.tie) LIMIT 100;
END $$;

-- Students whose birth dates a view of my office opens, 100 at most: those whose date changed, and
-- those who will be 18 within 60 days, nearest first. Showing the day would reveal the birth date,
-- so it counts as a view of it.
CREATE FUNCTION ages_to_look_at() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE soon integer[] := ARRAY(SELECT m.student_id FROM majority m
    WHERE m.held_at IS NOT NULL OR m.announced_at IS NOT NULL AND m.applied_at IS NULL);
BEGIN
    RETURN QUERY SELECT m.student_id
        FROM students_of_my_office(soon) w JOIN majority m ON m.student_id = w
        ORDER BY m.held_at IS NULL, m.effective_on, m.student_id LIMIT 100;
END $$;

-- Returns the notices among these that this office may still print. A notice of rights at 18 waits
-- while the birth date is unconfirmed or the student has an alias. For an adult, the tie must be
-- open now, and not only when the letter was queued. For a contact, a letter must be allowed. One
-- call serves a whole list.
CREATE FUNCTION papers_to_print(among integer[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
DECLARE kept integer[] := ARRAY(SELECT students_of_my_office(ARRAY(
        SELECT n.student_id FROM paper_notice n WHERE n.id = ANY (among))));
    letters integer[] := ARRAY(SELECT letters_may_go_to(ARRAY(SELECT n.contact_id
        FROM paper_notice n WHERE n.id = ANY (among) AND n.contact_id IS NOT NULL)));
    apart integer[] := people_not_decided_by(asking());
BEGIN
    RETURN QUERY SELECT n.id FROM paper_notice n
    WHERE n.id = ANY (among) AND n.printed_at IS NULL AND n.student_id = ANY (kept) AND CASE
        WHEN n.contact_id IS NULL
            THEN NOT EXISTS (SELECT FROM majority m
                WHERE m.student_id = n.student_id AND m.held_at IS NOT NULL)
            AND NOT EXISTS (SELECT FROM masking m
                WHERE m.student_id = n.student_id AND counts_today(m))
            AND (n.person_id IS NULL OR n.person_id = n.student_id
                OR n.person_id IN (SELECT adults_told_of(n.student_id)))
        ELSE EXISTS (SELECT FROM contact c
            WHERE c.id = n.contact_id AND c.id = ANY (letters)
              AND NOT EXISTS (SELECT FROM adults_of_contact(c) a WHERE a = ANY (apart))) END;
END $$;

-- Up to 100 notices of my office's schools, oldest first. In August there may be thousands, so 200
-- are checked at a time until 100 are found.
CREATE FUNCTION papers_waiting() RETURNS SETOF paper_notice LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT schools_of_my_office());
    waiting integer[] := ARRAY(SELECT n.id FROM paper_notice n
        WHERE n.printed_at IS NULL AND (array_position(mine, NULL) IS NOT NULL
            OR n.student_id IN (SELECT r.person_id FROM role r
                WHERE r.school_id = ANY (mine) AND r.role = 'student' AND r.ended_at IS NULL))
        ORDER BY n.id);
    papers integer[] := '{}';
BEGIN
    WHILE waiting <> '{}' AND cardinality(papers) < 100 LOOP
        papers := papers || ARRAY(SELECT w FROM papers_to_print(waiting[:200]) w ORDER BY w);
        waiting := waiting[201:];
    END LOOP;
    RETURN QUERY SELECT n.* FROM paper_notice n WHERE n.id = ANY (papers[:100]) ORDER BY n.id;
END $$;

-- The students that these notices are about.
CREATE FUNCTION seen_on_paper(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF subject IS NOT NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT w.student_id, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
        FROM papers_waiting() w GROUP BY w.student_id ORDER BY min(w.id);
END $$;

-- Ties of parent kinds, without those the district keeps confidential and without adults under a
-- restriction.
CREATE FUNCTION is_agreed_by_student(t tie) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT is_parent_kind(t.kind) AND t.state NOT IN ('ended', 'requested')
        AND NOT t.is_confidential AND NOT is_restricted(t.adult_id, t.student_id)
        AND (t.end_date IS NULL OR t.end_date > today())
$$;

-- Students who will be 18 soon. The day is the birth date, with or without its year.
CREATE FUNCTION seen_turning_18(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT a, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
    FROM ages_to_look_at() a WHERE subject IS NULL;
END $$;
