-- Prints letters, codes and cards. The web process makes each code and passes its hash, so no table
-- holds a code. A letter's code proves possession of the letter, not identity. It fills in the
-- office's queue. It approves the request if the district chose so and the record's address is
-- verified.

-- Stores a code's hash. Returns the last moment it works. NULL: out of reach, identity not
-- confirmed recently, or not the kind this account needs. Also NULL: more than 30 in an hour, or
-- password and second factor of one account by one person within a day. One clerk could otherwise
-- sign in as anyone on the staff.
CREATE FUNCTION print_code(subject uuid, on_side text, of_kind text, of_code bytea,
    how_checked text)
RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
DECLARE me integer := asking(); who integer;
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN NULL; END IF;
    who := (SELECT p.id FROM person p WHERE p.uuid = subject);
    IF (who IS NOT NULL AND is_fresh() AND may_print_for(who, on_side) AND length(of_code) = 32
        AND how_checked IN ('photo id', 'known', 'called back')
        AND (of_kind = 'wake') = is_asleep(who, on_side)
        AND of_kind IN ('wake', 'password', 'factors')) IS NOT true THEN
        RETURN NULL;
    END IF;
    PERFORM hold(4117305, me);  -- otherwise parallel calls would not count each other
    IF (SELECT count(*) FROM code c
        WHERE c.made_by_id = me AND c.made_at > now() - interval '1 hour') >= 30
        OR prints_left_of(me) < 1
        OR (of_kind <> 'wake' AND EXISTS (SELECT FROM code c
                WHERE c.made_by_id = me AND c.person_id = who AND c.side = on_side
                                          AND c.kind NOT IN (of_kind, 'wake')
                                          AND c.made_at > now() - interval '1 day'))
    THEN RETURN NULL; END IF;
    RETURN keep_code(who, on_side, of_kind, of_code, me, office_i_act_in(), how_checked);
END $$;

-- Stores a code. `by_person` NULL means the operator's command. Earlier codes of the same kind end.
-- Returns the last moment it works.
CREATE FUNCTION keep_code(who integer, on_side text, of_kind text, of_code bytea,
    by_person integer, by_capacity text, how_checked text)
RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
DECLARE until timestamptz := now() + interval '21 days';
BEGIN
    UPDATE code c SET ended_at = now()
        WHERE c.person_id = who AND c.side = on_side AND c.kind = of_kind AND c.used_at IS NULL
          AND c.ended_at IS NULL;
    INSERT INTO code (person_id, side, kind, digest, expires_at, made_by_id, checked)
        VALUES (who, on_side, of_kind, of_code, until, by_person, how_checked);
    PERFORM ledger_change('code printed', CASE WHEN on_side = 'student' THEN who END, by_person,
        by_capacity, NULL,
                          CASE WHEN on_side = 'student' THEN how_checked
                              ELSE concat_ws(': ', nullif(how_checked, ''), of_kind || ' for '
                                  || (SELECT p.uuid FROM person p WHERE p.id = who)) END);
    PERFORM tell_account(who, on_side, 'code given');
    RETURN until;
END $$;

