-- Who has codes and cards printed for whom. The web process makes them and hands over hashes: none stands in a table.

-- Schools whose office I am: registrar's duty or an administrator's office at it. NULL stands for the whole district.
CREATE FUNCTION schools_of_my_office() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.school_id FROM my_duties() d WHERE d.duty = 'registrar' UNION SELECT o.school_id FROM my_offices() o
$$;

-- Whether this person is one of a school's people on that side: its students, its staff, the adults tied to its students.
CREATE FUNCTION is_of_school(who integer, on_side text, school integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE on_side
        WHEN 'student' THEN EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.school_id = school AND r.ended_at IS NULL AND r.role = 'student')
        WHEN 'staff' THEN EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.school_id = school AND r.ended_at IS NULL AND r.role <> 'student')
            OR EXISTS (SELECT FROM enrollment e JOIN section s ON s.id = e.section_id
                       WHERE e.person_id = who AND s.school_id = school AND e.role <> 'student' AND e.ended_at IS NULL)
        WHEN 'family' THEN EXISTS (SELECT FROM tie t JOIN role r ON r.person_id = t.student_id AND r.school_id = school AND r.ended_at IS NULL
                                   WHERE t.adult_id = who AND t.state <> 'ended')
        ELSE false END
$$;

-- Whether somebody is, or was, of a school of which I am an administrator, or is tied to one of its students.
CREATE FUNCTION is_of_my_offices(who integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL OR is_of_school(who, 'staff', o.school_id) OR is_of_school(who, 'family', o.school_id)
        OR EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.school_id = o.school_id))
$$;

