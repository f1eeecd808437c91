-- Which acts need a second approval, and what each takes. One administrator proposes and another
-- person approves. For some acts a day's time lock replaces the second approval: every
-- administrator and the board hear of it, and any of them can stop it. A proposal never changes.

-- Every such act, and what it takes: a second, whatever the time; a second or the lock; both; or at
-- once, a second looking at it within a day. Those that take a second wait for one for ever: what
-- left the district, or was destroyed, no lock brings back.
CREATE FUNCTION two_person_acts() RETURNS TABLE (kind text, takes text)
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    VALUES ('export', 'second'), ('destruction', 'second'), ('disclosure', 'second'),
           ('support', 'second'),
           -- each lets somebody in (membership/ties)
           ('lifted restriction', 'second'), ('contact shown', 'second'),
           ('parent accounts', 'second'), ('tie named', 'second'),
           ('withheld entry', 'second'),  -- of a student's ledger, from the family's view (audit)
           -- of a tie that is challenged, where the district's record does not have the adult
           ('lifted suspension', 'second'),
           -- of what the district chose about who sees what (membership/choices)
           ('wider setting', 'second'),
           ('open after restoration', 'second'),  -- sign-in, to everybody (membership/restore)
           -- whoever looks for the child may hold one office, and waits a day
           ('unmasking', 'second'),
           ('new administrator', 'second and lock'),
           ('wide duty', 'second or lock'),
           ('safety emergency', 'at once')  -- 34 CFR 99.36; what is to be written down, 99.32(a)(5)
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
                                            WHERE a.school_id IS NULL AND a.person_id <> who
                                              AND decides_for(a.person_id, NULL)))
$$;
