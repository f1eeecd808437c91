-- Opt-outs from directory information (34 CFR 99.37, Ed. Code 49073).

-- Returns 'kept'. 'same': I opted out already. 'odd': no such category. '' as if nothing were
-- there. It only closes something, so no fresh proof is needed.
CREATE FUNCTION opt_out(child uuid, of_category text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE s record;
BEGIN
    SELECT * INTO s FROM my_say_on_consents(child) m WHERE m.may_opt_out;
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    IF of_category IN (SELECT c.category FROM directory_categories() c) IS NOT true THEN
        RETURN 'odd';
    END IF;
    INSERT INTO directory_opt_out (student_id, person_id, category)
        VALUES (s.student_id, asking(), of_category) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'same'; END IF;
    PERFORM ledger_change('directory opted out', s.student_id, asking(), asking_side(), s.tie_id,
        of_category);
    RETURN 'kept';
END $$;

-- Takes back what I may: my opt-out, and those of people who may no longer consent. Everyone who
-- sees the student is notified. Returns 'ended'. 'same': none is mine. 'again': the last
-- confirmation of identity is too old. '' as if nothing were there.
CREATE FUNCTION take_back_opt_out(child uuid, of_category text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE s record;
BEGIN
    IF NOT EXISTS (SELECT FROM my_say_on_consents(child)) THEN RETURN ''; END IF;
    -- Locked, so that the second one waits: this, and the end of the access that allows it.
    PERFORM FROM tie t WHERE t.adult_id = asking() AND asking_side() = 'family'
        AND t.id IN (SELECT m.tie_id FROM my_say_on_consents(child) m) FOR UPDATE;
    SELECT * INTO s FROM my_say_on_consents(child) m WHERE m.may_consent;
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE directory_opt_out x SET ended_at = now(), ended_by_id = asking()
        WHERE x.ended_at IS NULL AND x.id IN (SELECT o.id
            FROM opt_outs_of(ARRAY[s.student_id]) o
            WHERE o.category = of_category AND may_take_back(o.person_id, s.student_id));
    IF NOT FOUND THEN RETURN 'same'; END IF;
    PERFORM ledger_change('opt-out taken back', s.student_id, asking(), asking_side(), s.tie_id,
            of_category),
        tell_family_of(s.student_id, asking(), 'opt-out taken back');
    RETURN 'ended';
END $$;

GRANT EXECUTE ON FUNCTION opt_out(uuid, text), take_back_opt_out(uuid, text) TO app;
