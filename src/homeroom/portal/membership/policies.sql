-- One’s own ties, duties and offices. Functions and the operator’s command make them; app and intake write none.
GRANT SELECT ON tie, duty, administrator TO app;
CREATE POLICY tie_read_by_its_adult ON tie FOR SELECT TO app USING (adult_id = (SELECT asking()) AND (SELECT asking_side()) = 'family');
CREATE POLICY duty_read_by_oneself ON duty FOR SELECT TO app USING (person_id = (SELECT asking()) AND (SELECT asking_side()) = 'staff');
CREATE POLICY administrator_read_by_oneself ON administrator FOR SELECT TO app USING (person_id = (SELECT asking()) AND (SELECT asking_side()) = 'staff');
-- account_end: the functions of leavers.sql alone read and write it.
-- substitution: the functions of duties.sql and look() alone read and write it.
-- board_second: the functions of two_people.sql and administrators.sql alone read it; the operator's command writes it.
-- proposal: the functions of two_people.sql alone read and write it.
-- restriction: the functions of ties.sql and keeping_apart.sql alone read and write it.
-- closed_to_parents: the functions of keeping_apart.sql alone read and write it.
-- registration: the functions of registering.sql and approving.sql alone read and write it.
-- contact_code, letter_try: the functions of letters.sql and registering.sql alone read and write them.
-- tutor_application, tutor_request, tutor_consent: the functions of tutor.sql, tutor_consent.sql and tutor_office.sql alone read and write them.
-- majority, dependence, age_agreement, age_effect, paper_notice: the functions of ages.sql and ages_office.sql alone read and write them.
-- restoration, restoration_line: the functions of restoration.sql alone read them; the operator's command writes them, as owner.
-- narrowing: its triggers (narrowing.sql) write it, and the functions of notes.sql alone read it.
-- erased_student, hold: the functions of erasing.sql alone read them; the operator's command writes them, as owner.
-- inspection: the functions of leaving.sql alone read and write it.
-- challenge, challenge_message: the functions of challenge.sql and challenge_office.sql alone read and write them.
