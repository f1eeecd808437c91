-- Who left the district: how long families and the student go on reading, and how they ask for inspection afterwards. Nothing is erased.

-- Whether a school has students today. Where a file's roles carry the year's end, all of a school's are over in summer, and nobody has left.
CREATE FUNCTION has_students(of_school integer, day date) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM role o WHERE o.school_id = of_school AND o.role = 'student' AND o.ended_at IS NULL AND (o.end_date IS NULL OR o.end_date > day))
$$;

-- The day on which a student left: no role as a student is open any more, or the person is in no file. NULL: is here. Worked out and
-- kept nowhere: an import that is taken back, or a student who returns, opens everything again by itself.
CREATE FUNCTION left_on(child integer) RETURNS date LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE day date := today();
BEGIN
    IF EXISTS (SELECT FROM role r JOIN person p ON p.id = r.person_id AND p.ended_at IS NULL
               WHERE r.person_id = child AND r.role = 'student' AND r.ended_at IS NULL
                 AND CASE WHEN r.end_date <= day THEN NOT has_students(r.school_id, day) ELSE true END) THEN RETURN NULL; END IF;
    RETURN (SELECT least((p.ended_at AT TIME ZONE d.time_zone)::date, (
                SELECT max(least((r.ended_at AT TIME ZONE d.time_zone)::date, r.end_date)) FROM role r WHERE r.person_id = p.id AND r.role = 'student'))
            FROM person p, district d WHERE p.id = child);
END $$;

-- The first day on which the record of somebody who left is closed to families and the student; NULL: is here.
CREATE FUNCTION closes_on(child integer) RETURNS date LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN left_on(child) + (SELECT d.leaving_days FROM district d);
END $$;

-- Whether a record is still there for its family and its student: while the student is here, for the district's days after that, and
-- where the school opened it again to who asked.
CREATE FUNCTION is_readable(child integer, by_whom integer) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN coalesce(closes_on(child) > today(), true)
        OR EXISTS (SELECT FROM inspection i WHERE i.student_id = child AND i.person_id = by_whom AND i.open_until > today());
END $$;

-- Students who left and whose record I might inspect: by a tie that would be open if they were here, or my own. A tutor has no such right.
CREATE FUNCTION my_former_students() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.student_id FROM tie t WHERE asking_side() = 'family' AND t.adult_id = asking() AND t.kind <> 'tutor' AND NOT t.is_shut AND t.state IN ('approved', 'under challenge')
        AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today()) AND t.student_id <> ALL (barred_from()) AND left_on(t.student_id) IS NOT NULL
    UNION SELECT asking() WHERE asking_side() = 'student' AND left_on(asking()) IS NOT NULL
$$;

-- The school's last day to answer: five business days (Ed. Code 49069.7(b)), and in any case 45 days (34 CFR 99.10(b)).
CREATE FUNCTION inspection_due(i inspection) RETURNS date LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT school_day_after((i.asked_at AT TIME ZONE d.time_zone)::date, 5) FROM district d
$$;

CREATE FUNCTION inspection_latest(i inspection) RETURNS date LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (i.asked_at AT TIME ZONE d.time_zone)::date + 45 FROM district d
$$;

