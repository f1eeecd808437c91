-- A fact leaves a note for the vault, so that a restore in the middle of an incident loses none,
-- and a suspect stays one. Released letters are only mentioned: the office releases them again.
CREATE FUNCTION note_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO narrowing (kind, said)
        SELECT CASE NEW.kind WHEN 'released' THEN 'breach letters' ELSE 'incident fact' END,
            to_jsonb(NEW) - ARRAY['id', 'incident_id', 'by_id'] || jsonb_build_object(
                'incident', jsonb_build_object('uuid', i.uuid, 'year', i.year, 'number', i.number),
                'by', known_elsewhere('by_id', NEW.by_id, true))
        FROM incident i WHERE i.id = NEW.incident_id;
    RETURN NULL;
END $$;
CREATE TRIGGER fact_narrows AFTER INSERT ON incident_fact FOR EACH ROW
    EXECUTE FUNCTION note_fact();
