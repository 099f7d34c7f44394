-- Apps of people: what somebody allowed an app is seen and ended by himself; codes and tokens are the
-- server's own. A grant changes by its end only, and what has ended does not begin again.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['smart_grant', 'smart_code', 'smart_refresh'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY own ON smart_grant TO yilian_app
  USING (((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person()))
    OR ((SELECT app.kind()) = 'patient' AND phone_index = (SELECT app.phone_index())))
  WITH CHECK (((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person()) AND institution_id = (SELECT app.institution()))
    OR ((SELECT app.kind()) = 'patient' AND phone_index = (SELECT app.phone_index())
      AND (patient_id IS NULL OR patient_id = ANY ((SELECT app.patient_ids())::uuid[]))));
--> statement-breakpoint
-- A code is made with the grant of whoever allows it.
CREATE POLICY own_make ON smart_code FOR INSERT TO yilian_app
  WITH CHECK (EXISTS (SELECT 1 FROM smart_grant g WHERE g.id = grant_id AND g.activated_at IS NULL));
--> statement-breakpoint
-- Whoever let an app in reads what it is called.
CREATE POLICY own_see ON smart_client FOR SELECT TO yilian_app
  USING (EXISTS (SELECT 1 FROM smart_grant g WHERE g.client_id = smart_client.id));
--> statement-breakpoint
ALTER TABLE smart_grant ADD CONSTRAINT smart_grant_whose CHECK (
  (person_id IS NOT NULL AND institution_id IS NOT NULL AND phone_index IS NULL AND patient_id IS NULL)
  OR (person_id IS NULL AND institution_id IS NULL AND phone_index IS NOT NULL));
--> statement-breakpoint
ALTER TABLE smart_grant ADD CONSTRAINT smart_grant_end CHECK ((ended_at IS NULL) = (end_reason IS NULL));
--> statement-breakpoint
ALTER TABLE smart_client ADD CONSTRAINT smart_client_answers CHECK ((kind = 'system') = (cardinality(redirect_uris) = 0));
--> statement-breakpoint
CREATE FUNCTION app.guard_smart_grant() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.end_reason) IS DISTINCT FROM (OLD.ended_at, OLD.end_reason) THEN
    RAISE EXCEPTION 'a grant that has ended stays ended' USING ERRCODE = '23514', CONSTRAINT = 'smart_grant_ended';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER smart_grant_guard BEFORE UPDATE ON smart_grant FOR EACH ROW EXECUTE FUNCTION app.guard_smart_grant();
--> statement-breakpoint
CREATE FUNCTION app.guard_smart_use() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF OLD.used_at IS NOT NULL THEN
    RAISE EXCEPTION 'a code or token is used once' USING ERRCODE = '23514', CONSTRAINT = 'smart_used';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER smart_code_once BEFORE UPDATE ON smart_code FOR EACH ROW EXECUTE FUNCTION app.guard_smart_use();
--> statement-breakpoint
CREATE TRIGGER smart_refresh_once BEFORE UPDATE ON smart_refresh FOR EACH ROW EXECUTE FUNCTION app.guard_smart_use();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.guard_smart_grant(), app.guard_smart_use() FROM PUBLIC;
--> statement-breakpoint
GRANT SELECT, INSERT ON smart_grant, smart_code, smart_refresh TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (activated_at, last_used_at, ended_at, end_reason) ON smart_grant TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (used_at) ON smart_code, smart_refresh TO yilian_app;
--> statement-breakpoint
GRANT DELETE ON smart_code, smart_refresh TO yilian_app;
