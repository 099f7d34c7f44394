-- Hotline, registered helpers, calls instead of messages, answers by message. Who books for somebody
-- else needs that person's word on record; the services ask the same questions first, this is the last word.

ALTER TABLE call_task ADD CONSTRAINT call_task_appointment FOREIGN KEY (appointment_id) REFERENCES appointment (id);
--> statement-breakpoint
ALTER TABLE sms_inbound ADD CONSTRAINT sms_inbound_appointment FOREIGN KEY (appointment_id) REFERENCES appointment (id);
--> statement-breakpoint
-- A flag is what was answered, not what somebody says about it.
ALTER TABLE hotline_call ADD CONSTRAINT hotline_call_flagged CHECK (screened_at IS NULL OR flagged = (answers ?| ARRAY['yes', 'unknown']));
--> statement-breakpoint
-- State orders. The rows come from server/hotline/domain.ts and server/notices/domain.ts; tests compare both.
CREATE TABLE hotline_transition (from_state hotline_state NOT NULL, to_state hotline_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO hotline_transition (from_state, to_state) VALUES
  ('open', 'dropped'), ('open', 'transferred'), ('open', 'ended'), ('dropped', 'open'), ('dropped', 'ended'), ('transferred', 'open'), ('transferred', 'ended');
--> statement-breakpoint
CREATE TABLE call_task_transition (from_state call_state NOT NULL, to_state call_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO call_task_transition (from_state, to_state) VALUES ('open', 'reached'), ('open', 'left-with-helper'), ('open', 'lapsed');
--> statement-breakpoint
-- The first questions, as recalled from hospital telephone triage (m): an institution's clinicians confirm or replace them by a newer set.
INSERT INTO hotline_question (valid_from, position, zh, en, bo, yes_route, source) VALUES
  ('2020-01-01', 1, '现在有没有胸口痛、喘不上气，或者嘴唇发紫？', 'Is there chest pain, trouble breathing or blue lips right now?',
    'ད་ལྟ་བྲང་ན་བ་དང་། དབུགས་གཏོང་དཀའ་བ། མཆུ་སྔོན་པོར་འགྱུར་བ་བཅས་ཡོད་དམ།', '120', 'telephone triage, recalled (m)'),
  ('2020-01-01', 2, '有没有叫不醒、抽搐、半边没力气、说话不清，或者大出血？', 'Is somebody hard to wake, having a fit, weak on one side, slurring, or bleeding heavily?',
    'དྲན་མེད་དང་། འདར་སིག་རྒྱག་པ། ལུས་ཕྱེད་ཤེད་མེད་པ། སྐད་ཆ་མི་གསལ་བ། ཁྲག་མང་པོ་འཛག་པ་བཅས་ཡོད་དམ།', '120', 'telephone triage, recalled (m)'),
  ('2020-01-01', 3, '是不是忽然重了很多，或者是怀孕、三个月以内的婴儿、正在化疗或透析？', 'Has it got much worse suddenly, or is it a pregnancy, a baby under 3 months, or somebody on chemotherapy or dialysis?',
    'ནད་གློ་བུར་དུ་ལྕི་རུ་ཕྱིན་པའམ། སྦྲུམ་མ་དང་། ཟླ་གསུམ་མ་ལོན་པའི་ཕྲུ་གུ། འཕྲན་སྨན་བཅོས་སམ་ཁྲག་གཙང་བཟོ་བྱེད་མཁན་ཡིན་ནམ།', 'nurse', 'telephone triage, recalled (m)');
--> statement-breakpoint
-- Whose call it is. Taking somebody else's is a step of its own and brings nothing with it.
CREATE FUNCTION app.guard_hotline_call() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[] := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
BEGIN
  IF changed <@ ARRAY['last_seen_at', 'operator_ms', 'operator_actions'] AND (app.internal() OR OLD.holder_id = app.person()) THEN RETURN NEW; END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'a call is changed from its newest version' USING ERRCODE = 'YL002', CONSTRAINT = 'hotline_version';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM hotline_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'hotline call cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_state_order';
  END IF;
  IF OLD.state = 'ended' THEN
    RAISE EXCEPTION 'an ended call stays as it was' USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_state_order';
  END IF;
  IF NEW.institution_id <> OLD.institution_id OR NEW.opened_by <> OLD.opened_by OR NEW.opened_at <> OLD.opened_at THEN
    RAISE EXCEPTION 'who opened a call stays' USING ERRCODE = '42501', CONSTRAINT = 'hotline_holder';
  END IF;
  -- A red flag is never taken back by asking again: somebody who knows medicine takes over.
  IF OLD.flagged AND NOT NEW.flagged THEN
    RAISE EXCEPTION 'a red flag stays' USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_flag';
  END IF;
  IF app.kind() <> 'staff' THEN RETURN NEW; END IF;
  IF NEW.holder_id <> app.person() OR (OLD.holder_id <> app.person() AND NOT changed <@ ARRAY['holder_id', 'holder_tab', 'held_since', 'last_seen_at',
      'state', 'version', 'updated_at', 'taken_over_by', 'taken_over_at', 'call_back_tries']) THEN
    RAISE EXCEPTION 'somebody else has this call' USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_holder';
  END IF;
  IF 'taken_over_by' = ANY (changed) AND NOT (OLD.state = 'transferred' AND NEW.taken_over_by = app.person() AND app.holds('hotline.triage')) THEN
    RAISE EXCEPTION 'a nurse takes over what was handed to her' USING ERRCODE = '42501', CONSTRAINT = 'hotline_holder';
  END IF;
  IF NEW.consent_heard_by IS DISTINCT FROM OLD.consent_heard_by AND NEW.consent_heard_by IS NOT NULL AND NEW.consent_heard_by <> app.person() THEN
    RAISE EXCEPTION 'nobody hears in the name of another' USING ERRCODE = '42501', CONSTRAINT = 'hotline_holder';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER hotline_call_guard BEFORE UPDATE ON hotline_call FOR EACH ROW EXECUTE FUNCTION app.guard_hotline_call();
--> statement-breakpoint
CREATE FUNCTION app.guard_call_task() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'a call is changed from its newest version' USING ERRCODE = 'YL002', CONSTRAINT = 'hotline_version';
  END IF;
  IF OLD.state <> 'open' OR (NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM call_task_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state)) THEN
    RAISE EXCEPTION 'call task cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_state_order';
  END IF;
  IF NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['state', 'version', 'next_at', 'attempts', 'ended_at'] THEN
    RAISE EXCEPTION 'what is to be said stays' USING ERRCODE = '42501', CONSTRAINT = 'call_task_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER call_task_guard BEFORE UPDATE ON call_task FOR EACH ROW EXECUTE FUNCTION app.guard_call_task();
--> statement-breakpoint
-- A consent is never written anew: it is taken back, once.
CREATE FUNCTION app.guard_helper_consent() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['revoked_at', 'revoked_by'] THEN
    RAISE EXCEPTION 'a consent is only taken back, and once' USING ERRCODE = '42501', CONSTRAINT = 'consent_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER helper_consent_guard BEFORE UPDATE ON helper_consent FOR EACH ROW EXECUTE FUNCTION app.guard_helper_consent();
--> statement-breakpoint
-- For whom the helper at work may book now: registered here, and the elder's word stands.
CREATE FUNCTION app.helped_patients() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('booking.help') THEN coalesce((SELECT array_agg(c.patient_id) FROM registered_helper r JOIN helper_consent c ON c.helper_id = r.id
          WHERE r.person_id = app.person() AND r.institution_id = app.institution() AND r.ended_at IS NULL AND c.revoked_at IS NULL), '{}') ELSE '{}' END $$;
--> statement-breakpoint
-- Whose call the operator has on the line now, with the patient's word heard.
CREATE FUNCTION app.called_patients() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.kind() = 'staff' THEN coalesce((SELECT array_agg(c.patient_id) FROM hotline_call c
          WHERE c.holder_id = app.person() AND c.institution_id = app.institution() AND c.state = 'open' AND c.patient_id IS NOT NULL
            AND c.consent_at IS NOT NULL), '{}') ELSE '{}' END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.may_act_for(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE app.kind() WHEN 'patient' THEN patient = ANY (app.patient_ids())
          WHEN 'staff' THEN (app.may_see_patient(patient) AND (app.holds('booking.assist') OR app.holds('booking.clinic'))) OR patient = ANY (app.helped_patients())
          ELSE app.internal() END $$;
--> statement-breakpoint
-- What is booked by telephone was asked the questions first and agreed to; what a helper books was agreed to. A nurse
-- who took a flagged call over decides.
CREATE FUNCTION app.guard_assisted_booking() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF app.kind() <> 'staff' THEN RETURN NEW; END IF;
  IF NEW.channel = 'helper' AND NOT NEW.patient_id = ANY (app.helped_patients()) THEN
    RAISE EXCEPTION 'the elder has not agreed' USING ERRCODE = 'YL001', CONSTRAINT = 'helper_consent';
  END IF;
  IF NEW.channel = 'hotline' AND NOT EXISTS (SELECT 1 FROM hotline_call c WHERE c.holder_id = app.person() AND c.institution_id = app.institution()
      AND c.state = 'open' AND c.patient_id = NEW.patient_id AND c.consent_at IS NOT NULL AND c.screened_at IS NOT NULL
      AND (NOT c.flagged OR (c.taken_over_by = app.person() AND app.holds('hotline.triage')))) THEN
    RAISE EXCEPTION 'the questions come first' USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_screened';
  END IF;
  IF NEW.channel NOT IN ('helper', 'hotline') AND NOT (app.holds('booking.assist') OR app.holds('booking.clinic')) THEN
    RAISE EXCEPTION 'a helper books as a helper' USING ERRCODE = '42501', CONSTRAINT = 'helper_consent';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER assisted_booking_guard BEFORE INSERT ON appointment FOR EACH ROW WHEN (NEW.channel NOT IN ('phone-web', 'sms')) EXECUTE FUNCTION app.guard_assisted_booking();
--> statement-breakpoint
-- Somebody who calls is found by the whole number or the whole ID anywhere in the alliance; the operator sees a
-- masked name until it is clear that it is this person.
CREATE FUNCTION app.hotline_find(by_phone bytea, by_id bytea) RETURNS TABLE (id uuid, full_name text, full_name_bo text, sex patient_sex, birth_date date)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT p.id, p.full_name, p.full_name_bo, p.sex, p.birth_date FROM patient p WHERE app.holds('booking.assist')
          AND ((by_id IS NOT NULL AND p.resident_id_index = by_id)
            OR (by_phone IS NOT NULL AND EXISTS (SELECT 1 FROM patient_contact c WHERE c.patient_id = p.id AND c.phone_index = by_phone)))
        ORDER BY p.updated_at DESC LIMIT 10 $$;
--> statement-breakpoint
-- Whoever knows the whole number or ID of a caller's patient may open a call for him.
CREATE FUNCTION app.hotline_link(of_patient uuid, by_phone bytea, by_id bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM app.hotline_find(by_phone, by_id) f WHERE f.id = of_patient) THEN RETURN false; END IF;
  INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (of_patient, app.institution(), 'hotline') ON CONFLICT DO NOTHING;
  RETURN true;
END $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['notice_preference', 'call_task', 'call_attempt', 'call_task_transition', 'sms_inbound', 'registered_helper', 'helper_consent',
      'hotline_question', 'hotline_call', 'hotline_transition', 'hotline_letter'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON public.%I TO yilian_app', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['call_task_transition', 'hotline_transition', 'hotline_question'] LOOP
    EXECUTE format('CREATE POLICY everyone_reads ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> ''none'')', name);
    EXECUTE format('REVOKE INSERT, UPDATE ON public.%I FROM yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT ON hotline_question TO yilian_app;
--> statement-breakpoint
REVOKE UPDATE ON call_attempt FROM yilian_app;
--> statement-breakpoint
-- Messages are kept for a month, as those we send.
GRANT DELETE ON sms_inbound TO yilian_app;
--> statement-breakpoint
CREATE FUNCTION app.tells_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND (app.holds('booking.assist') OR app.holds('booking.clinic')) AND (app.may_see_patient(patient) OR app.expects_patient(patient)) $$;
--> statement-breakpoint
CREATE POLICY own ON notice_preference TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]))
  WITH CHECK ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]) AND set_by_person_id IS NULL);
