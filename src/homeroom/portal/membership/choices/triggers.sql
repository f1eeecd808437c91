-- A setting that becomes stricter leaves a note for the vault.

CREATE FUNCTION note_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO narrowing (kind, said)
        SELECT 'setting', jsonb_build_object('setting', c.setting, 'choice',
            to_jsonb(NEW)->>c.setting)
        FROM (SELECT DISTINCT setting FROM setting_choices()) c
        WHERE is_wider(c.setting, to_jsonb(NEW)->>c.setting, to_jsonb(OLD)->>c.setting);
    RETURN NULL;
END $$;
CREATE TRIGGER setting_narrows AFTER UPDATE ON district FOR EACH ROW
    EXECUTE FUNCTION note_settings();
