-- What an institution's record store shows of the alliance's tables is noted in the transaction of the change,
-- whatever made it; only for institutions whose store is hosted here.
ALTER TABLE record_change ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_change FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_projection ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_projection FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY['record_change', 'record_projection'] LOOP
    EXECUTE format('CREATE POLICY owner_all ON %I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON %I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT SELECT, DELETE ON record_change TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON record_projection TO yilian_app;
--> statement-breakpoint
CREATE FUNCTION app.note_change(p_kind text, p_entity text, p_institutions uuid[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO record_change (institution_id, kind, entity_id)
    SELECT s.institution_id, p_kind, p_entity FROM record_store s WHERE s.kind = 'hosted' AND s.institution_id = ANY (p_institutions);
END $$;
--> statement-breakpoint
CREATE FUNCTION app.note_appointment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_change('appointment', NEW.id::text, ARRAY[NEW.institution_id]);
  IF TG_OP = 'UPDATE' AND OLD.segment_id <> NEW.segment_id THEN
    PERFORM app.note_change('clinic-day', OLD.schedule_id || '/' || OLD.day, ARRAY[OLD.institution_id]);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- A hold is nobody's appointment yet, and costs nothing here.
CREATE TRIGGER appointment_noted AFTER INSERT ON appointment FOR EACH ROW WHEN (NEW.state NOT IN ('held', 'lapsed'))
  EXECUTE FUNCTION app.note_appointment();
--> statement-breakpoint
CREATE TRIGGER appointment_change_noted AFTER UPDATE ON appointment FOR EACH ROW
  WHEN (NEW.state NOT IN ('held', 'lapsed') AND (OLD.state, OLD.segment_id, OLD.starts_at, OLD.patient_id) IS DISTINCT FROM (NEW.state, NEW.segment_id, NEW.starts_at, NEW.patient_id))
  EXECUTE FUNCTION app.note_appointment();
--> statement-breakpoint
CREATE FUNCTION app.note_consult() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_change('consult', NEW.id::text, ARRAY[NEW.inviting_institution_id, NEW.invited_institution_id]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER consult_noted AFTER INSERT OR UPDATE ON consult FOR EACH ROW WHEN (NEW.submitted_at IS NOT NULL) EXECUTE FUNCTION app.note_consult();
--> statement-breakpoint
CREATE FUNCTION app.note_consult_part() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE c consult;
BEGIN
  SELECT * INTO c FROM consult WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.consult_id ELSE NEW.consult_id END;
  IF c.submitted_at IS NOT NULL THEN
    PERFORM app.note_change('consult', c.id::text, ARRAY[c.inviting_institution_id, c.invited_institution_id]);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER consult_participant_noted AFTER INSERT OR UPDATE OR DELETE ON consult_participant FOR EACH ROW EXECUTE FUNCTION app.note_consult_part();
--> statement-breakpoint
CREATE TRIGGER consult_consent_noted AFTER INSERT OR UPDATE ON consult_consent FOR EACH ROW EXECUTE FUNCTION app.note_consult_part();
--> statement-breakpoint
CREATE TRIGGER consult_opinion_noted AFTER INSERT OR UPDATE ON consult_opinion FOR EACH ROW WHEN (NEW.jws IS NOT NULL) EXECUTE FUNCTION app.note_consult_part();
--> statement-breakpoint
CREATE FUNCTION app.note_patient() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE of_patient uuid;
BEGIN
  IF TG_TABLE_NAME = 'patient' THEN of_patient := NEW.id;
  ELSIF TG_OP = 'DELETE' THEN of_patient := OLD.patient_id;
  ELSE of_patient := NEW.patient_id;
  END IF;
  PERFORM app.note_change('patient', of_patient::text, ARRAY(
    SELECT institution_id FROM patient_institution WHERE patient_id = of_patient
    UNION SELECT managing_institution_id FROM patient WHERE id = of_patient));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER patient_noted AFTER INSERT OR UPDATE ON patient FOR EACH ROW EXECUTE FUNCTION app.note_patient();
--> statement-breakpoint
CREATE TRIGGER patient_contact_noted AFTER INSERT OR UPDATE OR DELETE ON patient_contact FOR EACH ROW EXECUTE FUNCTION app.note_patient();
--> statement-breakpoint
CREATE FUNCTION app.note_schedule() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_change('schedule', NEW.id::text, ARRAY[NEW.institution_id]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER clinic_schedule_noted AFTER INSERT OR UPDATE ON clinic_schedule FOR EACH ROW EXECUTE FUNCTION app.note_schedule();
--> statement-breakpoint
-- Publishing opens a clinic's weeks in one statement: one note per clinic and day.
CREATE FUNCTION app.note_segments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO record_change (institution_id, kind, entity_id)
    SELECT DISTINCT g.institution_id, 'clinic-day', g.schedule_id || '/' || g.day FROM fresh g
    JOIN record_store s ON s.institution_id = g.institution_id AND s.kind = 'hosted';
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER segment_noted AFTER INSERT ON segment REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.note_segments();
--> statement-breakpoint
CREATE TRIGGER segment_change_noted AFTER UPDATE ON segment REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.note_segments();
--> statement-breakpoint
CREATE FUNCTION app.note_fever_visit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_change('fever-visit', NEW.id::text, ARRAY[NEW.institution_id]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_visit_noted AFTER INSERT OR UPDATE ON fever_visit FOR EACH ROW EXECUTE FUNCTION app.note_fever_visit();
--> statement-breakpoint
-- The directory is small and changes seldom: it is compared as a whole.
CREATE FUNCTION app.note_directory() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO record_change (institution_id, kind, entity_id)
    SELECT s.institution_id, 'directory', '' FROM record_store s WHERE s.kind = 'hosted'
      AND NOT EXISTS (SELECT 1 FROM record_change c WHERE c.institution_id = s.institution_id AND c.kind = 'directory' AND c.xmin = pg_current_xact_id()::xid);
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY['institution', 'institution_name', 'department', 'practitioner', 'practitioner_post', 'role_assignment'] LOOP
    EXECUTE format('CREATE TRIGGER %1$I AFTER INSERT OR UPDATE OR DELETE ON %2$I FOR EACH STATEMENT EXECUTE FUNCTION app.note_directory()', name || '_noted', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER person_noted AFTER UPDATE OF name, name_bo, name_en ON person FOR EACH STATEMENT EXECUTE FUNCTION app.note_directory();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.note_change(text, text, uuid[]), app.note_appointment(), app.note_consult(), app.note_consult_part(), app.note_patient(),
  app.note_schedule(), app.note_segments(), app.note_fever_visit(), app.note_directory() FROM PUBLIC;