--> statement-breakpoint
CREATE POLICY tell ON notice_preference FOR SELECT TO yilian_app USING (app.tells_patient(patient_id));
--> statement-breakpoint
CREATE POLICY note ON notice_preference FOR INSERT TO yilian_app WITH CHECK (app.tells_patient(patient_id) AND set_by_person_id = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY change ON notice_preference FOR UPDATE TO yilian_app USING (app.tells_patient(patient_id)) WITH CHECK (set_by_person_id = (SELECT app.person()));
--> statement-breakpoint
CREATE FUNCTION app.makes_calls(institution uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND institution = app.institution() AND (app.holds('booking.assist') OR app.holds('booking.clinic')) $$;
--> statement-breakpoint
CREATE POLICY see ON call_task FOR SELECT TO yilian_app USING (app.makes_calls(institution_id));
--> statement-breakpoint
CREATE POLICY ask ON call_task FOR INSERT TO yilian_app WITH CHECK (app.makes_calls(institution_id) AND state = 'open');
--> statement-breakpoint
CREATE POLICY step ON call_task FOR UPDATE TO yilian_app USING (app.makes_calls(institution_id));
--> statement-breakpoint
CREATE POLICY see ON call_attempt FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND EXISTS (SELECT 1 FROM call_task t WHERE t.id = task_id));
--> statement-breakpoint
CREATE POLICY try ON call_attempt FOR INSERT TO yilian_app WITH CHECK (by_person_id = (SELECT app.person()) AND EXISTS (SELECT 1 FROM call_task t WHERE t.id = task_id));
--> statement-breakpoint
-- Helpers: the institution registers them; the elder, and staff whom the elder asks, take the word back.
CREATE FUNCTION app.vouches_for_helper(helper uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND (app.holds('helper.manage') OR app.holds('booking.assist'))
          AND EXISTS (SELECT 1 FROM registered_helper r WHERE r.id = helper AND r.institution_id = app.institution()) $$;
--> statement-breakpoint
CREATE FUNCTION app.is_helper(helper uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM registered_helper r WHERE r.id = helper AND r.person_id = app.person() AND r.institution_id = app.institution()) $$;
--> statement-breakpoint
CREATE FUNCTION app.helps_patient_of(helper uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'patient' AND EXISTS (SELECT 1 FROM helper_consent c WHERE c.helper_id = helper AND c.patient_id = ANY (app.patient_ids())) $$;
--> statement-breakpoint
CREATE POLICY see ON registered_helper FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND (person_id = (SELECT app.person()) OR (SELECT app.holds('helper.manage') OR app.holds('booking.assist'))));
--> statement-breakpoint
CREATE POLICY own_see ON registered_helper FOR SELECT TO yilian_app USING (app.helps_patient_of(id));
--> statement-breakpoint
CREATE POLICY register ON registered_helper FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND registered_by = (SELECT app.person())
  AND (SELECT app.holds('helper.manage')) AND person_id <> (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY finish ON registered_helper FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('helper.manage')));
--> statement-breakpoint
CREATE POLICY see ON helper_consent FOR SELECT TO yilian_app USING (app.vouches_for_helper(helper_id) OR app.is_helper(helper_id));
--> statement-breakpoint
CREATE POLICY own ON helper_consent FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY record ON helper_consent FOR INSERT TO yilian_app WITH CHECK (app.vouches_for_helper(helper_id) AND NOT app.is_helper(helper_id)
  AND recorded_by = (SELECT app.person()) AND revoked_at IS NULL AND app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY revoke ON helper_consent FOR UPDATE TO yilian_app USING (app.vouches_for_helper(helper_id) OR app.is_helper(helper_id))
  WITH CHECK (revoked_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY own_revoke ON helper_consent FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]))
  WITH CHECK (revoked_by IS NULL);
