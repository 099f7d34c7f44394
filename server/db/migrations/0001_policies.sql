-- Who may see and change which row. Policies know institution and person and hold even when a query
-- forgets its WHERE. The application (yilian_app) is neither owner nor superuser nor BYPASSRLS.
-- Every transaction starts by naming its actor in yilian.* settings; without one nothing is visible.

CREATE SCHEMA IF NOT EXISTS app;
--> statement-breakpoint
CREATE FUNCTION app.kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(nullif(current_setting('yilian.kind', true), ''), 'none') $$;
--> statement-breakpoint
CREATE FUNCTION app.internal() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT app.kind() IN ('system', 'job') $$;
--> statement-breakpoint
CREATE FUNCTION app.actor_key() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('yilian.actor_key', true), '') $$;
--> statement-breakpoint
CREATE FUNCTION app.person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('yilian.person', true), '')::uuid $$;
--> statement-breakpoint
CREATE FUNCTION app.institution() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('yilian.institution', true), '')::uuid $$;
--> statement-breakpoint
CREATE FUNCTION app.guest_consult() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('yilian.consult', true), '')::uuid $$;
--> statement-breakpoint
CREATE FUNCTION app.phone_index() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT decode(nullif(current_setting('yilian.phone_index', true), ''), 'hex') $$;
--> statement-breakpoint
CREATE FUNCTION app.patient_ids() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT coalesce(array_agg(patient_id), '{}') FROM patient_contact
        WHERE phone_index = app.phone_index() AND may_sign_in AND app.kind() = 'patient' $$;
