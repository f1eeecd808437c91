-- Lists for printing letters, codes and sign-in cards.

-- People that the request's view found by the beginnings of their names, in its order. Each is
-- listed once per side I may print for, twenty rows at most.
CREATE FUNCTION people_to_print_for()
RETURNS TABLE (uuid uuid, name text, side text, grade_levels text[], is_asleep boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE listed integer[] := listed_by('codes');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT p.uuid, full_name(p), w.on_side, p.grade_levels, is_asleep(p.id, w.on_side)
        FROM unnest(listed) WITH ORDINALITY u (who, place) JOIN printable(listed) w USING (who)
             JOIN person p ON p.id = w.who
        ORDER BY u.place, w.on_side LIMIT 20;
END $$;

-- One of them, with the name to print. NULL for anyone out of reach, and for a student without a
-- view of that student's code or page.
CREATE FUNCTION person_to_print_for(subject uuid, on_side text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE listed integer[] := coalesce(listed_by('code'), listed_by('ties'), '{}');
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN NULL; END IF;
    RETURN (SELECT jsonb_build_object('name', full_name(p, true),
        'is_asleep', is_asleep(p.id, on_side), 'must_be_strong', must_be_strong(p.id, on_side))
    FROM person p WHERE p.uuid = subject AND (NOT p.is_student OR p.id = ANY (listed))
        AND may_print_for(p.id, on_side));
END $$;

-- Students of a class that I teach, with the name on their card and the day it was printed. Leaves
-- out the teacher's own children and students that the teacher is restricted from.
CREATE FUNCTION students_for_cards(class uuid)
RETURNS TABLE (id integer, uuid uuid, first_name text, family_name text, made_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE mine integer[] := ARRAY(SELECT sections_i_teach()); which integer;
BEGIN
    -- Searched among my classes and not by its UUID. The amount read would tell whether it is
    -- someone else's class.
    which := (SELECT max(s.id) FILTER (WHERE s.uuid = class) FROM section s
        WHERE s.id = ANY (mine));
    IF which IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.id, p.uuid, first_name(p, true), last_name(p, true),
           (SELECT c.made_at FROM card c WHERE c.person_id = p.id AND c.ended_at IS NULL)
    FROM section s JOIN enrollment e ON e.section_id = s.id AND e.role = 'student'
         AND e.ended_at IS NULL
         AND (e.begin_date IS NULL OR e.begin_date <= today())
         AND (e.end_date IS NULL OR e.end_date > today())
         JOIN person p ON p.id = e.person_id AND p.ended_at IS NULL AND p.is_student
    WHERE s.id = which AND p.id <> ALL (barred_from())
      -- A teacher can read a class for 30 days after its end. Cards stop at its end, since a card
      -- signs in as the child. It is the end of the class's term, since few enrollments have one.
      AND coalesce(closes_to_teacher_on(s.id) - 30 > today(), true)
      AND NOT EXISTS (SELECT FROM tie t
          WHERE t.adult_id = asking() AND t.student_id = p.id AND t.state <> 'ended')
    ORDER BY 4, 3, 1;
END $$;

-- The page of contacts that the view recorded, each person once. `number` is the child's place. The
-- next page begins after it. `is_parent` follows the relation in the record. `lookalike` is someone
-- who may be the same person.
CREATE FUNCTION contacts_for_letters(of_school uuid)
RETURNS TABLE (number integer, contact uuid, name text, relation text, child text,
    is_parent boolean, printed_at timestamptz, has_more boolean, lookalike text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('letters'); everyone integer[];
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    everyone := ARRAY(SELECT s.student FROM students_for_letters(of_school) s ORDER BY s.place);
    RETURN QUERY
    SELECT w.place, c.uuid, name_of_contact(c), relation_of_contact(c), full_name(p),
           EXISTS (SELECT FROM rows_of_contact(c) o
               WHERE o.ended_at IS NULL AND is_called_parent(o)),
           (SELECT max(k.made_at) FROM contact_code k JOIN rows_of_contact(c) o
               ON o.id = k.contact_id WHERE k.used_at IS NULL AND k.ended_at IS NULL
                 AND k.expires_at > now()), w.place < w.last,
           lookalike_of_contact(c)
    FROM (SELECT a.*, u.place::integer AS place, max(u.place) OVER () AS last
          FROM unnest(everyone) WITH ORDINALITY AS u (student, place)
               JOIN contacts_without_access(everyone) a USING (student)) w
         JOIN contact c ON c.id = w.contact JOIN person p ON p.id = w.student
    WHERE w.student = ANY (listed) ORDER BY w.place, c.id LIMIT 100;
END $$;

-- The addressee and the child's first name for each code, after a view of that kind, in the order
-- of `contacts`. Nothing about any other adult. `letter` is the number of the letter: contacts of
-- brothers and sisters share one if the record says that they are one person, by key and name.
CREATE FUNCTION contacts_on_letters(contacts uuid[])
RETURNS TABLE (name text, child text, letter integer)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('letter');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT name_of_contact(c), first_name(p, true),
        (min(u.place) OVER (PARTITION BY key_of_contact(c), name_of_contact(c)))::integer
    FROM unnest(contacts) WITH ORDINALITY AS u (uuid, place) JOIN contact c ON c.uuid = u.uuid
         JOIN person p ON p.id = c.student_id
    WHERE c.student_id = ANY (listed)
        AND EXISTS (SELECT FROM schools_of_my_office() s
            WHERE s IS NULL OR is_of_school(c.student_id, 'student', s))
        AND may_decide_about(c.student_id) AND may_get_letter(c) ORDER BY u.place;
END $$;

-- Whether the district lets a letter go home with the child. It is a setting, for everyone signed
-- in.
CREATE FUNCTION letters_go_by_child() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF asking() IS NULL THEN RETURN NULL; END IF;
    RETURN (SELECT d.letters_by_child FROM district d);
END $$;

GRANT EXECUTE ON FUNCTION people_to_print_for(), person_to_print_for(uuid, text),
    students_for_cards(uuid), contacts_for_letters(uuid), contacts_on_letters(uuid[]),
    letters_go_by_child() TO app;

-- How many letters and codes I may print now.
CREATE FUNCTION prints_left() RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM schools_of_my_office()) THEN prints_left_of(asking())
        ELSE 0 END;
END $$;

GRANT EXECUTE ON FUNCTION prints_left() TO app;
