-- Two-way referral: who sees which row, who may take which step. The services ask the same questions first; this is
-- the last word.
CREATE SEQUENCE episode_number;
--> statement-breakpoint
CREATE SEQUENCE referral_number;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE episode_number, referral_number TO yilian_app;
--> statement-breakpoint
-- State order, and whose step it is. The rows come from server/referral/states.ts; a test compares both.
CREATE TABLE referral_transition (direction referral_direction NOT NULL, from_state referral_state NOT NULL, to_state referral_state NOT NULL,
  side text NOT NULL CHECK (side IN ('from', 'to', 'patient', 'system')), PRIMARY KEY (direction, from_state, to_state, side));
--> statement-breakpoint
INSERT INTO referral_transition (direction, from_state, to_state, side) VALUES
  ('up', 'draft', 'patient-consented', 'from'), ('up', 'draft', 'patient-consented', 'patient'), ('up', 'draft', 'submitted', 'from'),
  ('up', 'draft', 'cancelled', 'from'), ('up', 'patient-consented', 'submitted', 'from'), ('up', 'patient-consented', 'draft', 'from'),
  ('up', 'patient-consented', 'draft', 'patient'), ('up', 'patient-consented', 'cancelled', 'from'), ('up', 'submitted', 'more-info-asked', 'to'),
  ('up', 'submitted', 'accepted', 'to'), ('up', 'submitted', 'returned', 'to'), ('up', 'submitted', 'redirected', 'to'),
  ('up', 'submitted', 'converted', 'to'), ('up', 'submitted', 'advised', 'to'), ('up', 'submitted', 'on-the-way', 'from'),
  ('up', 'submitted', 'on-the-way', 'patient'), ('up', 'submitted', 'arrived', 'to'), ('up', 'submitted', 'cancelled', 'from'),
  ('up', 'submitted', 'cancelled', 'patient'), ('up', 'submitted', 'expired', 'system'), ('up', 'more-info-asked', 'submitted', 'from'),
  ('up', 'more-info-asked', 'returned', 'to'), ('up', 'more-info-asked', 'cancelled', 'from'), ('up', 'more-info-asked', 'cancelled', 'patient'),
  ('up', 'more-info-asked', 'expired', 'system'), ('up', 'accepted', 'booked', 'to'), ('up', 'accepted', 'returned', 'to'),
  ('up', 'accepted', 'redirected', 'to'), ('up', 'accepted', 'on-the-way', 'from'), ('up', 'accepted', 'on-the-way', 'patient'),
  ('up', 'accepted', 'arrived', 'to'), ('up', 'accepted', 'cancel-asked', 'from'), ('up', 'accepted', 'cancel-asked', 'patient'),
  ('up', 'accepted', 'expired', 'system'), ('up', 'returned', 'draft', 'from'), ('up', 'returned', 'closed', 'to'),
  ('up', 'returned', 'closed', 'from'), ('up', 'returned', 'closed', 'system'), ('up', 'advised', 'closed', 'to'),
  ('up', 'advised', 'closed', 'from'), ('up', 'advised', 'closed', 'system'), ('up', 'booked', 'booked', 'to'),
  ('up', 'booked', 'on-the-way', 'from'), ('up', 'booked', 'on-the-way', 'patient'), ('up', 'booked', 'arrived', 'to'),
  ('up', 'booked', 'no-show', 'to'), ('up', 'booked', 'returned', 'to'), ('up', 'booked', 'redirected', 'to'),
  ('up', 'booked', 'cancel-asked', 'from'), ('up', 'booked', 'cancel-asked', 'patient'), ('up', 'on-the-way', 'arrived', 'to'),
  ('up', 'on-the-way', 'redirected', 'to'), ('up', 'on-the-way', 'no-show', 'to'), ('up', 'on-the-way', 'cancel-asked', 'from'),
  ('up', 'on-the-way', 'cancel-asked', 'patient'), ('up', 'no-show', 'booked', 'to'), ('up', 'no-show', 'arrived', 'to'),
  ('up', 'no-show', 'returned', 'to'), ('up', 'no-show', 'cancel-asked', 'from'), ('up', 'no-show', 'cancel-asked', 'patient'),
  ('up', 'no-show', 'expired', 'system'), ('up', 'cancel-asked', 'cancelled', 'to'), ('up', 'cancel-asked', 'accepted', 'to'),
  ('up', 'cancel-asked', 'arrived', 'to'), ('up', 'arrived', 'admitted', 'to'), ('up', 'arrived', 'ready-for-down', 'to'),
  ('up', 'arrived', 'closed', 'to'), ('up', 'arrived', 'closed', 'from'), ('up', 'arrived', 'closed', 'system'),
  ('up', 'admitted', 'ready-for-down', 'to'), ('up', 'admitted', 'closed', 'to'), ('up', 'admitted', 'closed', 'from'),
  ('up', 'admitted', 'closed', 'system'), ('up', 'ready-for-down', 'admitted', 'to'), ('up', 'ready-for-down', 'sent-down', 'system'),
  ('up', 'ready-for-down', 'closed', 'to'), ('up', 'ready-for-down', 'closed', 'from'), ('up', 'ready-for-down', 'closed', 'system'),
  ('up', 'sent-down', 'continued-in-community', 'to'), ('up', 'sent-down', 'continued-in-community', 'system'), ('up', 'sent-down', 'admitted', 'to'),
  ('up', 'sent-down', 'closed', 'to'), ('up', 'sent-down', 'closed', 'from'), ('up', 'sent-down', 'closed', 'system'),
  ('up', 'continued-in-community', 'closed', 'to'), ('up', 'continued-in-community', 'closed', 'from'), ('up', 'continued-in-community', 'closed', 'system'),
  ('up', 'expired', 'draft', 'from'), ('down', 'draft', 'patient-consented', 'from'), ('down', 'draft', 'patient-consented', 'patient'),
  ('down', 'draft', 'submitted', 'from'), ('down', 'draft', 'cancelled', 'from'), ('down', 'patient-consented', 'submitted', 'from'),
  ('down', 'patient-consented', 'draft', 'from'), ('down', 'patient-consented', 'draft', 'patient'), ('down', 'patient-consented', 'cancelled', 'from'),
  ('down', 'submitted', 'more-info-asked', 'to'), ('down', 'submitted', 'accepted', 'to'), ('down', 'submitted', 'returned', 'to'),
  ('down', 'submitted', 'redirected', 'to'), ('down', 'submitted', 'cancelled', 'from'), ('down', 'submitted', 'cancelled', 'patient'),
  ('down', 'submitted', 'expired', 'system'), ('down', 'more-info-asked', 'submitted', 'from'), ('down', 'more-info-asked', 'returned', 'to'),
  ('down', 'more-info-asked', 'cancelled', 'from'), ('down', 'more-info-asked', 'cancelled', 'patient'), ('down', 'more-info-asked', 'expired', 'system'),
  ('down', 'accepted', 'sent-down', 'from'), ('down', 'accepted', 'returned', 'to'), ('down', 'accepted', 'cancel-asked', 'from'),
  ('down', 'accepted', 'cancel-asked', 'patient'), ('down', 'accepted', 'expired', 'system'), ('down', 'returned', 'draft', 'from'),
  ('down', 'returned', 'closed', 'to'), ('down', 'returned', 'closed', 'from'), ('down', 'returned', 'closed', 'system'),
  ('down', 'advised', 'closed', 'to'), ('down', 'advised', 'closed', 'from'), ('down', 'advised', 'closed', 'system'),
  ('down', 'no-show', 'continued-in-community', 'to'), ('down', 'no-show', 'continued-in-community', 'system'), ('down', 'no-show', 'closed', 'to'),
  ('down', 'no-show', 'closed', 'from'), ('down', 'no-show', 'closed', 'system'), ('down', 'cancel-asked', 'cancelled', 'to'),
  ('down', 'cancel-asked', 'accepted', 'to'), ('down', 'sent-down', 'continued-in-community', 'to'), ('down', 'sent-down', 'continued-in-community', 'system'),
  ('down', 'sent-down', 'no-show', 'to'), ('down', 'continued-in-community', 'closed', 'to'), ('down', 'continued-in-community', 'closed', 'from'),
  ('down', 'continued-in-community', 'closed', 'system'), ('down', 'expired', 'draft', 'from');
