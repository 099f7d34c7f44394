-- What a person said about who sees his records: said for oneself or one's child, read by the same, never changed.
-- How far it came is the server's own.
ALTER TABLE record_choice ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_choice FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_choice_store ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_choice_store FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY owner_all ON record_choice TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY owner_all ON record_choice_store TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_see ON record_choice FOR SELECT TO yilian_app USING ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY internal_all ON record_choice_store TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY own_see ON record_choice FOR SELECT TO yilian_app USING (
  (SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY own_say ON record_choice FOR INSERT TO yilian_app WITH CHECK (
  (SELECT app.kind()) = 'patient' AND EXISTS (SELECT 1 FROM patient_contact c WHERE c.patient_id = record_choice.patient_id
    AND c.phone_index = (SELECT app.phone_index()) AND c.may_sign_in AND c.relation = record_choice.relation
    AND c.relation IN ('self', 'guardian', 'mother', 'father')));
--> statement-breakpoint
CREATE POLICY own_see ON record_choice_store FOR SELECT TO yilian_app USING (
  (SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
GRANT SELECT, INSERT ON record_choice TO yilian_app;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE record_choice_number_seq TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON record_choice_store TO yilian_app;
