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
CREATE FUNCTION app.patient_ids() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app
  AS $$ SELECT coalesce(array_agg(patient_id), '{}') FROM patient_contact
        WHERE phone_index = app.phone_index() AND may_sign_in AND app.kind() = 'patient' $$;
--> statement-breakpoint
CREATE FUNCTION app.participates(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app
  AS $$ SELECT EXISTS (SELECT 1 FROM consult_participant p WHERE p.consult_id = consult AND p.person_id = app.person()) $$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_consult(consult uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app
  AS $$ SELECT app.internal() OR EXISTS (
          SELECT 1 FROM consult c WHERE c.id = consult AND CASE app.kind()
            WHEN 'staff' THEN c.inviting_institution_id = app.institution()
              OR (c.submitted_at IS NOT NULL AND (c.invited_institution_id = app.institution() OR app.participates(c.id)))
            WHEN 'patient' THEN c.submitted_at IS NOT NULL AND c.patient_id = ANY (app.patient_ids())
            WHEN 'guest' THEN c.id = app.guest_consult()
            ELSE false END) $$;
--> statement-breakpoint
-- The invited side sees the patient while it works on the request, not after it said no.
CREATE FUNCTION app.may_see_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app
  AS $$ SELECT app.internal() OR CASE app.kind()
          WHEN 'patient' THEN patient = ANY (app.patient_ids())
          WHEN 'staff' THEN EXISTS (SELECT 1 FROM patient_institution i WHERE i.patient_id = patient AND i.institution_id = app.institution())
            OR EXISTS (SELECT 1 FROM consult c WHERE c.patient_id = patient AND c.submitted_at IS NOT NULL
                       AND c.state NOT IN ('declined', 'cancelled')
                       AND (c.invited_institution_id = app.institution() OR app.participates(c.id)))
          ELSE false END $$;
--> statement-breakpoint
-- A person already known to the alliance is not registered twice: the institution that reads the ID
-- card is linked to the one that exists. Returns null when nobody has this ID.
CREATE FUNCTION app.link_patient(id_index bytea) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app
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
-- State order. The rows come from server/consult/domain.ts; a test compares both.
CREATE TABLE consult_transition (from_state consult_state NOT NULL, to_state consult_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO consult_transition (from_state, to_state) VALUES
  ('draft', 'submitted'), ('draft', 'cancelled'),
  ('submitted', 'more-info-asked'), ('submitted', 'accepted'), ('submitted', 'declined'), ('submitted', 'advice-only'), ('submitted', 'cancelled'),
  ('more-info-asked', 'submitted'), ('more-info-asked', 'declined'), ('more-info-asked', 'cancelled'),
  ('accepted', 'scheduled'), ('accepted', 'in-session'), ('accepted', 'more-info-asked'), ('accepted', 'declined'), ('accepted', 'cancelled'),
  ('declined', 'archived'),
  ('advice-only', 'signed'), ('advice-only', 'cancelled'),
  ('scheduled', 'scheduled'), ('scheduled', 'in-session'), ('scheduled', 'specialist-absent'), ('scheduled', 'declined'), ('scheduled', 'cancelled'),
  ('in-session', 'interrupted'), ('in-session', 'opinion-pending'),
  ('interrupted', 'in-session'), ('interrupted', 'scheduled'), ('interrupted', 'opinion-pending'),
  ('specialist-absent', 'scheduled'), ('specialist-absent', 'in-session'), ('specialist-absent', 'declined'), ('specialist-absent', 'cancelled'),
  ('opinion-pending', 'in-session'), ('opinion-pending', 'signed'),
  ('signed', 'acknowledged'),
  ('acknowledged', 'archived');
--> statement-breakpoint
CREATE FUNCTION app.guard_consult() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN RAISE EXCEPTION 'consult starts as draft' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_state_order'; END IF;
    RETURN NEW;
  END IF;
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
  IF NEW.state = 'signed' AND OLD.state <> 'signed' AND NOT EXISTS (SELECT 1 FROM consult_opinion o WHERE o.consult_id = NEW.id AND o.jws IS NOT NULL) THEN
    RAISE EXCEPTION 'a signed consult has a signed opinion' USING ERRCODE = 'YL001', CONSTRAINT = 'consult_signed_opinion';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER consult_guard BEFORE INSERT OR UPDATE ON consult FOR EACH ROW EXECUTE FUNCTION app.guard_consult();
--> statement-breakpoint
CREATE FUNCTION app.guard_opinion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.jws IS NOT NULL THEN RAISE EXCEPTION 'a signed opinion never changes' USING ERRCODE = 'YL001', CONSTRAINT = 'opinion_signed'; END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER opinion_guard BEFORE UPDATE ON consult_opinion FOR EACH ROW EXECUTE FUNCTION app.guard_opinion();
--> statement-breakpoint
-- Observers come in only while the patient agrees to observers.
CREATE FUNCTION app.guard_participant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app AS $$
BEGIN
  IF NEW.role = 'observer' AND NOT EXISTS (
    SELECT 1 FROM consult_consent c WHERE c.consult_id = NEW.consult_id AND c.kind = 'observers' AND c.given AND c.withdrawn_at IS NULL) THEN
    RAISE EXCEPTION 'observers need the consent of the patient' USING ERRCODE = 'YL001', CONSTRAINT = 'observer_consent';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER participant_guard BEFORE INSERT OR UPDATE ON consult_participant FOR EACH ROW EXECUTE FUNCTION app.guard_participant();
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
CREATE POLICY step ON consult FOR UPDATE TO yilian_app USING (app.kind() = 'staff' AND (inviting_institution_id = app.institution()
    OR (submitted_at IS NOT NULL AND (invited_institution_id = app.institution() OR app.participates(id)))));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['consult_step', 'consult_participant', 'consult_consent', 'consult_opinion', 'consult_guest', 'consult_presence', 'consult_message', 'consult_still', 'attachment'] LOOP
    EXECUTE format('CREATE POLICY see ON public.%I FOR SELECT TO yilian_app USING (app.kind() = ''staff'' AND app.may_see_consult(consult_id))', name);
    EXECUTE format('CREATE POLICY write ON public.%I FOR INSERT TO yilian_app WITH CHECK (app.kind() = ''staff'' AND app.may_see_consult(consult_id))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['consult_participant', 'consult_consent', 'consult_opinion', 'consult_guest', 'consult_still', 'attachment'] LOOP
    EXECUTE format('CREATE POLICY change ON public.%I FOR UPDATE TO yilian_app USING (app.kind() = ''staff'' AND app.may_see_consult(consult_id))', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY leave ON consult_participant FOR DELETE TO yilian_app USING (app.kind() = 'staff' AND app.may_see_consult(consult_id));
--> statement-breakpoint
-- A patient's own view of the people and the opinion; whether it may be shown yet is asked by the service.
CREATE POLICY patient_see ON consult_opinion FOR SELECT TO yilian_app USING (app.kind() = 'patient' AND jws IS NOT NULL AND app.may_see_consult(consult_id));
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
CREATE POLICY trace ON audit_event FOR INSERT TO yilian_app WITH CHECK (app.kind() <> 'none');
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