--> statement-breakpoint
-- The sides of a referral that whoever acts is on. A desk that passes an emergency on sends it for the first house.
CREATE FUNCTION app.referral_sides(r referral) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE app.kind()
          WHEN 'staff' THEN array_remove(ARRAY[
            CASE WHEN r.from_institution_id = app.institution() OR (r.urgency = 'emergency' AND r.state = 'draft' AND EXISTS (
              SELECT 1 FROM referral p WHERE p.id = r.previous_id AND p.state = 'redirected' AND p.to_institution_id = app.institution())) THEN 'from' END,
            CASE WHEN r.to_institution_id = app.institution() AND r.submitted_at IS NOT NULL THEN 'to' END], NULL)
          WHEN 'patient' THEN CASE WHEN r.patient_id = ANY (app.patient_ids()) THEN ARRAY['patient'] ELSE '{}'::text[] END
          ELSE CASE WHEN app.internal() THEN ARRAY['system'] ELSE '{}'::text[] END END $$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_referral(of_referral uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (SELECT 1 FROM referral r WHERE r.id = of_referral AND CASE app.kind()
          WHEN 'staff' THEN r.from_institution_id = app.institution() OR (r.submitted_at IS NOT NULL AND r.to_institution_id = app.institution())
          WHEN 'patient' THEN r.patient_id = ANY (app.patient_ids()) AND (r.submitted_at IS NOT NULL OR r.patient_asked_at IS NOT NULL)
          ELSE false END) $$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_episode(of_episode uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (SELECT 1 FROM episode e WHERE e.id = of_episode AND CASE app.kind()
          WHEN 'staff' THEN app.institution() IN (e.opened_by_institution_id, e.care_institution_id) OR EXISTS (
            SELECT 1 FROM referral r WHERE r.episode_id = e.id AND (r.from_institution_id = app.institution()
              OR (r.submitted_at IS NOT NULL AND r.to_institution_id = app.institution())))
          WHEN 'patient' THEN e.patient_id = ANY (app.patient_ids())
          ELSE false END) $$;
--> statement-breakpoint
-- Who was asked to take somebody over knows of whom, until it sent him back or on.
CREATE OR REPLACE FUNCTION app.may_see_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR CASE app.kind()
          WHEN 'patient' THEN patient = ANY (app.patient_ids())
          WHEN 'staff' THEN EXISTS (SELECT 1 FROM patient_institution i WHERE i.patient_id = patient AND i.institution_id = app.institution())
            OR EXISTS (SELECT 1 FROM consult c WHERE c.patient_id = patient AND c.submitted_at IS NOT NULL
                       AND c.state NOT IN ('declined', 'cancelled')
                       AND (c.invited_institution_id = app.institution() OR app.participates(c.id)))
            OR EXISTS (SELECT 1 FROM referral r WHERE r.patient_id = patient AND r.to_institution_id = app.institution() AND r.submitted_at IS NOT NULL
                       AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'expired', 'cancelled'))
          ELSE false END $$;
--> statement-breakpoint
CREATE FUNCTION app.referral_consented(of_episode uuid, recipient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT coalesce((SELECT c.given AND c.withdrawn_at IS NULL FROM referral_consent c WHERE c.episode_id = of_episode
          AND c.recipient_institution_id = recipient ORDER BY c.recorded_at DESC, c.id DESC LIMIT 1), false) $$;
--> statement-breakpoint
CREATE FUNCTION app.referral_columns(part text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE part
  WHEN 'any' THEN ARRAY['state', 'version', 'updated_at', 'ended_at', 'outcome', 'held_until', 'bed_hold_id', 'appointment_id']
  WHEN 'content' THEN ARRAY['urgency', 'requester_phone', 'reason', 'impression', 'present_history', 'past_history', 'examination', 'vitals', 'results',
    'treatment_so_far', 'medicines', 'allergies', 'criteria', 'admission_number', 'plan', 'rehabilitation_advice', 'review_on', 'return_triggers',
    'pending_results', 'triage_assessment_id', 'consult_id', 'pathway_id', 'patient_asked_at']
  WHEN 'target' THEN ARRAY['to_institution_id', 'to_department_id', 'to_doctor_id', 'pathway_id', 'urgency']
  WHEN 'from' THEN ARRAY['submitted_at', 'respond_by', 'escalation_level', 'set_off_at', 'discharged_at', 'outcome_read_at', 'patient_asked_at', 'pending_results']
  WHEN 'to' THEN ARRAY['accepted_at', 'accepted_by', 'answer', 'arrived_at', 'admitted_at', 'to_department_id', 'to_doctor_id', 'consult_id',
    'medicines', 'formulary_checked_at', 'escalation_level', 'respond_by', 'pending_results']
  WHEN 'patient' THEN ARRAY['set_off_at', 'respond_by']
  ELSE '{}'::text[] END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_referral() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
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
  IF app.kind() IN ('staff', 'patient') AND pg_trigger_depth() = 1 THEN
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
CREATE TRIGGER referral_guard BEFORE INSERT OR UPDATE ON referral FOR EACH ROW EXECUTE FUNCTION app.guard_referral();
--> statement-breakpoint
-- The way up goes on with its way down: home from the ward, in the community's hands, over.
CREATE FUNCTION app.follow_way_down() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE above referral; into_state referral_state; act text;
BEGIN
  SELECT * INTO above FROM referral WHERE id = NEW.previous_id AND direction = 'up' FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT s, a INTO into_state, act FROM (VALUES
    ('sent-down'::referral_state, 'ready-for-down'::referral_state, 'sent-down'::referral_state, 'sendDown'),
    ('continued-in-community', 'sent-down', 'continued-in-community', 'takeOn'),
    ('closed', 'continued-in-community', 'closed', 'conclude')) AS t(below, before, s, a)
    WHERE t.below = NEW.state AND t.before = above.state;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE referral SET state = into_state, version = version + 1, updated_at = NEW.updated_at,
    ended_at = CASE WHEN into_state = 'closed' THEN NEW.updated_at ELSE ended_at END,
    outcome = CASE WHEN into_state = 'closed' THEN coalesce(outcome, NEW.outcome) ELSE outcome END WHERE id = above.id;
  INSERT INTO referral_step (referral_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, reason, at)
    VALUES (above.id, act, above.state, into_state, app.person(), app.institution(), coalesce(app.own_name(), ''), NULL, NEW.updated_at);
  INSERT INTO outbox_event (topic, entity_id, version, institution_ids, patient_ids)
    VALUES ('referral', above.id::text, above.version + 1, ARRAY[above.from_institution_id, above.to_institution_id], ARRAY[above.patient_id]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER referral_way_down AFTER UPDATE OF state ON referral FOR EACH ROW
  WHEN (NEW.direction = 'down' AND NEW.state <> OLD.state AND NEW.previous_id IS NOT NULL) EXECUTE FUNCTION app.follow_way_down();
--> statement-breakpoint
-- Passing on: a further draft of the first house, with what is known; an emergency is with the next house at once.
CREATE FUNCTION app.pass_referral_on(of_referral uuid, to_institution uuid, to_department uuid, on_day date, answer_by timestamptz, now_at timestamptz) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE r referral; made uuid;
BEGIN
  SELECT * INTO r FROM referral WHERE id = of_referral AND to_institution_id = app.institution() AND state = 'redirected';
  IF NOT FOUND OR app.kind() <> 'staff' OR NOT app.holds('referral.desk') THEN RETURN NULL; END IF;
  SELECT id INTO made FROM referral WHERE previous_id = r.id AND direction = r.direction;
  IF FOUND THEN RETURN made; END IF;
  INSERT INTO referral (number, episode_id, patient_id, direction, urgency, from_institution_id, requester_id, requester_phone, to_institution_id, to_department_id,
      pathway_id, previous_id, triage_assessment_id, consult_id, reason, impression, present_history, past_history, examination, vitals, results, treatment_so_far,
      medicines, allergies, criteria, admission_number, plan, rehabilitation_advice, review_on, return_triggers, pending_results, patient_asked_at, updated_at)
    VALUES ('ZZ' || to_char(on_day, 'YYYYMMDD') || lpad(nextval('referral_number')::text, 5, '0'), r.episode_id, r.patient_id, r.direction, r.urgency,
      r.from_institution_id, r.requester_id, r.requester_phone, to_institution, to_department, r.pathway_id, r.id, r.triage_assessment_id, r.consult_id, r.reason,
      r.impression, r.present_history, r.past_history, r.examination, r.vitals, r.results, r.treatment_so_far, r.medicines, r.allergies, r.criteria,
      r.admission_number, r.plan, r.rehabilitation_advice, r.review_on, r.return_triggers, r.pending_results, now_at, now_at) RETURNING id INTO made;
  IF r.urgency = 'emergency' THEN
    UPDATE referral SET state = 'submitted', version = version + 1, submitted_at = now_at, respond_by = answer_by WHERE id = made;
    INSERT INTO referral_step (referral_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, at)
      VALUES (made, 'submit', 'draft', 'submitted', app.person(), app.institution(), app.own_name(), now_at);
  END IF;
  INSERT INTO outbox_event (topic, entity_id, version, institution_ids, patient_ids)
    VALUES ('referral', made::text, 1, array_remove(ARRAY[r.from_institution_id, CASE WHEN r.urgency = 'emergency' THEN to_institution END], NULL), ARRAY[r.patient_id]);
  RETURN made;
END $$;
--> statement-breakpoint
-- Whom a way has asked already, oldest first: rings are refused, and the last desk cannot see the first.
CREATE FUNCTION app.referral_way(of_referral uuid) RETURNS TABLE (institution_id uuid, department_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ WITH RECURSIVE way AS (
          SELECT r.*, 0 AS back FROM referral r WHERE r.id = of_referral AND app.may_see_referral(r.id)
          UNION ALL SELECT p.*, w.back + 1 FROM referral p JOIN way w ON p.id = w.previous_id AND p.direction = w.direction WHERE w.back < 20)
        SELECT to_institution_id, to_department_id FROM way WHERE to_institution_id IS NOT NULL ORDER BY back DESC $$;
--> statement-breakpoint
-- How much is open at each house: numbers, nobody's name.
CREATE FUNCTION app.open_referrals(institutions uuid[]) RETURNS TABLE (institution_id uuid, department_id uuid, open bigint, median_minutes double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT r.to_institution_id, r.to_department_id, count(*) FILTER (WHERE r.state IN ('submitted', 'more-info-asked', 'accepted', 'booked', 'on-the-way')),
          percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.accepted_at - r.submitted_at) / 60)
        FROM referral r WHERE app.kind() IN ('staff', 'job', 'system') AND r.to_institution_id = ANY (institutions) AND r.submitted_at IS NOT NULL GROUP BY 1, 2 $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_follow_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'follow_up_version';
  END IF;
  IF NOT (OLD.state = 'planned' OR (OLD.state = 'missed' AND NEW.state IN ('done', 'cancelled'))) THEN
    RAISE EXCEPTION 'a follow-up cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'follow_up_state_order';
  END IF;
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'episode_id', 'referral_id', 'patient_id', 'institution_id', 'kind', 'created_at'] THEN
    RAISE EXCEPTION 'whose follow-up it is stands' USING ERRCODE = 'YL001', CONSTRAINT = 'follow_up_parties';
  END IF;
  IF app.kind() = 'staff' AND NEW.done_by IS DISTINCT FROM OLD.done_by AND NEW.done_by IS DISTINCT FROM app.person() THEN
    RAISE EXCEPTION 'nobody acts in the name of another' USING ERRCODE = '42501', CONSTRAINT = 'follow_up_side';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER follow_up_guard BEFORE UPDATE ON follow_up FOR EACH ROW EXECUTE FUNCTION app.guard_follow_up();
--> statement-breakpoint
-- An episode ends when nothing in it is open.
CREATE FUNCTION app.guard_episode() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'episode_version';
  END IF;
  IF OLD.state = 'finished' THEN
    RAISE EXCEPTION 'what is over stays as it was' USING ERRCODE = 'YL001', CONSTRAINT = 'episode_state_order';
  END IF;
  IF app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) && ARRAY['id', 'number', 'patient_id', 'opened_by', 'opened_by_institution_id', 'opened_at', 'created_at'] THEN
    RAISE EXCEPTION 'whose episode it is stands' USING ERRCODE = 'YL001', CONSTRAINT = 'episode_parties';
  END IF;
  IF NEW.state = 'finished' AND (EXISTS (SELECT 1 FROM referral r WHERE r.episode_id = NEW.id AND r.state NOT IN
       ('returned', 'redirected', 'converted', 'advised', 'closed', 'expired', 'cancelled'))
     OR EXISTS (SELECT 1 FROM follow_up f WHERE f.episode_id = NEW.id AND f.state IN ('planned', 'missed'))) THEN
    RAISE EXCEPTION 'something in it is still open' USING ERRCODE = 'YL001', CONSTRAINT = 'episode_open_loop';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER episode_guard BEFORE UPDATE ON episode FOR EACH ROW EXECUTE FUNCTION app.guard_episode();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['alarm', 'episode', 'pathway', 'pathway_criterion', 'referral_policy', 'referral', 'referral_step', 'referral_message',
    'referral_consent', 'follow_up', 'referral_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- A clock says that something is due, not for whom: whoever acts sets and stops it, our own job reads it.
CREATE POLICY own_clock ON alarm TO yilian_app USING ((SELECT app.kind()) IN ('staff', 'patient')) WITH CHECK ((SELECT app.kind()) IN ('staff', 'patient'));
--> statement-breakpoint
CREATE POLICY see ON episode FOR SELECT TO yilian_app USING (CASE (SELECT app.kind())
  WHEN 'staff' THEN (SELECT app.institution()) IN (opened_by_institution_id, care_institution_id) OR app.may_see_episode(id)
  WHEN 'patient' THEN patient_id = ANY ((SELECT app.patient_ids())::uuid[]) ELSE false END);
--> statement-breakpoint
CREATE POLICY begin ON episode FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND opened_by_institution_id = (SELECT app.institution())
  AND opened_by = (SELECT app.person()) AND app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY step ON episode FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.may_see_episode(id));
--> statement-breakpoint
CREATE POLICY staff_read ON pathway FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON pathway_criterion FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON referral_policy FOR SELECT TO yilian_app USING ((SELECT app.kind()) IN ('staff', 'patient'));
--> statement-breakpoint
CREATE POLICY manage ON referral_policy FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('directory.manage')));
--> statement-breakpoint
CREATE POLICY see ON referral FOR SELECT TO yilian_app USING (CASE (SELECT app.kind())
  WHEN 'staff' THEN from_institution_id = (SELECT app.institution()) OR (submitted_at IS NOT NULL AND to_institution_id = (SELECT app.institution()))
  WHEN 'patient' THEN (submitted_at IS NOT NULL OR patient_asked_at IS NOT NULL) AND patient_id = ANY ((SELECT app.patient_ids())::uuid[])
  ELSE false END);
