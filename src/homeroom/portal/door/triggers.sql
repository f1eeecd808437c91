-- Ends sessions, notifies accounts of their ways to sign in, and notes for the vault which accounts
-- changed.

-- Ends an account's sessions when its password changes, a factor is added or removed, or it is
-- closed. It doesn't matter who did it or how. It also ends half-finished sign-ins, which depend on
-- the old state.
CREATE FUNCTION end_sessions_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE now_or_then jsonb := coalesce(to_jsonb(NEW), to_jsonb(OLD));
    changed bigint := coalesce(now_or_then->>'account_id', now_or_then->>'id')::bigint;
BEGIN
    UPDATE session SET ended_at = now() WHERE account_id = changed AND ended_at IS NULL;
    DELETE FROM sign_in_step WHERE account_id = changed;
    RETURN NULL;
END $$;
-- A new password ends the row of wrong ones.
CREATE FUNCTION forget_wrong_passwords() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM wrong_password WHERE account_id = NEW.account_id;
    RETURN NULL;
END $$;
CREATE TRIGGER password_forgets AFTER UPDATE OF password ON credential FOR EACH ROW
    WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION forget_wrong_passwords();

CREATE TRIGGER account_closed AFTER UPDATE OF is_active ON account
    FOR EACH ROW WHEN (NOT NEW.is_active) EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER password_changed AFTER UPDATE OF password ON credential FOR EACH ROW
    WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER passkey_came_or_went AFTER INSERT OR DELETE ON passkey FOR EACH ROW
    EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER authenticator_came_or_went AFTER INSERT OR DELETE ON authenticator FOR EACH ROW
    EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER recovery_code_made AFTER INSERT ON recovery_code FOR EACH ROW
    EXECUTE FUNCTION end_sessions_of_account();

-- A way to sign in came, changed or went (note_way_in()). Argument: what happened to the rows.
CREATE FUNCTION note_ways_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_way_in(r.account_id, TG_ARGV[0], true)
        FROM (SELECT DISTINCT account_id FROM rows ORDER BY 1) r;
    RETURN NULL;
END $$;
-- The same for one row that was changed.
CREATE FUNCTION note_changed_way_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_way_in(NEW.account_id, TG_ARGV[0], true);
    RETURN NULL;
END $$;
CREATE TRIGGER passkey_noted AFTER INSERT ON passkey REFERENCING NEW TABLE AS rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_ways_in('passkey added');
CREATE TRIGGER passkey_gone_noted AFTER DELETE ON passkey REFERENCING OLD TABLE AS rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_ways_in('passkey removed');
CREATE TRIGGER passkey_changed_noted AFTER UPDATE OF account_id, credential_id, attested ON passkey
    FOR EACH ROW WHEN ((OLD.account_id, OLD.credential_id, OLD.attested)
        IS DISTINCT FROM (NEW.account_id, NEW.credential_id, NEW.attested))
    EXECUTE FUNCTION note_changed_way_in('passkey added');
CREATE TRIGGER authenticator_noted AFTER INSERT ON authenticator REFERENCING NEW TABLE AS rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_ways_in('app added');
CREATE TRIGGER authenticator_gone_noted AFTER DELETE ON authenticator REFERENCING OLD TABLE AS rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_ways_in('app removed');
CREATE TRIGGER authenticator_changed_noted AFTER UPDATE OF account_id, secret ON authenticator
    FOR EACH ROW WHEN ((OLD.account_id, OLD.secret) IS DISTINCT FROM (NEW.account_id, NEW.secret))
    EXECUTE FUNCTION note_changed_way_in('app added');
CREATE TRIGGER recovery_code_noted AFTER INSERT ON recovery_code REFERENCING NEW TABLE AS rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_ways_in('recovery codes made');
CREATE TRIGGER recovery_code_changed_noted AFTER UPDATE OF account_id, hash ON recovery_code
    FOR EACH ROW WHEN ((OLD.account_id, OLD.hash) IS DISTINCT FROM (NEW.account_id, NEW.hash))
    EXECUTE FUNCTION note_changed_way_in('recovery codes made');
CREATE TRIGGER recovery_code_used_noted AFTER UPDATE OF used_at ON recovery_code
    FOR EACH ROW WHEN (OLD.used_at IS DISTINCT FROM NEW.used_at)
    EXECUTE FUNCTION note_changed_way_in('recovery code used');
CREATE TRIGGER password_made_noted AFTER INSERT ON credential FOR EACH ROW
    EXECUTE FUNCTION note_changed_way_in('password changed');
CREATE TRIGGER password_noted AFTER UPDATE ON credential FOR EACH ROW
    WHEN (OLD.password IS DISTINCT FROM NEW.password
        AND OLD.changed_at IS DISTINCT FROM NEW.changed_at)
    EXECUTE FUNCTION note_changed_way_in('password changed');
