-- What is kept about a student, for the family and for the student (34 CFR 99.10, Ed. Code
-- 49069.7).

-- The day on which a district's file was signed, in the district's time zone.
CREATE FUNCTION day_of_file(number integer) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (d.signed_at AT TIME ZONE w.time_zone)::date FROM delivery d CROSS JOIN district w
    WHERE d.id = number
$$;

-- One row for each thing that is kept, as JSON. Grades, attendance, the access log and the adults
-- with access have pages of their own. What is about another adult stays with that adult: of the
-- contacts, only my own. `came` is the day of the district's file, and NULL if people entered it.
-- Only the page's view and the download's open it, so that the access log says what was read.
-- Classes are for those who see grades, from the day on which they begin.
CREATE FUNCTION everything_shown(child uuid)
RETURNS TABLE (kind text, came date, facts json) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed(); me integer := asking(); p person;
BEGIN
    IF o.entry_id IS NULL OR NOT EXISTS (SELECT FROM ledger l WHERE l.id = o.entry_id
        AND l.act IN ('everything kept', 'everything download')) THEN RETURN; END IF;
    SELECT * INTO p FROM person w WHERE w.uuid = child AND w.id = ANY (o.ledger);
    IF p.id IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT 'name', day_of_file(p.delivery_id), json_build_object('given', p.given_name,
        'middle', p.middle_name, 'family', p.family_name, 'grade', p.grade_levels,
        'number', p.sourced_id, 'preferred', CASE WHEN all_see_preferred() THEN
        trim(p.preferred_given_name || ' ' || p.preferred_family_name) END);
    RETURN QUERY
    SELECT 'birth date', day_of_file(d.delivery_id), json_build_object('day', d.birth_date)
    FROM demographic d WHERE d.person_id = p.id AND d.birth_date IS NOT NULL;
    RETURN QUERY
    SELECT 'details', day_of_file(c.delivery_id), json_build_object('email', c.email,
        'phone', c.phone, 'sms', c.sms)
    FROM contact_detail c WHERE c.person_id = p.id AND c.email || c.phone || c.sms <> '';
    RETURN QUERY
    SELECT 'contact', day_of_file(c.delivery_id), json_build_object('name', c.name,
        'relation', c.relationship, 'kind', c.kind, 'phone', c.phone, 'phone_kind', c.phone_kind,
        'email', c.email, 'is_over', c.ended_at IS NOT NULL)
    FROM contact c WHERE c.student_id = p.id AND c.person_id = me ORDER BY c.id;
    RETURN QUERY
    SELECT 'school', day_of_file(r.delivery_id), json_build_object('name', s.name,
        'first', r.begin_date, 'last', r.end_date, 'is_over', r.ended_at IS NOT NULL)
    FROM role r JOIN school s ON s.id = r.school_id
    WHERE r.person_id = p.id AND r.role = 'student' ORDER BY r.ended_at DESC NULLS FIRST, r.id DESC;
    RETURN QUERY
    SELECT 'class', day_of_file(e.delivery_id), json_build_object('name', s.title,
        'first', e.begin_date, 'last', e.end_date, 'is_over', e.ended_at IS NOT NULL)
    FROM enrollment e JOIN section s ON s.id = e.section_id
    WHERE e.person_id = p.id AND e.role = 'student' AND e.section_id = ANY (o.sections)
          AND (asking_side() = 'student' OR EXISTS (
          SELECT FROM open_ties() t WHERE t.student_id = p.id AND 'grades' = ANY (t.view_kinds)))
    ORDER BY e.ended_at DESC NULLS FIRST, e.id DESC;
    RETURN QUERY
    SELECT 'request', NULL::date, json_build_object('given', r.child_given_name,
        'family', r.child_family_name, 'day', r.child_birth_date, 'relation', r.relation,
        'phone', r.phone, 'asked', r.asked_at, 'answered', r.answered_at)
    FROM registration r WHERE r.student_id = p.id AND r.person_id = me ORDER BY r.id;
    RETURN QUERY
    SELECT 'inspection', NULL::date, json_build_object('asked', i.asked_at, 'what', i.asked_for,
        'until', i.open_until)
    FROM inspection i WHERE i.student_id = p.id AND i.person_id = me ORDER BY i.id;
    RETURN QUERY
    SELECT 'correction', NULL::date, json_build_object('about', c.about, 'called', c.called,
        'day', c.day, 'was', c.value_was, 'wanted', c.value_wanted, 'ground', c.ground,
        'why', c.why, 'asked', c.asked_at, 'answered', c.answered_at, 'heard', c.heard,
        'answer', c.answer, 'hearing_asked', c.hearing_asked_at, 'hearing_on', c.hearing_on,
        'hearing_place', c.hearing_place, 'hearing_said', c.hearing_said,
        'agreed', c.value_agreed, 'corrected', c.corrected_at)
    FROM corrections_of_mine() c WHERE p.id = ANY (records_asked_about(c)) ORDER BY c.id;
    RETURN QUERY
    SELECT 'statement', NULL::date, json_build_object('about', c.about, 'called', c.called,
        'day', c.day, 'by', s.said->>0, 'written', s.said->>1, 'statement', s.said->>2)
    FROM correction c CROSS JOIN LATERAL statement_said(c) s (said)
    WHERE c.student_id = p.id AND c.statement <> '' ORDER BY c.id;
    RETURN QUERY
    SELECT 'opt-out', NULL::date, json_build_object('category', x.category, 'asked', x.asked_at,
        'ended', x.ended_at)
    FROM directory_opt_out x WHERE x.student_id = p.id ORDER BY x.id;
    RETURN QUERY
    SELECT 'signed consent', NULL::date, json_build_object('records', c.records,
        'purpose', c.purpose, 'recipient', c.recipient, 'signed', c.signed_at, 'last', c.last_day,
        'ended', c.ended_at, 'signature', CASE WHEN me = c.consenter_id THEN c.signature END)
    FROM signed_consent c WHERE c.student_id = p.id ORDER BY c.id;
    RETURN QUERY
    SELECT 'consent', NULL::date, json_build_object('organization', c.organization,
        'kinds', c.kinds, 'purpose', c.purpose, 'signature', CASE WHEN c.consenter_id = me
        THEN c.signature END, 'signed', c.signed_at, 'last', c.last_day, 'ended', c.ended_at)
    FROM tutor_consent c JOIN tie t ON t.id = c.tie_id
    WHERE t.student_id = p.id ORDER BY c.signed_at;
    RETURN QUERY
    SELECT 'at 18', NULL::date, json_build_object('day', m.effective_on, 'told', m.announced_at)
    FROM majority m WHERE m.student_id = p.id;
    RETURN QUERY
    SELECT 'dependent', NULL::date, json_build_object('basis', d.basis, 'until', d.until,
        'noted', d.recorded_at, 'ended', d.ended_at)
    FROM dependence d WHERE d.student_id = p.id ORDER BY d.id;
END $$;

GRANT EXECUTE ON FUNCTION everything_shown(uuid) TO app;
