-- Finds the record that a request may be about, and who may answer it. Nothing that the asker sees,
-- and no response time, tells whether there is such a student (34 CFR 99.31(c): identity before
-- access).

-- Returns the kind of tie for a relation. Foster and agency ties, tutors and court cases come only
-- from the district.
CREATE FUNCTION registered_as(relation text) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN relation IN ('mother', 'father', 'parent') THEN 'parent'
        WHEN relation = 'guardian' THEN 'guardian'
                WHEN relation IN ('grandmother', 'grandfather', 'aunt', 'uncle', 'relative')
                    THEN 'caregiver by affidavit' END
$$;

-- Students with this name, or born that day with one of these names, and what is the same. A
-- preferred name counts only if families see it, since an answer by name would reveal it.
CREATE FUNCTION students_like(given text, family text, born date)
RETURNS TABLE (student_id integer, same_name boolean, same_birth boolean) LANGUAGE sql STABLE AS $$
    SELECT p.id, name_words(given) <> ''
               AND name_words(given) IN (name_words(p.given_name),
                   CASE WHEN all_see_preferred()
                       THEN name_words(p.preferred_given_name) ELSE '' END)
               AND name_words(family) <> ''
               AND name_words(family) IN (name_words(p.family_name),
                   CASE WHEN all_see_preferred()
                       THEN name_words(p.preferred_family_name) ELSE '' END),
           coalesce(d.birth_date = born, false)
    FROM person p LEFT JOIN demographic d ON d.person_id = p.id AND d.ended_at IS NULL
    WHERE p.is_student AND p.ended_at IS NULL AND p.id IN (
        SELECT people_called(given || ' ' || family)
        UNION SELECT b.person_id FROM demographic b
        WHERE b.birth_date = born
          AND b.person_id IN (SELECT people_called(given) UNION SELECT people_called(family)))
$$;

-- Students with a contact who has the asker's verified email or typed phone, whatever the name.
-- Indexes answer this if their expressions are repeated exactly.
CREATE FUNCTION students_by_contact(r registration) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
DECLARE mine text := lower(address_of_family(r.person_id)); digits text := phone_end(r.phone);
BEGIN
    IF r.relation = 'self' THEN RETURN; END IF;
    RETURN QUERY SELECT c.student_id
        FROM contact c JOIN person p ON p.id = c.student_id AND p.ended_at IS NULL
        WHERE c.ended_at IS NULL AND NOT is_kept_confidential(c) AND c.id IN (
            SELECT o.id FROM contact o WHERE o.email <> '' AND lower(o.email) = mine
            UNION SELECT o.id FROM contact_detail d JOIN contact o ON o.person_id = d.person_id
                AND o.email = '' WHERE d.email <> '' AND lower(d.email) = mine
            UNION SELECT o.id FROM contact o
            WHERE o.phone <> '' AND right(regexp_replace(o.phone, '\D', '', 'g'), 10) = digits
            UNION SELECT o.id FROM contact_detail d JOIN contact o ON o.person_id = d.person_id
                AND o.phone = ''
                  WHERE d.phone <> '' AND right(regexp_replace(d.phone, '\D', '', 'g'),
                      10) = digits);
END $$;

-- Students a request may be about: like what was typed, named by the letter's code, or with a
-- contact who has the asker's verified email or typed phone. `fits` counts how much is the same.
CREATE FUNCTION students_for(r registration)
RETURNS TABLE (student_id integer, same_name boolean, same_birth boolean, fits bigint)
LANGUAGE sql STABLE AS $$
    WITH alike AS (SELECT *
        FROM students_like(r.child_given_name, r.child_family_name, r.child_birth_date)),
         named AS (SELECT c.student_id FROM contact_code k JOIN contact c ON c.id = k.contact_id
             WHERE k.id = r.contact_code_id
                   UNION SELECT w FROM students_by_contact(r) w)
    SELECT w.student_id, coalesce(a.same_name, false), coalesce(a.same_birth, false),
        count(n.student_id) + coalesce(a.same_name, false)::integer + coalesce(a.same_birth,
            false)::integer
    FROM (SELECT student_id FROM alike UNION SELECT student_id FROM named) w LEFT JOIN alike a
    USING (student_id) LEFT JOIN named n USING (student_id)
    GROUP BY w.student_id, a.same_name, a.same_birth
$$;

-- The one student with this name and birth date. NULL if there are two.
CREATE FUNCTION student_of(r registration) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN count(*) = 1 THEN min(s.student_id) END
    FROM students_like(r.child_given_name, r.child_family_name, r.child_birth_date) s
    WHERE s.same_name AND s.same_birth
$$;

CREATE FUNCTION has_student_account(child integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM account a WHERE a.person_id = child AND a.side = 'student')
$$;