--> statement-breakpoint
-- What a helper sees of an elder: the name and what was booked by this helper, while the word stands.
CREATE POLICY helped_see ON patient FOR SELECT TO yilian_app USING (id = ANY ((SELECT app.helped_patients())::uuid[]));
--> statement-breakpoint
CREATE POLICY helped_see ON appointment FOR SELECT TO yilian_app USING (patient_id = ANY ((SELECT app.helped_patients())::uuid[]) AND booked_by_person_id = (SELECT app.person()));
--> statement-breakpoint
-- Colleagues see the people of their institution; a helper who is nothing else sees those who agreed, and no numbers.
CREATE FUNCTION app.only_helps() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.holds('booking.help') AND NOT app.holds('patient.read') $$;
--> statement-breakpoint
CREATE POLICY helper_limit ON patient AS RESTRICTIVE TO yilian_app USING (NOT (SELECT app.only_helps()) OR id = ANY ((SELECT app.helped_patients())::uuid[]));
--> statement-breakpoint
CREATE POLICY helper_limit ON patient_contact AS RESTRICTIVE TO yilian_app USING (NOT (SELECT app.only_helps()));
--> statement-breakpoint
-- What an operator sees of a caller's patient: what is booked, wherever, while on the telephone.
CREATE POLICY called_see ON appointment FOR SELECT TO yilian_app USING (patient_id = ANY ((SELECT app.called_patients())::uuid[]));
--> statement-breakpoint
-- Who prints the letters of the own hotline sees what is in them.
CREATE FUNCTION app.lettered_appointments() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('booking.assist') THEN coalesce((SELECT array_agg(l.appointment_id) FROM hotline_letter l
          WHERE l.institution_id = app.institution() AND l.printed_at IS NULL), '{}') ELSE '{}' END $$;
