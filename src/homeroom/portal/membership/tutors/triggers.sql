-- Ends what rests on a consent together with it. A consent stays as it was signed.

-- If a tie ends in any way, the consent that made it ends with it. So do tutors' ties that rest on
-- a consent given by it.
CREATE FUNCTION end_what_rests_on_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tutor_consent SET ended_at = now() WHERE tie_id = NEW.id AND ended_at IS NULL;
    PERFORM stop_tutor(c.tie_id, NULL, 'consent', NULL, 'consent over') FROM tutor_consent c
        WHERE c.consenter_tie_id = NEW.id AND c.ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER consent_over AFTER UPDATE OF state ON tie
    FOR EACH ROW WHEN (NEW.state = 'ended' AND OLD.state <> 'ended')
        EXECUTE FUNCTION end_what_rests_on_consent();

CREATE TRIGGER consent_as_signed BEFORE UPDATE OF tie_id, request_id, consenter_id,
    consenter_tie_id, organization, kinds, purpose, last_day, signature, signed_at
    ON tutor_consent FOR EACH ROW EXECUTE FUNCTION keep_as_signed();

-- If the district turns off grades or tutors, the access that families consented to ends. Turning
-- them on again restores no access.
CREATE FUNCTION narrow_tutors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM stop_tutor(t.id, NULL, 'operator', NULL, 'district')
        FROM tie t JOIN tutor_consent c ON c.tie_id = t.id
        WHERE t.state <> 'ended' AND NOT t.view_kinds && tutor_kinds();
    UPDATE tie t SET view_kinds = ARRAY(SELECT unnest(t.view_kinds)
        INTERSECT SELECT unnest(tutor_kinds()) ORDER BY 1)
        FROM tutor_consent c WHERE c.tie_id = t.id AND t.state <> 'ended'
            AND NOT t.view_kinds <@ tutor_kinds();
    RETURN NULL;
END $$;
CREATE TRIGGER tutors_narrowed AFTER UPDATE OF tutors ON district
    FOR EACH ROW WHEN (NEW.tutors IS DISTINCT FROM OLD.tutors) EXECUTE FUNCTION narrow_tutors();
CREATE TRIGGER consent_narrows AFTER UPDATE ON tutor_consent
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('consent', 'tie_id');
CREATE TRIGGER tutor_request_narrows AFTER UPDATE ON tutor_request
    FOR EACH ROW WHEN (OLD.state = 'waiting' AND NEW.state IN ('declined', 'withdrawn', 'lapsed'))
    EXECUTE FUNCTION note_narrowing('tutor request', 'uuid', 'person_id', 'state', 'answered_at');
CREATE TRIGGER tutor_application_narrows AFTER UPDATE ON tutor_application
    FOR EACH ROW WHEN (NEW.state <> OLD.state AND NEW.state IN ('declined', 'ended'))
    EXECUTE FUNCTION note_narrowing('tutor application', 'uuid', 'person_id', 'state',
        'answered_at');
