-- The green channel: who sees a transfer, whose step it is, and that it moves together with its referral. The services
-- ask the same questions first; this is the last word.
-- State order, and whose step it is. The rows come from server/transfer/states.ts; a test compares both.
CREATE TABLE transfer_transition (kind transfer_kind NOT NULL, from_state transfer_state NOT NULL, to_state transfer_state NOT NULL,
  side text NOT NULL CHECK (side IN ('from', 'to', 'escort', 'system')), PRIMARY KEY (kind, from_state, to_state, side));
--> statement-breakpoint
INSERT INTO transfer_transition (kind, from_state, to_state, side) VALUES
  ('emergency', 'requested', 'vehicle-assigned', 'from'), ('emergency', 'requested', 'cancelled', 'from'), ('emergency', 'requested', 'cancelled', 'system'),
  ('emergency', 'vehicle-assigned', 'vehicle-assigned', 'from'), ('emergency', 'vehicle-assigned', 'picked-up', 'from'),
  ('emergency', 'vehicle-assigned', 'picked-up', 'escort'), ('emergency', 'vehicle-assigned', 'arrived', 'to'),
  ('emergency', 'vehicle-assigned', 'arrived', 'escort'), ('emergency', 'vehicle-assigned', 'arrived', 'system'),
  ('emergency', 'vehicle-assigned', 'cancelled', 'from'), ('emergency', 'vehicle-assigned', 'cancelled', 'system'),
  ('emergency', 'picked-up', 'in-transit', 'from'), ('emergency', 'picked-up', 'in-transit', 'escort'), ('emergency', 'picked-up', 'arrived', 'to'),
  ('emergency', 'picked-up', 'arrived', 'escort'), ('emergency', 'picked-up', 'arrived', 'system'), ('emergency', 'picked-up', 'cancelled', 'from'),
  ('emergency', 'picked-up', 'cancelled', 'system'), ('emergency', 'in-transit', 'arrived', 'to'), ('emergency', 'in-transit', 'arrived', 'escort'),
  ('emergency', 'in-transit', 'arrived', 'system'), ('emergency', 'in-transit', 'cancelled', 'from'), ('emergency', 'in-transit', 'cancelled', 'system'),
  ('emergency', 'arrived', 'handed-over', 'to'), ('infectious', 'requested', 'vehicle-assigned', 'from'), ('infectious', 'requested', 'cancelled', 'from'),
  ('infectious', 'requested', 'cancelled', 'system'), ('infectious', 'vehicle-assigned', 'vehicle-assigned', 'from'),
  ('infectious', 'vehicle-assigned', 'picked-up', 'from'), ('infectious', 'vehicle-assigned', 'picked-up', 'escort'),
  ('infectious', 'vehicle-assigned', 'arrived', 'to'), ('infectious', 'vehicle-assigned', 'arrived', 'escort'),
  ('infectious', 'vehicle-assigned', 'arrived', 'system'), ('infectious', 'vehicle-assigned', 'cancelled', 'from'),
  ('infectious', 'vehicle-assigned', 'cancelled', 'system'), ('infectious', 'picked-up', 'in-transit', 'from'), ('infectious', 'picked-up', 'in-transit', 'escort'),
  ('infectious', 'picked-up', 'arrived', 'to'), ('infectious', 'picked-up', 'arrived', 'escort'), ('infectious', 'picked-up', 'arrived', 'system'),
  ('infectious', 'picked-up', 'cancelled', 'from'), ('infectious', 'picked-up', 'cancelled', 'system'), ('infectious', 'in-transit', 'arrived', 'to'),
  ('infectious', 'in-transit', 'arrived', 'escort'), ('infectious', 'in-transit', 'arrived', 'system'), ('infectious', 'in-transit', 'cancelled', 'from'),
  ('infectious', 'in-transit', 'cancelled', 'system'), ('infectious', 'arrived', 'handed-over', 'to'), ('infectious', 'handed-over', 'disinfected', 'from'),
  ('infectious', 'handed-over', 'disinfected', 'to');
