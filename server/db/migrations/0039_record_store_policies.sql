-- Where an institution's records lie: every member of staff may know it (it is the way to ask), only who is
-- responsible for it pauses it; rows are made by the server itself.
ALTER TABLE record_store ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE record_store FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY owner_all ON record_store TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON record_store TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY see ON record_store FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff');
--> statement-breakpoint
CREATE POLICY pause ON record_store FOR UPDATE TO yilian_app
  USING ((SELECT app.holds('directory.manage')) OR (institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage'))))
  WITH CHECK ((SELECT app.holds('directory.manage')) OR (institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage'))));
--> statement-breakpoint
GRANT SELECT, INSERT ON record_store TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (paused_at, paused_by) ON record_store TO yilian_app;
--> statement-breakpoint
ALTER TABLE record_store ADD CONSTRAINT record_store_location CHECK (
  CASE kind WHEN 'hosted' THEN location ~ '^[a-z][a-z0-9_]{0,62}$' ELSE location ~ '^https?://[^/]+(/.*[^/])?$' END);
--> statement-breakpoint
-- A database that is there already: the new role, and what the known ones may do now.
INSERT INTO role (code, name_zh, name_en, name_bo)
  SELECT 'record-administrator', '病历管理员', 'Record administrator', 'ནད་ཐོ་དོ་དམ་པ།' WHERE EXISTS (SELECT 1 FROM role)
  ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission)
  SELECT code, 'record.read' FROM role WHERE code IN ('attending-doctor', 'specialist', 'community-doctor', 'nurse', 'fever-nurse', 'fever-doctor', 'record-administrator')
  UNION ALL
  SELECT code, 'record.write' FROM role WHERE code IN ('attending-doctor', 'specialist', 'community-doctor', 'fever-doctor', 'record-administrator')
  UNION ALL
  SELECT code, 'record.manage' FROM role WHERE code IN ('alliance-administrator', 'record-administrator')
  ON CONFLICT DO NOTHING;
