-- Gives a student an alias. One administrator does this right away, after signing in again.
-- Removing it needs a second approval.

-- Returns 'masked'. 'name': not a name. 'alike': it reveals the real name. 'used': a student of the
-- school has that name. 'basis': unknown. 'days': begins before today, or ends before it begins.
-- 'taken': masked already. 'again': the last confirmation of identity is too old. '' as if no one
-- were there.
-- `last` is the last day it counts.
CREATE FUNCTION mask_student(which uuid, given text, family text, of_basis text, first date,
    last date)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE p person; odd text; made integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT q.* INTO p FROM person q WHERE q.uuid = which AND i_mask(q.id);
    IF p.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    odd := odd_masking(p, trim(given), trim(family), of_basis, first, last);
    IF odd <> '' THEN RETURN odd; END IF;
    -- Ends one that is over by its date.
    UPDATE masking m SET ended_at = now()
        WHERE m.student_id = p.id AND m.ended_at IS NULL AND m.end_date <= today();
    INSERT INTO masking (student_id, given_name, family_name, basis, start_date, end_date,
        masked_by_id)
        VALUES (p.id, trim(given), trim(family), of_basis, first, last + 1, asking()) ON CONFLICT
        DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN RETURN 'taken'; END IF;
    -- The reason is in masking, since everyone with a tie to the child reads this entry.
    PERFORM ledger_change('student masked', p.id, asking(), 'administrator', NULL, '');
    RETURN 'masked';
END $$;

-- Returns 'proposed', 'taken', 'again' or ''. It needs a second approval, however short the
-- masking. A person who wants to find the child may have one administrator's help.
CREATE FUNCTION propose_unmasking(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE m masking;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT q.* INTO m FROM masking q
    WHERE q.uuid = which AND q.id = open_masking(q.student_id) AND i_mask(q.student_id);
    IF m.id IS NULL THEN RETURN ''; END IF;
    RETURN propose('unmasking', m.student_id, school_of_student(m.student_id),
        jsonb_build_object('masking', which), why);
END $$;

-- Carries out the proposal (membership/carrying_out). The alias stays in its row, so that papers
-- printed with it can still be explained.
CREATE FUNCTION unmask(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE masking m SET ended_at = now(), ended_by_id = p.decided_by_id
        WHERE m.uuid = (p.payload->>'masking')::uuid AND m.id = open_masking(p.person_id);
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('student unmasked', p.person_id, p.decided_by_id,
        office_of(p.decided_by_id), NULL, '');
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION mask_student(uuid, text, text, text, date, date),
    propose_unmasking(uuid, text) TO app;
