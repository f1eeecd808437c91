-- A masking closes the names that views opened, and a merged record keeps it.

-- Closes what views opened before a masking began or changed. The name is gone by the next request.
CREATE FUNCTION close_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO closing (person_id, xid)
        SELECT DISTINCT o.person_id, pg_current_xact_id()::text::bigint
        FROM opening o WHERE o.until > clock_timestamp()
            AND (NEW.student_id = ANY (o.names) OR NEW.student_id = ANY (o.aliases));
    RETURN NULL;
END $$;
CREATE TRIGGER masking_changed AFTER INSERT OR UPDATE ON masking FOR EACH ROW
    EXECUTE FUNCTION close_names();

-- If two records turn out to be one student's, the one that stays is masked like the other. If both
-- are masked, its own alias counts on the days of either. Otherwise a child who is hidden now would
-- be shown by name until the other masking begins. Taking the records apart removes no masking.
CREATE FUNCTION mask_after_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Ends one that is over by its date.
    UPDATE masking SET ended_at = now()
        WHERE student_id = NEW.into_id AND ended_at IS NULL AND end_date <= today();
    UPDATE masking k SET start_date = least(k.start_date, m.start_date),
        end_date = CASE WHEN k.end_date IS NOT NULL AND m.end_date IS NOT NULL
            THEN greatest(k.end_date, m.end_date) END
        FROM masking m
        WHERE k.student_id = NEW.into_id AND k.ended_at IS NULL AND m.id = open_masking(NEW.old_id);
    INSERT INTO masking (student_id, given_name, family_name, basis, start_date, end_date,
        masked_by_id)
        SELECT NEW.into_id, m.given_name, m.family_name, m.basis, m.start_date, m.end_date,
            m.masked_by_id
        FROM masking m WHERE m.student_id = NEW.old_id AND m.ended_at IS NULL ON CONFLICT
        DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER masking_narrows AFTER INSERT ON masking FOR EACH ROW WHEN (NEW.ended_at IS NULL)
    EXECUTE FUNCTION note_narrowing(
    'masking', 'uuid', 'student_id!', 'given_name', 'family_name', 'basis', 'start_date',
    'end_date', 'masked_by_id!');
CREATE TRIGGER masking_longer_narrows AFTER UPDATE ON masking FOR EACH ROW
    WHEN (NEW.start_date < OLD.start_date
        OR coalesce(NEW.end_date, 'infinity') > coalesce(OLD.end_date, 'infinity')
        OR NEW.ended_at IS NULL AND OLD.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('masking', 'uuid', 'student_id!', 'given_name', 'family_name',
        'basis', 'start_date', 'end_date', 'masked_by_id!');