--> statement-breakpoint
CREATE FUNCTION app.may_see_transfer(of_transfer uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (app.kind() = 'staff' AND EXISTS (SELECT 1 FROM transfer t WHERE t.id = of_transfer
          AND app.institution() IN (t.from_institution_id, t.to_institution_id))) $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE r referral; sides text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO r FROM referral WHERE id = NEW.referral_id;
    IF NEW.state <> 'requested' OR NEW.version <> 1 THEN
      RAISE EXCEPTION 'a transfer begins by being asked for' USING ERRCODE = 'YL001', CONSTRAINT = 'transfer_state_order';
    END IF;
    IF r.id IS NULL OR r.direction <> 'up' OR r.submitted_at IS NULL OR r.patient_id <> NEW.patient_id
       OR r.from_institution_id <> NEW.from_institution_id OR r.to_institution_id <> NEW.to_institution_id
       OR (NEW.kind = 'emergency' AND r.urgency <> 'emergency') THEN
      RAISE EXCEPTION 'not a transfer of this referral' USING ERRCODE = 'YL001', CONSTRAINT = 'transfer_of_referral';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'transfer_version';
  END IF;
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'referral_id', 'patient_id', 'from_institution_id', 'to_institution_id', 'kind',
       'fever_visit_id', 'requested_by', 'requested_at', 'created_at'] THEN
    RAISE EXCEPTION 'whose transfer it is stands' USING ERRCODE = 'YL001', CONSTRAINT = 'transfer_parties';
  END IF;
  IF OLD.handed_over_at IS NOT NULL AND app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['handed_over_at', 'receiver_name', 'handed_over_by',
       'condition_on_arrival', 'vitals_on_arrival', 'arrived_at', 'departed_at'] THEN
    RAISE EXCEPTION 'what was signed stands' USING ERRCODE = 'YL001', CONSTRAINT = 'transfer_signed_stands';
  END IF;
  -- What follows from the referral is taken by its trigger, in the name of whoever acted there.
  sides := CASE WHEN app.internal() OR pg_trigger_depth() > 1 THEN ARRAY['escort', 'system'] ELSE array_remove(ARRAY[
    CASE WHEN OLD.from_institution_id = app.institution() THEN 'from' END,
    CASE WHEN OLD.to_institution_id = app.institution() THEN 'to' END], NULL) END;
  IF NEW.state <> OLD.state THEN
    IF NOT EXISTS (SELECT 1 FROM transfer_transition t WHERE t.kind = OLD.kind AND t.from_state = OLD.state AND t.to_state = NEW.state) THEN
      RAISE EXCEPTION 'a transfer cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'transfer_state_order';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM transfer_transition t WHERE t.kind = OLD.kind AND t.from_state = OLD.state AND t.to_state = NEW.state
         AND t.side = ANY (sides)) THEN
      RAISE EXCEPTION 'not a step of this side' USING ERRCODE = '42501', CONSTRAINT = 'transfer_side';
    END IF;
  ELSIF NOT app.internal() AND NOT ('from' = ANY (sides) AND OLD.state IN ('requested', 'vehicle-assigned', 'picked-up', 'in-transit', 'arrived')) THEN
    RAISE EXCEPTION 'not a change of this side' USING ERRCODE = '42501', CONSTRAINT = 'transfer_side';
  END IF;
  IF app.kind() = 'staff' AND ((NEW.handed_over_by IS DISTINCT FROM OLD.handed_over_by AND NEW.handed_over_by IS DISTINCT FROM app.person())
       OR (NEW.disinfected_by IS DISTINCT FROM OLD.disinfected_by AND NEW.disinfected_by IS DISTINCT FROM app.person())) THEN
    RAISE EXCEPTION 'nobody acts in the name of another' USING ERRCODE = '42501', CONSTRAINT = 'transfer_side';
  END IF;
  -- The crew's link ends with the hand-over.
  IF NEW.state IN ('handed-over', 'disinfected', 'cancelled') THEN NEW.token_hash := NULL; END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER transfer_guard BEFORE INSERT OR UPDATE ON transfer FOR EACH ROW EXECUTE FUNCTION app.guard_transfer();
--> statement-breakpoint
-- A vehicle that carried an infectious patient is free only when it was disinfected; any vehicle drives one at a time.
CREATE UNIQUE INDEX transfer_vehicle_free ON transfer (from_institution_id, upper(vehicle_plate))
  WHERE state IN ('vehicle-assigned', 'picked-up', 'in-transit', 'arrived') OR (state = 'handed-over' AND kind = 'infectious');
--> statement-breakpoint
-- The patient came, or will not come, by a step of the referral: its transfer follows.
CREATE FUNCTION app.follow_referral() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE t transfer; into_state transfer_state; act text;
BEGIN
  SELECT * INTO t FROM transfer WHERE referral_id = NEW.id FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF NEW.state = 'arrived' AND t.state IN ('vehicle-assigned', 'picked-up', 'in-transit') THEN
    into_state := 'arrived'; act := 'arrive';
  ELSIF t.state IN ('requested', 'vehicle-assigned', 'picked-up', 'in-transit')
     AND NEW.state IN ('arrived', 'returned', 'redirected', 'converted', 'advised', 'closed', 'expired', 'cancelled') THEN
    into_state := 'cancelled'; act := 'cancel';
  ELSE RETURN NULL; END IF;
  UPDATE transfer SET state = into_state, version = version + 1, updated_at = NEW.updated_at,
    arrived_at = CASE WHEN into_state = 'arrived' THEN NEW.updated_at ELSE arrived_at END,
    cancel_reason = CASE WHEN into_state = 'cancelled' THEN 'referral:' || NEW.state ELSE cancel_reason END WHERE id = t.id;
  INSERT INTO transfer_step (transfer_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, reason, at, told_at)
    VALUES (t.id, act, t.state, into_state, app.person(), CASE WHEN app.kind() = 'staff' THEN app.institution() END, coalesce(app.own_name(), ''),
      'referral:' || NEW.state, NEW.updated_at, NEW.updated_at);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER referral_transfer AFTER UPDATE OF state ON referral FOR EACH ROW
  WHEN (NEW.direction = 'up' AND NEW.state <> OLD.state) EXECUTE FUNCTION app.follow_referral();
