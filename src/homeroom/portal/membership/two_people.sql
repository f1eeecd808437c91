-- Acts that take two people. One administrator proposes, another person confirms; where none answers, a day's time lock may stand
-- in, announced to every administrator and to the board, and any of them can stop it. What was proposed never changes.

-- Every such act, and what it takes: a second, whatever the time; a second or the lock; both; or at once, a second looking at it
-- within a day. Those that take a second wait for one for ever: what left the district, or was destroyed, no lock brings back.
CREATE FUNCTION two_person_acts() RETURNS TABLE (kind text, takes text) LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    VALUES ('export', 'second'), ('destruction', 'second'), ('disclosure', 'second'), ('support', 'second'),
           ('lifted restriction', 'second'), ('contact shown', 'second'), ('parent accounts', 'second'), ('tie named', 'second'),  -- each lets somebody in (keeping_apart.sql)
           ('withheld entry', 'second'),  -- of a student's ledger, from the family's view (withheld.sql)
           ('lifted suspension', 'second'),  -- of a tie that is challenged, where the district's record does not have the adult
           ('wider setting', 'second'),  -- of what the district chose about who sees what (access_settings.sql)
           ('open after restoration', 'second'),  -- sign-in, to everybody (restoration.sql)
           ('unmasking', 'second'),  -- whoever looks for the child may hold one office, and waits a day
           ('new administrator', 'second and lock'),
           ('wide duty', 'second or lock'),
           ('safety emergency', 'at once')  -- 34 CFR 99.36; what is to be written down, 99.32(a)(5)
$$;

-- The children somebody has to do with: tied to, barred from, a contact of in the record, or being one.
CREATE FUNCTION children_of(who integer) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM person WHERE id = who AND is_student
    UNION SELECT student_id FROM tie WHERE adult_id = who
    UNION SELECT student_id FROM restriction WHERE person_id = who
    UNION SELECT student_id FROM contact WHERE person_id = who AND ended_at IS NULL
$$;

-- On whom who decides nothing: those, and whom she asks for herself. Of others what they ask for does not count: whoever asked for the children of
-- every administrator would otherwise have nobody decide about him.
CREATE FUNCTION children_not_decided_by(who integer) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT children_of(who) UNION SELECT student_id FROM registration WHERE person_id = who AND state = 'waiting' AND student_id IS NOT NULL
$$;

-- Adults on record for these children.
CREATE FUNCTION adults_around(children integer[]) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT adult_id FROM tie WHERE student_id = ANY (children) UNION SELECT person_id FROM restriction WHERE student_id = ANY (children)
    UNION SELECT person_id FROM contact WHERE student_id = ANY (children) AND person_id IS NOT NULL AND ended_at IS NULL
$$;

