-- Proposals, for the people who may answer them.

-- Lists proposals that wait and those that ended in the last 90 days. Administrators see who is an
-- administrator, and here the board second sees it too.
CREATE FUNCTION proposals_shown()
RETURNS TABLE (uuid uuid, kind text, takes text, state text, about text, school text,
    payload jsonb, reason text, proposer text, is_mine boolean, proposed_at timestamptz,
    decider text, decided_at timestamptz, words text, lock_until timestamptz, ended_at timestamptz,
    seen text, may_decide boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, p.kind, a.takes, p.state, full_name(w), s.name, shown_of(p), p.reason,
           full_name(b), b.id = asking(), p.proposed_at, full_name(d), p.decided_at, p.words,
           p.lock_until, p.ended_at, seen_as(p), b.id <> asking() AND may_decide_on(p)
    FROM proposal p JOIN two_person_acts() a
    USING (kind) JOIN person b ON b.id = p.proposed_by_id LEFT JOIN person w ON w.id = p.person_id
         LEFT JOIN person d ON d.id = p.decided_by_id LEFT JOIN school s ON s.id = p.school_id
    WHERE i_answer_for(p.school_id) AND (NOT a.of_district OR i_decide_for(NULL))
      -- Acts about a child, or about an adult's access to one, are hidden from office holders who
      -- may not decide about that child. District acts are not: every administrator of the district
      -- sees who is let in.
      AND (b.id = asking() OR a.of_district OR students_of(p) = '{}' OR may_decide_on(p))
      AND (p.ended_at IS NULL OR p.ended_at > now() - interval '90 days')
    ORDER BY p.ended_at DESC NULLS FIRST, p.id LIMIT 200;
END $$;

GRANT EXECUTE ON FUNCTION proposals_shown() TO app;
