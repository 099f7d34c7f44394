-- Formularies and prescriptions: who sees and writes what, in which order a prescription goes, and that it is filled once.
-- The services ask the same questions first; this is the last word.
CREATE SEQUENCE prescription_number;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE prescription_number TO yilian_app;
--> statement-breakpoint
-- A version stands once a second person has published it.
CREATE FUNCTION app.guard_formulary_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'formulary_version_stands';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF app.kind() = 'staff' AND (NEW.state <> 'draft' OR NEW.starter OR NEW.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a version begins as a draft of its author' USING ERRCODE = '42501', CONSTRAINT = 'formulary_version_author';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF OLD.state = 'published' AND NOT (OLD.starter AND app.internal()) THEN
    RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'formulary_version_stands';
  END IF;
  IF NEW.state = 'draft' THEN
    IF NOT changed <@ ARRAY['content', 'note', 'valid_from'] OR (app.kind() = 'staff' AND OLD.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a draft is its author''s' USING ERRCODE = '42501', CONSTRAINT = 'formulary_version_author';
    END IF;
  ELSIF OLD.state = 'draft' THEN
    IF NOT changed <@ ARRAY['state', 'published_by', 'published_at', 'valid_from'] OR NEW.valid_from < OLD.valid_from THEN
      RAISE EXCEPTION 'what is published is what was read' USING ERRCODE = 'YL001', CONSTRAINT = 'formulary_version_stands';
    END IF;
    IF app.kind() = 'staff' AND NEW.published_by IS DISTINCT FROM app.person() THEN
      RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'formulary_version_publisher';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER formulary_version_guard BEFORE INSERT OR UPDATE OR DELETE ON formulary_version FOR EACH ROW EXECUTE FUNCTION app.guard_formulary_version();
--> statement-breakpoint
-- State order, and whose step it is. The rows come from server/prescription/states.ts; a test compares both.
CREATE TABLE prescription_transition (from_state prescription_state NOT NULL, to_state prescription_state NOT NULL,
  side text NOT NULL CHECK (side IN ('doctor', 'reviewer', 'pharmacy', 'system')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO prescription_transition (from_state, to_state, side) VALUES
  ('draft', 'pending-review', 'doctor'), ('draft', 'cancelled', 'doctor'),
  ('pending-review', 'approved', 'reviewer'), ('pending-review', 'returned', 'reviewer'), ('pending-review', 'cancelled', 'doctor'), ('pending-review', 'expired', 'system'),
  ('returned', 'draft', 'doctor'), ('returned', 'cancelled', 'doctor'), ('returned', 'expired', 'system'),
  ('approved', 'dispensed', 'pharmacy'), ('approved', 'cancelled', 'doctor'), ('approved', 'expired', 'system'),
  ('dispensed', 'collected', 'pharmacy'), ('dispensed', 'cancelled', 'pharmacy');
--> statement-breakpoint
-- A pharmacy of an allied house sees a prescription from when it was shown the code.
CREATE FUNCTION app.opened_prescription(of_prescription uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.holds('prescription.dispense') AND EXISTS (SELECT 1 FROM prescription_opening o WHERE o.prescription_id = of_prescription AND o.institution_id = app.institution()) $$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_prescription(of_prescription uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (SELECT 1 FROM prescription p WHERE p.id = of_prescription AND CASE app.kind()
          WHEN 'patient' THEN p.patient_id = ANY (app.patient_ids()) AND p.state NOT IN ('draft', 'returned')
          WHEN 'staff' THEN (p.institution_id = app.institution() AND (p.doctor_id = app.person()
              OR (p.state <> 'draft' AND (app.holds('prescription.write') OR app.holds('prescription.review') OR app.holds('prescription.dispense')))))
            OR app.opened_prescription(p.id)
          ELSE false END) $$;
--> statement-breakpoint
-- The sides of a prescription that whoever acts is on.
CREATE FUNCTION app.prescription_sides(p prescription) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.internal() THEN ARRAY['system'] WHEN app.kind() <> 'staff' THEN '{}'::text[] ELSE array_remove(ARRAY[
          CASE WHEN p.institution_id = app.institution() AND p.doctor_id = app.person() AND app.holds('prescription.write') THEN 'doctor' END,
          CASE WHEN p.institution_id = app.institution() AND p.doctor_id <> app.person() AND app.holds('prescription.review') THEN 'reviewer' END,
          CASE WHEN app.holds('prescription.dispense') AND (p.institution_id = app.institution() OR app.opened_prescription(p.id)) THEN 'pharmacy' END], NULL) END $$;
--> statement-breakpoint
-- The visit is there, is this patient's at this house, and is going on.
CREATE FUNCTION app.prescribing_encounter(of_kind prescription_encounter, of_id uuid, of_patient uuid, house uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE of_kind
      WHEN 'appointment' THEN EXISTS (SELECT 1 FROM appointment a WHERE a.id = of_id AND a.institution_id = house AND a.state = 'in-consultation'
        AND a.patient_id = ANY (app.same_person(of_patient)))
      WHEN 'consult' THEN EXISTS (SELECT 1 FROM consult c WHERE c.id = of_id AND c.inviting_institution_id = house
        AND c.state IN ('in-session', 'interrupted', 'opinion-pending', 'signed', 'acknowledged') AND c.patient_id = ANY (app.same_person(of_patient)))
      ELSE EXISTS (SELECT 1 FROM fever_visit f WHERE f.id = of_id AND f.institution_id = house AND f.ended_at IS NULL AND f.seen_by IS NOT NULL
        AND f.patient_id = ANY (app.same_person(of_patient))) END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_prescription() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  sides text[];
  changed text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a prescription stays' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_stands';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' OR NEW.jws IS NOT NULL OR (app.kind() = 'staff' AND (NEW.doctor_id <> app.person() OR NEW.institution_id <> app.institution())) THEN
      RAISE EXCEPTION 'a prescription begins as its doctor''s draft' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_state_order';
    END IF;
    IF NOT app.prescribing_encounter(NEW.encounter_kind, NEW.encounter_id, NEW.patient_id, NEW.institution_id) THEN
      RAISE EXCEPTION 'no visit is going on' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_encounter_open';
    END IF;
    RETURN NEW;
  END IF;
  sides := app.prescription_sides(OLD);
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF cardinality(changed) > 0 AND NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'somebody changed it meanwhile' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_version';
  END IF;
  IF changed && ARRAY['id', 'number', 'institution_id', 'patient_id', 'doctor_id', 'encounter_kind', 'encounter_id', 'channel', 'created_at', 'repeat_of'] THEN
    RAISE EXCEPTION 'whose it is stays' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_fixed';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM prescription_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state AND t.side = ANY (sides)) THEN
    RAISE EXCEPTION 'a prescription cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_state_order';
  END IF;
  -- What was signed stands until its doctor takes it up again.
  IF OLD.state <> 'draft' AND NEW.state <> 'draft' AND NOT changed <@ ARRAY['state', 'version', 'updated_at', 'reviewed_by', 'reviewed_at', 'return_reason', 'return_note',
      'end_reason', 'code_index', 'code_cipher'] THEN
    RAISE EXCEPTION 'what was signed stands' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_stands';
  END IF;
  IF OLD.state = 'draft' AND NOT sides && ARRAY['doctor', 'system'] THEN
    RAISE EXCEPTION 'a draft is its doctor''s' USING ERRCODE = '42501', CONSTRAINT = 'prescription_stands';
  END IF;
  IF NEW.state <> OLD.state AND NEW.state IN ('approved', 'returned') AND NEW.reviewed_by IS DISTINCT FROM app.person() THEN
    RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'prescription_reviewed';
  END IF;
  IF NEW.state <> OLD.state AND NEW.state IN ('dispensed', 'collected') AND NOT EXISTS (
      SELECT 1 FROM prescription_dispense d WHERE d.prescription_id = NEW.id AND d.taken_back_at IS NULL AND (app.internal() OR d.institution_id = app.institution())) THEN
    RAISE EXCEPTION 'nobody has filled it' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_filled';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER prescription_guard BEFORE INSERT OR UPDATE OR DELETE ON prescription FOR EACH ROW EXECUTE FUNCTION app.guard_prescription();
--> statement-breakpoint
-- Lines change while it is a draft.
CREATE FUNCTION app.guard_prescription_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE of_prescription uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.prescription_id ELSE NEW.prescription_id END;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM prescription p WHERE p.id = of_prescription AND p.state = 'draft') THEN
    RAISE EXCEPTION 'what was signed stands' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_stands';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER prescription_line_guard BEFORE INSERT OR UPDATE OR DELETE ON prescription_line FOR EACH ROW EXECUTE FUNCTION app.guard_prescription_line();
--> statement-breakpoint
-- The filling: only of what is approved and still good; later only how it went on.
CREATE FUNCTION app.guard_prescription_dispense() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE p prescription; changed text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a filling stays' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_filled';
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO p FROM prescription WHERE id = NEW.prescription_id FOR UPDATE;
    IF p.state <> 'approved' THEN
      RAISE EXCEPTION 'it is filled or over' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_filled';
    END IF;
    IF NEW.prepared_at >= p.valid_until THEN
      RAISE EXCEPTION 'it is not valid any more' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_over';
    END IF;
    IF app.kind() = 'staff' AND (NEW.institution_id <> app.institution() OR NEW.prepared_by <> app.person() OR NOT 'pharmacy' = ANY (app.prescription_sides(p))) THEN
      RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'prescription_filled';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NOT changed <@ ARRAY['delivery_state', 'carrier', 'tracking_number', 'tracking_text', 'collected_at', 'handed_over_by', 'proxy_name', 'proxy_id_cipher',
      'patient_id_seen', 'taken_back_at', 'taken_back_reason'] OR OLD.collected_at IS NOT NULL OR OLD.taken_back_at IS NOT NULL THEN
    RAISE EXCEPTION 'a filling stands' USING ERRCODE = 'YL001', CONSTRAINT = 'prescription_filled';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER prescription_dispense_guard BEFORE INSERT OR UPDATE OR DELETE ON prescription_dispense FOR EACH ROW EXECUTE FUNCTION app.guard_prescription_dispense();
--> statement-breakpoint
-- The code was said: this house sees the prescription from now on. Only pharmacies of the own house and of allied ones.
CREATE FUNCTION app.open_prescription(of_code bytea, at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE found uuid;
BEGIN
  IF NOT app.holds('prescription.dispense') THEN RETURN NULL; END IF;
  SELECT p.id INTO found FROM prescription p WHERE p.code_index = of_code AND p.state IN ('approved', 'dispensed') AND (p.institution_id = app.institution()
    OR EXISTS (SELECT 1 FROM alliance_member a JOIN alliance_member b ON b.alliance_id = a.alliance_id
      WHERE a.institution_id = app.institution() AND b.institution_id = p.institution_id));
  IF found IS NOT NULL THEN
    INSERT INTO prescription_opening (prescription_id, institution_id, opened_by, opened_at) VALUES (found, app.institution(), app.person(), at) ON CONFLICT DO NOTHING;
  END IF;
  RETURN found;
END $$;
--> statement-breakpoint
-- Medicines that somebody was given by prescription and has not used up: of every house, without anything else of it.
CREATE FUNCTION app.prescribed_medicines(of_patient uuid, house uuid, now_at timestamptz) RETURNS TABLE (medicine jsonb, code text, dose double precision, frequency text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT l.medicine, l.medicine_code, l.dose, l.frequency FROM prescription p JOIN prescription_line l ON l.prescription_id = p.id
        WHERE p.patient_id = ANY (app.same_person(of_patient)) AND p.institution_id = house AND app.may_see_patient(of_patient)
          AND p.state IN ('approved', 'dispensed', 'collected') AND p.signed_at + make_interval(days => l.days) > now_at
          AND (app.internal() OR house = app.institution()) $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['formulary_version', 'prescription', 'prescription_line', 'prescription_step', 'prescription_talk', 'prescription_opening',
      'prescription_dispense', 'pharmacy_batch', 'prescription_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('REVOKE ALL ON public.%I FROM yilian_app', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT ON formulary_version, prescription, prescription_step, prescription_talk, prescription_dispense TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE, DELETE ON prescription_line TO yilian_app;
--> statement-breakpoint
GRANT INSERT, UPDATE ON pharmacy_batch TO yilian_app;
--> statement-breakpoint
GRANT UPDATE ON prescription, prescription_dispense, formulary_version TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE prescription_step_id_seq TO yilian_app;
--> statement-breakpoint
CREATE POLICY read_transitions ON prescription_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
CREATE POLICY see ON formulary_version FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (state = 'published' AND (starter OR institution_id = (SELECT app.institution())
  OR (SELECT app.holds('prescription.dispense'))) OR (institution_id = (SELECT app.institution()) AND (SELECT app.holds('formulary.manage')))));
--> statement-breakpoint
CREATE POLICY see_own ON formulary_version FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND state = 'published');
--> statement-breakpoint
CREATE POLICY write ON formulary_version FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('formulary.manage')) AND state = 'draft');
--> statement-breakpoint
CREATE POLICY change ON formulary_version FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('formulary.manage')));
--> statement-breakpoint
CREATE POLICY see ON prescription FOR SELECT TO yilian_app USING (app.may_see_prescription(id) OR ((SELECT app.kind()) = 'staff' AND doctor_id = (SELECT app.person()) AND institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY write ON prescription FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND doctor_id = (SELECT app.person()) AND (SELECT app.holds('prescription.write')) AND app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY change ON prescription FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.may_see_prescription(id));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['prescription_line', 'prescription_step', 'prescription_talk', 'prescription_dispense'] LOOP
    EXECUTE format('CREATE POLICY see ON public.%I FOR SELECT TO yilian_app USING (app.may_see_prescription(prescription_id))', name);
    EXECUTE format('CREATE POLICY write ON public.%I FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = ''staff'' AND app.may_see_prescription(prescription_id))', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY own_line ON prescription_line TO yilian_app USING (EXISTS (SELECT 1 FROM prescription p WHERE p.id = prescription_id AND p.doctor_id = (SELECT app.person()) AND p.institution_id = (SELECT app.institution())))
  WITH CHECK (EXISTS (SELECT 1 FROM prescription p WHERE p.id = prescription_id AND p.doctor_id = (SELECT app.person()) AND p.institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY go_on ON prescription_dispense FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('prescription.dispense')));
--> statement-breakpoint
CREATE POLICY see ON prescription_opening FOR SELECT TO yilian_app USING (institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY see ON pharmacy_batch FOR SELECT TO yilian_app USING (institution_id = (SELECT app.institution()) AND ((SELECT app.holds('prescription.dispense')) OR (SELECT app.holds('prescription.write')) OR (SELECT app.holds('prescription.review'))));
--> statement-breakpoint
CREATE POLICY keep ON pharmacy_batch FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('prescription.dispense')));
--> statement-breakpoint
CREATE POLICY take ON pharmacy_batch FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('prescription.dispense')));
--> statement-breakpoint
-- Whoever fills a prescription of another house sees whom it is for.
CREATE POLICY filled_here ON patient FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND EXISTS (SELECT 1 FROM prescription_opening o JOIN prescription p ON p.id = o.prescription_id
  WHERE o.institution_id = (SELECT app.institution()) AND p.patient_id = patient.id AND (SELECT app.holds('prescription.dispense'))));
--> statement-breakpoint
-- Databases that are there already get the new rights; an empty one is filled by the set-up.
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('attending-doctor', 'prescription.write'), ('community-doctor', 'prescription.write'), ('fever-doctor', 'prescription.write'),
  ('pharmacist', 'prescription.review'), ('pharmacist', 'prescription.dispense'), ('pharmacist', 'formulary.manage'), ('pharmacist', 'patient.read'), ('pharmacist', 'record.read'),
  ('clinical-administrator', 'formulary.manage')) AS p (code, permission) ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'app' AND p.proname = ANY (ARRAY[
    'guard_formulary_version', 'opened_prescription', 'may_see_prescription', 'prescription_sides', 'prescribing_encounter', 'guard_prescription',
    'guard_prescription_line', 'guard_prescription_dispense', 'open_prescription', 'prescribed_medicines']) LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO yilian_app, yilian_owner', one);
  END LOOP;
END $$;
--> statement-breakpoint
-- What becomes of a prescription goes into its house's record store.
CREATE FUNCTION app.note_prescription() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE p prescription;
BEGIN
  IF TG_TABLE_NAME = 'prescription' THEN p := NEW;
  ELSE SELECT * INTO p FROM prescription WHERE id = NEW.prescription_id;
  END IF;
  IF p.reviewed_at IS NOT NULL THEN
    PERFORM app.note_change('prescription', p.id::text, ARRAY[p.institution_id]);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER prescription_noted AFTER UPDATE ON prescription FOR EACH ROW WHEN (NEW.reviewed_at IS NOT NULL) EXECUTE FUNCTION app.note_prescription();
--> statement-breakpoint
CREATE TRIGGER prescription_dispense_noted AFTER INSERT OR UPDATE ON prescription_dispense FOR EACH ROW EXECUTE FUNCTION app.note_prescription();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.note_prescription() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.note_prescription() TO yilian_app, yilian_owner;
