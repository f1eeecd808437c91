-- An account that a person opens or closes is no longer one that an import closed.

-- Once a person closes or opens an account, no undo changes it.
CREATE FUNCTION forget_account_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM account_end WHERE account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER account_decided AFTER UPDATE OF is_active ON account FOR EACH ROW
    EXECUTE FUNCTION forget_account_end();
