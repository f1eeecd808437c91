-- Requests follow a student's record, or an adult's, into the record that it was merged into, and
-- back.

-- For intake: moves the requests that name a record which this import merged into another one. One
-- stays if the same person already asks about the same value of the other record.
CREATE FUNCTION move_corrections(of_delivery integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE m merge; c correction; child integer; adult integer;
BEGIN
    FOR m IN SELECT * FROM merge w WHERE w.delivery_id = of_delivery ORDER BY w.id LOOP
        FOR c IN SELECT * FROM correction q
            WHERE m.old_id IN (q.student_id, q.person_id) ORDER BY q.id LOOP
            child := CASE c.student_id WHEN m.old_id THEN m.into_id ELSE c.student_id END;
            adult := CASE c.person_id WHEN m.old_id THEN m.into_id ELSE c.person_id END;
            CONTINUE WHEN c.state IN ('waiting', 'hearing') AND is_asked_twice(c, child, adult);
            UPDATE correction SET student_id = child, person_id = adult WHERE id = c.id;
            INSERT INTO merged_row (merge_id, "table", key) SELECT m.id, w.what, c.id::text
                FROM (VALUES ('correction', c.student_id), ('correction asker', c.person_id))
                    w (what, whose) WHERE w.whose = m.old_id;
        END LOOP;
    END LOOP;
END $$;

-- Moves them back, if they are still where the merge put them. An open one closes if the person has
-- asked about the same value of the first record since.
CREATE FUNCTION move_corrections_back(of_merge integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE m merge; c correction; moved text[]; child integer; adult integer; is_over boolean;
BEGIN
    SELECT * INTO m FROM merge w WHERE w.id = of_merge;
    FOR c IN SELECT * FROM correction q WHERE q.id IN (SELECT r.key::integer FROM merged_row r
        WHERE r.merge_id = m.id AND r."table" IN ('correction', 'correction asker'))
        ORDER BY q.id LOOP
        moved := ARRAY(SELECT r."table" FROM merged_row r
            WHERE r.merge_id = m.id AND r.key = c.id::text);
        child := CASE WHEN 'correction' = ANY (moved) AND c.student_id = m.into_id
            THEN m.old_id ELSE c.student_id END;
        adult := CASE WHEN 'correction asker' = ANY (moved) AND c.person_id = m.into_id
            THEN m.old_id ELSE c.person_id END;
        is_over := c.state IN ('waiting', 'hearing') AND is_asked_twice(c, child, adult);
        UPDATE correction SET student_id = child, person_id = adult,
            state = CASE WHEN is_over THEN 'closed' ELSE c.state END,
            answered_at = CASE WHEN is_over THEN now() ELSE c.answered_at END WHERE id = c.id;
        IF is_over THEN
            PERFORM ledger_change('correction closed', child, NULL, 'clock', NULL, '');
        END IF;
    END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION move_corrections(integer) TO intake;
