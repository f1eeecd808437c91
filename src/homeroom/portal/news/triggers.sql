-- News that is taken down leaves a note for the vault.

CREATE TRIGGER news_narrows AFTER UPDATE ON news_item FOR EACH ROW
    WHEN (OLD.taken_down_at IS NULL AND NEW.taken_down_at IS NOT NULL
        OR coalesce(NEW.last_day, 'infinity') < coalesce(OLD.last_day, 'infinity'))
    EXECUTE FUNCTION note_narrowing('news', 'uuid', 'taken_down_at', 'last_day');
