-- Challenges as the challenger, the adult and the office read them. The adult never learns who
-- asked or what was written. No function for an adult reads another person's thread.

-- Lists the people that the asker may challenge for this child, including those with a waiting
-- request. Each row has name, relation, proof, and what a challenge would do.
CREATE FUNCTION challengeable(child uuid)
RETURNS TABLE (whom uuid, name text, relation text, is_request boolean, since timestamptz,
    proof text, is_checked boolean, closes boolean, must_ask boolean, mine uuid)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT t.uuid, full_name(p), coalesce(nullif(t.relation, ''), t.kind), false,
           coalesce(t.approved_at, t.created_at), t.proof, t.state = 'under challenge',
           closes_at_once(t.proof, s.proof), needs_leave(t.adult_id, t.student_id),
           (SELECT c.uuid FROM challenge c
               WHERE c.tie_id = t.id AND c.challenger_id = asking() AND c.decided_at IS NULL)
    FROM my_standing(child) s JOIN tie t ON t.student_id = s.student_id
         JOIN person p ON p.id = t.adult_id
    WHERE t.adult_id <> asking() AND is_parent_kind(t.kind) AND t.state <> 'ended'
      AND (t.end_date IS NULL OR t.end_date > today()) AND NOT t.is_confidential
    UNION ALL
    SELECT r.uuid, full_name(p), r.relation, true, r.asked_at, 'claimed', false, false,
           needs_leave(r.person_id, r.student_id),
           (SELECT c.uuid FROM challenge c
               WHERE c.registration_id = r.id AND c.challenger_id = asking()
                 AND c.decided_at IS NULL)
    FROM my_standing(child) s JOIN registration r ON r.student_id = s.student_id
        AND r.state = 'waiting' AND r.relation <> 'self' JOIN person p ON p.id = r.person_id
    WHERE r.person_id <> asking() AND NOT is_kept_secret(r.person_id, r.student_id);
END $$;

