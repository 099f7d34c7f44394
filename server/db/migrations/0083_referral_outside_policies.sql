-- A house outside answers a referral through its own system: a kind of actor of its own, bound to one institution. It sees and steps
-- what its institution is party to, on its institution's sides, and nothing else; everything that follows is our own job's.
CREATE OR REPLACE FUNCTION app.referral_sides(r referral) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE app.kind()
          WHEN 'staff' THEN array_remove(ARRAY[
            CASE WHEN r.from_institution_id = app.institution() OR (r.urgency = 'emergency' AND r.state = 'draft' AND EXISTS (
              SELECT 1 FROM referral p WHERE p.id = r.previous_id AND p.state = 'redirected' AND p.to_institution_id = app.institution())) THEN 'from' END,
            CASE WHEN r.to_institution_id = app.institution() AND r.submitted_at IS NOT NULL THEN 'to' END], NULL)
          WHEN 'house' THEN array_remove(ARRAY[
            CASE WHEN r.from_institution_id = app.institution() AND r.submitted_at IS NOT NULL THEN 'from' END,
            CASE WHEN r.to_institution_id = app.institution() AND r.submitted_at IS NOT NULL THEN 'to' END], NULL)
          WHEN 'patient' THEN CASE WHEN r.patient_id = ANY (app.patient_ids()) THEN ARRAY['patient'] ELSE '{}'::text[] END
          ELSE CASE WHEN app.internal() THEN ARRAY['system'] ELSE '{}'::text[] END END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.guard_referral() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  changed text[];
  sides text[];
  allowed text[] := app.referral_columns('any');
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' OR NEW.version <> 1 OR num_nonnulls(NEW.submitted_at, NEW.accepted_at, NEW.accepted_by, NEW.arrived_at, NEW.admitted_at,
         NEW.discharged_at, NEW.ended_at, NEW.outcome, NEW.set_off_at) > 0 THEN
      RAISE EXCEPTION 'a referral begins as a draft' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_state_order';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM episode e WHERE e.id = NEW.episode_id AND e.patient_id = NEW.patient_id AND e.state = 'active') THEN
      RAISE EXCEPTION 'no such episode of this patient is open' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_episode';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  -- An alarm is no change that a page has to know of before it saves.
  IF app.internal() AND changed <@ ARRAY['escalation_level', 'updated_at'] THEN RETURN NEW; END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'referral_version';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM referral_transition t
       WHERE t.direction = OLD.direction AND t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a referral cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'referral_state_order';
  END IF;
  IF changed && ARRAY['id', 'number', 'episode_id', 'patient_id', 'direction', 'from_institution_id', 'requester_id', 'previous_id', 'created_at'] THEN
    RAISE EXCEPTION 'whose referral it is stands' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_parties';
  END IF;
  -- What follows from another row is taken by the trigger of that row, in the name of whoever acted there.
  IF app.kind() IN ('staff', 'patient', 'house') AND pg_trigger_depth() = 1 THEN
    sides := app.referral_sides(OLD);
    IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM referral_transition t
         WHERE t.direction = OLD.direction AND t.from_state = OLD.state AND t.to_state = NEW.state AND t.side = ANY (sides)) THEN
      RAISE EXCEPTION 'not a step of this side' USING ERRCODE = '42501', CONSTRAINT = 'referral_side';
    END IF;
    IF 'from' = ANY (sides) THEN
      allowed := allowed || app.referral_columns('from');
      IF OLD.state IN ('draft', 'more-info-asked') OR (OLD.urgency = 'emergency' AND OLD.state IN ('submitted', 'on-the-way')) THEN
        allowed := allowed || app.referral_columns('content');
      END IF;
      IF OLD.state = 'draft' THEN allowed := allowed || app.referral_columns('target'); END IF;
    END IF;
    IF 'to' = ANY (sides) THEN allowed := allowed || app.referral_columns('to'); END IF;
    IF 'patient' = ANY (sides) THEN allowed := allowed || app.referral_columns('patient'); END IF;
    IF NOT changed <@ allowed THEN
      RAISE EXCEPTION 'not a change of this side, or not at this time' USING ERRCODE = '42501', CONSTRAINT = 'referral_side';
    END IF;
    IF NEW.accepted_by IS DISTINCT FROM OLD.accepted_by AND NEW.accepted_by IS DISTINCT FROM app.person() THEN
      RAISE EXCEPTION 'nobody acts in the name of another' USING ERRCODE = '42501', CONSTRAINT = 'referral_side';
    END IF;
  END IF;
  IF NEW.state = 'submitted' AND OLD.state <> 'submitted' AND NEW.submitted_at IS NULL THEN
    RAISE EXCEPTION 'what was sent has its time' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_stamp';
  END IF;
  IF NEW.state = 'submitted' AND OLD.state IN ('draft', 'patient-consented') AND NEW.urgency <> 'emergency'
     AND NOT app.referral_consented(NEW.episode_id, NEW.to_institution_id) THEN
    RAISE EXCEPTION 'the patient has not agreed to this recipient' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_consent';
  END IF;
  -- The community says yes before anybody leaves the ward, and has looked at its shelf.
  IF NEW.direction = 'down' AND NEW.state = 'accepted' AND OLD.state = 'submitted'
     AND jsonb_array_length(NEW.medicines) > 0 AND NEW.formulary_checked_at IS NULL THEN
    RAISE EXCEPTION 'medicines are looked up first' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_formulary';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE POLICY house_see ON referral FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'house' AND submitted_at IS NOT NULL
  AND (SELECT app.institution()) IN (from_institution_id, to_institution_id));
