-- A department closes: nobody is sent there any more, and nobody is accepted into it; whoever is there or on the way stays in
-- sight of both houses until people pass him on.
CREATE FUNCTION app.set_department_closed(of_department uuid, why text, now_at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, app, pg_temp AS $$
DECLARE house uuid;
BEGIN
  SELECT institution_id INTO house FROM department WHERE id = of_department;
  IF house IS NULL OR NOT app.names_of(house) THEN RETURN NULL; END IF;
  -- One after the other with whoever sends at this moment.
  PERFORM 1 FROM department WHERE id = of_department FOR UPDATE;
  UPDATE department SET closed_at = CASE WHEN why IS NULL THEN NULL ELSE coalesce(closed_at, now_at) END, closed_reason = why WHERE id = of_department;
  RETURN house;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.refuse_closed_department() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.to_department_id IS NULL OR NEW.state = OLD.state OR NOT (NEW.state = 'accepted' OR (NEW.state = 'submitted' AND OLD.state IN ('draft', 'patient-consented'))) THEN
    RETURN NEW;
  END IF;
  PERFORM 1 FROM department d WHERE d.id = NEW.to_department_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM department d WHERE d.id = NEW.to_department_id AND d.closed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'nobody is sent to a department that closed' USING ERRCODE = 'YL001', CONSTRAINT = 'referral_department_closed';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER closed_department BEFORE UPDATE OF state ON referral FOR EACH ROW EXECUTE FUNCTION app.refuse_closed_department();
--> statement-breakpoint
-- What is open there, for whoever closes it: numbers and whom to tell, no patient.
CREATE FUNCTION app.open_referrals_to(of_department uuid) RETURNS TABLE (id uuid, requester_id uuid) LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, app, pg_temp
  AS $$ SELECT r.id, r.requester_id FROM referral r JOIN department d ON d.id = r.to_department_id
        WHERE r.to_department_id = of_department AND app.names_of(d.institution_id)
          AND r.state IN ('submitted', 'more-info-asked', 'accepted', 'booked', 'on-the-way', 'no-show', 'arrived', 'admitted') ORDER BY r.created_at $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.set_department_closed(uuid, text, timestamptz), app.open_referrals_to(uuid), app.refuse_closed_department() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.set_department_closed(uuid, text, timestamptz), app.open_referrals_to(uuid) TO yilian_app;