-- The asker's own challenges, while they can see the child's record: whether access is closed, and
-- how the office decided.
CREATE FUNCTION my_challenges()
RETURNS TABLE (uuid uuid, child uuid, child_name text, name text, relation text, reason text,
    words text, asked_at timestamptz, is_request boolean, is_closed boolean, until timestamptz,
    outcome text, decided_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, p.uuid, first_name(p), full_name(w),
           coalesce(nullif(t.relation, ''), t.kind, r.relation), c.reason, c.words, c.asked_at,
           t.id IS NULL,
           coalesce(t.state = 'suspended', false),
           CASE WHEN t.state = 'suspended' THEN c.suspended_until END, c.outcome, c.decided_at
    FROM challenge_case c JOIN person p ON p.id = c.student_id JOIN person w ON w.id = c.adult_id
         LEFT JOIN tie t ON t.id = c.tie_id LEFT JOIN registration r ON r.id = c.registration_id
    WHERE c.challenger_id = asking() AND (c.challenger_tie_id IS NULL) = (asking_side() = 'student')
      AND c.student_id = ANY (people_now(asking(), asking_side()))
      AND (c.decided_at IS NULL OR c.decided_at > now() - interval '1 year') ORDER BY c.id DESC;
END $$;

CREATE FUNCTION messages_of_my_challenge(which uuid)
RETURNS TABLE (is_of_office boolean, words text, at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF which IN (SELECT k.uuid FROM my_challenges() k) IS NOT true THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.is_of_office, m.words, m.at
    FROM challenge c JOIN challenge_message m ON m.challenge_id = c.id
    WHERE c.uuid = which ORDER BY m.id;
END $$;

-- Lists my ties that the office checks, or checked within 60 days, if I was notified: access was
-- closed, or the office wrote. Leaves out children I am restricted from. Also lists requests that
-- the office wrote about, by the name that I typed. An office may write to anyone who asks, so this
-- reveals no more than its messages.
CREATE FUNCTION my_checks()
RETURNS TABLE (uuid uuid, child_name text, is_closed boolean, is_open boolean, state text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT t.uuid, first_name(p), t.state = 'suspended',
        EXISTS (SELECT FROM challenge c WHERE c.tie_id = t.id AND c.decided_at IS NULL), t.state
    FROM tie t JOIN person p ON p.id = t.student_id
    WHERE t.adult_id = asking() AND asking_side() = 'family' AND t.student_id <> ALL (barred_from())
      AND EXISTS (SELECT FROM challenge c
          WHERE c.tie_id = t.id AND (c.decided_at IS NULL
              OR c.decided_at > now() - interval '60 days')
                  AND (c.suspended_until IS NOT NULL
                      OR EXISTS (SELECT FROM challenge_message m
                          WHERE m.tie_id = t.id AND m.at >= c.asked_at)))
    UNION ALL
    SELECT r.uuid, r.child_given_name, false,
        EXISTS (SELECT FROM challenge c WHERE c.registration_id = r.id AND c.decided_at IS NULL),
        'request'
    FROM registration r WHERE r.person_id = asking() AND asking_side() = side_of_request(r)
      AND r.child_birth_date IS NOT NULL
      AND EXISTS (SELECT FROM challenge_message m
          WHERE m.registration_id = r.id AND m.is_of_office AND m.at > now() - interval '60 days');
END $$;

CREATE FUNCTION messages_of_my_check(which uuid)
RETURNS TABLE (is_of_office boolean, words text, at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.is_of_office, m.words, m.at
    FROM challenge_message m LEFT JOIN tie t ON t.id = m.tie_id
         LEFT JOIN registration r ON r.id = m.registration_id
    WHERE coalesce(t.uuid, r.uuid) = which AND which IN (SELECT k.uuid FROM my_checks() k)
    ORDER BY m.id;
END $$;

-- Lists waiting challenges, nearest deadline first, or those decided within a year, newest first.
CREATE FUNCTION challenges_shown(which text)
RETURNS TABLE (uuid uuid, adult text, child text, school text, asked_at timestamptz,
    by_student boolean, is_closed boolean, clock timestamptz, triaged_at timestamptz, outcome text,
    decided_at timestamptz, decider text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, full_name(w), full_name(p),
           (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), c.asked_at,
           c.challenger_tie_id IS NULL,
           coalesce(t.state = 'suspended', false),
           CASE WHEN c.triaged_at IS NULL THEN least(c.remind_at, c.suspended_until)
               ELSE c.suspended_until END,
           c.triaged_at, c.outcome, c.decided_at,
           (SELECT full_name(d) FROM person d WHERE d.id = c.decided_by_id)
    FROM challenge_case c JOIN person w ON w.id = c.adult_id JOIN person p ON p.id = c.student_id
         LEFT JOIN tie t ON t.id = c.tie_id
    WHERE CASE which WHEN 'decided' THEN c.decided_at > now() - interval '1 year'
          ELSE c.decided_at IS NULL END
      AND may_decide_challenge(c)
    ORDER BY CASE which WHEN 'decided' THEN now() - c.decided_at END, 8 NULLS LAST, c.id LIMIT 200;
END $$;

-- Returns one case to a person who may decide it, after a view in the child's access log. It says
-- how the tie came about, who asked and why.
CREATE FUNCTION challenge_shown(which uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN NULL; END IF;
    RETURN (SELECT jsonb_build_object('adult', full_name(w), 'adult_first', first_name(w), 'child',
        full_name(p), 'child_first', first_name(p),
        'relation', coalesce(nullif(t.relation, ''), t.kind, r.relation), 'school',
        (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)),
        'challenger', full_name(k), 'challenger_first', first_name(k), 'by_student',
        c.challenger_tie_id IS NULL,
        'challenger_relation', (SELECT coalesce(nullif(o.relation, ''), o.kind) FROM tie o
            WHERE o.id = c.challenger_tie_id),
        'challenger_proof', (SELECT o.proof FROM tie o WHERE o.id = c.challenger_tie_id), 'reason',
        c.reason, 'words', c.words, 'asked_at', c.asked_at,
        'is_request', t.id IS NULL, 'state', t.state, 'until', c.suspended_until,
        'could_close_until', end_of_school_day(5), 'proof', t.proof, 'approved_at', t.approved_at,
        'approver', (SELECT full_name(a) FROM person a WHERE a.id = t.approved_by_id), 'registered',
        registered_by(c.adult_id, c.student_id),
        'looks', (SELECT count(*)
            FROM ledger_student s JOIN ledger l ON l.id = s.entry_id AND l.event = 'look'
                  WHERE s.student_id = c.student_id AND s.tie_id = t.id),
        'contacts', contacts_named(c.student_id), 'is_on_record',
        is_on_record(c.adult_id, c.student_id),
        'others', (SELECT count(*) FROM challenge o
            WHERE (o.tie_id = c.tie_id OR o.registration_id = c.registration_id) AND o.id <> c.id
              AND o.decided_at IS NULL),
        'outcome', c.outcome, 'decided_at', c.decided_at, 'decider',
        (SELECT full_name(d) FROM person d WHERE d.id = c.decided_by_id), 'why', c.why,
        'leave_at', c.leave_at, 'waits',
        (SELECT jsonb_build_object('reason', q.reason, 'proposer', full_name(b), 'is_mine',
                b.id = asking())
                  FROM proposal q JOIN person b ON b.id = q.proposed_by_id
                  WHERE q.kind = 'lifted suspension' AND q.state = 'waiting'
                    AND q.payload->>'challenge' = c.uuid::text))
    FROM challenge_case c JOIN person w ON w.id = c.adult_id JOIN person p ON p.id = c.student_id
         JOIN person k ON k.id = c.challenger_id
         LEFT JOIN tie t ON t.id = c.tie_id LEFT JOIN registration r ON r.id = c.registration_id
    WHERE c.uuid = which AND may_decide_challenge(c) AND c.student_id = ANY (opened('contacts')));
END $$;

-- Both message threads. `thread` says which one. Only the office reads both.
CREATE FUNCTION challenge_messages(which uuid)
RETURNS TABLE (thread text, is_of_office boolean, author text, words text, at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT CASE WHEN m.challenge_id IS NULL THEN 'challenged' ELSE 'challenger' END, m.is_of_office,
        full_name(a), m.words, m.at
    FROM challenge_case c JOIN challenge_message m ON m.challenge_id = c.id OR m.tie_id = c.tie_id
        OR m.registration_id = c.registration_id
         JOIN person a ON a.id = m.author_id
    WHERE c.uuid = which AND may_decide_challenge(c) ORDER BY m.id;
END $$;

GRANT EXECUTE ON FUNCTION challengeable(uuid), my_challenges(), messages_of_my_challenge(uuid),
    my_checks(), messages_of_my_check(uuid), challenges_shown(text), challenge_shown(uuid),
    challenge_messages(uuid) TO app;
