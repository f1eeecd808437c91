-- An erasure and a hold leave a note for the vault.

CREATE TRIGGER erasure_narrows AFTER INSERT ON erased_student FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('erasure', 'uuid', 'sourced_ids', 'directive');
CREATE TRIGGER hold_narrows AFTER INSERT ON hold FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('hold', 'uuid', 'student_id', 'paper');
