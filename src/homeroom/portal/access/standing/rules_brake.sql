-- How many people a staff member may view. Families and students have a fixed number of records an
-- hour (look_cap()), by what they can reach, and nothing about them is profiled.

-- The students of the classes that this person teaches now.
CREATE FUNCTION students_taught(who integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(DISTINCT s.person_id) FROM enrollment t JOIN enrollment s
        ON s.section_id = t.section_id AND s.role = 'student' AND s.ended_at IS NULL
    WHERE t.person_id = who AND t.role <> 'student' AND t.ended_at IS NULL
$$;

-- The median of this person's days in the last 60, without today. 0 with fewer than five days.
CREATE FUNCTION usual_day(who integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE WHEN count(*) >= 5
        THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY d.students) END, 0)
    FROM (SELECT max(c.students) AS students FROM look_count c, district d
        WHERE c.person_id = who AND c.is_staff AND c.hour > now() - interval '60 days'
          AND (c.hour AT TIME ZONE d.time_zone)::date < today()
        GROUP BY (c.hour AT TIME ZONE d.time_zone)::date) d
$$;

-- The least number of people that anyone in this capacity may view in a day, as the district says.
CREATE FUNCTION least_cap(of_capacity text) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT (d.caps->>of_capacity)::integer FROM district d), 200)
$$;

-- What another administrator added to this person's limits for now.
CREATE FUNCTION raised_by(who integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(r.students), 0)::integer FROM cap_raise r
    WHERE r.person_id = who AND r.until > now()
$$;

-- How many people they may view in a day: 1.5 times their usual day, twice the students of their
-- classes, and at least 200. The district's own number for a capacity replaces the 200. What
-- another administrator added for today comes on top.
CREATE FUNCTION cap_of(who integer, of_capacity text) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT greatest(least_cap(of_capacity), ceil(1.5 * usual_day(who))::integer,
            (2 * students_taught(who))::integer) + raised_by(who)
$$;

-- The same for an hour. No one needs more than a whole usual day in one hour.
CREATE FUNCTION cap_of_hour(who integer, of_day integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT least(of_day, greatest(200, usual_day(who), (2 * students_taught(who))::integer)
        + raised_by(who))
$$;
