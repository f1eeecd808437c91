-- Whether a password is made of nothing but the names that everybody at the school knows: the person's own, the sign-in name, the
-- schools' and those of the portal (more). The door cannot read a name; it gets this yes or no, of one account. What is left once
-- the names are taken out must have five letters or digits: a name with a year behind it has four.
CREATE FUNCTION is_made_of_names(account bigint, password text, more text[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE rest text := password; word text;
BEGIN
    FOR word IN
        SELECT w FROM (
            SELECT regexp_split_to_table(lower(concat_ws(' ', p.given_name, p.family_name, p.preferred_given_name, p.preferred_family_name,
                                                         a.sign_in_name, array_to_string(more, ' '))), '[^[:alnum:]]+') AS w
            FROM account a JOIN person p ON p.id = a.person_id WHERE a.id = is_made_of_names.account
            UNION SELECT regexp_split_to_table(lower(s.name), '[^[:alnum:]]+') FROM school s WHERE s.ended_at IS NULL) AS names
        WHERE length(w) > 1 ORDER BY length(w) DESC, w
    LOOP rest := replace(rest, word, ''); END LOOP;
    RETURN rest <> password AND length(regexp_replace(rest, '[^[:alnum:]]', '', 'g')) < 5;
END $$;
GRANT EXECUTE ON FUNCTION is_made_of_names(bigint, text, text[]) TO door;
