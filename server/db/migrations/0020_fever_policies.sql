-- Fever care: who sees a visit, the order of its states, one patient per room, and the block of ordinary
-- booking. The services ask the same questions first; this is the last word.

-- The fever staff of an institution.
CREATE FUNCTION app.fever_staff() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.holds('fever.triage') OR app.holds('fever.see') OR app.holds('fever.transfer') $$;
--> statement-breakpoint
-- A visit is its own institution's, and the receiver's from the moment the vehicle left.
CREATE FUNCTION app.sees_fever_visit(visit uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR CASE app.kind()
          WHEN 'patient' THEN EXISTS (SELECT 1 FROM fever_visit v WHERE v.id = visit AND v.patient_id = ANY (app.patient_ids()))
          WHEN 'staff' THEN app.fever_staff() AND (EXISTS (SELECT 1 FROM fever_visit v WHERE v.id = visit AND v.institution_id = app.institution())
            OR EXISTS (SELECT 1 FROM fever_transfer t WHERE t.visit_id = visit AND t.to_institution_id = app.institution() AND t.departed_at IS NOT NULL))
          ELSE false END $$;
--> statement-breakpoint
CREATE FUNCTION app.sees_fever_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.fever_staff() AND (
          EXISTS (SELECT 1 FROM fever_visit v WHERE v.patient_id = patient AND v.institution_id = app.institution())
          OR EXISTS (SELECT 1 FROM fever_visit v JOIN fever_transfer t ON t.visit_id = v.id WHERE v.patient_id = patient
               AND t.to_institution_id = app.institution() AND t.departed_at IS NOT NULL)
          OR EXISTS (SELECT 1 FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id WHERE a.patient_id = patient
               AND a.institution_id = app.institution() AND c.kind = 'fever-clinic' AND a.state NOT IN ('held', 'lapsed', 'cancelled'))) $$;
--> statement-breakpoint
-- Whether somebody is a fever patient at an instant: fever patients are never pooled. Who is still to be
-- judged at the door counts, and so does who left before the result.
CREATE FUNCTION app.has_fever_visit(patient uuid, at timestamptz) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM fever_visit v WHERE v.patient_id = patient AND v.arrived_at <= at AND v.arrived_at > at - interval '14 days'
          AND v.state <> 'ordinary' AND (v.ended_at IS NULL OR v.ended_at > at)) $$;
