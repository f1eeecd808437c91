-- Which acts need a second approval, and what each takes. One administrator proposes and another
-- person approves. For some acts a day's time lock replaces the second approval: every
-- administrator and the board hear of it, and any of them can stop it. A proposal never changes.

-- Every such act that rooms declare, and what it takes: a second, whatever the time; a second or
-- the lock; both; or at once, a second looking at it within a day. Those that take a second wait
-- for one for ever: what left the district, or was destroyed, no lock brings back.
CREATE FUNCTION two_person_acts() RETURNS TABLE (kind text, takes text, of_district boolean)
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT '', '', false WHERE false
    -- {each two-person act}
$$;

-- What a second read: of anything else that stands under the same number, the yes is none.
CREATE FUNCTION seen_as(p proposal) RETURNS text LANGUAGE sql STABLE SECURITY INVOKER AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(p.uuid, p.kind, p.person_id, p.school_id,
            p.payload, p.reason, p.proposed_by_id)::text, 'UTF8')), 'hex')
$$;

-- By another; and two of the district stay, since one alone could carry nothing out that takes two.
CREATE FUNCTION may_end_administrator(who integer, of_school integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(of_school) AND may_decide_about(who)
        AND (of_school IS NOT NULL OR 2 <= (SELECT count(DISTINCT a.person_id) FROM administrator a
                                            WHERE a.person_id <> who
                                                AND decides_for(a.person_id, NULL)))
$$;
