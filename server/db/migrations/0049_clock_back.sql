-- Two servers whose clocks differ: a block that was lifted a moment ahead of this clock ends before the next one begins.
CREATE OR REPLACE FUNCTION app.block_for_fever(of_screening uuid, block_until timestamptz, now_at timestamptz) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE s fever_screening; made uuid; begins timestamptz;
BEGIN
  SELECT * INTO s FROM fever_screening WHERE id = of_screening;
  IF NOT FOUND OR s.venue <> 'fever-clinic' OR NOT (app.internal() OR app.may_see_patient(s.patient_id)) THEN RETURN NULL; END IF;
  -- Two phones of a family at once: the later one makes the block longer.
  PERFORM pg_advisory_xact_lock(hashtextextended(s.patient_id::text, 9));
  UPDATE fever_block b SET until = greatest(b.until, block_until), screening_id = s.id
    WHERE b.patient_id = s.patient_id AND b.lifted_at IS NULL AND b.until > now_at RETURNING b.id INTO made;
  IF made IS NULL THEN
    SELECT greatest(now_at, max(b.lifted_at)) INTO begins FROM fever_block b WHERE b.patient_id = s.patient_id;
    INSERT INTO fever_block (patient_id, screening_id, since, until) VALUES (s.patient_id, s.id, begins, begins + (block_until - now_at)) RETURNING id INTO made;
  END IF;
  UPDATE seat t SET appointment_id = NULL, held_until = NULL FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id
    WHERE t.appointment_id = a.id AND a.patient_id = s.patient_id AND a.state = 'held' AND a.channel = 'phone-web' AND c.kind <> 'fever-clinic';
  UPDATE appointment a SET state = 'lapsed', ended_at = now_at, version = a.version + 1 FROM clinic_schedule c
    WHERE c.id = a.schedule_id AND a.patient_id = s.patient_id AND a.state = 'held' AND a.channel = 'phone-web' AND c.kind <> 'fever-clinic';
  RETURN made;
END $$;