--> statement-breakpoint
-- Until when ordinary booking by phone is replaced by a fever clinic; null when it is not.
CREATE FUNCTION app.fever_block_until(patient uuid, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT max(b.until) FROM fever_block b WHERE b.patient_id = patient AND b.since <= at AND b.until > at AND b.lifted_at IS NULL $$;
--> statement-breakpoint
ALTER TABLE fever_block ADD CONSTRAINT fever_block_one EXCLUDE USING gist (patient_id WITH =, tstzrange(since, coalesce(lifted_at, until)) WITH &&);
--> statement-breakpoint
ALTER TABLE fever_visit ADD CONSTRAINT fever_visit_from FOREIGN KEY (from_visit_id) REFERENCES fever_visit (id);
--> statement-breakpoint
-- A suspicion replaces ordinary booking: seats that were only held go back, so that the fever clinic's is the one that is kept.
CREATE FUNCTION app.block_for_fever(of_screening uuid, block_until timestamptz, now_at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE s fever_screening; made uuid;
BEGIN
  SELECT * INTO s FROM fever_screening WHERE id = of_screening;
  IF NOT FOUND OR s.venue <> 'fever-clinic' OR NOT (app.internal() OR app.may_see_patient(s.patient_id)) THEN RETURN NULL; END IF;
  -- Two phones of a family at once: the later one makes the block longer.
  PERFORM pg_advisory_xact_lock(hashtextextended(s.patient_id::text, 9));
  UPDATE fever_block b SET until = greatest(b.until, block_until), screening_id = s.id
    WHERE b.patient_id = s.patient_id AND b.lifted_at IS NULL AND b.until > now_at RETURNING b.id INTO made;
  IF made IS NULL THEN
    INSERT INTO fever_block (patient_id, screening_id, since, until) VALUES (s.patient_id, s.id, now_at, block_until) RETURNING id INTO made;
  END IF;
  UPDATE seat t SET appointment_id = NULL, held_until = NULL FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id
    WHERE t.appointment_id = a.id AND a.patient_id = s.patient_id AND a.state = 'held' AND a.channel = 'phone-web' AND c.kind <> 'fever-clinic';
  UPDATE appointment a SET state = 'lapsed', ended_at = now_at, version = a.version + 1 FROM clinic_schedule c
    WHERE c.id = a.schedule_id AND a.patient_id = s.patient_id AND a.state = 'held' AND a.channel = 'phone-web' AND c.kind <> 'fever-clinic';
  RETURN made;
END $$;
--> statement-breakpoint
-- Only a nurse of a fever site lifts it, by name and with a reason. Null: there is none, or it is not theirs.
CREATE FUNCTION app.lift_fever_block(of_block uuid, why text, now_at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE found_patient uuid;
BEGIN
  UPDATE fever_block b SET lifted_at = now_at, lifted_by = app.person(), lift_reason = why
    WHERE b.id = of_block AND b.lifted_at IS NULL AND b.until > now_at AND (app.holds('fever.triage') OR app.holds('fever.see'))
      AND (app.may_see_patient(b.patient_id) OR app.sees_fever_patient(b.patient_id)) RETURNING b.patient_id INTO found_patient;
  RETURN found_patient;
END $$;
--> statement-breakpoint
-- A blocked patient's phone takes no seat of an ordinary clinic. Everybody else may: window, hotline, walk-in, the
-- fever clinic itself. The instant is the one at which the hold began.
CREATE FUNCTION app.fever_block_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF app.kind() = 'patient' AND NEW.channel = 'phone-web' AND NEW.state = 'held'
     AND EXISTS (SELECT 1 FROM clinic_schedule c WHERE c.id = NEW.schedule_id AND c.kind <> 'fever-clinic')
     AND app.fever_block_until(NEW.patient_id, NEW.held_until - make_interval(mins => (app.booking_policy_of(NEW.institution_id, NEW.day)).hold_minutes)) IS NOT NULL THEN
    RAISE EXCEPTION 'the fever clinic comes first' USING ERRCODE = 'YL003', CONSTRAINT = 'appointment_fever_block';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_block_guard BEFORE INSERT ON appointment FOR EACH ROW EXECUTE FUNCTION app.fever_block_guard();
--> statement-breakpoint
-- A fever appointment may be given back or changed until it begins.
UPDATE segment SET cancel_until = starts_at WHERE kind = 'fever-clinic' AND cancel_until < starts_at;
--> statement-breakpoint
-- Who stands at the desk becomes a patient of the place: by registration, by an appointment there, or by the code
-- of the answers on the own phone. Null: not theirs to admit.
CREATE FUNCTION app.admit_to_fever(of_patient uuid, with_code text, now_at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE who uuid := of_patient;
BEGIN
  IF NOT app.holds('fever.triage') OR NOT EXISTS (SELECT 1 FROM fever_site f WHERE f.institution_id = app.institution()) THEN RETURN NULL; END IF;
  IF with_code IS NOT NULL THEN
    SELECT s.patient_id INTO who FROM fever_screening s WHERE s.code = upper(with_code) AND s.answered_at > now_at - interval '3 days';
  ELSIF NOT (app.may_see_patient(of_patient) OR app.sees_fever_patient(of_patient)) THEN
    RETURN NULL;
  END IF;
  IF who IS NULL THEN RETURN NULL; END IF;
  INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (who, app.institution(), 'fever-clinic') ON CONFLICT DO NOTHING;
  RETURN who;
END $$;
--> statement-breakpoint
-- The person who was brought is a patient of the receiver from the departure on; his answers and register come along.
CREATE FUNCTION app.fever_departed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO patient_institution (patient_id, institution_id, source)
    SELECT v.patient_id, NEW.to_institution_id, 'fever-transfer' FROM fever_visit v WHERE v.id = NEW.visit_id ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_departed AFTER UPDATE OF departed_at ON fever_transfer FOR EACH ROW
  WHEN (OLD.departed_at IS NULL AND NEW.departed_at IS NOT NULL AND NEW.to_institution_id IS NOT NULL) EXECUTE FUNCTION app.fever_departed();
--> statement-breakpoint
-- State order, and whose step it is. The rows come from server/fever/visit-states.ts; a test compares both.
CREATE TABLE fever_visit_transition (from_state fever_visit_state NOT NULL, to_state fever_visit_state NOT NULL,
  side text NOT NULL CHECK (side IN ('own', 'receiver')), PRIMARY KEY (from_state, to_state, side));
--> statement-breakpoint
INSERT INTO fever_visit_transition (from_state, to_state, side) VALUES
  ('to-triage', 'ordinary', 'own'), ('to-triage', 'fever', 'own'), ('to-triage', 'emergency', 'own'), ('to-triage', 'left-before-result', 'own'),
  ('ordinary', 'fever', 'own'), ('ordinary', 'emergency', 'own'),
  ('fever', 'emergency', 'own'), ('fever', 'waiting', 'own'), ('fever', 'left-before-result', 'own'),
  ('waiting', 'emergency', 'own'), ('waiting', 'waiting', 'own'), ('waiting', 'seen', 'own'), ('waiting', 'left-before-result', 'own'),
  ('seen', 'emergency', 'own'), ('seen', 'sampled', 'own'), ('seen', 'observation', 'own'), ('seen', 'excluded', 'own'),
  ('seen', 'left-before-result', 'own'), ('seen', 'suspected', 'own'), ('seen', 'awaiting-transfer', 'own'),
  ('sampled', 'emergency', 'own'), ('sampled', 'sampled', 'own'), ('sampled', 'observation', 'own'), ('sampled', 'excluded', 'own'),
  ('sampled', 'left-before-result', 'own'), ('sampled', 'suspected', 'own'),
  ('observation', 'emergency', 'own'), ('observation', 'sampled', 'own'), ('observation', 'observation', 'own'),
  ('observation', 'excluded', 'own'), ('observation', 'left-before-result', 'own'), ('observation', 'suspected', 'own'),
  ('left-before-result', 'excluded', 'own'), ('left-before-result', 'suspected', 'own'),
  ('suspected', 'emergency', 'own'), ('suspected', 'excluded', 'own'), ('suspected', 'reported', 'own'),
  ('reported', 'emergency', 'own'), ('reported', 'excluded', 'own'), ('reported', 'awaiting-transfer', 'own'),
  ('awaiting-transfer', 'emergency', 'own'), ('awaiting-transfer', 'in-transfer', 'own'),
  ('in-transfer', 'handed-over', 'receiver'), ('in-transfer', 'handed-over', 'own'),
  ('handed-over', 'disinfected', 'own');
--> statement-breakpoint
CREATE FUNCTION app.guard_fever_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[]; on_side text; t fever_transfer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.version <> 1 OR NEW.report_id IS NOT NULL OR NEW.seen_at IS NOT NULL OR NEW.sampled_at IS NOT NULL OR NEW.ended_at IS NOT NULL
       OR NEW.state <> (CASE WHEN NEW.from_visit_id IS NULL THEN 'to-triage' ELSE 'fever' END)::fever_visit_state
       OR (NEW.from_visit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM fever_visit v JOIN fever_transfer r ON r.visit_id = v.id
            WHERE v.id = NEW.from_visit_id AND v.patient_id = NEW.patient_id AND r.to_institution_id = NEW.institution_id AND r.received_at IS NOT NULL)) THEN
      RAISE EXCEPTION 'a visit begins at the triage desk' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_visit_state_order';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'fever_version';
  END IF;
  IF changed && ARRAY['id', 'institution_id', 'patient_id', 'arrival', 'arrived_at', 'appointment_id', 'from_visit_id', 'created_at'] THEN
    RAISE EXCEPTION 'who came, when and how stands' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_visit_stamp';
  END IF;
  on_side := CASE WHEN app.internal() OR OLD.institution_id = app.institution() THEN 'own' ELSE 'receiver' END;
  IF on_side = 'receiver' AND NOT changed <@ ARRAY['state', 'version', 'updated_at'] THEN
    RAISE EXCEPTION 'the register is the sender''s' USING ERRCODE = '42501', CONSTRAINT = 'fever_visit_side';
  END IF;
  IF OLD.state = NEW.state AND NOT changed && ARRAY['sampled_at', 'result_at'] THEN
    -- The register may be written down until the visit has ended.
    IF on_side <> 'own' OR NOT changed <@ ARRAY['version', 'updated_at', 'screening_id', 'phone_cipher', 'current_address', 'workplace', 'onset_on',
         'complaint', 'companions_cipher'] THEN
      RAISE EXCEPTION 'a stamp is set by its step' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_visit_stamp';
    END IF;
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM fever_visit_transition x WHERE x.from_state = OLD.state AND x.to_state = NEW.state AND x.side = on_side) THEN
    RAISE EXCEPTION 'a visit cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'fever_visit_state_order';
  END IF;
  IF app.kind() = 'staff' AND NEW.state IN ('seen', 'excluded', 'suspected', 'reported') AND NOT app.holds('fever.see') THEN
    RAISE EXCEPTION 'a doctor''s step' USING ERRCODE = '42501', CONSTRAINT = 'fever_visit_doctor';
  END IF;
  IF NEW.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM fever_stay s WHERE s.visit_id = NEW.id AND s.until IS NULL) THEN
    RAISE EXCEPTION 'who waits, waits in a room' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_visit_room';
  END IF;
  IF NEW.state = 'awaiting-transfer' AND OLD.state = 'seen' AND NOT EXISTS (SELECT 1 FROM fever_site f WHERE f.institution_id = OLD.institution_id AND f.kind = 'sentinel') THEN
    RAISE EXCEPTION 'a fever clinic reports before it sends on' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_visit_report_first';
  END IF;
  SELECT * INTO t FROM fever_transfer r WHERE r.visit_id = NEW.id;
  IF (NEW.state = 'awaiting-transfer' AND t.ordered_at IS NULL) OR (NEW.state = 'in-transfer' AND t.departed_at IS NULL)
     OR (NEW.state = 'handed-over' AND t.received_at IS NULL) OR (NEW.state = 'disinfected' AND t.disinfected_at IS NULL) THEN
    RAISE EXCEPTION 'the vehicle register comes first' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_visit_vehicle';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_visit_guard BEFORE INSERT OR UPDATE ON fever_visit FOR EACH ROW EXECUTE FUNCTION app.guard_fever_visit();
--> statement-breakpoint
-- Whoever leaves, leaves the room; and the appointment goes along with the visit.
CREATE FUNCTION app.follow_fever_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.state IN ('ordinary', 'excluded', 'disinfected', 'emergency', 'left-before-result', 'in-transfer', 'handed-over') THEN
    UPDATE fever_stay SET until = greatest(NEW.updated_at, since) WHERE visit_id = NEW.id AND until IS NULL;
  END IF;
  IF NEW.appointment_id IS NOT NULL THEN
    IF NEW.state = 'seen' THEN
      UPDATE appointment SET state = 'in-consultation', called_at = NEW.updated_at, version = version + 1 WHERE id = NEW.appointment_id AND state = 'waiting';
    ELSIF NEW.state IN ('ordinary', 'excluded', 'emergency', 'left-before-result', 'in-transfer') THEN
      UPDATE appointment SET state = 'in-consultation', called_at = NEW.updated_at, version = version + 1 WHERE id = NEW.appointment_id AND state = 'waiting';
      UPDATE appointment SET state = 'completed', ended_at = NEW.updated_at, version = version + 1 WHERE id = NEW.appointment_id AND state = 'in-consultation';
    END IF;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_visit_follow AFTER UPDATE OF state ON fever_visit FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION app.follow_fever_visit();
--> statement-breakpoint
-- A room of the own house for a visit of the own house.
CREATE FUNCTION app.guard_fever_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM fever_room r JOIN fever_visit v ON v.id = NEW.visit_id WHERE r.id = NEW.room_id AND r.active AND r.institution_id = v.institution_id) THEN
    RAISE EXCEPTION 'not a room of this house' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_stay_house';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_stay_guard BEFORE INSERT ON fever_stay FOR EACH ROW EXECUTE FUNCTION app.guard_fever_stay();
