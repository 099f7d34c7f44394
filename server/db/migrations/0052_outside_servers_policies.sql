-- Outside servers and the key for them belong to who is responsible for the institution's records; the locator,
-- the copies and the count of faults are written by the server itself.
DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY['record_outside', 'record_key', 'record_outside_location', 'record_source_fault', 'record_copy'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY manage ON record_outside TO yilian_app
  USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage')))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage')));
--> statement-breakpoint
CREATE POLICY manage ON record_key TO yilian_app
  USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage')))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage')));
--> statement-breakpoint
CREATE POLICY see ON record_source_fault FOR SELECT TO yilian_app
  USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage')));
--> statement-breakpoint
GRANT SELECT, INSERT ON record_outside, record_key TO yilian_app;
--> statement-breakpoint
-- Whose it is and who made it never change.
GRANT UPDATE (name, base, private_network, sign_in, token_url, client_id, secret_cipher, scope, types, has_everything, software,
  tested_at, test_fault, cache_minutes, paused_at, paused_by, pause_reason, answered_at, version, removed_at) ON record_outside TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON record_outside_location, record_source_fault, record_copy TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (pause_reason) ON record_store TO yilian_app;
--> statement-breakpoint
-- What was removed stays removed, without its secret; another address is another server: nothing that was learnt at the old
-- one counts. A copy ends with whatever changes at its source but a test or an answer.
CREATE FUNCTION app.record_outside_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF OLD.removed_at IS NOT NULL THEN RAISE EXCEPTION 'a removed server stays removed' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.removed_at IS NOT NULL THEN NEW.secret_cipher := NULL; END IF;
  IF NEW.removed_at IS NOT NULL OR NEW.base <> OLD.base THEN DELETE FROM record_outside_location WHERE outside_id = NEW.id; END IF;
  IF NEW.version <> OLD.version THEN DELETE FROM record_copy WHERE outside_id = NEW.id; END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER changed BEFORE UPDATE ON record_outside FOR EACH ROW EXECUTE FUNCTION app.record_outside_changed();
--> statement-breakpoint
-- The person says something about who sees his records: no copy outlives the word.
CREATE FUNCTION app.forget_copies_of_choice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN DELETE FROM record_copy WHERE patient_id = NEW.patient_id; RETURN NULL; END $$;
--> statement-breakpoint
CREATE TRIGGER forget_copies AFTER INSERT ON record_choice FOR EACH ROW EXECUTE FUNCTION app.forget_copies_of_choice();
--> statement-breakpoint
CREATE FUNCTION app.forget_copies_of_consent() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN DELETE FROM record_copy c USING consult t WHERE t.id = NEW.consult_id AND c.patient_id = t.patient_id; RETURN NULL; END $$;
--> statement-breakpoint
CREATE TRIGGER forget_copies AFTER INSERT OR UPDATE ON consult_consent FOR EACH ROW EXECUTE FUNCTION app.forget_copies_of_consent();
--> statement-breakpoint
REVOKE ALL ON FUNCTION app.record_outside_changed(), app.forget_copies_of_choice(), app.forget_copies_of_consent() FROM PUBLIC;
