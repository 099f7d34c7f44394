-- What only a database hand could make so far is made on a page: the schedule of a sampling site, the rooms and the
-- entrance of a fever site, the account of a helper.

-- Seats of a sampling site come from a schedule of its own house for tests. A schedule that people hold seats of is
-- not taken away from under them. Nobody books at a fever clinic's own table: there the desk samples.
CREATE FUNCTION app.guard_site_schedule() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.schedule_id IS NOT NULL AND NEW.schedule_id IS DISTINCT FROM OLD.schedule_id THEN
    -- A seat that is being taken at this moment is waited for: its row names the segment.
    PERFORM 1 FROM segment g WHERE g.schedule_id = OLD.schedule_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM appointment a WHERE a.schedule_id = OLD.schedule_id AND a.state IN ('held', 'booked', 'checked-in', 'waiting')) THEN
      RAISE EXCEPTION 'people are booked there' USING ERRCODE = 'YL003', CONSTRAINT = 'sampling_site_booked';
    END IF;
  END IF;
  IF NEW.schedule_id IS NOT NULL AND (NEW.purpose = 'fever' OR NOT EXISTS (SELECT 1 FROM clinic_schedule c
       WHERE c.id = NEW.schedule_id AND c.institution_id = NEW.institution_id AND c.kind = 'test')) THEN
    RAISE EXCEPTION 'not a schedule of tests of this house' USING ERRCODE = 'YL003', CONSTRAINT = 'sampling_site_schedule';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER sampling_site_schedule BEFORE INSERT OR UPDATE OF schedule_id, institution_id, purpose ON sampling_site
  FOR EACH ROW EXECUTE FUNCTION app.guard_site_schedule();
--> statement-breakpoint
-- Who booked before the site took bookings is expected there as well.
CREATE FUNCTION app.expect_booked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM app.register_appointment(a) FROM appointment a WHERE a.schedule_id = NEW.schedule_id AND a.state IN ('booked', 'checked-in', 'waiting');
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER sampling_site_expects AFTER UPDATE OF schedule_id ON sampling_site FOR EACH ROW
  WHEN (NEW.schedule_id IS NOT NULL AND OLD.schedule_id IS DISTINCT FROM NEW.schedule_id) EXECUTE FUNCTION app.expect_booked();
--> statement-breakpoint
-- And a linked schedule stays what it is.
CREATE FUNCTION app.guard_schedule_of_site() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM sampling_site s WHERE s.schedule_id = NEW.id AND (NEW.kind <> 'test' OR NEW.institution_id <> s.institution_id)) THEN
    RAISE EXCEPTION 'a sampling site has its seats from it' USING ERRCODE = 'YL003', CONSTRAINT = 'sampling_site_schedule';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER schedule_of_site BEFORE UPDATE OF kind, institution_id ON clinic_schedule FOR EACH ROW
  WHEN (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.institution_id IS DISTINCT FROM NEW.institution_id) EXECUTE FUNCTION app.guard_schedule_of_site();
--> statement-breakpoint
-- Rooms and entrance of a fever site: by who answers for its rules.
CREATE FUNCTION app.rules_fever_at() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.holds('fever.rules') THEN app.institution() END $$;
--> statement-breakpoint
-- A room with somebody in it, or that waits for disinfection, is not closed.
CREATE FUNCTION app.guard_fever_room() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM fever_stay s WHERE s.room_id = NEW.id AND s.disinfected_at IS NULL) THEN
    RAISE EXCEPTION 'the room is in use' USING ERRCODE = 'YL003', CONSTRAINT = 'fever_room_in_use';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER fever_room_guard BEFORE UPDATE OF active ON fever_room FOR EACH ROW WHEN (OLD.active AND NOT NEW.active) EXECUTE FUNCTION app.guard_fever_room();
--> statement-breakpoint
-- Who goes in and who closes at the same moment: the later one sees what the first did.
CREATE OR REPLACE FUNCTION app.guard_fever_stay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  PERFORM 1 FROM fever_room r JOIN fever_visit v ON v.id = NEW.visit_id WHERE r.id = NEW.room_id AND r.active AND r.institution_id = v.institution_id FOR SHARE OF r;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not a room of this house' USING ERRCODE = 'YL001', CONSTRAINT = 'fever_stay_house';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE POLICY rules_see ON fever_room FOR SELECT TO yilian_app USING (institution_id = (SELECT app.rules_fever_at()));
--> statement-breakpoint
CREATE POLICY rules_add ON fever_room FOR INSERT TO yilian_app WITH CHECK (institution_id = (SELECT app.rules_fever_at()));
--> statement-breakpoint
CREATE POLICY rules_change ON fever_room FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.rules_fever_at())) WITH CHECK (institution_id = (SELECT app.rules_fever_at()));
--> statement-breakpoint
CREATE POLICY rules_change ON fever_site FOR UPDATE TO yilian_app USING (institution_id = (SELECT app.rules_fever_at())) WITH CHECK (institution_id = (SELECT app.rules_fever_at()));
--> statement-breakpoint
GRANT UPDATE (name, active) ON fever_room TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (entrance_zh, entrance_en, entrance_bo) ON fever_site TO yilian_app;
--> statement-breakpoint
-- An account with one role at one institution. The set-up makes any; who registers helpers makes helpers, at the own house.
CREATE FUNCTION app.add_account(login text, hash text, full_name text, at_institution uuid, with_role text) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, app, pg_temp AS $$
DECLARE made uuid;
BEGIN
  IF NOT (app.internal() OR (with_role = 'helper' AND at_institution = app.institution() AND app.holds('helper.manage'))) THEN
    RAISE EXCEPTION 'not yours to make' USING ERRCODE = '42501', CONSTRAINT = 'account_maker';
  END IF;
  INSERT INTO person (name) VALUES (full_name) RETURNING id INTO made;
  INSERT INTO staff_account (person_id, login_name, password_hash) VALUES (made, login, hash);
  INSERT INTO role_assignment (person_id, institution_id, role_code) VALUES (made, at_institution, with_role);
  RETURN made;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.guard_site_schedule(), app.expect_booked(), app.guard_schedule_of_site(), app.rules_fever_at(), app.guard_fever_room(),
  app.add_account(text, text, text, uuid, text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.rules_fever_at(), app.add_account(text, text, text, uuid, text) TO yilian_app, yilian_owner;
