-- Printed codes and sign-in cards: what they stand for, and how one is used up. No login writes these tables; functions do.

-- What a code stands for while it works. NULL for a wrong, a used, an expired and a taken-back one alike, for somebody who left, and for
-- whoever may not sign in before a restoration is confirmed.
-- A wake code works only while the account sleeps: whoever finds an old letter must not take over an account in use.
CREATE FUNCTION code_of(of_code bytea) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('kind', c.kind, 'side', c.side, 'person_id', c.person_id, 'account_id', a.id, 'sign_in_name', a.sign_in_name,
                              'is_printed', c.checked <> 'mail')
    FROM code c JOIN person p ON p.id = c.person_id LEFT JOIN account a ON a.person_id = c.person_id AND a.side = c.side
    WHERE c.digest = of_code AND c.used_at IS NULL AND c.ended_at IS NULL AND c.expires_at > now() AND c.kind <> 'address'
      AND p.ended_at IS NULL AND coalesce(a.is_active, c.kind = 'wake') AND may_sign_in(c.person_id, c.side)
      AND (c.kind <> 'wake' OR NOT EXISTS (SELECT FROM credential k WHERE k.account_id = a.id))
$$;

-- Uses a code up, in the transaction that does what it is for: the account's number, of an account that it wakes under this name.
-- 0: the name is somebody else's, and the code stays good. NULL: it works no more. The second of two waits for the row and finds it used.
CREATE FUNCTION use_code(of_code bytea, name text) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c code; meant jsonb; account_id bigint;
BEGIN
    SELECT * INTO c FROM code WHERE digest = of_code FOR UPDATE;
    meant := code_of(of_code);
    IF meant IS NULL THEN RETURN NULL; END IF;
    account_id := (meant->>'account_id')::bigint;
    IF c.kind = 'wake' THEN
        account_id := woken(c.person_id, c.side, name);
        IF account_id IS NULL THEN RETURN 0; END IF;
    END IF;
    UPDATE code o SET used_at = now() WHERE o.id = c.id;
    UPDATE code o SET ended_at = now() WHERE o.person_id = c.person_id AND o.side = c.side AND o.kind = c.kind AND o.used_at IS NULL AND o.ended_at IS NULL;
    PERFORM ledger_change('code used', CASE WHEN c.side = 'student' THEN c.person_id END, c.person_id, c.side, NULL, c.kind);
    PERFORM tell_account(c.person_id, c.side, CASE c.kind WHEN 'wake' THEN 'account woken' WHEN 'password' THEN 'password reset' ELSE 'code used' END);
    RETURN account_id;
END $$;

-- The account of this person on this side, made or named anew; NULL where the name is taken.
CREATE FUNCTION woken(who integer, on_side text, name text) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made bigint;
BEGIN
    INSERT INTO account AS a (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), who, on_side, name)
        ON CONFLICT (person_id, side) DO UPDATE SET sign_in_name = excluded.sign_in_name RETURNING a.id INTO made;
    RETURN made;
EXCEPTION WHEN unique_violation THEN RETURN NULL;
END $$;

-- The account of the student whose card it is, woken where it sleeps. A card stands for a student, on the student's side, and for nobody
-- else: not for staff, nor for a parent. It ends with the school year's turn, when its student leaves, or when a teacher ends it.
CREATE FUNCTION use_card(of_card bytea) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who person; theirs account;
BEGIN
    SELECT p.* INTO who FROM card c JOIN person p ON p.id = c.person_id
        WHERE c.digest = of_card AND c.ended_at IS NULL AND c.made_at > now() - interval '1 year' AND NOT is_unconfirmed() AND p.ended_at IS NULL AND p.is_student;
    IF NOT FOUND THEN RETURN NULL; END IF;
    INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), who.id, 'student', 'student-' || replace(who.uuid::text, '-', ''))
        ON CONFLICT DO NOTHING;
    SELECT * INTO theirs FROM account a WHERE a.person_id = who.id AND a.side = 'student';
    RETURN CASE WHEN theirs.is_active THEN theirs.id END;
END $$;

-- For the jobs process: codes that cannot work any more go after 60 days, with their hashes; cards a year after their end.
CREATE FUNCTION codes_swept() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH letters AS (DELETE FROM letter_try WHERE at < now() - interval '1 day'),
         cards AS (DELETE FROM card WHERE coalesce(ended_at, made_at + interval '1 year') < now() - interval '1 year'),
         mails AS (DELETE FROM account_mail WHERE made_at < now() - CASE WHEN account_id IS NULL THEN interval '1 hour' ELSE interval '60 days' END),
         swept AS (DELETE FROM code WHERE coalesce(used_at, ended_at, expires_at) < now() - interval '60 days' RETURNING 1)
    SELECT count(*) FROM swept
$$;
GRANT EXECUTE ON FUNCTION code_of(bytea), use_code(bytea, text), use_card(bytea) TO door;
GRANT EXECUTE ON FUNCTION codes_swept() TO jobs;
