-- Staff accounts close with the last role: in the transaction of the import that ends it, and open again with that import's undo alone.
-- An import makes no power otherwise: it opens no account that a person closed, and makes none.

CREATE FUNCTION is_staff_role(role text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT role <> ALL (ARRAY['student', 'parent', 'guardian', 'relative'])
$$;

-- How many were closed. Administrators' accounts stay open where fewer than two of the district's would be left: a file locks no office out.
CREATE FUNCTION close_staff_accounts(of_delivery integer) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE leavers integer[]; spared integer[] := '{}'; closed bigint[];
BEGIN
    leavers := ARRAY(
        SELECT a.person_id FROM account a JOIN person p ON p.id = a.person_id WHERE a.side = 'staff' AND a.is_active
        AND (p.ended_at IS NOT NULL AND p.delivery_id = of_delivery
             OR EXISTS (SELECT FROM role r WHERE r.person_id = p.id AND r.delivery_id = of_delivery AND r.ended_at IS NOT NULL AND is_staff_role(r.role)))
        AND (p.ended_at IS NOT NULL OR NOT EXISTS (SELECT FROM role r WHERE r.person_id = p.id AND r.ended_at IS NULL AND is_staff_role(r.role))));
    IF leavers = '{}' THEN RETURN 0; END IF;
    IF 2 > (SELECT count(DISTINCT a.person_id) FROM administrator a WHERE a.school_id IS NULL AND a.person_id <> ALL (leavers) AND decides_for(a.person_id, NULL)) THEN
        spared := ARRAY(SELECT a.person_id FROM administrator a WHERE a.school_id IS NULL AND (a.end_date IS NULL OR a.end_date > today()));
    END IF;
    closed := ARRAY(SELECT a.id FROM account a WHERE a.side = 'staff' AND a.person_id = ANY (leavers) AND a.person_id <> ALL (spared));
    UPDATE account SET is_active = false WHERE id = ANY (closed);
    INSERT INTO account_end (account_id, delivery_id) SELECT unnest(closed), of_delivery;
    PERFORM ledger_change('account closed', NULL, a.person_id, 'file', NULL, 'the last role ended') FROM account a WHERE a.id = ANY (closed);
    RETURN cardinality(closed);
END $$;

CREATE FUNCTION open_staff_accounts(of_delivery integer) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE opened bigint[] := ARRAY(SELECT account_id FROM account_end WHERE delivery_id = of_delivery);
BEGIN
    UPDATE account SET is_active = true WHERE id = ANY (opened);
    PERFORM ledger_change('account opened', NULL, a.person_id, 'file', NULL, 'the import was taken back') FROM account a WHERE a.id = ANY (opened);
    RETURN cardinality(opened);
END $$;

-- Whoever closes or opens an account otherwise has the last word: no undo changes it.
CREATE FUNCTION forget_account_end() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM account_end WHERE account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER account_decided AFTER UPDATE OF is_active ON account FOR EACH ROW EXECUTE FUNCTION forget_account_end();

-- Staff who signed in lately, and are missing from a file all the same: an administrator reads of them first.
CREATE FUNCTION staff_seen_lately() RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ARRAY(SELECT DISTINCT person_id FROM session WHERE side = 'staff' AND last_seen_at > now() - interval '7 days')
$$;
GRANT EXECUTE ON FUNCTION close_staff_accounts(integer), open_staff_accounts(integer), staff_seen_lately() TO intake;