--> statement-breakpoint
CREATE POLICY begin ON referral FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND from_institution_id = (SELECT app.institution())
  AND requester_id = (SELECT app.person()) AND app.may_see_patient(patient_id) AND app.may_see_episode(episode_id));
--> statement-breakpoint
-- Which columns and steps a side has is asked by the trigger referral_guard.
CREATE POLICY step ON referral FOR UPDATE TO yilian_app USING (CASE (SELECT app.kind())
  WHEN 'staff' THEN from_institution_id = (SELECT app.institution()) OR (submitted_at IS NOT NULL AND to_institution_id = (SELECT app.institution()))
  WHEN 'patient' THEN (submitted_at IS NOT NULL OR patient_asked_at IS NOT NULL) AND patient_id = ANY ((SELECT app.patient_ids())::uuid[])
  ELSE false END) WITH CHECK ((SELECT app.kind()) IN ('staff', 'patient'));
--> statement-breakpoint
CREATE POLICY see ON referral_step FOR SELECT TO yilian_app USING ((SELECT app.kind()) IN ('staff', 'patient') AND app.may_see_referral(referral_id));
--> statement-breakpoint
CREATE POLICY write ON referral_step FOR INSERT TO yilian_app WITH CHECK (app.may_see_referral(referral_id) AND CASE (SELECT app.kind())
  WHEN 'staff' THEN by_person_id = (SELECT app.person()) AND by_institution_id = (SELECT app.institution()) AND by_name = (SELECT app.own_name())
  WHEN 'patient' THEN by_person_id IS NULL AND by_institution_id IS NULL ELSE false END);
