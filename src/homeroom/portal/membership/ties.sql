-- When a tie opens something, and when a restriction closes everything.

CREATE FUNCTION is_restricted(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- 34 CFR 99.4: a court order or a binding document on file denies, over every hat and every tie.
    SELECT EXISTS (SELECT FROM restriction WHERE person_id = adult AND student_id = child
                   AND start_date <= today() AND (end_date IS NULL OR end_date > today()))
$$;

-- A challenged tie that was proven stays open until it is suspended; a suspended or merely requested one opens nothing.
CREATE FUNCTION open_ties() RETURNS SETOF tie LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.* FROM tie t
    WHERE t.adult_id = asking() AND asking_side() = 'family'
      AND t.state IN ('approved', 'under challenge')
      AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
      AND NOT is_restricted(t.adult_id, t.student_id)
$$;
