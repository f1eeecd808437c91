-- Who holds the office of an administrator. The first two are made when the portal is made; each further one by two people and a day.

-- Staff whose names begin with these words, for whoever gives an office or a duty. Nobody about whom the asker may not decide; that is
-- asked in the list's order (OFFSET 0), so of a district of 50,000 for twenty people and not for all.
CREATE FUNCTION staff_found(words text) RETURNS TABLE (uuid uuid, name text, schools text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.uuid, w.name, coalesce((SELECT string_agg(DISTINCT s.name, ', ') FROM role r JOIN school s ON s.id = r.school_id
                                     WHERE r.person_id = w.id AND r.ended_at IS NULL), '')
    FROM (SELECT p.id, p.uuid, full_name(p) AS name, lower(full_name(p)) AS place FROM person p
          WHERE p.id IN (SELECT people_found(words)) AND EXISTS (SELECT FROM my_offices()) AND p.is_staff AND p.ended_at IS NULL
          ORDER BY place, p.id OFFSET 0) w
    WHERE may_decide_about(w.id) ORDER BY w.place, w.id LIMIT 20
$$;

-- One of them, as the form names her.
CREATE FUNCTION staff_named(which uuid) RETURNS TABLE (id integer, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, full_name(p) FROM person p
    WHERE p.uuid = which AND p.is_staff AND p.ended_at IS NULL AND EXISTS (SELECT FROM my_offices()) AND may_decide_about(p.id)
$$;

CREATE FUNCTION administrators_shown() RETURNS TABLE (uuid uuid, name text, school text, school_uuid uuid, since date, is_me boolean, may_end boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, full_name(p), s.name, s.uuid, a.start_date, p.id = asking(),
           may_end_administrator(p.id, a.school_id)
    FROM administrator a JOIN person p ON p.id = a.person_id LEFT JOIN school s ON s.id = a.school_id
    WHERE EXISTS (SELECT FROM my_offices()) AND a.start_date <= today() AND (a.end_date IS NULL OR a.end_date > today())
    ORDER BY s.name NULLS FIRST, lower(full_name(p)), p.id
$$;

-- Whom the board named, for administrators: they know who else may answer.
CREATE FUNCTION board_second_shown() RETURNS TABLE (name text, since date) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT full_name(p), b.start_date FROM board_second b JOIN person p ON p.id = b.person_id
    WHERE EXISTS (SELECT FROM my_offices()) AND b.start_date <= today() AND (b.end_date IS NULL OR b.end_date > today())
$$;

-- The board named somebody, or named nobody any more: every administrator is told, those of one school too.
CREATE FUNCTION tell_of_board_second(what text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tell_account(w.person_id, 'staff', what) FROM (SELECT DISTINCT person_id FROM administrator WHERE decides_for(person_id, school_id)) w
$$;

-- By another; and two of the district stay, since one alone could carry nothing out that takes two.
CREATE FUNCTION may_end_administrator(who integer, of_school integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i_decide_for(of_school) AND may_decide_about(who)
        AND (of_school IS NOT NULL OR 2 <= (SELECT count(DISTINCT a.person_id) FROM administrator a
                                            WHERE a.school_id IS NULL AND a.person_id <> who AND decides_for(a.person_id, NULL)))
$$;

-- of_school: NULL for the whole district.
CREATE FUNCTION propose_administrator(which uuid, of_school uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who integer := (SELECT s.id FROM staff_named(which) s); place integer := (SELECT s.id FROM school s WHERE s.uuid = of_school AND s.ended_at IS NULL);
BEGIN
    IF who IS NULL OR (of_school IS NOT NULL AND place IS NULL) OR decides_for(who, place) THEN RETURN ''; END IF;
    RETURN propose('new administrator', who, place, jsonb_build_object('school', of_school), why);
END $$;

CREATE FUNCTION make_administrator(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO administrator (person_id, school_id, start_date)
        SELECT w.id, p.school_id, today() FROM person w
        WHERE w.id = p.person_id AND w.is_staff AND w.ended_at IS NULL AND NOT EXISTS (
            SELECT FROM administrator a WHERE a.person_id = w.id AND a.school_id IS NOT DISTINCT FROM p.school_id AND (a.end_date IS NULL OR a.end_date > today()));
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('administrator made', NULL, p.decided_by_id, office_of(p.decided_by_id), NULL, p.uuid::text);
    PERFORM tell_account(p.person_id, 'staff', 'office given');
    RETURN true;
END $$;

-- 'ended', 'again', or ''. Everything the person had begun with another's yes still to come is stopped; every staff session ends.
CREATE FUNCTION end_administrator(which uuid, of_school uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who integer := (SELECT p.id FROM person p WHERE p.uuid = which); place integer := (SELECT s.id FROM school s WHERE s.uuid = of_school);
BEGIN
    LOCK TABLE administrator IN SHARE ROW EXCLUSIVE MODE;  -- two who end each other: the second waits, and holds no office any more
    IF who IS NULL OR (of_school IS NOT NULL AND place IS NULL) OR NOT may_end_administrator(who, place) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE administrator SET end_date = today()
        WHERE person_id = who AND school_id IS NOT DISTINCT FROM place AND (end_date IS NULL OR end_date > today());
    IF NOT FOUND THEN RETURN ''; END IF;
    UPDATE proposal SET state = 'stopped', ended_at = now(), decided_by_id = asking(), decided_at = now(), words = why
        WHERE proposed_by_id = who AND state IN ('waiting', 'confirmed') AND NOT decides_for(who, school_id);
    PERFORM ledger_change('administrator ended', NULL, asking(), 'administrator', NULL, which::text || ' ' || why);
    PERFORM tell_administrators(place, 'administrators changed');
    PERFORM tell_account(who, 'staff', 'office ended');
    RETURN 'ended';
END $$;
GRANT EXECUTE ON FUNCTION staff_found(text), staff_named(uuid), administrators_shown(), board_second_shown(), propose_administrator(uuid, uuid, text),
    end_administrator(uuid, uuid, text) TO app;
