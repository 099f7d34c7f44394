-- Second bookings, redirects of what came from outside, versions of the ready list, and text messages of which nobody knows.
-- What goes to a house with a server of its own is told of another number too, not of another state alone.
CREATE OR REPLACE FUNCTION app.note_outside_referral() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
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
          contradiction = NULL, contradicted_at = NULL, told_appointment_at = NULL WHERE referral_id = NEW.id RETURNING * INTO line;
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
DROP TRIGGER referral_outside_noted ON referral;
--> statement-breakpoint
CREATE TRIGGER referral_outside_noted AFTER UPDATE ON referral FOR EACH ROW
  WHEN (NEW.submitted_at IS NOT NULL AND NEW.version <> OLD.version AND (NEW.state <> OLD.state OR NEW.appointment_id IS DISTINCT FROM OLD.appointment_id))
  EXECUTE FUNCTION app.note_outside_referral();
--> statement-breakpoint
-- Whether another installation's house wrote it: for whoever may see it.
CREATE FUNCTION app.referral_from_outside(of_referral uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.may_see_referral(of_referral) AND EXISTS (SELECT 1 FROM referral_outside o WHERE o.referral_id = of_referral AND o.side = 'from') $$;
--> statement-breakpoint
-- Passing on: a further draft of the first house, with what is known; an emergency is with the next house at once. What came from outside goes on in the
-- name of the house that passes it on, by the person who does so: nobody of the first house works here, who could ask the patient or send it.
CREATE OR REPLACE FUNCTION app.pass_referral_on(of_referral uuid, to_institution uuid, to_department uuid, on_day date, answer_by timestamptz, now_at timestamptz)
  RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE r referral; made uuid; outside referral_outside; sender uuid; asker uuid; call_back text;
BEGIN
  SELECT * INTO r FROM referral WHERE id = of_referral AND to_institution_id = app.institution() AND state = 'redirected';
  IF NOT FOUND OR app.kind() <> 'staff' OR NOT app.holds('referral.desk') THEN RETURN NULL; END IF;
  SELECT id INTO made FROM referral WHERE previous_id = r.id AND direction = r.direction;
  IF FOUND THEN RETURN made; END IF;
  SELECT * INTO outside FROM referral_outside o WHERE o.referral_id = r.id AND o.side = 'from';
  sender := r.from_institution_id; asker := r.requester_id; call_back := r.requester_phone;
  IF outside.referral_id IS NOT NULL THEN
    sender := app.institution(); asker := app.person();
    SELECT coalesce(i.phone, r.requester_phone) INTO call_back FROM institution i WHERE i.id = sender;
    -- Whoever sends somebody on answers for him until the next house says yes.
    INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (r.patient_id, sender, 'referral') ON CONFLICT DO NOTHING;
  END IF;
  INSERT INTO referral (number, episode_id, patient_id, direction, urgency, from_institution_id, requester_id, requester_phone, to_institution_id, to_department_id,
      pathway_id, previous_id, triage_assessment_id, consult_id, reason, impression, present_history, past_history, examination, vitals, results, treatment_so_far,
      medicines, allergies, criteria, admission_number, plan, rehabilitation_advice, review_on, return_triggers, pending_results, patient_asked_at, updated_at)
    VALUES ('ZZ' || to_char(on_day, 'YYYYMMDD') || lpad(nextval('referral_number')::text, 5, '0'), r.episode_id, r.patient_id, r.direction, r.urgency,
      sender, asker, call_back, to_institution, to_department, r.pathway_id, r.id, r.triage_assessment_id, r.consult_id, r.reason,
      r.impression, r.present_history, r.past_history, r.examination, r.vitals, r.results, r.treatment_so_far, r.medicines, r.allergies, r.criteria,
      r.admission_number, r.plan, r.rehabilitation_advice, r.review_on, r.return_triggers, r.pending_results, now_at, now_at) RETURNING id INTO made;
  IF outside.referral_id IS NOT NULL THEN
    -- Who knows the patient can be rung by the next house.
    INSERT INTO referral_message (referral_id, by_person_id, by_institution_id, text, at)
      SELECT made, asker, sender, concat_ws('，', '原转诊机构：' || n.name, '医生：' || p.name, '电话：' || r.requester_phone), now_at
      FROM person p LEFT JOIN LATERAL (SELECT name FROM institution_name WHERE institution_id = r.from_institution_id AND language = 'zh-CN' ORDER BY position LIMIT 1) n ON true WHERE p.id = r.requester_id;
  END IF;
  IF r.urgency = 'emergency' THEN
    UPDATE referral SET state = 'submitted', version = version + 1, submitted_at = now_at, respond_by = answer_by WHERE id = made;
    INSERT INTO referral_step (referral_id, action, from_state, to_state, by_person_id, by_institution_id, by_name, at)
      VALUES (made, 'submit', 'draft', 'submitted', app.person(), app.institution(), app.own_name(), now_at);
  END IF;
  INSERT INTO outbox_event (topic, entity_id, version, institution_ids, patient_ids)
    VALUES ('referral', made::text, 1, array_remove(ARRAY[sender, CASE WHEN r.urgency = 'emergency' THEN to_institution END], NULL), ARRAY[r.patient_id]);
  RETURN made;
END $$;
--> statement-breakpoint
-- A version of a ready list that was saved stays as it was.
DROP POLICY manage ON transfer_ready_list;
--> statement-breakpoint
CREATE POLICY save ON transfer_ready_list FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution())
  AND updated_by = (SELECT app.person()) AND (SELECT app.holds('transfer.ready-list')));
--> statement-breakpoint
REVOKE UPDATE ON transfer_ready_list FROM yilian_app;
--> statement-breakpoint
-- A new value of a type counts from the next transaction: the table of steps keeps its words as text.
ALTER TABLE sms_transition ALTER COLUMN from_state TYPE text, ALTER COLUMN to_state TYPE text;
--> statement-breakpoint
INSERT INTO sms_transition (from_state, to_state) VALUES ('sent', 'unconfirmed'), ('unconfirmed', 'delivered'), ('unconfirmed', 'failed'), ('unconfirmed', 'expired');
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.guard_sms_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM sms_transition t WHERE t.from_state = OLD.state::text AND t.to_state = NEW.state::text) THEN
    RAISE EXCEPTION 'a message cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'sms_state_order';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- What did not arrive first, then what nobody knows of.
CREATE OR REPLACE FUNCTION app.house_messages(most integer) RETURNS TABLE (id uuid, kind text, state sms_state, at timestamptz, state_at timestamptz, held_until timestamptz,
    patient_id uuid, phone_cipher text, sender_id uuid, news_key text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT m.id, m.kind, m.state, m.at, m.state_at, m.held_until, m.patient_id, m.phone_cipher, m.sender_id, m.news_key FROM sms_message m
  WHERE app.kind() = 'staff' AND (m.sender_id = app.person() OR (m.institution_id = app.institution() AND (app.holds('booking.assist') OR app.holds('referral.desk'))))
  ORDER BY m.state NOT IN ('failed', 'expired'), m.state::text <> 'unconfirmed', m.at DESC, m.id LIMIT most $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referral_from_outside(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referral_from_outside(uuid) TO yilian_app, yilian_owner;
