-- Slides, de-identified cases, teaching consents and certificates: who sees, who makes, who takes back.
CREATE FUNCTION app.teaching_plans(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.teaching_sides(of_session) && ARRAY['planner', 'presenter'] $$;
--> statement-breakpoint
-- State order of a case, and whose step it is. The rows come from server/teaching/case-states.ts; a test compares both.
CREATE TABLE teaching_case_transition (from_state teaching_case_state NOT NULL, to_state teaching_case_state NOT NULL,
  side text NOT NULL CHECK (side IN ('maker', 'reviewer', 'consent')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO teaching_case_transition (from_state, to_state, side) VALUES
  ('draft', 'review-asked', 'maker'), ('draft', 'ready', 'maker'), ('draft', 'withdrawn', 'consent'),
  ('review-asked', 'ready', 'reviewer'), ('review-asked', 'returned', 'reviewer'), ('review-asked', 'draft', 'maker'), ('review-asked', 'withdrawn', 'consent'),
  ('returned', 'draft', 'maker'), ('returned', 'withdrawn', 'consent'),
  ('ready', 'draft', 'maker'), ('ready', 'withdrawn', 'consent');
--> statement-breakpoint
-- The house that teaches and holds the patient reviews its own cases; nobody his own.
CREATE FUNCTION app.teaching_reviews(of_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.holds('teaching.review') AND EXISTS (SELECT 1 FROM teaching_case c JOIN teaching_session s ON s.id = c.session_id
          WHERE c.id = of_case AND s.institution_id = app.institution() AND c.made_by <> app.person()) $$;
--> statement-breakpoint
CREATE FUNCTION app.teaching_makes_case(of_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM teaching_case c WHERE c.id = of_case AND app.teaching_plans(c.session_id)) $$;
--> statement-breakpoint
-- Whoever watches sees a case that is ready, whose consent stands, and only from live on.
CREATE FUNCTION app.teaching_case_shown(of_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM teaching_case c JOIN teaching_case_source o ON o.case_id = c.id JOIN teaching_consent g ON g.session_id = c.session_id AND g.patient_id = o.patient_id
          WHERE c.id = of_case AND c.state = 'ready' AND g.given AND g.withdrawn_at IS NULL AND app.teaching_may_watch(c.session_id)) $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_teaching_case() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  sides text[];
  consented boolean;
BEGIN
  IF current_setting('yilian.teaching_withhold', true) = OLD.session_id::text THEN RETURN NEW; END IF;
  IF NEW.version <> OLD.version + 1 THEN RAISE EXCEPTION 'somebody changed it meanwhile' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_version'; END IF;
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'session_id', 'made_by', 'created_at'] THEN
    RAISE EXCEPTION 'whose it is stays' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_fixed';
  END IF;
  sides := array_remove(ARRAY[CASE WHEN app.internal() OR app.teaching_makes_case(OLD.id) THEN 'maker' END, CASE WHEN app.internal() OR app.teaching_reviews(OLD.id) THEN 'reviewer' END], NULL);
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM teaching_case_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state AND t.side = ANY (sides)) THEN
    RAISE EXCEPTION 'a case cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_case_order';
  END IF;
  -- What is said to be reviewed is what was reviewed.
  IF OLD.state IN ('review-asked', 'ready') AND NEW.state <> 'draft' AND app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['title', 'who', 'place', 'needs_review', 'review_reasons'] THEN
    RAISE EXCEPTION 'what was reviewed stands' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_case_stands';
  END IF;
  IF NEW.state = 'ready' AND OLD.state <> 'ready' THEN
    SELECT EXISTS (SELECT 1 FROM teaching_case_source o JOIN teaching_consent g ON g.session_id = OLD.session_id AND g.patient_id = o.patient_id
      WHERE o.case_id = OLD.id AND g.given AND g.withdrawn_at IS NULL) INTO consented;
    IF NOT consented THEN RAISE EXCEPTION 'the patient has not agreed' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_case_consent'; END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_case_guard BEFORE UPDATE ON teaching_case FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_case();
--> statement-breakpoint
-- What is shown changes only while it is a draft.
CREATE FUNCTION app.guard_teaching_case_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE of_case uuid := coalesce(NEW.case_id, OLD.case_id);
BEGIN
  IF EXISTS (SELECT 1 FROM teaching_case c WHERE c.id = of_case AND c.state NOT IN ('draft', 'returned')) AND NOT app.internal() THEN
    RAISE EXCEPTION 'what was reviewed stands' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_case_stands';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_case_item_guard BEFORE INSERT OR UPDATE OR DELETE ON teaching_case_item FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_case_item();
--> statement-breakpoint
-- Consent is asked for in private, before: not once it is live, and not while anybody looks on in a meeting with the patient.
CREATE FUNCTION app.guard_teaching_consent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.withdrawn_at IS NOT NULL OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['withdrawn_at', 'withdrawn_by', 'withdraw_reason'] OR NEW.withdrawn_at IS NULL THEN
      RAISE EXCEPTION 'a consent is only ever taken back' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_consent_fixed';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = NEW.session_id AND s.state IN ('draft', 'planned')) THEN
    RAISE EXCEPTION 'not before observers' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_consent_time';
  END IF;
  IF EXISTS (SELECT 1 FROM consult c JOIN consult_participant p ON p.consult_id = c.id AND p.role = 'observer' WHERE c.patient_id = NEW.patient_id AND c.state = 'in-session') THEN
    RAISE EXCEPTION 'not before observers' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_consent_observers';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_consent_guard BEFORE INSERT OR UPDATE ON teaching_consent FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_consent();
--> statement-breakpoint
-- Taken back: the case is shown no more, the replay is withheld at once, in the same transaction.
CREATE FUNCTION app.follow_teaching_consent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.withdrawn_at IS NULL OR OLD.withdrawn_at IS NOT NULL THEN RETURN NULL; END IF;
  PERFORM set_config('yilian.teaching_withhold', NEW.session_id::text, true);
  UPDATE teaching_case c SET state = 'withdrawn', withdrawn_at = NEW.withdrawn_at, version = c.version + 1, updated_at = NEW.withdrawn_at
    FROM teaching_case_source o WHERE o.case_id = c.id AND o.patient_id = NEW.patient_id AND c.session_id = NEW.session_id AND c.state <> 'withdrawn';
  PERFORM set_config('yilian.teaching_withhold', '', true);
  -- What nobody has seen yet needs no withholding: the session goes on without the case.
  IF EXISTS (SELECT 1 FROM teaching_session s WHERE s.id = NEW.session_id AND s.live_at IS NOT NULL) THEN
    PERFORM app.teaching_withhold(NEW.session_id, NEW.withdrawn_at);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_consent_follow AFTER UPDATE ON teaching_consent FOR EACH ROW EXECUTE FUNCTION app.follow_teaching_consent();
--> statement-breakpoint
-- The patient's own words: which broadcasts agreed to, by the own telephone, and what they are about.
CREATE FUNCTION app.my_teaching_consents() RETURNS TABLE (id uuid, patient_id uuid, title text, starts_at timestamptz, state teaching_state, institution_id uuid, given boolean, replay boolean,
    signer_name text, recorded_at timestamptz, withdrawn_at timestamptz, withheld_at timestamptz) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT g.id, g.patient_id, s.title, s.starts_at, s.state, s.institution_id, g.given, g.replay, g.signer_name, g.recorded_at, g.withdrawn_at, s.withheld_at
  FROM teaching_consent g JOIN teaching_session s ON s.id = g.session_id WHERE app.kind() = 'patient' AND g.patient_id = ANY (app.patient_ids()) AND g.given ORDER BY g.recorded_at DESC $$;
--> statement-breakpoint
-- Whom a consent that was taken back concerns: who speaks, who plans, who made the case.
CREATE FUNCTION app.teaching_concerned(of_session uuid) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT DISTINCT x.id FROM (SELECT s.owner_id AS id FROM teaching_session s WHERE s.id = of_session UNION ALL SELECT p.person_id FROM teaching_speaker p WHERE p.session_id = of_session
    UNION ALL SELECT c.made_by FROM teaching_case c WHERE c.session_id = of_session UNION ALL SELECT c.reviewed_by FROM teaching_case c WHERE c.session_id = of_session) x
  WHERE x.id IS NOT NULL AND app.kind() IN ('staff', 'patient', 'system', 'job') $$;
--> statement-breakpoint
-- How many live where a patient is looked after: the smallest place counts.
CREATE FUNCTION app.teaching_inhabitants(of_patient uuid, on_day date) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT min(x.inhabitants) FROM (SELECT DISTINCT ON (t.institution_id) t.inhabitants FROM teaching_catchment t
    WHERE t.valid_from <= on_day AND t.institution_id IN (SELECT i.institution_id FROM patient_institution i WHERE i.patient_id = of_patient
      UNION SELECT p.managing_institution_id FROM patient p WHERE p.id = of_patient) ORDER BY t.institution_id, t.valid_from DESC) x
  WHERE app.may_see_patient(of_patient) $$;
--> statement-breakpoint
-- Numbers that count for a house on a day. The defaults are server/teaching/policy.ts's; a test compares.
CREATE FUNCTION app.teaching_policy_of(house uuid, on_day date) RETURNS teaching_policy LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE p teaching_policy;
BEGIN
  SELECT c.* INTO p FROM teaching_policy c WHERE c.institution_id = house AND c.valid_from <= on_day ORDER BY c.valid_from DESC LIMIT 1;
  IF NOT FOUND THEN p.institution_id := house; p.valid_from := '2026-01-01'; p.retention_years := 3; p.small_cell_least := 10; p.source := ''; END IF;
  RETURN p;
END $$;
--> statement-breakpoint
-- Whether a certificate is what its code says: a masked name, what it was for, nothing else.
CREATE FUNCTION app.check_teaching_certificate(of_code text) RETURNS TABLE (code text, name text, title text, issuer_id uuid, points numeric, issued_at timestamptz, revoked_at timestamptz, jws text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT c.code, c.name, coalesce(s.title, r.title), c.issuer_institution_id, c.points, c.issued_at, c.revoked_at, c.jws FROM teaching_certificate c
    LEFT JOIN teaching_session s ON s.id = c.session_id LEFT JOIN teaching_series r ON r.id = c.series_id WHERE c.code = of_code $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['teaching_deck', 'teaching_slide', 'teaching_case', 'teaching_case_item', 'teaching_case_source', 'teaching_consent', 'teaching_policy', 'teaching_catchment',
      'teaching_frequency', 'teaching_certificate', 'teaching_case_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT, UPDATE ON teaching_deck, teaching_case, teaching_consent, teaching_certificate TO yilian_app;
--> statement-breakpoint
GRANT DELETE ON teaching_deck, teaching_slide TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE, DELETE ON teaching_case_item, teaching_case_source TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON teaching_slide, teaching_policy, teaching_catchment, teaching_frequency TO yilian_app;
--> statement-breakpoint
CREATE POLICY see ON teaching_deck FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_plans(session_id)
  OR (state = 'ready' AND app.teaching_may_watch(session_id))));
--> statement-breakpoint
CREATE POLICY bring ON teaching_deck FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND app.teaching_plans(session_id) AND state = 'uploading'
  AND uploaded_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY change ON teaching_deck FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_plans(session_id));
--> statement-breakpoint
CREATE POLICY see ON teaching_slide FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND EXISTS (SELECT 1 FROM teaching_deck d WHERE d.id = deck_id));
--> statement-breakpoint
CREATE POLICY see ON teaching_case FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_plans(session_id) OR app.teaching_reviews(id) OR app.teaching_case_shown(id)));
--> statement-breakpoint
CREATE POLICY make ON teaching_case FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND app.teaching_plans(session_id) AND made_by = (SELECT app.person())
  AND state = 'draft' AND reviewed_by IS NULL);