-- The side on which the asker is signed in.
CREATE FUNCTION side_of_request(r registration) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE r.relation WHEN 'self' THEN 'student' ELSE 'family' END
$$;

-- The asker's verified email, or NULL.
CREATE FUNCTION address_of_asker(r registration) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT m.address FROM account a JOIN mail_address m ON m.account_id = a.id
        AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
    WHERE a.person_id = r.person_id AND a.side = side_of_request(r) AND a.is_active
$$;

-- Whether the record vouches for a student: the asker verified the email that the school gave out,
-- and no file changed it for 14 days. The email must be in the students' own domain, since another
-- one in a child's record may be a parent's. A student who has an account is not vouched for.
CREATE FUNCTION has_own_address(r registration) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT has_student_account(r.student_id) AND EXISTS (SELECT FROM contact_detail d
        WHERE d.person_id = r.student_id AND lower(d.email) = lower(address_of_asker(r))
          AND is_settled(d.delivery_id) AND is_students_domain(d.email))
$$;

-- Rows of the student's parents with the asker's verified email, if no file changed it for 14 days.
CREATE FUNCTION contacts_vouching(r registration) RETURNS SETOF contact LANGUAGE sql STABLE AS $$
    SELECT c.* FROM contact c LEFT JOIN contact_detail d ON d.person_id = c.person_id,
        lower(address_of_family(r.person_id)) mine
    WHERE c.student_id = r.student_id AND c.ended_at IS NULL AND is_called_parent(c)
      AND NOT is_kept_confidential(c) AND NOT is_somebody_else(c, r.person_id)
      AND (mine = lower(c.email) AND is_settled(c.delivery_id) OR mine = lower(d.email)
          AND is_settled(d.delivery_id))
$$;

-- Whether the record itself vouches for the asker. A student needs has_own_address(). A parent
-- needs a contact with the verified email (contacts_vouching()), and a child without a restriction,
-- an open challenge, or parent access turned off.
CREATE FUNCTION is_vouched_for(r registration) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN r.relation = 'self' THEN has_own_address(r) ELSE r.student_id IS NOT NULL
        AND registered_as(r.relation) IN ('parent', 'guardian')
        AND EXISTS (SELECT contacts_vouching(r))
        AND NOT EXISTS (SELECT FROM restriction x
            WHERE x.student_id = r.student_id AND (x.end_date IS NULL OR x.end_date > today()))
        AND NOT EXISTS (SELECT FROM challenge_case c
            WHERE c.student_id = r.student_id AND c.decided_at IS NULL)
        AND NOT is_closed_to_parents(r.student_id)
    END
$$;

-- People with this person's name or verified email. Anyone who registers becomes a new person, and
-- no one may approve their own request.
CREATE FUNCTION people_like(who integer) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT p.id FROM person me
        JOIN person p ON p.id IN (SELECT people_called(me.given_name || ' ' || me.family_name))
    WHERE me.id = who AND p.id <> who AND NOT p.is_student
      AND name_words(p.given_name || ' ' || p.family_name) = name_words(me.given_name || ' '
          || me.family_name)
    UNION SELECT b.person_id
    FROM account a JOIN mail_address m ON m.account_id = a.id AND m.proven_at IS NOT NULL
        AND m.ended_at IS NULL
        JOIN mail_address n ON lower(n.address) = lower(m.address) AND n.proven_at IS NOT NULL
            AND n.ended_at IS NULL JOIN account b ON b.id = n.account_id
        WHERE a.person_id = who AND b.person_id <> who
$$;

-- Whether a request is my office's: of a school where I am registrar, or of the district. Never
-- about my own child, a child I am restricted from, an adult of such a child, or myself with
-- another account.
CREATE FUNCTION may_answer_registration(r registration) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM schools_of_my_office() s WHERE s IS NULL OR s = r.office_id)
        AND may_decide_about(r.person_id)
        AND (r.student_id IS NULL OR may_decide_about(r.student_id))
        AND r.person_id NOT IN (SELECT people_like(asking()))
$$;

-- Schools whose requests I see, or only `of_school`.
CREATE FUNCTION schools_i_approve_for(of_school uuid) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT s.id FROM school s
        WHERE (of_school IS NULL OR s.uuid = of_school)
          AND EXISTS (SELECT FROM schools_of_my_office() m WHERE m IS NULL OR m = s.id))
$$;

-- Myself, people who may be me, and other adults of children I may not decide about. It is
-- may_answer_registration() for a whole list.
CREATE FUNCTION people_i_do_not_decide_on() RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT asking() UNION SELECT people_like(asking())
        UNION SELECT adults_around(ARRAY(SELECT children_not_decided_by(asking()))))
$$;

-- Returns what the office's evidence of identity proves about the tie. For a paper, only that it
-- was seen is stored.
CREATE FUNCTION proof_of_evidence(evidence text) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN evidence IN ('photo id', 'known', 'affidavit') THEN 'in person'
        WHEN evidence IN ('called back', 'record') THEN 'district record'
        WHEN evidence = 'code' THEN 'code' END
