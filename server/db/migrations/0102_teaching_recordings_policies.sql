-- Recordings of broadcasts: captured by a media node, mixed by a job, watched by those who may watch the broadcast.
-- State order. The rows come from server/teaching/recording-states.ts; a test compares both.
CREATE TABLE teaching_recording_transition (from_state teaching_recording_state NOT NULL, to_state teaching_recording_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO teaching_recording_transition (from_state, to_state) VALUES ('recording', 'processing'), ('recording', 'failed'), ('processing', 'ready'),
  ('processing', 'failed'), ('ready', 'processing'), ('ready', 'deleted'), ('failed', 'processing'), ('failed', 'deleted');
--> statement-breakpoint
-- One at a time: the room has one.
CREATE UNIQUE INDEX teaching_recording_running ON teaching_recording (session_id) WHERE state = 'recording' AND stop_ordered_at IS NULL;
--> statement-breakpoint
-- Whoever keeps the recordings of the house that teaches: holds them, deletes them.
CREATE FUNCTION app.teaching_keeps(of_session uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.holds('teaching.manage') AND EXISTS (
    SELECT 1 FROM teaching_session s WHERE s.id = of_session AND s.institution_id = app.institution()) $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_teaching_recording() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- A consent that was taken back holds for what comes later too.
    NEW.withheld_at := coalesce(NEW.withheld_at, (SELECT s.withheld_at FROM teaching_session s WHERE s.id = NEW.session_id));
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM teaching_recording_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a recording cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_state_order';
  END IF;
  IF changed && ARRAY['id', 'session_id', 'sealed_key', 'started_at', 'created_at'] OR (OLD.withheld_at IS NOT NULL AND 'withheld_at' = ANY (changed)) THEN
    RAISE EXCEPTION 'what was recorded stays' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_fixed';
  END IF;
  IF NEW.state = 'deleted' AND OLD.state <> 'deleted' AND OLD.legal_hold_at IS NOT NULL THEN
    RAISE EXCEPTION 'it is held' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_hold';
  END IF;
  IF NOT app.internal() AND (NOT changed <@ ARRAY['state', 'withheld_at', 'deleted_at', 'deleted_by', 'deleted_reason', 'legal_hold_at', 'legal_hold_reason']
      OR (NEW.state <> OLD.state AND NEW.state <> 'deleted')) THEN
    RAISE EXCEPTION 'only kept or deleted' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_fixed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_recording_guard BEFORE INSERT OR UPDATE ON teaching_recording FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_recording();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['teaching_recording', 'teaching_recording_track', 'teaching_recording_segment', 'teaching_recording_file', 'teaching_recording_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT, UPDATE ON teaching_recording, teaching_recording_track, teaching_recording_segment, teaching_recording_file TO yilian_app;
--> statement-breakpoint
GRANT DELETE ON teaching_recording_segment, teaching_recording_file TO yilian_app;
--> statement-breakpoint
CREATE POLICY everyone_reads ON teaching_recording_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
CREATE POLICY watch ON teaching_recording FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (app.teaching_may_watch(session_id) OR app.teaching_keeps(session_id)));
--> statement-breakpoint
CREATE POLICY keep ON teaching_recording FOR UPDATE TO yilian_app USING ((SELECT app.kind()) = 'staff' AND app.teaching_keeps(session_id))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND app.teaching_keeps(session_id));
--> statement-breakpoint
CREATE POLICY watch ON teaching_recording_file FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff'
  AND EXISTS (SELECT 1 FROM teaching_recording r WHERE r.id = recording_id AND (app.teaching_may_watch(r.session_id) OR app.teaching_keeps(r.session_id))));
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.teaching_keeps(uuid), app.guard_teaching_recording() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.teaching_keeps(uuid), app.guard_teaching_recording() TO yilian_app, yilian_owner;