--> statement-breakpoint
CREATE POLICY change ON teaching_case FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_plans(session_id) OR app.teaching_reviews(id)));
--> statement-breakpoint
CREATE POLICY see ON teaching_case_item FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_makes_case(case_id) OR app.teaching_reviews(case_id)
  OR app.teaching_case_shown(case_id)));
--> statement-breakpoint
CREATE POLICY make ON teaching_case_item TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_makes_case(case_id))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND app.teaching_makes_case(case_id));
--> statement-breakpoint
-- Whose case it is: where he is a patient, and who made or reviews it there.
CREATE POLICY see ON teaching_case_source FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND (app.teaching_makes_case(case_id) OR app.teaching_reviews(case_id)));
--> statement-breakpoint
CREATE POLICY make ON teaching_case_source TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND app.teaching_makes_case(case_id))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND app.teaching_makes_case(case_id) AND app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY see ON teaching_consent FOR SELECT TO yilian_app USING (CASE (SELECT app.kind()) WHEN 'patient' THEN patient_id = ANY ((SELECT app.patient_ids())::uuid[])
  WHEN 'staff' THEN institution_id = (SELECT app.institution()) AND (app.teaching_plans(session_id) OR (SELECT app.holds('teaching.review'))) ELSE false END);
--> statement-breakpoint
CREATE POLICY take ON teaching_consent FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND recorded_by = (SELECT app.person()) AND app.teaching_plans(session_id) AND app.may_see_patient(patient_id) AND withdrawn_at IS NULL);
--> statement-breakpoint
CREATE POLICY withdraw ON teaching_consent FOR UPDATE TO yilian_app USING (CASE (SELECT app.kind()) WHEN 'patient' THEN patient_id = ANY ((SELECT app.patient_ids())::uuid[])
  WHEN 'staff' THEN institution_id = (SELECT app.institution()) AND (app.teaching_plans(session_id) OR (SELECT app.holds('teaching.review'))) ELSE false END)
  WITH CHECK (CASE (SELECT app.kind()) WHEN 'patient' THEN withdrawn_by IS NULL WHEN 'staff' THEN withdrawn_by = (SELECT app.person()) ELSE false END);
