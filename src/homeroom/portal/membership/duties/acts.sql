-- Administrators give and end duties and substitutions, and the person is notified. Duties that
-- open the grades of a whole school need a second approval, or a day in which no one stops them.
-- A duty of the whole district needs both.

-- `first` and `last` are the first and the last day. Returns 'given', 'proposed', 'taken' (given
-- already), 'days' (past or out of order), 'again' or ''.
CREATE FUNCTION give_duty(which uuid, of_school uuid, of_duty text, first date, last date, why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer; place integer; act text;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    act := (SELECT k.proposed_as FROM duty_kinds() k WHERE k.duty = of_duty);
    who := (SELECT s.id FROM staff_named(which) s);
    place := (SELECT s.id FROM school s WHERE s.uuid = of_school AND s.ended_at IS NULL);
    IF who IS NULL OR place IS NULL OR act IS NULL OR why IS NULL OR NOT i_decide_for(place)
        OR act = 'district duty' AND NOT i_decide_for(NULL) THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF are_days_odd(first, last) THEN RETURN 'days'; END IF;
    IF act <> '' THEN
        RETURN propose(act, who, place,
            jsonb_build_object('duty', of_duty, 'first', first, 'last', last, 'school', of_school),
            why);
    END IF;
    RETURN CASE WHEN write_duty(who, place, of_duty, first, last, asking(), 'administrator', why)
        THEN 'given' ELSE 'taken' END;
END $$;

-- For the operator's command, as owner, which needs no second approval. Returns 'given', 'taken' or
-- 'days'. '': not a staff member, or no such school.
CREATE FUNCTION give_duty_by_operator(who integer, place integer, of_duty text, first date,
    last date)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM person p WHERE p.id = who AND p.is_staff AND p.ended_at IS NULL)
        OR NOT EXISTS (SELECT FROM school s WHERE s.id = place AND s.ended_at IS NULL) THEN
        RETURN '';
    END IF;
    IF are_days_odd(first, last) THEN RETURN 'days'; END IF;
    RETURN CASE WHEN write_duty(who, place, of_duty, first, last, NULL, 'operator', NULL)
        THEN 'given' ELSE 'taken' END;
END $$;

-- Returns whether it was written. The same days are not written twice.
CREATE FUNCTION write_duty(who integer, place integer, of_duty text, first date, last date,
    by_person integer, by_capacity text, why text)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    -- If two people give the same duty at the same moment, the second one finds it given.
    PERFORM FROM person p WHERE p.id = who FOR UPDATE;
    INSERT INTO duty (person_id, school_id, duty, start_date, end_date)
        SELECT who, place, of_duty, first, last + 1 WHERE NOT EXISTS (
            SELECT FROM duty d WHERE d.person_id = who AND d.school_id = place AND d.duty = of_duty
            AND daterange(d.start_date, d.end_date) && daterange(first, last + 1));
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('duty given', NULL, by_person, by_capacity, NULL,
        of_duty || coalesce(': ' || why, ''));
    PERFORM tell_account(who, 'staff', 'duty given');
    RETURN true;
END $$;

CREATE FUNCTION make_duty(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE last date := (p.payload->>'last')::date;
BEGIN
    IF last < today() OR NOT EXISTS (SELECT FROM person w
        WHERE w.id = p.person_id AND w.is_staff AND w.ended_at IS NULL) THEN
        RETURN false;
    END IF;
    RETURN write_duty(p.person_id, p.school_id, p.payload->>'duty',
        greatest((p.payload->>'first')::date, today()), last, p.decided_by_id,
        office_of(p.decided_by_id), p.reason);
END $$;

-- Ends the duty today and signs the person out. Returns 'ended', 'again' or ''.
CREATE FUNCTION end_duty(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE found duty;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT d.* INTO found FROM duty d
    WHERE d.uuid = which AND may_end_duty(d)
      AND (d.end_date IS NULL OR d.end_date > today());
    IF found.id IS NULL OR why IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    PERFORM stop_duty(found, asking(), 'administrator', why);
    RETURN 'ended';
END $$;

-- Ends a duty. `by_person` NULL means the operator's command.
CREATE FUNCTION stop_duty(d duty, by_person integer, by_capacity text, why text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE duty SET end_date = today() WHERE id = d.id;
    PERFORM ledger_change('duty ended', NULL, by_person, by_capacity, NULL,
        d.duty || coalesce(': ' || why, ''));
    PERFORM tell_account(d.person_id, 'staff', 'duty ended');
END $$;

-- Returns 'given', 'days', 'again' or ''. 'days': past, out of order, or more than 31, which is no
-- substitution. A class that the person already has on those days is not added again.
CREATE FUNCTION give_substitution(which uuid, classes uuid[], first date, last date, why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer; ids integer[];
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    who := (SELECT s.id FROM staff_named(which) s);
    ids := ARRAY(SELECT c.id FROM section c
        WHERE c.uuid = ANY (classes) AND c.ended_at IS NULL AND i_decide_for(c.school_id));
    IF who IS NULL OR why IS NULL OR ids = '{}' OR cardinality(ids) <> cardinality(classes) THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF are_days_odd(first, last) OR last < first + 31 IS NOT true THEN RETURN 'days'; END IF;
    INSERT INTO substitution (person_id, section_id, first_day, last_day, given_by_id)
        SELECT who, i, first, last, asking() FROM unnest(ids) AS i WHERE NOT EXISTS (
            SELECT FROM substitution u
            WHERE u.person_id = who AND u.section_id = i AND u.ended_at IS NULL
              AND daterange(u.first_day, u.last_day, '[]') && daterange(first, last, '[]'));
    PERFORM ledger_change('substitute given', NULL, asking(), 'administrator', NULL, why);
    PERFORM tell_account(who, 'staff', 'duty given');
    RETURN 'given';
END $$;

CREATE FUNCTION end_substitution(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    who := (SELECT u.person_id FROM substitution u JOIN section c ON c.id = u.section_id
        WHERE u.uuid = which AND u.ended_at IS NULL AND i_decide_for(c.school_id)
        AND may_decide_about(u.person_id));
    IF who IS NULL OR why IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE substitution u SET ended_at = now() WHERE u.uuid = which;
    PERFORM ledger_change('substitute ended', NULL, asking(), 'administrator', NULL, why);
    PERFORM tell_account(who, 'staff', 'duty ended');
    RETURN 'ended';
END $$;

GRANT EXECUTE ON FUNCTION give_duty(uuid, uuid, text, date, date, text), end_duty(uuid, text),
    give_substitution(uuid, uuid[], date, date, text), end_substitution(uuid, text) TO app;
