-- Ends sessions, and notes for the vault which accounts changed.

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
-- A new password ends the row of wrong ones, whoever set it.
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