--> statement-breakpoint
-- What was published stands; who publishes is another person than the author and signs with the own name.
CREATE FUNCTION app.guard_fever_policy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF app.kind() = 'staff' AND (NEW.state <> 'draft' OR NEW.starter OR NEW.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a version begins as a draft of its author' USING ERRCODE = '42501', CONSTRAINT = 'fever_policy_author';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state = 'published' OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['state', 'published_by', 'published_at'] THEN
    RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_policy_stands';
  END IF;
  IF app.kind() = 'staff' AND NEW.published_by IS DISTINCT FROM app.person() THEN
    RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'fever_policy_publisher';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_policy_guard BEFORE INSERT OR UPDATE ON fever_policy FOR EACH ROW EXECUTE FUNCTION app.guard_fever_policy();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['fever_policy', 'fever_site', 'fever_room', 'fever_screening', 'fever_answer', 'fever_block', 'fever_visit', 'fever_measurement',
    'fever_stay', 'fever_transfer', 'fever_step', 'fever_visit_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['fever_policy', 'fever_site'] LOOP
    EXECUTE format('CREATE POLICY everyone_reads ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> ''none'')', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY write_rules ON fever_policy TO yilian_app USING ((SELECT app.holds('fever.rules'))) WITH CHECK ((SELECT app.holds('fever.rules')));
--> statement-breakpoint
CREATE POLICY own_see ON fever_room FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.fever_staff()));
--> statement-breakpoint
CREATE POLICY own_see ON fever_screening FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY own_answer ON fever_screening FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]) AND asked_by IS NULL);
--> statement-breakpoint
CREATE POLICY staff_see ON fever_screening FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.sees_fever_patient(patient_id));
--> statement-breakpoint
CREATE POLICY staff_ask ON fever_screening FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND (SELECT app.fever_staff()) AND asked_by = (SELECT app.person()) AND app.sees_fever_patient(patient_id));
--> statement-breakpoint
CREATE POLICY see ON fever_answer FOR SELECT TO yilian_app USING (EXISTS (SELECT 1 FROM fever_screening s WHERE s.id = screening_id));
--> statement-breakpoint
CREATE POLICY answer ON fever_answer FOR INSERT TO yilian_app WITH CHECK (EXISTS (SELECT 1 FROM fever_screening s WHERE s.id = screening_id));
--> statement-breakpoint
CREATE POLICY own_see ON fever_block FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
-- Hotline and window see that the fever clinic comes first; why is the fever staff's.
CREATE POLICY staff_see ON fever_block FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.sees_fever_patient(patient_id)
  OR (app.may_see_patient(patient_id) AND (SELECT app.holds('booking.assist') OR app.holds('booking.clinic') OR app.fever_staff()))));
