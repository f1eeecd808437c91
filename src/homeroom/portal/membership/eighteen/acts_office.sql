-- Acts of an office and a student about rights at 18: dependence, agreements, a suspension that one
-- registrar lifts, a birth date that changed, and notices on paper.

-- One office member lifts one tie's suspension. `because` is 'dependent' (with how it was seen),
-- 'agreed' (the student told the office) or 'court'. Returns 'opened'. 'ended by student': a
-- student who ended the agreement renews it only in the portal (34 CFR 99.30). 'odd': no such
-- reason. 'again': the last confirmation of identity is too old. '' as if nothing were there.
CREATE FUNCTION lift_suspension_by_age(which uuid, because text, how text, until_day date)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN ''; END IF;
    SELECT * INTO t FROM tie q
    WHERE q.uuid = which AND q.state <> 'ended' AND is_suspended_by_age(q.id)
      AND i_keep_ages_of(q.student_id) AND may_decide_about(q.adult_id) FOR UPDATE;
    IF t.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF because = 'dependent' THEN
        IF NOT i_keep_dependence_of(t.student_id) THEN RETURN ''; END IF;
        RETURN CASE keep_dependence(t.student_id, how, until_day) WHEN 'recorded' THEN 'opened'
            ELSE 'odd' END;
    ELSIF because = 'agreed' THEN
        IF EXISTS (SELECT FROM age_agreement a
            WHERE a.tie_id = t.id AND a.ended_at IS NOT NULL) THEN
            RETURN 'ended by student';
        END IF;
        INSERT INTO age_agreement (tie_id, noted_by_id) VALUES (t.id, asking()) ON CONFLICT
            DO NOTHING;
        PERFORM settle_age(t.id, asking(), office_i_act_in()), tell_of_office_at_18(t.student_id);
    ELSIF because = 'court' THEN
        PERFORM open_after_age(t.id, 'court', asking(), office_i_act_in());
    ELSE
        RETURN 'odd';
    END IF;
    RETURN 'opened';
END $$;

-- For a student that the caller may decide about. A later record replaces an earlier one. Returns
-- 'recorded'. 'odd': an unknown basis or a past day.
CREATE FUNCTION keep_dependence(student integer, how text, until_day date) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF how IS NULL OR how <> ALL (ARRAY['tax return', 'parent statement', 'student statement'])
        OR until_day <= today() THEN
        RETURN 'odd';
    END IF;
    UPDATE dependence SET ended_at = now(), ended_by_id = asking()
        WHERE student_id = student AND ended_at IS NULL;
    INSERT INTO dependence (student_id, basis, until, recorded_by_id)
        VALUES (student, how, until_day, asking());
    PERFORM ledger_change('dependence recorded', student, asking(), office_i_act_in(), NULL, how);
    PERFORM settle_age(t.id, asking(), office_i_act_in())
        FROM (SELECT id FROM tie WHERE student_id = student ORDER BY id) t;
    PERFORM tell_of_office_at_18(student);
    RETURN 'recorded';
END $$;

-- Notifies the student once of what an office just opened without the student, however many ties.
CREATE FUNCTION tell_of_office_at_18(student integer) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT tell_in_challenge(student, 'student', 'agreed for you')
    WHERE EXISTS (SELECT FROM age_effect e JOIN tie t ON t.id = e.tie_id
        WHERE t.student_id = student AND e.opened_at = now() AND e.opener_id = asking())
$$;

-- Records or ends dependence for many students by sourcedId. `act` is 'record' or 'end'. Returns
-- one row per number that is not one of my students, or whose student has no dependence to end. No
-- row means all were done. A NULL number means that nothing was done, and `word` says why ('again',
-- 'odd').
CREATE FUNCTION record_dependence(act text, numbers text[], how text, until_day date)
RETURNS TABLE (number text, word text) LANGUAGE plpgsql VOLATILE AS $$
DECLARE n text; child integer;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN
        RETURN QUERY SELECT NULL, '';
        RETURN;
    END IF;
    IF NOT is_fresh() THEN RETURN QUERY SELECT NULL, 'again'; RETURN; END IF;
    IF (act IN ('record', 'end') AND cardinality(numbers) <= 2000) IS NOT true OR act = 'record'
        AND (how IN ('tax return', 'parent statement', 'student statement') IS NOT true
            OR until_day <= today())
    THEN RETURN QUERY SELECT NULL, 'odd'; RETURN; END IF;
    FOR n IN SELECT DISTINCT u FROM unnest(numbers) u ORDER BY 1 LOOP
        child := (SELECT p.id FROM person p
            WHERE p.sourced_id = n AND p.is_student AND p.ended_at IS NULL
              AND i_keep_dependence_of(p.id));
        IF child IS NULL THEN
            RETURN QUERY SELECT n, 'unknown';
        ELSIF act = 'record' THEN
            PERFORM keep_dependence(child, how, until_day);
        ELSIF NOT end_dependence(child) THEN
            RETURN QUERY SELECT n, 'none';
        END IF;
    END LOOP;
