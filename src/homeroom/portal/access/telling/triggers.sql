-- Each act that takes access away adds a narrowing in its own transaction. It doesn't matter
-- whether a page, a file, a clock, the operator or an owner at psql did it. The triggers are in the
-- room of each table. The jobs process seals each narrowing to the restore key, and a restore of an
-- older backup replays them (replaying.py). Decision 0034 lists the acts that add one. An act that
-- only gives access adds none: after a restore that access stays closed until someone opens it
-- again.

-- Arguments: the kind, then the columns that a replay needs. "student_id" becomes "student" and
-- identifies a person without a name. "student_id!" adds the name. It is only for people for whom a
-- replay may have to make a row, or whom it notifies. `gone`: the row was deleted.
CREATE FUNCTION note_narrowing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
    said jsonb := '{}';
    written text;
    of_column text;
BEGIN
    FOREACH written IN ARRAY TG_ARGV[1:] LOOP
        of_column := rtrim(written, '!');
        said := said || CASE WHEN of_column LIKE '%\_id' AND of_column <> 'sourced_id'
            THEN jsonb_build_object(left(of_column, -3),
                known_elsewhere(of_column, (was->>of_column)::bigint, written LIKE '%!'))
            ELSE jsonb_build_object(of_column, was->of_column) END;
    END LOOP;
    INSERT INTO narrowing (kind, said)
        VALUES (TG_ARGV[0], said
            || CASE TG_OP WHEN 'DELETE' THEN '{"gone": true}'::jsonb ELSE '{}' END);
    RETURN NULL;
END $$;

-- For tables of consents (34 CFR 99.30).
CREATE FUNCTION keep_as_signed() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER AS $$
BEGIN
    RAISE EXCEPTION 'a consent stays as it was signed: end it, and ask anew';
END $$;