--> statement-breakpoint
CREATE POLICY own_see ON fever_visit FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY staff_see ON fever_visit FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.fever_staff())
  AND (institution_id = (SELECT app.institution()) OR app.sees_fever_visit(id)));
--> statement-breakpoint
CREATE POLICY admit ON fever_visit FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND (SELECT app.holds('fever.triage') OR app.holds('fever.transfer')) AND app.may_see_patient(patient_id));
--> statement-breakpoint
-- Which step and which columns is asked by the trigger fever_visit_guard.
CREATE POLICY step ON fever_visit FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.fever_staff())
  AND (institution_id = (SELECT app.institution()) OR app.sees_fever_visit(id)));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['fever_measurement', 'fever_stay', 'fever_step'] LOOP
    EXECUTE format('CREATE POLICY see ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) = ''staff'' AND app.sees_fever_visit(visit_id))', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.own_fever_visit(visit uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.fever_staff() AND EXISTS (SELECT 1 FROM fever_visit v WHERE v.id = visit AND v.institution_id = app.institution()) $$;
--> statement-breakpoint
CREATE POLICY measure ON fever_measurement FOR INSERT TO yilian_app WITH CHECK (app.own_fever_visit(visit_id) AND by_person_id = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY alarm ON fever_measurement FOR UPDATE TO yilian_app USING (app.own_fever_visit(visit_id));
--> statement-breakpoint
CREATE POLICY room ON fever_stay FOR INSERT TO yilian_app WITH CHECK (app.own_fever_visit(visit_id));
--> statement-breakpoint
CREATE POLICY room_change ON fever_stay FOR UPDATE TO yilian_app USING (app.own_fever_visit(visit_id));
--> statement-breakpoint
CREATE POLICY write ON fever_step FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND app.sees_fever_visit(visit_id)
  AND by_person_id = (SELECT app.person()) AND by_institution_id = (SELECT app.institution()) AND by_name = (SELECT app.own_name()));
--> statement-breakpoint
-- A vehicle on its way is announced to the receiver at once; whom it brings is seen from its departure on.
CREATE POLICY see ON fever_transfer FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.fever_staff())
  AND (SELECT app.institution()) IN (from_institution_id, to_institution_id));
