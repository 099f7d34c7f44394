-- Video visits: who sees and writes what, in which order a visit goes, and that nobody prescribes in one before the
-- doctor has decided that it is a follow-up. The services ask the same questions first; this is the last word.
CREATE SEQUENCE visit_number;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE visit_number TO yilian_app;
--> statement-breakpoint
-- State order, and whose step it is. The rows come from server/visit/states.ts; a test compares both.
CREATE TABLE visit_transition (from_state visit_state NOT NULL, to_state visit_state NOT NULL,
  side text NOT NULL CHECK (side IN ('patient', 'doctor', 'system')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO visit_transition (from_state, to_state, side) VALUES
  ('requested', 'waiting', 'patient'), ('requested', 'cancelled', 'patient'), ('requested', 'missed', 'system'),
  ('waiting', 'called', 'doctor'), ('waiting', 'cancelled', 'patient'), ('waiting', 'redirected', 'doctor'), ('waiting', 'missed', 'system'),
  ('called', 'in-visit', 'system'), ('called', 'in-visit', 'doctor'), ('called', 'waiting', 'doctor'), ('called', 'cancelled', 'patient'),
  ('called', 'cancelled', 'doctor'), ('called', 'redirected', 'doctor'), ('called', 'missed', 'doctor'), ('called', 'missed', 'system'),
  ('in-visit', 'ended', 'doctor'), ('in-visit', 'redirected', 'doctor'), ('in-visit', 'cancelled', 'doctor');
--> statement-breakpoint
CREATE FUNCTION app.may_see_visit(of_visit uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (SELECT 1 FROM visit v WHERE v.id = of_visit AND CASE app.kind()
          WHEN 'patient' THEN v.patient_id = ANY (app.patient_ids())
          WHEN 'staff' THEN v.institution_id = app.institution() AND app.holds('visit.conduct')
          ELSE false END) $$;
--> statement-breakpoint
-- The sides of a visit that whoever acts is on. Who waits may be called by any doctor of the house; then it is that doctor's.
CREATE FUNCTION app.visit_sides(v visit) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.internal() THEN ARRAY['system']
          WHEN app.kind() = 'patient' AND v.patient_id = ANY (app.patient_ids()) THEN ARRAY['patient']
          WHEN app.kind() = 'staff' AND v.institution_id = app.institution() AND app.holds('visit.conduct')
            AND (v.state IN ('requested', 'waiting') OR v.doctor_id = app.person()) THEN ARRAY['doctor']
          ELSE '{}'::text[] END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  sides text[];
  changed text[];
  born date;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a visit stays' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_stands';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'requested' OR NEW.decision IS NOT NULL THEN
      RAISE EXCEPTION 'a visit begins as a request' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_state_order';
    END IF;
    RETURN NEW;
  END IF;
  sides := app.visit_sides(OLD);
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF cardinality(changed) = 0 THEN RETURN NEW; END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'somebody changed it meanwhile' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_version';
  END IF;
  IF changed && ARRAY['id', 'number', 'institution_id', 'patient_id', 'relation', 'condition', 'assessment_id', 'requested_at', 'created_at'] THEN
    RAISE EXCEPTION 'whose it is stays' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_stands';
  END IF;
  IF OLD.state IN ('ended', 'redirected', 'cancelled', 'missed') THEN
    RAISE EXCEPTION 'what is over stands' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_stands';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM visit_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state AND t.side = ANY (sides)) THEN
    RAISE EXCEPTION 'a visit cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'visit_state_order';
  END IF;
  -- What is the doctor's to say, the doctor says.
  IF changed && ARRAY['doctor_id', 'called_at', 'guardian_name', 'guardian_present', 'decision', 'decision_reason', 'decided_by', 'decided_at', 'note', 'diagnoses',
      'summary', 'return_when', 'call_when', 'redirect_kind', 'redirect_reason', 'redirect_id', 'stop_reason'] AND NOT 'doctor' = ANY (sides) THEN
    RAISE EXCEPTION 'this is the doctor''s' USING ERRCODE = '42501', CONSTRAINT = 'visit_stands';
  END IF;
  IF NEW.doctor_id IS DISTINCT FROM OLD.doctor_id AND (OLD.state <> 'waiting' OR NEW.doctor_id IS DISTINCT FROM app.person()) THEN
    RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'visit_stands';
  END IF;
  IF changed && ARRAY['decision', 'decision_reason', 'decided_by', 'decided_at'] THEN
    IF OLD.state <> 'in-visit' OR NEW.decided_by IS DISTINCT FROM app.person() THEN
      RAISE EXCEPTION 'decided by the doctor, in the visit' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_decision';
    END IF;
  END IF;
  IF NEW.decision = 'eligible' AND NOT NEW.guardian_present THEN
    SELECT p.birth_date INTO born FROM patient p WHERE p.id = NEW.patient_id;
    IF born > (NEW.updated_at AT TIME ZONE 'Asia/Shanghai')::date - interval '6 years' THEN
      RAISE EXCEPTION 'a child under 6 has a guardian present' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_guardian';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER visit_guard BEFORE INSERT OR UPDATE OR DELETE ON visit FOR EACH ROW EXECUTE FUNCTION app.guard_visit();
--> statement-breakpoint
-- Who asks a house for a visit is a patient of it.
CREATE FUNCTION app.register_for_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (NEW.patient_id, NEW.institution_id, 'visit') ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER visit_registers AFTER INSERT ON visit FOR EACH ROW EXECUTE FUNCTION app.register_for_visit();
--> statement-breakpoint
-- How many come before: who waited longer for the same doctor or for anybody of the house, and who is with that doctor now.
CREATE FUNCTION app.visits_ahead(of_visit uuid) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT count(o.id)::integer FROM visit v JOIN visit o ON o.institution_id = v.institution_id AND o.id <> v.id
          AND ((o.state = 'waiting' AND (o.waiting_at, o.id) < (v.waiting_at, v.id)) OR o.state IN ('called', 'in-visit'))
          AND (v.doctor_id IS NULL OR o.doctor_id IS NULL OR o.doctor_id = v.doctor_id)
        WHERE v.id = of_visit AND v.state = 'waiting' AND app.may_see_visit(v.id) $$;
--> statement-breakpoint
-- Who receives by video, and how many wait there: numbers, no names.
CREATE FUNCTION app.visit_doctors(at timestamptz) RETURNS TABLE (institution_id uuid, doctor_id uuid, ahead integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT d.institution_id, d.doctor_id, (SELECT count(*)::integer FROM visit v WHERE v.institution_id = d.institution_id
          AND v.state IN ('waiting', 'called', 'in-visit') AND (v.doctor_id IS NULL OR v.doctor_id = d.doctor_id))
        FROM visit_duty d WHERE d.since <= at AND d.until > at AND app.kind() <> 'none' $$;
--> statement-breakpoint
-- Who else waits there, for whoever waits or works there: the places of those behind are told when one goes.
CREATE FUNCTION app.visit_waiting(of_house uuid) RETURNS TABLE (visit_id uuid, patient_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT v.id, v.patient_id FROM visit v WHERE v.institution_id = of_house AND v.state = 'waiting'
          AND (app.internal() OR (app.kind() = 'staff' AND app.institution() = of_house AND app.holds('visit.conduct'))
            OR EXISTS (SELECT 1 FROM visit own WHERE own.institution_id = of_house AND own.patient_id = ANY (app.patient_ids()))) $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.prescribing_encounter(of_kind prescription_encounter, of_id uuid, of_patient uuid, house uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE of_kind::text
      WHEN 'appointment' THEN EXISTS (SELECT 1 FROM appointment a WHERE a.id = of_id AND a.institution_id = house AND a.state = 'in-consultation'
        AND a.patient_id = ANY (app.same_person(of_patient)))
      WHEN 'consult' THEN EXISTS (SELECT 1 FROM consult c WHERE c.id = of_id AND c.inviting_institution_id = house
        AND c.state IN ('in-session', 'interrupted', 'opinion-pending', 'signed', 'acknowledged') AND c.patient_id = ANY (app.same_person(of_patient)))
      WHEN 'video-visit' THEN EXISTS (SELECT 1 FROM visit v WHERE v.id = of_id AND v.institution_id = house AND v.state = 'in-visit' AND v.decision = 'eligible'
        AND v.patient_id = ANY (app.same_person(of_patient)) AND (app.internal() OR v.doctor_id = app.person()))
      ELSE EXISTS (SELECT 1 FROM fever_visit f WHERE f.id = of_id AND f.institution_id = house AND f.ended_at IS NULL AND f.seen_by IS NOT NULL
        AND f.patient_id = ANY (app.same_person(of_patient))) END $$;
--> statement-breakpoint
-- A prescription of a video visit is one by internet, and is signed only while the decision stands.
CREATE FUNCTION app.guard_visit_prescription() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF (NEW.encounter_kind::text = 'video-visit') <> (NEW.channel = 'internet') THEN
    RAISE EXCEPTION 'the channel is the visit''s' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_fixed';
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.encounter_kind::text = 'video-visit' AND OLD.state = 'draft' AND NEW.state = 'pending-review' AND NOT EXISTS (
      SELECT 1 FROM visit v WHERE v.id = NEW.encounter_id AND v.state IN ('in-visit', 'ended') AND v.decision = 'eligible') THEN
    RAISE EXCEPTION 'no visit that allows it' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_encounter_open';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER prescription_of_visit BEFORE INSERT OR UPDATE ON prescription FOR EACH ROW EXECUTE FUNCTION app.guard_visit_prescription();
--> statement-breakpoint
-- A decision that was prescribed on stays.
CREATE FUNCTION app.guard_visit_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM prescription p WHERE p.encounter_id = NEW.id AND p.encounter_kind::text = 'video-visit' AND p.state NOT IN ('draft', 'cancelled', 'expired')) THEN
    RAISE EXCEPTION 'something is prescribed on it' USING ERRCODE = 'YL001', CONSTRAINT = 'visit_prescribed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER visit_decision_guard BEFORE UPDATE ON visit FOR EACH ROW WHEN (OLD.decision = 'eligible' AND NEW.decision IS DISTINCT FROM OLD.decision)
  EXECUTE FUNCTION app.guard_visit_decision();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['visit', 'visit_duty', 'visit_step', 'visit_presence', 'visit_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('REVOKE ALL ON public.%I FROM yilian_app', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT, UPDATE ON visit, visit_duty TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON visit_step, visit_presence TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE visit_step_id_seq, visit_presence_id_seq TO yilian_app;
--> statement-breakpoint
CREATE POLICY read_transitions ON visit_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
CREATE POLICY see ON visit FOR SELECT TO yilian_app USING (((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]))
  OR ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('visit.conduct'))));
--> statement-breakpoint
CREATE POLICY ask ON visit FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY change ON visit FOR UPDATE TO yilian_app USING (((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]))
  OR ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('visit.conduct'))));
