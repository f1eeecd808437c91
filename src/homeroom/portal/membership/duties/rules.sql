-- Who sees the names of a class as its substitute, and which days a duty may have.

-- On the named days, without students I am restricted from.
CREATE FUNCTION seen_by_substitute(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking();
BEGIN
    RETURN QUERY
    SELECT e.person_id, NULL::integer, wanted, 'substitute', u.section_id
    FROM my_substitutions() u JOIN section s ON s.id = u.section_id
         JOIN enrollment e ON e.section_id = s.id AND e.role = 'student' AND e.ended_at IS NULL
    WHERE s.uuid = subject AND NOT is_restricted(me, e.person_id);
END $$;

CREATE FUNCTION substitute_classes_of(child integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT u.section_id FROM my_substitutions() u);
BEGIN
    IF mine = '{}' THEN RETURN; END IF;
    RETURN QUERY SELECT c.uuid FROM section c
        WHERE c.id = ANY (mine) AND c.id = ANY (classes_of_child(child));
END $$;

CREATE FUNCTION substitutes_of(child integer) RETURNS TABLE (person_id integer, side text)
LANGUAGE sql STABLE AS $$
    SELECT u.person_id, 'staff' FROM substitution u
    WHERE u.section_id = ANY (classes_of_child(child))
$$;

-- Whether the days are past or out of order. `last` NULL means no end.
CREATE FUNCTION are_days_odd(first date, last date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT first >= today() IS NOT true OR coalesce(last < first, false)
$$;

-- Whoever gives a duty ends it. A duty of the whole district names a school, too, and a school's
-- administrator can't end it alone: giving it again takes two people of the district and a day.
CREATE FUNCTION may_end_duty(d duty) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(d.school_id) AND may_decide_about(d.person_id)
        AND (i_decide_for(NULL)
            OR d.duty NOT IN (SELECT k.duty FROM duty_kinds() k
                WHERE k.proposed_as = 'district duty'))
$$;
