-- Scores.

GRANT SELECT, INSERT, UPDATE ON category, line_item, result, score_scale, line_item_score_scale,
    result_score_scale TO intake;
GRANT SELECT, INSERT ON result_change TO intake;
GRANT UPDATE ON result_change TO intake;
