-- What a referral is, both houses have in their record stores from when it was sent; of an episode whoever opened it, looks after
-- the patient, or was sent somebody in it.
CREATE FUNCTION app.note_episode(of_episode uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.note_change('episode', of_episode::text, ARRAY(
          SELECT unnest(ARRAY[e.opened_by_institution_id, e.care_institution_id]) FROM episode e WHERE e.id = of_episode
          UNION SELECT unnest(ARRAY[r.from_institution_id, r.to_institution_id]) FROM referral r WHERE r.episode_id = of_episode AND r.submitted_at IS NOT NULL)) $$;
--> statement-breakpoint
CREATE FUNCTION app.note_referral() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  -- Who was asked before stays told: what it was sent is ended there.
  PERFORM app.note_change('referral', NEW.id::text, array_remove(ARRAY(SELECT DISTINCT unnest(
    ARRAY[NEW.from_institution_id, NEW.to_institution_id, CASE WHEN TG_OP = 'UPDATE' AND OLD.submitted_at IS NOT NULL THEN OLD.to_institution_id END])), NULL));
  IF TG_OP = 'INSERT' OR OLD.state <> NEW.state OR OLD.impression <> NEW.impression THEN
    PERFORM app.note_episode(NEW.episode_id);
    -- Somebody else than is party to it now.
    IF TG_OP = 'UPDATE' AND OLD.submitted_at IS NOT NULL AND NEW.submitted_at IS NULL THEN
      PERFORM app.note_change('episode', NEW.episode_id::text, array_remove(ARRAY[OLD.to_institution_id], NULL));
    END IF;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER referral_noted AFTER INSERT ON referral FOR EACH ROW WHEN (NEW.submitted_at IS NOT NULL) EXECUTE FUNCTION app.note_referral();
--> statement-breakpoint
-- An alarm that was told changes nothing that a record shows.
CREATE TRIGGER referral_change_noted AFTER UPDATE ON referral FOR EACH ROW
  WHEN ((NEW.submitted_at IS NOT NULL OR OLD.submitted_at IS NOT NULL) AND NEW.version <> OLD.version) EXECUTE FUNCTION app.note_referral();
--> statement-breakpoint
CREATE FUNCTION app.note_referral_part() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE r referral;
BEGIN
  SELECT * INTO r FROM referral WHERE id = NEW.referral_id;
  IF r.submitted_at IS NOT NULL THEN
    PERFORM app.note_change('referral', r.id::text, ARRAY[r.from_institution_id, r.to_institution_id]);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER referral_message_noted AFTER INSERT ON referral_message FOR EACH ROW EXECUTE FUNCTION app.note_referral_part();
--> statement-breakpoint
CREATE TRIGGER follow_up_noted AFTER INSERT OR UPDATE ON follow_up FOR EACH ROW EXECUTE FUNCTION app.note_referral_part();
--> statement-breakpoint
CREATE FUNCTION app.note_episode_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.note_episode(NEW.id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER episode_noted AFTER INSERT OR UPDATE ON episode FOR EACH ROW EXECUTE FUNCTION app.note_episode_change();
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.note_episode(uuid), app.note_referral(), app.note_referral_part(), app.note_episode_change() FROM PUBLIC;
--> statement-breakpoint
-- Stores that were walked through already are walked for these; one that is at the last kind goes there again.
UPDATE record_projection SET walk_kind = 'referral', walk_after = '' WHERE walk_kind IS NULL OR walk_kind = 'clinic-day';
