-- Keeps a person from a student: a restriction (34 CFR 99.4), a confidential contact, or parent
-- access that is turned off. One administrator sets each, and it counts right away. Lifting one
-- needs a second approval, since it lets a person in. The person never learns why.

-- `whom` is someone from people_to_bar(). NULL means a new person, whose name letters and requests
-- are compared with. Returns 'barred'. 'name', 'basis', 'days', 'paper': this is not valid.
-- 'alike': also restricts others of the child's adults with that name. 'tied': the same restriction
-- exists. Also 'again' and ''. The entry in the access log names no student, since a court's words
-- about an adult are not for the family's page.
CREATE FUNCTION bar(child uuid, whom uuid, said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := child_i_keep(child);
    who integer;
    odd text;
BEGIN
    IF about IS NULL OR whom IS NOT NULL
        AND NOT EXISTS (SELECT FROM person p
            WHERE p.uuid = whom AND p.id <> about AND may_decide_about(p.id)) THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    odd := odd_with_restriction(said);
    IF odd IS NOT NULL THEN RETURN odd; END IF;
    who := coalesce((SELECT p.id FROM person p WHERE p.uuid = whom), new_person(said));
    IF who IS NULL THEN RETURN 'name'; END IF;
    RETURN restrict(who, about, said, asking(), 'administrator');
END $$;

-- For the operator's command, as owner. It refuses what bar() refuses. '': no student, or the same
-- person.
CREATE FUNCTION bar_by_operator(who integer, about integer, said jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF who = about OR NOT EXISTS (SELECT FROM person p WHERE p.id = about AND p.is_student) THEN
        RETURN '';
    END IF;
    PERFORM hold(4117308, about);
    RETURN coalesce(odd_with_restriction(said), restrict(who, about, said, NULL, 'operator'));
END $$;

-- Restricts a person. `by_person` NULL means the operator's command. One person may be in the
-- record twice: as the file's contact, and as the owner of an account. So other adults around the
-- child are restricted too if they are joined with this person. Adults with the same name, or with
-- the address that the record has for this person, are restricted too. Returns 'barred', 'alike' or
-- 'tied'.
CREATE FUNCTION restrict(who integer, about integer, said jsonb, by_person integer,
    by_capacity text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE other integer; became text := 'barred'; first date := said->>'start';
BEGIN
    IF is_restricted_from(who, about, first) THEN RETURN 'tied'; END IF;
    PERFORM write_restriction(who, about, said, by_person, by_capacity);
    FOR other IN SELECT w FROM adults_alike(who, about) w
        WHERE NOT is_restricted_from(w, about, first) ORDER BY w
    LOOP
        PERFORM write_restriction(other, about, said, by_person, by_capacity);
        became := 'alike';
    END LOOP;
    RETURN became;
END $$;

CREATE FUNCTION write_restriction(who integer, about integer, said jsonb, by_person integer,
    by_capacity text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE made uuid := gen_random_uuid();
BEGIN
    INSERT INTO restriction (uuid, person_id, student_id, basis, start_date, end_date,
        paper_kept_at, made_by_id)
        VALUES (made, who, about, said->>'basis', (said->>'start')::date, (said->>'end')::date,
            trim(said->>'paper'), by_person);
    PERFORM ledger_change('restriction made', NULL, by_person, by_capacity, NULL, made::text);
END $$;

CREATE FUNCTION restriction_i_keep(child uuid, which uuid) RETURNS restriction
LANGUAGE plpgsql VOLATILE AS $$
DECLARE r restriction; about integer := child_i_keep(child);
BEGIN
    IF about IS NULL THEN RETURN NULL; END IF;
    SELECT * INTO r FROM restriction q
    WHERE q.uuid = which AND q.student_id = about AND (q.end_date IS NULL OR q.end_date > today())
      AND may_decide_about(q.person_id) FOR UPDATE;
    RETURN r;
END $$;

-- Sets a later end or none. One administrator is enough, since it lets no one in. Returns 'longer',
-- 'days', 'again' or ''.
CREATE FUNCTION bar_longer(child uuid, which uuid, until_day date) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE r restriction := restriction_i_keep(child, which);
BEGIN
    IF r.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF r.end_date IS NULL OR until_day <= r.end_date THEN RETURN 'days'; END IF;
    UPDATE restriction SET end_date = until_day WHERE id = r.id;
    PERFORM ledger_change('restriction made longer', NULL, asking(), 'administrator', NULL,
        r.uuid::text);
    RETURN 'longer';
END $$;

-- Returns 'proposed', 'taken', 'why', 'again' or ''.
CREATE FUNCTION propose_lifting(child uuid, which uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE r restriction := restriction_i_keep(child, which);
BEGIN
    IF r.id IS NULL THEN RETURN ''; END IF;
    IF trim(why) = '' OR length(why) > 2000 THEN RETURN 'why'; END IF;
    RETURN propose('lifted restriction', r.person_id, school_of_student(r.student_id),
        jsonb_build_object('restriction', which, 'student', child), why);
END $$;

-- Carries out the approved proposal. Returns false if the restriction is over.
CREATE FUNCTION lift_restriction(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN end_restriction((p.payload->>'restriction')::uuid, p.proposed_by_id, 'administrator');
END $$;

-- Ends a restriction. `by_person` NULL means the operator's command. Returns false if it is over.
CREATE FUNCTION end_restriction(which uuid, by_person integer, by_capacity text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE restriction r SET end_date = today(), lifted_by_id = by_person
        WHERE r.uuid = which AND (r.end_date IS NULL OR r.end_date > today());
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('restriction ended', NULL, by_person, by_capacity, NULL, which::text);
    RETURN true;
END $$;

CREATE FUNCTION contact_i_keep(child uuid, which uuid) RETURNS contact
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c contact; about integer := child_i_keep(child);
BEGIN
    IF about IS NULL THEN RETURN NULL; END IF;
    SELECT * INTO c FROM contact q
    WHERE q.uuid = which AND q.student_id = about AND q.ended_at IS NULL
      AND NOT EXISTS (SELECT FROM adults_of_contact(q) a WHERE NOT may_decide_about(a)) FOR UPDATE;
    RETURN c;
END $$;

-- Hides the ties of adults who are this confidential contact. No one in the family sees their
-- names.
CREATE FUNCTION hide_ties_of(c contact) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE tie SET is_confidential = true
        WHERE student_id = c.student_id AND state <> 'ended' AND NOT is_confidential
          AND adult_id IN (SELECT adults_of_contact(c))
$$;

-- Makes a contact confidential: no letter goes there, and no one in the family sees the name. A
-- code that is out stops working. Returns 'kept', 'again' or ''.
CREATE FUNCTION keep_contact(child uuid, which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE c contact := contact_i_keep(child, which);
BEGIN
    IF c.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE contact SET is_confidential = true WHERE id = c.id;
    PERFORM hide_ties_of(c);
    PERFORM ledger_change('contact kept confidential', NULL, asking(), 'administrator', NULL,
        which::text);
    RETURN 'kept';
END $$;

-- Returns 'proposed', 'taken', 'why', 'again' or ''.
CREATE FUNCTION propose_contact_shown(child uuid, which uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c contact := contact_i_keep(child, which);
BEGIN
    IF c.id IS NULL OR NOT is_kept_confidential(c) THEN RETURN ''; END IF;
    IF trim(why) = '' OR length(why) > 2000 THEN RETURN 'why'; END IF;
    RETURN propose('contact shown', c.person_id, school_of_student(c.student_id),
        jsonb_build_object('contact', which, 'student', child), why);
END $$;

CREATE FUNCTION show_contact(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE c contact;
BEGIN
    SELECT * INTO c FROM contact q WHERE q.uuid = (p.payload->>'contact')::uuid;
    UPDATE contact o SET is_confidential = false
        WHERE o.student_id = c.student_id AND o.is_confidential AND is_same_contact(o, c);
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM ledger_change('contact shown', NULL, p.proposed_by_id, 'administrator', NULL,
        p.payload->>'contact');
    RETURN true;
END $$;

-- Turns parent access off for this student. Each tie keeps its state. Tutors have access by a
-- parent's consent, so what they opened is closed too.
-- `said` is what the family reads. Returns 'closed'. 'basis', 'words': this is not valid. 'tied':
-- closed already. Also 'again' and ''.
CREATE FUNCTION close_to_parents(child uuid, why text, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := child_i_keep(child);
BEGIN
    IF about IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF why IN ('child protection', 'court order', 'safety') IS NOT true THEN RETURN 'basis'; END IF;
    IF (trim(said) <> '' AND length(said) <= 1000) IS NOT true THEN RETURN 'words'; END IF;
    INSERT INTO closed_to_parents (student_id, basis, words, set_by_id)
        VALUES (about, why, trim(said), asking()) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN 'tied'; END IF;
    PERFORM tell_closed(about, 'record shut');
    UPDATE tie SET is_shut = is_parent_kind(kind)
        WHERE student_id = about AND state <> 'ended' AND (is_parent_kind(kind) OR kind = 'tutor');
    PERFORM ledger_change('closed to parents', about, asking(), 'administrator', NULL, 'district');
    RETURN 'closed';
END $$;

-- Notifies the parents concerned, on the next page and by an email that names no one. Leaves out
-- anyone without access before.
CREATE FUNCTION tell_closed(child integer, what text) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT tell_in_challenge(t.adult_id, 'family', what) FROM tie t
    WHERE t.student_id = child AND is_parent_kind(t.kind)
      AND t.state IN ('approved', 'under challenge') AND t.start_date <= today()
      AND (t.end_date IS NULL OR t.end_date > today()) AND NOT is_restricted(t.adult_id, child)
$$;

-- Returns 'proposed', 'taken', 'why', 'again' or ''.
CREATE FUNCTION propose_opening_to_parents(child uuid, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := child_i_keep(child);
BEGIN
    IF about IS NULL OR NOT is_closed_to_parents(about) THEN RETURN ''; END IF;
    IF trim(why) = '' OR length(why) > 2000 THEN RETURN 'why'; END IF;
    RETURN propose('parent accounts', NULL, school_of_student(about),
        jsonb_build_object('student', child), why);
END $$;

-- Turns parent access on. Every tie counts by its state again.
CREATE FUNCTION open_to_parents(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE about integer := (SELECT q.id FROM person q WHERE q.uuid = (p.payload->>'student')::uuid);
BEGIN
    PERFORM hold(4117308, about);
    UPDATE closed_to_parents SET ended_at = now(), ended_by_id = p.proposed_by_id
        WHERE student_id = about AND ended_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE tie SET is_shut = false WHERE student_id = about AND is_shut;
    PERFORM ledger_change('opened to parents', about, p.proposed_by_id, 'administrator', NULL,
        'district'), tell_closed(about, 'record back');
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION bar(uuid, uuid, jsonb), bar_longer(uuid, uuid, date),
    propose_lifting(uuid, uuid, text), keep_contact(uuid, uuid),
    propose_contact_shown(uuid, uuid, text), close_to_parents(uuid, text, text),
    propose_opening_to_parents(uuid, text) TO app;
