-- The laboratory: what it may see, who looks twice, and what is told to whom. The services ask the same first.

-- Steps of a finding; the rows come from server/lab/domain.ts; a test compares both.
CREATE TABLE lab_finding_transition (from_state lab_finding_state NOT NULL, to_state lab_finding_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO lab_finding_transition (from_state, to_state) VALUES
  ('waiting', 'entered'), ('waiting', 'withdrawn'),
  ('entered', 'entered'), ('entered', 'confirmed'), ('entered', 'released'), ('entered', 'withdrawn'),
  ('confirmed', 'entered'), ('confirmed', 'released'), ('confirmed', 'withdrawn');
--> statement-breakpoint
CREATE FUNCTION app.needs_second(found lab_result_kind, corrects boolean) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, app, pg_temp
  AS $$ SELECT corrects OR found NOT IN ('negative', 'rejected') $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_finding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE t tube; p lab_plate; allowed text[] := ARRAY['state', 'version'];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO t FROM tube WHERE id = NEW.tube_id FOR UPDATE;
    SELECT * INTO p FROM lab_plate WHERE id = NEW.plate_id FOR SHARE;
    IF t.laboratory_id IS DISTINCT FROM NEW.laboratory_id THEN
      RAISE EXCEPTION 'not a tube of this laboratory' USING ERRCODE = '42501', CONSTRAINT = 'lab_finding_laboratory';
    END IF;
    IF NEW.version <> 1 OR NEW.state NOT IN ('waiting', 'entered') OR NEW.second_by IS NOT NULL OR p.state <> 'open' THEN
      RAISE EXCEPTION 'a finding begins without a second person, on an open plate' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_finding_order';
    END IF;
    IF NEW.replaces_id IS NULL AND t.state <> 'testing' THEN
      RAISE EXCEPTION 'the tube is %', t.state USING ERRCODE = 'YL001', CONSTRAINT = 'lab_finding_tube';
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lab_result r WHERE r.id = NEW.replaces_id AND r.tube_id = NEW.tube_id
         AND r.result <> NEW.result AND NOT EXISTS (SELECT 1 FROM lab_result n WHERE n.replaces_id = r.id)) THEN
      RAISE EXCEPTION 'a correction says something else than the last result of the same tube' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_finding_corrects';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'lab_version';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM lab_finding_transition s WHERE s.from_state = OLD.state AND s.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a finding cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'lab_finding_order';
  END IF;
  allowed := allowed || CASE NEW.state
    WHEN 'entered' THEN ARRAY['result', 'method', 'detail', 'tested_at', 'entered_by', 'entered_at', 'second_by', 'second_at', 'reason']
    WHEN 'confirmed' THEN ARRAY['second_by', 'second_at']
    WHEN 'released' THEN ARRAY['lab_result_id']
    ELSE ARRAY['reason'] END;
  IF NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ allowed THEN
    RAISE EXCEPTION 'a reading is read anew, not edited' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_finding_order';
  END IF;
  IF (NEW.state = 'entered' AND (NEW.second_by IS NOT NULL OR (app.kind() = 'staff' AND NEW.entered_by IS DISTINCT FROM app.person())))
     OR (NEW.state = 'confirmed' AND (NEW.second_by IS NULL OR (app.kind() = 'staff' AND NEW.second_by IS DISTINCT FROM app.person()))) THEN
    RAISE EXCEPTION 'in the own name' USING ERRCODE = '42501', CONSTRAINT = 'lab_finding_name';
  END IF;
  IF NEW.state = 'released' AND app.needs_second(OLD.result, OLD.replaces_id IS NOT NULL) AND OLD.state <> 'confirmed' THEN
    RAISE EXCEPTION 'nobody has looked a second time' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_result_two_persons';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER lab_finding_guard BEFORE INSERT OR UPDATE ON lab_finding FOR EACH ROW EXECUTE FUNCTION app.guard_finding();
--> statement-breakpoint
-- What is not plainly negative, and every correction, counts only after a second person has looked.
CREATE FUNCTION app.guard_two_persons() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF app.kind() = 'staff' AND app.needs_second(NEW.result, NEW.replaces_id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM lab_finding f
       WHERE f.tube_id = NEW.tube_id AND f.state = 'confirmed' AND f.result = NEW.result AND f.replaces_id IS NOT DISTINCT FROM NEW.replaces_id) THEN
    RAISE EXCEPTION 'nobody has looked a second time' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_result_two_persons';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER lab_result_two_persons BEFORE INSERT ON lab_result FOR EACH ROW EXECUTE FUNCTION app.guard_two_persons();
