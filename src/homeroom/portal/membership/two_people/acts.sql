-- Proposes an act that needs a second approval, and makes and ends administrators. A portal starts
-- with two administrators. Each further one takes a second approval and a day.

-- For the functions of each act, which have checked what is proposed. Returns 'proposed'. 'taken':
-- the same proposal waits already. 'again': the last confirmation of identity is too old. '' as if
-- it did not exist.
CREATE FUNCTION propose(of_kind text, about integer, of_school integer, what jsonb, why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE how text := (SELECT takes FROM two_person_acts() WHERE kind = of_kind); made proposal;
BEGIN
    IF how IS NULL OR why IS NULL OR NOT i_decide_for(of_school)
        OR NOT may_decide_about(about) THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    INSERT INTO proposal (kind, person_id, school_id, payload, reason, proposed_by_id, state,
        lock_until)
        VALUES (of_kind, about, of_school, what, why, asking(),
            CASE how WHEN 'at once' THEN 'under review' ELSE 'waiting' END,
                CASE WHEN how <> 'second' THEN now() + interval '24 hours' END)
        ON CONFLICT DO NOTHING RETURNING * INTO made;
    IF made.id IS NULL THEN RETURN 'taken'; END IF;
    PERFORM ledger_proposal(made, 'proposed', asking());
    PERFORM tell_administrators(of_school, 'waits for a second');
    RETURN 'proposed';
END $$;

CREATE FUNCTION ledger_proposal(p proposal, what text, by_person integer) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT ledger_change(p.kind || ': ' || what, NULL, by_person, office_of(by_person), NULL,
        p.uuid::text)
$$;

-- Marks whether the board was notified. Returns whether that changed, so that a second sender does
-- not send the same email.
CREATE FUNCTION mark_board_told(of_proposal integer, is_told boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE proposal SET board_told_at = CASE WHEN is_told THEN now() END
        WHERE id = of_proposal AND (board_told_at IS NOT NULL) <> is_told;
    RETURN FOUND;
END $$;

-- Notifies every administrator, also those of one school, that the board named a person or no
-- longer names one.
CREATE FUNCTION tell_of_board_second(what text) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT tell_account(w.person_id, 'staff', what)
    FROM (SELECT DISTINCT person_id FROM administrator WHERE decides_for(person_id, school_id)) w
$$;

-- `of_school` NULL means the whole district.
CREATE FUNCTION propose_administrator(which uuid, of_school uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer := (SELECT s.id FROM staff_named(which) s);
    place integer := (SELECT s.id FROM school s WHERE s.uuid = of_school AND s.ended_at IS NULL);
BEGIN
    IF who IS NULL OR (of_school IS NOT NULL AND place IS NULL) OR decides_for(who, place) THEN
        RETURN '';
    END IF;
    RETURN propose('new administrator', who, place, jsonb_build_object('school', of_school), why);
END $$;

CREATE FUNCTION make_administrator(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN write_administrator(p.person_id, p.school_id, p.decided_by_id,
        office_of(p.decided_by_id), p.uuid::text);
END $$;

-- `by_person` NULL means the clock or the operator's command. `place` NULL means the whole
-- district. Returns whether it was written: only for staff, and not a second time.
CREATE FUNCTION write_administrator(who integer, place integer, by_person integer,
    by_capacity text, why text)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO administrator (person_id, school_id, start_date)
        SELECT w.id, place, today() FROM person w
        WHERE w.id = who AND w.is_staff AND w.ended_at IS NULL AND NOT EXISTS (
            SELECT FROM administrator a
            WHERE a.person_id = w.id AND a.school_id IS NOT DISTINCT FROM place
              AND (a.end_date IS NULL OR a.end_date > today()));
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('administrator made', NULL, by_person, by_capacity, NULL, why);
    PERFORM tell_account(who, 'staff', 'office given');
    RETURN true;
END $$;

-- Ends an administrator's office. This person's proposals that still wait are stopped, and every
-- staff session ends. Returns 'ended', 'again' or ''.
CREATE FUNCTION end_administrator(which uuid, of_school uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE who integer; place integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    who := (SELECT p.id FROM person p WHERE p.uuid = which);
    place := (SELECT s.id FROM school s WHERE s.uuid = of_school);
    -- If two end each other, the second one waits and holds no office any more.
    LOCK TABLE administrator IN SHARE ROW EXCLUSIVE MODE;
    IF who IS NULL OR why IS NULL OR (of_school IS NOT NULL AND place IS NULL)
        OR NOT may_end_administrator(who, place) THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE administrator SET end_date = today()
        WHERE person_id = who AND school_id IS NOT DISTINCT FROM place
          AND (end_date IS NULL OR end_date > today());
    IF NOT FOUND THEN RETURN ''; END IF;
    UPDATE proposal SET state = 'stopped', ended_at = now(), decided_by_id = asking(),
        decided_at = now(), words = why
        WHERE proposed_by_id = who AND state IN ('waiting', 'confirmed')
          AND NOT decides_for(who, school_id);
    PERFORM ledger_change('administrator ended', NULL, asking(), 'administrator', NULL,
        which::text || ' ' || why);
    PERFORM tell_administrators(place, 'administrators changed');
    PERFORM tell_account(who, 'staff', 'office ended');
    RETURN 'ended';
END $$;

GRANT EXECUTE ON FUNCTION mark_board_told(integer, boolean) TO jobs;
GRANT EXECUTE ON FUNCTION propose_administrator(uuid, uuid, text),
    end_administrator(uuid, uuid, text) TO app;