END $$;

-- Ends a dependence that is over or was recorded by mistake. Returns whether there was one.
CREATE FUNCTION end_dependence(student integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dependence SET ended_at = now(), ended_by_id = asking()
        WHERE student_id = student AND ended_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('dependence ended', student, asking(), office_i_act_in(), NULL, '');
    PERFORM settle_age(t.id, asking(), office_i_act_in())
        FROM (SELECT id FROM tie WHERE student_id = student ORDER BY id) t;
    RETURN true;
END $$;

-- Decides about a birth date that changed. 'record' takes the record's date. 'before' keeps the one
-- that counted. Returns 'confirmed', 'again' or ''.
CREATE FUNCTION confirm_birth_date(which uuid, says text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE m majority;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN ''; END IF;
    SELECT q.* INTO m FROM majority q JOIN person p ON p.id = q.student_id
    WHERE p.uuid = which AND q.held_at IS NOT NULL AND i_keep_ages_of(p.id) FOR UPDATE OF q;
    IF m.student_id IS NULL OR says IN ('record', 'before') IS NOT true THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE majority SET held_at = NULL, confirmed_by_id = asking(), confirmed_at = now()
        WHERE student_id = m.student_id;
    PERFORM ledger_change('birth date confirmed', m.student_id, asking(), office_i_act_in(), NULL,
        '');
    IF says = 'record' THEN
        IF m.applied_at IS NOT NULL THEN
            PERFORM give_rights_back(m.student_id, asking(), office_i_act_in());
        END IF;
        -- It is calculated and announced again.
        DELETE FROM majority WHERE student_id = m.student_id;
        DELETE FROM paper_notice WHERE student_id = m.student_id AND printed_at IS NULL;
    END IF;
    RETURN 'confirmed';
END $$;

-- Returns how many of these were marked as printed. A second call marks none.
CREATE FUNCTION paper_printed(numbers integer[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE done integer;
BEGIN
    WITH ticked AS (UPDATE paper_notice n SET printed_at = now(), printed_by_id = asking()
        WHERE n.id IN (SELECT papers_to_print(numbers)) AND n.printed_at IS NULL
                    RETURNING n.student_id, n.contact_id),
         written AS (SELECT ledger_change(CASE WHEN t.contact_id IS NULL THEN 'told on paper'
                 ELSE 'contact told on paper' END, t.student_id, asking(), office_i_act_in(), NULL,
                 '')
                     FROM ticked t)
    SELECT count(*) INTO done FROM written;
    RETURN done;
END $$;

-- The student agrees that an adult keeps access, after a recent sign-in (34 CFR 99.30(d)). Never
-- with a card, which is_fresh() refuses. Returns 'agreed', 'again' or ''.
CREATE FUNCTION agree_at_18(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie := my_tie_at_18(which);
BEGIN
    IF t.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    INSERT INTO age_agreement (tie_id) VALUES (t.id) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        PERFORM ledger_change('agreed at 18', t.student_id, asking(), 'student', t.id, '');
    END IF;
    PERFORM settle_age(t.id, asking(), 'student');
    RETURN 'agreed';
END $$;

-- Ends the agreement. If the student is 18, the tie is suspended by age right away, unless it has
-- another reason. Returns 'ended', 'again' or ''.
CREATE FUNCTION end_agreement(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie := my_tie_at_18(which);
BEGIN
    IF t.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE age_agreement SET ended_at = now() WHERE tie_id = t.id AND ended_at IS NULL;
    IF NOT FOUND THEN RETURN ''; END IF;
    PERFORM ledger_change('agreement ended', t.student_id, asking(), 'student', t.id, '');
    PERFORM settle_age(t.id, asking(), 'student');
    RETURN 'ended';
END $$;

CREATE FUNCTION my_tie_at_18(which uuid) RETURNS tie LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie;
BEGIN
    IF asking_side() <> 'student'
        OR which IN (SELECT o.uuid FROM tie o
            WHERE o.student_id = asking() OFFSET 0) IS NOT true THEN
        RETURN NULL;
    END IF;
    SELECT q.* INTO t FROM tie q JOIN majority m ON m.student_id = q.student_id
        AND m.announced_at IS NOT NULL
        WHERE q.uuid = which AND q.student_id = asking() AND is_agreed_by_student(q)
        FOR UPDATE OF q;
    RETURN t;
END $$;

GRANT EXECUTE ON FUNCTION lift_suspension_by_age(uuid, text, text, date),
    record_dependence(text, text[], text, date), confirm_birth_date(uuid, text),
    paper_printed(integer[]), agree_at_18(uuid), end_agreement(uuid) TO app;
