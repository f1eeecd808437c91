-- Challenges: a family says that an adult should not have access to its child, and the office
-- checks it (34 CFR 99.4, Ed. Code 49061(a)).

-- Returns how the asker may challenge for this child: through an open tie with that right that is
-- not under challenge, or as the student. The student must be in grade 6 or above, or of age.
-- `proof` is the tie's, and NULL for a student. No row means no right to challenge.
CREATE FUNCTION my_standing(child uuid)
RETURNS TABLE (student_id integer, tie_id integer, proof text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE about integer;
BEGIN
    IF asking_side() = 'student' THEN
        about := one_of(ARRAY[asking()], child);
        RETURN QUERY SELECT p.id, NULL::integer, NULL::text FROM person p
        WHERE p.id = about AND p.ended_at IS NULL AND is_readable(p.id, p.id)
            AND (is_of_grade_6_or_more(p) OR is_of_age(p.id));
        RETURN;
    END IF;
    about := one_of(ARRAY(SELECT t.student_id FROM open_ties() t), child);
    RETURN QUERY SELECT t.student_id, t.id, t.proof FROM open_ties() t
        WHERE t.student_id = about AND t.may_challenge AND t.state = 'approved';
END $$;

-- Whether a challenge closes a tie before anyone checks it. A tie that was only claimed always
-- closes. A tie that rests on a letter's code or the district's record closes if the challenger was
-- seen in person. A tie whose adult was seen in person never closes. A student's challenge closes
-- only claimed ties.
CREATE FUNCTION closes_at_once(of_tie text, of_challenger text) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT of_tie = 'claimed' OR of_tie IN ('code', 'district record')
        AND coalesce(of_challenger = 'in person', false)
$$;

-- Whether another challenge needs the office's permission: the same one was decided within a year,
-- and the adult kept the tie.
CREATE FUNCTION needs_leave(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM challenge_case c
        WHERE c.challenger_id = asking() AND c.adult_id = adult AND c.student_id = child
                   AND c.outcome IN ('restored', 'set aside')
                   AND c.decided_at > now() - interval '1 year' AND c.leave_at IS NULL)
$$;

CREATE FUNCTION may_decide_challenge(c challenge_case) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(school_of_student(c.student_id)) AND may_decide_about(c.adult_id)
        AND may_decide_about(c.student_id) AND may_decide_about(c.challenger_id)
$$;

-- When the adult asked for the child, and the office's evidence. NULL if the district made the tie.
CREATE FUNCTION registered_by(adult integer, child integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('asked_at', r.asked_at, 'evidence', r.evidence)
    FROM registration r WHERE r.person_id = adult AND r.student_id = child
    ORDER BY r.state = 'approved' DESC, r.id DESC LIMIT 1
$$;

-- Names and relations in the record, each person once, without confidential contacts.
CREATE FUNCTION contacts_named(child integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', name_of_contact(c),
            'relation', relation_of_contact(c)) ORDER BY c.id), '[]')
    FROM contacts_once(child) c WHERE NOT is_kept_confidential(c)
$$;

CREATE FUNCTION side_of_challenger(c challenge_case) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN c.challenger_tie_id IS NULL THEN 'student' ELSE 'family' END
$$;

-- Whether opening what a challenge closed needs a second approval. One administrator is enough if
-- the district's own record names the adult.
CREATE FUNCTION takes_two_to_open(c challenge_case) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT c.tie_was <> 'suspended'
        AND EXISTS (SELECT FROM tie t WHERE t.id = c.tie_id AND t.state = 'suspended')
        AND NOT is_on_record(c.adult_id, c.student_id)
$$;

-- Adds the student's name for the second approver. It is NULL if the reader is restricted from the
-- student.
CREATE FUNCTION suspension_proposed(what jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT what || jsonb_build_object('child',
        (SELECT full_name(p) FROM challenge_case c JOIN person p ON p.id = c.student_id
                                                WHERE c.uuid = (what->>'challenge')::uuid
                                                  AND p.id <> ALL (barred_from())))
$$;

-- The student of a challenge. `subject` is the case.
CREATE FUNCTION seen_in_challenge(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT c.student_id, NULL::integer, wanted, 'administrator', NULL::integer
    FROM challenge_case c WHERE c.uuid = subject AND may_decide_challenge(c);
END $$;

CREATE FUNCTION student_of_challenge(what jsonb) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT c.student_id FROM challenge_case c
        WHERE c.uuid = (what->>'challenge')::uuid)
$$;