--> statement-breakpoint
CREATE FUNCTION app.guard_plate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 OR (NEW.laboratory_id, NEW.code, NEW.source, NEW.opened_by, NEW.opened_at) IS DISTINCT FROM
       (OLD.laboratory_id, OLD.code, OLD.source, OLD.opened_by, OLD.opened_at) OR OLD.state = 'released' THEN
    RAISE EXCEPTION 'a plate stands as it was opened' USING ERRCODE = 'YL002', CONSTRAINT = 'lab_version';
  END IF;
  IF NEW.state = 'released' AND EXISTS (SELECT 1 FROM lab_finding f WHERE f.plate_id = NEW.id AND f.state IN ('waiting', 'entered', 'confirmed')) THEN
    RAISE EXCEPTION 'something on it still waits' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_plate_done';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER lab_plate_guard BEFORE UPDATE ON lab_plate FOR EACH ROW EXECUTE FUNCTION app.guard_plate();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['lab_policy', 'lab_reception_note', 'lab_plate', 'lab_finding', 'lab_import', 'recall_call', 'lab_finding_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['lab_policy', 'lab_finding_transition'] LOOP
    EXECUTE format('CREATE POLICY everyone_reads ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) = ''staff'')', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['lab_reception_note', 'lab_plate', 'lab_finding', 'lab_import'] LOOP
    EXECUTE format('CREATE POLICY lab ON public.%I FOR SELECT TO yilian_app USING (laboratory_id = (SELECT app.my_lab()))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['lab_plate', 'lab_finding', 'lab_import'] LOOP
    EXECUTE format('CREATE POLICY lab_write ON public.%I FOR INSERT TO yilian_app WITH CHECK (laboratory_id = (SELECT app.my_lab()) AND (SELECT app.holds(''lab.report'')))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['lab_plate', 'lab_finding'] LOOP
    EXECUTE format('CREATE POLICY lab_step ON public.%I FOR UPDATE TO yilian_app USING (laboratory_id = (SELECT app.my_lab()) AND (SELECT app.holds(''lab.report'')))', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY lab_write ON lab_reception_note FOR INSERT TO yilian_app WITH CHECK (laboratory_id = (SELECT app.my_lab()) AND by = (SELECT app.person()) AND (SELECT app.holds('lab.receive')));
--> statement-breakpoint
CREATE POLICY lab_settle ON lab_reception_note FOR UPDATE TO yilian_app USING (laboratory_id = (SELECT app.my_lab()) AND (SELECT app.holds('lab.receive')));
--> statement-breakpoint
CREATE POLICY lead ON recall_call FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM recall c WHERE c.id = recall_id AND c.institution_id = (SELECT app.leads_sampling())));
--> statement-breakpoint
CREATE POLICY lead_try ON recall_call FOR UPDATE TO yilian_app USING (EXISTS (SELECT 1 FROM recall c WHERE c.id = recall_id AND c.institution_id = (SELECT app.leads_sampling())));
--> statement-breakpoint
GRANT INSERT ON lab_reception_note, lab_plate, lab_finding, lab_import, recall_call TO yilian_app;
--> statement-breakpoint
GRANT UPDATE ON lab_finding TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (state, version, released_by, released_at) ON lab_plate TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (settled_at, settled_by) ON lab_reception_note TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (attempts, last_at, last_outcome, last_by) ON recall_call TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON lab_policy TO yilian_app;
--> statement-breakpoint
-- A laboratory sees codes. Whose a tube is it knows only when somebody is alone in it, and never a telephone.
CREATE OR REPLACE FUNCTION app.samples_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM test_registration r WHERE r.patient_id = patient AND r.site_id = ANY (app.my_sites()))
          OR (app.holds('sampling.lead') AND EXISTS (SELECT 1 FROM recall c WHERE c.patient_id = patient AND c.institution_id = app.institution()))
          OR (app.holds('lab.report') AND EXISTS (SELECT 1 FROM tube_member m JOIN tube t ON t.id = m.tube_id
            WHERE m.patient_id = patient AND m.active AND t.size = 1 AND t.laboratory_id = app.institution() AND t.received_at IS NOT NULL)) $$;
--> statement-breakpoint
DROP POLICY sampled_see ON patient_contact;
--> statement-breakpoint
CREATE POLICY sampled_see ON patient_contact FOR SELECT TO yilian_app USING (((SELECT app.holds('sampling.collect')) OR (SELECT app.holds('sampling.lead'))) AND app.samples_patient(patient_id));
--> statement-breakpoint
DROP POLICY lab ON tube_member;
--> statement-breakpoint
CREATE POLICY lab ON tube_member FOR SELECT TO yilian_app USING (size = 1 AND (SELECT app.holds('lab.report'))
  AND EXISTS (SELECT 1 FROM tube t WHERE t.id = tube_id AND t.laboratory_id = (SELECT app.my_lab()) AND t.received_at IS NOT NULL));
--> statement-breakpoint
DROP POLICY lab ON recall;
--> statement-breakpoint
DROP POLICY lab_step ON recall;
--> statement-breakpoint
DROP POLICY lab ON person_result;
--> statement-breakpoint
CREATE POLICY lab ON person_result FOR SELECT TO yilian_app USING (single AND (SELECT app.holds('lab.report'))
  AND EXISTS (SELECT 1 FROM lab_result r WHERE r.id = lab_result_id AND r.laboratory_id = (SELECT app.my_lab())));
--> statement-breakpoint
-- Whoever receives may refuse a tube: the step belongs to the laboratory, the row of lab_result says why.
CREATE OR REPLACE FUNCTION app.tube_sides(t tube) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.internal() THEN ARRAY['site', 'courier', 'lab', 'result'] ELSE array_remove(ARRAY[
      CASE WHEN app.may_collect(t.site_id, t.opened_at) THEN 'site' END,
      CASE WHEN app.my_courier() IN (t.institution_id, t.laboratory_id) THEN 'courier' END,
      CASE WHEN app.my_lab() = t.laboratory_id THEN 'lab' END,
      CASE WHEN app.my_lab() = t.laboratory_id THEN 'result' END], NULL) END $$;
--> statement-breakpoint
CREATE POLICY refuse ON lab_result FOR INSERT TO yilian_app WITH CHECK (laboratory_id = (SELECT app.my_lab()) AND reported_by = (SELECT app.person())
  AND result = 'rejected' AND replaces_id IS NULL AND (SELECT app.holds('lab.receive')));
--> statement-breakpoint
-- A scanned code may be another laboratory's, void or not sealed: said in words, without showing the row.
CREATE FUNCTION app.tube_states(codes text[]) RETURNS TABLE (code text, problem text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT c.code, CASE WHEN app.tube_serial(c.code) IS NULL THEN 'format' WHEN t.id IS NULL THEN 'unknown' WHEN t.laboratory_id IS DISTINCT FROM app.my_lab() THEN 'foreign'
            WHEN t.state = 'void' THEN 'void' WHEN t.sealed_at IS NULL THEN 'unsealed' END
        FROM (SELECT DISTINCT unnest(codes) AS code) c LEFT JOIN tube t ON t.code = c.code WHERE app.my_lab() IS NOT NULL $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.needs_second(lab_result_kind, boolean), app.guard_finding(), app.guard_two_persons(), app.guard_plate(), app.tube_states(text[]) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.needs_second(lab_result_kind, boolean), app.tube_states(text[]) TO yilian_app, yilian_owner;
--> statement-breakpoint
INSERT INTO lab_policy (valid_from, disease_code, critical_purposes, source) VALUES
  ('2020-01-20', 'covid-19', '{fever,emergency,in-outpatient}', '国家卫生健康委 2020 年第 1 号公告（m）'),
  ('2023-01-08', 'covid-19', '{fever,emergency,in-outpatient}', '国家卫生健康委 2022 年第 7 号公告：乙类乙管（m）');
--> statement-breakpoint
-- Who finds a positive says so: to the clinician who waits, and to public health.
INSERT INTO role_permission (role_code, permission) SELECT v.* FROM (VALUES ('laboratory', 'critical-value.raise'), ('laboratory', 'infectious-report.report')) v (role_code, permission)
  WHERE EXISTS (SELECT 1 FROM role r WHERE r.code = v.role_code) ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- A case that the laboratory of a house reported: the house's department knows of whom and may telephone; the reporter knows of whom.
CREATE FUNCTION app.case_of_house(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM infectious_report r WHERE r.patient_id = patient AND r.institution_id = app.institution()) $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.case_of_house(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.case_of_house(uuid) TO yilian_app, yilian_owner;
--> statement-breakpoint
CREATE POLICY see_reported ON patient FOR SELECT TO yilian_app USING (((SELECT app.holds('infectious-report.receive')) OR (SELECT app.holds('infectious-report.report'))) AND app.case_of_house(id));
--> statement-breakpoint
CREATE POLICY see_reported ON patient_contact FOR SELECT TO yilian_app USING ((SELECT app.holds('infectious-report.receive')) AND app.case_of_house(patient_id));