-- Whether I may, in my office, have a code printed for this person on that side. Never for oneself, for a child one is tied to or
-- barred from, or for another adult of that child, barred or not; and for an administrator nobody's office does: one administrator could otherwise
-- become a second one, where two must agree. The operator's command does that.
CREATE FUNCTION may_print_for(who integer, on_side text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking(); them person;
BEGIN
    SELECT * INTO them FROM person p WHERE p.id = who AND p.ended_at IS NULL;
    IF NOT FOUND OR me IS NULL OR who = me OR asking_side() <> 'staff' THEN RETURN false; END IF;
    IF NOT may_decide_about(who) OR EXISTS (SELECT FROM administrator a WHERE a.person_id = who AND (a.end_date IS NULL OR a.end_date > today()))
    THEN RETURN false; END IF;
    IF (on_side = 'student' AND NOT them.is_student) OR (on_side = 'staff' AND NOT them.is_staff)
        OR (on_side = 'family' AND NOT EXISTS (SELECT FROM tie t WHERE t.adult_id = who AND t.state <> 'ended')) THEN RETURN false; END IF;
    RETURN EXISTS (SELECT FROM schools_of_my_office() s WHERE s IS NULL OR is_of_school(who, on_side, s));
END $$;

-- Whose account sleeps needs a code that wakes it; the others a new password, or a way past a lost second factor.
CREATE FUNCTION is_asleep(who integer, on_side text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM account a JOIN credential c ON c.account_id = a.id WHERE a.person_id = who AND a.side = on_side)
$$;

-- Everybody of these schools on any side, as is_of_school() has them.
CREATE FUNCTION people_of_schools(schools integer[]) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.person_id FROM role r WHERE r.school_id = ANY (schools) AND r.ended_at IS NULL
    UNION SELECT e.person_id FROM section s JOIN enrollment e ON e.section_id = s.id AND e.role <> 'student' AND e.ended_at IS NULL WHERE s.school_id = ANY (schools)
    UNION SELECT t.adult_id FROM role r JOIN tie t ON t.student_id = r.person_id AND t.state <> 'ended' WHERE r.school_id = ANY (schools) AND r.ended_at IS NULL
$$;

-- People whose names begin with these words, each on each side I may print for; twenty at most. An office's list of names is written
-- down. may_print_for() alone decides; it is asked from the top of the list until twenty are found, and of the office's schools alone:
-- asked about everybody whose name begins with Ma, in a district of 50,000, it took eight seconds.
CREATE FUNCTION people_to_print_for(words text[]) RETURNS TABLE (uuid uuid, name text, side text, grade_levels text[], is_asleep boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine integer[] := ARRAY(SELECT schools_of_my_office()); typed text := array_to_string(words, ' '); p person; on_side text; found integer := 0;
BEGIN
    IF mine = '{}' OR names_begin(typed) IS NULL THEN RETURN; END IF;
    PERFORM ledger_change('people searched', NULL, asking(), office_i_act_in(), NULL, '');
    FOR p IN SELECT w.* FROM person w
        WHERE w.id IN (SELECT people_found(typed)) AND w.ended_at IS NULL AND (array_position(mine, NULL) IS NOT NULL OR w.id IN (SELECT people_of_schools(mine)))
        ORDER BY w.family_name, w.given_name, w.id
    LOOP
        FOREACH on_side IN ARRAY ARRAY['family', 'staff', 'student'] LOOP
            CONTINUE WHEN NOT may_print_for(p.id, on_side);
            RETURN QUERY SELECT p.uuid, full_name(p), on_side, p.grade_levels, is_asleep(p.id, on_side);
            found := found + 1;
            IF found = 20 THEN RETURN; END IF;
        END LOOP;
    END LOOP;
END $$;

CREATE FUNCTION office_i_act_in() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM my_offices()) THEN 'administrator' ELSE 'duty: registrar' END
$$;

-- One of them, as the page that prints shows it. NULL for anybody out of reach.
CREATE FUNCTION person_to_print_for(subject uuid, on_side text) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('name', full_name(p), 'is_asleep', is_asleep(p.id, on_side), 'must_be_strong', must_be_strong(p.id, on_side))
    FROM person p WHERE p.uuid = subject AND may_print_for(p.id, on_side)
$$;

-- Keeps a code's hash; earlier codes of the same kind end. The last moment it works, or NULL: out of reach, not proven lately, not the
-- kind this account needs, more than 30 in an hour, or password and second factor of one account by one person within a day:
-- one clerk alone would then be anybody on the staff.
CREATE FUNCTION print_code(subject uuid, on_side text, of_kind text, of_code bytea, how_checked text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking(); who integer := (SELECT p.id FROM person p WHERE p.uuid = subject); until timestamptz := now() + interval '21 days';
BEGIN
    IF who IS NULL OR NOT is_fresh() OR NOT may_print_for(who, on_side) OR length(of_code) <> 32 OR how_checked NOT IN ('photo id', 'known', 'called back')
        OR (of_kind = 'wake') <> is_asleep(who, on_side) OR of_kind NOT IN ('wake', 'password', 'factors') THEN RETURN NULL; END IF;
    PERFORM hold(4117305, me);  -- or many at once would each count the others out
    IF (SELECT count(*) FROM code c WHERE c.made_by_id = me AND c.made_at > now() - interval '1 hour') >= 30
        OR (of_kind <> 'wake' AND EXISTS (SELECT FROM code c WHERE c.made_by_id = me AND c.person_id = who AND c.side = on_side
                                          AND c.kind NOT IN (of_kind, 'wake') AND c.made_at > now() - interval '1 day'))
    THEN RETURN NULL; END IF;
    UPDATE code c SET ended_at = now() WHERE c.person_id = who AND c.side = on_side AND c.kind = of_kind AND c.used_at IS NULL AND c.ended_at IS NULL;
    INSERT INTO code (person_id, side, kind, digest, expires_at, made_by_id, checked) VALUES (who, on_side, of_kind, of_code, until, me, how_checked);
    PERFORM ledger_change('code printed', CASE WHEN on_side = 'student' THEN who END, me, office_i_act_in(), NULL,
                          CASE WHEN on_side = 'student' THEN how_checked ELSE how_checked || ': ' || of_kind || ' for ' || subject END);
    PERFORM tell_account(who, on_side, 'code given');
    RETURN until;
END $$;

-- ── Cards ──
-- Students of a class that I teach, with the day their card was printed. Not one's own child, nor one somebody is barred from.
CREATE FUNCTION students_for_cards(class uuid) RETURNS TABLE (id integer, uuid uuid, first_name text, family_name text, made_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.uuid, first_name(p), last_name(p),
           (SELECT c.made_at FROM card c WHERE c.person_id = p.id AND c.ended_at IS NULL)
    FROM section s JOIN enrollment e ON e.section_id = s.id AND e.role = 'student' AND e.ended_at IS NULL
         AND (e.begin_date IS NULL OR e.begin_date <= today()) AND (e.end_date IS NULL OR e.end_date > today())
         JOIN person p ON p.id = e.person_id AND p.ended_at IS NULL AND p.is_student
    WHERE s.uuid = class AND s.id IN (SELECT sections_i_teach()) AND p.id <> ALL (barred_from())
      -- A class that is over is read for 30 days, which is what it closes after; a card signs in as the child. (Of the session, since few seats have an end.)
      AND coalesce(closes_to_teacher_on(s.id) - 30 > today(), true)
      AND NOT EXISTS (SELECT FROM tie t WHERE t.adult_id = asking() AND t.student_id = p.id AND t.state <> 'ended')
    ORDER BY 4, 3, 1
$$;

-- Keeps the hashes of new cards, one a student; whose card was printed before loses that one. How many were kept: all of them, or none.
CREATE FUNCTION print_cards(class uuid, students uuid[], cards bytea[]) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE reached integer[] := ARRAY(SELECT s.id FROM students_for_cards(class) s WHERE s.uuid = ANY (students));
BEGIN
    IF NOT is_fresh() OR cardinality(reached) <> cardinality(students) OR cardinality(cards) <> cardinality(students)
        OR EXISTS (SELECT FROM unnest(cards) c WHERE length(c) <> 32) THEN RETURN 0; END IF;
    PERFORM close_cards(reached);
    INSERT INTO card (person_id, section_id, digest, made_by_id)
        SELECT p.id, (SELECT s.id FROM section s WHERE s.uuid = class), u.digest, asking()
        FROM unnest(students, cards) AS u (student, digest) JOIN person p ON p.uuid = u.student;
    PERFORM ledger_change('card printed', who, asking(), 'teacher', NULL, ''), tell_account(who, 'student', 'card printed') FROM unnest(reached) who;
    RETURN cardinality(reached);
END $$;

-- Ends the cards of these students of a class that I teach, and whoever is signed in by one. How many ended.
CREATE FUNCTION end_cards(class uuid, students uuid[]) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE reached integer[] := ARRAY(SELECT s.id FROM students_for_cards(class) s WHERE s.uuid = ANY (students) AND s.made_at IS NOT NULL);
BEGIN
    PERFORM close_cards(reached);
    PERFORM ledger_change('card ended', who, asking(), 'teacher', NULL, ''), tell_account(who, 'student', 'card taken back') FROM unnest(reached) who;
    RETURN cardinality(reached);
END $$;

CREATE FUNCTION close_cards(of integer[]) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE session s SET ended_at = now() WHERE s.person_id = ANY (of) AND s.side = 'student' AND s.method = 'card' AND s.ended_at IS NULL;
    UPDATE card c SET ended_at = now() WHERE c.person_id = ANY (of) AND c.ended_at IS NULL
$$;
GRANT EXECUTE ON FUNCTION people_to_print_for(text[]), person_to_print_for(uuid, text), print_code(uuid, text, text, bytea, text),
    students_for_cards(uuid), print_cards(uuid, uuid[], bytea[]), end_cards(uuid, uuid[]) TO app;
