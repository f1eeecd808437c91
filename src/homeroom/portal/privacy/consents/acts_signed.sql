-- Signed consents: sign, and end (34 CFR 99.30, Ed. Code 49075).

-- Signed by a person whom the sign-in just identified (34 CFR 99.30(d)), for at most a year.
-- Returns 'given'. 'kinds': no records, or unknown ones. 'odd': no purpose or recipient, or too
-- long. 'days': a last day that is over or more than a year away. 'signature': not the name.
-- 'taken': the same is signed already. 'again': the last confirmation of identity is too old. '' as
-- if nothing were there.
CREATE FUNCTION sign_consent(child uuid, of_records text[], what_for text, whom text, through date,
    signed text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE s record; made signed_consent;
    ticked text[] := ARRAY(SELECT DISTINCT unnest(of_records) ORDER BY 1);
BEGIN
    IF NOT EXISTS (SELECT FROM my_say_on_consents(child)) THEN RETURN ''; END IF;
    -- Locked, so that the second one waits: a consent, and the end of the access that allows it.
    PERFORM FROM tie t WHERE t.adult_id = asking() AND asking_side() = 'family'
        AND t.id IN (SELECT m.tie_id FROM my_say_on_consents(child) m) FOR UPDATE;
    SELECT * INTO s FROM my_say_on_consents(child) m WHERE m.may_consent;
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF ticked = '{}' OR NOT ticked <@ ARRAY['name', 'birth date', 'contact details', 'grades',
        'attendance'] THEN RETURN 'kinds'; END IF;
    IF (length(trim(what_for)) BETWEEN 1 AND 500 AND length(trim(whom)) BETWEEN 1 AND 200)
        IS NOT true THEN RETURN 'odd'; END IF;
    IF through BETWEEN today() AND today() + 366 IS NOT true THEN RETURN 'days'; END IF;
    IF name_words(signed) IS DISTINCT FROM (SELECT name_words(full_name(p)) FROM person p
        WHERE p.id = asking()) THEN RETURN 'signature'; END IF;
    IF consent_for(s.student_id, ticked, what_for, whom) IS NOT NULL THEN RETURN 'taken'; END IF;
    INSERT INTO signed_consent (student_id, consenter_id, records, purpose, recipient, last_day,
            signature)
        VALUES (s.student_id, asking(), ticked, trim(what_for), trim(whom), through, trim(signed))
        RETURNING * INTO made;
    PERFORM ledger_change('consent signed', s.student_id, asking(), asking_side(), s.tie_id,
            made.uuid || ' ' || consent_digest(made)),
        tell_family_of(s.student_id, asking(), 'consent signed');
    RETURN 'given';
END $$;

-- For everyone with access to the student, and for the student, but not in a card session. Returns
-- 'ended'. 'taken': it had ended. '' as if nothing were there. It only closes something, so no
-- fresh proof is needed.
CREATE FUNCTION end_consent(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE s record; c signed_consent;
BEGIN
    SELECT * INTO s FROM my_say_on_consents(child);
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    -- Searched among this student's and not by its UUID. The amount read would tell whether another
    -- student has it.
    SELECT * INTO c FROM signed_consent q WHERE q.id = (SELECT max(w.id)
        FILTER (WHERE w.uuid = which) FROM signed_consent w WHERE w.student_id = s.student_id)
        FOR UPDATE;
    IF c.id IS NULL THEN RETURN ''; END IF;
    IF is_by_card() THEN RETURN ''; END IF;
    IF c.ended_at IS NOT NULL THEN RETURN 'taken'; END IF;
    UPDATE signed_consent SET ended_at = now(), ended_by_id = asking() WHERE id = c.id;
    PERFORM ledger_change('consent ended', c.student_id, asking(), asking_side(), s.tie_id,
            c.uuid::text),
        tell_family_of(c.student_id, asking(), 'consent ended');
    RETURN 'ended';
END $$;

GRANT EXECUTE ON FUNCTION sign_consent(uuid, text[], text, text, date, text),
    end_consent(uuid, uuid) TO app;