--> statement-breakpoint
CREATE POLICY lettered_see ON appointment FOR SELECT TO yilian_app USING (id = ANY ((SELECT app.lettered_appointments())::uuid[]));
--> statement-breakpoint
-- Who booked for somebody keeps seeing it as staff whose work it is, not as a helper whose word was taken back.
ALTER POLICY staff_see ON appointment USING ((SELECT app.kind()) = 'staff' AND (
  (institution_id = (SELECT app.institution()) AND (SELECT app.holds('booking.clinic') OR app.holds('booking.assist') OR app.holds('booking.manage')))
  OR (booked_by_person_id = (SELECT app.person()) AND (SELECT app.holds('booking.clinic') OR app.holds('booking.assist')))));
--> statement-breakpoint
CREATE POLICY see ON hotline_call FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND (SELECT app.holds('booking.assist') OR app.holds('hotline.triage')));
--> statement-breakpoint
CREATE POLICY answer ON hotline_call FOR INSERT TO yilian_app WITH CHECK ((SELECT app.holds('booking.assist')) AND institution_id = (SELECT app.institution())
  AND opened_by = (SELECT app.person()) AND holder_id = (SELECT app.person()) AND state = 'open' AND taken_over_by IS NULL);
--> statement-breakpoint
CREATE POLICY step ON hotline_call FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND (SELECT app.holds('booking.assist') OR app.holds('hotline.triage')));
--> statement-breakpoint
CREATE POLICY see ON hotline_letter FOR SELECT TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('booking.assist')));
--> statement-breakpoint
CREATE POLICY want ON hotline_letter FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('booking.assist'))
  AND wanted_by = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY print ON hotline_letter FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('booking.assist')));
