-- A person's released result is in the record store of the house that sampled him.
CREATE FUNCTION app.note_person_result() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_change('test-result', NEW.id::text, ARRAY(SELECT r.institution_id FROM test_registration r WHERE r.id = NEW.registration_id));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER person_result_noted AFTER INSERT OR UPDATE ON person_result FOR EACH ROW WHEN (NEW.released_at IS NOT NULL) EXECUTE FUNCTION app.note_person_result();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.note_person_result() FROM PUBLIC;
--> statement-breakpoint
-- Stores that were walked through already are walked for these.
UPDATE record_projection SET walk_kind = 'test-result', walk_after = '' WHERE walk_kind IS NULL;
