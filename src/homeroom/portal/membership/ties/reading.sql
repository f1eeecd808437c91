-- A student's ties, restrictions and contacts, for the office.

-- The students of the list that the view recorded.
CREATE FUNCTION students_for_ties()
RETURNS TABLE (uuid uuid, name text, school text, grade_levels text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE listed integer[] := listed_by('ties');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT p.uuid, full_name(p),
        (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), p.grade_levels
        FROM unnest(listed) WITH ORDINALITY u (id, place) JOIN person p USING (id)
        WHERE p.id IN (SELECT students_i_keep(listed)) ORDER BY u.place;
END $$;

-- Restrictions that are not over, the next to end first, of the students that the view recorded.
-- `in_child` limits them to one student, after a view. `number` is the student's place in the list.
CREATE FUNCTION restrictions_shown(in_child uuid)
RETURNS TABLE (uuid uuid, child uuid, name text, student text, school text, basis text,
    effect text, start_date date, end_date date, paper text, maker text, made_at timestamptz,
    waits boolean, number integer, has_more boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE shown integer[] := CASE WHEN in_child IS NULL THEN listed_by('ties')
    ELSE nullif(opened('contacts'), '{}') END;
BEGIN
    IF shown IS NULL OR NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT r.uuid, p.uuid, full_name(w), full_name(p),
            (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), r.basis, r.effect,
            r.start_date, r.end_date,
            r.paper_kept_at, (SELECT full_name(m) FROM person m WHERE m.id = r.made_by_id),
            r.made_at, is_proposed('lifted restriction', 'restriction', r.uuid),
            k.place, k.place < k.last
        FROM (SELECT a.*, max(a.place) OVER () AS last
              FROM restrictions_i_keep(CASE WHEN in_child IS NOT NULL THEN shown END) a) k
             JOIN restriction r ON r.id = k.id
             JOIN person p ON p.id = r.student_id JOIN person w ON w.id = r.person_id
        WHERE r.student_id = ANY (shown) AND (in_child IS NULL OR p.uuid = in_child)
        ORDER BY r.end_date NULLS LAST, r.id;
END $$;

-- After a view: the student of the page, and whether parent access is turned off.
CREATE FUNCTION child_kept(child uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF opened('contacts') = '{}' THEN RETURN NULL; END IF;
    RETURN (
    SELECT jsonb_build_object('name', full_name(p), 'first_name', first_name(p), 'school',
        (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)),
        'closed', (SELECT jsonb_build_object('basis', c.basis, 'words', c.words, 'set_at', c.set_at,
                'setter', full_name(w), 'waits', is_proposed('parent accounts', 'student', p.uuid))
                   FROM closed_to_parents c JOIN person w ON w.id = c.set_by_id
                   WHERE c.student_id = p.id AND c.ended_at IS NULL))
    FROM person p
    WHERE p.uuid = child AND p.id = ANY (opened('contacts')) AND i_keep_ties_of(p.id));
END $$;

-- After that view: each adult whose tie has not ended.
CREATE FUNCTION ties_of_child(child uuid)
RETURNS TABLE (uuid uuid, who uuid, adult text, relation text, kind text, basis text,
    start_date date, end_date date, views text[], rights text[], proof text,
    is_confidential boolean, closed_by text, is_asleep boolean, may_change boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF opened('contacts') = '{}' THEN RETURN; END IF;
    RETURN QUERY
    SELECT t.uuid, a.uuid, full_name(a), t.relation, t.kind, t.basis, t.start_date, t.end_date,
           t.view_kinds,
           array_remove(ARRAY[CASE WHEN t.may_consent THEN 'consent' END,
                   CASE WHEN t.may_correct THEN 'correct' END,
                       CASE WHEN t.may_challenge THEN 'challenge' END], NULL),
           t.proof, t.is_confidential, closed_by(t), is_asleep(a.id, 'family'),
           t.kind <> 'tutor' AND may_decide_about(a.id)
    FROM person p JOIN tie t ON t.student_id = p.id AND t.state <> 'ended'
         JOIN person a ON a.id = t.adult_id
    WHERE p.uuid = child AND p.id = ANY (opened('contacts')) AND i_keep_ties_of(p.id)
    ORDER BY t.kind = 'tutor', t.id;
END $$;

-- After a view of an adult: the students of the list that this adult has access to.
CREATE FUNCTION ties_of_adult()
RETURNS TABLE (child uuid, name text, school text, kind text, start_date date, end_date date,
    closed_by text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('ties');
BEGIN
    IF listed IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)),
           t.kind, t.start_date, t.end_date, closed_by(t)
    FROM tie t JOIN person p ON p.id = t.student_id
    WHERE t.adult_id = ANY (listed) AND t.state <> 'ended' AND may_decide_about(t.adult_id)
      AND p.id IN (SELECT students_i_keep(listed))
    ORDER BY array_position(listed, p.id), t.id;
END $$;

-- After a view: the record's contacts, each person once, only names and relations. `joins` is what
-- was confirmed about this person, the newest last.
CREATE FUNCTION contacts_of_child(child uuid)
RETURNS TABLE (uuid uuid, name text, relation text, is_kept boolean, waits boolean, joins jsonb)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF opened('contacts') = '{}' THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, name_of_contact(c), relation_of_contact(c), is_kept_confidential(c),
        EXISTS (SELECT FROM rows_of_contact(c) o
            WHERE is_proposed('contact shown', 'contact', o.uuid)),
        (SELECT coalesce(jsonb_agg(jsonb_build_object('uuid', j.uuid, 'is_adult',
                j.person_id IS NOT NULL, 'name', coalesce(full_name(a), name_of_contact(s)),
                'relation', coalesce(s.relationship, '')) ORDER BY j.id), '[]')
         FROM rows_of_contact(c) o JOIN contact_join j ON j.contact_id = o.id
              AND j.ended_at IS NULL
              LEFT JOIN person a ON a.id = j.person_id LEFT JOIN contact s ON s.id = j.other_id)
    FROM person p, contacts_once(p.id) c
    WHERE p.uuid = child AND p.id = ANY (opened('contacts')) AND i_keep_ties_of(p.id) ORDER BY c.id;
END $$;

-- People that the search of the request's view found, in its order. `is_contact`: a contact of the
-- student of the view.
CREATE FUNCTION found_by(search text)
RETURNS TABLE (uuid uuid, name text, is_contact boolean, has_account boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE everyone integer[] := listed_by(search);
BEGIN
    IF everyone IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT p.uuid, full_name(p),
            EXISTS (SELECT contacts_of_adult(p.id, everyone[1])),
            EXISTS (SELECT FROM account a WHERE a.person_id = p.id AND a.is_active
                AND (a.side = 'family' OR p.is_student))
        FROM unnest(everyone[2:]) WITH ORDINALITY u (id, place) JOIN person p USING (id)
        ORDER BY u.place;
END $$;

CREATE FUNCTION adults_found()
RETURNS TABLE (uuid uuid, name text, is_contact boolean, has_account boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT * FROM found_by('adults');
END $$;

CREATE FUNCTION people_to_bar()
RETURNS TABLE (uuid uuid, name text, is_contact boolean, has_account boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT * FROM found_by('people');
END $$;

-- The office's own words, which the adult reads instead of the record.
CREATE FUNCTION my_children_shut() RETURNS TABLE (child_name text, words text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT first_name(p), c.words
    FROM tie t JOIN closed_to_parents c ON c.student_id = t.student_id AND c.ended_at IS NULL
         JOIN person p ON p.id = t.student_id
    WHERE t.adult_id = asking() AND asking_side() = 'family' AND t.is_shut
      AND t.state IN ('approved', 'under challenge') AND t.start_date <= today()
      AND (t.end_date IS NULL OR t.end_date > today()) AND t.student_id <> ALL (barred_from())
          ORDER BY t.id;
END $$;

GRANT EXECUTE ON FUNCTION students_for_ties(), ties_of_adult(), restrictions_shown(uuid) TO app;
GRANT EXECUTE ON FUNCTION child_kept(uuid), ties_of_child(uuid), contacts_of_child(uuid),
    adults_found(), people_to_bar(), my_children_shut() TO app;