-- Mine: what stands open through which day, and what became of what I asked last.
CREATE FUNCTION my_inspections() RETURNS TABLE (uuid uuid, name text, is_own boolean, left_on date, is_open boolean, last_day date, state text, asked_at timestamptz, due date, latest date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, full_name(p), p.id = asking(), left_on(p.id), is_readable(p.id, asking()), greatest(closes_on(p.id), o.until) - 1,
           i.state, i.asked_at, inspection_due(i), inspection_latest(i)
    FROM my_former_students() f JOIN person p ON p.id = f
         LEFT JOIN LATERAL (SELECT * FROM inspection q WHERE q.student_id = p.id AND q.person_id = asking() ORDER BY q.id DESC LIMIT 1) i ON true
         LEFT JOIN LATERAL (SELECT max(q.open_until) AS until FROM inspection q WHERE q.student_id = p.id AND q.person_id = asking()) o ON true
    ORDER BY p.given_name, p.id
$$;

-- 'asked'; 'taken': one waits already; 'open': it still is; '' as for nothing there.
CREATE FUNCTION ask_for_inspection(child uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about integer := (SELECT p.id FROM person p JOIN my_former_students() f ON f = p.id WHERE p.uuid = child);
BEGIN
    IF about IS NULL THEN RETURN ''; END IF;
    IF is_readable(about, asking()) THEN RETURN 'open'; END IF;
    INSERT INTO inspection (student_id, person_id) VALUES (about, asking()) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'taken'; END IF;
    PERFORM ledger_change('inspection asked', about, asking(), asking_side(), (SELECT t.id FROM tie t WHERE t.adult_id = asking() AND t.student_id = about AND t.state <> 'ended'), ''),
        tell_of_inspection(i) FROM inspection i WHERE i.student_id = about AND i.person_id = asking() AND i.state = 'waiting';
    RETURN 'asked';
END $$;

-- 'withdrawn'; 'over': it waits no more, an office answered or it was taken back before; '' as for nothing there.
CREATE FUNCTION withdraw_inspection(child uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE about integer := (SELECT p.id FROM person p JOIN my_former_students() f ON f = p.id WHERE p.uuid = child);
BEGIN
    IF NOT EXISTS (SELECT FROM inspection i WHERE i.student_id = about AND i.person_id = asking()) THEN RETURN ''; END IF;
    UPDATE inspection i SET state = 'withdrawn', answered_at = now() WHERE i.student_id = about AND i.person_id = asking() AND i.state = 'waiting';
    IF NOT FOUND THEN RETURN 'over'; END IF;
    PERFORM ledger_change('inspection withdrawn', about, asking(), asking_side(), (SELECT t.id FROM tie t WHERE t.adult_id = asking() AND t.student_id = about AND t.state <> 'ended'), '');
    RETURN 'withdrawn';
END $$;

-- ── The office ──
-- The school that the student went to last, whose office answers. NULL: none is on file, and the district's does.
CREATE FUNCTION school_left(child integer) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.school_id FROM role r WHERE r.person_id = child AND r.role = 'student' ORDER BY r.ended_at DESC NULLS FIRST, r.is_primary DESC, r.id LIMIT 1
$$;

-- Whoever may answer, as may_answer_inspection() has them, hears of it on the next page and by a mail that says by which day, and no name. What is asked
-- on one day is due on one day: one mail has said it, however many ask, and ask again.
CREATE FUNCTION tell_of_inspection(i inspection) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM account_notice n WHERE n.account_id = c.id AND n.what = 'inspection asked' AND n.shown_at IS NULL)
                THEN tell_account(c.person_id, 'staff', 'inspection asked') END,
           CASE WHEN NOT EXISTS (SELECT FROM account_mail m WHERE m.account_id = c.id AND m.kind = 'inspection' AND m.by_day = inspection_due(i))
                THEN mail_account(c.id, 'inspection', by_day => inspection_due(i)) END
    FROM (SELECT a.person_id FROM administrator a WHERE decides_for(a.person_id, school_left(i.student_id))
          UNION SELECT d.person_id FROM duty d WHERE d.duty = 'registrar' AND d.school_id = school_left(i.student_id)
                AND d.start_date <= today() AND (d.end_date IS NULL OR d.end_date > today())) w
         JOIN account c ON c.person_id = w.person_id AND c.side = 'staff' AND c.is_active
    WHERE is_apart(w.person_id, i.student_id) AND is_apart(w.person_id, i.person_id)
$$;

-- Of the school that the student went to last, or the district; not about a child, or an adult, with whom the asker has to do.
CREATE FUNCTION may_answer_inspection(i inspection) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT may_decide_about(i.student_id) AND may_decide_about(i.person_id) AND EXISTS (SELECT FROM schools_of_my_office() s
        WHERE s IS NULL OR s = school_left(i.student_id))
$$;

-- Those that wait first, the oldest first. is_late: the five business days are over.
CREATE FUNCTION inspections_shown() RETURNS TABLE (uuid uuid, student text, name text, relation text, asked_at timestamptz, due date, latest date, is_late boolean,
    state text, answered_at timestamptz, answerer text, last_day date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.uuid, full_name(c), full_name(p), CASE WHEN p.id <> c.id THEN (SELECT coalesce(nullif(t.relation, ''), t.kind) FROM tie t
               WHERE t.adult_id = p.id AND t.student_id = c.id ORDER BY t.state = 'ended', t.id DESC LIMIT 1) END,
           i.asked_at, inspection_due(i), inspection_latest(i), inspection_due(i) < today(), i.state, i.answered_at,
           (SELECT full_name(a) FROM person a WHERE a.id = i.answered_by_id), i.open_until - 1
    FROM inspection i JOIN person c ON c.id = i.student_id JOIN person p ON p.id = i.person_id
    WHERE may_answer_inspection(i) AND (i.state = 'waiting' OR i.answered_at > now() - interval '90 days')
    ORDER BY i.state <> 'waiting', CASE i.state WHEN 'waiting' THEN i.id ELSE -i.id END LIMIT 500
$$;

-- verdict: 'opened', for so many days from today, 1 to 45, to who asked alone; or 'on paper': it was given, or shown, at the office. The
-- verdict; 'barred': a restriction stands (34 CFR 99.4); 'of age': the student is 18, and nothing lets this adult go on reading; 'taken'; 'odd': days out of bounds; 'again'; ''.
CREATE FUNCTION answer_inspection(which uuid, verdict text, days integer) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE i inspection; on_side text;
BEGIN
    SELECT * INTO i FROM inspection q WHERE q.uuid = which FOR UPDATE;
    IF i.id IS NULL OR NOT may_answer_inspection(i) OR verdict NOT IN ('opened', 'on paper') THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF i.state <> 'waiting' THEN RETURN 'taken'; END IF;
    IF is_restricted(i.person_id, i.student_id) THEN RETURN 'barred'; END IF;
    -- Asked before the 18th birthday: the right to inspect has passed to the student since (34 CFR 99.5(a)(1)).
    IF i.person_id <> i.student_id AND is_of_age(i.student_id) AND NOT EXISTS (
        SELECT FROM tie t WHERE t.adult_id = i.person_id AND t.student_id = i.student_id AND t.state <> 'ended' AND goes_on_by(t) <> '') THEN RETURN 'of age'; END IF;
    IF verdict = 'opened' AND days BETWEEN 1 AND 45 IS NOT true THEN RETURN 'odd'; END IF;
    on_side := CASE WHEN i.person_id = i.student_id THEN 'student' ELSE 'family' END;
    UPDATE inspection SET state = verdict, answered_by_id = asking(), answered_at = now(), open_until = CASE verdict WHEN 'opened' THEN today() + days END WHERE id = i.id;
    PERFORM ledger_change('inspection ' || verdict, i.student_id, asking(), office_i_act_in(),
                          (SELECT t.id FROM tie t WHERE t.adult_id = i.person_id AND t.student_id = i.student_id AND t.state <> 'ended'), ''),
        tell_account(i.person_id, on_side, 'request answered');
    PERFORM mail_account(a.id, 'answered') FROM account a WHERE a.person_id = i.person_id AND a.side = on_side AND a.is_active;
    RETURN verdict;
END $$;
GRANT EXECUTE ON FUNCTION my_inspections(), ask_for_inspection(uuid), withdraw_inspection(uuid), inspections_shown(), answer_inspection(uuid, text, integer) TO app;
