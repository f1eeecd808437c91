-- When a tie opens something, and when a restriction closes everything.

CREATE FUNCTION is_restricted(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- 34 CFR 99.4: a court order or a binding document on file denies, over every hat and every tie.
    SELECT EXISTS (SELECT FROM restriction WHERE person_id = adult AND student_id = child
                   AND start_date <= today() AND (end_date IS NULL OR end_date > today()))
$$;

-- The children whom the person asking is barred from. A restriction denies over every hat, so even a teacher's list leaves them out.
CREATE FUNCTION barred_from() RETURNS integer[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT student_id FROM restriction
                 WHERE person_id = asking() AND start_date <= today() AND (end_date IS NULL OR end_date > today()));
END $$;

-- A challenged tie that was proven stays open until it is suspended; a suspended or merely requested one opens nothing.
CREATE FUNCTION open_ties() RETURNS SETOF tie LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3 SET search_path = public, pg_temp AS $$
DECLARE day date := today(); barred integer[] := barred_from();
BEGIN
    RETURN QUERY SELECT t.* FROM asking_session s JOIN tie t ON t.adult_id = s.person_id
    WHERE s.side = 'family' AND (s.is_strong OR t.kind <> 'tutor') AND t.state IN ('approved', 'under challenge') AND NOT t.is_shut
      AND t.start_date <= day AND (t.end_date IS NULL OR t.end_date > day)
      AND t.student_id <> ALL (barred)
      AND (t.kind <> 'tutor' OR consent_stands(t.id) AND left_on(t.student_id) IS NULL)
      AND is_readable(t.student_id, s.person_id);  -- of a student who left: leaving.sql
END $$;
