-- Who can see one student today, and why (34 CFR 99.10 and 99.32, Ed. Code 49069.7). There is no
-- stored list. The rules of look() answer for each account that might see the student, in a session
-- that is undone.

-- Accounts to ask. Each act says where its rule starts (asks), and administrators' acts start from
-- their office. An account that is missing here would be missing on the page. An account that is
-- not needed is asked, and sees nothing.
CREATE FUNCTION accounts_to_ask(child integer) RETURNS SETOF account LANGUAGE sql STABLE AS $$
    SELECT a.* FROM account a JOIN (
        SELECT o.person_id, 'staff' AS side FROM administrator o
        -- {accounts of each act}
        ) w ON w.person_id = a.person_id AND w.side = a.side
    WHERE a.is_active
$$;

-- Acts that would show the child, each with its subject. They are the acts for which the page says
-- who may do them. Home is left out, because it shows what a child's page shows.
CREATE FUNCTION acts_about(child integer) RETURNS TABLE (act text, subject uuid)
LANGUAGE sql STABLE AS $$
    SELECT NULL, NULL::uuid WHERE false
    -- {subjects of each act}
$$;

-- Returns what views of the person asking would open of the child, one row per capacity. An office
-- can open a record if a file, a request or a challenge asks it to decide. These rows don't say
-- whether one does, or the family would learn of a challenge. So they cover everyone who could get
-- in.
CREATE FUNCTION looks_of_mine(child integer)
RETURNS TABLE (capacity text, kinds text[], classes integer[], tie integer)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT s.capacity, array_agg(DISTINCT k),
        array_agg(DISTINCT s.section_id) FILTER (WHERE s.section_id IS NOT NULL), min(s.tie_id)
    FROM acts_about(child) a,
         LATERAL seen_by(a.act, a.subject) s, unnest(s.kinds) k
    WHERE s.student_id = child GROUP BY s.capacity;
    IF EXISTS (SELECT FROM my_offices()) THEN
        RETURN QUERY SELECT 'administrator',
            ARRAY['contacts', 'birth date', 'changes']
                || CASE WHEN i_keep_ties_of(child) THEN ARRAY['ledger'] ELSE '{}' END,
            NULL::integer[], NULL::integer
            WHERE NOT is_restricted(asking(), child);
    ELSIF EXISTS (SELECT FROM schools_of_my_office() s WHERE is_of_school(child, 'student', s))
        AND may_decide_about(child) THEN
        RETURN QUERY SELECT office_i_act_in(), ARRAY['contacts', 'birth date'], NULL::integer[],
            NULL::integer;
    END IF;
END $$;

-- The answers, one row for each person and part of the page. Administrators and support have one
-- row each.
CREATE FUNCTION seen_of_child(child integer, asked jsonb)
RETURNS TABLE (part text, as_what text, person integer, people bigint, capacities text[],
    kinds text[], classes integer[], tie integer, grant_id integer) LANGUAGE sql STABLE AS $$
    WITH row AS (
        SELECT r.*, CASE WHEN r.side = 'family'
            THEN CASE t.kind WHEN 'tutor' THEN 'tutor' ELSE 'family' END
                WHEN r.side IN ('student', 'support') THEN r.side
                         WHEN r.capacity IN ('teacher', 'teacher of the school', 'substitute')
                             THEN 'teacher'
                         WHEN r.capacity = 'administrator' THEN 'administrator'
                         ELSE 'school' END AS part
        FROM jsonb_to_recordset(asked) AS r (person integer, side text, capacity text, kinds text[],
            classes integer[], tie integer, grant_id integer)
             LEFT JOIN tie t ON t.id = r.tie)
    SELECT w.part, CASE WHEN w.part IN ('teacher', 'school') THEN 'staff'
        WHEN w.part = 'tutor' THEN 'family' ELSE w.part END, n.person,
        count(DISTINCT coalesce(w.person, w.grant_id)),
           array_agg(DISTINCT w.capacity ORDER BY w.capacity),
           (SELECT array_agg(DISTINCT k ORDER BY k) FROM row o, unnest(o.kinds) k
               WHERE o.part = w.part AND (n.person IS NULL OR o.person = n.person)),
           (SELECT coalesce(array_agg(DISTINCT k) FILTER (
                   WHERE o.capacity <> 'teacher of the school'), array_agg(DISTINCT k))
            FROM row o, unnest(o.classes) k WHERE o.part = w.part AND o.person = n.person),
            min(w.tie), max(w.grant_id)
    FROM row w, LATERAL (SELECT CASE WHEN w.part NOT IN ('administrator', 'support')
            THEN w.person END AS person) n
    GROUP BY w.part, n.person
$$;
