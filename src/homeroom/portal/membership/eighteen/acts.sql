-- Transfers the rights at 18 and gives them back. The jobs process announces each birthday and
-- applies it.

-- Applies the student's age to a tie: removes the three rights, and suspends or opens it. A second
-- call finds nothing to do. The adult with the tie is notified.
CREATE FUNCTION settle_age(which integer, by_person integer, in_capacity text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie; e age_effect; goes_on text;
BEGIN
    SELECT * INTO t FROM tie WHERE id = which FOR UPDATE;
    IF t.state IN ('ended', 'requested') OR NOT is_of_age(t.student_id)
        OR keeps_rights_at_18(t.kind) THEN
        RETURN;
    END IF;
    INSERT INTO age_effect AS o (tie_id, had_consent, had_correct, had_challenge)
        VALUES (t.id, t.may_consent, t.may_correct, t.may_challenge)
        ON CONFLICT (tie_id) DO UPDATE SET had_consent = o.had_consent
            OR t.may_consent, had_correct = o.had_correct OR t.may_correct,
                                           had_challenge = o.had_challenge OR t.may_challenge
                                               RETURNING * INTO e;
    goes_on := goes_on_by(t);
    IF goes_on = '' AND e.closed_at IS NULL THEN
        UPDATE age_effect SET closed_at = now(), opened_by = '',
            state_was = coalesce((SELECT c.tie_was FROM challenge c
                    WHERE c.tie_id = t.id AND c.decided_at IS NULL LIMIT 1), t.state)
                    WHERE tie_id = t.id;
        PERFORM ledger_change('tie suspended by age', t.student_id, by_person, in_capacity, t.id,
            '');
        PERFORM tell_in_challenge(t.adult_id, 'family', 'closed at 18')
            WHERE t.state <> 'suspended' AND NOT is_restricted(t.adult_id, t.student_id);
    END IF;
    UPDATE tie SET may_consent = false, may_correct = false, may_challenge = false,
        state = CASE goes_on WHEN '' THEN 'suspended' ELSE state END
        WHERE id = t.id AND (may_consent OR may_correct OR may_challenge OR goes_on = ''
            AND state <> 'suspended');
    IF goes_on <> '' AND e.closed_at IS NOT NULL THEN
        PERFORM open_after_age(t.id, goes_on, by_person, in_capacity);
    END IF;
END $$;

-- Ends a suspension by age. A tie that a challenge has closed stays closed, and one that was
-- suspended before stays suspended.
CREATE FUNCTION open_after_age(which integer, because text, by_person integer, in_capacity text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE e age_effect; t tie; becomes text;
BEGIN
    UPDATE age_effect SET closed_at = NULL, opened_by = because, opened_at = now(),
        opener_id = by_person WHERE tie_id = which AND closed_at IS NOT NULL RETURNING * INTO e;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT CASE WHEN bool_or(c.suspended_until > now()) THEN 'suspended'
        WHEN min(c.tie_was) = 'approved' THEN 'under challenge'
        ELSE coalesce(min(c.tie_was), e.state_was) END
        INTO becomes FROM challenge c WHERE c.tie_id = which AND c.decided_at IS NULL;
    UPDATE tie SET state = becomes WHERE id = which AND state = 'suspended' RETURNING * INTO t;
    PERFORM ledger_change('tie open after 18', t.student_id, by_person, in_capacity, t.id, because),
        tell_in_challenge(t.adult_id, 'family', 'open after 18')
        WHERE becomes IN ('approved', 'under challenge');
END $$;

-- The jobs process calls this until it returns NULL. Each call is one transaction and uses the
-- database's date. 'applied': on the birthday. 'announced': from 60 days before. 'closed': a
-- dependence has ended since.
CREATE FUNCTION next_birthday_due() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE m majority; which integer;
BEGIN
    SELECT * INTO m FROM majority
    WHERE effective_on <= today() AND applied_at IS NULL AND held_at IS NULL
    ORDER BY effective_on, student_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        PERFORM pass_rights(m.student_id);
        RETURN 'applied';
    END IF;
    which := next_to_announce();
    IF which IS NOT NULL THEN
        PERFORM announce_18(which);
        RETURN 'announced';
    END IF;
    SELECT t.id INTO which FROM dependence d JOIN majority q ON q.student_id = d.student_id
        AND q.applied_at IS NOT NULL AND q.held_at IS NULL
        JOIN tie t ON t.student_id = d.student_id AND t.state IN ('approved', 'under challenge')
        WHERE d.until <= today() AND d.ended_at IS NULL AND goes_on_by(t) = ''
          AND NOT is_suspended_by_age(t.id) ORDER BY t.id LIMIT 1;
    IF which IS NULL THEN RETURN NULL; END IF;
    PERFORM settle_age(which, NULL, 'age');
    RETURN 'closed';
END $$;

-- Returns a student who will be 18 within 60 days, or is already, and was not announced. Former
-- students count too, since their record is kept (34 CFR 99.5(a)(1)). At most 100 emails an hour,
-- since the relay takes 200. Students who are already 18 don't wait for that.
CREATE FUNCTION next_to_announce() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE which integer;
    until date := today() + CASE WHEN 100 > (SELECT count(*) FROM account_mail w
            WHERE w.made_at > now() - interval '1 hour') THEN 60 ELSE 0 END;
BEGIN
    SELECT m.student_id INTO which FROM majority m
    WHERE m.announced_at IS NULL AND m.held_at IS NULL AND m.effective_on <= until LIMIT 1
        FOR UPDATE SKIP LOCKED;
    IF which IS NOT NULL THEN RETURN which; END IF;
    INSERT INTO majority (student_id, of_birth_date, effective_on)
        SELECT d.person_id, d.birth_date, turns_18_on(d.birth_date)
        FROM demographic d JOIN person p ON p.id = d.person_id AND p.is_student
        WHERE d.birth_date <= until + 1 - interval '18 years' AND turns_18_on(d.birth_date) <= until
          AND NOT EXISTS (SELECT FROM majority m WHERE m.student_id = d.person_id)
        ORDER BY d.birth_date, d.person_id LIMIT 1 ON CONFLICT DO NOTHING
        RETURNING student_id INTO which;
    RETURN which;
END $$;

-- Announces the 18th birthday on the next page and by email. Until the student leaves, some get a
-- paper notice: adults without a verified email, students who have not signed in yet, and families
-- without an account. Students who are already 18 are notified when the rights transfer.
CREATE FUNCTION announce_18(student integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE majority SET announced_at = now() WHERE student_id = student;
    IF (SELECT m.effective_on FROM majority m WHERE m.student_id = student) <= today() THEN
        RETURN;
    END IF;
    PERFORM tell_in_challenge(student, 'student', 'you turn 18');
    PERFORM tell_in_challenge(a, 'family', 'child turns 18') FROM adults_told_of(student) a;
    IF left_on(student) IS NOT NULL THEN RETURN; END IF;
    INSERT INTO paper_notice (student_id, person_id)
        SELECT student, w.who FROM (SELECT student AS who, 'student' AS side
            UNION SELECT a, 'family' FROM adults_told_of(student) a) w
        WHERE NOT has_address(w.who, w.side) AND (w.side = 'family' OR is_asleep(w.who, w.side));
    INSERT INTO paper_notice (student_id) SELECT student
        WHERE NOT EXISTS (SELECT FROM adults_told_of(student));
END $$;

-- Applies the 18th birthday: the three rights transfer, and each tie goes on or is suspended.
CREATE FUNCTION pass_rights(student integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE majority SET applied_at = now(), announced_at = coalesce(announced_at, now())
        WHERE student_id = student;
    PERFORM ledger_change('turned 18', student, NULL, 'age', NULL, '');
    PERFORM tell_in_challenge(student, 'student', 'you turned 18');
    PERFORM tell_in_challenge(t.adult_id, 'family', 'child turned 18') FROM tie t
        WHERE t.student_id = student AND t.adult_id IN (SELECT adults_told_of(student))
          AND goes_on_by(t) <> '';
    PERFORM settle_age(t.id, NULL, 'age')
        FROM (SELECT id FROM tie WHERE student_id = student ORDER BY id) t;
END $$;

-- Transfers the rights of a student who is 18 and whom the jobs process has not reached yet. This
-- happens in the minute after a file, or while that process is off. Everything that makes a tie
-- calls it, so that no tie is open before.
CREATE FUNCTION pass_rights_if_due(student integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO majority (student_id, of_birth_date, effective_on)
        SELECT d.person_id, d.birth_date, turns_18_on(d.birth_date)
        FROM demographic d JOIN person p ON p.id = d.person_id AND p.is_student
        WHERE d.person_id = student AND turns_18_on(d.birth_date) <= today() ON CONFLICT DO NOTHING;
    PERFORM FROM majority m WHERE m.student_id = student AND m.effective_on <= today()
        AND m.applied_at IS NULL AND m.held_at IS NULL FOR UPDATE;
    IF FOUND THEN PERFORM pass_rights(student); END IF;
END $$;

-- Corrects a wrong birth date: the parents have the rights again, and suspensions by age end.
CREATE FUNCTION give_rights_back(student integer, by_person integer, in_capacity text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE majority SET applied_at = NULL WHERE student_id = student;
    PERFORM ledger_change('not 18', student, by_person, in_capacity, NULL, '');
    PERFORM open_after_age(e.tie_id, 'not of age', by_person, in_capacity)
        FROM age_effect e JOIN tie t ON t.id = e.tie_id WHERE t.student_id = student;
    UPDATE tie t SET may_consent = t.may_consent OR e.had_consent, may_correct = t.may_correct
        OR e.had_correct, may_challenge = t.may_challenge OR e.had_challenge
        FROM age_effect e WHERE e.tie_id = t.id AND t.student_id = student AND t.state <> 'ended';
    DELETE FROM age_effect e USING tie t WHERE t.id = e.tie_id AND t.student_id = student;
END $$;

GRANT EXECUTE ON FUNCTION next_birthday_due() TO jobs;
