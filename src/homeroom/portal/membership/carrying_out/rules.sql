-- Whether a proposal can still be answered, by whom, and about whom.

-- Whether neither of the two has come to have to do with whom it is about, while it waited.
CREATE FUNCTION are_apart_from(p proposal) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM unnest(ARRAY[p.proposed_by_id, p.decided_by_id]) who,
        unnest(ARRAY[p.person_id,
        (SELECT q.id FROM person q WHERE q.uuid = (p.payload->>'student')::uuid),
        (SELECT c.student_id FROM challenge_case c
            WHERE c.uuid = (p.payload->>'challenge')::uuid)]) about
        WHERE who IS NOT NULL AND about IS NOT NULL AND NOT is_apart(who, about))
$$;

-- Nobody proposes, confirms or stops a look at a child about whom they may not decide; and whom the
-- board named is no administrator.
CREATE FUNCTION may_decide_on(p proposal) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT may_decide_about(p.person_id)
        AND (p.kind <> 'support' OR i_decide_for(NULL)
            AND NOT EXISTS (SELECT FROM unnest(students_of_support(p.payload)) s
                WHERE NOT may_decide_about(s)))
        AND (p.kind <> 'lifted suspension'
            OR may_decide_about((SELECT c.student_id FROM challenge_case c
                    WHERE c.uuid = (p.payload->>'challenge')::uuid)))
        AND (NOT p.payload ? 'student'
            OR may_decide_about((SELECT q.id FROM person q
                    WHERE q.uuid = (p.payload->>'student')::uuid)))
$$;
