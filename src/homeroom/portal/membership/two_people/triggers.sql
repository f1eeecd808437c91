-- A proposal stays as it was made. Offices that end close what they opened.

CREATE FUNCTION keep_as_proposed() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER AS $$
BEGIN
    RAISE EXCEPTION 'a proposal stays as it was made: withdraw it, and propose anew';
END $$;
CREATE TRIGGER proposal_as_proposed BEFORE UPDATE OF uuid, kind, person_id, school_id, payload,
    reason, proposed_by_id, proposed_at ON proposal
    FOR EACH ROW EXECUTE FUNCTION keep_as_proposed();
CREATE TRIGGER office_changed AFTER UPDATE OR DELETE ON administrator FOR EACH ROW
    EXECUTE FUNCTION close_openings('person_id');
CREATE TRIGGER office_ended AFTER UPDATE OF end_date ON administrator
    FOR EACH ROW WHEN (NEW.end_date <= today() AND NEW.end_date IS DISTINCT FROM OLD.end_date)
    EXECUTE FUNCTION end_staff_sessions();
CREATE TRIGGER office_gone AFTER DELETE ON administrator FOR EACH ROW
    EXECUTE FUNCTION end_staff_sessions();
CREATE TRIGGER administrator_narrows AFTER UPDATE ON administrator
    FOR EACH ROW WHEN (coalesce(NEW.end_date, 'infinity') < coalesce(OLD.end_date, 'infinity'))
    EXECUTE FUNCTION note_narrowing('administrator', 'person_id', 'school_id', 'end_date');
CREATE TRIGGER administrator_gone_narrows AFTER DELETE ON administrator FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('administrator', 'person_id', 'school_id');
CREATE TRIGGER board_second_narrows AFTER UPDATE ON board_second
    FOR EACH ROW WHEN (coalesce(NEW.end_date, 'infinity') < coalesce(OLD.end_date, 'infinity'))
    EXECUTE FUNCTION note_narrowing('board second', 'person_id', 'end_date');
CREATE TRIGGER board_second_gone_narrows AFTER DELETE ON board_second FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('board second', 'person_id');

-- Without the note, a proposal that was stopped would wait again after a restore. Some acts happen
-- by themselves after a day.
CREATE TRIGGER proposal_narrows AFTER UPDATE ON proposal FOR EACH ROW
    WHEN (NEW.state <> OLD.state
        AND NEW.state IN ('objected', 'stopped', 'withdrawn', 'expired', 'not possible'))
    EXECUTE FUNCTION note_narrowing('proposal', 'uuid', 'person_id', 'state', 'ended_at');
