-- Changes a setting. One administrator of the district makes it stricter right away. A wider choice
-- needs a second approval.

-- The only place where a choice is written: by an administrator, after a second approval, or by the
-- operator's command (`by_person` NULL). It is logged, and every administrator is notified.
-- `by_two` is the confirmed proposal.
CREATE FUNCTION write_setting(of_setting text, becomes text, by_person integer, by_capacity text,
    by_two uuid)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE was text := setting_now(of_setting);
BEGIN
    IF is_wider(of_setting, was, becomes) IS NULL THEN RAISE EXCEPTION 'no such choice'; END IF;
    IF was = becomes THEN RETURN; END IF;
    EXECUTE format('UPDATE district SET %I = %L', of_setting, becomes);
    PERFORM ledger_setting(of_setting,
        jsonb_build_object('was', was, 'now', becomes, 'two', by_two)::text, by_person,
        by_capacity);
    PERFORM tell_administrators(NULL, 'setting changed');
END $$;

-- `was` is the choice that the administrator saw. Returns 'kept'. 'proposed': it is wider and waits
-- for a second approval. 'same': no change. 'taken': no longer as shown, or the same proposal waits
-- already. 'odd': no such choice. 'again': the last confirmation of identity is too old. '': not an
-- administrator of the district.
CREATE FUNCTION change_setting(of_setting text, was text, becomes text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE wider boolean := is_wider(of_setting, was, becomes);
BEGIN
    IF NOT i_decide_for(NULL) THEN RETURN ''; END IF;
    IF wider IS NULL THEN RETURN 'odd'; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    -- If two people do this at the same moment, the second one reads what the first one wrote.
    PERFORM FROM district FOR UPDATE;
    IF setting_now(of_setting) IS DISTINCT FROM was THEN RETURN 'taken'; END IF;
    IF was = becomes THEN RETURN 'same'; END IF;
    IF wider THEN
        RETURN propose('wider setting', NULL, NULL,
            jsonb_build_object('setting', of_setting, 'was', was, 'now', becomes), '');
    END IF;
    PERFORM write_setting(of_setting, becomes, asking(), 'administrator', NULL);
    RETURN 'kept';
END $$;

-- Carries out the approved choice, if the setting is still as it was when proposed.
CREATE FUNCTION widen_setting(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM district FOR UPDATE;
    IF setting_now(p.payload->>'setting') IS DISTINCT FROM p.payload->>'was' THEN
        RETURN false;
    END IF;
    PERFORM write_setting(p.payload->>'setting', p.payload->>'now', p.proposed_by_id,
        'administrator', p.uuid);
    RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION change_setting(text, text, text) TO app;