--> statement-breakpoint
CREATE FUNCTION app.participates(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM consult_participant p WHERE p.consult_id = consult AND p.person_id = app.person()) $$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_consult(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR EXISTS (
          SELECT 1 FROM consult c WHERE c.id = consult AND CASE app.kind()
            WHEN 'staff' THEN c.inviting_institution_id = app.institution()
              OR (c.submitted_at IS NOT NULL AND (c.invited_institution_id = app.institution() OR app.participates(c.id)))
            WHEN 'patient' THEN c.submitted_at IS NOT NULL AND c.patient_id = ANY (app.patient_ids())
            WHEN 'guest' THEN c.id = app.guest_consult()
            ELSE false END) $$;
--> statement-breakpoint
-- The invited side sees the patient while it works on the request, not after it said no.
CREATE FUNCTION app.may_see_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR CASE app.kind()
          WHEN 'patient' THEN patient = ANY (app.patient_ids())
          WHEN 'staff' THEN EXISTS (SELECT 1 FROM patient_institution i WHERE i.patient_id = patient AND i.institution_id = app.institution())
            OR EXISTS (SELECT 1 FROM consult c WHERE c.patient_id = patient AND c.submitted_at IS NOT NULL
                       AND c.state NOT IN ('declined', 'cancelled')
                       AND (c.invited_institution_id = app.institution() OR app.participates(c.id)))
          ELSE false END $$;
--> statement-breakpoint
-- The two sides of a consult, for staff at work there. Who takes part from elsewhere is on neither.
CREATE FUNCTION app.invites(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND EXISTS (SELECT 1 FROM consult c WHERE c.id = consult AND c.inviting_institution_id = app.institution()) $$;
--> statement-breakpoint
CREATE FUNCTION app.is_invited(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND EXISTS (
          SELECT 1 FROM consult c WHERE c.id = consult AND c.submitted_at IS NOT NULL AND c.invited_institution_id = app.institution()) $$;
--> statement-breakpoint
-- The invited side sets who takes part, while the consult is open.
CREATE FUNCTION app.may_assign(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.is_invited(consult) AND EXISTS (SELECT 1 FROM consult c WHERE c.id = consult AND c.state IN ('submitted', 'more-info-asked',
          'advice-only', 'accepted', 'scheduled', 'in-session', 'interrupted', 'specialist-absent', 'opinion-pending')) $$;
--> statement-breakpoint
CREATE FUNCTION app.is_specialist(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND EXISTS (
          SELECT 1 FROM consult_participant p WHERE p.consult_id = consult AND p.person_id = app.person() AND p.role = 'specialist') $$;
--> statement-breakpoint
CREATE FUNCTION app.own_name() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT name FROM person WHERE id = app.person() $$;
--> statement-breakpoint
-- Whether consent of a kind stands: given, and not taken back.
CREATE FUNCTION app.consents(consult uuid, what consent_kind) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM consult_consent c WHERE c.consult_id = consult AND c.kind = what AND c.given AND c.withdrawn_at IS NULL) $$;
--> statement-breakpoint
-- After this long the patient reads a signed opinion even when nobody acknowledged it (server/consult/domain.ts; a test compares).
CREATE FUNCTION app.patient_sees_after() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT interval '2880 minutes' $$;
--> statement-breakpoint
-- When people are taken, wherever: times only, so that nobody is promised twice. A meeting that was
-- never planned takes half an hour from its beginning.
CREATE FUNCTION app.meetings_of(people uuid[], from_time timestamptz) RETURNS TABLE (person_id uuid, consult_id uuid, starts timestamptz, ends timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT m.* FROM (
          SELECT p.person_id, c.id, coalesce(c.scheduled_start, c.started_at) AS starts,
            CASE WHEN c.state = 'scheduled' THEN c.scheduled_end ELSE greatest(c.scheduled_end, c.started_at + interval '30 minutes') END AS ends
          FROM consult_participant p JOIN consult c ON c.id = p.consult_id
          WHERE p.person_id = ANY (people) AND p.role <> 'observer' AND c.state IN ('scheduled', 'in-session')) m
        WHERE m.ends > from_time AND (app.internal() OR app.kind() = 'staff') $$;
--> statement-breakpoint
-- A person already known to the alliance is not registered twice: the institution that reads the ID
-- card is linked to the one that exists. Returns null when nobody has this ID.
CREATE FUNCTION app.link_patient(id_index bytea) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ DECLARE found uuid;
  BEGIN
    IF app.kind() <> 'staff' OR app.institution() IS NULL THEN RETURN NULL; END IF;
    SELECT id INTO found FROM patient WHERE resident_id_index = id_index;
    IF found IS NOT NULL THEN
      INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (found, app.institution(), 'identity-card')
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN found;
  END $$;
--> statement-breakpoint
CREATE UNIQUE INDEX patient_resident_id ON patient (resident_id_index) WHERE resident_id_index IS NOT NULL;
--> statement-breakpoint
CREATE SEQUENCE consult_number;
--> statement-breakpoint
-- State order, and which side may take a step. The rows come from server/consult/domain.ts; a test compares both.
CREATE TABLE consult_transition (from_state consult_state NOT NULL, to_state consult_state NOT NULL,
  side text NOT NULL CHECK (side IN ('inviting', 'invited', 'either')), PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO consult_transition (from_state, to_state, side) VALUES
  ('draft', 'submitted', 'inviting'), ('draft', 'cancelled', 'inviting'),
  ('submitted', 'more-info-asked', 'invited'), ('submitted', 'accepted', 'invited'), ('submitted', 'declined', 'invited'), ('submitted', 'advice-only', 'invited'), ('submitted', 'cancelled', 'inviting'),
  ('more-info-asked', 'submitted', 'inviting'), ('more-info-asked', 'declined', 'invited'), ('more-info-asked', 'cancelled', 'inviting'),
  ('accepted', 'scheduled', 'invited'), ('accepted', 'in-session', 'either'), ('accepted', 'more-info-asked', 'invited'), ('accepted', 'declined', 'invited'), ('accepted', 'cancelled', 'inviting'),
  ('declined', 'archived', 'either'),
  ('advice-only', 'signed', 'invited'), ('advice-only', 'cancelled', 'inviting'),
  ('scheduled', 'scheduled', 'invited'), ('scheduled', 'in-session', 'either'), ('scheduled', 'specialist-absent', 'inviting'), ('scheduled', 'declined', 'invited'), ('scheduled', 'cancelled', 'inviting'),
  ('in-session', 'interrupted', 'either'), ('in-session', 'opinion-pending', 'either'),
  ('interrupted', 'in-session', 'either'), ('interrupted', 'scheduled', 'invited'), ('interrupted', 'opinion-pending', 'either'),
  ('specialist-absent', 'scheduled', 'invited'), ('specialist-absent', 'in-session', 'either'), ('specialist-absent', 'declined', 'invited'), ('specialist-absent', 'cancelled', 'inviting'),
  ('opinion-pending', 'in-session', 'either'), ('opinion-pending', 'signed', 'invited'),
  ('signed', 'acknowledged', 'inviting'),
  ('acknowledged', 'archived', 'either');
--> statement-breakpoint
-- Whose a column is. What no side has (who asked, when it began, the alarm) is set by clocks and the media
-- node only; a test asks that every column is named here or there.
CREATE FUNCTION app.consult_columns(part text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE part
  WHEN 'content' THEN ARRAY['wanted_specialty', 'wanted_title', 'wanted_time', 'reason', 'purpose', 'question', 'complaint', 'present_history',
    'past_history', 'examination', 'vitals', 'investigations', 'provisional_diagnoses', 'treatment_so_far', 'callback_phone']
  WHEN 'request' THEN ARRAY['urgency', 'invited_institution_id', 'agreement_id', 'submitted_at']
  WHEN 'decision' THEN ARRAY['acknowledged_at', 'acknowledged_by', 'read_back', 'treatment_decision']
  WHEN 'inviting' THEN ARRAY['respond_by', 'inviting_archived_at']
  WHEN 'signature' THEN ARRAY['signed_at', 'acknowledge_by']
  WHEN 'invited' THEN ARRAY['accepted_by', 'department_id', 'scheduled_start', 'scheduled_end', 'invited_archived_at']
  WHEN 'either' THEN ARRAY['state', 'version', 'updated_at', 'ended_at', 'archived_at']
  ELSE ARRAY[]::text[] END $$;
--> statement-breakpoint
CREATE FUNCTION app.changed_columns(before jsonb, after jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT coalesce(array_agg(a.key), '{}') FROM jsonb_each(after) a WHERE a.value IS DISTINCT FROM before -> a.key $$;
--> statement-breakpoint
-- What staff may change in a consult: its side's steps, its side's columns, each at its time, in the own name.
CREATE FUNCTION app.guard_consult_staff(before consult, after consult, changed text[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE
  inviting boolean := before.inviting_institution_id = app.institution();
  invited boolean := coalesce(before.submitted_at IS NOT NULL AND before.invited_institution_id = app.institution(), false);
  allowed text[] := app.consult_columns('either');
  step_side text;
BEGIN
  IF inviting THEN
    allowed := allowed || app.consult_columns('content') || app.consult_columns('request') || app.consult_columns('decision') || app.consult_columns('inviting');
  END IF;
  IF invited THEN
    allowed := allowed || app.consult_columns('signature') || app.consult_columns('invited');
  END IF;
  IF NOT (inviting OR invited) OR NOT changed <@ allowed THEN
    RAISE EXCEPTION 'not a change of this side' USING ERRCODE = '42501', CONSTRAINT = 'consult_side';
  END IF;
  IF after.state <> before.state THEN
    SELECT t.side INTO step_side FROM consult_transition t WHERE t.from_state = before.state AND t.to_state = after.state;
    IF NOT (step_side = 'either' OR (step_side = 'inviting' AND inviting) OR (step_side = 'invited' AND invited)) THEN
      RAISE EXCEPTION 'not a step of this side' USING ERRCODE = '42501', CONSTRAINT = 'consult_side';
    END IF;
  END IF;
  IF (after.accepted_by IS DISTINCT FROM before.accepted_by AND after.accepted_by IS DISTINCT FROM app.person())
     OR (after.acknowledged_by IS DISTINCT FROM before.acknowledged_by AND after.acknowledged_by IS DISTINCT FROM app.person()) THEN
    RAISE EXCEPTION 'nobody acts in the name of another' USING ERRCODE = '42501', CONSTRAINT = 'consult_side';
  END IF;
  -- An emergency is sent with five things, and the rest follows until the opinion is signed.
  IF changed && app.consult_columns('content') AND NOT (before.state IN ('draft', 'more-info-asked') OR (before.urgency = 'emergency'
       AND before.state IN ('submitted', 'advice-only', 'accepted', 'scheduled', 'in-session', 'interrupted', 'specialist-absent', 'opinion-pending'))) THEN
    RAISE EXCEPTION 'a sent request stands as it was sent' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_content';
  END IF;
  IF (changed && app.consult_columns('request') AND before.state <> 'draft')
     OR (changed && app.consult_columns('decision') AND NOT (before.state = 'signed' AND after.state = 'acknowledged'))
     OR (changed && app.consult_columns('signature') AND NOT (before.state <> 'signed' AND after.state = 'signed'))
     OR ('ended_at' = ANY (changed) AND after.state <> 'opinion-pending')
     OR ('archived_at' = ANY (changed) AND after.state <> 'archived') THEN
    RAISE EXCEPTION 'a stamp is set by its step and stays' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_stamp';
  END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_consult() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN RAISE EXCEPTION 'consult starts as draft' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_state_order'; END IF;
    IF app.kind() = 'staff' AND EXISTS (SELECT 1 FROM jsonb_each(to_jsonb(NEW)) c WHERE c.value <> 'null' AND c.key = ANY (
         ARRAY['agreement_id', 'submitted_at', 'started_at', 'ended_at', 'escalated_at', 'archived_at'] || app.consult_columns('decision')
         || app.consult_columns('inviting') || app.consult_columns('signature') || app.consult_columns('invited'))) THEN
      RAISE EXCEPTION 'a draft has only its content' USING ERRCODE = '42501', CONSTRAINT = 'consult_side';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  -- An alarm is no change that a page has to know of before it saves.
  IF app.internal() AND changed <@ ARRAY['escalated_at', 'updated_at'] THEN RETURN NEW; END IF;
  IF NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'consult version must rise by one' USING ERRCODE = 'YL002', CONSTRAINT = 'consult_version';
  END IF;
  IF NEW.patient_id <> OLD.patient_id OR NEW.inviting_institution_id <> OLD.inviting_institution_id
     OR (OLD.submitted_at IS NOT NULL AND NEW.invited_institution_id IS DISTINCT FROM OLD.invited_institution_id) THEN
    RAISE EXCEPTION 'consult parties are fixed' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_parties';
  END IF;
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM consult_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'consult cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'consult_state_order';
  END IF;
  IF app.kind() = 'staff' THEN PERFORM app.guard_consult_staff(OLD, NEW, changed); END IF;
  IF NEW.state = 'signed' AND OLD.state <> 'signed' AND NOT EXISTS (SELECT 1 FROM consult_opinion o WHERE o.consult_id = NEW.id AND o.jws IS NOT NULL) THEN
    RAISE EXCEPTION 'a signed consult has a signed opinion' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_signed_opinion';
  END IF;
  IF NEW.state = 'archived' AND (NEW.inviting_archived_at IS NULL OR NEW.invited_archived_at IS NULL) THEN
    RAISE EXCEPTION 'each side files for itself' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_archive';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER consult_guard BEFORE INSERT OR UPDATE ON consult FOR EACH ROW EXECUTE FUNCTION app.guard_consult();
--> statement-breakpoint
CREATE FUNCTION app.guard_opinion() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE before_editor uuid;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.jws IS NOT NULL THEN RAISE EXCEPTION 'a signed opinion never changes' USING ERRCODE = 'YL001', CONSTRAINT = 'opinion_signed'; END IF;
    IF NEW.consult_id <> OLD.consult_id THEN RAISE EXCEPTION 'an opinion stays with its consult' USING ERRCODE = '42501', CONSTRAINT = 'opinion_author'; END IF;
    before_editor := OLD.edited_by;
  END IF;
  IF app.kind() = 'staff' AND ((NEW.edited_by IS DISTINCT FROM before_editor AND NEW.edited_by IS DISTINCT FROM app.person())
     OR (num_nonnulls(NEW.jws, NEW.signed_by, NEW.signed_at, NEW.kid) > 0 AND NOT (NEW.signed_by IS NOT DISTINCT FROM app.person() AND EXISTS (
       SELECT 1 FROM consult_participant p WHERE p.consult_id = NEW.consult_id AND p.person_id = app.person() AND p.role = 'specialist' AND p.lead)))) THEN
    RAISE EXCEPTION 'the lead specialist signs, everyone writes in the own name' USING ERRCODE = '42501', CONSTRAINT = 'opinion_author';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER opinion_guard BEFORE INSERT OR UPDATE ON consult_opinion FOR EACH ROW EXECUTE FUNCTION app.guard_opinion();
--> statement-breakpoint
-- Observers come in only while the patient agrees to observers. The consent is held until this commits:
-- a withdrawal at the same moment waits, and then finds them.
CREATE FUNCTION app.guard_participant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.role = 'observer' THEN
    PERFORM 1 FROM consult_consent c WHERE c.consult_id = NEW.consult_id AND c.kind = 'observers' AND c.given AND c.withdrawn_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'observers need the consent of the patient' USING ERRCODE = 'YL001', CONSTRAINT = 'observer_consent';
    END IF;
  END IF;
  IF NEW.lead AND NEW.role NOT IN ('attending', 'specialist') THEN
    RAISE EXCEPTION 'a doctor leads' USING ERRCODE = '42501', CONSTRAINT = 'participant_lead';
  END IF;
  IF NEW.role IN ('specialist', 'observer') AND NOT EXISTS (
    SELECT 1 FROM consult c WHERE c.id = NEW.consult_id AND c.invited_institution_id = NEW.institution_id) THEN
    RAISE EXCEPTION 'specialists and observers are of the invited side' USING ERRCODE = '42501', CONSTRAINT = 'participant_side';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER participant_guard BEFORE INSERT OR UPDATE ON consult_participant FOR EACH ROW EXECUTE FUNCTION app.guard_participant();
--> statement-breakpoint
-- Nobody is asked in an emergency for the treatment itself; observers, recordings and relatives wait for an answer.
ALTER TABLE consult_consent ADD CONSTRAINT consent_emergency CHECK (method <> 'emergency' OR kind IN ('consult', 'record-sharing'));
--> statement-breakpoint
-- A consent is never written anew: it is taken back, once.
CREATE FUNCTION app.guard_consent() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF OLD.withdrawn_at IS NOT NULL OR app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <> ARRAY['withdrawn_at'] THEN
    RAISE EXCEPTION 'a consent is only taken back, and once' USING ERRCODE = '42501', CONSTRAINT = 'consent_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER consent_guard BEFORE UPDATE ON consult_consent FOR EACH ROW EXECUTE FUNCTION app.guard_consent();
--> statement-breakpoint
-- Who says no now has taken back what he said before (of a relative: to this one).
CREATE FUNCTION app.refuse_consent() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE consult_consent c SET withdrawn_at = NEW.recorded_at
    WHERE c.consult_id = NEW.consult_id AND c.kind = NEW.kind AND c.given AND c.withdrawn_at IS NULL
      AND (NEW.kind <> 'relative' OR c.relative_name IS NOT DISTINCT FROM NEW.relative_name);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER consent_refused AFTER INSERT ON consult_consent FOR EACH ROW WHEN (NOT NEW.given) EXECUTE FUNCTION app.refuse_consent();
--> statement-breakpoint
-- Taking back works at once: observers leave the list, the relative's link dies.
CREATE FUNCTION app.end_consent() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.kind = 'observers' AND NOT app.consents(NEW.consult_id, 'observers') THEN
    DELETE FROM consult_participant p WHERE p.consult_id = NEW.consult_id AND p.role = 'observer';
  END IF;
  IF NEW.kind = 'relative' THEN
    UPDATE consult_guest g SET revoked_at = NEW.withdrawn_at WHERE g.consent_id = NEW.id AND g.revoked_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER consent_ended AFTER UPDATE OF withdrawn_at ON consult_consent FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL) EXECUTE FUNCTION app.end_consent();
--> statement-breakpoint
CREATE FUNCTION app.announce_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('yilian_outbox', NEW.id::text); RETURN NULL; END $$;
--> statement-breakpoint
CREATE TRIGGER outbox_announce AFTER INSERT ON outbox_event FOR EACH ROW EXECUTE FUNCTION app.announce_outbox();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING (app.internal()) WITH CHECK (app.internal())', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Directory and names of staff: every member of staff reads them; administrators write.
CREATE POLICY staff_read ON institution FOR SELECT TO yilian_app USING (app.kind() IN ('staff', 'patient', 'guest'));
--> statement-breakpoint
CREATE POLICY staff_read ON institution_name FOR SELECT TO yilian_app USING (app.kind() IN ('staff', 'patient', 'guest'));
--> statement-breakpoint
CREATE POLICY staff_read ON department FOR SELECT TO yilian_app USING (app.kind() IN ('staff', 'patient', 'guest'));
--> statement-breakpoint
CREATE POLICY staff_read ON alliance FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON alliance_member FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON agreement FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND app.institution() IN (inviting_institution_id, invited_institution_id));
--> statement-breakpoint
CREATE POLICY staff_read ON working_hours FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON holiday FOR SELECT TO yilian_app USING (app.kind() IN ('staff', 'patient'));
--> statement-breakpoint
CREATE POLICY staff_read ON practitioner FOR SELECT TO yilian_app USING (app.kind() IN ('staff', 'patient', 'guest'));
--> statement-breakpoint
CREATE POLICY staff_read ON practitioner_post FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON person FOR SELECT TO yilian_app USING (app.kind() IN ('staff', 'patient', 'guest'));
--> statement-breakpoint
CREATE POLICY staff_read ON role FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON role_permission FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY staff_read ON role_assignment FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY read_transitions ON consult_transition FOR SELECT TO yilian_app USING (true);
--> statement-breakpoint
-- Patients.
CREATE POLICY see ON patient FOR SELECT TO yilian_app USING (app.kind() <> 'none' AND
  ((app.kind() = 'staff' AND managing_institution_id = app.institution()) OR app.may_see_patient(id)));
--> statement-breakpoint
CREATE POLICY register ON patient FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff' AND managing_institution_id = app.institution());
--> statement-breakpoint
CREATE POLICY amend ON patient FOR UPDATE TO yilian_app USING (app.kind() = 'staff' AND managing_institution_id = app.institution());
--> statement-breakpoint
CREATE POLICY see ON patient_contact FOR SELECT TO yilian_app USING (app.may_see_patient(patient_id));
--> statement-breakpoint
CREATE POLICY register ON patient_contact FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff' AND
  EXISTS (SELECT 1 FROM patient p WHERE p.id = patient_id AND p.managing_institution_id = app.institution()));
--> statement-breakpoint
CREATE POLICY see ON patient_institution FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND institution_id = app.institution());
--> statement-breakpoint
CREATE POLICY register ON patient_institution FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff' AND institution_id = app.institution()
  AND EXISTS (SELECT 1 FROM patient p WHERE p.id = patient_id AND p.managing_institution_id = app.institution()));
--> statement-breakpoint
-- Consults: both sides of the agreement and who takes part; a draft is seen by its own side only.
CREATE POLICY see ON consult FOR SELECT TO yilian_app USING (CASE app.kind()
  WHEN 'staff' THEN inviting_institution_id = app.institution()
    OR (submitted_at IS NOT NULL AND (invited_institution_id = app.institution() OR app.participates(id)))
  WHEN 'patient' THEN submitted_at IS NOT NULL AND patient_id = ANY (app.patient_ids())
  WHEN 'guest' THEN id = app.guest_consult()
  ELSE false END);
--> statement-breakpoint
CREATE POLICY ask ON consult FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff' AND inviting_institution_id = app.institution()
  AND requester_id = app.person() AND app.may_see_patient(patient_id));
--> statement-breakpoint
-- Which columns and steps a side has is asked by the trigger consult_guard.
CREATE POLICY step ON consult FOR UPDATE TO yilian_app USING (app.kind() = 'staff' AND (inviting_institution_id = app.institution()
    OR (submitted_at IS NOT NULL AND invited_institution_id = app.institution())));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['consult_step', 'consult_participant', 'consult_consent', 'consult_opinion', 'consult_guest', 'consult_presence', 'consult_message', 'consult_still', 'attachment'] LOOP
    EXECUTE format('CREATE POLICY see ON public.%I FOR SELECT TO yilian_app USING (app.kind() = ''staff'' AND app.may_see_consult(consult_id))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['consult_still', 'attachment'] LOOP
    EXECUTE format('CREATE POLICY write ON public.%I FOR INSERT TO yilian_app WITH CHECK (app.kind() = ''staff'' AND app.may_see_consult(consult_id))', name);
    EXECUTE format('CREATE POLICY change ON public.%I FOR UPDATE TO yilian_app USING (app.kind() = ''staff'' AND app.may_see_consult(consult_id))', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Steps and messages: by one of the two sides, in the own name. What the media node reports, only it writes.
CREATE POLICY write ON consult_step FOR INSERT TO yilian_app WITH CHECK ((app.invites(consult_id) OR app.is_invited(consult_id))
  AND by_person_id = app.person() AND by_institution_id = app.institution() AND by_name = app.own_name());
--> statement-breakpoint
CREATE POLICY write ON consult_message FOR INSERT TO yilian_app WITH CHECK ((app.invites(consult_id) OR app.is_invited(consult_id))
  AND by_person_id = app.person() AND by_institution_id = app.institution());
--> statement-breakpoint
-- Consents and invitations of relatives: the side where the patient is.
CREATE POLICY write ON consult_consent FOR INSERT TO yilian_app WITH CHECK (app.invites(consult_id) AND recorded_by = app.person() AND withdrawn_at IS NULL);
--> statement-breakpoint
CREATE POLICY change ON consult_consent FOR UPDATE TO yilian_app USING (app.invites(consult_id));
--> statement-breakpoint
CREATE POLICY write ON consult_guest FOR INSERT TO yilian_app WITH CHECK (app.invites(consult_id) AND invited_by = app.person()
  AND EXISTS (SELECT 1 FROM consult_consent c WHERE c.id = consent_id AND c.consult_id = consult_guest.consult_id
    AND c.kind = 'relative' AND c.given AND c.withdrawn_at IS NULL));
--> statement-breakpoint
CREATE POLICY change ON consult_guest FOR UPDATE TO yilian_app USING (app.invites(consult_id));
--> statement-breakpoint
-- Who takes part: the invited side says so, but for the attending doctor. Observers whom the patient no
-- longer agrees to leave with the withdrawal, which the inviting side records.
CREATE POLICY write ON consult_participant FOR INSERT TO yilian_app WITH CHECK (CASE role
  WHEN 'attending' THEN app.invites(consult_id) AND institution_id = app.institution() ELSE app.may_assign(consult_id) END);
--> statement-breakpoint
CREATE POLICY change ON consult_participant FOR UPDATE TO yilian_app USING (role <> 'attending' AND app.may_assign(consult_id));
--> statement-breakpoint
CREATE POLICY leave ON consult_participant FOR DELETE TO yilian_app USING ((role <> 'attending' AND app.may_assign(consult_id))
  OR (role = 'observer' AND app.invites(consult_id) AND NOT app.consents(consult_id, 'observers')));
--> statement-breakpoint
-- The opinion is the specialists'.
CREATE POLICY write ON consult_opinion FOR INSERT TO yilian_app WITH CHECK (app.is_specialist(consult_id));
--> statement-breakpoint
CREATE POLICY change ON consult_opinion FOR UPDATE TO yilian_app USING (app.is_specialist(consult_id));
--> statement-breakpoint
-- A patient's own view of the people and the opinion: never before the attending doctor knows it, or the delay is over.
CREATE POLICY patient_see ON consult_opinion FOR SELECT TO yilian_app USING (app.kind() = 'patient' AND jws IS NOT NULL AND app.may_see_consult(consult_id)
  AND (signed_at < clock_timestamp() - app.patient_sees_after()
    OR EXISTS (SELECT 1 FROM consult c WHERE c.id = consult_id AND c.acknowledged_at IS NOT NULL)));
--> statement-breakpoint
CREATE POLICY patient_see ON consult_participant FOR SELECT TO yilian_app USING (app.kind() IN ('patient', 'guest') AND app.may_see_consult(consult_id));
--> statement-breakpoint
CREATE POLICY room_see ON attachment FOR SELECT TO yilian_app USING (app.kind() IN ('patient', 'guest') AND purpose = 'still' AND app.may_see_consult(consult_id));
--> statement-breakpoint
CREATE POLICY room_write ON attachment FOR INSERT TO yilian_app WITH CHECK (app.kind() IN ('patient', 'guest') AND purpose = 'still' AND app.may_see_consult(consult_id));
--> statement-breakpoint
CREATE POLICY room_change ON attachment FOR UPDATE TO yilian_app USING (app.kind() IN ('patient', 'guest') AND purpose = 'still' AND app.may_see_consult(consult_id));
--> statement-breakpoint
CREATE POLICY room_see ON consult_still FOR SELECT TO yilian_app USING (app.kind() IN ('patient', 'guest') AND app.may_see_consult(consult_id));
--> statement-breakpoint
CREATE POLICY room_write ON consult_still FOR INSERT TO yilian_app WITH CHECK (app.kind() IN ('patient', 'guest') AND app.may_see_consult(consult_id));
--> statement-breakpoint
CREATE POLICY own_guest ON consult_guest FOR SELECT TO yilian_app USING (app.kind() = 'guest' AND consult_id = app.guest_consult());
--> statement-breakpoint
-- Keys: public halves are read by colleagues; only the owner adds or revokes.
CREATE POLICY staff_read ON signing_key FOR SELECT TO yilian_app USING (app.kind() = 'staff');
--> statement-breakpoint
-- A patient's PDF is verified in the patient's own transaction.
CREATE POLICY patient_read ON signing_key FOR SELECT TO yilian_app USING (app.kind() = 'patient'
  AND EXISTS (SELECT 1 FROM consult_opinion o WHERE o.kid = signing_key.kid));
--> statement-breakpoint
CREATE POLICY own_add ON signing_key FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff' AND person_id = app.person());
--> statement-breakpoint
CREATE POLICY own_change ON signing_key FOR UPDATE TO yilian_app USING (app.kind() = 'staff' AND person_id = app.person());
--> statement-breakpoint
-- Where a room is: whoever may see the consult may learn and settle its node.
CREATE POLICY room_read ON media_node FOR SELECT TO yilian_app USING (app.kind() <> 'none');
--> statement-breakpoint
CREATE POLICY room_read ON media_room FOR SELECT TO yilian_app USING (app.may_see_consult(room_id));
--> statement-breakpoint
CREATE POLICY room_place ON media_room FOR INSERT TO yilian_app WITH CHECK (app.may_see_consult(room_id));
--> statement-breakpoint
CREATE POLICY room_move ON media_room FOR UPDATE TO yilian_app USING (app.may_see_consult(room_id));
--> statement-breakpoint
-- Shared services.
CREATE POLICY own ON notice FOR SELECT TO yilian_app USING (person_id = app.person());
--> statement-breakpoint
CREATE POLICY own_read ON notice FOR UPDATE TO yilian_app USING (person_id = app.person());
--> statement-breakpoint
CREATE POLICY tell ON notice FOR INSERT TO yilian_app WITH CHECK (app.kind() <> 'none');
--> statement-breakpoint
CREATE POLICY tell ON sms_message FOR INSERT TO yilian_app WITH CHECK (app.kind() = 'staff');
--> statement-breakpoint
CREATE POLICY tell ON outbox_event FOR INSERT TO yilian_app WITH CHECK (app.kind() <> 'none');
--> statement-breakpoint
CREATE POLICY own ON idempotency_key TO yilian_app USING (actor_key = app.actor_key()) WITH CHECK (actor_key = app.actor_key());
--> statement-breakpoint
-- Everyone leaves traces in the own name only.
CREATE POLICY trace ON audit_event FOR INSERT TO yilian_app WITH CHECK (actor_kind = app.kind() AND CASE app.kind()
  WHEN 'staff' THEN actor_id = app.person()::text AND institution_id = app.institution() AND actor_name = app.own_name()
  WHEN 'patient' THEN actor_id IS NULL AND actor_name IS NULL AND institution_id IS NULL
  WHEN 'guest' THEN institution_id IS NULL
  ELSE false END);
--> statement-breakpoint
CREATE POLICY patient_see ON audit_event FOR SELECT TO yilian_app USING (app.kind() = 'patient' AND patient_id = ANY (app.patient_ids()));
--> statement-breakpoint
GRANT USAGE ON SCHEMA public, app TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO yilian_app;
--> statement-breakpoint
-- What happened stays: no role of the application changes or deletes a trace or a step.
REVOKE UPDATE, DELETE ON audit_event, consult_step, consult_presence, consult_message FROM yilian_app;
--> statement-breakpoint
REVOKE UPDATE, DELETE ON audit_chain FROM yilian_app;
--> statement-breakpoint
REVOKE INSERT, UPDATE, DELETE ON consult_transition FROM yilian_app;
--> statement-breakpoint
REVOKE DELETE ON consult, consult_consent, consult_opinion, consult_guest, consult_still, patient, patient_contact, signing_key FROM yilian_app;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO yilian_app, yilian_owner;
