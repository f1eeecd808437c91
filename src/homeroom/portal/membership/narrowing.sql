-- Every act that takes access away leaves a narrowing, in its own transaction and by whatever way it came: a page, a file, a clock, the operator, an owner at
-- psql. The jobs process seals each to the restore key; a restore of an older backup replays them (replaying.py). Which acts do, and which do not and why, stands
-- in docs/decisions/0034. What only lets somebody in leaves none: after a restore it is barred again until somebody lifts it.

-- Whom or what a row names, as a backup from before the act names it, too.
CREATE FUNCTION known_person(who integer, is_named boolean) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('uuid', p.uuid, 'sourced_id', p.sourced_id)
        || CASE WHEN is_named THEN jsonb_build_object('given_name', p.given_name, 'family_name', p.family_name) ELSE '{}' END
    FROM person p WHERE p.id = who
$$;

CREATE FUNCTION known_elsewhere(of_column text, id bigint, is_named boolean) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN of_column IN ('tie_id', 'challenger_tie_id') THEN (SELECT to_jsonb(t.uuid) FROM tie t WHERE t.id = known_elsewhere.id)
        WHEN of_column = 'account_id' THEN (SELECT jsonb_build_object('uuid', a.uuid, 'person', known_person(a.person_id, false)) FROM account a WHERE a.id = known_elsewhere.id)
        WHEN of_column = 'school_id' THEN (SELECT jsonb_build_object('uuid', s.uuid, 'sourced_id', s.sourced_id) FROM school s WHERE s.id = known_elsewhere.id)
        WHEN of_column = 'registration_id' THEN (SELECT to_jsonb(r.uuid) FROM registration r WHERE r.id = known_elsewhere.id)
        WHEN of_column = 'entry_id' THEN (SELECT jsonb_build_object('id', l.id, 'salt', l.salt) FROM ledger l WHERE l.id = known_elsewhere.id)
        ELSE known_person(id::integer, is_named) END
$$;

-- Arguments: the kind, then the columns that a replay needs. "student_id" becomes "student" and names a person without a name; "student_id!" with it, which only
-- those have of whom a replay may have to make a row or tell somebody. gone: the row was deleted.
CREATE FUNCTION note_narrowing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END); said jsonb := '{}'; written text; of_column text;
BEGIN
    FOREACH written IN ARRAY TG_ARGV[1:] LOOP
        of_column := rtrim(written, '!');
        said := said || CASE WHEN of_column LIKE '%\_id' AND of_column <> 'sourced_id'
            THEN jsonb_build_object(left(of_column, -3), known_elsewhere(of_column, (was->>of_column)::bigint, written LIKE '%!'))
            ELSE jsonb_build_object(of_column, was->of_column) END;
    END LOOP;
    INSERT INTO narrowing (kind, said) VALUES (TG_ARGV[0], said || CASE TG_OP WHEN 'DELETE' THEN '{"gone": true}'::jsonb ELSE '{}' END);
    RETURN NULL;
END $$;

-- ── Who is kept from whom ──
CREATE TRIGGER restriction_narrows AFTER INSERT ON restriction FOR EACH ROW EXECUTE FUNCTION note_narrowing(
    'restriction', 'uuid', 'person_id!', 'student_id!', 'effect', 'basis', 'start_date', 'end_date', 'paper_kept_at', 'made_by_id!');
CREATE TRIGGER restriction_longer_narrows AFTER UPDATE ON restriction FOR EACH ROW
    WHEN (NEW.start_date < OLD.start_date OR coalesce(NEW.end_date, 'infinity') > coalesce(OLD.end_date, 'infinity')
          OR (NEW.person_id, NEW.student_id) IS DISTINCT FROM (OLD.person_id, OLD.student_id))
    EXECUTE FUNCTION note_narrowing('restriction', 'uuid', 'person_id!', 'student_id!', 'effect', 'basis', 'start_date', 'end_date', 'paper_kept_at', 'made_by_id!');

-- approved and under challenge open alike.
CREATE FUNCTION shutness(state text) RETURNS integer LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE state WHEN 'ended' THEN 3 WHEN 'suspended' THEN 2 WHEN 'requested' THEN 1 ELSE 0 END
$$;

CREATE FUNCTION is_narrower(was tie, becomes tie) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT public.shutness(becomes.state) > public.shutness(was.state) OR becomes.is_shut AND NOT was.is_shut OR becomes.is_confidential AND NOT was.is_confidential
        OR becomes.start_date > was.start_date OR coalesce(becomes.end_date, 'infinity') < coalesce(was.end_date, 'infinity')
        OR NOT was.view_kinds <@ becomes.view_kinds OR was.may_consent AND NOT becomes.may_consent OR was.may_correct AND NOT becomes.may_correct
        OR was.may_challenge AND NOT becomes.may_challenge
