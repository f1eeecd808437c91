-- What may be shared about a student, for the family and the student.

-- The categories of directory information, in the order of the page. `is_out`: someone opted out.
-- `is_mine`: I did. `may_end`: I may take an opt-out back. `may_sign`: I may sign consents.
CREATE FUNCTION directory_shown(child uuid)
RETURNS TABLE (category text, is_adopted boolean, is_out boolean, is_mine boolean,
    may_opt_out boolean, may_end boolean, may_sign boolean, is_shared boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE whose integer; may_sign boolean; may_refuse boolean;
BEGIN
    SELECT m.student_id, m.may_consent, m.may_opt_out INTO whose, may_sign, may_refuse
        FROM my_say_on_consents(child) m;
    IF whose IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.category, c.is_adopted, o.many > 0, o.mine > 0, may_refuse AND o.mine = 0,
        may_sign AND o.mine + o.left > 0, may_sign,
        c.category IN (SELECT d.category FROM directory_of(ARRAY[whose]) d)
    FROM directory_categories() c CROSS JOIN LATERAL (SELECT count(*) AS many,
        count(*) FILTER (WHERE x.person_id = asking()) AS mine,
        count(*) FILTER (WHERE x.person_id <> asking() AND may_take_back(x.person_id, whose))
            AS left
        FROM opt_outs_of(ARRAY[whose]) x WHERE x.category = c.category) o
    ORDER BY c.place;
END $$;

GRANT EXECUTE ON FUNCTION directory_shown(uuid) TO app;
