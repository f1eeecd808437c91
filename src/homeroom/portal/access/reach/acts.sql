-- Notifies the people around a student or a tie, and locks a student's row for the office.

-- Notifies administrators on the next page that each opens, also the one who proposed. So a stolen
-- session can't propose unnoticed. The board second is notified only of what needs an answer and of
-- decisions.
CREATE FUNCTION tell_administrators(of_school integer, what text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT tell_account(w.person_id, 'staff', what) FROM (
        SELECT person_id FROM administrator WHERE decides_for(person_id, of_school)
        UNION SELECT person_id FROM board_second
        WHERE is_board_second(person_id) AND what IN ('waits for a second', 'proposal decided')) w
$$;

-- Notifies the adults who have a tie to the child, and the child from grade 6. The adult whom it is
-- about (`but_for`) is not notified.
CREATE FUNCTION tell_family_of(child integer, but_for integer, what text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM tell_account(told, 'family', what) FROM adults_told_of(child) told
        WHERE told <> but_for;
    PERFORM tell_account(p.id, 'student', what) FROM person p
        WHERE p.id = child AND is_of_grade_6_or_more(p);
END $$;

-- Notifies on the next page and by email. Neither names anyone.
CREATE FUNCTION tell_in_challenge(who integer, on_side text, what text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM tell_account(who, on_side, what);
    PERFORM mail_account(a.id, 'written') FROM account a
        WHERE a.person_id = who AND a.side = on_side AND a.is_active;
END $$;

-- Returns the student whom my view opened, and locks out another administrator's change of the same
-- child. NULL if there isn't one. It checks twice, because access may close while the first turn
-- waits for the lock.
CREATE FUNCTION child_i_keep(child uuid) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE found integer;
BEGIN
    FOR turn IN 1..2 LOOP
        found := one_of(opened('contacts'), child);
        IF found IS NULL OR NOT i_keep_ties_of(found) THEN RETURN NULL; END IF;
        PERFORM hold(4117308, found);
    END LOOP;
    RETURN found;
END $$;

-- Joins a contact with the adult who was just given access, unless odd_with_join() finds a
-- conflict. Then an administrator decides on the student's page. how: code, record, office.
CREATE FUNCTION join_adult(which integer, adult integer, how text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO contact_join (contact_id, person_id, how, made_by_id)
    SELECT c.id, adult, how, asking() FROM contact c
    WHERE c.id = which AND adult NOT IN (SELECT adults_of_contact(c))
      AND odd_with_join(c, NULL, adult) IS NULL
$$;