--> statement-breakpoint
CREATE POLICY see ON visit_step FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.may_see_visit(visit_id));
--> statement-breakpoint
CREATE POLICY write ON visit_step FOR INSERT TO yilian_app WITH CHECK (app.may_see_visit(visit_id) AND person_id IS NOT DISTINCT FROM app.person());
--> statement-breakpoint
CREATE POLICY see ON visit_presence FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.may_see_visit(visit_id));
--> statement-breakpoint
CREATE POLICY see ON visit_duty FOR SELECT TO yilian_app USING ((SELECT app.kind()) IN ('staff', 'patient'));
--> statement-breakpoint
CREATE POLICY open ON visit_duty FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND doctor_id = (SELECT app.person()) AND (SELECT app.holds('visit.conduct')));
--> statement-breakpoint
CREATE POLICY change ON visit_duty FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND doctor_id = (SELECT app.person()) AND (SELECT app.holds('visit.conduct')));
--> statement-breakpoint
-- Photos of a diagnosis, and sharp stills of the room, hang on the visit as files of a consult hang on it.
CREATE POLICY visit_see ON attachment FOR SELECT TO yilian_app USING (purpose::text IN ('evidence', 'still') AND app.may_see_visit(consult_id));
--> statement-breakpoint
CREATE POLICY visit_write ON attachment FOR INSERT TO yilian_app WITH CHECK (purpose::text IN ('evidence', 'still') AND app.may_see_visit(consult_id));
--> statement-breakpoint
CREATE POLICY visit_change ON attachment FOR UPDATE TO yilian_app USING (purpose::text IN ('evidence', 'still') AND app.may_see_visit(consult_id));
--> statement-breakpoint
-- What becomes of a visit goes into its house's record store, from when both were in the room.
CREATE FUNCTION app.note_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_change('video-visit', NEW.id::text, ARRAY[NEW.institution_id]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER visit_noted AFTER UPDATE ON visit FOR EACH ROW WHEN (NEW.started_at IS NOT NULL) EXECUTE FUNCTION app.note_visit();
--> statement-breakpoint
-- Databases that are there already get the new right; an empty one is filled by the set-up.
INSERT INTO role_permission (role_code, permission) SELECT r.code, 'visit.conduct' FROM role r WHERE r.code = 'community-doctor' ON CONFLICT DO NOTHING;
--> statement-breakpoint
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app' AND p.proname = ANY (ARRAY[
    'may_see_visit', 'visit_sides', 'guard_visit', 'register_for_visit', 'visits_ahead', 'visit_doctors', 'visit_waiting', 'guard_visit_prescription',
    'guard_visit_decision', 'note_visit']) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_app, yilian_owner', one);
  END LOOP;
END $$;
