-- A number that is kept for a referral: held as every other, and longer, in the clinic that was asked.
-- Problems: gone, lapsed, not-this-referral.
CREATE FUNCTION app.keep_held_seat(of_appointment uuid, for_referral uuid, until timestamptz, now_at timestamptz) RETURNS TABLE (done boolean, problem text, kept_until timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE a appointment; r referral; ends timestamptz;
BEGIN
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF NOT FOUND OR NOT app.may_act_for(a.patient_id) THEN RETURN QUERY SELECT false, 'gone', NULL::timestamptz; RETURN; END IF;
  IF a.state <> 'held' OR a.held_until <= now_at THEN RETURN QUERY SELECT false, 'lapsed', NULL::timestamptz; RETURN; END IF;
  SELECT * INTO r FROM referral WHERE id = for_referral AND patient_id = a.patient_id AND to_institution_id = a.institution_id AND direction = 'up'
    AND app.institution() IN (from_institution_id, to_institution_id) AND state IN ('draft', 'patient-consented', 'submitted', 'more-info-asked', 'accepted', 'no-show');
  IF NOT FOUND THEN RETURN QUERY SELECT false, 'not-this-referral', NULL::timestamptz; RETURN; END IF;
  -- Never past the visit itself, and no longer than any policy lets.
  ends := least(until, a.starts_at, now_at + interval '96 hours');
  IF ends > a.held_until THEN
    UPDATE seat SET held_until = ends WHERE segment_id = a.segment_id AND number = a.seat_number AND appointment_id = a.id;
    UPDATE appointment SET held_until = ends, version = version + 1 WHERE id = a.id;
  ELSE ends := a.held_until;
  END IF;
  RETURN QUERY SELECT true, NULL::text, ends;
END $$;
--> statement-breakpoint
-- The desk that takes somebody over books the number that was kept for it; it needs no right to book others.
CREATE FUNCTION app.confirm_kept_seat(of_appointment uuid, for_referral uuid, now_at timestamptz) RETURNS TABLE (done boolean, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE a appointment;
BEGIN
  IF NOT app.holds('referral.desk') OR NOT EXISTS (SELECT 1 FROM referral r WHERE r.id = for_referral AND r.appointment_id = of_appointment
       AND r.to_institution_id = app.institution() AND r.state = 'accepted') THEN RETURN QUERY SELECT false, 'gone'; RETURN; END IF;
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF a.state = 'booked' THEN RETURN QUERY SELECT false, NULL::text; RETURN; END IF;
  IF a.state <> 'held' OR a.starts_at <= now_at THEN RETURN QUERY SELECT false, 'lapsed'; RETURN; END IF;
  UPDATE seat SET held_until = NULL WHERE segment_id = a.segment_id AND number = a.seat_number AND appointment_id = a.id;
  IF NOT FOUND THEN RETURN QUERY SELECT false, 'lapsed'; RETURN; END IF;
  UPDATE appointment SET state = 'booked', confirmed_at = now_at, held_until = NULL, version = version + 1 WHERE id = a.id;
  INSERT INTO outbox_event (topic, entity_id, version, institution_ids, patient_ids)
    VALUES ('appointment', a.id::text, a.version + 1, ARRAY[a.institution_id], ARRAY[a.patient_id]);
  RETURN QUERY SELECT true, NULL::text;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.confirm_kept_seat(uuid, uuid, timestamptz), app.keep_held_seat(uuid, uuid, timestamptz, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.confirm_kept_seat(uuid, uuid, timestamptz), app.keep_held_seat(uuid, uuid, timestamptz, timestamptz) TO yilian_app, yilian_owner;