-- Nobody decides about themselves, about a child they are tied to or barred from, or about another adult of such a child.
CREATE FUNCTION may_decide_about(subject integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT asking() IS NOT NULL AND is_apart(asking(), subject)
$$;

CREATE FUNCTION is_apart(who integer, subject integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT subject IS DISTINCT FROM who
        AND NOT EXISTS (SELECT children_of(subject) INTERSECT SELECT children_not_decided_by(who))
$$;

-- For a school its own administrators and the district's; for the district (NULL) the district's alone.
CREATE FUNCTION i_decide_for(of_school integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL OR o.school_id = of_school)
$$;

CREATE FUNCTION decides_for(who integer, of_school integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM administrator a JOIN account c ON c.person_id = a.person_id AND c.side = 'staff' AND c.is_active
                   WHERE a.person_id = who AND (a.school_id IS NULL OR a.school_id = of_school)
                     AND a.start_date <= today() AND (a.end_date IS NULL OR a.end_date > today()))
$$;

-- The person whom the board named: a second for every school and the district, and nothing else.
CREATE FUNCTION is_board_second(who integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM board_second b JOIN account c ON c.person_id = b.person_id AND c.side = 'staff' AND c.is_active
                   WHERE b.person_id = who AND b.start_date <= today() AND (b.end_date IS NULL OR b.end_date > today()))
$$;

CREATE FUNCTION i_answer_for(of_school integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i_decide_for(of_school) OR asking_side() = 'staff' AND is_board_second(asking())
$$;

-- In which office somebody decided, as the ledger says it; nobody: the time lock.
CREATE FUNCTION office_of(who integer) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN who IS NULL THEN 'time lock' WHEN is_board_second(who) THEN 'board second' ELSE 'administrator' END
$$;

-- Told on the next page that each opens, the one who proposed it too: a stolen session does not propose unseen. The board's second
-- hears of what is to be answered, and of nothing else.
CREATE FUNCTION tell_administrators(of_school integer, what text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tell_account(w.person_id, 'staff', what) FROM (
        SELECT person_id FROM administrator WHERE decides_for(person_id, of_school)
        UNION SELECT person_id FROM board_second WHERE is_board_second(person_id) AND what IN ('waits for a second', 'proposal decided')) w
$$;

-- What a second read: of anything else that stands under the same number, the yes is none.
CREATE FUNCTION seen_as(p proposal) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(p.uuid, p.kind, p.person_id, p.school_id, p.payload, p.reason, p.proposed_by_id)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION keep_as_proposed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a proposal stays as it was made: withdraw it, and propose anew';
END $$;
CREATE TRIGGER proposal_as_proposed BEFORE UPDATE OF uuid, kind, person_id, school_id, payload, reason, proposed_by_id, proposed_at ON proposal
    FOR EACH ROW EXECUTE FUNCTION keep_as_proposed();

-- Called by the functions of each act, which have checked what is proposed. 'proposed'; 'taken': the same waits already; 'again': the
-- last proof of who it is has grown old; '' as for what does not exist.
CREATE FUNCTION propose(of_kind text, about integer, of_school integer, what jsonb, why text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE how text := (SELECT takes FROM two_person_acts() WHERE kind = of_kind); made proposal;
BEGIN
    IF how IS NULL OR NOT i_decide_for(of_school) OR NOT may_decide_about(about) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    INSERT INTO proposal (kind, person_id, school_id, payload, reason, proposed_by_id, state, lock_until)
        VALUES (of_kind, about, of_school, what, why, asking(), CASE how WHEN 'at once' THEN 'under review' ELSE 'waiting' END,
                CASE WHEN how <> 'second' THEN now() + interval '24 hours' END)
        ON CONFLICT DO NOTHING RETURNING * INTO made;
    IF made.id IS NULL THEN RETURN 'taken'; END IF;
    PERFORM ledger_proposal(made, 'proposed', asking());
    PERFORM tell_administrators(of_school, 'waits for a second');
    RETURN 'proposed';
END $$;

CREATE FUNCTION ledger_proposal(p proposal, what text, by_person integer) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ledger_change(p.kind || ': ' || what, NULL, by_person, office_of(by_person), NULL, p.uuid::text)
$$;

-- The row, locked: of two who answer at the same moment the second waits, and finds it answered. None where the asker has no say.
CREATE FUNCTION proposal_to_decide(which uuid) RETURNS proposal LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p proposal;
BEGIN
    SELECT * INTO p FROM proposal WHERE uuid = which AND i_answer_for(school_id) FOR UPDATE;
    IF p.proposed_by_id = asking() OR may_decide_on(p) THEN RETURN p; END IF;
    RETURN NULL;
END $$;

-- By another person than who proposed it: two sign-ins of one person are one. seen: what the page showed. 'carried out', 'confirmed'
-- (the lock still runs), 'reviewed'; 'mine': one's own; 'taken': answered, ended, or no longer what was shown; 'again'; ''.
CREATE FUNCTION second_proposal(which uuid, seen text, why text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p proposal := proposal_to_decide(which); became text;
BEGIN
    IF p.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF p.proposed_by_id = asking() THEN RETURN 'mine'; END IF;
    IF p.state NOT IN ('waiting', 'under review') OR seen IS DISTINCT FROM seen_as(p) THEN RETURN 'taken'; END IF;
    became := CASE WHEN p.state = 'under review' THEN 'reviewed' ELSE 'confirmed' END;
    UPDATE proposal SET state = became, decided_by_id = asking(), decided_at = now(), words = why,
        ended_at = CASE became WHEN 'reviewed' THEN now() END WHERE id = p.id RETURNING * INTO p;
    PERFORM ledger_proposal(p, became, asking());
    PERFORM tell_administrators(p.school_id, 'proposal decided');
    IF became = 'reviewed' OR p.lock_until > now() AND (SELECT takes FROM two_person_acts() WHERE kind = p.kind) = 'second and lock' THEN RETURN became; END IF;
    RETURN carry_out(p);
END $$;

-- By any of those who could be the second, and by who proposed it.
CREATE FUNCTION stop_proposal(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p proposal := proposal_to_decide(which); became text;
BEGIN
    IF p.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF p.state NOT IN ('waiting', 'confirmed', 'under review') THEN RETURN 'taken'; END IF;
    became := CASE WHEN p.state = 'under review' THEN 'objected' WHEN p.proposed_by_id = asking() THEN 'withdrawn' ELSE 'stopped' END;
    IF became = 'objected' AND p.proposed_by_id = asking() THEN RETURN 'mine'; END IF;
    UPDATE proposal SET state = became, decided_by_id = asking(), decided_at = now(), words = why, ended_at = now() WHERE id = p.id;
    PERFORM ledger_proposal(p, became, asking());
    PERFORM tell_administrators(p.school_id, 'proposal decided');
    RETURN became;
END $$;

-- Whether neither of the two has come to have to do with whom it is about, while it waited.
CREATE FUNCTION are_apart_from(p proposal) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM unnest(ARRAY[p.proposed_by_id, p.decided_by_id]) who, unnest(ARRAY[p.person_id,
        (SELECT q.id FROM person q WHERE q.uuid = (p.payload->>'student')::uuid), (SELECT c.student_id FROM challenge_case c WHERE c.uuid = (p.payload->>'challenge')::uuid)]) about
        WHERE who IS NOT NULL AND about IS NOT NULL AND NOT is_apart(who, about))
$$;

-- Only where whoever agreed to it holds that office still, and the act is still possible; else nothing is done, and the page says so.
CREATE FUNCTION carry_out(p proposal) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE is_done boolean := decides_for(p.proposed_by_id, p.school_id) AND (p.decided_by_id IS NULL OR decides_for(p.decided_by_id, p.school_id) OR is_board_second(p.decided_by_id));
    became text;
BEGIN
    IF is_done AND are_apart_from(p) THEN
        is_done := CASE p.kind WHEN 'new administrator' THEN make_administrator(p) WHEN 'wide duty' THEN make_duty(p)
            WHEN 'support' THEN make_support_grant(p) WHEN 'lifted suspension' THEN lift_suspension(p)
            WHEN 'lifted restriction' THEN lift_restriction(p) WHEN 'contact shown' THEN show_contact(p) WHEN 'parent accounts' THEN open_to_parents(p)
            WHEN 'withheld entry' THEN withhold_entry(p) WHEN 'wider setting' THEN widen_setting(p) WHEN 'unmasking' THEN unmask(p) WHEN 'tie named' THEN name_tie(p)
            WHEN 'open after restoration' THEN open_after_restoration(p) ELSE false END;
    ELSE
        is_done := false;
    END IF;
    became := CASE WHEN is_done THEN 'carried out' ELSE 'not possible' END;
    UPDATE proposal SET state = became, ended_at = now() WHERE id = p.id;
    PERFORM ledger_proposal(p, became, p.decided_by_id);
    PERFORM tell_administrators(p.school_id, 'proposal decided');
    RETURN became;
END $$;

-- For the jobs process, until it answers NULL: the next one whose lock is over, carried out; or that nobody answered in 14 days, ended.
-- The time is the database's own: jobs cannot hasten it. Each call is a transaction, so what was killed in between is done again.
CREATE FUNCTION next_proposal_due() RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p proposal;
BEGIN
    SELECT q.* INTO p FROM proposal q JOIN two_person_acts() a USING (kind)
        WHERE q.lock_until <= now() AND (q.state = 'confirmed' OR q.state = 'waiting' AND a.takes = 'second or lock')
        ORDER BY q.id LIMIT 1 FOR UPDATE OF q SKIP LOCKED;
    IF p.id IS NOT NULL THEN RETURN carry_out(p); END IF;
    UPDATE proposal SET state = 'expired', ended_at = now() WHERE id = (
        SELECT id FROM proposal WHERE state = 'waiting' AND proposed_at < now() - interval '14 days' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING * INTO p;
    IF p.id IS NULL THEN RETURN NULL; END IF;
    PERFORM ledger_proposal(p, 'expired', NULL);
    RETURN 'expired';
END $$;

-- For the page: what waits, and what ended lately. Who is an administrator is shown to administrators, and here to the board's second.
CREATE FUNCTION proposals_shown() RETURNS TABLE (uuid uuid, kind text, takes text, state text, about text, school text, payload jsonb, reason text, proposer text,
    is_mine boolean, proposed_at timestamptz, decider text, decided_at timestamptz, words text, lock_until timestamptz, ended_at timestamptz, seen text, may_decide boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, p.kind, a.takes, p.state, full_name(w), s.name, CASE p.kind WHEN 'support' THEN support_proposed(p.payload) WHEN 'lifted suspension' THEN suspension_proposed(p.payload)
               ELSE CASE WHEN p.payload ? 'student' THEN child_proposed(p.payload) ELSE p.payload END END, p.reason,
           full_name(b), b.id = asking(), p.proposed_at, full_name(d), p.decided_at, p.words, p.lock_until, p.ended_at, seen_as(p), b.id <> asking() AND may_decide_on(p)
    FROM proposal p JOIN two_person_acts() a USING (kind) JOIN person b ON b.id = p.proposed_by_id LEFT JOIN person w ON w.id = p.person_id
         LEFT JOIN person d ON d.id = p.decided_by_id LEFT JOIN school s ON s.id = p.school_id
    WHERE i_answer_for(p.school_id) AND (p.kind <> 'support' OR i_decide_for(NULL))
      -- What is about a child, or closes it to an adult, is not for that child's own people who hold an office.
      AND (b.id = asking() OR NOT (p.payload ? 'student' OR p.kind IN ('lifted suspension', 'unmasking')) OR may_decide_on(p))
      AND (p.ended_at IS NULL OR p.ended_at > now() - interval '90 days')
    ORDER BY p.ended_at DESC NULLS FIRST, p.id LIMIT 200
$$;

-- For the jobs process: what the board is told by mail, marked before the relay has the words, so that it is never told twice.
CREATE FUNCTION board_mails_due() RETURNS TABLE (id integer, kind text, takes text, proposed_at timestamptz, lock_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.kind, a.takes, p.proposed_at, p.lock_until FROM proposal p JOIN two_person_acts() a USING (kind)
    WHERE p.board_told_at IS NULL AND p.lock_until IS NOT NULL AND p.proposed_at > now() - interval '2 days' ORDER BY p.id
$$;

-- Whether it was marked otherwise before: of two who would send the same mail the second does not.
CREATE FUNCTION mark_board_told(of_proposal integer, is_told boolean) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE proposal SET board_told_at = CASE WHEN is_told THEN now() END WHERE id = of_proposal AND (board_told_at IS NOT NULL) <> is_told;
    RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION second_proposal(uuid, text, text), stop_proposal(uuid, text), proposals_shown() TO app;
GRANT EXECUTE ON FUNCTION next_proposal_due(), board_mails_due(), mark_board_told(integer, boolean) TO jobs;