--> statement-breakpoint
CREATE POLICY order_vehicle ON fever_transfer FOR INSERT TO yilian_app WITH CHECK (app.own_fever_visit(visit_id) AND from_institution_id = (SELECT app.institution())
  AND (SELECT app.holds('fever.transfer')) AND ordered_by = (SELECT app.person()) AND departed_at IS NULL AND received_at IS NULL AND disinfected_at IS NULL);
--> statement-breakpoint
CREATE POLICY drive ON fever_transfer FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('fever.transfer'))
  AND (SELECT app.institution()) IN (from_institution_id, to_institution_id));
--> statement-breakpoint
-- Each side writes its own lines of the vehicle register; what is written stands.
CREATE FUNCTION app.guard_fever_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[] := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)); allowed text[];
BEGIN
  allowed := CASE WHEN OLD.departed_at IS NULL THEN ARRAY['departed_at', 'departed_by']
    WHEN OLD.received_at IS NULL THEN ARRAY['received_at', 'received_by', 'receiver_name']
    WHEN OLD.disinfected_at IS NULL THEN ARRAY['disinfected_at', 'disinfected_by', 'disinfection'] ELSE '{}'::text[] END;
  IF NOT changed <@ allowed THEN
    RAISE EXCEPTION 'what is in the vehicle register stands' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_transfer_order';
  END IF;
  IF app.kind() = 'staff' AND ((changed && ARRAY['departed_at', 'disinfected_at'] AND OLD.from_institution_id <> app.institution())
     OR (changed && ARRAY['received_at'] AND coalesce(OLD.to_institution_id, OLD.from_institution_id) <> app.institution())) THEN
    RAISE EXCEPTION 'the other side''s line' USING ERRCODE = '42501', CONSTRAINT = 'fever_transfer_side';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_transfer_guard BEFORE UPDATE ON fever_transfer FOR EACH ROW EXECUTE FUNCTION app.guard_fever_transfer();