--> statement-breakpoint
CREATE POLICY see ON referral_message FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.may_see_referral(referral_id));
--> statement-breakpoint
CREATE POLICY write ON referral_message FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND app.may_see_referral(referral_id)
  AND by_person_id = (SELECT app.person()) AND by_institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY see ON referral_consent FOR SELECT TO yilian_app USING ((SELECT app.kind()) IN ('staff', 'patient') AND app.may_see_episode(episode_id));
--> statement-breakpoint
CREATE POLICY write ON referral_consent FOR INSERT TO yilian_app WITH CHECK (app.may_see_episode(episode_id) AND withdrawn_at IS NULL AND CASE (SELECT app.kind())
  WHEN 'staff' THEN recorded_by = (SELECT app.person()) AND method IS NOT NULL
  WHEN 'patient' THEN recorded_by IS NULL AND method IS NULL ELSE false END);
--> statement-breakpoint
CREATE POLICY change ON referral_consent FOR UPDATE TO yilian_app USING ((SELECT app.kind()) IN ('staff', 'patient') AND app.may_see_episode(episode_id));
--> statement-breakpoint
CREATE FUNCTION app.guard_referral_consent() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF OLD.withdrawn_at IS NOT NULL OR app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <> ARRAY['withdrawn_at'] THEN
    RAISE EXCEPTION 'a consent is only ever taken back' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_consent_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER referral_consent_guard BEFORE UPDATE ON referral_consent FOR EACH ROW EXECUTE FUNCTION app.guard_referral_consent();
