-- Booking: a seat is a row that holds at most one appointment. Patients and staff change seats through
-- the functions below only; each answers in one round trip and says in a word why something is not possible.

-- A doctor is in one place at a time, and a schedule's segments do not overlap.
CREATE EXTENSION IF NOT EXISTS btree_gist;
--> statement-breakpoint
ALTER TABLE segment ADD CONSTRAINT segment_doctor_once EXCLUDE USING gist (practitioner_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
  WHERE (practitioner_id IS NOT NULL AND stopped_at IS NULL);
--> statement-breakpoint
ALTER TABLE segment ADD CONSTRAINT segment_schedule_once EXCLUDE USING gist (schedule_id WITH =, tstzrange(starts_at, ends_at) WITH &&);
--> statement-breakpoint
ALTER TABLE seat ADD CONSTRAINT seat_of_appointment FOREIGN KEY (appointment_id) REFERENCES appointment (id) DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
-- Every institution that has a schedule has a policy.
CREATE FUNCTION app.give_policy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  INSERT INTO booking_policy (institution_id, valid_from) VALUES (NEW.institution_id, '2000-01-01') ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER give_policy AFTER INSERT ON clinic_schedule FOR EACH ROW EXECUTE FUNCTION app.give_policy();
--> statement-breakpoint
CREATE FUNCTION app.booking_policy_of(institution uuid, on_day date) RETURNS booking_policy LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT * FROM booking_policy p WHERE p.institution_id = institution AND p.valid_from <= on_day ORDER BY p.valid_from DESC LIMIT 1 $$;
--> statement-breakpoint
-- State order. The rows come from server/booking/domain.ts; a test compares both.
CREATE TABLE appointment_transition (from_state appointment_state NOT NULL, to_state appointment_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO appointment_transition (from_state, to_state) VALUES
  ('held', 'booked'), ('held', 'lapsed'), ('held', 'cancelled'), ('held', 'clinic-stopped'),
  ('booked', 'checked-in'), ('booked', 'waiting'), ('booked', 'cancelled'), ('booked', 'no-show'), ('booked', 'clinic-stopped'),
  ('checked-in', 'waiting'), ('checked-in', 'cancelled'), ('checked-in', 'clinic-stopped'),
  ('waiting', 'in-consultation'), ('waiting', 'passed'), ('waiting', 'cancelled'), ('waiting', 'clinic-stopped'),
  ('in-consultation', 'completed'), ('in-consultation', 'passed'),
  ('passed', 'waiting'), ('passed', 'cancelled'), ('passed', 'no-show'), ('passed', 'clinic-stopped'),
  ('no-show', 'waiting');
--> statement-breakpoint
CREATE FUNCTION app.appointment_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM appointment_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'appointment cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER appointment_guard BEFORE UPDATE ON appointment FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION app.appointment_guard();
--> statement-breakpoint
-- Whose an appointment is: the patient's, and of staff at the institution who do this work, or who booked it.
CREATE FUNCTION app.may_act_for(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE app.kind() WHEN 'patient' THEN patient = ANY (app.patient_ids())
          WHEN 'staff' THEN app.may_see_patient(patient) AND (app.holds('booking.assist') OR app.holds('booking.clinic'))
          ELSE app.internal() END $$;
--> statement-breakpoint
CREATE FUNCTION app.runs_clinic(institution uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.internal() OR (institution = app.institution() AND app.holds('booking.clinic')) $$;
--> statement-breakpoint
-- Until when somebody may not book here any more for not having come; null when he may.
CREATE FUNCTION app.booking_block(patient uuid, institution uuid, now_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN count(*) >= min(p.no_show_limit) AND max(a.starts_at) + make_interval(days => min(p.no_show_block_days)::int) > now_at
               THEN max(a.starts_at) + make_interval(days => min(p.no_show_block_days)::int) END
        FROM app.booking_policy_of(institution, now_at::date) p, appointment a
        WHERE a.patient_id = patient AND a.institution_id = institution AND a.state = 'no-show'
          AND a.starts_at > now_at - make_interval(days => p.no_show_window_days + p.no_show_block_days) $$;
--> statement-breakpoint
CREATE FUNCTION app.pools_of(channel booking_channel) RETURNS seat_pool[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE channel WHEN 'helper' THEN '{hotline}' WHEN 'hotline' THEN '{hotline}' WHEN 'community-doctor' THEN '{priority}'
          WHEN 'window' THEN '{window,hotline,priority}' ELSE '{}' END::seat_pool[] $$;
--> statement-breakpoint
-- A free seat of a segment for a channel, locked; reserved ones first, so that public ones stay for the public.
-- Others who buy at this moment have other rows locked and do not wait.
CREATE FUNCTION app.free_seat(of_segment uuid, channel booking_channel, now_at timestamptz) RETURNS smallint LANGUAGE sql VOLATILE SET search_path = public, app, pg_temp
  AS $$ SELECT number FROM seat WHERE segment_id = of_segment AND (appointment_id IS NULL OR held_until <= now_at)
          AND (free_from IS NULL OR free_from <= now_at OR channel = 'window' OR app.internal())
          AND (public_from <= now_at OR (pool_from <= now_at AND pool = ANY (app.pools_of(channel))))
        ORDER BY public_from <= now_at, number LIMIT 1 FOR UPDATE SKIP LOCKED $$;
--> statement-breakpoint
-- Priority seats are for residents signed with the community centre that books; for others its doctor buys as anybody.
CREATE FUNCTION app.seat_channel(by_channel booking_channel, of_patient uuid, on_day date) RETURNS booking_channel LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN by_channel = 'community-doctor' AND NOT EXISTS (SELECT 1 FROM signed_resident r WHERE r.patient_id = of_patient
          AND r.institution_id = app.institution() AND r.signed_on <= on_day AND (r.ended_on IS NULL OR r.ended_on > on_day)) THEN 'kiosk' ELSE by_channel END $$;
--> statement-breakpoint
-- Take the seat for an appointment. Whoever held it and did not confirm in time has lapsed.
CREATE FUNCTION app.take_seat(of_segment uuid, of_number smallint, taker uuid, until timestamptz, now_at timestamptz) RETURNS void LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE appointment a SET state = 'lapsed', ended_at = now_at, version = a.version + 1 FROM seat s
    WHERE s.segment_id = of_segment AND s.number = of_number AND a.id = s.appointment_id AND a.state = 'held';
  UPDATE seat SET appointment_id = taker, held_until = until, free_from = NULL WHERE segment_id = of_segment AND number = of_number;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.ticket_of(first_ticket smallint, seat_number smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT 'A' || lpad(t.n, greatest(3, length(t.n)), '0') FROM (SELECT (first_ticket + seat_number - 1)::text AS n) t $$;
--> statement-breakpoint
-- Hold a seat for some minutes. Problems: not-allowed, gone, stopped, over, blocked, too-many-patients, already-booked, not-released, full.
CREATE FUNCTION app.hold_seat(of_segment uuid, of_patient uuid, by_channel booking_channel, by_relation contact_relation, with_code text,
    now_at timestamptz, hold_until timestamptz DEFAULT NULL) RETURNS TABLE (appointment_id uuid, held_until timestamptz, problem text, until timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s segment; p booking_policy; n smallint; made uuid; known uuid; deadline timestamptz; blocked timestamptz;
BEGIN
  IF NOT app.may_act_for(of_patient) OR (app.kind() = 'patient') <> (by_channel = 'phone-web' AND NOT app.internal())
     OR (by_channel = 'window' AND NOT app.holds('booking.clinic')) OR (by_channel = 'community-doctor' AND NOT app.holds('booking.priority')) THEN
    IF NOT app.internal() THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'not-allowed', NULL::timestamptz; RETURN; END IF;
  END IF;
  SELECT * INTO s FROM segment WHERE id = of_segment;
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'gone', NULL::timestamptz; RETURN; END IF;
  IF s.stopped_at IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'stopped', NULL::timestamptz; RETURN; END IF;
  IF (CASE by_channel WHEN 'window' THEN s.ends_at ELSE s.starts_at END) <= now_at THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'over', NULL::timestamptz; RETURN; END IF;
  p := app.booking_policy_of(s.institution_id, s.day);
  blocked := CASE WHEN by_channel = 'window' THEN NULL ELSE app.booking_block(of_patient, s.institution_id, now_at) END;
  IF blocked IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'blocked', blocked; RETURN; END IF;
  IF app.kind() = 'patient' AND (SELECT count(DISTINCT a.patient_id) FROM appointment a WHERE a.booked_by_phone_index = app.phone_index()
      AND a.state IN ('held', 'booked') AND a.starts_at > now_at AND a.patient_id <> of_patient) >= p.patients_per_phone THEN
    RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'too-many-patients', NULL::timestamptz; RETURN;
  END IF;
  -- Who chooses again lets go of what he held; a hold that lapsed does not stand in anybody's way.
  UPDATE seat t SET appointment_id = NULL, held_until = NULL FROM appointment a WHERE t.appointment_id = a.id
    AND a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held';
  UPDATE appointment a SET state = 'lapsed', ended_at = now_at, version = a.version + 1
    WHERE a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held';
  SELECT a.id INTO known FROM appointment a WHERE a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day
    AND a.state IN ('booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed');
  IF FOUND THEN RETURN QUERY SELECT known, NULL::timestamptz, 'already-booked', NULL::timestamptz; RETURN; END IF;
  n := app.free_seat(of_segment, app.seat_channel(by_channel, of_patient, now_at::date), now_at);
  IF n IS NULL THEN
    RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, CASE WHEN EXISTS (SELECT 1 FROM seat t WHERE t.segment_id = of_segment
        AND t.appointment_id IS NULL AND t.public_from > now_at AND NOT EXISTS (SELECT 1 FROM seat o WHERE o.segment_id = of_segment AND o.public_from <= now_at))
      THEN 'not-released' ELSE 'full' END, (SELECT min(t.public_from) FROM seat t WHERE t.segment_id = of_segment AND t.public_from > now_at);
    RETURN;
  END IF;
  deadline := coalesce(hold_until, now_at + make_interval(mins => p.hold_minutes));
  BEGIN
    INSERT INTO appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, seat_number, ticket,
        state, channel, booked_by_person_id, booked_by_phone_index, relation, held_until)
      VALUES (with_code, s.id, s.schedule_id, s.institution_id, s.department_id, of_patient, s.day, s.starts_at, s.ends_at, n, app.ticket_of(s.first_ticket, n),
        'held', by_channel, app.person(), app.phone_index(), by_relation, deadline) RETURNING id INTO made;
  EXCEPTION WHEN unique_violation THEN
    -- Two tabs at once: the other one was first.
    RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'already-booked', NULL::timestamptz; RETURN;
  END;
  PERFORM app.take_seat(of_segment, n, made, deadline, now_at);
  -- Somebody whom only a phone knows is kept by the first place where he books.
  IF app.kind() = 'patient' THEN
    UPDATE patient SET managing_institution_id = s.institution_id WHERE id = of_patient AND managing_institution_id <> s.institution_id
      AND NOT EXISTS (SELECT 1 FROM patient_institution i WHERE i.patient_id = of_patient);
  END IF;
  RETURN QUERY SELECT made, deadline, NULL::text, NULL::timestamptz;
END $$;
--> statement-breakpoint
-- What becomes of an offer from the waitlist is what becomes of its appointment.
CREATE FUNCTION app.end_offer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  UPDATE waitlist_entry SET state = CASE NEW.state WHEN 'booked' THEN 'promoted' WHEN 'cancelled' THEN 'withdrawn' ELSE 'lapsed' END::waitlist_state,
    ended_at = coalesce(NEW.confirmed_at, NEW.ended_at) WHERE appointment_id = NEW.id AND state = 'offered';
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER offer_ended AFTER UPDATE OF state ON appointment FOR EACH ROW
  WHEN (NEW.offered AND OLD.state = 'held' AND NEW.state <> 'held') EXECUTE FUNCTION app.end_offer();
--> statement-breakpoint
-- Holds whose time is over: their seats are free already; this says so to their people and to the waitlist.
CREATE FUNCTION app.sweep_holds(now_at timestamptz) RETURNS SETOF appointment LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE a appointment;
BEGIN
  IF NOT app.internal() THEN RETURN; END IF;
  FOR a IN SELECT * FROM appointment WHERE state = 'held' AND held_until <= now_at FOR UPDATE SKIP LOCKED LIMIT 500 LOOP
    UPDATE seat SET appointment_id = NULL, held_until = NULL WHERE appointment_id = a.id;
    UPDATE appointment SET state = 'lapsed', ended_at = now_at, version = version + 1 WHERE id = a.id RETURNING * INTO a;
    RETURN NEXT a;
  END LOOP;
END $$;
--> statement-breakpoint
-- How long the last consultations of a day took, minutes; for everybody's forecast, so no rows are shown.
CREATE FUNCTION app.seen_minutes(schedule uuid, on_day date) RETURNS TABLE (minutes double precision) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT extract(epoch FROM ended_at - called_at)::double precision / 60 FROM appointment
        WHERE schedule_id = schedule AND day = on_day AND state = 'completed' AND called_at IS NOT NULL ORDER BY ended_at DESC LIMIT 10 $$;
--> statement-breakpoint
-- Confirm a hold. A hold whose time is over still counts as long as nobody else took the seat. Problems: gone, lapsed, stopped, step.
CREATE FUNCTION app.confirm_seat(of_appointment uuid, now_at timestamptz) RETURNS TABLE (done boolean, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE a appointment;
BEGIN
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF NOT FOUND OR NOT app.may_act_for(a.patient_id) THEN RETURN QUERY SELECT false, 'gone'; RETURN; END IF;
  IF a.state IN ('booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed') THEN RETURN QUERY SELECT false, NULL::text; RETURN; END IF;
  IF a.state <> 'held' THEN RETURN QUERY SELECT false, CASE a.state WHEN 'lapsed' THEN 'lapsed' WHEN 'clinic-stopped' THEN 'stopped' ELSE 'step' END; RETURN; END IF;
  IF a.starts_at <= now_at AND a.channel <> 'window' THEN RETURN QUERY SELECT false, 'lapsed'; RETURN; END IF;
  UPDATE seat SET held_until = NULL WHERE segment_id = a.segment_id AND number = a.seat_number AND appointment_id = a.id;
  IF NOT FOUND THEN RETURN QUERY SELECT false, 'lapsed'; RETURN; END IF;
  UPDATE appointment SET state = 'booked', confirmed_at = now_at, held_until = NULL, version = version + 1 WHERE id = a.id;
  RETURN QUERY SELECT true, NULL::text;
END $$;
--> statement-breakpoint
-- Give a seat back. It rests for a random time, so that nobody can pass it on; the waitlist comes first.
CREATE FUNCTION app.cancel_seat(of_appointment uuid, why text, now_at timestamptz, rest_seconds integer) RETURNS TABLE (done boolean, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE a appointment; last_moment timestamptz;
BEGIN
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF NOT FOUND OR NOT (app.may_act_for(a.patient_id) OR app.runs_clinic(a.institution_id)) THEN RETURN QUERY SELECT false, 'gone'; RETURN; END IF;
  IF a.state = 'cancelled' THEN RETURN QUERY SELECT false, NULL::text; RETURN; END IF;
  IF a.state NOT IN ('held', 'booked') AND NOT (app.runs_clinic(a.institution_id) AND a.state IN ('checked-in', 'waiting', 'passed')) THEN
    RETURN QUERY SELECT false, 'step'; RETURN;
  END IF;
  SELECT cancel_until INTO last_moment FROM segment WHERE id = a.segment_id;
  IF a.state = 'booked' AND last_moment < now_at AND NOT app.runs_clinic(a.institution_id) AND NOT app.holds('booking.assist') THEN
    RETURN QUERY SELECT false, 'too-late'; RETURN;
  END IF;
  UPDATE seat SET appointment_id = NULL, held_until = NULL, free_from = now_at + make_interval(secs => CASE a.state WHEN 'held' THEN 0 ELSE rest_seconds END)
    WHERE appointment_id = a.id;
  UPDATE appointment SET state = 'cancelled', ended_at = now_at, end_reason = why, held_until = NULL, version = version + 1 WHERE id = a.id;
  RETURN QUERY SELECT true, NULL::text;
END $$;
--> statement-breakpoint
-- Change to another time of the same department: the new seat is taken before the old one is given back.
CREATE FUNCTION app.move_seat(of_appointment uuid, to_segment uuid, now_at timestamptz, rest_seconds integer) RETURNS TABLE (done boolean, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE a appointment; s segment; n smallint; last_moment timestamptz;
BEGIN
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF NOT FOUND OR NOT app.may_act_for(a.patient_id) THEN RETURN QUERY SELECT false, 'gone'; RETURN; END IF;
  IF a.segment_id = to_segment THEN RETURN QUERY SELECT false, NULL::text; RETURN; END IF;
  IF a.state <> 'booked' THEN RETURN QUERY SELECT false, 'step'; RETURN; END IF;
  SELECT cancel_until INTO last_moment FROM segment WHERE id = a.segment_id;
  IF last_moment < now_at AND NOT app.holds('booking.assist') THEN RETURN QUERY SELECT false, 'too-late'; RETURN; END IF;
  SELECT * INTO s FROM segment WHERE id = to_segment AND department_id = a.department_id;
  IF NOT FOUND THEN RETURN QUERY SELECT false, 'gone'; RETURN; END IF;
  IF s.stopped_at IS NOT NULL THEN RETURN QUERY SELECT false, 'stopped'; RETURN; END IF;
  IF s.starts_at <= now_at THEN RETURN QUERY SELECT false, 'over'; RETURN; END IF;
  n := app.free_seat(to_segment, app.seat_channel(a.channel, a.patient_id, now_at::date), now_at);
  IF n IS NULL THEN RETURN QUERY SELECT false, 'full'; RETURN; END IF;
  BEGIN
    UPDATE seat SET appointment_id = NULL, held_until = NULL, free_from = now_at + make_interval(secs => rest_seconds) WHERE appointment_id = a.id;
    UPDATE appointment SET segment_id = s.id, schedule_id = s.schedule_id, day = s.day, starts_at = s.starts_at, ends_at = s.ends_at, seat_number = n,
      ticket = app.ticket_of(s.first_ticket, n), told_at = NULL, version = version + 1 WHERE id = a.id;
    PERFORM app.take_seat(to_segment, n, a.id, NULL, now_at);
  EXCEPTION WHEN unique_violation THEN
    RETURN QUERY SELECT false, 'already-booked'; RETURN;
  END;
  RETURN QUERY SELECT true, NULL::text;
END $$;
--> statement-breakpoint
-- Confirm many holds of many people in one round trip and one commit: at the hour of release this is what
-- everybody does. Each item brings its own session and is judged by itself: session, forgery token, repetition,
-- rights, seat, outbox and trace. Items: {token, csrf, key, hash, appointment, correlation, address}.
CREATE FUNCTION app.confirm_seats(items jsonb, now_at timestamptz) RETURNS TABLE (place integer, problem text, answer jsonb)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0; who session; a appointment; failed text; kept bytea; made boolean;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    failed := NULL; made := false; a := NULL;
    PERFORM set_config('yilian.kind', 'system', true);
    SELECT * INTO who FROM session s WHERE (s.token_hash = decode(item ->> 'token', 'hex') OR s.previous_token_hash = decode(item ->> 'token', 'hex'))
      AND s.revoked_at IS NULL AND s.expires_at > now_at;
    IF NOT FOUND THEN failed := 'auth.required';
    ELSIF who.csrf_token IS DISTINCT FROM item ->> 'csrf' THEN failed := 'auth.csrf';
    ELSIF who.kind <> 'patient' THEN failed := 'permission.denied';
    ELSE
      PERFORM set_config('yilian.kind', 'patient', true), set_config('yilian.person', '', true), set_config('yilian.institution', '', true),
        set_config('yilian.consult', '', true), set_config('yilian.phone_index', encode(who.phone_index, 'hex'), true),
        set_config('yilian.actor_key', 'patient:' || encode(who.phone_index, 'hex'), true);
      IF item ->> 'key' IS NOT NULL THEN
        INSERT INTO idempotency_key (actor_key, key, request_hash, status, created_at)
          VALUES (app.actor_key(), item ->> 'key', decode(item ->> 'hash', 'hex'), 200, now_at) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          SELECT request_hash INTO kept FROM idempotency_key WHERE actor_key = app.actor_key() AND key = item ->> 'key';
          IF kept IS DISTINCT FROM decode(item ->> 'hash', 'hex') THEN failed := 'idempotency.key-reused'; END IF;
        END IF;
      END IF;
      IF failed IS NULL THEN
        SELECT c.done, c.problem INTO made, failed FROM app.confirm_seat((item ->> 'appointment')::uuid, now_at) c;
        IF failed IS NULL THEN SELECT * INTO a FROM appointment WHERE id = (item ->> 'appointment')::uuid; END IF;
      END IF;
      IF made THEN
        INSERT INTO outbox_event (topic, entity_id, version, institution_ids, patient_ids)
          VALUES ('appointment', a.id::text, a.version, ARRAY[a.institution_id], ARRAY[a.patient_id]);
        INSERT INTO audit_event (actor_kind, action, entity_type, entity_id, patient_id, correlation_id, address)
          VALUES ('patient', 'appointment.confirm', 'appointment', a.id::text, a.patient_id, item ->> 'correlation', (item ->> 'address')::inet);
      ELSIF failed IS NOT NULL AND item ->> 'key' IS NOT NULL AND failed <> 'idempotency.key-reused' THEN
        -- What failed may be tried again under the same key.
        DELETE FROM idempotency_key WHERE actor_key = app.actor_key() AND key = item ->> 'key';
      END IF;
    END IF;
    place := i; problem := failed;
    answer := CASE WHEN a.id IS NULL THEN NULL ELSE jsonb_build_object('id', a.id, 'code', a.code, 'ticket', a.ticket, 'state', a.state,
      'startsAt', a.starts_at, 'version', a.version) END;
    RETURN NEXT;
    i := i + 1;
  END LOOP;
END $$;
--> statement-breakpoint
-- What the poster at a clinic's door says: short, and different from door to door.
CREATE FUNCTION app.place_code(schedule uuid) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT translate(upper(substr(md5('place:' || schedule::text), 1, 4)), '01', 'HK') $$;
--> statement-breakpoint
-- A walk-in takes no seat: fever clinics always have them, others as the staff decide.
CREATE FUNCTION app.walk_in(of_schedule uuid, of_patient uuid, on_day date, with_code text, now_at timestamptz) RETURNS TABLE (appointment_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE c clinic_schedule; s segment; made uuid; taken integer;
BEGIN
  SELECT * INTO c FROM clinic_schedule WHERE id = of_schedule;
  IF NOT FOUND OR NOT app.runs_clinic(c.institution_id) OR NOT (app.internal() OR app.may_see_patient(of_patient)) THEN RETURN QUERY SELECT NULL::uuid, 'not-allowed'; RETURN; END IF;
  -- Tickets of walk-ins count on their own; one at a time per schedule and day.
  PERFORM pg_advisory_xact_lock(hashtextextended(of_schedule::text || on_day::text, 7));
  SELECT * INTO s FROM segment g WHERE g.schedule_id = of_schedule AND g.day = on_day AND g.stopped_at IS NULL
    ORDER BY (g.ends_at <= now_at), abs(extract(epoch FROM g.starts_at - now_at)) LIMIT 1;
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::uuid, 'gone'; RETURN; END IF;
  SELECT count(*) INTO taken FROM appointment a WHERE a.schedule_id = of_schedule AND a.day = on_day AND a.seat_number IS NULL;
  BEGIN
    INSERT INTO appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, ticket, state, channel,
        booked_by_person_id, relation, confirmed_at, told_at, checked_in_at, queue_key)
      VALUES (with_code, s.id, s.schedule_id, s.institution_id, s.department_id, of_patient, s.day, s.starts_at, s.ends_at, 'W' || lpad((taken + 1)::text, greatest(3, length((taken + 1)::text)), '0'),
        'waiting', 'window', app.person(), 'self', now_at, now_at, now_at, extract(epoch FROM now_at)) RETURNING id INTO made;
  EXCEPTION WHEN unique_violation THEN
    RETURN QUERY SELECT NULL::uuid, 'already-booked'; RETURN;
  END;
  RETURN QUERY SELECT made, NULL::text;
END $$;
--> statement-breakpoint
-- The queue of a schedule's day in order, for whoever tells the phones: who, and whether called.
CREATE FUNCTION app.queue_of(schedule uuid, on_day date) RETURNS TABLE (id uuid, patient_id uuid, state appointment_state, queue_key double precision, near_told_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT a.id, CASE WHEN app.internal() OR app.runs_clinic(a.institution_id) OR a.patient_id = ANY (app.patient_ids()) THEN a.patient_id END, a.state, a.queue_key, a.near_told_at
        FROM appointment a WHERE a.schedule_id = schedule AND a.day = on_day AND a.state IN ('waiting', 'in-consultation') AND app.kind() <> 'none'
        ORDER BY a.queue_key $$;
--> statement-breakpoint
-- How many came before on a waitlist; whose they are is nobody's business.
CREATE FUNCTION app.waitlist_ahead(entry uuid) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT count(*) FROM waitlist_entry w JOIN waitlist_entry mine ON mine.id = entry
        WHERE w.schedule_id = mine.schedule_id AND w.day = mine.day AND w.state IN ('waitlisted', 'offered') AND w.position < mine.position $$;
--> statement-breakpoint
-- How many wait at a site today; a number only, for the crowd sign. Fever clinics are never counted.
CREATE FUNCTION app.waiting_at(institution uuid, now_at timestamptz) RETURNS TABLE (waiting bigint) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT a.queue_key::bigint FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id
        WHERE a.institution_id = institution AND a.state = 'waiting' AND c.kind <> 'fever-clinic' AND a.day >= (now_at - interval '1 day')::date $$;
--> statement-breakpoint
-- The patient checks in with the code of the place: into the queue, where his ticket belongs. Problems: gone, step, too-early, place, stopped.
CREATE FUNCTION app.check_in(of_appointment uuid, place_code text, key double precision, now_at timestamptz) RETURNS TABLE (done boolean, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE a appointment; p booking_policy;
BEGIN
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF NOT FOUND OR NOT (app.may_act_for(a.patient_id) OR app.runs_clinic(a.institution_id)) THEN RETURN QUERY SELECT false, 'gone'; RETURN; END IF;
  IF a.state IN ('waiting', 'in-consultation') THEN RETURN QUERY SELECT false, NULL::text; RETURN; END IF;
  IF a.state = 'clinic-stopped' THEN RETURN QUERY SELECT false, 'stopped'; RETURN; END IF;
  -- Who comes after all is let in by a person, not by the phone.
  IF a.state NOT IN ('booked', 'checked-in') AND NOT (app.runs_clinic(a.institution_id) AND a.state IN ('no-show', 'passed')) THEN
    RETURN QUERY SELECT false, 'step'; RETURN;
  END IF;
  IF NOT app.runs_clinic(a.institution_id) THEN
    IF upper(place_code) IS DISTINCT FROM app.place_code(a.schedule_id) THEN RETURN QUERY SELECT false, 'place'; RETURN; END IF;
    p := app.booking_policy_of(a.institution_id, a.day);
    IF now_at < a.starts_at - make_interval(mins => p.check_in_minutes_before) THEN RETURN QUERY SELECT false, 'too-early'; RETURN; END IF;
  END IF;
  UPDATE appointment SET state = 'waiting', checked_in_at = coalesce(checked_in_at, now_at), queue_key = key, near_told_at = NULL, version = version + 1 WHERE id = a.id;
  RETURN QUERY SELECT true, NULL::text;
END $$;
--> statement-breakpoint
-- A patient who is expected is known to the place that expects him.
CREATE OR REPLACE FUNCTION app.expects_patient(patient uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND EXISTS (SELECT 1 FROM appointment a WHERE a.patient_id = patient AND a.institution_id = app.institution()
          AND a.state NOT IN ('held', 'lapsed')) AND (app.holds('booking.clinic') OR app.holds('booking.assist')) $$;
--> statement-breakpoint
CREATE POLICY expected_see ON patient FOR SELECT TO yilian_app USING (app.expects_patient(id));
--> statement-breakpoint
CREATE POLICY expected_see ON patient_contact FOR SELECT TO yilian_app USING (app.expects_patient(patient_id));
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['booking_policy', 'clinic_schedule', 'schedule_rule', 'schedule_exception', 'segment', 'seat', 'appointment',
      'appointment_transition', 'waitlist_entry', 'signed_resident'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    -- Asked once per statement, not once per row: a week strip looks at a hundred thousand seats.
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO yilian_app', name);
  END LOOP;
  -- What can be booked is no secret.
  FOREACH name IN ARRAY ARRAY['booking_policy', 'clinic_schedule', 'schedule_rule', 'schedule_exception', 'segment', 'seat', 'appointment_transition'] LOOP
    EXECUTE format('CREATE POLICY everyone_reads ON public.%I FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> ''none'')', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.manages_booking(institution uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT institution = app.institution() AND app.holds('booking.manage') $$;
--> statement-breakpoint
CREATE FUNCTION app.manages_schedule(schedule uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM clinic_schedule c WHERE c.id = schedule AND app.manages_booking(c.institution_id)) $$;
--> statement-breakpoint
CREATE POLICY manage ON booking_policy TO yilian_app USING (app.manages_booking(institution_id)) WITH CHECK (app.manages_booking(institution_id));
--> statement-breakpoint
CREATE POLICY manage ON clinic_schedule TO yilian_app USING (app.manages_booking(institution_id)) WITH CHECK (app.manages_booking(institution_id));
--> statement-breakpoint
CREATE POLICY manage ON schedule_rule TO yilian_app USING (app.manages_schedule(schedule_id)) WITH CHECK (app.manages_schedule(schedule_id));
--> statement-breakpoint
CREATE POLICY manage ON schedule_exception TO yilian_app USING (app.manages_schedule(schedule_id)) WITH CHECK (app.manages_schedule(schedule_id));
--> statement-breakpoint
CREATE POLICY publish ON segment FOR INSERT TO yilian_app WITH CHECK (app.manages_booking(institution_id) AND app.manages_schedule(schedule_id));
--> statement-breakpoint
-- A late doctor and a stopped clinic are the clinic's own news.
CREATE POLICY run ON segment FOR UPDATE TO yilian_app USING (app.manages_booking(institution_id) OR app.runs_clinic(institution_id));
--> statement-breakpoint
CREATE POLICY publish ON seat FOR INSERT TO yilian_app WITH CHECK (CASE WHEN (SELECT app.kind()) = 'staff' THEN
  appointment_id IS NULL AND EXISTS (SELECT 1 FROM segment g WHERE g.id = segment_id AND app.manages_booking(g.institution_id)) ELSE false END);
--> statement-breakpoint
CREATE POLICY own_see ON appointment FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'patient' AND patient_id = ANY ((SELECT app.patient_ids())::uuid[]));
--> statement-breakpoint
CREATE POLICY staff_see ON appointment FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (
  (institution_id = (SELECT app.institution()) AND (SELECT app.holds('booking.clinic') OR app.holds('booking.assist') OR app.holds('booking.manage')))
  OR booked_by_person_id = (SELECT app.person())));
--> statement-breakpoint
CREATE POLICY run ON appointment FOR UPDATE TO yilian_app USING (app.runs_clinic(institution_id));
--> statement-breakpoint
CREATE POLICY own_see ON waitlist_entry FOR SELECT TO yilian_app USING (app.may_act_for(patient_id));
--> statement-breakpoint
CREATE POLICY own_join ON waitlist_entry FOR INSERT TO yilian_app WITH CHECK (app.may_act_for(patient_id) AND state = 'waitlisted'
  AND (booked_by_phone_index IS NOT DISTINCT FROM app.phone_index()) AND (booked_by_person_id IS NOT DISTINCT FROM app.person()));
--> statement-breakpoint
CREATE POLICY own_change ON waitlist_entry FOR UPDATE TO yilian_app USING (app.may_act_for(patient_id));
--> statement-breakpoint
CREATE POLICY staff_see ON signed_resident FOR SELECT TO yilian_app USING (app.kind() = 'staff' AND (institution_id = app.institution() OR doctor_id = app.person()));
--> statement-breakpoint
CREATE POLICY own_see ON signed_resident FOR SELECT TO yilian_app USING (app.kind() = 'patient' AND patient_id = ANY (app.patient_ids()));
--> statement-breakpoint
-- Somebody new whom a phone books for. The number typed on a phone finds nobody and is found by nobody: only the
-- window, where the card is seen, ties a person to what the alliance knows. Null when a phone has too many people.
CREATE FUNCTION app.add_person(of_institution uuid, name text, of_sex patient_sex, born date, id_cipher text, as_relation contact_relation,
    phone_cipher text, now_at timestamptz, is_demo boolean) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE made uuid;
BEGIN
  IF app.kind() <> 'patient' OR cardinality(app.patient_ids()) >= 20 THEN RETURN NULL; END IF;
  INSERT INTO patient (full_name, sex, birth_date, resident_id_cipher, managing_institution_id, demo, updated_at)
    VALUES (name, of_sex, born, id_cipher, of_institution, is_demo, now_at) RETURNING id INTO made;
  INSERT INTO patient_contact (patient_id, relation, phone_cipher, phone_index, may_sign_in) VALUES (made, as_relation, phone_cipher, app.phone_index(), true);
  RETURN made;
END $$;
--> statement-breakpoint
-- Seats and appointments change through the functions above; what happened is not deleted.
REVOKE UPDATE, DELETE ON seat FROM yilian_app;
--> statement-breakpoint
REVOKE INSERT, DELETE ON appointment FROM yilian_app;
--> statement-breakpoint
REVOKE DELETE ON segment, waitlist_entry FROM yilian_app;
--> statement-breakpoint
REVOKE INSERT, UPDATE, DELETE ON appointment_transition FROM yilian_app;
--> statement-breakpoint
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO yilian_app;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA app TO yilian_app, yilian_owner;
--> statement-breakpoint
-- The inner steps are for the functions above only.
REVOKE EXECUTE ON FUNCTION app.take_seat(uuid, smallint, uuid, timestamptz, timestamptz), app.free_seat(uuid, booking_channel, timestamptz) FROM yilian_app;
