-- News is read by those it is for, while it stands; the district's by whoever reads any school's. Functions of news.sql alone write it.
GRANT SELECT ON news_item TO app;
CREATE POLICY news_item_read_by_its_audience ON news_item FOR SELECT TO app
    USING (taken_down_at IS NULL AND (last_day IS NULL OR last_day >= today()) AND audience = ANY ((SELECT my_audiences())::text[])
           AND CASE WHEN school_id IS NULL THEN cardinality((SELECT schools_of_my_news())::integer[]) > 0
                    ELSE school_id = ANY ((SELECT schools_of_my_news())::integer[]) END);
