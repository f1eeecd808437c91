-- A student asks for an account of their own. It sees nothing before an office said whose record it is about; then the account passes to
-- that student, who has one at most. Nothing that the asker is shown, and no time that passes, tells whether there is such a student.

-- On which side whoever asks is signed in.
CREATE FUNCTION side_of_request(r registration) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE r.relation WHEN 'self' THEN 'student' ELSE 'family' END
$$;

-- How the district lets in whoever asks so: parents and students each by a choice of their own.
CREATE FUNCTION registering_for(r registration) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE r.relation WHEN 'self' THEN registering_students ELSE registering END FROM district
$$;

-- As register() for a parent: the account's number; 0: the name is somebody else's; NULL: no student registers here, or a field is out of bounds.
CREATE FUNCTION register_student(given text, family text, name text, said jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF is_unconfirmed() THEN RETURN NULL; END IF;
    IF (SELECT registering_students FROM district) = 'closed' THEN RETURN NULL; END IF;
    RETURN new_asker(given, family, name, 'student', jsonb_build_object('given_name', given, 'family_name', family) || (said - 'code' - 'phone'));
END $$;

CREATE FUNCTION has_student_account(child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM account a WHERE a.person_id = child AND a.side = 'student')
$$;

-- The proven address of whoever asks; NULL: none.
CREATE FUNCTION address_of_asker(r registration) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.address FROM account a JOIN mail_address m ON m.account_id = a.id AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
    WHERE a.person_id = r.person_id AND a.side = side_of_request(r) AND a.is_active
$$;

-- Whether the record vouches for a student: the address that the school gave out, and that no file changed for 14 days, has answered. Only
-- one of the students' own domain: another one in a child's record may be a parent's.
CREATE FUNCTION has_own_address(r registration) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.student_id IS NOT NULL AND NOT has_student_account(r.student_id) AND EXISTS (
        SELECT FROM contact_detail d
        WHERE d.person_id = r.student_id AND lower(d.email) = lower(address_of_asker(r)) AND is_settled(d.delivery_id) AND is_students_domain(d.email))
$$;

-- What the record has of the student, beside what was typed.
CREATE FUNCTION details_beside(child integer) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('name', '', 'relation', '', 'email', d.email, 'phone', d.phone) FROM contact_detail d WHERE d.person_id = child
$$;

-- The asker's account becomes the student's: its sessions, its half-finished sign-ins and its codes end, since they name the asker, and the asker
-- is nobody any more. 'approved'; 'account': the student has one; 'taken': the asker's was closed.
CREATE FUNCTION open_student_account(r registration, child integer, how text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE moved bigint; asker integer := r.person_id;
BEGIN
    BEGIN
        UPDATE account a SET person_id = child WHERE a.person_id = asker AND a.side = 'student' AND a.is_active RETURNING a.id INTO moved;
    EXCEPTION WHEN unique_violation THEN RETURN 'account';  -- of two offices, and of an office and a card, the second finds it here
    END;
    IF moved IS NULL THEN RETURN 'taken'; END IF;
    UPDATE session s SET ended_at = now() WHERE s.account_id = moved AND s.ended_at IS NULL;
    DELETE FROM sign_in_step t WHERE t.account_id = moved;
    UPDATE code c SET ended_at = now() WHERE c.person_id = asker AND c.used_at IS NULL AND c.ended_at IS NULL;
    UPDATE registration q SET person_id = child WHERE q.person_id = asker;
    UPDATE person p SET given_name = '', family_name = '', ended_at = now() WHERE p.id = asker;
    r.person_id := child;
    PERFORM close_registration(r, 'approved', child, how);
    PERFORM ledger_change('student account opened', child, asking(), office_i_act_in(), NULL, proof_of_evidence(how));
    PERFORM tell_family_of(child, child, 'student account opened');
    RETURN 'approved';
END $$;
GRANT EXECUTE ON FUNCTION register_student(text, text, text, jsonb) TO door;
