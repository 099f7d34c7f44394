-- Sampling: what a tube may hold, who may touch it at which step, what a result means for its people. The
-- services ask the same questions first; this is the last word. A phone's steps go through app.sampling_steps.

-- State order, and whose step it is. The rows come from server/sampling/domain.ts; a test compares both.
CREATE TABLE tube_transition (from_state tube_state NOT NULL, to_state tube_state NOT NULL,
  side text NOT NULL CHECK (side IN ('site', 'courier', 'lab', 'result')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO tube_transition (from_state, to_state, side) VALUES
  ('open', 'collecting', 'site'), ('open', 'void', 'site'),
  ('collecting', 'open', 'site'), ('collecting', 'sealed', 'site'), ('collecting', 'void', 'site'),
  ('sealed', 'in-transit', 'courier'), ('sealed', 'received', 'lab'), ('sealed', 'void', 'site'),
  ('in-transit', 'received', 'lab'), ('in-transit', 'void', 'courier'), ('in-transit', 'void', 'lab'),
  ('received', 'testing', 'lab'), ('received', 'rejected', 'result'),
  ('testing', 'negative', 'result'), ('testing', 'positive', 'result'), ('testing', 'indeterminate', 'result'), ('testing', 'rejected', 'result'),
  ('negative', 'positive', 'result'), ('negative', 'indeterminate', 'result'), ('negative', 'rejected', 'result'),
  ('positive', 'negative', 'result'), ('positive', 'indeterminate', 'result'), ('positive', 'rejected', 'result'),
  ('indeterminate', 'negative', 'result'), ('indeterminate', 'positive', 'result'), ('indeterminate', 'rejected', 'result'),
  ('rejected', 'negative', 'result'), ('rejected', 'positive', 'result'), ('rejected', 'indeterminate', 'result');
--> statement-breakpoint
CREATE TABLE test_registration_transition (from_state test_registration_state NOT NULL, to_state test_registration_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO test_registration_transition (from_state, to_state) VALUES
  ('registered', 'waiting'), ('registered', 'sampled'), ('registered', 'led-away'), ('registered', 'missed'), ('registered', 'cancelled'),
  ('waiting', 'sampled'), ('waiting', 'led-away'), ('waiting', 'missed'), ('waiting', 'cancelled'),
  ('sampled', 'waiting'),
  ('led-away', 'waiting'), ('led-away', 'cancelled'),
  ('missed', 'waiting'), ('missed', 'sampled'), ('missed', 'led-away'), ('missed', 'cancelled');
--> statement-breakpoint
CREATE TABLE recall_transition (from_state recall_state NOT NULL, to_state recall_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO recall_transition (from_state, to_state) VALUES
  ('issued', 'told'), ('issued', 'sampled'), ('issued', 'withdrawn'),
  ('told', 'sampled'), ('told', 'withdrawn'),
  ('sampled', 'issued'), ('sampled', 'told'), ('sampled', 'confirmed'), ('sampled', 'repeated'), ('sampled', 'withdrawn'),
  ('confirmed', 'withdrawn');
--> statement-breakpoint
ALTER TABLE tube_batch ADD CONSTRAINT tube_batch_once EXCLUDE USING gist (size WITH =, int8range(first_serial, last_serial, '[]') WITH &&);
--> statement-breakpoint
-- Hours to a result by purpose and to a new swab by cause, minutes to the laboratory (server/sampling/domain.ts; a test compares).
CREATE FUNCTION app.result_hours(why test_purpose) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE why WHEN 'fever' THEN 6 WHEN 'emergency' THEN 6 WHEN 'in-outpatient' THEN 12 ELSE 24 END $$;
--> statement-breakpoint
CREATE FUNCTION app.recall_hours(why recall_cause) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE why WHEN 'positive' THEN 6 WHEN 'grey-zone' THEN 6 WHEN 'single-target' THEN 6 ELSE 24 END $$;
--> statement-breakpoint
CREATE FUNCTION app.lab_minutes() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 120 $$;
--> statement-breakpoint
-- The serial number in a tube's code (YT, two digits of size, eight of serial, a Luhn digit); null when it is none.
CREATE FUNCTION app.tube_serial(code text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public, app, pg_temp AS $$
DECLARE digits text; total integer := 0; d integer;
BEGIN
  IF code !~ '^YT(01|05|10|20)[0-9]{9}$' THEN RETURN NULL; END IF;
  digits := substr(code, 3);
  FOR i IN 1 .. 11 LOOP
    d := substr(digits, 12 - i, 1)::integer;
    IF i % 2 = 0 THEN d := d * 2; IF d > 9 THEN d := d - 9; END IF; END IF;
    total := total + d;
  END LOOP;
  RETURN CASE WHEN total % 10 = 0 THEN substr(code, 5, 8)::bigint END;
END $$;
--> statement-breakpoint
-- The sites whose people whoever acts may see: all of the own institution for its lead, for a sampler the one where he works.
CREATE FUNCTION app.my_sites() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.kind() <> 'staff' THEN '{}'::uuid[]
          WHEN app.holds('sampling.lead') THEN (SELECT coalesce(array_agg(s.id), '{}') FROM sampling_site s WHERE s.institution_id = app.institution())
          WHEN app.holds('sampling.collect') THEN (SELECT coalesce(array_agg(s.id), '{}') FROM sampling_duty d JOIN sampling_site s ON s.id = d.site_id
            WHERE d.person_id = app.person() AND d.ended_at IS NULL AND s.institution_id = app.institution())
          ELSE '{}'::uuid[] END $$;
--> statement-breakpoint
CREATE FUNCTION app.leads_sampling() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('sampling.lead') THEN app.institution() END $$;
--> statement-breakpoint
CREATE FUNCTION app.my_courier() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('sampling.courier') THEN app.institution() END $$;
--> statement-breakpoint
CREATE FUNCTION app.my_lab() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('lab.receive') OR app.holds('lab.report') THEN app.institution() END $$;
--> statement-breakpoint
-- A phone may still send what was done at a site on the day on which its owner worked there.
CREATE FUNCTION app.may_collect(site uuid, at_time timestamptz) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR site = ANY (app.my_sites()) OR (app.holds('sampling.collect') AND EXISTS (
          SELECT 1 FROM sampling_duty d JOIN sampling_site s ON s.id = d.site_id WHERE d.person_id = app.person() AND d.site_id = site
            AND s.institution_id = app.institution() AND d.started_at <= at_time AND coalesce(d.ended_at, at_time) >= at_time)) $$;
--> statement-breakpoint
CREATE FUNCTION app.in_sampling() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND (app.holds('sampling.collect') OR app.holds('sampling.lead') OR app.holds('lab.report')) $$;
--> statement-breakpoint
-- Who is sampled here, and whose tube the laboratory holds.
CREATE FUNCTION app.samples_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM test_registration r WHERE r.patient_id = patient AND r.site_id = ANY (app.my_sites()))
          OR (app.holds('sampling.lead') AND EXISTS (SELECT 1 FROM recall c WHERE c.patient_id = patient AND c.institution_id = app.institution()))
          OR (app.holds('lab.report') AND EXISTS (SELECT 1 FROM tube_member m JOIN tube t ON t.id = m.tube_id
            WHERE m.patient_id = patient AND t.laboratory_id = app.institution() AND t.received_at IS NOT NULL)) $$;
--> statement-breakpoint
CREATE FUNCTION app.tube_sides(t tube) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.internal() THEN ARRAY['site', 'courier', 'lab', 'result'] ELSE array_remove(ARRAY[
      CASE WHEN app.may_collect(t.site_id, t.opened_at) THEN 'site' END,
      CASE WHEN app.my_courier() IN (t.institution_id, t.laboratory_id) THEN 'courier' END,
      CASE WHEN app.my_lab() = t.laboratory_id THEN 'lab' END,
      CASE WHEN app.my_lab() = t.laboratory_id AND app.holds('lab.report') THEN 'result' END], NULL) END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_tube() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[]; allowed text[] := ARRAY['state', 'version'];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'open' OR NEW.version <> 1 OR NEW.count <> 0 OR num_nonnulls(NEW.first_sampled_at, NEW.lab_due_at, NEW.result_due_at, NEW.sealed_at,
         NEW.sealed_by, NEW.run_id, NEW.picked_up_at, NEW.received_at, NEW.received_by, NEW.testing_at, NEW.result_at, NEW.voided_at) > 0 THEN
      RAISE EXCEPTION 'a tube begins open and empty' USING ERRCODE = 'YL001', CONSTRAINT = 'tube_state_order';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'sampling_version';
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NEW.state <> OLD.state THEN
    IF NOT EXISTS (SELECT 1 FROM tube_transition s WHERE s.from_state = OLD.state AND s.to_state = NEW.state) THEN
      RAISE EXCEPTION 'a tube cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'tube_state_order';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM tube_transition s WHERE s.from_state = OLD.state AND s.to_state = NEW.state AND s.side = ANY (app.tube_sides(OLD))) THEN
      RAISE EXCEPTION 'not a step of this side' USING ERRCODE = '42501', CONSTRAINT = 'tube_side';
    END IF;
  END IF;
  allowed := allowed || CASE
    WHEN NEW.state IN ('open', 'collecting') THEN ARRAY['count', 'first_sampled_at', 'lab_due_at', 'result_due_at']
    -- Into a box, and out again before it leaves.
    WHEN NEW.state = 'sealed' AND OLD.state = 'sealed' THEN ARRAY['run_id']
    WHEN NEW.state = 'sealed' THEN ARRAY['sealed_at', 'sealed_by']
    WHEN NEW.state = 'in-transit' THEN ARRAY['run_id', 'picked_up_at']
    WHEN NEW.state = 'received' THEN ARRAY['received_at', 'received_by']
    WHEN NEW.state = 'testing' THEN ARRAY['testing_at']
    WHEN NEW.state = 'void' THEN ARRAY['void_reason', 'voided_at', 'voided_by']
    ELSE ARRAY['result_at'] END;
  IF NOT changed <@ allowed THEN
    RAISE EXCEPTION 'a sealed tube stands as it was sealed; a stamp is set by its step' USING ERRCODE = 'YL001', CONSTRAINT = 'tube_fixed';
  END IF;
  IF NEW.state = 'received' AND OLD.state <> 'received' AND (NEW.received_at IS NULL OR (app.kind() = 'staff' AND NEW.received_by IS DISTINCT FROM app.person())) THEN
    RAISE EXCEPTION 'received by whom, when' USING ERRCODE = 'YL001', CONSTRAINT = 'tube_fixed';
  END IF;
  -- What a tube holds is what a row of lab_result says, the last one.
  IF NEW.state IN ('negative', 'positive', 'indeterminate', 'rejected') AND NEW.state <> OLD.state AND NOT EXISTS (
       SELECT 1 FROM lab_result r WHERE r.tube_id = NEW.id AND app.tube_state_of(r.result) = NEW.state
         AND NOT EXISTS (SELECT 1 FROM lab_result n WHERE n.replaces_id = r.id)) THEN
    RAISE EXCEPTION 'no result says so' USING ERRCODE = 'YL001', CONSTRAINT = 'tube_result_row';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.tube_state_of(result lab_result_kind) RETURNS tube_state LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, app, pg_temp
  AS $$ SELECT (CASE result WHEN 'grey-zone' THEN 'indeterminate' WHEN 'single-target' THEN 'indeterminate' ELSE result::text END)::tube_state $$;
--> statement-breakpoint
CREATE TRIGGER tube_guard BEFORE INSERT OR UPDATE ON tube FOR EACH ROW EXECUTE FUNCTION app.guard_tube();
--> statement-breakpoint
-- A swab goes in while the tube fills, at the lowest free place; who is recalled gets a tube of his own.
CREATE FUNCTION app.guard_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE t tube; c recall;
BEGIN
  SELECT * INTO t FROM tube WHERE id = coalesce(NEW.tube_id, OLD.tube_id) FOR UPDATE;
  IF TG_OP = 'UPDATE' THEN
    IF t.state <> 'void' OR app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <> ARRAY['active'] OR NEW.active THEN
      RAISE EXCEPTION 'what was sampled stands' USING ERRCODE = 'YL001', CONSTRAINT = 'tube_sealed_fixed';
    END IF;
    RETURN NEW;
  END IF;
  IF t.state NOT IN ('open', 'collecting') THEN
    RAISE EXCEPTION 'the tube is %', t.state USING ERRCODE = 'YL001', CONSTRAINT = 'tube_sealed_fixed';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF t.count >= t.size THEN
    RAISE EXCEPTION 'the tube is full' USING ERRCODE = '23514', CONSTRAINT = 'tube_member_fits';
  END IF;
  NEW.size := t.size;
  NEW.station_id := t.station_id;
  NEW.active := true;
  SELECT r.purpose INTO NEW.purpose FROM test_registration r WHERE r.id = NEW.registration_id;
  SELECT coalesce(min(n), t.size + 1) INTO NEW.position FROM generate_series(1, t.size::integer) n
    WHERE NOT EXISTS (SELECT 1 FROM tube_member m WHERE m.tube_id = t.id AND m.position = n);
  SELECT * INTO c FROM recall WHERE patient_id = NEW.patient_id AND state IN ('issued', 'told') ORDER BY single DESC, issued_at LIMIT 1;
  NEW.recall_id := c.id;
  NEW.recall_single := c.single;
  -- Others' swabs are not put into a tube that is kept for a re-test, nor is a re-test without a recall.
  IF t.retest AND c.id IS NULL THEN
    RAISE EXCEPTION 'nobody recalled this person' USING ERRCODE = '23514', CONSTRAINT = 'tube_member_recall_single';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER tube_member_guard BEFORE INSERT OR UPDATE OR DELETE ON tube_member FOR EACH ROW EXECUTE FUNCTION app.guard_member();
--> statement-breakpoint
-- The tube's count and clocks, the registration, the recall and the appointment follow the swab.
CREATE FUNCTION app.follow_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE first timestamptz; due timestamptz; n integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE tube t SET count = t.count + 1, state = 'collecting', version = t.version + 1,
        first_sampled_at = least(t.first_sampled_at, NEW.sampled_at),
        lab_due_at = least(t.lab_due_at, NEW.sampled_at + make_interval(mins => app.lab_minutes())),
        result_due_at = least(t.result_due_at, NEW.sampled_at + make_interval(hours => app.result_hours(NEW.purpose)))
      WHERE t.id = NEW.tube_id;
    UPDATE test_registration r SET state = 'sampled', sampled_at = NEW.sampled_at, station_id = NEW.station_id, version = r.version + 1,
        arrived_at = coalesce(r.arrived_at, NEW.sampled_at) WHERE r.id = NEW.registration_id;
    IF NEW.recall_id IS NOT NULL THEN
      UPDATE recall c SET state = 'sampled', retest_tube_id = NEW.tube_id, sampled_at = NEW.sampled_at, version = c.version + 1
        WHERE c.patient_id = NEW.patient_id AND c.state IN ('issued', 'told');
    END IF;
    PERFORM app.come_to_test(r.appointment_id, NEW.sampled_at) FROM test_registration r WHERE r.id = NEW.registration_id AND r.appointment_id IS NOT NULL;
    RETURN NULL;
  END IF;
  SELECT count(*), min(m.sampled_at), min(m.sampled_at + make_interval(hours => app.result_hours(m.purpose))) INTO n, first, due
    FROM tube_member m WHERE m.tube_id = OLD.tube_id;
  UPDATE tube t SET count = n, state = CASE n WHEN 0 THEN 'open' ELSE 'collecting' END::tube_state, version = t.version + 1,
      first_sampled_at = first, lab_due_at = first + make_interval(mins => app.lab_minutes()), result_due_at = due WHERE t.id = OLD.tube_id;
  PERFORM app.sample_again(OLD.registration_id, OLD.patient_id, OLD.tube_id);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Whose swab was taken out or voided waits again; a recall that it answered is open again.
CREATE FUNCTION app.sample_again(registration uuid, patient uuid, of_tube uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE test_registration r SET state = 'waiting', sampled_at = NULL, station_id = NULL, version = r.version + 1
    WHERE r.id = registration AND r.state = 'sampled' AND NOT EXISTS (SELECT 1 FROM test_registration o
      WHERE o.patient_id = r.patient_id AND o.day = r.day AND o.state IN ('registered', 'waiting'));
  UPDATE recall c SET state = CASE WHEN c.told_at IS NULL THEN 'issued' ELSE 'told' END::recall_state, retest_tube_id = NULL, sampled_at = NULL, version = c.version + 1
    WHERE c.patient_id = patient AND c.retest_tube_id = of_tube AND c.state = 'sampled';
END $$;
--> statement-breakpoint
-- Who is sampled has come: also after the seat counted as missed. The visit ends when the tube is sealed.
CREATE FUNCTION app.come_to_test(of_appointment uuid, at_time timestamptz) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ UPDATE appointment SET state = 'waiting', checked_in_at = coalesce(checked_in_at, at_time), queue_key = coalesce(queue_key, extract(epoch FROM at_time)),
          version = version + 1 WHERE id = of_appointment AND state IN ('booked', 'checked-in', 'no-show', 'passed') $$;
--> statement-breakpoint
CREATE TRIGGER tube_member_follow AFTER INSERT OR DELETE ON tube_member FOR EACH ROW EXECUTE FUNCTION app.follow_member();
--> statement-breakpoint
-- A voided tube resamples everyone; a sealed one ends the visits of its people.
CREATE FUNCTION app.follow_tube() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.state = 'void' THEN
    PERFORM app.sample_again(m.registration_id, m.patient_id, m.tube_id) FROM tube_member m WHERE m.tube_id = NEW.id;
    UPDATE tube_member SET active = false WHERE tube_id = NEW.id AND active;
    INSERT INTO recall (patient_id, tube_id, registration_id, institution_id, cause, single, issued_at, due_at)
      SELECT m.patient_id, m.tube_id, m.registration_id, NEW.institution_id, 'void', false, NEW.voided_at, NEW.voided_at + make_interval(hours => app.recall_hours('void'))
        FROM tube_member m WHERE m.tube_id = NEW.id;
  ELSIF NEW.state = 'sealed' THEN
    UPDATE appointment a SET state = 'in-consultation', called_at = coalesce(a.called_at, NEW.sealed_at), version = a.version + 1
      FROM tube_member m JOIN test_registration r ON r.id = m.registration_id WHERE m.tube_id = NEW.id AND a.id = r.appointment_id AND a.state = 'waiting';
    UPDATE appointment a SET state = 'completed', ended_at = NEW.sealed_at, version = a.version + 1
      FROM tube_member m JOIN test_registration r ON r.id = m.registration_id WHERE m.tube_id = NEW.id AND a.id = r.appointment_id AND a.state = 'in-consultation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER tube_follow AFTER UPDATE ON tube FOR EACH ROW WHEN (NEW.state IN ('void', 'sealed') AND OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION app.follow_tube();
--> statement-breakpoint
CREATE FUNCTION app.guard_registration() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.patient_id <> OLD.patient_id OR NEW.institution_id <> OLD.institution_id OR NEW.source <> OLD.source
     OR (OLD.state NOT IN ('registered', 'waiting') AND (NEW.site_id, NEW.day, NEW.purpose) IS DISTINCT FROM (OLD.site_id, OLD.day, OLD.purpose)) THEN
    RAISE EXCEPTION 'who was registered stands' USING ERRCODE = 'YL001', CONSTRAINT = 'test_registration_fixed';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM test_registration_transition s WHERE s.from_state = OLD.state AND s.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a registration cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'test_registration_state_order';
  END IF;
  IF app.kind() = 'patient' AND NEW.purpose <> OLD.purpose AND NEW.purpose NOT IN ('voluntary', 'in-outpatient') THEN
    RAISE EXCEPTION 'a doctor or an order says so' USING ERRCODE = '42501', CONSTRAINT = 'test_registration_fixed';
  END IF;
  -- Sampled is who has a swab in a tube, nobody else.
  IF NEW.state = 'sampled' AND OLD.state <> 'sampled' AND NOT EXISTS (SELECT 1 FROM tube_member m WHERE m.registration_id = NEW.id AND m.active) THEN
    RAISE EXCEPTION 'no swab of this person' USING ERRCODE = 'YL001', CONSTRAINT = 'test_registration_state_order';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER test_registration_guard BEFORE UPDATE ON test_registration FOR EACH ROW EXECUTE FUNCTION app.guard_registration();
--> statement-breakpoint
CREATE FUNCTION app.guard_recall() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'issued' OR NEW.version <> 1 THEN RAISE EXCEPTION 'a recall begins issued' USING ERRCODE = 'YL001', CONSTRAINT = 'recall_state_order'; END IF;
    RETURN NEW;
  END IF;
  IF (NEW.patient_id, NEW.tube_id, NEW.registration_id, NEW.institution_id, NEW.cause, NEW.issued_at) IS DISTINCT FROM
     (OLD.patient_id, OLD.tube_id, OLD.registration_id, OLD.institution_id, OLD.cause, OLD.issued_at) THEN
    RAISE EXCEPTION 'why somebody was recalled stands' USING ERRCODE = 'YL001', CONSTRAINT = 'recall_fixed';
  END IF;
  IF NEW.version <> OLD.version + 1 THEN RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'sampling_version'; END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM recall_transition s WHERE s.from_state = OLD.state AND s.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a recall cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'recall_state_order';
  END IF;
  IF NEW.state = 'told' AND OLD.state <> 'told' AND NEW.told_at IS NULL THEN
    RAISE EXCEPTION 'told when' USING ERRCODE = 'YL001', CONSTRAINT = 'recall_state_order';
  END IF;
  -- Sampled and confirmed are said by a tube, not by a hand.
  IF NEW.state IN ('sampled', 'confirmed', 'repeated') AND NEW.state <> OLD.state AND NOT EXISTS (
       SELECT 1 FROM tube_member m WHERE m.tube_id = NEW.retest_tube_id AND m.patient_id = NEW.patient_id AND m.active AND (NOT NEW.single OR m.size = 1)) THEN
    RAISE EXCEPTION 'no new swab of this person' USING ERRCODE = 'YL001', CONSTRAINT = 'recall_state_order';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER recall_guard BEFORE INSERT OR UPDATE ON recall FOR EACH ROW EXECUTE FUNCTION app.guard_recall();
--> statement-breakpoint
-- A result is of a tube that this laboratory holds; a correction replaces the last one.
CREATE FUNCTION app.guard_lab_result() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE t tube; before lab_result;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    RAISE EXCEPTION 'a result is corrected by a new one' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_result_fixed';
  END IF;
  SELECT * INTO t FROM tube WHERE id = NEW.tube_id FOR UPDATE;
  IF NOT FOUND OR t.laboratory_id <> NEW.laboratory_id THEN
    RAISE EXCEPTION 'not a tube of this laboratory' USING ERRCODE = '42501', CONSTRAINT = 'lab_result_laboratory';
  END IF;
  IF NEW.replaces_id IS NULL THEN
    IF NOT (t.state = 'testing' OR (t.state = 'received' AND NEW.result = 'rejected')) THEN
      RAISE EXCEPTION 'the tube is %', t.state USING ERRCODE = 'YL001', CONSTRAINT = 'tube_state_order';
    END IF;
  ELSE
    SELECT * INTO before FROM lab_result WHERE id = NEW.replaces_id;
    IF NOT FOUND OR before.tube_id <> NEW.tube_id OR before.result = NEW.result THEN
      RAISE EXCEPTION 'a correction says something else of the same tube' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_result_fixed';
    END IF;
  END IF;
  IF NEW.tested_at > NEW.reported_at OR NEW.tested_at < coalesce(t.received_at, t.sealed_at) THEN
    RAISE EXCEPTION 'tested before it was received, or after it was reported' USING ERRCODE = 'YL001', CONSTRAINT = 'lab_result_time';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER lab_result_guard BEFORE INSERT OR UPDATE OR DELETE ON lab_result FOR EACH ROW EXECUTE FUNCTION app.guard_lab_result();
--> statement-breakpoint
-- What a result means: negative for everyone of the tube; positive only for somebody alone; else everyone is asked again.
CREATE FUNCTION app.apply_lab_result() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE t tube; becomes tube_state := app.tube_state_of(NEW.result); says boolean;
BEGIN
  SELECT * INTO t FROM tube WHERE id = NEW.tube_id;
  IF NEW.replaces_id IS NOT NULL THEN
    UPDATE person_result SET withdrawn_at = NEW.reported_at WHERE tube_id = NEW.tube_id AND withdrawn_at IS NULL;
    UPDATE recall c SET state = 'withdrawn', ended_at = NEW.reported_at, version = c.version + 1
      WHERE c.tube_id = NEW.tube_id AND c.state IN ('issued', 'told', 'sampled', 'confirmed');
  END IF;
  IF t.state <> becomes THEN
    UPDATE tube u SET state = becomes, result_at = NEW.reported_at, version = u.version + 1 WHERE u.id = NEW.tube_id;
  END IF;
  says := NEW.result = 'negative' OR (NEW.result = 'positive' AND t.size = 1);
  IF says THEN
    INSERT INTO person_result (patient_id, registration_id, tube_id, size, single, lab_result_id, result, sampled_at, released_at, released_by)
      SELECT m.patient_id, m.registration_id, m.tube_id, m.size, m.size = 1, NEW.id, NEW.result::text::person_result_kind, m.sampled_at,
          CASE NEW.result WHEN 'negative' THEN NEW.reported_at END, CASE NEW.result WHEN 'negative' THEN NEW.reported_by END
        FROM tube_member m WHERE m.tube_id = NEW.tube_id AND m.active;
  ELSE
    INSERT INTO recall (patient_id, tube_id, registration_id, institution_id, cause, single, issued_at, due_at)
      SELECT m.patient_id, m.tube_id, m.registration_id, t.institution_id, NEW.result::text::recall_cause, true, NEW.reported_at,
          NEW.reported_at + make_interval(hours => app.recall_hours(NEW.result::text::recall_cause))
        FROM tube_member m WHERE m.tube_id = NEW.tube_id AND m.active;
  END IF;
  -- Recalls that this tube answers.
  UPDATE recall c SET state = CASE WHEN says THEN 'confirmed' ELSE 'repeated' END::recall_state, ended_at = NEW.reported_at, version = c.version + 1
    WHERE c.retest_tube_id = NEW.tube_id AND c.state = 'sampled';
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER lab_result_apply AFTER INSERT ON lab_result FOR EACH ROW EXECUTE FUNCTION app.apply_lab_result();
--> statement-breakpoint
CREATE FUNCTION app.guard_person_result() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['released_at', 'released_by', 'withdrawn_at']
     OR (OLD.released_at IS NOT NULL AND NEW.released_at IS DISTINCT FROM OLD.released_at)
     OR (OLD.withdrawn_at IS NOT NULL) THEN
    RAISE EXCEPTION 'what a person was told stands' USING ERRCODE = 'YL001', CONSTRAINT = 'person_result_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER person_result_guard BEFORE UPDATE ON person_result FOR EACH ROW EXECUTE FUNCTION app.guard_person_result();
--> statement-breakpoint
CREATE FUNCTION app.guard_run() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF (NEW.site_id, NEW.institution_id, NEW.laboratory_id, NEW.courier_id, NEW.opened_at) IS DISTINCT FROM
     (OLD.site_id, OLD.institution_id, OLD.laboratory_id, OLD.courier_id, OLD.opened_at) OR NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'a run keeps its courier and its ends' USING ERRCODE = 'YL002', CONSTRAINT = 'sampling_version';
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('collecting', 'in-transit'), ('in-transit', 'delivered')) THEN
    RAISE EXCEPTION 'a run cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'courier_run_order';
  END IF;
  -- Signed for by the laboratory, not by whoever brings it.
  IF NEW.state = 'delivered' AND OLD.state <> 'delivered' AND (NEW.received_by IS NULL
       OR (app.kind() = 'staff' AND (NEW.received_by <> app.person() OR app.my_lab() IS DISTINCT FROM OLD.laboratory_id))) THEN
    RAISE EXCEPTION 'the laboratory signs' USING ERRCODE = '42501', CONSTRAINT = 'courier_run_signed';
  END IF;
  IF NEW.state = 'in-transit' AND OLD.state = 'collecting' AND app.kind() = 'staff' AND OLD.courier_id <> app.person() THEN
    RAISE EXCEPTION 'the courier takes it' USING ERRCODE = '42501', CONSTRAINT = 'courier_run_signed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER courier_run_guard BEFORE UPDATE ON courier_run FOR EACH ROW EXECUTE FUNCTION app.guard_run();
--> statement-breakpoint
-- An order is confirmed by a second person, once, and then stands.
CREATE FUNCTION app.guard_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.confirmed_by IS NOT NULL OR (app.kind() = 'staff' AND NEW.authorised_by <> app.person()) THEN
      RAISE EXCEPTION 'somebody else confirms' USING ERRCODE = '42501', CONSTRAINT = 'sampling_order_two_persons';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.confirmed_by IS NOT NULL OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['confirmed_by', 'confirmed_at']
     OR (app.kind() = 'staff' AND NEW.confirmed_by IS DISTINCT FROM app.person()) THEN
    RAISE EXCEPTION 'an order stands' USING ERRCODE = 'YL001', CONSTRAINT = 'sampling_order_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER sampling_order_guard BEFORE INSERT OR UPDATE ON sampling_order FOR EACH ROW EXECUTE FUNCTION app.guard_order();
--> statement-breakpoint
-- Who goes first by age alone; the rest is said by the patient.
CREATE FUNCTION app.priority_of(born date, on_day date) RETURNS test_priority_reason LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN born IS NULL THEN NULL WHEN born <= (on_day - interval '65 years')::date THEN 'elder' WHEN born > (on_day - interval '6 years')::date THEN 'child' END::test_priority_reason $$;
--> statement-breakpoint
CREATE FUNCTION app.register_appointment(a appointment) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ INSERT INTO test_registration (patient_id, site_id, institution_id, code, source, appointment_id, purpose, priority, day, expected_at)
          SELECT a.patient_id, s.id, s.institution_id, a.code, 'appointment', a.id, s.purpose, app.priority_of(p.birth_date, a.day), a.day, a.starts_at
          FROM sampling_site s JOIN patient p ON p.id = a.patient_id WHERE s.schedule_id = a.schedule_id ON CONFLICT DO NOTHING $$;
--> statement-breakpoint
-- A booked seat of a test is a registration at its site, whoever booked it; a seat given back ends it.
CREATE FUNCTION app.follow_test_appointment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE other appointment;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM sampling_site s WHERE s.schedule_id = NEW.schedule_id) THEN RETURN NULL; END IF;
  IF NEW.state IN ('booked', 'waiting') THEN
    PERFORM app.register_appointment(NEW);
    UPDATE test_registration r SET expected_at = NEW.starts_at, day = NEW.day, version = r.version + 1
      WHERE r.appointment_id = NEW.id AND r.state = 'registered' AND (r.expected_at, r.day) IS DISTINCT FROM (NEW.starts_at, NEW.day);
    IF NEW.state = 'waiting' THEN
      UPDATE test_registration r SET state = 'waiting', arrived_at = coalesce(r.arrived_at, NEW.checked_in_at), version = r.version + 1
        WHERE r.appointment_id = NEW.id AND r.state IN ('registered', 'missed') AND NOT EXISTS (SELECT 1 FROM tube_member m WHERE m.registration_id = r.id AND m.active);
    END IF;
  ELSE
    UPDATE test_registration r SET state = CASE NEW.state WHEN 'no-show' THEN 'missed' ELSE 'cancelled' END::test_registration_state, version = r.version + 1
      WHERE r.appointment_id = NEW.id AND r.state IN ('registered', 'waiting');
    -- Moved within the day: the other seat of this day is the one that counts now.
    FOR other IN SELECT a.* FROM appointment a WHERE a.patient_id = NEW.patient_id AND a.day = NEW.day AND a.id <> NEW.id AND a.state = 'booked' LOOP
      PERFORM app.register_appointment(other);
    END LOOP;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER appointment_test AFTER INSERT OR UPDATE OF state, starts_at ON appointment FOR EACH ROW
  WHEN (NEW.state IN ('booked', 'waiting', 'cancelled', 'no-show', 'clinic-stopped')) EXECUTE FUNCTION app.follow_test_appointment();
--> statement-breakpoint
-- Somebody without a seat. Problems: not-allowed, order (of a surge that nobody confirmed), already (with the registration that stands).
CREATE FUNCTION app.register_test(of_patient uuid, at_site uuid, why test_purpose, first test_priority_reason, from_source test_registration_source,
    of_group uuid, with_code text, on_day date, now_at timestamptz) RETURNS TABLE (registration_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s sampling_site; made uuid; known uuid;
BEGIN
  SELECT * INTO s FROM sampling_site WHERE id = at_site;
  IF NOT FOUND OR NOT app.may_collect(at_site, now_at) OR NOT (app.internal() OR app.may_see_patient(of_patient) OR app.samples_patient(of_patient)
      OR EXISTS (SELECT 1 FROM sampling_group_member m JOIN sampling_group g ON g.id = m.group_id WHERE m.patient_id = of_patient AND g.id = of_group AND g.site_id = at_site)) THEN
    RETURN QUERY SELECT NULL::uuid, 'not-allowed'; RETURN;
  END IF;
  IF why = 'surge' AND NOT EXISTS (SELECT 1 FROM sampling_order o WHERE o.id = s.order_id AND o.confirmed_by IS NOT NULL) THEN
    RETURN QUERY SELECT NULL::uuid, 'order'; RETURN;
  END IF;
  INSERT INTO test_registration (patient_id, site_id, institution_id, code, source, group_id, purpose, priority, day, expected_at, state, arrived_at, registered_by)
    SELECT of_patient, s.id, s.institution_id, with_code, from_source, of_group, why, coalesce(first, app.priority_of(p.birth_date, on_day)), on_day, now_at, 'waiting', now_at, app.person()
    FROM patient p WHERE p.id = of_patient ON CONFLICT (patient_id, day) WHERE state IN ('registered', 'waiting') DO NOTHING RETURNING id INTO made;
  IF made IS NULL THEN
    SELECT r.id INTO known FROM test_registration r WHERE r.patient_id = of_patient AND r.day = on_day AND r.state IN ('registered', 'waiting');
    RETURN QUERY SELECT known, 'already'; RETURN;
  END IF;
  RETURN QUERY SELECT made, NULL::text;
END $$;
--> statement-breakpoint
-- Join a group by its code: for oneself or a relative on the phone, for whom the staff register.
CREATE FUNCTION app.join_group(with_code text, of_patient uuid, on_day date, now_at timestamptz) RETURNS TABLE (group_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE g sampling_group;
BEGIN
  IF NOT (app.may_act_for(of_patient) OR (app.in_sampling() AND app.may_see_patient(of_patient))) THEN RETURN QUERY SELECT NULL::uuid, 'not-allowed'; RETURN; END IF;
  SELECT * INTO g FROM sampling_group WHERE code = upper(with_code);
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::uuid, 'unknown'; RETURN; END IF;
  IF g.closed_at IS NOT NULL OR g.day < on_day THEN RETURN QUERY SELECT NULL::uuid, 'closed'; RETURN; END IF;
  INSERT INTO sampling_group_member (group_id, patient_id, joined_at, joined_by_phone_index, joined_by_person_id)
    VALUES (g.id, of_patient, now_at, app.phone_index(), app.person()) ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT g.id, NULL::text;
END $$;
--> statement-breakpoint
-- What a code stands for, told to whoever has it: never who is in it.
CREATE FUNCTION app.group_of_code(with_code text) RETURNS TABLE (id uuid, code text, kind sampling_group_kind, name text, site_id uuid, segment_id uuid, day date, closed boolean, members bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT g.id, g.code, g.kind, g.name, g.site_id, g.segment_id, g.day, g.closed_at IS NOT NULL, (SELECT count(*) FROM sampling_group_member m WHERE m.group_id = g.id)
        FROM sampling_group g WHERE g.code = upper(with_code) AND app.kind() <> 'none' $$;
--> statement-breakpoint
-- How many wait at each site; a number only, for whoever chooses where to go.
CREATE FUNCTION app.waiting_at_sites(on_day date) RETURNS TABLE (site_id uuid, waiting bigint) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT r.site_id, count(*) FROM test_registration r WHERE r.day = on_day AND r.state = 'waiting' AND app.kind() <> 'none' GROUP BY r.site_id $$;
--> statement-breakpoint
CREATE FUNCTION app.open_tube(op jsonb, at_time timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE s sampling_site; st sampling_station; of_code text := op ->> 'tube'; of_size smallint; known tube;
BEGIN
  IF app.tube_serial(of_code) IS NULL THEN RETURN jsonb_build_object('problem', 'tube-format'); END IF;
  of_size := substr(of_code, 3, 2)::smallint;
  SELECT * INTO st FROM sampling_station WHERE id = (op ->> 'station')::uuid;
  SELECT * INTO s FROM sampling_site WHERE id = st.site_id;
  IF NOT EXISTS (SELECT 1 FROM tube_batch b WHERE b.institution_id = s.institution_id AND b.size = of_size AND app.tube_serial(of_code) BETWEEN b.first_serial AND b.last_serial) THEN
    RETURN jsonb_build_object('problem', 'tube-foreign');
  END IF;
  IF coalesce((op ->> 'purpose')::test_purpose, s.purpose) = 'fever' AND of_size > 1 THEN RETURN jsonb_build_object('problem', 'single-only'); END IF;
  IF coalesce((op ->> 'retest')::boolean, false) AND of_size > 1 THEN RETURN jsonb_build_object('problem', 'single-only'); END IF;
  BEGIN
    INSERT INTO tube (code, size, purpose, retest, site_id, station_id, institution_id, laboratory_id, opened_by, opened_at)
      VALUES (of_code, of_size, coalesce((op ->> 'purpose')::test_purpose, s.purpose), coalesce((op ->> 'retest')::boolean, false), s.id, st.id, s.institution_id, s.laboratory_id,
        coalesce(app.person(), (op ->> 'person')::uuid), at_time);
  EXCEPTION WHEN unique_violation THEN
    SELECT * INTO known FROM tube WHERE code = of_code;
    RETURN jsonb_build_object('problem', CASE WHEN known.station_id = st.id AND known.state IN ('open', 'collecting') THEN 'tube-elsewhere' ELSE 'tube-used' END,
      'state', known.state, 'count', known.count, 'at', known.opened_at, 'station', (SELECT number FROM sampling_station WHERE id = known.station_id));
  END;
  RETURN '{}';
END $$;
--> statement-breakpoint
CREATE FUNCTION app.sample_person(t tube, of_registration uuid, by_person uuid, at_time timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE r test_registration; m record; broken text;
BEGIN
  SELECT * INTO r FROM test_registration WHERE id = of_registration;
  IF NOT FOUND THEN RETURN jsonb_build_object('problem', 'person-unknown'); END IF;
  IF r.site_id <> t.site_id THEN RETURN jsonb_build_object('problem', 'person-elsewhere'); END IF;
  IF r.state = 'cancelled' THEN RETURN jsonb_build_object('problem', 'person-cancelled'); END IF;
  IF r.state = 'led-away' THEN RETURN jsonb_build_object('problem', 'person-led-away'); END IF;
  BEGIN
    INSERT INTO tube_member (tube_id, patient_id, size, position, registration_id, purpose, station_id, sampled_at, sampled_by)
      VALUES (t.id, r.patient_id, t.size, 1, r.id, r.purpose, t.station_id, at_time, by_person);
  EXCEPTION
    WHEN unique_violation THEN
      SELECT u.code, u.id, m2.sampled_at, g.number INTO m FROM tube_member m2 JOIN tube u ON u.id = m2.tube_id JOIN sampling_station g ON g.id = m2.station_id
        WHERE m2.active AND (m2.registration_id = r.id OR (m2.tube_id = t.id AND m2.patient_id = r.patient_id)) LIMIT 1;
      RETURN jsonb_build_object('problem', 'person-sampled', 'tube', m.code, 'at', m.sampled_at, 'station', m.number);
    WHEN check_violation THEN
      GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
      RETURN jsonb_build_object('problem', CASE WHEN broken IN ('tube_member_fits', 'tube_count') THEN 'tube-full' ELSE 'single-only' END);
    WHEN SQLSTATE 'YL001' THEN
      RETURN jsonb_build_object('problem', CASE WHEN (SELECT state FROM tube WHERE id = t.id) = 'void' THEN 'tube-void' ELSE 'tube-sealed' END);
  END;
  RETURN jsonb_build_object('count', (SELECT count FROM tube WHERE id = t.id));
END $$;
--> statement-breakpoint
-- One step of a sampler's phone. It is answered once; sent again, the first answer is given again.
CREATE FUNCTION app.sampling_step(op jsonb, now_at timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  op_id uuid := (op ->> 'id')::uuid; what sampling_step := (op ->> 'step')::sampling_step; at_time timestamptz := (op ->> 'at')::timestamptz;
  by_person uuid := coalesce(app.person(), (op ->> 'person')::uuid); before sampling_op; t tube; r test_registration; of_site uuid; answer jsonb := '{}'; n integer;
BEGIN
  SELECT site_id INTO of_site FROM sampling_station WHERE id = (op ->> 'station')::uuid;
  IF of_site IS NULL OR NOT app.may_collect(of_site, at_time) THEN RETURN jsonb_build_object('id', op_id, 'problem', 'not-allowed'); END IF;
  INSERT INTO sampling_op (id, person_id, site_id, station_id, step, tube_code, registration_id, at, received_at)
    VALUES (op_id, by_person, of_site, (op ->> 'station')::uuid, what, op ->> 'tube', (op ->> 'registration')::uuid, at_time, now_at) ON CONFLICT (id) DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO before FROM sampling_op WHERE id = op_id;
    IF before.person_id <> by_person OR before.step <> what THEN RETURN jsonb_build_object('id', op_id, 'problem', 'not-allowed'); END IF;
    RETURN before.detail || jsonb_build_object('id', op_id, 'problem', before.problem, 'repeated', true);
  END IF;
  IF at_time > now_at + interval '2 minutes' OR at_time < now_at - interval '2 days' THEN
    answer := jsonb_build_object('problem', 'time');
  ELSIF what = 'open' THEN
    answer := app.open_tube(op, at_time);
  ELSIF what = 'lead-away' THEN
    UPDATE test_registration q SET state = 'led-away', led_away_at = at_time, version = q.version + 1
      WHERE q.id = (op ->> 'registration')::uuid AND q.site_id = of_site AND q.state IN ('registered', 'waiting', 'missed');
    IF NOT FOUND THEN
      SELECT * INTO r FROM test_registration WHERE id = (op ->> 'registration')::uuid AND site_id = of_site;
      answer := CASE WHEN r.state = 'led-away' THEN '{}'::jsonb ELSE jsonb_build_object('problem', CASE r.state WHEN 'sampled' THEN 'person-sampled' WHEN 'cancelled' THEN 'person-cancelled' ELSE 'person-unknown' END) END;
    END IF;
  ELSE
    SELECT * INTO t FROM tube WHERE code = op ->> 'tube' FOR UPDATE;
    IF NOT FOUND THEN answer := jsonb_build_object('problem', 'tube-unknown');
    ELSIF t.site_id <> of_site THEN answer := jsonb_build_object('problem', 'tube-used');
    ELSIF what = 'sample' THEN answer := app.sample_person(t, (op ->> 'registration')::uuid, by_person, at_time);
    ELSIF what = 'undo' THEN
      IF t.state NOT IN ('open', 'collecting') THEN answer := jsonb_build_object('problem', CASE t.state WHEN 'void' THEN 'tube-void' ELSE 'tube-sealed' END);
      ELSE
        DELETE FROM tube_member m WHERE m.tube_id = t.id AND m.registration_id = (op ->> 'registration')::uuid;
        IF NOT FOUND THEN answer := jsonb_build_object('problem', 'person-not-in-tube'); END IF;
      END IF;
    ELSIF what = 'seal' THEN
      IF t.state = 'open' THEN answer := jsonb_build_object('problem', 'tube-empty');
      ELSIF t.state <> 'collecting' THEN answer := jsonb_build_object('problem', CASE t.state WHEN 'void' THEN 'tube-void' ELSE 'tube-sealed' END);
      ELSE
        UPDATE tube u SET state = 'sealed', sealed_at = at_time, sealed_by = by_person, version = u.version + 1 WHERE u.id = t.id;
        -- Samples of the station in the last hour, or since its first one, are what it does per hour.
        UPDATE sampling_station g SET measured_at = at_time, per_hour = (SELECT count(*) / greatest(1.0 / 60, least(1, extract(epoch FROM at_time - min(m.sampled_at)) / 3600))
            FROM tube_member m WHERE m.station_id = g.id AND m.active AND m.sampled_at > at_time - interval '1 hour' AND m.sampled_at <= at_time)
          WHERE g.id = t.station_id AND (g.measured_at IS NULL OR g.measured_at <= at_time);
      END IF;
    ELSIF what = 'void' THEN
      IF t.state = 'void' THEN answer := jsonb_build_object('problem', 'tube-void');
      ELSIF t.state NOT IN ('open', 'collecting', 'sealed') THEN answer := jsonb_build_object('problem', 'tube-sealed');
      ELSE
        UPDATE tube u SET state = 'void', void_reason = coalesce(nullif(op ->> 'reason', ''), '-'), voided_at = at_time, voided_by = by_person, version = u.version + 1 WHERE u.id = t.id;
      END IF;
    END IF;
  END IF;
  UPDATE sampling_op SET problem = answer ->> 'problem', detail = answer - 'problem' WHERE id = op_id;
  -- The person who was sampled sees who did it.
  IF answer ->> 'problem' IS NULL AND op ->> 'registration' IS NOT NULL THEN
    INSERT INTO audit_event (actor_kind, actor_id, actor_name, institution_id, action, entity_type, entity_id, patient_id, correlation_id, address)
      SELECT app.kind(), app.person(), app.own_name(), app.institution(), 'sampling.' || what, 'test-registration', q.id::text, q.patient_id,
        op ->> 'correlation', nullif(op ->> 'address', '')::inet FROM test_registration q WHERE q.id = (op ->> 'registration')::uuid;
  END IF;
  RETURN answer || jsonb_build_object('id', op_id, 'problem', answer -> 'problem');
END $$;
--> statement-breakpoint
-- Many steps, in their order, in one round trip.
CREATE FUNCTION app.sampling_steps(ops jsonb, now_at timestamptz) RETURNS SETOF jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE op jsonb;
BEGIN
  FOR op IN SELECT value FROM jsonb_array_elements(ops) LOOP
    -- A step that the database refuses does not hold up the others, and is kept for the site's lead.
    BEGIN
      RETURN NEXT app.sampling_step(op, now_at);
    EXCEPTION WHEN insufficient_privilege OR check_violation OR foreign_key_violation OR SQLSTATE 'YL001' OR SQLSTATE 'YL002' THEN
      INSERT INTO sampling_op (id, person_id, site_id, station_id, step, tube_code, registration_id, at, received_at, problem)
        SELECT (op ->> 'id')::uuid, app.person(), g.site_id, g.id, (op ->> 'step')::sampling_step, op ->> 'tube', (op ->> 'registration')::uuid, (op ->> 'at')::timestamptz, now_at, 'not-allowed'
        FROM sampling_station g WHERE g.id = (op ->> 'station')::uuid AND app.person() IS NOT NULL ON CONFLICT (id) DO NOTHING;
      RETURN NEXT jsonb_build_object('id', op ->> 'id', 'problem', 'not-allowed');
    END;
  END LOOP;
END $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sampling_order', 'sampling_site', 'sampling_station', 'sampling_duty', 'sampling_group', 'sampling_group_member', 'test_registration', 'tube_batch',
      'courier_run', 'tube', 'recall', 'tube_member', 'lab_result', 'person_result', 'sampling_op', 'tube_transition', 'test_registration_transition', 'recall_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['sampling_site', 'sampling_station', 'tube_transition', 'test_registration_transition', 'recall_transition'] LOOP
    EXECUTE format('CREATE POLICY everyone_reads ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> ''none'')', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Orders, sites, stations, duties: the institution's lead writes; who is named there reads.
CREATE POLICY staff_read ON sampling_order FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY lead ON sampling_order FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.leads_sampling()));
--> statement-breakpoint
CREATE POLICY lead_confirm ON sampling_order FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.leads_sampling()));
--> statement-breakpoint
CREATE POLICY lead ON sampling_site FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.leads_sampling()));
--> statement-breakpoint
CREATE POLICY lead_change ON sampling_site FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.leads_sampling())) WITH CHECK (institution_id = (SELECT app.leads_sampling()));
--> statement-breakpoint
CREATE POLICY lead ON sampling_station FOR INSERT TO yilian_app WITH CHECK ((SELECT app.leads_sampling()) IS NOT NULL AND site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
-- A sampler opens and closes the own table.
CREATE POLICY work ON sampling_station FOR UPDATE TO yilian_app USING (site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY see ON sampling_duty FOR SELECT TO yilian_app USING (person_id = (SELECT app.person()) OR site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY lead ON sampling_duty FOR INSERT TO yilian_app WITH CHECK ((SELECT app.leads_sampling()) IS NOT NULL AND site_id = ANY ((SELECT app.my_sites())::uuid[])
  AND EXISTS (SELECT 1 FROM role_assignment a WHERE a.person_id = sampling_duty.person_id AND a.institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY lead_end ON sampling_duty FOR UPDATE TO yilian_app USING ((SELECT app.leads_sampling()) IS NOT NULL AND site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY see ON tube_batch FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY lead ON tube_batch FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.leads_sampling()));
--> statement-breakpoint
CREATE POLICY own ON sampling_group FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND owner_phone_index = (SELECT app.phone_index()));
--> statement-breakpoint
CREATE POLICY own_make ON sampling_group FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'patient' AND owner_phone_index = (SELECT app.phone_index()));
--> statement-breakpoint
CREATE POLICY own_close ON sampling_group FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'patient' AND owner_phone_index = (SELECT app.phone_index()));
--> statement-breakpoint
CREATE POLICY site ON sampling_group FOR SELECT TO yilian_app USING (site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY site_make ON sampling_group FOR INSERT TO yilian_app WITH CHECK (site_id = ANY ((SELECT app.my_sites())::uuid[]) AND owner_person_id = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY own ON sampling_group_member FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY site ON sampling_group_member FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND group_id IN (SELECT g.id FROM sampling_group g));
--> statement-breakpoint
CREATE POLICY own ON test_registration FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY site ON test_registration FOR SELECT TO yilian_app USING (site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY site_change ON test_registration FOR UPDATE TO yilian_app USING (site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
-- What the patient says of himself before he is sampled: why he comes, and that he goes first.
CREATE POLICY own_change ON test_registration FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]) AND state = 'registered')
  WITH CHECK (state = 'registered');
--> statement-breakpoint
CREATE POLICY site ON tube FOR SELECT TO yilian_app USING (site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY courier ON tube FOR SELECT TO yilian_app USING (sealed_at IS NOT NULL AND (SELECT app.my_courier()) IN (institution_id, laboratory_id));
--> statement-breakpoint
CREATE POLICY courier_step ON tube FOR UPDATE TO yilian_app USING (sealed_at IS NOT NULL AND (SELECT app.my_courier()) IN (institution_id, laboratory_id));
--> statement-breakpoint
CREATE POLICY lab ON tube FOR SELECT TO yilian_app USING (sealed_at IS NOT NULL AND laboratory_id = (SELECT app.my_lab()));
--> statement-breakpoint
-- Which step and which columns is asked by the trigger tube_guard.
CREATE POLICY lab_step ON tube FOR UPDATE TO yilian_app USING (sealed_at IS NOT NULL AND laboratory_id = (SELECT app.my_lab()));
--> statement-breakpoint
-- Couriers see tubes, never people.
CREATE POLICY site ON tube_member FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM tube t WHERE t.id = tube_id AND t.site_id = ANY ((SELECT app.my_sites())::uuid[])));
--> statement-breakpoint
CREATE POLICY lab ON tube_member FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM tube t WHERE t.id = tube_id AND t.laboratory_id = (SELECT app.my_lab()) AND t.received_at IS NOT NULL)
  AND (SELECT app.holds('lab.report')));
