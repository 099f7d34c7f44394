-- Cards, paper codes and the keys that sign them: who sees which row, and what never changes.

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['card_key', 'card_policy', 'card_revocation', 'paper_code'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Keys are made, retired and revoked, never rewritten nor deleted; what was revoked stays revoked.
GRANT SELECT, INSERT, UPDATE ON card_key TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT ON card_policy TO yilian_app;
--> statement-breakpoint
GRANT SELECT ON card_revocation TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON paper_code TO yilian_app;
--> statement-breakpoint
CREATE POLICY everyone_reads ON card_policy FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
INSERT INTO card_policy (valid_from, validity_hours, paper_code_days, source, recalled)
  VALUES ('2020-01-01', 48, 180, '核酸阴性证明有效期与离线码有效期（2022 年各地公告，凭记忆）', true);
--> statement-breakpoint
-- One key signs at a time, whichever replica made it.
CREATE UNIQUE INDEX card_key_one_active ON card_key ((true)) WHERE retired_at IS NULL AND revoked_at IS NULL;
--> statement-breakpoint
CREATE FUNCTION app.guard_card_key() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['retired_at', 'revoked_at']
     OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at)
     OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) THEN
    RAISE EXCEPTION 'a key is only retired or revoked, and once' USING ERRCODE = '42501', CONSTRAINT = 'card_key_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER card_key_guard BEFORE UPDATE ON card_key FOR EACH ROW EXECUTE FUNCTION app.guard_card_key();
--> statement-breakpoint
CREATE FUNCTION app.card_policy_on(at timestamptz) RETURNS card_policy LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT p FROM card_policy p WHERE p.valid_from <= (at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY p.valid_from DESC LIMIT 1 $$;
--> statement-breakpoint
-- A paper code begins valid, for as long as the policy says, for somebody whose age it names; afterwards it is
-- only taken back, once.
CREATE FUNCTION app.guard_paper_code() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  born date;
  today date := (NEW.issued_at AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.revoked_at IS NOT NULL OR app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <> ARRAY['revoked_at', 'revoked_reason'] THEN
      RAISE EXCEPTION 'a paper code is only taken back, and once' USING ERRCODE = '42501', CONSTRAINT = 'paper_code_fixed';
    END IF;
    RETURN NEW;
  END IF;
  SELECT birth_date INTO born FROM patient WHERE id = NEW.patient_id;
  IF NEW.revoked_at IS NOT NULL OR NEW.expires_at <> date_trunc('minute', NEW.issued_at)
       + make_interval(days => (app.card_policy_on(NEW.issued_at)).paper_code_days) THEN
    RAISE EXCEPTION 'a paper code counts from now for the days of the policy' USING ERRCODE = 'YL001', CONSTRAINT = 'paper_code_term';
  END IF;
  IF (NEW.reason = 'under-18' AND NOT coalesce(born > today - interval '18 years', false))
     OR (NEW.reason = '60-and-over' AND NOT coalesce(born <= today - interval '60 years', false)) THEN
    RAISE EXCEPTION 'not of that age' USING ERRCODE = 'YL001', CONSTRAINT = 'paper_code_age';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER paper_code_guard BEFORE INSERT OR UPDATE ON paper_code FOR EACH ROW EXECUTE FUNCTION app.guard_paper_code();
--> statement-breakpoint
-- What is taken back is published with it, or neither is done.
CREATE FUNCTION app.publish_paper_revocation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO card_revocation (kid, rid, at, until) VALUES (NEW.kid, NEW.rid, NEW.revoked_at, NEW.expires_at) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER paper_code_published AFTER UPDATE OF revoked_at ON paper_code FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION app.publish_paper_revocation();
--> statement-breakpoint
CREATE POLICY own ON paper_code TO yilian_app
  USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]))
  WITH CHECK ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[])
    AND (revoked_at IS NOT NULL OR (issued_by IS NULL AND institution_id IS NULL)));
--> statement-breakpoint
CREATE POLICY issue ON paper_code TO yilian_app
  USING ((SELECT app.holds('paper-code.issue')) AND app.may_see_patient(patient_id))
  WITH CHECK ((SELECT app.holds('paper-code.issue')) AND app.may_see_patient(patient_id)
    AND (revoked_at IS NOT NULL OR (issued_by = app.person() AND institution_id = app.institution())));
--> statement-breakpoint
-- Whose a scanned code is: for whoever may check codes, wherever the person is registered, and the person only
-- while the code counts. A number cannot be guessed (80 random bits).
CREATE FUNCTION app.paper_code_holder(hash bytea, at timestamptz) RETURNS TABLE (
    id uuid, issued_at timestamptz, expires_at timestamptz, revoked_at timestamptz, revoked_reason paper_revocation,
    patient_id uuid, full_name text, full_name_bo text, sex patient_sex, birth_date date, resident_id_cipher text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT c.id, c.issued_at, c.expires_at, c.revoked_at, c.revoked_reason,
    CASE WHEN counts THEN p.id END, CASE WHEN counts THEN p.full_name END, CASE WHEN counts THEN p.full_name_bo END,
    CASE WHEN counts THEN p.sex END, CASE WHEN counts THEN p.birth_date END, CASE WHEN counts THEN p.resident_id_cipher END
  FROM (SELECT *, revoked_at IS NULL AND expires_at > at AS counts FROM paper_code WHERE number_hash = hash) c
    JOIN patient p ON p.id = c.patient_id
  WHERE app.holds('paper-code.check') $$;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission)
  SELECT code, 'paper-code.issue' FROM role WHERE code IN ('community-doctor', 'nurse', 'hotline-operator', 'helper') ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission)
  SELECT code, 'paper-code.check' FROM role WHERE code IN ('community-doctor', 'nurse', 'sampler') ON CONFLICT DO NOTHING;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO yilian_app, yilian_owner;
