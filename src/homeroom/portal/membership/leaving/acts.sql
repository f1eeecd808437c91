-- After a student left: families ask for inspection, and nothing is erased. Staff accounts close
-- with the last role, in the import that ends it, and open again only with that import's undo. An
-- import never opens an account that a person closed, and makes none.

-- Returns how many were closed. Administrators' accounts stay open if fewer than two of the
-- district's would be left, so that a file can't lock an office out.
CREATE FUNCTION close_staff_accounts(of_delivery integer) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE leavers integer[]; spared integer[] := '{}'; closed bigint[];
BEGIN
    leavers := ARRAY(
        SELECT a.person_id FROM account a JOIN person p ON p.id = a.person_id
        WHERE a.side = 'staff' AND a.is_active
        AND (p.ended_at IS NOT NULL AND p.delivery_id = of_delivery
             OR EXISTS (SELECT FROM role r
                 WHERE r.person_id = p.id AND r.delivery_id = of_delivery AND r.ended_at IS NOT NULL
                   AND is_staff_role(r.role)))
        AND (p.ended_at IS NOT NULL
            OR NOT EXISTS (SELECT FROM role r
                WHERE r.person_id = p.id AND r.ended_at IS NULL AND is_staff_role(r.role))));
    IF leavers = '{}' THEN RETURN 0; END IF;
    IF 2 > (SELECT count(DISTINCT a.person_id) FROM administrator a
        WHERE a.person_id <> ALL (leavers) AND decides_for(a.person_id, NULL)) THEN
        spared := ARRAY(SELECT a.person_id FROM administrator a
            WHERE a.school_id IS NULL AND (a.end_date IS NULL OR a.end_date > today()));
    END IF;
    closed := ARRAY(SELECT a.id FROM account a
        WHERE a.side = 'staff' AND a.person_id = ANY (leavers) AND a.person_id <> ALL (spared));
    UPDATE account SET is_active = false WHERE id = ANY (closed);
    INSERT INTO account_end (account_id, delivery_id) SELECT unnest(closed), of_delivery;
    PERFORM ledger_change('account closed', NULL, a.person_id, 'file', NULL, 'the last role ended')
        FROM account a WHERE a.id = ANY (closed);
    RETURN cardinality(closed);
END $$;

CREATE FUNCTION open_staff_accounts(of_delivery integer) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE opened bigint[] := ARRAY(SELECT account_id FROM account_end
    WHERE delivery_id = of_delivery);
BEGIN
    UPDATE account SET is_active = true WHERE id = ANY (opened);
    PERFORM ledger_change('account opened', NULL, a.person_id, 'file', NULL,
        'the import was taken back') FROM account a WHERE a.id = ANY (opened);
    RETURN cardinality(opened);
END $$;

