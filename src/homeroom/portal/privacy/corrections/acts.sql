-- Requests to correct a record: ask, withdraw, answer. A jobs step closes those whose value came.

-- Returns 'asked'. 'taken': the same value is asked about already. 'odd': a field is empty, too
-- long or unknown. 'same': the record has that value. '' as if nothing were there.
CREATE FUNCTION ask_for_correction(child uuid, about text, of_row uuid, wanted text, ground text,
    why text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE whose integer := one_of(ARRAY(SELECT my_correctable()), child);
    was text; made correction;
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF whose IS NULL THEN RETURN ''; END IF;
    IF (length(trim(wanted)) BETWEEN 1 AND 500 AND length(trim(why)) BETWEEN 1 AND 2000
        AND ground IN ('inaccurate', 'unsupported', 'outside competence', 'not observed',
            'misleading', 'privacy')
        AND about IN ('first name', 'middle name', 'last name', 'birth date', 'grade level',
            'class grade', 'score', 'attendance', 'other')) IS NOT true THEN RETURN 'odd'; END IF;
    was := value_on_record(about, of_row, whose);
    IF (was IS NULL) <> (about = 'other' AND of_row IS NULL) THEN RETURN ''; END IF;
    IF is_same_value(was, wanted) THEN RETURN 'same'; END IF;
    INSERT INTO correction (student_id, person_id, about, of_row, called, day, value_was,
            value_wanted, ground, why)
        SELECT whose, asking(), ask_for_correction.about, ask_for_correction.of_row,
            coalesce(w.called, ''), w.day, coalesce(was, ''), trim(wanted),
            ask_for_correction.ground, trim(ask_for_correction.why)
        FROM (SELECT) one LEFT JOIN row_called(ask_for_correction.of_row) w ON true
        ON CONFLICT DO NOTHING RETURNING * INTO made;
    IF made.id IS NULL THEN RETURN 'taken'; END IF;
    PERFORM ledger_change('correction asked', whose, asking(), asking_side(), tie_of(made), ''),
        tell_of_correction(made, 'correction asked');
    RETURN 'asked';
END $$;

-- The access by which the person asked. NULL if it has ended, or for the student.
CREATE FUNCTION tie_of(c correction) RETURNS integer LANGUAGE sql VOLATILE AS $$
    SELECT t.id FROM tie t
    WHERE t.adult_id = ANY (askers_of(c)) AND t.student_id = ANY (records_asked_about(c))
      AND t.state <> 'ended' ORDER BY t.id DESC LIMIT 1
$$;

-- Returns 'withdrawn'. 'over': it no longer waits. '' as if nothing were there.
CREATE FUNCTION withdraw_correction(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE c correction;
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF which IN (SELECT my_open_to_change()) IS NOT true THEN RETURN ''; END IF;
    SELECT * INTO c FROM correction q WHERE q.uuid = which FOR UPDATE;
    IF c.state NOT IN ('waiting', 'hearing') THEN RETURN 'over'; END IF;
    UPDATE correction SET state = 'withdrawn', answered_at = now() WHERE id = c.id;
    PERFORM ledger_change('correction withdrawn', c.student_id, asking(), asking_side(),
        tie_of(c), '');
    RETURN 'withdrawn';
END $$;

-- After a refusal: asks for a hearing (34 CFR 99.21, Ed. Code 49070). Returns 'asked'. 'over': the
-- request isn't refused. '' as if nothing were there.
CREATE FUNCTION ask_for_hearing(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE c correction;
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF which IN (SELECT my_open_to_change()) IS NOT true THEN RETURN ''; END IF;
    SELECT * INTO c FROM correction q WHERE q.uuid = which FOR UPDATE;
    IF c.state <> 'refused' OR is_asked_twice(c, c.student_id, c.person_id) THEN
        RETURN 'over';
    END IF;
    UPDATE correction SET state = 'hearing', hearing_asked_at = now() WHERE id = c.id;
    PERFORM ledger_change('hearing asked', c.student_id, asking(), asking_side(), tie_of(c), ''),
        tell_of_correction(c, 'hearing asked');
    RETURN 'asked';
END $$;

-- The statement that the person who asked adds to the record, after a decision that the record
-- stays (34 CFR 99.21(b), Ed. Code 49070). Everyone who reads the value reads it, and no one can
-- change it. The entry in the access log has its digest. Returns 'kept'. 'over': the request has no
-- such decision, or has a statement. 'words': it's empty or too long. '' as if nothing were there.
CREATE FUNCTION add_statement(which uuid, words text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c correction; said text := trim(words);
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF which IN (SELECT my_open_to_change()) IS NOT true THEN RETURN ''; END IF;
    SELECT * INTO c FROM correction q WHERE q.uuid = which FOR UPDATE;
    IF c.state NOT IN ('refused', 'upheld') OR c.statement <> '' THEN RETURN 'over'; END IF;
    IF length(said) BETWEEN 1 AND 2000 IS NOT true THEN RETURN 'words'; END IF;
    UPDATE correction SET statement = said, statement_at = now() WHERE id = c.id;
    PERFORM ledger_change('statement added', c.student_id, asking(), asking_side(), tie_of(c),
            c.uuid || ' ' || encode(sha256(convert_to(said, 'UTF8')), 'hex')),
        tell_of_correction(c, 'statement added');
    RETURN 'kept';
END $$;

-- The day, time and place of a hearing. It can be set again until the outcome is known. The family
-- is notified (34 CFR 99.22(b)). Returns 'set'. 'days': the day is over, or no place is given.
-- 'taken': no one waits for a hearing. Also 'again' and ''.
CREATE FUNCTION set_hearing(which uuid, day date, place text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c correction;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN ''; END IF;
    SELECT * INTO c FROM correction q WHERE q.uuid = which FOR UPDATE;
    IF c.id IS NULL OR NOT may_answer(c) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF c.state <> 'hearing' THEN RETURN 'taken'; END IF;
    IF (day >= today() AND length(trim(place)) BETWEEN 1 AND 300) IS NOT true THEN
        RETURN 'days';
    END IF;
    UPDATE correction SET hearing_on = set_hearing.day, hearing_place = trim(place),
        hearing_noted_by_id = asking() WHERE id = c.id;
    PERFORM ledger_change('hearing set', c.student_id, asking(), office_i_act_in(), tie_of(c), ''),
        tell_person_of(c, 'request answered');
    RETURN 'set';
END $$;

-- Notifies the person who asked, on the next page, and by email of an answer. Someone who may no
-- longer ask learns nothing.
CREATE FUNCTION tell_person_of(c correction, what text) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT tell_account(a.person_id, a.side, what),
        CASE what WHEN 'request answered' THEN mail_account(a.id, 'answered') END
    FROM account a WHERE a.person_id = ANY (askers_of(c)) AND a.is_active AND may_still_correct(c)
        AND a.side = CASE WHEN c.person_id = c.student_id THEN 'student' ELSE 'family' END
$$;

-- `verdict` is 'agreed', with the value that the district's system will get, or 'refused', with the
-- reasons. After a hearing it is the outcome, and both need reasons (34 CFR 99.22(f)). A grade
-- changes only after its teacher was heard (Ed. Code 49066), so agreeing to one needs what the
-- teacher said. Returns `verdict`. 'barred': there is a restriction (34 CFR 99.4). 'taken':
-- answered already. 'days': the hearing isn't over. 'odd': no new value. 'words': no reasons.
-- 'heard': nothing said by the teacher. Also 'again' and ''. An agreed value can be agreed to anew,
-- so that a typing mistake doesn't keep the request open.
CREATE FUNCTION answer_correction(which uuid, verdict text, value text, said text, teacher text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE c correction;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN ''; END IF;
    SELECT * INTO c FROM correction q WHERE q.uuid = which FOR UPDATE;
    IF c.id IS NULL OR NOT may_answer(c)
        OR said IS NULL OR verdict IN ('agreed', 'refused') IS NOT true THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF c.state NOT IN ('waiting', 'hearing') AND (c.state, verdict) <> ('agreed', 'agreed') THEN
        RETURN 'taken';
    END IF;
    IF c.state <> 'agreed' AND NOT may_still_correct(c) THEN RETURN 'barred'; END IF;
    IF c.state = 'hearing' AND (c.hearing_on <= today()) IS NOT true THEN RETURN 'days'; END IF;
    IF verdict = 'agreed' AND (length(trim(value)) BETWEEN 1 AND 500
        AND NOT is_same_value(value, c.value_was)) IS NOT true THEN RETURN 'odd'; END IF;
    IF (verdict = 'refused' OR c.state = 'hearing')
        AND length(trim(said)) BETWEEN 1 AND 2000 IS NOT true THEN RETURN 'words'; END IF;
    IF verdict = 'agreed' AND c.about IN ('class grade', 'score') AND c.heard = ''
        AND length(trim(teacher)) BETWEEN 1 AND 2000 IS NOT true THEN RETURN 'heard'; END IF;
    UPDATE correction SET heard = coalesce(nullif(left(trim(teacher), 2000), ''), heard),
        value_agreed = CASE verdict WHEN 'agreed' THEN trim(value) ELSE '' END WHERE id = c.id;
    IF c.state = 'hearing' THEN
        UPDATE correction SET state = CASE verdict WHEN 'refused' THEN 'upheld' ELSE verdict END,
            hearing_said = left(trim(said), 2000), hearing_done_at = now(),
            hearing_noted_by_id = asking() WHERE id = c.id;
    ELSIF c.state = 'waiting' THEN
        UPDATE correction SET state = verdict, answered_by_id = asking(), answered_at = now(),
            answer = left(trim(said), 2000) WHERE id = c.id;
    END IF;
    PERFORM ledger_change(CASE c.state WHEN 'hearing' THEN 'hearing ' ELSE 'correction ' END
            || verdict, c.student_id, asking(), office_i_act_in(), tie_of(c), ''),
        tell_person_of(c, 'request answered');
    RETURN verdict;
END $$;

-- For what an import can't bring: the office says that it is corrected. Returns 'corrected'.
-- 'taken': it isn't waiting for that. Also 'again' and ''.
CREATE FUNCTION finish_correction(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE c correction;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN ''; END IF;
    SELECT * INTO c FROM correction q WHERE q.uuid = which FOR UPDATE;
    IF c.id IS NULL OR NOT may_answer(c) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF c.state <> 'agreed' OR c.about <> 'other' THEN RETURN 'taken'; END IF;
    PERFORM close_correction(c, asking(), office_i_act_in());
    RETURN 'corrected';
END $$;

-- The record has the value that the office agreed to.
CREATE FUNCTION close_correction(c correction, by_person integer, by_capacity text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE correction SET state = 'corrected', corrected_at = now() WHERE id = c.id;
    SELECT ledger_change('correction done', c.student_id, by_person, by_capacity, tie_of(c), ''),
        tell_person_of(c, 'corrected')
$$;

-- Notifies the people who may answer. They see it on the next page.
CREATE FUNCTION tell_of_correction(c correction, what text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT tell_account(w, 'staff', what) FROM answerers_for(c.student_id, c.person_id) w
    WHERE NOT EXISTS (SELECT FROM account n JOIN account_notice o ON o.account_id = n.id
        WHERE n.person_id = w AND n.side = 'staff' AND o.what = tell_of_correction.what
          AND o.shown_at IS NULL)
$$;

-- For the jobs process: takes the next request that an import or an undo changed, or whose person
-- may no longer ask. It closes when the record has the agreed value, and opens again when the old
-- value is back. At 18 it passes to the student (34 CFR 99.5). Returns false if there isn't one.
CREATE FUNCTION next_correction_due() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE c correction;
BEGIN
    SELECT q.* INTO c FROM correction q WHERE q.id IN (SELECT corrections_brought())
        ORDER BY q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF c.state = 'agreed' THEN
        PERFORM close_correction(c, NULL, 'file');
        RETURN true;
    ELSIF c.state = 'corrected' THEN
        UPDATE correction SET state = 'agreed', corrected_at = NULL WHERE id = c.id;
        PERFORM ledger_change('correction open again', c.student_id, NULL, 'file', tie_of(c), ''),
            tell_of_correction(c, 'correction open again');
        RETURN true;
    END IF;
    SELECT q.* INTO c FROM correction q
        WHERE q.state IN ('waiting', 'hearing') AND NOT may_still_correct(q)
        ORDER BY q.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF c.id IS NULL THEN RETURN false; END IF;
    IF c.person_id <> c.student_id AND is_of_age(c.student_id)
        AND NOT is_asked_twice(c, c.student_id, c.student_id) THEN
        UPDATE correction SET person_id = c.student_id WHERE id = c.id;
        PERFORM ledger_change('correction passed', c.student_id, NULL, 'clock', NULL, ''),
            tell_account(c.student_id, 'student', 'correction passed');
    ELSE
        UPDATE correction SET state = 'closed', answered_at = now() WHERE id = c.id;
        PERFORM ledger_change('correction closed', c.student_id, NULL, 'clock', NULL, '');
    END IF;
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION ask_for_correction(uuid, text, uuid, text, text, text),
    withdraw_correction(uuid), ask_for_hearing(uuid), add_statement(uuid, text),
    set_hearing(uuid, date, text),
    answer_correction(uuid, text, text, text, text),
    finish_correction(uuid) TO app;
GRANT EXECUTE ON FUNCTION next_correction_due() TO jobs;