--> statement-breakpoint
-- Rights for databases that have their roles already.
INSERT INTO role_permission (role_code, permission) SELECT code, 'booking.help' FROM role WHERE code = 'helper' ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT code, 'hotline.triage' FROM role WHERE code IN ('nurse', 'community-doctor') ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT code, 'helper.manage' FROM role WHERE code IN ('community-doctor', 'alliance-administrator') ON CONFLICT DO NOTHING;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.guard_hotline_call(), app.guard_call_task(), app.guard_helper_consent(), app.guard_assisted_booking(), app.helped_patients(), app.called_patients(), app.lettered_appointments(), app.only_helps(),
  app.hotline_find(bytea, bytea), app.hotline_link(uuid, bytea, bytea), app.tells_patient(uuid), app.makes_calls(uuid), app.vouches_for_helper(uuid), app.is_helper(uuid),
  app.helps_patient_of(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.guard_hotline_call(), app.guard_call_task(), app.guard_helper_consent(), app.guard_assisted_booking(), app.helped_patients(), app.called_patients(), app.lettered_appointments(), app.only_helps(),
  app.hotline_find(bytea, bytea), app.hotline_link(uuid, bytea, bytea), app.tells_patient(uuid), app.makes_calls(uuid), app.vouches_for_helper(uuid), app.is_helper(uuid),
  app.helps_patient_of(uuid) TO yilian_app, yilian_owner;
