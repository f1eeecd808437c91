-- New ties of students who are 18, and birth dates that change.

-- A tie that is made or changed after the student's 18th birthday, such as by an approval, a
-- decided challenge or the operator. A new tie does not wait for the jobs process.
CREATE FUNCTION keep_of_age() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN PERFORM pass_rights_if_due(NEW.student_id); END IF;
    PERFORM settle_age(NEW.id, NULL, 'age');
    RETURN NULL;
END $$;
CREATE TRIGGER tie_of_age AFTER INSERT
    OR UPDATE OF state, kind, may_consent, may_correct, may_challenge ON tie FOR EACH ROW
    WHEN (NEW.state <> 'ended') EXECUTE FUNCTION keep_of_age();

-- Handles a birth date that changes while the 18th birthday by the old or the new one is within 60
-- days or past. Nothing is suspended or opened by it until an office confirms one of the two. If
-- the date changes back, the clock goes on. If both dates make the student of age, nothing changes.
CREATE FUNCTION hold_birth_date() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE m majority; counts date;
BEGIN
    SELECT * INTO m FROM majority WHERE student_id = NEW.person_id FOR UPDATE;
    counts := coalesce(m.of_birth_date, OLD.birth_date);
    IF m.applied_at IS NOT NULL AND turns_18_on(NEW.birth_date) <= today() THEN
        UPDATE majority SET of_birth_date = NEW.birth_date,
            effective_on = turns_18_on(NEW.birth_date), held_at = NULL
                WHERE student_id = NEW.person_id;
    ELSIF NEW.birth_date = counts
        OR least(turns_18_on(counts), turns_18_on(NEW.birth_date)) > today() + 60 THEN
        UPDATE majority SET held_at = NULL WHERE student_id = NEW.person_id;
        -- The record's own date counts again.
        DELETE FROM majority WHERE student_id = NEW.person_id AND announced_at IS NULL;
    ELSIF EXISTS (SELECT FROM person p WHERE p.id = NEW.person_id AND p.is_student) THEN
        INSERT INTO majority (student_id, of_birth_date, effective_on, held_at)
            VALUES (NEW.person_id, counts, turns_18_on(counts), now())
            ON CONFLICT (student_id) DO UPDATE SET held_at = coalesce(majority.held_at, now());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER birth_date_moved AFTER UPDATE ON demographic
    FOR EACH ROW WHEN (OLD.birth_date IS DISTINCT FROM NEW.birth_date)
        EXECUTE FUNCTION hold_birth_date();

-- An undone import removes the people it added, along with what was calculated for them. A tie, an
-- account or a dependence still prevents this.
CREATE FUNCTION forget_birthday() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM paper_notice
        WHERE student_id = OLD.id AND coalesce(person_id, OLD.id) = OLD.id AND printed_at IS NULL;
    DELETE FROM majority WHERE student_id = OLD.id AND confirmed_at IS NULL;
    RETURN OLD;
END $$;
CREATE TRIGGER birthday_forgotten BEFORE DELETE ON person FOR EACH ROW
    EXECUTE FUNCTION forget_birthday();
CREATE TRIGGER of_age_narrows AFTER INSERT ON majority
    FOR EACH ROW WHEN (NEW.applied_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('of age', 'student_id!', 'of_birth_date', 'effective_on');
CREATE TRIGGER turned_of_age_narrows AFTER UPDATE ON majority
    FOR EACH ROW WHEN (NEW.applied_at IS NOT NULL AND OLD.applied_at IS NULL)
    EXECUTE FUNCTION note_narrowing('of age', 'student_id!', 'of_birth_date', 'effective_on');
CREATE TRIGGER agreement_narrows AFTER UPDATE ON age_agreement
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('agreement', 'tie_id', 'at');
CREATE TRIGGER dependence_narrows AFTER UPDATE ON dependence
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('dependence', 'student_id', 'recorded_at');