-- `what` says in the asker's words what they want to see, in at most 500 characters. It may be
-- empty. Returns 'asked'. 'taken': a request waits already. 'odd': too long. '' as if nothing were
-- there.
CREATE FUNCTION ask_for_inspection(child uuid, what text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := one_of(ARRAY(SELECT my_inspectable()), child);
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF about IS NULL THEN RETURN ''; END IF;
    IF length(what) <= 500 IS NOT true THEN RETURN 'odd'; END IF;
    INSERT INTO inspection (student_id, person_id, asked_for)
        VALUES (about, asking(), trim(what)) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'taken'; END IF;
    PERFORM ledger_change('inspection asked', about, asking(), asking_side(),
        (SELECT t.id FROM tie t
            WHERE t.adult_id = asking() AND t.student_id = about AND t.state <> 'ended'), ''),
        tell_of_inspection(i) FROM inspection i
            WHERE i.student_id = about AND i.person_id = asking() AND i.state = 'waiting';
    RETURN 'asked';
END $$;

-- Returns 'withdrawn'. 'over': it no longer waits, since an office answered or it was withdrawn
-- before. '' as if nothing were there.
CREATE FUNCTION withdraw_inspection(child uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := one_of(ARRAY(SELECT my_inspectable()), child);
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF NOT EXISTS (SELECT FROM inspection i
        WHERE i.student_id = about AND i.person_id = asking()) THEN
        RETURN '';
    END IF;
    UPDATE inspection i SET state = 'withdrawn', answered_at = now()
        WHERE i.student_id = about AND i.person_id = asking() AND i.state = 'waiting';
    IF NOT FOUND THEN RETURN 'over'; END IF;
    PERFORM ledger_change('inspection withdrawn', about, asking(), asking_side(),
        (SELECT t.id FROM tie t
            WHERE t.adult_id = asking() AND t.student_id = about AND t.state <> 'ended'), '');
    RETURN 'withdrawn';
END $$;

-- Notifies the people who may answer. They see it on the next page and get an email with the due
-- date and no name. Requests of one day are due on one day, so one email is enough, however many
-- ask.
CREATE FUNCTION tell_of_inspection(i inspection) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT FROM account_notice n
            WHERE n.account_id = c.id AND n.what = 'inspection asked' AND n.shown_at IS NULL)
                THEN tell_account(c.person_id, 'staff', 'inspection asked') END,
           CASE WHEN NOT EXISTS (SELECT FROM account_mail m
                   WHERE m.account_id = c.id AND m.kind = 'inspection'
                     AND m.by_day = inspection_due(i))
                THEN mail_account(c.id, 'inspection', by_day => inspection_due(i)) END
    FROM answerers_for(i.student_id, i.person_id) w
         JOIN account c ON c.person_id = w AND c.side = 'staff' AND c.is_active
$$;

-- `verdict` is 'opened' (for 1 to 45 days from today, for the asker only) or 'on paper' (given or
-- shown at the office). Returns `verdict`. 'barred': there is a restriction (34 CFR 99.4). 'of
-- age': the student is 18, and this adult has no reason to keep access. 'taken': answered already.
-- 'odd': days out of range. 'open': a student who is here has an open record. Also 'again' and ''.
CREATE FUNCTION answer_inspection(which uuid, verdict text, days integer) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE i inspection; on_side text;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN ''; END IF;
    SELECT * INTO i FROM inspection q WHERE q.uuid = which FOR UPDATE;
    IF i.id IS NULL OR NOT may_answer_for(i.student_id, i.person_id)
        OR verdict IN ('opened', 'on paper') IS NOT true THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF i.state <> 'waiting' THEN RETURN 'taken'; END IF;
    IF is_restricted(i.person_id, i.student_id) THEN RETURN 'barred'; END IF;
    -- If asked before the 18th birthday, the right to inspect has passed to the student since (34
    -- CFR 99.5(a)(1)).
    IF i.person_id <> i.student_id AND is_of_age(i.student_id) AND NOT EXISTS (
        SELECT FROM tie t WHERE t.adult_id = i.person_id AND t.student_id = i.student_id
            AND t.state <> 'ended' AND goes_on_by(t) <> '') THEN RETURN 'of age';
        END IF;
    IF verdict = 'opened' AND left_on(i.student_id) IS NULL THEN RETURN 'open'; END IF;
    IF verdict = 'opened' AND days BETWEEN 1 AND 45 IS NOT true THEN RETURN 'odd'; END IF;
    on_side := CASE WHEN i.person_id = i.student_id THEN 'student' ELSE 'family' END;
    UPDATE inspection SET state = verdict, answered_by_id = asking(), answered_at = now(),
        open_until = CASE verdict WHEN 'opened' THEN today() + days END WHERE id = i.id;
    PERFORM ledger_change('inspection ' || verdict, i.student_id, asking(), office_i_act_in(),
                          (SELECT t.id FROM tie t
                              WHERE t.adult_id = i.person_id AND t.student_id = i.student_id
                                AND t.state <> 'ended'), ''),
        tell_account(i.person_id, on_side, 'request answered');
    PERFORM mail_account(a.id, 'answered') FROM account a
        WHERE a.person_id = i.person_id AND a.side = on_side AND a.is_active;
    RETURN verdict;
END $$;

-- For the jobs process: takes the next request whose person may no longer ask. If the rights have
-- passed to the student, the request passes too, with its deadline (34 CFR 99.5). Otherwise it
-- closes, and nothing says why. Returns false if there isn't one.
CREATE FUNCTION next_inspection_over() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE i inspection;
BEGIN
    SELECT * INTO i FROM inspection q WHERE q.state = 'waiting' AND NOT may_still_inspect(q)
        ORDER BY q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF i.id IS NULL THEN RETURN false; END IF;
    IF is_of_age(i.student_id) AND NOT EXISTS (SELECT FROM inspection q
        WHERE q.student_id = i.student_id AND q.person_id = i.student_id
          AND q.state = 'waiting') THEN
        UPDATE inspection SET person_id = i.student_id WHERE id = i.id;
        PERFORM ledger_change('inspection passed', i.student_id, NULL, 'clock', NULL, ''),
            tell_account(i.student_id, 'student', 'inspection passed');
    ELSE
        UPDATE inspection SET state = 'closed', answered_at = now() WHERE id = i.id;
        PERFORM ledger_change('inspection closed', i.student_id, NULL, 'clock', NULL, '');
    END IF;
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION close_staff_accounts(integer), open_staff_accounts(integer) TO intake;
GRANT EXECUTE ON FUNCTION ask_for_inspection(uuid, text), withdraw_inspection(uuid),
    answer_inspection(uuid, text, integer) TO app;
GRANT EXECUTE ON FUNCTION next_inspection_over() TO jobs;
