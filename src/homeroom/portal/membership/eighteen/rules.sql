-- When a student turns 18, and which adults go on reading. Consent, correction and challenge pass
-- to the student (34 CFR 99.5(a)(1), Ed. Code 49061(a)). A parent goes on reading where the student
-- is a dependent for tax purposes (34 CFR 99.31(a)(8), 26 USC 152), agrees (34 CFR 99.30), or a
-- court says so. A conservator and an education-rights holder read by their own right. Otherwise
-- the tie is suspended by age. A student's own access from 16, or from 14 if homeless and
-- unaccompanied (Ed. Code 49076(a)(1)), rests on no tie, and nothing here closes it.

-- The day on which somebody born on this day turns 18, from its first minute (Fam. Code 6500). Born
-- on Feb 29: on Mar 1, since no year that is 18 after a leap year has a Feb 29 (PostgreSQL alone
-- would say Feb 28, a day too early).
CREATE FUNCTION turns_18_on(born date) RETURNS date LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN to_char(born, 'MMDD') = '0229'
        THEN make_date(extract(year FROM born)::integer + 18, 3, 1)
            ELSE (born + interval '18 years')::date END
$$;

-- Appointed for the student, whatever the student's age (Prob. Code 1801; 34 CFR 300.520(b)).
CREATE FUNCTION keeps_rights_at_18(kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT kind IN ('conservator', 'education-rights holder')
$$;

CREATE FUNCTION is_dependent(student integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dependence d
        WHERE d.student_id = student AND d.ended_at IS NULL
          AND (d.until IS NULL OR d.until > today()))
$$;

-- By what a tie goes on after 18: 'own right', 'dependent', 'agreed', 'court'; '': by nothing.
-- Foster, agency and tutor ties end by dates of their own.
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

-- Students of the schools whose office I am, but no child that I have to do with.
CREATE FUNCTION i_keep_ages_of(student integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM schools_of_my_office() s
        WHERE s IS NULL OR is_of_school(student, 'student', s)) AND may_decide_about(student)
$$;

-- A dependence opens the record to all of the student's parents: nobody records or ends it who may
-- not decide about each of them.
CREATE FUNCTION i_keep_dependence_of(student integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_keep_ages_of(student)
        AND NOT EXISTS (SELECT FROM tie t
            WHERE t.student_id = student AND t.state <> 'ended' AND is_parent_kind(t.kind)
              AND NOT may_decide_about(t.adult_id))
$$;

-- Of my office's schools, as i_keep_ages_of() has them, all at once: a district may send no birth
-- date at all.
CREATE FUNCTION students_without_birth_date() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT schools_of_my_office());
    apart integer[] := ARRAY(SELECT children_not_decided_by(asking()));
BEGIN
    RETURN QUERY SELECT p.id FROM person p
        WHERE p.is_student AND p.ended_at IS NULL AND p.id <> ALL (apart)
        AND NOT EXISTS (SELECT FROM demographic d WHERE d.person_id = p.id AND d.ended_at IS NULL)
        AND (array_position(mine, NULL) IS NOT NULL
             OR EXISTS (SELECT FROM role r
                 WHERE r.person_id = p.id AND r.school_id = ANY (mine) AND r.ended_at IS NULL
                   AND r.role = 'student'));
END $$;

-- Whose birth dates a look of my office opens: those who turn 18 within 60 days, nearest first, and
-- those whose date moved. A hundred at most. The day alone would tell the birth date: who turns 18
-- on it is born on it.
CREATE FUNCTION ages_to_look_at() RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT m.student_id FROM majority m
    WHERE (m.held_at IS NOT NULL OR m.announced_at IS NOT NULL AND m.applied_at IS NULL)
      AND i_keep_ages_of(m.student_id)
    ORDER BY m.held_at IS NULL, m.effective_on, m.student_id LIMIT 100
$$;

-- Who is still to be told, where this office may tell them: while a birth date is held, or the
-- student's name masked, nobody is; an adult as long as the tie is open, whatever it was when the
-- letter was queued; a contact as long as a letter may go there.
CREATE FUNCTION waits_for_paper(n paper_notice) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT n.printed_at IS NULL AND i_keep_ages_of(n.student_id) AND CASE
        WHEN n.contact_id IS NULL
            THEN NOT EXISTS (SELECT FROM majority m
                WHERE m.student_id = n.student_id AND m.held_at IS NOT NULL)
            AND NOT EXISTS (SELECT FROM masking m
                WHERE m.student_id = n.student_id AND counts_today(m))
            AND (n.person_id IS NULL OR n.person_id = n.student_id
                OR n.person_id IN (SELECT adults_told_of(n.student_id)))
        ELSE EXISTS (SELECT FROM contact c
            WHERE c.id = n.contact_id AND may_get_letter(c)
              AND (c.person_id IS NULL OR may_decide_about(c.person_id))) END
$$;

-- The oldest of them, of my office's schools first of all: in August there may be thousands.
CREATE FUNCTION papers_waiting(most integer) RETURNS SETOF paper_notice
LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT schools_of_my_office());
BEGIN
    RETURN QUERY SELECT n.* FROM paper_notice n WHERE n.printed_at IS NULL AND waits_for_paper(n)
        AND (array_position(mine, NULL) IS NOT NULL
            OR n.student_id IN (SELECT r.person_id FROM role r
                WHERE r.school_id = ANY (mine) AND r.role = 'student' AND r.ended_at IS NULL))
        ORDER BY n.id LIMIT most;
END $$;

-- Parent-kind ties, but none that the district keeps confidential, and nobody whom a court barred.
CREATE FUNCTION is_agreed_by_student(t tie) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT is_parent_kind(t.kind) AND t.state NOT IN ('ended', 'requested')
        AND NOT t.is_confidential AND NOT is_restricted(t.adult_id, t.student_id)
        AND (t.end_date IS NULL OR t.end_date > today())
$$;

-- Who turns 18 soon: the day is the birth date, with or without its year.
CREATE FUNCTION seen_turning_18(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT a, NULL::integer, wanted, office_i_act_in(), NULL::integer FROM ages_to_look_at() a
    WHERE subject IS NULL;
END $$;
