-- An administrator says that a contact of a student is an adult with access, or the same person as
-- another contact, and can undo this. Equal names, phones or addresses decide nothing.

-- `whom` is an adult with access to the student, or another contact of the student. Returns
-- 'joined'. 'same': they are one already. 'barred', 'tied', 'challenged': as odd_with_join(). Also
-- 'again' and ''.
CREATE FUNCTION join_contact(child uuid, which uuid, whom uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c contact := contact_i_keep(child, which);
    other contact; adult integer; odd text; made uuid;
BEGIN
    IF c.id IS NULL THEN RETURN ''; END IF;
    other := contact_i_keep(child, whom);
    adult := (SELECT t.adult_id FROM tie t JOIN person p ON p.id = t.adult_id
        WHERE p.uuid = whom AND t.student_id = c.student_id AND t.state <> 'ended'
          AND t.kind <> 'tutor' AND may_decide_about(t.adult_id));
    IF other.id IS NULL AND adult IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF adult IN (SELECT adults_of_contact(c))
        OR other.id IN (SELECT o.id FROM rows_of_contact(c) o) THEN
        RETURN 'same';
    END IF;
    odd := odd_with_join(c, other.id, adult);
    IF odd IS NOT NULL THEN RETURN odd; END IF;
    INSERT INTO contact_join (contact_id, other_id, person_id, how, made_by_id)
        VALUES (c.id, other.id, adult, 'office', asking()) RETURNING uuid INTO made;
    IF is_kept_confidential(c) THEN PERFORM hide_ties_of(c); END IF;
    PERFORM ledger_change('contact joined', NULL, asking(), 'administrator', NULL, made::text);
    RETURN 'joined';
END $$;

-- Separates joined contacts, even if a letter's code or the record joined them. Not while a
-- restriction or a confidential contact counts for all of it, since lifting those takes a second
-- approval. Returns 'undone', 'barred', 'hidden', 'again' or ''.
CREATE FUNCTION part_contact(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := child_i_keep(child); j contact_join; c contact;
BEGIN
    IF about IS NULL THEN RETURN ''; END IF;
    SELECT q.* INTO j FROM contact_join q JOIN contact o ON o.id = q.contact_id
        WHERE q.uuid = which AND o.student_id = about AND q.ended_at IS NULL FOR UPDATE OF q;
    SELECT * INTO c FROM contact o WHERE o.id = j.contact_id;
    IF c.id IS NULL OR EXISTS (SELECT FROM adults_of_contact(c) a WHERE NOT may_decide_about(a))
        THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF is_kept_confidential(c) THEN RETURN 'hidden'; END IF;
    IF EXISTS (SELECT FROM restriction x WHERE x.student_id = about
            AND x.person_id IN (SELECT adults_of_contact(c))
            AND (x.end_date IS NULL OR x.end_date > today())) THEN
        RETURN 'barred';
    END IF;
    UPDATE contact_join SET ended_at = now(), ended_by_id = asking() WHERE id = j.id;
    PERFORM ledger_change('contact parted', NULL, asking(), 'administrator', NULL, which::text);
    RETURN 'undone';
END $$;

GRANT EXECUTE ON FUNCTION join_contact(uuid, uuid, uuid), part_contact(uuid, uuid) TO app;