-- Stores the hashes of new cards, one per student. A student's earlier card ends. Returns how many
-- were stored: all or none.
CREATE FUNCTION print_cards(class uuid, students uuid[], cards bytea[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE reached integer[] := ARRAY(SELECT s.id FROM students_for_cards(class) s
    WHERE s.uuid = ANY (students));
BEGIN
    IF NOT is_fresh() OR cardinality(reached) <> cardinality(students)
        OR cardinality(cards) IS DISTINCT FROM cardinality(students)
        OR EXISTS (SELECT FROM unnest(cards) c WHERE length(c) IS DISTINCT FROM 32) THEN
        RETURN 0;
    END IF;
    PERFORM close_cards(reached);
    INSERT INTO card (person_id, section_id, digest, made_by_id)
        SELECT p.id, (SELECT s.id FROM section s WHERE s.uuid = class), u.digest, asking()
        FROM unnest(students, cards) AS u (student, digest) JOIN person p ON p.uuid = u.student;
    PERFORM ledger_change('card printed', who, asking(), 'teacher', NULL, ''),
        tell_account(who, 'student', 'card printed') FROM unnest(reached) who;
    RETURN cardinality(reached);
END $$;

-- Ends the cards of these students of a class that I teach, and sessions that began with one.
-- Returns how many ended.
CREATE FUNCTION end_cards(class uuid, students uuid[]) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE reached integer[] := ARRAY(SELECT s.id FROM students_for_cards(class) s
    WHERE s.uuid = ANY (students) AND s.made_at IS NOT NULL);
BEGIN
    PERFORM close_cards(reached);
    PERFORM ledger_change('card ended', who, asking(), 'teacher', NULL, ''),
        tell_account(who, 'student', 'card taken back') FROM unnest(reached) who;
    RETURN cardinality(reached);
END $$;

-- Ends cards first: begin_session() holds the card's row, so a session that began in between is
-- found and ended, too. A sign-in that waits for its second step finds no card (begin_session()).
CREATE FUNCTION close_cards(of integer[]) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE card c SET ended_at = now() WHERE c.person_id = ANY (of) AND c.ended_at IS NULL;
    UPDATE session s SET ended_at = now()
        WHERE s.person_id = ANY (of) AND s.side = 'student' AND NOT is_owners_method(s.method)
          AND s.ended_at IS NULL
$$;

-- Stores the hashes of new codes, one per contact. An earlier unused code ends, whichever of the
-- person's rows it was printed for. `by_way` is office, post, or child if the district allows it.
-- Returns the last moment they work. NULL: one of them is out of reach, identity was not confirmed
-- recently, or there are more than 100, or more than this person may print in an hour.
CREATE FUNCTION print_letters(contacts uuid[], codes bytea[], by_way text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
DECLARE ids integer[]; until timestamptz := now() + interval '21 days';
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN NULL; END IF;
    ids := ARRAY(SELECT c.id
        FROM unnest(contacts) WITH ORDINALITY AS u (uuid, place) JOIN contact c ON c.uuid = u.uuid
                 WHERE may_get_letter(c) AND may_decide_about(c.student_id)
                   AND NOT EXISTS (SELECT FROM adults_of_contact(c) a WHERE NOT may_decide_about(a))
                   AND EXISTS (SELECT FROM schools_of_my_office() s
                       WHERE s IS NULL OR is_of_school(c.student_id, 'student', s))
                       ORDER BY u.place);
    PERFORM hold(4117305, asking());  -- otherwise parallel calls would not count each other
    IF NOT is_fresh() OR cardinality(ids) NOT BETWEEN 1 AND 100
        OR cardinality(ids) > prints_left_of(asking())
        OR (cardinality(ids) = cardinality(contacts) AND cardinality(ids) = cardinality(codes)
        AND by_way IN ('office', 'post', 'child')) IS NOT true OR by_way = 'child'
        AND NOT (SELECT letters_by_child FROM district)
        OR EXISTS (SELECT FROM unnest(codes) k WHERE length(k) IS DISTINCT FROM 32) THEN
        RETURN NULL;
    END IF;
    UPDATE contact_code k SET ended_at = now()
        WHERE k.used_at IS NULL AND k.ended_at IS NULL AND k.contact_id IN (SELECT o.id
            FROM contact c, rows_of_contact(c) o WHERE c.id = ANY (ids));
    INSERT INTO contact_code (contact_id, digest, way, made_by_id, expires_at)
        SELECT u.id, u.code, by_way, asking(), until FROM unnest(ids, codes) AS u (id, code);
    PERFORM ledger_change('letter printed', c.student_id, asking(), office_i_act_in(), NULL, by_way)
        FROM contact c WHERE c.id = ANY (ids);
    RETURN until;
END $$;

GRANT EXECUTE ON FUNCTION print_code(uuid, text, text, bytea, text),
    print_cards(uuid, uuid[], bytea[]), end_cards(uuid, uuid[]),
    print_letters(uuid[], bytea[], text) TO app;