--> statement-breakpoint
-- Coordinates are deleted a day after the journey, by the job.
CREATE FUNCTION app.forget_positions(before timestamptz) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ WITH gone AS (DELETE FROM transfer_position p USING transfer t WHERE app.internal() AND t.id = p.transfer_id AND (
            t.handed_over_at < before OR (t.state = 'cancelled' AND t.updated_at < before) OR p.at < before - interval '6 days') RETURNING 1)
        SELECT count(*) FROM gone $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['transfer', 'transfer_step', 'transfer_position', 'transfer_call', 'transfer_ready', 'transfer_ready_list',
    'transfer_packet', 'transfer_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY see ON transfer FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff'
  AND (SELECT app.institution()) IN (from_institution_id, to_institution_id));
--> statement-breakpoint
CREATE POLICY begin ON transfer FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND from_institution_id = (SELECT app.institution())
  AND requested_by = (SELECT app.person()) AND (SELECT app.holds('referral.request')));
--> statement-breakpoint
-- Which steps a side has is asked by the trigger transfer_guard.
CREATE POLICY step ON transfer FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff'
  AND (SELECT app.institution()) IN (from_institution_id, to_institution_id));
--> statement-breakpoint
CREATE POLICY see ON transfer_step FOR SELECT TO yilian_app USING (app.may_see_transfer(transfer_id));
--> statement-breakpoint
CREATE POLICY write ON transfer_step FOR INSERT TO yilian_app WITH CHECK (app.may_see_transfer(transfer_id) AND by_person_id = (SELECT app.person())
  AND by_institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY see ON transfer_position FOR SELECT TO yilian_app USING (app.may_see_transfer(transfer_id));
--> statement-breakpoint
CREATE POLICY see ON transfer_call FOR SELECT TO yilian_app USING (app.may_see_transfer(transfer_id));
--> statement-breakpoint
CREATE POLICY write ON transfer_call FOR INSERT TO yilian_app WITH CHECK (app.may_see_transfer(transfer_id) AND by_person_id = (SELECT app.person())
  AND by_institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY see ON transfer_ready FOR SELECT TO yilian_app USING (app.may_see_transfer(transfer_id));
--> statement-breakpoint
CREATE POLICY tick ON transfer_ready FOR INSERT TO yilian_app WITH CHECK (ticked_by = (SELECT app.person()) AND EXISTS (
  SELECT 1 FROM transfer t WHERE t.id = transfer_id AND t.to_institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY untick ON transfer_ready FOR DELETE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND EXISTS (
  SELECT 1 FROM transfer t WHERE t.id = transfer_id AND t.to_institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY see ON transfer_ready_list FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY manage ON transfer_ready_list TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('directory.manage')))
  WITH CHECK (institution_id = (SELECT app.institution()) AND updated_by = (SELECT app.person()) AND (SELECT app.holds('directory.manage')));
--> statement-breakpoint
CREATE POLICY see ON transfer_packet FOR SELECT TO yilian_app USING (app.may_see_transfer(transfer_id));
--> statement-breakpoint
CREATE POLICY make ON transfer_packet FOR INSERT TO yilian_app WITH CHECK (made_by = (SELECT app.person()) AND EXISTS (
  SELECT 1 FROM transfer t WHERE t.id = transfer_id AND t.from_institution_id = (SELECT app.institution())));
--> statement-breakpoint
CREATE POLICY staff_read ON transfer_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
GRANT INSERT, UPDATE ON transfer TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON transfer_step, transfer_position, transfer_call, transfer_ready, transfer_ready_list, transfer_packet TO yilian_app;
--> statement-breakpoint
GRANT UPDATE ON transfer_ready_list, transfer_packet TO yilian_app;
--> statement-breakpoint
GRANT DELETE ON transfer_ready TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE transfer_step_id_seq TO yilian_app;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app.may_see_transfer(uuid), app.guard_transfer(), app.follow_referral(), app.forget_positions(timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.may_see_transfer(uuid), app.forget_positions(timestamptz) TO yilian_app;
