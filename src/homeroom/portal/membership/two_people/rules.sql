-- Which acts need a second approval, and what each takes. One administrator proposes and another
-- person approves. For some acts a day's time lock replaces the second approval. Every
-- administrator and the board are notified, and any of them can stop it. A proposal never changes.

-- Every such act that rooms declare, and what it takes: a second approval, a second approval or the
-- lock, both, or right away with a review within a day. An act that takes a second approval never
-- happens by the lock. No lock brings back what left the district or was destroyed.
CREATE FUNCTION two_person_acts() RETURNS TABLE (kind text, takes text, of_district boolean)
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT '', '', false WHERE false
    -- {each two-person act}
$$;

-- A hash of what the second approver read. An approval does not count for anything else with the
-- same number.
CREATE FUNCTION seen_as(p proposal) RETURNS text LANGUAGE sql STABLE SECURITY INVOKER AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(p.uuid, p.kind, p.person_id, p.school_id,
            p.payload, p.reason, p.proposed_by_id)::text, 'UTF8')), 'hex')
$$;

-- Another administrator ends the office, and two of the district must stay. A single one could not
-- carry out an act that needs two.
CREATE FUNCTION may_end_administrator(who integer, of_school integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(of_school) AND may_decide_about(who)
        AND (of_school IS NOT NULL OR 2 <= (SELECT count(DISTINCT a.person_id) FROM administrator a
                                            WHERE a.person_id <> who
                                                AND decides_for(a.person_id, NULL)))
$$;