--> statement-breakpoint
CREATE POLICY own ON tube_member FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY see ON courier_run FOR SELECT TO yilian_app USING (institution_id = (SELECT app.leads_sampling()) OR laboratory_id = (SELECT app.my_lab())
  OR (SELECT app.my_courier()) IN (institution_id, laboratory_id));
--> statement-breakpoint
CREATE POLICY courier ON courier_run FOR INSERT TO yilian_app WITH CHECK (courier_id = (SELECT app.person()) AND (SELECT app.my_courier()) IN (institution_id, laboratory_id));
--> statement-breakpoint
CREATE POLICY step ON courier_run FOR UPDATE TO yilian_app USING (courier_id = (SELECT app.person()) OR laboratory_id = (SELECT app.my_lab()));
--> statement-breakpoint
CREATE POLICY lab ON lab_result FOR SELECT TO yilian_app USING (laboratory_id = (SELECT app.my_lab()));
--> statement-breakpoint
CREATE POLICY lead ON lab_result FOR SELECT TO yilian_app USING ((SELECT app.leads_sampling()) IS NOT NULL
  AND EXISTS (SELECT 1 FROM tube t WHERE t.id = tube_id AND t.institution_id = (SELECT app.leads_sampling())));
--> statement-breakpoint
CREATE POLICY report ON lab_result FOR INSERT TO yilian_app WITH CHECK (laboratory_id = (SELECT app.my_lab()) AND reported_by = (SELECT app.person()) AND (SELECT app.holds('lab.report')));
--> statement-breakpoint
-- A patient is told what was released; a doctor who may see the patient too.
CREATE POLICY own ON person_result FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND released_at IS NOT NULL AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY doctor ON person_result FOR SELECT TO yilian_app USING ((SELECT app.holds('patient.read')) AND released_at IS NOT NULL AND app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY lab ON person_result FOR SELECT TO yilian_app USING ((SELECT app.holds('lab.report'))
  AND EXISTS (SELECT 1 FROM lab_result r WHERE r.id = lab_result_id AND r.laboratory_id = (SELECT app.my_lab())));
--> statement-breakpoint
CREATE POLICY lab_release ON person_result FOR UPDATE TO yilian_app USING ((SELECT app.holds('lab.report'))
  AND EXISTS (SELECT 1 FROM lab_result r WHERE r.id = lab_result_id AND r.laboratory_id = (SELECT app.my_lab())));
--> statement-breakpoint
CREATE POLICY own ON recall FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY lead ON recall FOR SELECT TO yilian_app USING (institution_id = (SELECT app.leads_sampling()));
--> statement-breakpoint
CREATE POLICY lead_issue ON recall FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.leads_sampling()) AND cause = 'exposure');
--> statement-breakpoint
CREATE POLICY lead_step ON recall FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.leads_sampling()));
--> statement-breakpoint
CREATE POLICY lab ON recall FOR SELECT TO yilian_app USING ((SELECT app.holds('lab.report')) AND EXISTS (SELECT 1 FROM tube t WHERE t.id = tube_id AND t.laboratory_id = (SELECT app.my_lab())));
--> statement-breakpoint
CREATE POLICY lab_step ON recall FOR UPDATE TO yilian_app USING ((SELECT app.holds('lab.report')) AND EXISTS (SELECT 1 FROM tube t WHERE t.id = tube_id AND t.laboratory_id = (SELECT app.my_lab())));
--> statement-breakpoint
-- A sampler knows who has to be alone in a tube, for the people of the own site.
CREATE POLICY site ON recall FOR SELECT TO yilian_app USING ((SELECT app.holds('sampling.collect')) AND state IN ('issued', 'told')
  AND EXISTS (SELECT 1 FROM test_registration r WHERE r.patient_id = recall.patient_id AND r.site_id = ANY ((SELECT app.my_sites())::uuid[])));
