-- Critical values and infectious-disease reports: who sees which row, who may take which step. The
-- services ask the same questions first; this is the last word.

-- Whether whoever acts holds a permission where he is at work now.
CREATE FUNCTION app.holds(what text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND EXISTS (
          SELECT 1 FROM role_assignment a JOIN role_permission p ON p.role_code = a.role_code
          WHERE a.person_id = app.person() AND a.institution_id = app.institution() AND p.permission = what
            AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())) $$;
--> statement-breakpoint
-- The two sides of a critical value: where it was found, and who has to act on it.
CREATE FUNCTION app.critical_value_sides(found_at uuid, told_at uuid, receiver uuid) RETURNS text[] LANGUAGE sql STABLE
  SET search_path = public, app, pg_temp AS $$ SELECT CASE WHEN app.kind() <> 'staff' THEN '{}'::text[] ELSE array_remove(ARRAY[
      CASE WHEN found_at = app.institution() AND app.holds('critical-value.raise') THEN 'finding' END,
      CASE WHEN told_at = app.institution() AND (receiver = app.person() OR app.holds('critical-value.receive')) THEN 'receiving' END], NULL) END $$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_critical_value(value uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (SELECT 1 FROM critical_value v WHERE v.id = value
          AND cardinality(app.critical_value_sides(v.institution_id, v.receiver_institution_id, v.receiver_id)) > 0) $$;
--> statement-breakpoint
-- The three owners of a report. The CDC is one from the moment the report was sent on to it.
CREATE FUNCTION app.report_sides(reported_at uuid, cdc uuid) RETURNS text[] LANGUAGE sql STABLE
  SET search_path = public, app, pg_temp AS $$ SELECT CASE WHEN app.kind() <> 'staff' THEN '{}'::text[] ELSE array_remove(ARRAY[
      CASE WHEN reported_at = app.institution() AND app.holds('infectious-report.report') THEN 'doctor' END,
      CASE WHEN reported_at = app.institution() AND app.holds('infectious-report.receive') THEN 'public-health' END,
      CASE WHEN cdc = app.institution() AND app.holds('infectious-report.file') THEN 'cdc' END], NULL) END $$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_report(report uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (SELECT 1 FROM infectious_report r WHERE r.id = report
          AND cardinality(app.report_sides(r.institution_id, r.cdc_institution_id)) > 0) $$;
--> statement-breakpoint
-- Whom the reader was told of: the person of a critical value to act on, or of a case sent on to the CDC.
CREATE FUNCTION app.told_of_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND EXISTS (SELECT 1 FROM critical_value v WHERE v.patient_id = patient AND v.state <> 'cancelled'
          AND v.receiver_institution_id = app.institution() AND (v.receiver_id = app.person() OR app.holds('critical-value.receive'))) $$;
--> statement-breakpoint
CREATE FUNCTION app.case_of_cdc(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND EXISTS (SELECT 1 FROM infectious_report r WHERE r.patient_id = patient AND r.state <> 'withdrawn'
          AND r.cdc_institution_id = app.institution() AND app.holds('infectious-report.file')) $$;
--> statement-breakpoint
-- State order, and whose step it is. The rows come from server/reporting/domain.ts; a test compares both.
CREATE TABLE critical_value_transition (from_state critical_value_state NOT NULL, to_state critical_value_state NOT NULL,
  side text NOT NULL CHECK (side IN ('finding', 'receiving')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO critical_value_transition (from_state, to_state, side) VALUES
  ('open', 'received', 'receiving'), ('open', 'received', 'finding'),
  ('open', 'open', 'finding'), ('open', 'open', 'receiving'),
  ('open', 'cancelled', 'finding'),
  ('received', 'acted', 'receiving'),
  ('received', 'cancelled', 'finding');
--> statement-breakpoint
CREATE TABLE infectious_report_transition (from_state infectious_report_state NOT NULL, to_state infectious_report_state NOT NULL,
  side text NOT NULL CHECK (side IN ('doctor', 'public-health', 'cdc')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO infectious_report_transition (from_state, to_state, side) VALUES
  ('reported', 'received', 'public-health'), ('reported', 'returned', 'public-health'), ('reported', 'corrected', 'doctor'),
  ('reported', 'withdrawn', 'doctor'), ('reported', 'withdrawn', 'public-health'),
  ('returned', 'corrected', 'doctor'), ('returned', 'withdrawn', 'doctor'), ('returned', 'withdrawn', 'public-health'),
  ('corrected', 'received', 'public-health'), ('corrected', 'returned', 'public-health'), ('corrected', 'corrected', 'doctor'),
  ('corrected', 'withdrawn', 'doctor'), ('corrected', 'withdrawn', 'public-health'),
  ('received', 'filed', 'cdc'), ('received', 'returned', 'cdc'), ('received', 'corrected', 'doctor'), ('received', 'withdrawn', 'public-health'),
  ('filed', 'corrected', 'doctor'), ('filed', 'withdrawn', 'cdc');
--> statement-breakpoint
CREATE FUNCTION app.guard_critical_value() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  changed text[];
  sides text[];
  allowed text[] := ARRAY['state', 'version', 'updated_at'];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'open' OR NEW.version <> 1 OR NEW.escalation_level <> 0 OR num_nonnulls(NEW.read_back_words, NEW.read_back_name,
         NEW.read_back_recorded_by, NEW.read_back_at, NEW.act_due_at, NEW.action_taken, NEW.acted_by, NEW.acted_at, NEW.cancelled_by,
         NEW.cancelled_at, NEW.cancel_reason, NEW.escalated_at) > 0 THEN
      RAISE EXCEPTION 'a critical value begins open' USING ERRCODE = 'YL001', CONSTRAINT = 'critical_value_state_order';
    END IF;
  ELSE
    changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
    -- An alarm is no change that a page has to know of before it saves.
    IF app.internal() AND changed <@ ARRAY['escalation_level', 'escalated_at', 'updated_at'] THEN RETURN NEW; END IF;
    IF NEW.version <> OLD.version + 1 THEN
      RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'reporting_version';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM critical_value_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
      RAISE EXCEPTION 'a critical value cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'critical_value_state_order';
    END IF;
    allowed := allowed || CASE NEW.state
      WHEN 'open' THEN ARRAY['receiver_id', 'receiver_institution_id', 'receiver_name', 'receiver_phone_cipher']
      WHEN 'received' THEN ARRAY['read_back_words', 'read_back_name', 'read_back_recorded_by', 'read_back_at', 'act_due_at', 'escalation_level', 'escalated_at']
      WHEN 'acted' THEN ARRAY['action_taken', 'acted_by', 'acted_at']
      ELSE ARRAY['cancelled_by', 'cancelled_at', 'cancel_reason'] END;
    IF NOT changed <@ allowed OR (NEW.escalation_level <> OLD.escalation_level AND NEW.escalation_level <> 0) THEN
      RAISE EXCEPTION 'what was found stands; a stamp is set by its step' USING ERRCODE = 'YL001', CONSTRAINT = 'critical_value_stamp';
    END IF;
    IF app.kind() = 'staff' THEN
      sides := app.critical_value_sides(OLD.institution_id, OLD.receiver_institution_id, OLD.receiver_id);
      IF NOT EXISTS (SELECT 1 FROM critical_value_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state AND t.side = ANY (sides))
         OR (NEW.state = 'received' AND NEW.read_back_recorded_by IS DISTINCT FROM app.person())
         OR (NEW.state = 'acted' AND NEW.acted_by IS DISTINCT FROM app.person())
         OR (NEW.state = 'cancelled' AND NEW.cancelled_by IS DISTINCT FROM app.person()) THEN
        RAISE EXCEPTION 'not a step of this side, or not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'critical_value_side';
      END IF;
    END IF;
  END IF;
  -- Told at home, or on the two sides of the consult it was found in; to somebody who works there.
  IF NEW.receiver_institution_id <> NEW.institution_id AND NOT EXISTS (SELECT 1 FROM consult c WHERE c.id = NEW.consult_id
       AND NEW.institution_id IN (c.inviting_institution_id, c.invited_institution_id)
       AND NEW.receiver_institution_id IN (c.inviting_institution_id, c.invited_institution_id)) THEN
    RAISE EXCEPTION 'the receiver is of another hospital' USING ERRCODE = '42501', CONSTRAINT = 'critical_value_receiver_side';
  END IF;
  IF NEW.receiver_id IS NOT NULL AND NEW.state = 'open' AND NOT EXISTS (SELECT 1 FROM role_assignment a
       WHERE a.person_id = NEW.receiver_id AND a.institution_id = NEW.receiver_institution_id) THEN
    RAISE EXCEPTION 'the receiver does not work there' USING ERRCODE = 'YL001', CONSTRAINT = 'critical_value_receiver_post';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER critical_value_guard BEFORE INSERT OR UPDATE ON critical_value FOR EACH ROW EXECUTE FUNCTION app.guard_critical_value();
--> statement-breakpoint
-- The clock of a report is the law's: the diagnosis and the time of the disease's class on that day.
CREATE FUNCTION app.assert_report_clock(report infectious_report) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM notifiable_disease d WHERE d.code = report.disease_code AND d.disease_class = report.disease_class
       AND d.managed_as_a = report.managed_as_a
       AND (report.diagnosed_at AT TIME ZONE 'Asia/Shanghai')::date >= d.valid_from
       AND (d.valid_until IS NULL OR (report.diagnosed_at AT TIME ZONE 'Asia/Shanghai')::date < d.valid_until)
       AND report.due_at = report.diagnosed_at + make_interval(mins => coalesce(d.report_minutes,
         CASE WHEN d.disease_class = 'A' OR d.managed_as_a THEN 120 ELSE 1440 END))) THEN
    RAISE EXCEPTION 'not the clock of this disease' USING ERRCODE = 'YL001', CONSTRAINT = 'infectious_report_clock';
  END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_infectious_report() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  changed text[];
  sides text[];
  actor uuid;
  allowed text[] := ARRAY['state', 'version', 'updated_at', 'escalation_level', 'escalated_at'];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'reported' OR NEW.version <> 1 OR NEW.escalation_level <> 0 OR num_nonnulls(NEW.corrected_by, NEW.corrected_at,
         NEW.received_by, NEW.received_at, NEW.cdc_institution_id, NEW.filed_by, NEW.filed_at, NEW.filed_number, NEW.returned_by,
         NEW.returned_at, NEW.return_reason, NEW.withdrawn_by, NEW.withdrawn_at, NEW.withdraw_reason, NEW.escalated_at) > 0 THEN
      RAISE EXCEPTION 'a report begins as reported' USING ERRCODE = 'YL001', CONSTRAINT = 'infectious_report_state_order';
    END IF;
    PERFORM app.assert_report_clock(NEW);
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF app.internal() AND changed <@ ARRAY['escalation_level', 'escalated_at', 'updated_at'] THEN RETURN NEW; END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'reporting_version';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM infectious_report_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a report cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'infectious_report_state_order';
  END IF;
  allowed := allowed || CASE NEW.state
    WHEN 'corrected' THEN ARRAY['disease_code', 'disease_name', 'disease_class', 'managed_as_a', 'diagnosis_kind', 'diagnosed_at', 'onset_on',
      'current_address', 'workplace', 'note', 'due_at', 'urgent', 'corrected_by', 'corrected_at']
    WHEN 'received' THEN ARRAY['received_by', 'received_at', 'cdc_institution_id']
    WHEN 'filed' THEN ARRAY['filed_by', 'filed_at', 'filed_number']
    WHEN 'returned' THEN ARRAY['returned_by', 'returned_at', 'return_reason']
    ELSE ARRAY['withdrawn_by', 'withdrawn_at', 'withdraw_reason'] END;
  IF NOT changed <@ allowed OR (NEW.escalation_level <> OLD.escalation_level AND NEW.escalation_level <> 0) THEN
    RAISE EXCEPTION 'what was reported stands until it is corrected; a stamp is set by its step' USING ERRCODE = 'YL001', CONSTRAINT = 'infectious_report_stamp';
  END IF;
  IF app.kind() = 'staff' THEN
    sides := app.report_sides(OLD.institution_id, OLD.cdc_institution_id);
    actor := CASE NEW.state WHEN 'corrected' THEN NEW.corrected_by WHEN 'received' THEN NEW.received_by WHEN 'filed' THEN NEW.filed_by
      WHEN 'returned' THEN NEW.returned_by ELSE NEW.withdrawn_by END;
    IF actor IS DISTINCT FROM app.person() OR NOT EXISTS (SELECT 1 FROM infectious_report_transition t
         WHERE t.from_state = OLD.state AND t.to_state = NEW.state AND t.side = ANY (sides)) THEN
      RAISE EXCEPTION 'not a step of this owner, or not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'infectious_report_side';
    END IF;
  END IF;
  IF NEW.state = 'received' AND NOT EXISTS (SELECT 1 FROM reporting_setting s
       WHERE s.institution_id = NEW.institution_id AND s.cdc_institution_id = NEW.cdc_institution_id) THEN
    RAISE EXCEPTION 'not the CDC of this district' USING ERRCODE = '42501', CONSTRAINT = 'infectious_report_cdc';
  END IF;
  IF NEW.state = 'corrected' THEN PERFORM app.assert_report_clock(NEW); END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER infectious_report_guard BEFORE INSERT OR UPDATE ON infectious_report FOR EACH ROW EXECUTE FUNCTION app.guard_infectious_report();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['reporting_setting', 'notifiable_disease', 'critical_value', 'critical_value_step', 'critical_value_transition',
    'infectious_report', 'infectious_report_step', 'infectious_report_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING (app.internal()) WITH CHECK (app.internal())', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY staff_read ON notifiable_disease FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON reporting_setting FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
-- An administrator sets clocks and telephones of the own institution, by a new dated row.
CREATE POLICY manage ON reporting_setting FOR INSERT TO yilian_app WITH CHECK (institution_id = app.institution() AND app.holds('directory.manage'));
--> statement-breakpoint
CREATE POLICY see ON critical_value FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND app.institution() IN (institution_id, receiver_institution_id)
  AND cardinality(app.critical_value_sides(institution_id, receiver_institution_id, receiver_id)) > 0);
--> statement-breakpoint
CREATE POLICY raise ON critical_value FOR INSERT TO yilian_app WITH CHECK (app.holds('critical-value.raise') AND institution_id = app.institution()
  AND found_by = app.person() AND app.may_see_patient(patient_id)
  AND (consult_id IS NULL OR (app.may_see_consult(consult_id) AND EXISTS (SELECT 1 FROM consult c WHERE c.id = consult_id AND c.patient_id = critical_value.patient_id))));
--> statement-breakpoint
-- Which step and which columns is asked by the trigger critical_value_guard.
CREATE POLICY step ON critical_value FOR UPDATE TO yilian_app USING (app.kind() = 'staff' AND app.institution() IN (institution_id, receiver_institution_id)
  AND cardinality(app.critical_value_sides(institution_id, receiver_institution_id, receiver_id)) > 0);
--> statement-breakpoint
CREATE POLICY see ON infectious_report FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND app.institution() IN (institution_id, cdc_institution_id)
  AND cardinality(app.report_sides(institution_id, cdc_institution_id)) > 0);
--> statement-breakpoint
CREATE POLICY report ON infectious_report FOR INSERT TO yilian_app WITH CHECK (app.holds('infectious-report.report') AND institution_id = app.institution()
  AND reported_by = app.person() AND app.may_see_patient(patient_id)
  AND (consult_id IS NULL OR (app.may_see_consult(consult_id) AND EXISTS (SELECT 1 FROM consult c WHERE c.id = consult_id AND c.patient_id = infectious_report.patient_id))));
--> statement-breakpoint
CREATE POLICY step ON infectious_report FOR UPDATE TO yilian_app USING (app.kind() = 'staff' AND app.institution() IN (institution_id, cdc_institution_id)
  AND cardinality(app.report_sides(institution_id, cdc_institution_id)) > 0);
--> statement-breakpoint
CREATE POLICY see ON critical_value_step FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND app.may_see_critical_value(critical_value_id));
--> statement-breakpoint
CREATE POLICY write ON critical_value_step FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff' AND app.may_see_critical_value(critical_value_id)
  AND by_person_id = app.person() AND by_institution_id = app.institution() AND by_name = app.own_name());
--> statement-breakpoint
CREATE POLICY see ON infectious_report_step FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND app.may_see_report(report_id));
--> statement-breakpoint
CREATE POLICY write ON infectious_report_step FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff' AND app.may_see_report(report_id)
  AND by_person_id = app.person() AND by_institution_id = app.institution() AND by_name = app.own_name());
--> statement-breakpoint
-- Whoever has to act on a value, and the CDC of a case, know of whom; the CDC may telephone.
CREATE POLICY see_told ON patient FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND (app.told_of_patient(id) OR app.case_of_cdc(id)));
--> statement-breakpoint
CREATE POLICY see_case ON patient_contact FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND app.case_of_cdc(patient_id));
--> statement-breakpoint
GRANT INSERT, UPDATE ON notifiable_disease, reporting_setting, critical_value, infectious_report TO yilian_app;
--> statement-breakpoint
-- What happened stays: steps are only added.
GRANT INSERT ON critical_value_step, infectious_report_step TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE critical_value_step_id_seq, infectious_report_step_id_seq TO yilian_app;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO yilian_app, yilian_owner;