$$;
CREATE TRIGGER tie_narrows AFTER UPDATE ON tie FOR EACH ROW WHEN (is_narrower(OLD.*, NEW.*)) EXECUTE FUNCTION note_narrowing(
    'tie', 'uuid', 'adult_id', 'student_id', 'state', 'is_shut', 'is_confidential', 'start_date', 'end_date', 'view_kinds', 'may_consent', 'may_correct', 'may_challenge');
CREATE TRIGGER tie_gone_narrows AFTER DELETE ON tie FOR EACH ROW EXECUTE FUNCTION note_narrowing('tie gone', 'uuid', 'adult_id', 'student_id');
CREATE TRIGGER consent_narrows AFTER UPDATE ON tutor_consent FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('consent', 'tie_id');
CREATE TRIGGER closed_to_parents_narrows AFTER INSERT ON closed_to_parents FOR EACH ROW WHEN (NEW.ended_at IS NULL)
    EXECUTE FUNCTION note_narrowing('no parent accounts', 'uuid', 'student_id!', 'basis', 'words', 'set_by_id!');
CREATE TRIGGER masking_narrows AFTER INSERT ON masking FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION note_narrowing(
    'masking', 'uuid', 'student_id!', 'given_name', 'family_name', 'basis', 'start_date', 'end_date', 'masked_by_id!');
