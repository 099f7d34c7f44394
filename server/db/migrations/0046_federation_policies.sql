-- The locator and the ways in are the server's own: nobody reads them, or searches them, by themselves.
ALTER TABLE record_partner ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_partner FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_location ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_location FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_index_state ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_index_state FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_emergency ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_emergency FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY['record_partner', 'record_location', 'record_index_state', 'record_emergency'] LOOP
    EXECUTE format('CREATE POLICY owner_all ON %I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON %I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Whoever opens records in an emergency writes it down in his own name, for a patient whom he may see; the
-- house and the patient read it, nobody changes it.
CREATE POLICY open ON record_emergency FOR INSERT TO yilian_app WITH CHECK (
  (SELECT app.kind()) = 'staff' AND (SELECT app.holds('record.emergency')) AND institution_id = (SELECT app.institution())
  AND person_id = (SELECT app.person()) AND EXISTS (SELECT 1 FROM patient p WHERE p.id = patient_id));
--> statement-breakpoint
CREATE POLICY see ON record_emergency FOR SELECT TO yilian_app USING (
  ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()))
  OR ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[])));
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON record_location TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON record_partner, record_index_state TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT ON record_emergency TO yilian_app;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission)
  SELECT code, 'record.emergency' FROM role WHERE code IN ('attending-doctor', 'specialist', 'community-doctor', 'fever-doctor')
  ON CONFLICT DO NOTHING;
