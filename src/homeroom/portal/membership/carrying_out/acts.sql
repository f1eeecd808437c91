-- Approves or stops proposals, and carries out approved acts.

-- Returns the proposal, locked. If two people answer at the same moment, the second one waits and
-- finds it answered. Returns NULL if the asker may not answer it.
CREATE FUNCTION proposal_to_decide(which uuid) RETURNS proposal LANGUAGE plpgsql VOLATILE AS $$
DECLARE p proposal;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) AND NOT i_answer_for(NULL) THEN RETURN NULL; END IF;
    SELECT * INTO p FROM proposal WHERE uuid = which AND i_answer_for(school_id) FOR UPDATE;
    IF p.proposed_by_id = asking() OR may_decide_on(p) THEN RETURN p; END IF;
    RETURN NULL;
END $$;

-- Approves a proposal. Two accounts of one person count as one person. `seen` is the hash of what
-- the page showed (seen_as()). Returns 'carried out', 'not possible', 'confirmed' (the lock still
-- runs) or 'reviewed'. 'mine': the asker made the proposal. 'taken': answered, ended, or no longer
-- what was shown. 'again': the last confirmation of identity is too old. '': not the asker's to
-- answer.
CREATE FUNCTION second_proposal(which uuid, seen text, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE p proposal := proposal_to_decide(which); became text;
BEGIN
    IF p.id IS NULL OR why IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF p.proposed_by_id = asking() THEN RETURN 'mine'; END IF;
    IF p.state NOT IN ('waiting', 'under review') OR seen IS DISTINCT FROM seen_as(p) THEN
        RETURN 'taken';
    END IF;
    became := CASE WHEN p.state = 'under review' THEN 'reviewed' ELSE 'confirmed' END;
    UPDATE proposal SET state = became, decided_by_id = asking(), decided_at = now(), words = why,
        ended_at = CASE became WHEN 'reviewed' THEN now() END WHERE id = p.id RETURNING * INTO p;
    PERFORM ledger_proposal(p, became, asking());
    PERFORM tell_administrators(p.school_id, 'proposal decided');
    IF became = 'reviewed' OR p.lock_until > now()
        AND (SELECT takes FROM two_person_acts() WHERE kind = p.kind) = 'second and lock' THEN
        RETURN became;
    END IF;
    RETURN carry_out(p);
END $$;

-- Stops a proposal. Every possible second approver and the proposer may do this.
CREATE FUNCTION stop_proposal(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE p proposal := proposal_to_decide(which); became text;
BEGIN
    IF p.id IS NULL OR why IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF p.state NOT IN ('waiting', 'confirmed', 'under review') THEN RETURN 'taken'; END IF;
    became := CASE WHEN p.state = 'under review' THEN 'objected'
        WHEN p.proposed_by_id = asking() THEN 'withdrawn' ELSE 'stopped' END;
    IF became = 'objected' AND p.proposed_by_id = asking() THEN RETURN 'mine'; END IF;
    UPDATE proposal SET state = became, decided_by_id = asking(), decided_at = now(), words = why,
        ended_at = now() WHERE id = p.id;
    PERFORM ledger_proposal(p, became, asking());
    PERFORM tell_administrators(p.school_id, 'proposal decided');
    RETURN became;
END $$;

-- Carries out the act. Returns false if it is no longer possible.
CREATE FUNCTION carried_out(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    CASE p.kind
    -- {how each is carried out}
    ELSE RETURN false;
    END CASE;
END $$;

-- Carries out the act only if the proposer and the approver still hold their office and the act is
-- still possible. Otherwise nothing is done, and the page says so.
CREATE FUNCTION carry_out(p proposal) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE is_done boolean := decides_for(p.proposed_by_id, p.school_id)
    AND (p.decided_by_id IS NULL OR decides_for(p.decided_by_id, p.school_id)
        OR is_board_second(p.decided_by_id));
    became text;
BEGIN
    IF is_done AND are_apart_from(p) THEN
        is_done := carried_out(p);
    ELSE
        is_done := false;
    END IF;
    became := CASE WHEN is_done THEN 'carried out' ELSE 'not possible' END;
    UPDATE proposal SET state = became, ended_at = now() WHERE id = p.id;
    PERFORM ledger_proposal(p, became, p.decided_by_id);
    PERFORM tell_administrators(p.school_id, 'proposal decided');
    RETURN became;
END $$;

-- The jobs process calls this until it returns NULL. Carries out the next proposal whose lock is
-- over, or ends one that no one answered in 14 days. The database's clock decides, so the jobs
-- process can't hurry it. Each call is one transaction, so a call that was killed is repeated.
CREATE FUNCTION next_proposal_due() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE p proposal;
BEGIN
    SELECT q.* INTO p FROM proposal q JOIN two_person_acts() a USING (kind)
        WHERE q.lock_until <= now()
          AND (q.state = 'confirmed' OR q.state = 'waiting' AND a.takes = 'second or lock')
        ORDER BY q.id LIMIT 1 FOR UPDATE OF q SKIP LOCKED;
    IF p.id IS NOT NULL THEN RETURN carry_out(p); END IF;
    UPDATE proposal SET state = 'expired', ended_at = now() WHERE id = (
        SELECT id FROM proposal WHERE state = 'waiting' AND proposed_at < now() - interval '14 days'
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING * INTO p;
    IF p.id IS NULL THEN RETURN NULL; END IF;
    PERFORM ledger_proposal(p, 'expired', NULL);
    RETURN 'expired';
END $$;

GRANT EXECUTE ON FUNCTION second_proposal(uuid, text, text), stop_proposal(uuid, text) TO app;
GRANT EXECUTE ON FUNCTION next_proposal_due() TO jobs;
