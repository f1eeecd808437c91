-- An opt-out and the end of a consent leave a note for the vault, so a restore of an older backup
-- doesn't lose them.

CREATE TRIGGER opt_out_narrows AFTER INSERT ON directory_opt_out FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('directory opt-out', 'uuid', 'student_id', 'person_id!',
        'category', 'asked_at');

-- What was signed stays, and its end leaves a note.
CREATE TRIGGER signed_as_signed BEFORE UPDATE OF uuid, student_id, consenter_id, records, purpose,
    recipient, last_day, signature, signed_at
    ON signed_consent FOR EACH ROW EXECUTE FUNCTION keep_as_signed();
CREATE TRIGGER signed_consent_narrows AFTER UPDATE ON signed_consent
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('signed consent', 'uuid', 'ended_at', 'student_id');