--> statement-breakpoint
CREATE POLICY see ON teaching_policy FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY enter ON teaching_policy FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND entered_by = (SELECT app.person()) AND (SELECT app.holds('teaching.manage')));
--> statement-breakpoint
CREATE POLICY everyone_reads ON teaching_catchment FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY everyone_reads ON teaching_frequency FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY everyone_reads ON teaching_case_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
CREATE POLICY see ON teaching_certificate FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (person_id = (SELECT app.person())
  OR (issuer_institution_id = (SELECT app.institution()) AND ((SELECT app.holds('teaching.manage')) OR (SELECT app.holds('teaching.plan'))))
  OR (institution_id = (SELECT app.institution()) AND (SELECT app.holds('teaching.manage')))));
--> statement-breakpoint
CREATE POLICY revoke_one ON teaching_certificate FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND issuer_institution_id = (SELECT app.institution())
  AND (SELECT app.holds('teaching.manage'))) WITH CHECK (revoked_by = (SELECT app.person()));
--> statement-breakpoint
REVOKE UPDATE ON teaching_certificate FROM yilian_app;
--> statement-breakpoint
GRANT UPDATE (revoked_at, revoked_by, revoke_reason) ON teaching_certificate TO yilian_app;
--> statement-breakpoint
-- How often a diagnosis is met; to be replaced by the region's own figures. Marked where recalled.
INSERT INTO teaching_frequency (code_prefix, valid_from, per_100k, source, recalled) VALUES
  ('D69.0', '2026-01-01', 15, '过敏性紫癜：儿童年发病率约 10–20/10 万（综述，凭记忆）', true),
  ('I10', '2026-01-01', 27500, '中国成人高血压患病率 27.5%（中国高血压调查 2012–2015）', true),
  ('E11', '2026-01-01', 11000, '成人 2 型糖尿病患病率约 11%（凭记忆）', true),
  ('J06', '2026-01-01', 60000, '急性上呼吸道感染，每年人均不止一次（凭记忆）', true),
  ('D75.1', '2026-01-01', 3000, '高原红细胞增多症，海拔 4000 米以上成人约 3%（凭记忆）', true),
  ('J44', '2026-01-01', 8600, '慢阻肺患病率 8.6%（CPHS 2018）', true);
--> statement-breakpoint
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app' AND p.proname = ANY (ARRAY[
    'teaching_plans', 'teaching_reviews', 'teaching_makes_case', 'teaching_case_shown', 'guard_teaching_case', 'guard_teaching_case_item', 'guard_teaching_consent',
    'follow_teaching_consent', 'my_teaching_consents', 'teaching_concerned', 'teaching_inhabitants', 'teaching_policy_of', 'check_teaching_certificate']) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_app, yilian_owner', one);
  END LOOP;
END $$;