-- The same password, hashed with newer parameters, as far as the door says.
CREATE TRIGGER password_saved_noted AFTER UPDATE ON credential FOR EACH ROW
    WHEN (OLD.password IS DISTINCT FROM NEW.password
        AND OLD.changed_at IS NOT DISTINCT FROM NEW.changed_at)
    EXECUTE FUNCTION note_changed_way_in('password saved again');

-- An email that was verified ended, or one is verified now. The old address gets a last email. The
-- new one gets none: it may be a thief's.
CREATE FUNCTION note_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'e-mail removed' THEN
        INSERT INTO account_mail (account_id, kind, address_id, language)
            VALUES (OLD.account_id, 'changed', OLD.id, OLD.language);
    END IF;
    PERFORM note_way_in(NEW.account_id, TG_ARGV[0], false);
    RETURN NULL;
END $$;
CREATE TRIGGER address_noted AFTER UPDATE ON mail_address FOR EACH ROW
    WHEN (NEW.proven_at IS NOT NULL AND NEW.ended_at IS NULL
        AND (OLD.proven_at, OLD.ended_at, OLD.address, OLD.account_id)
        IS DISTINCT FROM (NEW.proven_at, NEW.ended_at, NEW.address, NEW.account_id))
    EXECUTE FUNCTION note_address('e-mail verified');
CREATE TRIGGER address_made_noted AFTER INSERT ON mail_address FOR EACH ROW
    WHEN (NEW.proven_at IS NOT NULL AND NEW.ended_at IS NULL)
    EXECUTE FUNCTION note_address('e-mail verified');
CREATE TRIGGER address_gone_noted AFTER UPDATE OF ended_at ON mail_address FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND OLD.proven_at IS NOT NULL)
    EXECUTE FUNCTION note_address('e-mail removed');

-- Staff sign in again when one of their duties or offices ends. Then every device immediately shows
-- only what they may still see.
CREATE FUNCTION end_staff_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE session SET ended_at = now()
        WHERE person_id = OLD.person_id AND side = 'staff' AND ended_at IS NULL;
    RETURN NULL;
END $$;

-- was: a hash of the password hash that no longer works.
CREATE FUNCTION note_password() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO narrowing (kind, said)
        VALUES ('password', jsonb_build_object('account',
                known_elsewhere('account_id', OLD.account_id, false), 'was',
                sha256(OLD.password::bytea)));
    RETURN NULL;
END $$;
CREATE TRIGGER password_narrows AFTER UPDATE ON credential
    FOR EACH ROW WHEN (NEW.password <> OLD.password) EXECUTE FUNCTION note_password();
CREATE TRIGGER password_gone_narrows AFTER DELETE ON credential FOR EACH ROW
    EXECUTE FUNCTION note_password();

-- No note has a password's hash. A person who chose a new password after the backup chooses another
-- one.
CREATE TRIGGER account_narrows AFTER UPDATE ON account
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
    EXECUTE FUNCTION note_narrowing('account', 'uuid', 'person_id', 'side');

-- Not for an account that its own transaction made, because the username was taken.
CREATE TRIGGER account_gone_narrows AFTER DELETE ON account
    FOR EACH ROW WHEN (OLD.is_active AND OLD.created_at < now())
    EXECUTE FUNCTION note_narrowing('account', 'uuid', 'person_id', 'side');
CREATE TRIGGER passkey_narrows AFTER DELETE ON passkey FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('passkey', 'uuid', 'account_id');
CREATE TRIGGER authenticator_narrows AFTER DELETE ON authenticator FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('authenticator', 'uuid', 'account_id');
CREATE TRIGGER recovery_code_narrows AFTER UPDATE ON recovery_code
    FOR EACH ROW WHEN (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('recovery code', 'account_id', 'hash');
CREATE TRIGGER recovery_code_gone_narrows AFTER DELETE ON recovery_code
    FOR EACH ROW WHEN (OLD.used_at IS NULL)
    EXECUTE FUNCTION note_narrowing('recovery code', 'account_id', 'hash');
CREATE TRIGGER mail_address_narrows AFTER UPDATE ON mail_address
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('mail address', 'account_id', 'asked_at');
CREATE TRIGGER mail_address_gone_narrows AFTER DELETE ON mail_address
    FOR EACH ROW WHEN (OLD.ended_at IS NULL)
    EXECUTE FUNCTION note_narrowing('mail address', 'account_id', 'asked_at');

-- On a restored database a used code would work once more, for anyone who finds the paper.
CREATE TRIGGER code_narrows AFTER UPDATE ON code FOR EACH ROW
    WHEN (OLD.used_at IS NULL AND OLD.ended_at IS NULL
        AND (NEW.used_at IS NOT NULL OR NEW.ended_at IS NOT NULL))
        EXECUTE FUNCTION note_narrowing('code', 'digest', 'person_id');
CREATE TRIGGER card_narrows AFTER UPDATE ON card
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('card', 'digest', 'person_id');
