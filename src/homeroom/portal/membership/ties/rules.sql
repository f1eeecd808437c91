-- Rules of ties: what is valid, who may have one, and which changes take access away.

-- Whether the same proposal waits for a second approval already.
CREATE FUNCTION is_proposed(of_kind text, key text, which uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM proposal q
        WHERE q.kind = of_kind AND q.state = 'waiting' AND q.payload->>key = which::text)
$$;

-- The papers on which a tie of a kind may rest, as codes. An education-rights holder is named by a
-- court, or is a surrogate appointed by the district (34 CFR 300.519, Gov. Code 7579.5).
CREATE FUNCTION bases_of_kind(kind text) RETURNS text[]
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN kind = 'parent' THEN ARRAY['birth record', 'court order', 'district record']
        WHEN kind IN ('guardian', 'conservator') THEN ARRAY['court order']
                WHEN kind = 'caregiver by affidavit' THEN ARRAY['affidavit']
                WHEN kind IN ('foster caregiver', 'foster agency')
                    THEN ARRAY['placement', 'court order']
                WHEN kind = 'caseworker' THEN ARRAY['agency letter', 'court order']
                WHEN kind = 'education-rights holder' THEN ARRAY['court order', 'surrogate']
                ELSE '{}' END
$$;

-- Returns what is not valid in a tie as it was typed, or NULL. Foster caregivers and agencies have
-- their own right to grades and attendance (Ed. Code 49069.3). Only adults who hold the student's
-- rights consent, correct or challenge. A caseworker's tie ends within a year. `stands` is the
-- tie's present basis, which stays valid.
CREATE FUNCTION odd_with_tie(of_kind text, said jsonb, stands text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE views text[] := ARRAY(SELECT jsonb_array_elements_text(said->'views'));
    rights text[] := ARRAY(SELECT jsonb_array_elements_text(said->'rights'));
    first date := said->>'start'; over date := said->>'end';
BEGIN
    IF NOT coalesce(said->>'basis' = stands, false)
        AND NOT coalesce(said->>'basis', '') = ANY (bases_of_kind(of_kind)) THEN
        RETURN 'basis';
    END IF;
    IF first IS NULL OR first > today() + 366 OR over <= first OR over <= today() THEN
        RETURN 'days';
    END IF;
    IF of_kind = 'caseworker' AND (over IS NULL OR over > greatest(first, today()) + 366) THEN
        RETURN 'caseworker';
    END IF;
    IF views = '{}' OR NOT views <@ ARRAY['grades', 'attendance', 'contacts', 'birth date',
        'ledger']
        OR of_kind IN ('foster caregiver', 'foster agency')
        AND NOT views @> ARRAY['grades', 'attendance'] THEN
        RETURN 'views';
    END IF;
    IF rights <> '{}' AND of_kind <> ALL (ARRAY['parent', 'guardian', 'education-rights holder',
            'conservator']) OR NOT rights <@ ARRAY['consent', 'correct', 'challenge'] THEN
        RETURN 'rights';
    END IF;
    IF length(said->>'relation') > 60 THEN RETURN 'relation'; END IF;
    RETURN NULL;
END $$;

-- As odd_with_tie(), and how the district knows the adult. A tie's proof does not change later.
CREATE FUNCTION odd_with_new_tie(of_kind text, said jsonb, stands text DEFAULT NULL) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce(odd_with_tie(of_kind, said, stands),
        CASE WHEN coalesce(said->>'proof', '') <> ALL (ARRAY['in person', 'district record'])
            THEN 'proof' END)
$$;

-- A tie joins an adult who is here to a student's record.
CREATE FUNCTION may_be_tied(who integer, child integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM person p
        WHERE p.id = who AND p.ended_at IS NULL AND NOT p.is_student)
        AND EXISTS (SELECT FROM person p WHERE p.id = child AND p.is_student)
$$;

CREATE FUNCTION may_be_tied_by_me(who integer, child integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT may_be_tied(who, child) AND may_decide_about(who)
$$;

-- Returns what is not valid in a restriction as it was typed, or NULL.
CREATE FUNCTION odd_with_restriction(said jsonb) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE first date := said->>'start'; over date := said->>'end';
BEGIN
    IF coalesce(said->>'basis',
        '') <> ALL (ARRAY['court order', 'protective order', 'state law', 'binding document']) THEN
        RETURN 'basis';
    END IF;
    IF first IS NULL OR first > today() + 366 OR over <= first OR over <= today() THEN
        RETURN 'days';
    END IF;
    IF trim(coalesce(said->>'paper', '')) = '' OR length(said->>'paper') > 200 THEN
        RETURN 'paper';
    END IF;
    RETURN NULL;
END $$;

-- Whether there is a restriction already that begins on this day or before.
CREATE FUNCTION is_restricted_from(who integer, child integer, day date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM restriction r
        WHERE r.person_id = who AND r.student_id = child AND r.start_date <= day
          AND (r.end_date IS NULL OR r.end_date > today()))
$$;

-- Adults around a child who may be the same person as this one.
CREATE FUNCTION adults_alike(who integer, child integer) RETURNS SETOF integer
LANGUAGE sql STABLE AS $$
    SELECT p.id FROM person b, person p
    WHERE b.id = who AND NOT b.is_student AND p.id <> who
      AND p.id IN (SELECT adults_around(ARRAY[child])
          UNION SELECT person_id FROM registration WHERE student_id = child AND state = 'waiting')
      AND (name_words(p.given_name || ' ' || p.family_name) = name_words(b.given_name || ' '
              || b.family_name)
           OR lower(address_of_family(p.id)) IN (SELECT own_address_of_contact(o)
               FROM contacts_of_adult(who, child) c, rows_of_contact(c) o
               WHERE o.ended_at IS NULL))
    UNION SELECT adults_one_with(who, child)
$$;

-- Adds the names of the student and the contact that a proposal is about. NULL if the reader is
-- restricted from the student.
CREATE FUNCTION child_proposed(what jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT what || jsonb_build_object('child',
        (SELECT full_name(p) FROM person p
            WHERE p.uuid = (what->>'student')::uuid AND p.id <> ALL (barred_from())),
        'named', (SELECT name_of_contact(c) FROM contact c
            WHERE c.uuid = (what->>'contact')::uuid AND c.student_id <> ALL (barred_from())))
$$;

-- 'approved' and 'under challenge' give the same access.
CREATE FUNCTION shutness(state text) RETURNS integer LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE state WHEN 'ended' THEN 3 WHEN 'suspended' THEN 2 WHEN 'requested' THEN 1 ELSE 0 END
$$;

CREATE FUNCTION is_narrower(was tie, becomes tie) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT public.shutness(becomes.state) > public.shutness(was.state) OR becomes.is_shut
        AND NOT was.is_shut OR becomes.is_confidential AND NOT was.is_confidential
        OR becomes.start_date > was.start_date
        OR coalesce(becomes.end_date, 'infinity') < coalesce(was.end_date, 'infinity')
        OR NOT was.view_kinds <@ becomes.view_kinds OR was.may_consent AND NOT becomes.may_consent
        OR was.may_correct AND NOT becomes.may_correct
        OR was.may_challenge AND NOT becomes.may_challenge
$$;

-- An office's pages of one student: who has access, and the access log.
CREATE FUNCTION seen_by_office(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT p.id, NULL::integer, wanted, 'administrator', NULL::integer FROM person p
    WHERE p.uuid = subject AND i_keep_ties_of(p.id);
END $$;

-- Adults by the beginnings of their names, or by the whole verified email of their family account,
-- twenty at most. `called` is what people_found() found. A school's administrator finds the
-- school's people and the child's contacts, and the district's finds everyone. Leaves out people
-- that the asker may not decide about.
CREATE FUNCTION adults_called(about integer, words text, called integer[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[]; is_everyones boolean; apart integer[];
BEGIN
    IF names_begin(words) IS NULL AND position('@' IN words) = 0 THEN RETURN; END IF;
    mine := ARRAY(SELECT schools_of_my_office());
    is_everyones := array_position(mine, NULL) IS NOT NULL;
    apart := people_not_decided_by(asking());
    RETURN QUERY SELECT p.id FROM person p
        WHERE p.ended_at IS NULL AND NOT p.is_student AND p.id <> ALL (apart) AND p.id IN (
            SELECT f FROM unnest(called) f WHERE position('@' IN words) = 0
                AND (is_everyones OR f IN (SELECT people_of_schools(called, mine))
                    OR f IN (SELECT c.person_id FROM contact c WHERE c.student_id = about))
            UNION SELECT a.person_id
            FROM mail_address m JOIN account a ON a.id = m.account_id AND a.side = 'family'
                WHERE position('@' IN words) > 0 AND lower(m.address) = lower(trim(words))
                  AND m.proven_at IS NOT NULL AND m.ended_at IS NULL)
        ORDER BY p.family_name, p.given_name, p.id LIMIT 20;
END $$;

-- A student's record, and adults that a search found. The search is in that student's access log as
-- a view of the contacts, committed before a name is read. Everyone found is counted. Adults have
-- no access log.
CREATE FUNCTION seen_with_adults(subject uuid, words text, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE about integer := (SELECT s.student_id FROM seen_by_office(subject, wanted) s);
BEGIN
    IF about IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT about, NULL::integer, wanted, 'administrator', NULL::integer
        UNION ALL SELECT a, NULL, NULL, 'administrator', NULL
        FROM adults_called(about, words, ARRAY(SELECT people_found(words))) a;
END $$;

-- The same, and other students of my schools, who may be restricted as well. Their names are shown,
-- and each one's access log says so. The act's name and kinds do not tell a family why.
CREATE FUNCTION seen_with_people(subject uuid, words text, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE about integer := (SELECT s.student_id FROM seen_by_office(subject, wanted) s);
    mine integer[] := ARRAY(SELECT schools_of_my_office());
    is_everyones boolean := array_position(mine, NULL) IS NOT NULL;
    apart integer[] := people_not_decided_by(asking());
    adults integer[];
    found integer[];
BEGIN
    IF about IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT about, NULL::integer, array_remove(wanted, 'names'), 'administrator',
        NULL::integer;
    IF words = '' THEN RETURN; END IF;
    found := ARRAY(SELECT people_found(words));
    adults := ARRAY(SELECT adults_called(about, words, found));
    RETURN QUERY SELECT p.id, NULL::integer, CASE WHEN p.is_student THEN ARRAY['names'] END,
            'administrator', NULL::integer
        FROM person p WHERE p.id = ANY (adults || found) AND (p.id = ANY (adults)
            OR position('@' IN words) = 0 AND p.is_student AND p.id <> about
            AND p.ended_at IS NULL AND p.id <> ALL (apart)
            AND (is_everyones OR p.id IN (SELECT people_of_schools(found, mine))))
        ORDER BY p.family_name, p.given_name, p.id LIMIT 20;
END $$;

-- Restrictions that are not over, of these students or of all whose ties the asker keeps. `place`
-- is the student's place in the list, by the restriction that ends next.
CREATE FUNCTION restrictions_i_keep(among integer[])
RETURNS TABLE (id integer, student integer, place integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE kept integer[] := ARRAY(SELECT students_i_keep(coalesce(among,
        ARRAY(SELECT DISTINCT r.student_id FROM restriction r
            WHERE r.end_date IS NULL OR r.end_date > today()))));
    apart integer[] := people_not_decided_by(asking());
BEGIN
    RETURN QUERY
    SELECT w.id, w.student_id, (dense_rank() OVER (ORDER BY w.first_end, w.student_id))::integer
    FROM (SELECT r.id, r.student_id, min(coalesce(r.end_date, 'infinity'))
              OVER (PARTITION BY r.student_id) AS first_end
          FROM restriction r
          WHERE (r.end_date IS NULL OR r.end_date > today())
            AND r.student_id = ANY (kept) AND r.person_id <> ALL (apart)) w;
END $$;

-- A student that I keep, or an adult I may decide about with the students I keep, if there are any.
CREATE FUNCTION person_i_keep(subject uuid) RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE which person; kept integer[];
BEGIN
    SELECT * INTO which FROM person p WHERE p.uuid = subject;
    kept := ARRAY(SELECT students_i_keep(CASE WHEN which.is_student THEN ARRAY[which.id]
        ELSE ARRAY(SELECT t.student_id FROM tie t
            WHERE t.adult_id = which.id AND t.state <> 'ended') END));
    IF kept <> '{}' AND may_decide_about(which.id) THEN
        RETURN QUERY SELECT which.id UNION SELECT unnest(kept);
    END IF;
END $$;

-- Why a tie gives no access now. '' means that it gives the access it lists.
CREATE FUNCTION closed_by(t tie) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN is_restricted(t.adult_id, t.student_id) THEN 'barred'
        WHEN t.is_shut THEN 'accounts' WHEN is_suspended_by_age(t.id) THEN 'age'
        WHEN t.state NOT IN ('approved', 'under challenge') THEN 'state'
        WHEN t.end_date <= today() THEN 'over' WHEN t.start_date > today() THEN 'early'
        ELSE '' END;
END $$;

-- Students whose names begin with these words, twenty at most. Without words, a page of students
-- with a restriction. `subject` is a student, or an adult, who comes first, and the students this
-- adult has access to. An adult has no access log. All are one act. Its name and kind do not tell a
-- family that there is a restriction.
CREATE FUNCTION seen_for_ties(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    IF subject IS NOT NULL THEN
        RETURN QUERY
        SELECT w.id, NULL::integer, CASE WHEN w.is_student THEN wanted END,
            (SELECT office_i_act_in()), NULL::integer
        FROM person w WHERE w.id IN (SELECT person_i_keep(subject))
        ORDER BY w.is_student, w.family_name, w.given_name, w.id LIMIT 100;
    ELSIF coalesce(words, '') = '' THEN
        RETURN QUERY
        SELECT k.student, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
        FROM restrictions_i_keep(NULL) k WHERE k.place > coalesce(after, 0)
        GROUP BY k.student, k.place ORDER BY k.place LIMIT 100;
    ELSIF names_begin(words) IS NOT NULL THEN
        RETURN QUERY
        SELECT w.id, NULL::integer, wanted, (SELECT office_i_act_in()), NULL::integer
        FROM students_i_keep(ARRAY(SELECT people_found(words))) k JOIN person w ON w.id = k
        ORDER BY w.family_name, w.given_name, w.id LIMIT 20;
    END IF;
END $$;
