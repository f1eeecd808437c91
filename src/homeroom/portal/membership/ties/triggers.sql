-- Effects of a tie or a restriction that changes.

-- A tie that is made while parent access is turned off, or that becomes a parent's, is off from its
-- first moment.
CREATE FUNCTION shut_with_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Otherwise a tie made at the same moment would stay open.
    IF is_parent_kind(NEW.kind) THEN
        PERFORM hold(4117308, NEW.student_id, is_shared => true);
    END IF;
    NEW.is_shut := is_parent_kind(NEW.kind) AND is_closed_to_parents(NEW.student_id);
    RETURN NEW;
END $$;
CREATE TRIGGER tie_shut BEFORE INSERT OR UPDATE OF kind, student_id ON tie FOR EACH ROW
    EXECUTE FUNCTION shut_with_others();

-- If two records turn out to be one student's, restrictions and turned-off parent access of the one
-- count for the other. Taking them apart lifts nothing.
CREATE FUNCTION keep_apart_after_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO restriction (uuid, person_id, student_id, effect, basis, start_date, end_date,
        paper_kept_at, made_by_id)
        SELECT gen_random_uuid(), r.person_id, NEW.into_id, r.effect, r.basis, r.start_date,
            r.end_date, r.paper_kept_at, r.made_by_id
        FROM restriction r WHERE r.student_id = NEW.old_id
            AND (r.end_date IS NULL OR r.end_date > today());
    PERFORM hold(4117308, NEW.into_id);
    INSERT INTO closed_to_parents (student_id, basis, words, set_by_id)
        SELECT NEW.into_id, c.basis, c.words, c.set_by_id FROM closed_to_parents c
        WHERE c.student_id = NEW.old_id AND c.ended_at IS NULL ON CONFLICT DO NOTHING;
    UPDATE tie SET is_shut = true
        WHERE student_id = NEW.into_id AND state <> 'ended' AND is_parent_kind(kind) AND NOT is_shut
          AND is_closed_to_parents(student_id);
    RETURN NULL;
END $$;

CREATE TRIGGER tie_changed AFTER UPDATE OR DELETE ON tie FOR EACH ROW
    EXECUTE FUNCTION close_openings('adult_id');
CREATE TRIGGER tie_narrows AFTER UPDATE ON tie FOR EACH ROW WHEN (is_narrower(OLD.*, NEW.*))
    EXECUTE FUNCTION note_narrowing(
    'tie', 'uuid', 'adult_id', 'student_id', 'state', 'is_shut', 'is_confidential', 'start_date',
    'end_date', 'view_kinds', 'may_consent', 'may_correct', 'may_challenge');
CREATE TRIGGER tie_gone_narrows AFTER DELETE ON tie FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('tie gone', 'uuid', 'adult_id', 'student_id');
CREATE TRIGGER restriction_changed AFTER INSERT OR UPDATE OR DELETE ON restriction FOR EACH ROW
    EXECUTE FUNCTION close_openings('person_id');
CREATE TRIGGER restriction_narrows AFTER INSERT ON restriction FOR EACH ROW
    EXECUTE FUNCTION note_narrowing(
    'restriction', 'uuid', 'person_id!', 'student_id!', 'effect', 'basis', 'start_date', 'end_date',
    'paper_kept_at', 'made_by_id!');
CREATE TRIGGER restriction_longer_narrows AFTER UPDATE ON restriction FOR EACH ROW
    WHEN (NEW.start_date < OLD.start_date
        OR coalesce(NEW.end_date, 'infinity') > coalesce(OLD.end_date, 'infinity')
          OR (NEW.person_id, NEW.student_id) IS DISTINCT FROM (OLD.person_id, OLD.student_id))
    EXECUTE FUNCTION note_narrowing('restriction', 'uuid', 'person_id!', 'student_id!', 'effect',
        'basis', 'start_date', 'end_date', 'paper_kept_at', 'made_by_id!');
CREATE TRIGGER closed_to_parents_narrows AFTER INSERT ON closed_to_parents
    FOR EACH ROW WHEN (NEW.ended_at IS NULL)
    EXECUTE FUNCTION note_narrowing('no parent accounts', 'uuid', 'student_id!', 'basis', 'words',
        'set_by_id!');
