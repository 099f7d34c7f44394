-- A number that was booked for a referral and falls away (the clinic stops, the patient cancels it, nobody comes) is heard of by the
-- referral: a clock of ours looks at both. Before, the referral stayed booked with a number that was not there.
INSERT INTO referral_transition (direction, from_state, to_state, side) VALUES
  ('up', 'booked', 'accepted', 'system'), ('up', 'booked', 'no-show', 'system');
--> statement-breakpoint
CREATE INDEX referral_appointment ON referral (appointment_id) WHERE appointment_id IS NOT NULL;
--> statement-breakpoint
CREATE FUNCTION app.follow_referral_appointment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO alarm (kind, entity_id, key, due_at)
    SELECT 'referral:seat-lost', r.id, 'referral:' || r.id || ':seat-lost:' || NEW.id, coalesce(NEW.ended_at, clock_timestamp())
    FROM referral r WHERE r.appointment_id = NEW.id AND r.state = 'booked'
    ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at, fired_at = NULL, attempts = 0;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER appointment_referral AFTER UPDATE OF state ON appointment FOR EACH ROW
  WHEN (NEW.state IN ('cancelled', 'no-show', 'clinic-stopped') AND NEW.state <> OLD.state) EXECUTE FUNCTION app.follow_referral_appointment();
