-- Who may answer a proposal, whether it is still possible, and which students it is about.

-- Returns the students that the proposal is about.
CREATE FUNCTION students_of(p proposal) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE p.kind
    -- {whom each is about}
    ELSE RETURN ARRAY(SELECT q.id FROM person q WHERE q.uuid = (p.payload->>'student')::uuid);
    END CASE;
END $$;

-- Whether the proposer and the approver are still unrelated to everyone it is about. This may
-- change while it waits.
CREATE FUNCTION are_apart_from(p proposal) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM unnest(ARRAY[p.proposed_by_id, p.decided_by_id]) who,
        unnest(p.person_id || students_of(p)) about
        WHERE who IS NOT NULL AND NOT is_apart(who, about))
$$;

-- No one proposes, confirms or stops an act about a child they may not decide about. District acts
-- need an administrator of the district, and the board second is not one.
CREATE FUNCTION may_decide_on(p proposal) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_decide_about(p.person_id)
        AND NOT EXISTS (SELECT FROM unnest(students_of(p)) s WHERE NOT may_decide_about(s))
        AND (i_decide_for(NULL)
            OR NOT (SELECT a.of_district FROM two_person_acts() a WHERE a.kind = p.kind))
$$;

-- Returns what the second approver sees next to the proposal.
CREATE FUNCTION shown_of(p proposal) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    CASE p.kind
    -- {what each shows}
    ELSE RETURN CASE WHEN p.payload ? 'student' THEN child_proposed(p.payload)
        ELSE p.payload END;
    END CASE;
END $$;