--> statement-breakpoint
CREATE POLICY house_step ON referral FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'house' AND submitted_at IS NOT NULL
  AND (SELECT app.institution()) IN (from_institution_id, to_institution_id))
  WITH CHECK ((SELECT app.kind()) = 'house' AND (SELECT app.institution()) IN (from_institution_id, to_institution_id));
--> statement-breakpoint
CREATE POLICY house_see ON referral_step FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'house'
  AND EXISTS (SELECT 1 FROM referral r WHERE r.id = referral_id));
--> statement-breakpoint
CREATE POLICY house_write ON referral_step FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'house' AND by_person_id IS NULL
  AND by_institution_id = (SELECT app.institution()) AND EXISTS (SELECT 1 FROM referral r WHERE r.id = referral_id));
--> statement-breakpoint
CREATE POLICY house_trace ON audit_event FOR INSERT TO yilian_app WITH CHECK (actor_kind = 'house' AND app.kind() = 'house'
  AND institution_id = app.institution() AND actor_id IS NOT NULL AND actor_name IS NOT NULL);
--> statement-breakpoint
-- The line between both servers: staff of ours read how it is, our own job alone writes it.
ALTER TABLE referral_outside ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE referral_outside FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY owner_all ON referral_outside TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON referral_outside TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY see ON referral_outside FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND our_institution_id = (SELECT app.institution())
  AND app.may_see_referral(referral_id));
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON referral_outside TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (refers_to_institution_id) ON record_outside TO yilian_app;
--> statement-breakpoint
-- What goes to a house with a server of its own is noted with the step itself, and its clock is set: nobody has to think of it.
CREATE FUNCTION app.note_outside_referral() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE line referral_outside; server record_outside;
BEGIN
  SELECT * INTO line FROM referral_outside WHERE referral_id = NEW.id FOR UPDATE;
  -- Sent, or sent anew after it had come back, perhaps to another house.
  IF NEW.state = 'submitted' AND OLD.state IN ('draft', 'patient-consented') THEN
    SELECT * INTO server FROM record_outside WHERE institution_id = NEW.from_institution_id AND refers_to_institution_id = NEW.to_institution_id
      AND removed_at IS NULL;
    IF FOUND THEN
      IF line.referral_id IS NULL THEN
        INSERT INTO referral_outside (referral_id, our_institution_id, house_id, side, outside_id)
          VALUES (NEW.id, NEW.from_institution_id, NEW.to_institution_id, 'to', server.id) RETURNING * INTO line;
      ELSE
        UPDATE referral_outside SET house_id = NEW.to_institution_id, outside_id = server.id, attempt = attempt + 1, their_task = NULL, agreed_state = NULL,
          their_state = NULL, sent_at = NULL, read_at = NULL, fault = NULL, failed_count = 0, failing_since = NULL, silence_told_at = NULL,
          contradiction = NULL, contradicted_at = NULL WHERE referral_id = NEW.id RETURNING * INTO line;
      END IF;
    ELSIF line.side = 'to' THEN
      UPDATE referral_outside SET outside_id = NULL WHERE referral_id = NEW.id;
      RETURN NULL;
    END IF;
  END IF;
  IF line.outside_id IS NULL THEN RETURN NULL; END IF;
  INSERT INTO alarm (kind, entity_id, key, due_at) VALUES ('referral:outside', NEW.id, 'referral:' || NEW.id || ':outside', NEW.updated_at)
    ON CONFLICT (key) DO UPDATE SET due_at = EXCLUDED.due_at, fired_at = NULL, attempts = 0;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER referral_outside_noted AFTER UPDATE ON referral FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL AND NEW.version <> OLD.version AND NEW.state <> OLD.state) EXECUTE FUNCTION app.note_outside_referral();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.note_outside_referral() FROM PUBLIC;