--> statement-breakpoint
CREATE POLICY own ON sampling_op FOR SELECT TO yilian_app USING (person_id = (SELECT app.person()) OR site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY settle ON sampling_op FOR UPDATE TO yilian_app USING (site_id = ANY ((SELECT app.my_sites())::uuid[]));
--> statement-breakpoint
CREATE POLICY sampled_see ON patient FOR SELECT TO yilian_app USING ((SELECT app.in_sampling()) AND app.samples_patient(id));
--> statement-breakpoint
CREATE POLICY sampled_see ON patient_contact FOR SELECT TO yilian_app USING ((SELECT app.in_sampling()) AND app.samples_patient(patient_id));
--> statement-breakpoint
GRANT INSERT ON sampling_order, sampling_site, sampling_station, sampling_duty, sampling_group, tube_batch, courier_run, recall, lab_result TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (confirmed_by, confirmed_at) ON sampling_order TO yilian_app;
--> statement-breakpoint
GRANT UPDATE ON sampling_site, tube, courier_run, recall TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (state, priority, sampler_id, changed_at) ON sampling_station TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (station_id, ended_at) ON sampling_duty TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (closed_at) ON sampling_group TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (state, purpose, priority, group_id, station_id, arrived_at, version) ON test_registration TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (released_at, released_by, withdrawn_at) ON person_result TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (settled_at, settled_by) ON sampling_op TO yilian_app;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.result_hours(test_purpose), app.recall_hours(recall_cause), app.lab_minutes(), app.tube_serial(text), app.my_sites(), app.leads_sampling(), app.my_courier(),
  app.my_lab(), app.may_collect(uuid, timestamptz), app.in_sampling(), app.samples_patient(uuid), app.tube_state_of(lab_result_kind), app.priority_of(date, date),
  app.register_test(uuid, uuid, test_purpose, test_priority_reason, test_registration_source, uuid, text, date, timestamptz), app.join_group(text, uuid, date, timestamptz),
  app.group_of_code(text), app.waiting_at_sites(date), app.sampling_steps(jsonb, timestamptz) TO yilian_app, yilian_owner;
--> statement-breakpoint
-- A database that is already at work gets the new roles; an empty one is filled by server/identity.
INSERT INTO role (code, name_zh, name_en, name_bo) SELECT v.* FROM (VALUES
  ('sampling-lead', '采样点负责人', 'Site lead', 'དཔེ་ཚད་ལེན་སའི་འགན་འཁུར་བ།'), ('courier', '转运员', 'Courier', 'སྐྱེལ་འདྲེན་པ།'), ('laboratory', '检验科', 'Laboratory', 'བརྟག་དཔྱད་ཁང་།')) v
  WHERE EXISTS (SELECT 1 FROM role) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT v.* FROM (VALUES ('sampler', 'sampling.collect'), ('sampler', 'patient.register'),
  ('sampling-lead', 'sampling.collect'), ('sampling-lead', 'sampling.lead'), ('sampling-lead', 'patient.register'), ('sampling-lead', 'paper-code.check'), ('courier', 'sampling.courier'),
  ('laboratory', 'lab.receive'), ('laboratory', 'lab.report')) v (role_code, permission)
  WHERE EXISTS (SELECT 1 FROM role r WHERE r.code = v.role_code) ON CONFLICT DO NOTHING;
