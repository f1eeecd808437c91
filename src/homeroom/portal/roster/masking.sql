-- Masked students: who reads the name, and who reads an alias in its place. The name stays in table person, where files, matching and
-- letters need it. Every name that a page shows comes from first_name(), last_name() or full_name(), which answer the alias.

-- A masking that counts today. (Not by today() on each row of a list: only where there is a masking at all.)
CREATE FUNCTION counts_today(m masking) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN m.ended_at IS NULL AND m.start_date <= today() AND (m.end_date IS NULL OR m.end_date > today());
END $$;

-- Whether the person asking reads this student's name though it is masked: the student; the family's open ties, a tutor's not; teachers of
-- the student's own classes; duties and offices of the student's school. No setting widens it, and a restriction denies over every hat.
CREATE FUNCTION reads_name(who integer) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking(); side text := asking_side();
BEGIN
    IF me IS NULL OR is_restricted(me, who) THEN RETURN false; END IF;
    IF side = 'family' THEN
        RETURN EXISTS (SELECT FROM open_ties() t WHERE t.student_id = who AND t.kind <> 'tutor') OR who IN (SELECT my_former_students());
    END IF;
    IF side = 'student' THEN RETURN me = who; END IF;
    RETURN EXISTS (SELECT FROM enrollment e WHERE e.person_id = who AND e.role = 'student' AND e.ended_at IS NULL
                   AND (e.begin_date IS NULL OR e.begin_date <= today()) AND (e.end_date IS NULL OR e.end_date > today())
                   AND e.section_id IN (SELECT sections_i_teach()))
        OR EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL)
        OR EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.role = 'student' AND (r.ended_at IS NULL OR left_on(who) IS NOT NULL) AND (
               r.school_id IN (SELECT o.school_id FROM my_offices() o)
               OR r.school_id IN (SELECT d.school_id FROM my_duties() d WHERE d.duty IN ('principal', 'counselor', 'registrar', 'attendance clerk'))));
END $$;

CREATE FUNCTION is_masked_from_me(who integer) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM masking m WHERE m.student_id = who AND m.ended_at IS NULL AND counts_today(m);
    RETURN FOUND AND NOT reads_name(who);
END $$;

-- Of these people those whose name the person asking does not read. Nothing more than one look-up where nobody of them is masked.
CREATE FUNCTION masked_from_me(people integer[]) RETURNS integer[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE masked integer[] := ARRAY(SELECT m.student_id FROM masking m WHERE m.student_id = ANY (people) AND m.ended_at IS NULL AND counts_today(m));
BEGIN
    IF masked = '{}' THEN RETURN masked; END IF;
    RETURN ARRAY(SELECT w FROM unnest(masked) w WHERE NOT reads_name(w));
END $$;

-- The alias, '' where nobody is masked. Also for an adult whose tie to the child opens nothing now, or who is barred: that adult knew the
-- name, and by the alias could find the child again.
CREATE FUNCTION alias_of(who integer) RETURNS TABLE (given text, family text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE is_hidden boolean := EXISTS (SELECT FROM tie t WHERE t.adult_id = asking() AND t.student_id = who AND t.kind <> 'tutor')
    OR is_restricted(asking(), who);
BEGIN
    RETURN QUERY SELECT CASE WHEN is_hidden THEN '' ELSE m.given_name END, CASE WHEN is_hidden THEN '' ELSE m.family_name END
        FROM masking m WHERE m.student_id = who AND m.ended_at IS NULL AND counts_today(m);
END $$;

-- ── Names as they are shown ── plpgsql: its plans are kept, and adults cost nothing.
CREATE FUNCTION first_name(p person) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF p.is_student AND is_masked_from_me(p.id) THEN RETURN (SELECT a.given FROM alias_of(p.id) a); END IF;
    RETURN coalesce(nullif(p.preferred_given_name, ''), p.given_name);
END $$;

CREATE FUNCTION last_name(p person) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF p.is_student AND is_masked_from_me(p.id) THEN RETURN (SELECT a.family FROM alias_of(p.id) a); END IF;
    RETURN coalesce(nullif(p.preferred_family_name, ''), p.family_name);
END $$;

CREATE FUNCTION full_name(p person) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF p.is_student AND is_masked_from_me(p.id) THEN RETURN (SELECT trim(a.given || ' ' || a.family) FROM alias_of(p.id) a); END IF;
    RETURN coalesce(nullif(p.preferred_given_name, ''), p.given_name) || ' ' || coalesce(nullif(p.preferred_family_name, ''), p.family_name);
END $$;

-- Whom an administrator of a school does not read by name: for lists whose names a file brought. Nobody else is told who is masked.
CREATE FUNCTION names_closed_to_me() RETURNS integer[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM my_offices();
    IF NOT FOUND THEN RETURN '{}'; END IF;
    RETURN masked_from_me(ARRAY(SELECT m.student_id FROM masking m WHERE m.ended_at IS NULL));
END $$;

-- What looks opened before a masking began, or changed, is closed: the name is gone by the next request.
CREATE FUNCTION close_names() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO closing (person_id, xid) SELECT DISTINCT o.person_id, pg_current_xact_id()::text::bigint
        FROM opening o WHERE o.until > clock_timestamp() AND (NEW.student_id = ANY (o.names) OR NEW.student_id = ANY (o.aliases));
    RETURN NULL;
END $$;
CREATE TRIGGER masking_changed AFTER INSERT OR UPDATE ON masking FOR EACH ROW EXECUTE FUNCTION close_names();

-- Two records that turn out to be one student's: the one that stays is masked like the other. Taking them apart takes no mask away.
CREATE FUNCTION mask_after_merge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE masking SET ended_at = now() WHERE student_id = NEW.into_id AND ended_at IS NULL AND end_date <= today();  -- was over
    INSERT INTO masking (student_id, given_name, family_name, basis, start_date, end_date, masked_by_id)
        SELECT NEW.into_id, m.given_name, m.family_name, m.basis, m.start_date, m.end_date, m.masked_by_id
        FROM masking m WHERE m.student_id = NEW.old_id AND m.ended_at IS NULL ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER merge_keeps_masking AFTER INSERT ON merge FOR EACH ROW EXECUTE FUNCTION mask_after_merge();
