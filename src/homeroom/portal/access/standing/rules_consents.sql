-- Who may sign a consent about a student's record, and who may only see and end what was signed.

-- Returns what the asker may do about this child's consents and tutors. The student, and anyone
-- with an open tie other than a tutor's, may see and end them. Consent needs an approved tie with
-- that right, so not one under challenge. An opt-out only closes something, so the right alone is
-- enough. A student who is 18 may consent (34 CFR 99.5(a)(1)), but not with a card, which a teacher
-- prints.
CREATE FUNCTION my_say_on_consents(child uuid)
RETURNS TABLE (student_id integer, tie_id integer, may_consent boolean, may_opt_out boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE about integer; may_sign boolean;
BEGIN
    IF asking_side() = 'student' THEN
        about := one_of(ARRAY[asking()], child);
        may_sign := is_of_age(about) AND NOT is_by_card();
        RETURN QUERY
        SELECT p.id, NULL::integer, may_sign, may_sign
        FROM person p WHERE p.id = about AND p.ended_at IS NULL AND is_readable(p.id, p.id);
        RETURN;
    END IF;
    about := one_of(ARRAY(SELECT t.student_id FROM open_ties() t), child);
    RETURN QUERY SELECT t.student_id, t.id, t.may_consent AND t.state = 'approved', t.may_consent
        FROM open_ties() t WHERE t.student_id = about AND t.kind <> 'tutor';
END $$;

-- True if this adult holds the right to consent for the student today. At 18 it is the student's.
CREATE FUNCTION has_right_to_consent(adult integer, child integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN is_of_age(child) THEN adult = child ELSE NOT is_restricted(adult, child)
        AND EXISTS (SELECT FROM tie t WHERE t.adult_id = adult AND t.student_id = child
            AND t.kind <> 'tutor' AND t.may_consent AND NOT t.is_shut
            AND t.state IN ('approved', 'under challenge') AND t.start_date <= today()
            AND (t.end_date IS NULL OR t.end_date > today())) END
$$;

-- The digest of what was signed, as its entry in the access log has it.
CREATE FUNCTION consent_digest(c signed_consent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(c.uuid, s.uuid, w.uuid, c.records, c.purpose,
        c.recipient, c.last_day, c.signature,
        to_char(c.signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text, 'UTF8')),
        'hex')
    FROM person s JOIN person w ON w.id = c.consenter_id WHERE s.id = c.student_id
$$;

-- The same of a consent for a tutor.
CREATE FUNCTION tutor_consent_digest(c tutor_consent) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(t.uuid, w.uuid, c.organization, c.kinds,
        c.purpose, c.last_day, c.signature,
        to_char(c.signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text, 'UTF8')),
        'hex')
    FROM tie t JOIN person w ON w.id = c.consenter_id WHERE t.id = c.tie_id
$$;

-- True if a signed consent counts today: its last day is not over, no one ended it, and the person
-- who signed still holds the right. A parent's consent ends at 18 (34 CFR 99.5).
CREATE FUNCTION consent_counts(c signed_consent) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT c.ended_at IS NULL AND c.last_day >= today()
        AND has_right_to_consent(c.consenter_id, c.student_id)
$$;