--> statement-breakpoint
CREATE POLICY fever_see ON patient FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.fever_staff()) AND app.sees_fever_patient(id));
--> statement-breakpoint
CREATE POLICY fever_see ON patient_contact FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.fever_staff()) AND app.sees_fever_patient(patient_id));
--> statement-breakpoint
GRANT INSERT, UPDATE ON fever_policy, fever_visit, fever_stay, fever_transfer TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON fever_site, fever_room, fever_screening, fever_answer, fever_measurement, fever_step TO yilian_app;
--> statement-breakpoint
-- Of a measurement only the critical value that came of it is added later.
GRANT UPDATE (critical_value_id) ON fever_measurement TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE fever_measurement_id_seq, fever_step_id_seq TO yilian_app;
--> statement-breakpoint
-- Databases that are there already get the new roles; an empty one is filled by the set-up.
INSERT INTO role (code, name_zh, name_en, name_bo) SELECT * FROM (VALUES
  ('fever-nurse', '发热门诊护士', 'Fever-clinic nurse', 'ཚ་བའི་སྨན་ཁང་གི་སྨན་ཞབས།'),
  ('fever-doctor', '发热门诊医生', 'Fever-clinic doctor', 'ཚ་བའི་སྨན་ཁང་གི་སྨན་པ།')) AS fresh (code, name_zh, name_en, name_bo)
  WHERE EXISTS (SELECT 1 FROM role) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('fever-nurse', 'patient.read'), ('fever-nurse', 'patient.register'), ('fever-nurse', 'critical-value.raise'), ('fever-nurse', 'critical-value.receive'),
  ('fever-nurse', 'booking.clinic'), ('fever-nurse', 'booking.assist'), ('fever-nurse', 'fever.triage'), ('fever-nurse', 'fever.transfer'),
  ('fever-doctor', 'patient.read'), ('fever-doctor', 'patient.register'), ('fever-doctor', 'critical-value.raise'), ('fever-doctor', 'critical-value.receive'),
  ('fever-doctor', 'infectious-report.report'), ('fever-doctor', 'booking.clinic'), ('fever-doctor', 'fever.triage'), ('fever-doctor', 'fever.see'),
  ('fever-doctor', 'fever.transfer'), ('fever-doctor', 'fever.rules')) AS p (code, permission) ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.fever_staff(),
  app.sees_fever_visit(uuid),
  app.sees_fever_patient(uuid),
  app.has_fever_visit(uuid, timestamptz),
  app.fever_block_until(uuid, timestamptz),
  app.block_for_fever(uuid, timestamptz, timestamptz),
  app.lift_fever_block(uuid, text, timestamptz),
  app.fever_block_guard(),
  app.admit_to_fever(uuid, text, timestamptz),
  app.fever_departed(),
  app.guard_fever_visit(),
  app.follow_fever_visit(),
  app.guard_fever_stay(),
  app.guard_fever_policy(),
  app.own_fever_visit(uuid),
  app.guard_fever_transfer() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.fever_staff(),
  app.sees_fever_visit(uuid),
  app.sees_fever_patient(uuid),
  app.has_fever_visit(uuid, timestamptz),
  app.fever_block_until(uuid, timestamptz),
  app.block_for_fever(uuid, timestamptz, timestamptz),
  app.lift_fever_block(uuid, text, timestamptz),
  app.fever_block_guard(),
  app.admit_to_fever(uuid, text, timestamptz),
  app.fever_departed(),
  app.guard_fever_visit(),
  app.follow_fever_visit(),
  app.guard_fever_stay(),
  app.guard_fever_policy(),
  app.own_fever_visit(uuid),
  app.guard_fever_transfer() TO yilian_app, yilian_owner;
