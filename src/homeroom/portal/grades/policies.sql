-- Scores. A query that names the student or the line items takes an index under these; an unbounded list would scan.
GRANT SELECT, INSERT, UPDATE ON category, line_item, result, score_scale, line_item_score_scale, result_score_scale TO intake;
GRANT SELECT, INSERT ON result_change TO intake;
GRANT SELECT ON category, line_item, result, result_change, score_scale, line_item_score_scale, result_score_scale TO app;

CREATE POLICY category_read_by_signed_in ON category FOR SELECT TO app USING ((SELECT asking()) IS NOT NULL);
CREATE POLICY line_item_read_by_its_people ON line_item FOR SELECT TO app USING (section_id = ANY ((SELECT reach_sections())::integer[]));
CREATE POLICY score_scale_read_by_signed_in ON score_scale FOR SELECT TO app USING ((SELECT asking()) IS NOT NULL);
CREATE POLICY line_item_score_scale_read_by_its_people ON line_item_score_scale FOR SELECT TO app
    USING (line_item_id IN (SELECT id FROM line_item));  -- under line_item's own policy

CREATE POLICY result_read_after_look ON result FOR SELECT TO app USING (student_id = ANY ((SELECT opened('grades'))::integer[]));
-- Work and student together: a class's gradebook opens that class's scores of these students, not their other classes'.
-- (Named to be tested after the policy above, which PostgreSQL does from the last name to the first: a child's page never asks it.)
CREATE POLICY result_read_after_class_look ON result FOR SELECT TO app
    USING (line_item_id = ANY ((SELECT opened_items())::integer[]) AND student_id = ANY ((SELECT opened_in_class())::integer[]));
CREATE POLICY result_change_read_after_look ON result_change FOR SELECT TO app USING (student_id = ANY ((SELECT opened('grades'))::integer[]));
CREATE POLICY result_score_scale_read_after_look ON result_score_scale FOR SELECT TO app
    USING (result_id IN (SELECT r.id FROM result r WHERE r.student_id = ANY ((SELECT opened('grades'))::integer[])));
