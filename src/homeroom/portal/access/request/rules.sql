-- What each act would show, and of whom. A view comes before a read: look() writes who, in which
-- role, by which tie, which kinds of data, which students and when. It commits in a transaction of
-- its own, and only then reading functions answer, for 30 seconds.
-- 34 CFR 99.31(a)(1)(ii): reasonable methods, so that staff reach only records in which they have a
-- legitimate interest.

CREATE FUNCTION kinds_of_act(act text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SECURITY INVOKER AS $$
BEGIN
    RETURN CASE act WHEN 'home' THEN ARRAY['grades', 'attendance', 'ledger']
                    WHEN 'child' THEN ARRAY['grades', 'attendance', 'ledger']
                    WHEN 'who has looked' THEN ARRAY['ledger']
                    WHEN 'who can see' THEN ARRAY['ledger']
                    WHEN 'gradebook' THEN ARRAY['grades']
                    WHEN 'class names' THEN ARRAY['names']
                    WHEN 'same person' THEN ARRAY['birth date']
                    WHEN 'request' THEN ARRAY['contacts', 'birth date']
                    WHEN 'tie check' THEN ARRAY['contacts']
                    WHEN 'birthdays' THEN ARRAY['birth date']
                    WHEN 'adults' THEN ARRAY['contacts']
                    WHEN 'ledger check' THEN ARRAY['ledger']
                    WHEN 'changes' THEN ARRAY['changes'] END;
END $$;

-- Students an hour, by capacity; the district's own numbers win. A whole school read in one night
-- would stop here.
CREATE FUNCTION look_cap(capacity text) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT (caps->>capacity)::integer FROM district),
                    CASE capacity WHEN 'family' THEN 2000 WHEN 'student' THEN 1000
                        WHEN 'teacher' THEN 10000 ELSE 3000 END)
$$;