$$;

-- In person if the request was challenged and an administrator then saw the adult, however it is
-- approved.
CREATE FUNCTION proof_of_request(r registration, how text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM challenge c
            WHERE c.registration_id = r.id AND c.outcome = 'restored') THEN 'in person'
            ELSE proof_of_evidence(how) END
$$;

-- How the district lets this asker in. Parents and students have a choice each.
CREATE FUNCTION registering_for(r registration) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE r.relation WHEN 'self' THEN registering_students ELSE registering END FROM district
$$;

-- Whether this district lets an office approve requests together that the record vouches for. Not
-- if it wants everyone seen.
CREATE FUNCTION approves_together(r registration) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT registering_for(r) <> 'in person'
$$;

CREATE FUNCTION overdue_from() RETURNS timestamptz LANGUAGE sql STABLE SECURITY INVOKER AS $$
    SELECT now() - interval '7 days'
$$;

CREATE FUNCTION lapsed_from() RETURNS timestamptz LANGUAGE sql STABLE SECURITY INVOKER AS $$
    SELECT now() - interval '60 days'
$$;

-- Counts the overdue requests that this administrator could answer, of the school or the district.
-- For the district, applications of tutors count too. Leaves out people that the administrator may
-- not decide about.
CREATE FUNCTION overdue_for(who integer) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT children_not_decided_by(who));
    adults integer[];
    found bigint;
    is_of_district boolean := decides_for(who, NULL);
    schools integer[] := ARRAY(SELECT o.school_id FROM administrator o
        WHERE o.person_id = who AND decides_for(who, o.school_id));
BEGIN
    adults := ARRAY(SELECT who UNION SELECT people_like(who) UNION SELECT adults_around(mine));
    SELECT count(*) INTO found FROM registration r
    WHERE r.state = 'waiting' AND r.asked_at < (SELECT overdue_from())
        AND (is_of_district OR r.office_id = ANY (schools))
        AND r.person_id <> ALL (adults) AND (r.student_id IS NULL OR r.student_id <> ALL (mine));
    IF is_of_district THEN
        found := found + (SELECT count(*) FROM tutor_application a
            WHERE a.state = 'waiting' AND a.asked_at < (SELECT overdue_from())
              AND a.person_id <> ALL (adults));
    END IF;
    RETURN found + (SELECT count(*) FROM inspection i
        WHERE i.state = 'waiting' AND inspection_due(i) < today()
          AND (is_of_district OR school_left(i.student_id) = ANY (schools))
          AND i.person_id <> ALL (adults) AND i.student_id <> ALL (mine))
        + (SELECT count(*) FROM correction c
        WHERE c.state IN ('waiting', 'hearing') AND correction_due(c) < today()
          AND (is_of_district OR school_left(c.student_id) = ANY (schools))
          AND c.person_id <> ALL (adults) AND c.student_id <> ALL (mine));
END $$;

-- Whether a request with a code approves itself. The district must have chosen this. The typed name
-- and birth date must be the child's, and the contact's own address in the record must be verified.
-- The child must have no restriction and no open challenge.
CREATE FUNCTION approves_itself(r registration) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT (SELECT code_approves AND registering <> 'in person' FROM district)
        AND registered_as(r.relation) IN ('parent', 'guardian') AND EXISTS (
            SELECT FROM contact_code k JOIN contact c ON c.id = k.contact_id
            WHERE k.id = r.contact_code_id AND c.student_id = student_of(r) AND may_get_letter(c)
              AND EXISTS (SELECT FROM rows_of_contact(c) o
                  WHERE o.ended_at IS NULL AND is_called_parent(o))
              AND EXISTS (SELECT FROM rows_of_contact(c) o
                  WHERE o.ended_at IS NULL AND has_answered(o, r.person_id)))
        AND NOT EXISTS (SELECT FROM restriction x
            WHERE x.student_id = student_of(r) AND (x.end_date IS NULL OR x.end_date > today()))
        AND NOT EXISTS (SELECT FROM challenge_case c
            WHERE c.student_id = student_of(r) AND c.decided_at IS NULL)
$$;

-- The records that a request may be about, five at most.
CREATE FUNCTION seen_in_request(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT l.student_id, NULL::integer, wanted, office_i_act_in(), NULL::integer
    FROM registration r, students_for(r) l
    WHERE r.uuid = subject AND may_answer_registration(r) AND may_decide_about(l.student_id)
      AND EXISTS (SELECT FROM schools_of_my_office() s
          WHERE s IS NULL OR is_of_school(l.student_id, 'student', s))
    ORDER BY l.fits DESC, l.same_birth DESC, l.student_id LIMIT 5;
END $$;
