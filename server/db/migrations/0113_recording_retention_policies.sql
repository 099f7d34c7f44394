-- A recording is kept for three years at least, whatever a program believes: its time is never shortened, and before it is over
-- it is deleted only when a consent was taken back.
CREATE OR REPLACE FUNCTION app.guard_teaching_recording() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- A consent that was taken back holds for what comes later too.
    NEW.withheld_at := coalesce(NEW.withheld_at, (SELECT s.withheld_at FROM teaching_session s WHERE s.id = NEW.session_id));
    IF NEW.keep_until < NEW.started_at + interval '3 years' THEN
      RAISE EXCEPTION 'it is kept for three years' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_kept';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM teaching_recording_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a recording cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_state_order';
  END IF;
  IF changed && ARRAY['id', 'session_id', 'sealed_key', 'started_at', 'created_at'] OR (OLD.withheld_at IS NOT NULL AND 'withheld_at' = ANY (changed)) THEN
    RAISE EXCEPTION 'what was recorded stays' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_fixed';
  END IF;
  IF NEW.keep_until < OLD.keep_until
      OR (NEW.state = 'deleted' AND OLD.state <> 'deleted' AND NEW.deleted_at <= OLD.keep_until AND OLD.withheld_at IS NULL) THEN
    RAISE EXCEPTION 'its years are not over' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_kept';
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
-- Its files go with it, or are made anew.
CREATE FUNCTION app.guard_teaching_recording_file() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM teaching_recording r WHERE r.id = OLD.recording_id AND r.state NOT IN ('processing', 'deleted')) THEN
    RAISE EXCEPTION 'the recording is kept' USING ERRCODE = 'YL001', CONSTRAINT = 'teaching_recording_kept';
  END IF;
  RETURN OLD;
END $$;
--> statement-breakpoint
CREATE TRIGGER teaching_recording_file_guard BEFORE DELETE ON teaching_recording_file FOR EACH ROW EXECUTE FUNCTION app.guard_teaching_recording_file();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.guard_teaching_recording_file() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.guard_teaching_recording_file() TO yilian_app, yilian_owner;