--> statement-breakpoint
CREATE POLICY see ON follow_up FOR SELECT TO yilian_app USING (CASE (SELECT app.kind())
  WHEN 'staff' THEN institution_id = (SELECT app.institution()) OR app.may_see_referral(referral_id)
  WHEN 'patient' THEN patient_id = ANY ((SELECT app.patient_ids())::uuid[]) ELSE false END);
--> statement-breakpoint
CREATE POLICY plan ON follow_up FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND app.may_see_referral(referral_id));
--> statement-breakpoint
CREATE POLICY step ON follow_up FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY read_transitions ON referral_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
GRANT INSERT, UPDATE ON episode, referral, referral_consent, follow_up, alarm TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON referral_step, referral_message, referral_policy TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE referral_step_id_seq TO yilian_app;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referral_sides(referral), app.may_see_referral(uuid), app.may_see_episode(uuid), app.referral_consented(uuid, uuid),
  app.referral_columns(text), app.guard_referral(), app.follow_way_down(), app.pass_referral_on(uuid, uuid, uuid, date, timestamptz, timestamptz), app.referral_way(uuid),
  app.open_referrals(uuid[]), app.guard_follow_up(), app.guard_episode(), app.guard_referral_consent() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referral_sides(referral), app.may_see_referral(uuid), app.may_see_episode(uuid), app.referral_consented(uuid, uuid),
  app.referral_columns(text), app.pass_referral_on(uuid, uuid, uuid, date, timestamptz, timestamptz), app.referral_way(uuid), app.open_referrals(uuid[]) TO yilian_app, yilian_owner;
