-- Who may take back an opt-out from directory information.

-- True if the person asking, who may consent, may take back an opt-out of `whose`: their own, that
-- of someone who holds the right no longer, and at 18 everyone's.
CREATE FUNCTION may_take_back(whose integer, child integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT whose = asking() OR NOT has_right_to_consent(whose, child)
$$;