-- Whom this act would show, by which tie, which kinds. One row a student; none: closed.
CREATE FUNCTION seen_by(act text, subject uuid)
RETURNS TABLE (student_id integer, tie_id integer, kinds text[], capacity text, section_id integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE wanted text[] := kinds_of_act(act); me integer; side text;
BEGIN
    SELECT s.person_id, s.side INTO me, side FROM asking_session s;
    IF act = 'gradebook' THEN
        RETURN QUERY
        SELECT e.person_id, NULL::integer, wanted,
               CASE WHEN s.id IN (SELECT sections_i_teach()) THEN 'teacher'
                    ELSE coalesce('duty: ' || (SELECT min(d.duty) FROM my_duties() d
                                               WHERE d.school_id = s.school_id
                                                 AND d.duty IN ('principal', 'counselor')),
                                                 'teacher of the school') END,
               s.id
        -- who dropped the class, too, for who teaches it: sections_i_teach() closes both 30 days
        -- after its session
        FROM section s, LATERAL (
                SELECT DISTINCT n.person_id FROM enrollment n
                WHERE n.section_id = s.id AND n.role = 'student'
                    AND (n.ended_at IS NULL OR s.id IN (SELECT sections_i_teach())
                        AND closes_to_teacher_on(s.id) > today()
                         AND EXISTS (SELECT FROM enrollment k
                             WHERE k.section_id = s.id AND k.person_id = me AND k.role = 'teacher'
                                     AND k.ended_at IS NULL
                                     AND (k.begin_date IS NULL
                                         OR k.begin_date <= (
                                             n.ended_at AT TIME ZONE (SELECT d.time_zone
                                                 FROM district d))::date)))) e
        WHERE s.uuid = subject AND s.id IN (SELECT sections_i_may_open())
          AND NOT is_restricted(me, e.person_id);
    ELSIF act = 'class names' THEN  -- a substitute, on the days that were named
        RETURN QUERY
        SELECT e.person_id, NULL::integer, wanted, 'substitute', u.section_id
        FROM my_substitutions() u JOIN section s ON s.id = u.section_id
             JOIN enrollment e ON e.section_id = s.id AND e.role = 'student' AND e.ended_at IS NULL
        WHERE s.uuid = subject AND NOT is_restricted(me, e.person_id);
    ELSIF act = 'same person' THEN  -- a question of an import: subject is the question
        RETURN QUERY
        SELECT q.person_id, NULL::integer, wanted, 'administrator', NULL::integer
        FROM question q WHERE q.uuid = subject AND may_answer_about(q.person_id);
    ELSIF act = 'request' THEN
        -- somebody asks to see a child: the records that it may be about, five at most
        RETURN QUERY
        SELECT l.student_id, NULL::integer, wanted, office_i_act_in(), NULL::integer
        FROM registration r, students_for(r) l
        WHERE r.uuid = subject AND may_answer_registration(r) AND may_decide_about(l.student_id)
          AND EXISTS (SELECT FROM schools_of_my_office() s
              WHERE s IS NULL OR is_of_school(l.student_id, 'student', s))
        ORDER BY l.fits DESC, l.same_birth DESC, l.student_id LIMIT 5;
    ELSIF act = 'tie check' THEN  -- a challenge: subject is the case
        RETURN QUERY
        SELECT c.student_id, NULL::integer, wanted, 'administrator', NULL::integer
        FROM challenge_case c WHERE c.uuid = subject AND may_decide_challenge(c);
    ELSIF act = 'birthdays' THEN
        -- who turns 18 soon: the day is the birth date, with or without its year
        RETURN QUERY
        SELECT a, NULL::integer, wanted, office_i_act_in(), NULL::integer FROM ages_to_look_at() a
        WHERE subject IS NULL;
    ELSIF act IN ('adults', 'ledger check') THEN
        -- an office's pages of one student: who is tied, and what the ledger says
        RETURN QUERY
        SELECT p.id, NULL::integer, wanted, 'administrator', NULL::integer FROM person p
        WHERE p.uuid = subject AND i_keep_ties_of(p.id);
    ELSIF act = 'changes' THEN
        -- what an import would change about somebody, for administrators; a restriction denies over
        -- every hat
        RETURN QUERY
        SELECT c.person_id, NULL::integer, wanted, 'administrator', NULL::integer
        FROM change c WHERE c.uuid = subject AND c.person_id IS NOT NULL
          AND EXISTS (SELECT FROM my_offices()) AND NOT is_restricted(me, c.person_id)
          AND NOT is_masked_from_me(c.person_id) AND is_of_my_offices(c.person_id);
    ELSIF side = 'family' THEN
        RETURN QUERY
        SELECT t.student_id, t.id, k.kinds, 'family', NULL::integer
        FROM open_ties() t JOIN person p ON p.id = t.student_id,
             LATERAL (SELECT array_agg(w) AS kinds FROM unnest(wanted) w
                 WHERE w = ANY (t.view_kinds)) k
        WHERE (act = 'home' OR p.uuid = subject) AND k.kinds IS NOT NULL;
    ELSIF side = 'student' THEN
        RETURN QUERY
        SELECT p.id, NULL::integer, wanted, 'student', NULL::integer
        -- whom no file brought only asks for an account
        FROM person p WHERE p.id = me AND (p.sourced_id IS NOT NULL OR p.delivery_id IS NOT NULL)
          AND (act = 'home' OR p.uuid = subject) AND is_readable(me, me);
    ELSE
        -- duties given for a school, one row a student: attendance for its clerk, more for
        -- principal and counselor
        RETURN QUERY
        SELECT p.id, NULL::integer,
               CASE WHEN bool_or(d.duty <> 'attendance clerk') THEN ARRAY['grades', 'attendance']
                   ELSE ARRAY['attendance'] END,
               'duty: ' || coalesce(min(d.duty) FILTER (WHERE d.duty <> 'attendance clerk'),
                   'attendance clerk'), NULL::integer
        FROM person p JOIN role r ON r.person_id = p.id AND r.role = 'student'
            AND r.ended_at IS NULL
             JOIN my_duties() d ON d.school_id = r.school_id
                 AND d.duty IN ('principal', 'counselor', 'attendance clerk')
        WHERE act = 'child' AND p.uuid = subject AND NOT is_restricted(me, p.id)
        GROUP BY p.id;
    END IF;
END $$;