--> statement-breakpoint
INSERT INTO role (code, name_zh, name_en, name_bo) SELECT v.* FROM (VALUES
  ('referral-desk', '转诊协调员', 'Referral coordinator', 'གནས་སྤོ་འབྲེལ་མཐུད་པ།'),
  ('ward-doctor', '病区医生', 'Ward doctor', 'ནད་ཁང་གི་སྨན་པ།')) AS v(code, name_zh, name_en, name_bo)
  WHERE EXISTS (SELECT 1 FROM role) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('community-doctor', 'referral.request'), ('community-doctor', 'referral.desk'), ('community-doctor', 'referral.follow-up'),
  ('attending-doctor', 'referral.request'), ('attending-doctor', 'referral.desk'), ('attending-doctor', 'referral.ward'), ('attending-doctor', 'referral.follow-up'),
  ('fever-doctor', 'referral.request'), ('specialist', 'referral.ward'), ('specialist', 'referral.request'),
  ('consult-desk', 'referral.desk'), ('referral-desk', 'referral.desk'), ('referral-desk', 'patient.read'), ('referral-desk', 'booking.assist'),
  ('ward-doctor', 'referral.ward'), ('ward-doctor', 'referral.request'), ('ward-doctor', 'patient.read'), ('ward-doctor', 'record.read'),
  ('alliance-administrator', 'referral.board'), ('health-commission', 'referral.board')) AS p(code, permission) ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- The ways that every alliance has; those of specialty alliances are theirs to enter. Source: domain.md "Tiered care" and, where marked, recalled.
