-- A duty or substitution that ends closes what it opened and signs the person out.

CREATE TRIGGER duty_changed AFTER UPDATE OR DELETE ON duty FOR EACH ROW
    EXECUTE FUNCTION close_openings('person_id');
CREATE TRIGGER duty_ended AFTER UPDATE OF end_date ON duty
    FOR EACH ROW WHEN (NEW.end_date <= today() AND NEW.end_date IS DISTINCT FROM OLD.end_date)
    EXECUTE FUNCTION end_staff_sessions();
CREATE TRIGGER duty_gone AFTER DELETE ON duty FOR EACH ROW EXECUTE FUNCTION end_staff_sessions();
CREATE TRIGGER duty_narrows AFTER UPDATE ON duty FOR EACH ROW
    WHEN (coalesce(NEW.end_date, 'infinity') < coalesce(OLD.end_date, 'infinity')
        OR NEW.start_date > OLD.start_date)
    EXECUTE FUNCTION note_narrowing('duty', 'uuid', 'person_id', 'start_date', 'end_date');
CREATE TRIGGER duty_gone_narrows AFTER DELETE ON duty FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('duty', 'uuid', 'person_id', 'start_date');
CREATE TRIGGER substitution_changed AFTER UPDATE OR DELETE ON substitution FOR EACH ROW
    EXECUTE FUNCTION close_openings('person_id');
CREATE TRIGGER substitution_narrows AFTER UPDATE ON substitution FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL OR NEW.last_day < OLD.last_day)
        EXECUTE FUNCTION note_narrowing('substitution', 'uuid', 'person_id', 'last_day',
            'ended_at');
CREATE TRIGGER substitution_gone_narrows AFTER DELETE ON substitution FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('substitution', 'uuid', 'person_id', 'last_day');
