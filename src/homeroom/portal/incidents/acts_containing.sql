-- Takes access away because of an incident. Each act is also a fact, so the diary says who did
-- what.

-- Closes an account and records it. False: it is closed already.
CREATE FUNCTION close_contained(of_incident integer, of_account bigint, by_person integer, why text)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE a account;
BEGIN
    UPDATE account w SET is_active = false WHERE w.id = of_account AND w.is_active
        RETURNING w.* INTO a;
    IF a.id IS NULL THEN RETURN false; END IF;
    PERFORM write_fact(of_incident, by_person, 'contained', 'close', why,
            known => jsonb_build_object('account', a.uuid)),
        ledger_change('account closed', NULL, by_person, office_of(by_person), NULL,
            'incident: ' || a.uuid);
    RETURN true;
END $$;

-- Opens an account that this incident closed. A thief may know its password or have added a way to
-- sign in, so it has none of them anymore. The person needs a letter with a one-use code.
CREATE FUNCTION open_contained(of_incident integer, a account, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF a.is_active OR NOT was_closed_here(of_incident, a.uuid) THEN RETURN 'same'; END IF;
    DELETE FROM credential c WHERE c.account_id = a.id;
    DELETE FROM passkey k WHERE k.account_id = a.id;
    DELETE FROM authenticator k WHERE k.account_id = a.id;
    DELETE FROM recovery_code k WHERE k.account_id = a.id;
    DELETE FROM known_browser k WHERE k.account_id = a.id;
    UPDATE mail_address m SET ended_at = now() WHERE m.account_id = a.id AND m.ended_at IS NULL;
    UPDATE account w SET is_active = true WHERE w.id = a.id;
    PERFORM write_fact(of_incident, asking(), 'contained', 'open', why,
            known => jsonb_build_object('account', a.uuid)),
        ledger_change('account opened', NULL, asking(), 'administrator', NULL,
            'incident: ' || a.uuid);
    RETURN 'recorded';
END $$;

-- Ends the sessions of an account, and sign-ins that are half finished.
CREATE FUNCTION end_sessions_contained(of_incident integer, a account, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE session s SET ended_at = now() WHERE s.account_id = a.id AND s.ended_at IS NULL;
    IF NOT FOUND THEN RETURN 'same'; END IF;
    DELETE FROM sign_in_step s WHERE s.account_id = a.id;
    PERFORM write_fact(of_incident, asking(), 'contained', 'sessions', why,
            known => jsonb_build_object('account', a.uuid)),
        note_event('sign out', 'done', a.id, 'incident');
    RETURN 'recorded';
END $$;

-- Ends a tutor's access to every student. A parent can let the tutor in again.
CREATE FUNCTION stop_tutor_contained(of_incident integer, a account, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM stop_tutor(t.id, asking(), 'administrator', NULL, 'district') FROM tie t
        WHERE t.adult_id = a.person_id AND t.kind = 'tutor' AND t.state <> 'ended';
    IF NOT FOUND THEN RETURN 'same'; END IF;
    PERFORM write_fact(of_incident, asking(), 'contained', 'tutor', why,
        known => jsonb_build_object('account', a.uuid));
    RETURN 'recorded';
END $$;

-- Revokes the key of a sender. No file is imported without one, and only the operator trusts a key
-- again. So every administrator of the district is notified right away, also the one who did it,
-- whose session may be stolen, and those whom the incident names as suspects.
CREATE FUNCTION revoke_contained(of_incident integer, print text, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE signer s SET revoked_at = now() WHERE s.fingerprint = print AND s.revoked_at IS NULL;
    IF NOT FOUND THEN RETURN 'same'; END IF;
    PERFORM write_fact(of_incident, asking(), 'contained', 'signer', why,
        known => jsonb_build_object('signer', print)),
        tell_administrators(NULL, 'signer revoked');
    PERFORM mail_account(c.id, 'signer revoked') FROM account c
        WHERE c.side = 'staff' AND c.person_id IN (SELECT w.person_id FROM administrator w
            WHERE decides_for(w.person_id, NULL));
    RETURN 'recorded';
END $$;

-- `how`: 'sessions', 'close', 'open' (only what this incident closed) and 'tutor' are about the
-- account `subject`, which is a suspect. 'support' ends the grant `subject`. 'signer' revokes the
-- key with this fingerprint, so that no file of that sender is imported. Only the operator can
-- trust a key again. A single administrator can't close the account of another administrator, of
-- the district or of a school, or of the board's approver, because a thief could lock out the
-- office. Returns 'recorded' or 'proposed'. 'same': nothing is there to end. 'mine': someone else
-- decides about this person. 'odd', 'again', 'taken' (it is proposed), ''.
CREATE FUNCTION contain(which uuid, how text, subject text, why text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which); a account;
    called uuid := CASE WHEN pg_input_is_valid(subject, 'uuid') THEN subject::uuid END;
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF length(trim(why)) BETWEEN 1 AND 2000 IS NOT true OR incident_stage(mine) = 'closed' THEN
        RETURN 'odd';
    END IF;
    IF how = 'signer' THEN RETURN revoke_contained(mine, subject, why); END IF;
    IF how = 'support' THEN
        IF end_support(called, trim(why)) <> 'ended' THEN RETURN 'same'; END IF;
        PERFORM write_fact(mine, asking(), 'contained', how, why,
            known => jsonb_build_object('support', called));
        RETURN 'recorded';
    END IF;
    SELECT * INTO a FROM account w
    WHERE w.uuid = called AND w.uuid IN (SELECT suspects_of(mine)) FOR UPDATE;
    IF a.id IS NULL THEN RETURN 'odd'; END IF;
    IF NOT may_decide_about(a.person_id) THEN RETURN 'mine'; END IF;
    IF how = 'close' AND a.side = 'staff' AND is_approver(a.person_id) THEN
        -- It names the person, who can't stop it then: it may be the thief.
        RETURN propose('contained account', a.person_id, NULL, (SELECT
            jsonb_build_object('incident', i.uuid, 'account', a.uuid, 'name', full_name(p))
            FROM incident i, person p WHERE i.id = mine AND p.id = a.person_id), trim(why));
    END IF;
    RETURN CASE how WHEN 'sessions' THEN end_sessions_contained(mine, a, why)
        WHEN 'tutor' THEN stop_tutor_contained(mine, a, why)
        WHEN 'open' THEN open_contained(mine, a, why)
        WHEN 'close' THEN CASE WHEN close_contained(mine, a.id, asking(), why) THEN 'recorded'
            ELSE 'same' END
        ELSE 'odd' END;
END $$;

-- Carries out the second approval. Nothing happens if the account isn't a suspect anymore.
CREATE FUNCTION close_proposed(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := (SELECT i.id FROM incident i
    WHERE i.uuid = (p.payload->>'incident')::uuid FOR UPDATE);
BEGIN
    RETURN coalesce((SELECT close_contained(mine, a.id, p.decided_by_id, p.reason) FROM account a
        WHERE a.uuid = (p.payload->>'account')::uuid AND a.uuid IN (SELECT suspects_of(mine))),
        false);
END $$;

GRANT EXECUTE ON FUNCTION contain(uuid, text, text, text) TO app;