INSERT INTO pathway (code, direction, name_zh, name_en, name_bo, specialty_codes, review_days, valid_from, source, recalled) VALUES
  ('general-up', 'up', '一般上转', 'General, up', 'སྤྱིར་བཏང་ཡར་སྤོ།', '{}', NULL, '2026-01-01', '医疗机构双向转诊标准（上转指征）', false),
  ('hypertension-up', 'up', '高血压上转', 'Hypertension, up', 'ཁྲག་ཤེད་མཐོ་བ་ཡར་སྤོ།', '{03.04,03}', NULL, '2026-01-01', '国家基层高血压防治管理指南', true),
  ('altitude-up', 'up', '高原病上转', 'High-altitude illness, up', 'མཐོ་སའི་ནད་ཡར་སྤོ།', '{03}', NULL, '2026-01-01', '高原病分级诊疗（下撤与转诊指征）', true),
  ('general-down', 'down', '一般下转', 'General, down', 'སྤྱིར་བཏང་མར་སྤོ།', '{}', 14, '2026-01-01', '医疗机构双向转诊标准（下转指征）', false),
  ('rehabilitation-down', 'down', '康复下转', 'Rehabilitation, down', 'བདེ་ཐང་སླར་གསོ་མར་སྤོ།', '{21}', 7, '2026-01-01', '康复医疗分级诊疗（下转指征）', true);