CREATE TRIGGER masking_longer_narrows AFTER UPDATE ON masking FOR EACH ROW
    WHEN (NEW.start_date < OLD.start_date OR coalesce(NEW.end_date, 'infinity') > coalesce(OLD.end_date, 'infinity') OR NEW.ended_at IS NULL AND OLD.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('masking', 'uuid', 'student_id!', 'given_name', 'family_name', 'basis', 'start_date', 'end_date', 'masked_by_id!');
CREATE TRIGGER contact_narrows AFTER INSERT ON contact FOR EACH ROW WHEN (NEW.is_confidential)
    EXECUTE FUNCTION note_narrowing('contact', 'uuid', 'sourced_id', 'student_id!', 'person_id', 'name');
CREATE TRIGGER contact_kept_narrows AFTER UPDATE ON contact FOR EACH ROW WHEN (NEW.is_confidential AND NOT OLD.is_confidential)
    EXECUTE FUNCTION note_narrowing('contact', 'uuid', 'sourced_id', 'student_id!', 'person_id', 'name');
CREATE TRIGGER withheld_narrows AFTER INSERT ON withheld_entry FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('withheld line', 'uuid', 'entry_id', 'student_id!', 'basis', 'until', 'withheld_by_id!', 'seconded_by_id!');
CREATE TRIGGER withheld_longer_narrows AFTER UPDATE ON withheld_entry FOR EACH ROW WHEN (NEW.until > OLD.until)
    EXECUTE FUNCTION note_narrowing('withheld line', 'uuid', 'entry_id', 'student_id!', 'basis', 'until', 'withheld_by_id!', 'seconded_by_id!');
CREATE TRIGGER erasure_narrows AFTER INSERT ON erased_student FOR EACH ROW EXECUTE FUNCTION note_narrowing('erasure', 'uuid', 'sourced_ids', 'directive');
CREATE TRIGGER hold_narrows AFTER INSERT ON hold FOR EACH ROW EXECUTE FUNCTION note_narrowing('hold', 'uuid', 'student_id', 'paper');

-- ── A challenge, turning 18 ──
CREATE TRIGGER challenge_narrows AFTER INSERT ON challenge FOR EACH ROW EXECUTE FUNCTION note_narrowing('challenge', 'uuid', 'tie_id', 'registration_id',
    'challenger_id', 'challenger_tie_id', 'reason', 'words', 'asked_at', 'tie_was', 'suspended_until', 'remind_at');
CREATE TRIGGER challenge_upheld_narrows AFTER UPDATE ON challenge FOR EACH ROW WHEN (NEW.outcome = 'ended' AND OLD.outcome <> 'ended')
    EXECUTE FUNCTION note_narrowing('challenge upheld', 'uuid', 'decided_at');
CREATE TRIGGER of_age_narrows AFTER INSERT ON majority FOR EACH ROW WHEN (NEW.applied_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('of age', 'student_id!', 'of_birth_date', 'effective_on');
CREATE TRIGGER turned_of_age_narrows AFTER UPDATE ON majority FOR EACH ROW WHEN (NEW.applied_at IS NOT NULL AND OLD.applied_at IS NULL)
    EXECUTE FUNCTION note_narrowing('of age', 'student_id!', 'of_birth_date', 'effective_on');
CREATE TRIGGER agreement_narrows AFTER UPDATE ON age_agreement FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('agreement', 'tie_id', 'at');
CREATE TRIGGER dependence_narrows AFTER UPDATE ON dependence FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('dependence', 'student_id', 'recorded_at');

-- ── Accounts, and what signs in ── (no note has a password's hash: who chose a new one since the backup chooses another)
CREATE TRIGGER account_narrows AFTER UPDATE ON account FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
    EXECUTE FUNCTION note_narrowing('account', 'uuid', 'person_id', 'side');
-- Not one that its own transaction made: a name that was taken.
CREATE TRIGGER account_gone_narrows AFTER DELETE ON account FOR EACH ROW WHEN (OLD.is_active AND OLD.created_at < now())
    EXECUTE FUNCTION note_narrowing('account', 'uuid', 'person_id', 'side');
-- was: a hash of the hash that is good no more.
CREATE FUNCTION note_password() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO narrowing (kind, said) VALUES ('password', jsonb_build_object('account', known_elsewhere('account_id', OLD.account_id, false), 'was', sha256(OLD.password::bytea)));
    RETURN NULL;
END $$;
CREATE TRIGGER password_narrows AFTER UPDATE ON credential FOR EACH ROW WHEN (NEW.password <> OLD.password) EXECUTE FUNCTION note_password();
CREATE TRIGGER password_gone_narrows AFTER DELETE ON credential FOR EACH ROW EXECUTE FUNCTION note_password();
CREATE TRIGGER passkey_narrows AFTER DELETE ON passkey FOR EACH ROW EXECUTE FUNCTION note_narrowing('passkey', 'uuid', 'account_id');
CREATE TRIGGER authenticator_narrows AFTER DELETE ON authenticator FOR EACH ROW EXECUTE FUNCTION note_narrowing('authenticator', 'uuid', 'account_id');
CREATE TRIGGER recovery_code_narrows AFTER UPDATE ON recovery_code FOR EACH ROW WHEN (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('recovery code', 'account_id', 'hash');
CREATE TRIGGER recovery_code_gone_narrows AFTER DELETE ON recovery_code FOR EACH ROW WHEN (OLD.used_at IS NULL)
    EXECUTE FUNCTION note_narrowing('recovery code', 'account_id', 'hash');
CREATE TRIGGER mail_address_narrows AFTER UPDATE ON mail_address FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('mail address', 'account_id', 'asked_at');
CREATE TRIGGER mail_address_gone_narrows AFTER DELETE ON mail_address FOR EACH ROW WHEN (OLD.ended_at IS NULL)
    EXECUTE FUNCTION note_narrowing('mail address', 'account_id', 'asked_at');
-- A code that was used works once more on a restored database, for whoever finds the paper.
CREATE TRIGGER code_narrows AFTER UPDATE ON code FOR EACH ROW
    WHEN (OLD.used_at IS NULL AND OLD.ended_at IS NULL AND (NEW.used_at IS NOT NULL OR NEW.ended_at IS NOT NULL)) EXECUTE FUNCTION note_narrowing('code', 'digest', 'person_id');
CREATE TRIGGER card_narrows AFTER UPDATE ON card FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('card', 'digest', 'person_id');
CREATE TRIGGER letter_narrows AFTER UPDATE ON contact_code FOR EACH ROW
    WHEN (OLD.used_at IS NULL AND OLD.ended_at IS NULL AND (NEW.used_at IS NOT NULL OR NEW.ended_at IS NOT NULL)) EXECUTE FUNCTION note_narrowing('letter', 'digest');

-- ── Offices and duties, and what two people decide ──
CREATE TRIGGER duty_narrows AFTER UPDATE ON duty FOR EACH ROW
    WHEN (coalesce(NEW.end_date, 'infinity') < coalesce(OLD.end_date, 'infinity') OR NEW.start_date > OLD.start_date)
    EXECUTE FUNCTION note_narrowing('duty', 'uuid', 'person_id', 'start_date', 'end_date');
CREATE TRIGGER duty_gone_narrows AFTER DELETE ON duty FOR EACH ROW EXECUTE FUNCTION note_narrowing('duty', 'uuid', 'person_id', 'start_date');
CREATE TRIGGER administrator_narrows AFTER UPDATE ON administrator FOR EACH ROW WHEN (coalesce(NEW.end_date, 'infinity') < coalesce(OLD.end_date, 'infinity'))
    EXECUTE FUNCTION note_narrowing('administrator', 'person_id', 'school_id', 'end_date');
CREATE TRIGGER administrator_gone_narrows AFTER DELETE ON administrator FOR EACH ROW EXECUTE FUNCTION note_narrowing('administrator', 'person_id', 'school_id');
CREATE TRIGGER board_second_narrows AFTER UPDATE ON board_second FOR EACH ROW WHEN (coalesce(NEW.end_date, 'infinity') < coalesce(OLD.end_date, 'infinity'))
    EXECUTE FUNCTION note_narrowing('board second', 'person_id', 'end_date');
CREATE TRIGGER board_second_gone_narrows AFTER DELETE ON board_second FOR EACH ROW EXECUTE FUNCTION note_narrowing('board second', 'person_id');
CREATE TRIGGER substitution_narrows AFTER UPDATE ON substitution FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL OR NEW.last_day < OLD.last_day) EXECUTE FUNCTION note_narrowing('substitution', 'uuid', 'person_id', 'last_day', 'ended_at');
CREATE TRIGGER substitution_gone_narrows AFTER DELETE ON substitution FOR EACH ROW EXECUTE FUNCTION note_narrowing('substitution', 'uuid', 'person_id', 'last_day');
-- What somebody stopped would wait again, and some acts go by themselves once a day is over.
CREATE TRIGGER proposal_narrows AFTER UPDATE ON proposal FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('objected', 'stopped', 'withdrawn', 'expired', 'not possible'))
    EXECUTE FUNCTION note_narrowing('proposal', 'uuid', 'person_id', 'state', 'ended_at');
CREATE TRIGGER request_narrows AFTER UPDATE ON registration FOR EACH ROW WHEN (OLD.state = 'waiting' AND NEW.state IN ('declined', 'withdrawn', 'lapsed'))
    EXECUTE FUNCTION note_narrowing('request', 'uuid', 'person_id', 'state', 'answered_at');
CREATE TRIGGER tutor_request_narrows AFTER UPDATE ON tutor_request FOR EACH ROW WHEN (OLD.state = 'waiting' AND NEW.state IN ('declined', 'withdrawn', 'lapsed'))
    EXECUTE FUNCTION note_narrowing('tutor request', 'uuid', 'person_id', 'state', 'answered_at');
CREATE TRIGGER tutor_application_narrows AFTER UPDATE ON tutor_application FOR EACH ROW WHEN (NEW.state <> OLD.state AND NEW.state IN ('declined', 'ended'))
    EXECUTE FUNCTION note_narrowing('tutor application', 'uuid', 'person_id', 'state', 'answered_at');

-- ── The district's choices, its news, its files ──
CREATE FUNCTION note_settings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO narrowing (kind, said) SELECT 'setting', jsonb_build_object('setting', c.setting, 'choice', to_jsonb(NEW)->>c.setting)
        FROM (SELECT DISTINCT setting FROM setting_choices()) c WHERE is_wider(c.setting, to_jsonb(NEW)->>c.setting, to_jsonb(OLD)->>c.setting);
    RETURN NULL;
END $$;
CREATE TRIGGER setting_narrows AFTER UPDATE ON district FOR EACH ROW EXECUTE FUNCTION note_settings();
CREATE TRIGGER column_narrows AFTER INSERT ON unread_column FOR EACH ROW EXECUTE FUNCTION note_narrowing('column', 'file', 'column_name');
CREATE TRIGGER news_narrows AFTER UPDATE ON news_item FOR EACH ROW
    WHEN (OLD.taken_down_at IS NULL AND NEW.taken_down_at IS NOT NULL OR coalesce(NEW.last_day, 'infinity') < coalesce(OLD.last_day, 'infinity'))
    EXECUTE FUNCTION note_narrowing('news', 'uuid', 'taken_down_at', 'last_day');
CREATE TRIGGER signer_narrows AFTER UPDATE ON signer FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('sender', 'fingerprint', 'revoked_at');
CREATE TRIGGER signer_gone_narrows AFTER DELETE ON signer FOR EACH ROW EXECUTE FUNCTION note_narrowing('sender', 'fingerprint');
-- No replay takes two records apart: an administrator does it again, and reads so.
CREATE TRIGGER merge_undone_narrows AFTER UPDATE ON merge FOR EACH ROW WHEN (OLD.undone_at IS NULL AND NEW.undone_at IS NOT NULL)
    EXECUTE FUNCTION note_narrowing('merge undone', 'old_id', 'into_id!');

-- ── Support ──
CREATE TRIGGER supporter_narrows AFTER UPDATE ON supporter FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL OR OLD.code IS NOT NULL AND NEW.code IS NULL) EXECUTE FUNCTION note_narrowing('supporter', 'uuid', 'ended_at');
CREATE TRIGGER support_grant_narrows AFTER UPDATE ON support_grant FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL OR NEW.until < OLD.until)
    EXECUTE FUNCTION note_narrowing('support grant', 'uuid', 'ended_at', 'until');
