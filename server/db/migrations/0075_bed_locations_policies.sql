-- A ward and what each of its beds is fit for are in the record store of the house. Holds are not: a held bed is
-- nobody's yet.
CREATE FUNCTION app.note_bed_unit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_change('bed-unit', CASE WHEN TG_TABLE_NAME = 'bed_unit' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'unit_id' END, ARRAY[NEW.institution_id]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER bed_unit_made AFTER INSERT ON bed_unit FOR EACH ROW EXECUTE FUNCTION app.note_bed_unit();
--> statement-breakpoint
-- That a ward looked at its counts changes nothing of it.
CREATE TRIGGER bed_unit_noted AFTER UPDATE ON bed_unit FOR EACH ROW WHEN ((OLD.name_zh, OLD.name_en, OLD.name_bo, OLD.kind, OLD.mode, OLD.active)
  IS DISTINCT FROM (NEW.name_zh, NEW.name_en, NEW.name_bo, NEW.kind, NEW.mode, NEW.active)) EXECUTE FUNCTION app.note_bed_unit();
--> statement-breakpoint
CREATE TRIGGER bed_made AFTER INSERT ON bed FOR EACH ROW EXECUTE FUNCTION app.note_bed_unit();
--> statement-breakpoint
CREATE TRIGGER bed_noted AFTER UPDATE ON bed FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION app.note_bed_unit();
--> statement-breakpoint
-- Leaving makes the bed one to be cleaned, which is noted there.
CREATE TRIGGER bed_stay_noted AFTER INSERT ON bed_stay FOR EACH ROW EXECUTE FUNCTION app.note_bed_unit();
--> statement-breakpoint
CREATE TRIGGER mode_switch_noted AFTER UPDATE OF state ON mode_switch FOR EACH ROW WHEN (NEW.state IN ('clearing', 'cancelled')) EXECUTE FUNCTION app.note_bed_unit();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.note_bed_unit() FROM PUBLIC;
--> statement-breakpoint
-- Stores that were walked through already are walked for these; one that is at the last kind goes there again.
UPDATE record_projection SET walk_kind = 'bed-unit', walk_after = '' WHERE walk_kind IS NULL OR walk_kind = 'clinic-day';