--> statement-breakpoint
INSERT INTO pathway_criterion (pathway_id, code, position, text_zh, text_en, text_bo, evidence)
SELECT p.id, c.code, c.position, c.zh, c.en, c.bo, c.evidence::jsonb FROM (VALUES
  ('general-up', 'acute-critical', 1, '急危重症，基层无法处置', 'Acute or critical, beyond what can be treated here', 'ཛ་དྲག་ནད། འདིར་བཅོས་མི་ཐུབ།', '{"spo2Percent":{"atMost":75},"systolicMmHg":{"atMost":90},"breathsPerMinute":{"atLeast":30}}'),
  ('general-up', 'undiagnosed', 2, '诊断不明', 'The diagnosis is not clear', 'ནད་ངོས་གསལ་པོ་མེད།', NULL),
  ('general-up', 'treatment-failing', 3, '治疗无效或加重', 'Treatment does not help, or it gets worse', 'བཅོས་པས་ཕན་མི་ཐོགས་པའམ་ཇེ་ལྕིར་སོང་བ།', NULL),
  ('general-up', 'complications', 4, '出现并发症', 'Complications', 'ནད་མཇུག་ཞར་བྱུང་།', NULL),
  ('general-up', 'beyond-equipment', 5, '需要本机构没有的检查或设备', 'Needs a test or device that is not here', 'འདིར་མེད་པའི་བརྟག་དཔྱད་དམ་སྒྲིག་ཆས་དགོས།', NULL),
  ('general-up', 'beyond-scope', 6, '超出本机构诊疗科目', 'Outside what this house may treat', 'སྨན་ཁང་འདིའི་བཅོས་ཁོངས་ལས་བརྒལ་བ།', NULL),
  ('hypertension-up', 'severe', 1, '血压 ≥180/110 mmHg，休息后复测仍高', 'Pressure ≥ 180/110 mmHg, again after rest', 'ཁྲག་ཤེད་ 180/110 ཡན། ངལ་གསོ་རྗེས་བསྐྱར་ཚད་ཀྱང་མཐོ།', '{"systolicMmHg":{"atLeast":180},"diastolicMmHg":{"atLeast":110}}'),
  ('hypertension-up', 'twice-uncontrolled', 2, '连续两次随访血压控制不满意', 'Not controlled at two follow-ups in a row', 'རྗེས་འདེད་ཐེངས་གཉིས་སུ་ཚོད་འཛིན་མ་ཐུབ་པ།', NULL),
  ('hypertension-up', 'organ-damage', 3, '新出现靶器官损害', 'New damage of an organ', 'དབང་པོར་གནོད་སྐྱོན་གསར་བྱུང་།', NULL),
  ('hypertension-up', 'secondary', 4, '怀疑继发性高血压，或妊娠期', 'Secondary hypertension suspected, or pregnant', 'རྐྱེན་གཞན་ལས་བྱུང་བར་དོགས་པའམ་སྦྲུམ་མ།', NULL),
  ('altitude-up', 'pulmonary-oedema', 1, '怀疑高原肺水肿', 'High-altitude pulmonary oedema suspected', 'མཐོ་སའི་གློ་བ་ཆུ་རྒྱས་ཀྱི་དོགས་པ།', '{"spo2Percent":{"atMost":70}}'),
  ('altitude-up', 'cerebral-oedema', 2, '怀疑高原脑水肿', 'High-altitude cerebral oedema suspected', 'མཐོ་སའི་ཀླད་པ་ཆུ་རྒྱས་ཀྱི་དོགས་པ།', NULL),
  ('altitude-up', 'no-better', 3, '吸氧及下撤后无好转', 'No better with oxygen and descent', 'དབྱང་རླུང་དང་མར་བབས་ནས་ཀྱང་ཕན་མེད།', NULL),
  ('general-down', 'diagnosis-clear', 1, '诊断明确', 'The diagnosis is clear', 'ནད་ངོས་གསལ་པོ།', NULL),
  ('general-down', 'stable', 2, '病情稳定', 'Stable', 'ནད་གཞི་བརྟན་པོ།', NULL),
  ('general-down', 'chronic-management', 3, '需要长期慢病管理', 'Needs long-term care of a chronic disease', 'ཡུན་རིང་ནད་ཀྱི་དོ་དམ་དགོས།', NULL),
  ('general-down', 'end-of-treatment', 4, '治疗告一段落，可在社区继续', 'This part of treatment is over and can go on in the community', 'བཅོས་པ་འདི་རྫོགས། སྡེ་ཁུལ་དུ་མུ་མཐུད་ཆོག', NULL),
  ('rehabilitation-down', 'function-plan', 1, '功能评定完成，有康复方案', 'Function was assessed and there is a plan', 'ལུས་ནུས་དཔྱད་ཟིན། སླར་གསོའི་འཆར་གཞི་ཡོད།', NULL),
  ('rehabilitation-down', 'stable', 2, '生命体征平稳', 'Vital signs are stable', 'སྲོག་རྟགས་བརྟན་པོ།', NULL)
) AS c(pathway, code, position, zh, en, bo, evidence) JOIN pathway p ON p.code = c.pathway;
