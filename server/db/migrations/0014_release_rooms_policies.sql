-- The waiting room of a release. Plans made while a room was empty would read it whole when it is full, so
-- these functions go by indexes. Before the release a place is a lot, after it an arrival; one writer gives
-- the numbers and admits as many as there are seats, at the rate that the server says it can bear.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['release_room', 'release_place'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT, DELETE ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- When a segment's own seats become everybody's; shares of family doctors and hotline come back at other times.
CREATE FUNCTION app.release_of(of_segment uuid) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT min(public_from) FROM seat WHERE segment_id = of_segment AND pool = 'public' $$;
--> statement-breakpoint
-- Whether a public seat needs a place in the waiting room now, and the admitted place of this patient. A fever
-- clinic never has one; an hour after the release nothing is guarded any more, whatever became of the room.
CREATE FUNCTION app.release_guard(s segment, of_patient uuid, now_at timestamptz, OUT guarded boolean, OUT place uuid)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET enable_seqscan = off SET search_path = public, app, pg_temp AS $$
DECLARE release timestamptz; r release_room; minutes smallint;
BEGIN
  guarded := false;
  IF s.kind = 'fever-clinic' OR app.internal() THEN RETURN; END IF;
  release := app.release_of(s.id);
  IF release IS NULL OR release > now_at OR release + interval '1 hour' <= now_at THEN RETURN; END IF;
  SELECT * INTO r FROM release_room WHERE department_id = s.department_id AND day = s.day AND release_at = release;
  IF FOUND THEN
    guarded := r.closed_at IS NULL;
    IF guarded THEN
      SELECT p.id INTO place FROM release_place p WHERE p.room_id = r.id AND p.patient_id = of_patient AND p.admitted_until > now_at;
    END IF;
    RETURN;
  END IF;
  SELECT waiting_room_minutes INTO minutes FROM app.booking_policy_of(s.institution_id, s.day);
  guarded := release + make_interval(mins => minutes) > now_at;
END $$;
--> statement-breakpoint
-- A place in the waiting room of a segment's release. Asking again gives the same place; who let an admission
-- pass comes in at the end. Problems as app.hold_seat, and no-room: nothing is guarded, book directly.
CREATE FUNCTION app.enter_room(of_segment uuid, of_patient uuid, by_lot double precision, now_at timestamptz) RETURNS TABLE (place_id uuid, room_id uuid, release_at timestamptz, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET enable_seqscan = off SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s segment; p booking_policy; r release_room; release timestamptz; made uuid; wide interval;
BEGIN
  IF NOT app.may_act_for(of_patient) THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'not-allowed'; RETURN; END IF;
  SELECT * INTO s FROM segment WHERE id = of_segment;
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'gone'; RETURN; END IF;
  IF s.stopped_at IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'stopped'; RETURN; END IF;
  IF s.starts_at <= now_at THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'over'; RETURN; END IF;
  IF app.booking_block(of_patient, s.institution_id, now_at) IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'blocked'; RETURN; END IF;
  IF EXISTS (SELECT 1 FROM appointment a WHERE a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day
      AND a.state IN ('booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed')) THEN
    RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'already-booked'; RETURN;
  END IF;
  p := app.booking_policy_of(s.institution_id, s.day);
  wide := make_interval(mins => p.waiting_room_minutes);
  release := app.release_of(s.id);
  SELECT * INTO r FROM release_room WHERE department_id = s.department_id AND day = s.day AND release_at = release;
  IF NOT FOUND THEN
    IF s.kind = 'fever-clinic' OR release IS NULL OR now_at < release - wide OR now_at >= release + wide THEN
      RETURN QUERY SELECT NULL::uuid, NULL::uuid, release, CASE WHEN now_at < release THEN 'not-released' ELSE 'no-room' END; RETURN;
    END IF;
    INSERT INTO release_room (institution_id, department_id, day, release_at, guarded_until)
      VALUES (s.institution_id, s.department_id, s.day, release, release + wide) ON CONFLICT DO NOTHING;
    SELECT * INTO r FROM release_room WHERE department_id = s.department_id AND day = s.day AND release_at = release;
  END IF;
  IF r.closed_at IS NOT NULL OR r.release_at + interval '1 hour' <= now_at THEN
    RETURN QUERY SELECT NULL::uuid, NULL::uuid, release, 'no-room'; RETURN;
  END IF;
  IF app.kind() = 'patient' AND (SELECT count(*) FROM release_place o WHERE o.room_id = r.id AND o.phone_index = app.phone_index()
      AND o.patient_id <> of_patient) >= p.patients_per_phone THEN
    RETURN QUERY SELECT NULL::uuid, NULL::uuid, release, 'too-many-patients'; RETURN;
  END IF;
  -- A known place is looked at before, so that nobody's row is locked while numbers are given.
  UPDATE release_place o SET joined_at = now_at, number = NULL, admitted_at = NULL, admitted_until = NULL, used_at = NULL
    WHERE o.room_id = r.id AND o.patient_id = of_patient AND o.admitted_until <= now_at RETURNING o.id INTO made;
  IF made IS NULL THEN
    INSERT INTO release_place (room_id, patient_id, phone_index, asked_by_person_id, joined_at, lot)
      VALUES (r.id, of_patient, app.phone_index(), app.person(), now_at, by_lot) ON CONFLICT (room_id, patient_id) DO NOTHING RETURNING id INTO made;
  END IF;
  IF made IS NULL THEN SELECT o.id INTO made FROM release_place o WHERE o.room_id = r.id AND o.patient_id = of_patient; END IF;
  RETURN QUERY SELECT made, r.id, release, NULL::text;
END $$;
--> statement-breakpoint
-- Whoever sent this item becomes the actor of the statements that follow; a problem when its session is no good.
CREATE FUNCTION app.act_as_sender(item jsonb, now_at timestamptz) RETURNS text
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
DECLARE who session;
BEGIN
  PERFORM set_config('yilian.kind', 'system', true);
  SELECT * INTO who FROM session s WHERE (s.token_hash = decode(item ->> 'token', 'hex') OR s.previous_token_hash = decode(item ->> 'token', 'hex'))
    AND s.revoked_at IS NULL AND s.expires_at > now_at;
  IF NOT FOUND THEN RETURN 'auth.required'; END IF;
  IF who.csrf_token IS DISTINCT FROM item ->> 'csrf' THEN RETURN 'auth.csrf'; END IF;
  IF who.kind <> 'patient' THEN RETURN 'permission.denied'; END IF;
  PERFORM set_config('yilian.kind', 'patient', true), set_config('yilian.person', '', true), set_config('yilian.institution', '', true),
    set_config('yilian.consult', '', true), set_config('yilian.phone_index', encode(who.phone_index, 'hex'), true),
    set_config('yilian.actor_key', 'patient:' || encode(who.phone_index, 'hex'), true);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Many people enter in one round trip and one commit. Items: {token, csrf, segment, patient, lot}.
CREATE FUNCTION app.enter_rooms(items jsonb, now_at timestamptz) RETURNS TABLE (place integer, problem text, answer jsonb)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0; e record; failed text;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    failed := app.act_as_sender(item, now_at); answer := NULL;
    IF failed IS NULL THEN
      SELECT * INTO e FROM app.enter_room((item ->> 'segment')::uuid, (item ->> 'patient')::uuid, (item ->> 'lot')::double precision, now_at);
      failed := e.problem;
      IF failed IS NULL THEN answer := jsonb_build_object('placeId', e.place_id, 'roomId', e.room_id, 'releaseAt', e.release_at); END IF;
    END IF;
    place := i; problem := failed;
    RETURN NEXT;
    i := i + 1;
  END LOOP;
END $$;
--> statement-breakpoint
-- One step of all open rooms: numbers for who is new, admission for who is next, and the end. Whoever of the
-- servers comes first does it; the others read. Never more are admitted than seats are free for them.
CREATE FUNCTION app.tick_rooms(allowance integer, admission interval, now_at timestamptz) RETURNS SETOF release_room
  LANGUAGE plpgsql SECURITY DEFINER SET enable_seqscan = off SET search_path = public, app, pg_temp AS $$
DECLARE r release_room; given integer; left_over integer; held integer; out_now integer; waiting integer; n integer; rooms integer; per double precision;
BEGIN
  IF NOT app.internal() THEN RETURN; END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('yilian.release-rooms')) THEN
    RETURN QUERY SELECT * FROM release_room o WHERE o.closed_at IS NULL OR o.closed_at > now_at - interval '1 minute'; RETURN;
  END IF;
  SELECT count(*) INTO rooms FROM release_room o WHERE o.closed_at IS NULL AND o.release_at <= now_at;
  FOR r IN SELECT * FROM release_room o WHERE o.closed_at IS NULL ORDER BY o.release_at LOOP
    IF r.release_at > now_at THEN RETURN NEXT r; CONTINUE; END IF;
    WITH drawn AS (SELECT p.id, row_number() OVER (ORDER BY p.joined_at >= r.release_at,
          CASE WHEN p.joined_at < r.release_at THEN p.lot ELSE extract(epoch FROM p.joined_at) END, p.id) AS turn
        FROM release_place p WHERE p.room_id = r.id AND p.number IS NULL)
      UPDATE release_place p SET number = r.last_number + drawn.turn FROM drawn WHERE p.id = drawn.id;
    GET DIAGNOSTICS given = ROW_COUNT;
    r.last_number := r.last_number + given;
    -- Seats and promises in one statement: between two somebody might turn one into the other.
    SELECT count(*) FILTER (WHERE t.appointment_id IS NULL OR t.held_until <= now_at), count(*) FILTER (WHERE t.held_until > now_at),
        (SELECT count(*) FROM release_place p WHERE p.room_id = r.id AND p.admitted_at IS NOT NULL AND p.used_at IS NULL AND p.admitted_until > now_at)
      INTO left_over, held, out_now FROM seat t JOIN segment g ON g.id = t.segment_id
      WHERE t.department_id = r.department_id AND t.day = r.day AND t.public_from <= now_at AND (t.free_from IS NULL OR t.free_from <= now_at)
        AND g.stopped_at IS NULL AND g.starts_at > now_at;
    waiting := r.last_number - r.admitted_to;
    n := greatest(0, least(ceil(allowance::double precision / greatest(rooms, 1))::integer, left_over - out_now, waiting));
    -- A crowd is first told its numbers, two thousand a second (release-domain.ts, drawMs).
    IF now_at < r.release_at + interval '1 minute' AND now_at < r.release_at + make_interval(secs => (SELECT count(*) FROM release_place p WHERE p.room_id = r.id AND p.joined_at < r.release_at) / 2000.0) THEN n := 0; END IF;
    IF n > 0 THEN
      UPDATE release_place p SET admitted_at = now_at, admitted_until = now_at + admission
        WHERE p.room_id = r.id AND p.number > r.admitted_to AND p.number <= r.admitted_to + n;
    END IF;
    per := n / greatest(0.05, extract(epoch FROM now_at - coalesce(r.ticked_at, now_at - interval '1 second')));
    UPDATE release_room o SET last_number = r.last_number, admitted_to = o.admitted_to + n, ticked_at = now_at, seats_left = left_over,
        per_second = CASE WHEN waiting = 0 THEN 0 ELSE 0.8 * o.per_second + 0.2 * per END,
        sold_out_at = CASE WHEN left_over = 0 AND held = 0 THEN now_at END,
        closed_at = CASE WHEN (left_over = 0 AND held = 0) OR (o.guarded_until <= now_at AND waiting = n AND out_now + n = 0)
          OR o.release_at + interval '1 hour' <= now_at THEN now_at END
      WHERE o.id = r.id RETURNING o.* INTO r;
    RETURN NEXT r;
  END LOOP;
  RETURN QUERY SELECT * FROM release_room o WHERE o.closed_at > now_at - interval '1 minute' AND o.closed_at < now_at;
END $$;
--> statement-breakpoint
-- A free seat as before; who has no place in an open waiting room may take own shares only.
DROP FUNCTION app.free_seat(uuid, booking_channel, timestamptz);
--> statement-breakpoint
CREATE FUNCTION app.free_seat(of_segment uuid, by_channel booking_channel, now_at timestamptz, own_only boolean) RETURNS smallint
  LANGUAGE plpgsql VOLATILE SET search_path = public, app, pg_temp AS $$
DECLARE n smallint;
BEGIN
  SELECT s.number INTO n FROM seat s WHERE s.segment_id = of_segment AND s.appointment_id IS NULL
      AND (s.free_from IS NULL OR s.free_from <= now_at OR by_channel = 'window' OR app.internal())
      AND ((s.public_from <= now_at AND NOT own_only) OR (s.pool_from <= now_at AND s.pool = ANY (app.pools_of(by_channel))))
    ORDER BY s.public_from <= now_at, s.number LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF FOUND THEN RETURN n; END IF;
  -- A hold that lapsed is locked with its seat: whoever confirms it at this moment locks in the other order, and is first.
  SELECT s.number INTO n FROM seat s JOIN appointment a ON a.id = s.appointment_id WHERE s.segment_id = of_segment AND s.held_until <= now_at
      AND ((s.public_from <= now_at AND NOT own_only) OR (s.pool_from <= now_at AND s.pool = ANY (app.pools_of(by_channel))))
    ORDER BY s.public_from <= now_at, s.number LIMIT 1 FOR UPDATE OF s, a SKIP LOCKED;
  RETURN n;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.hold_seat(of_segment uuid, of_patient uuid, by_channel booking_channel, by_relation contact_relation, with_code text,
    now_at timestamptz, hold_until timestamptz DEFAULT NULL) RETURNS TABLE (appointment_id uuid, held_until timestamptz, problem text, until timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s segment; p booking_policy; n smallint; made uuid; known uuid; deadline timestamptz; blocked timestamptz; guard record; broken text;
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
  -- Who chooses again lets go of what he held; a hold that lapsed does not stand in anybody's way. Appointment before
  -- seat, as confirming does it: an operator and the patient at once wait for each other, and neither dies of it.
  PERFORM 1 FROM appointment a WHERE a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held' FOR UPDATE;
  UPDATE seat t SET appointment_id = NULL, held_until = NULL FROM appointment a WHERE t.appointment_id = a.id
    AND a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held';
  UPDATE appointment a SET state = 'lapsed', ended_at = now_at, version = a.version + 1
    WHERE a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held';
  SELECT a.id INTO known FROM appointment a WHERE a.patient_id = of_patient AND a.department_id = s.department_id AND a.day = s.day
    AND a.state IN ('booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed');
  IF FOUND THEN RETURN QUERY SELECT known, NULL::timestamptz, 'already-booked', NULL::timestamptz; RETURN; END IF;
  SELECT * INTO guard FROM app.release_guard(s, of_patient, now_at);
  n := app.free_seat(of_segment, app.seat_channel(by_channel, of_patient, now_at::date), now_at, guard.guarded AND guard.place IS NULL);
  IF n IS NULL AND guard.guarded AND guard.place IS NULL THEN
    RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'waiting-room', NULL::timestamptz; RETURN;
  END IF;
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
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    -- Two tabs at once: the other one was first. Or two codes that are the same by chance: another one is tried.
    RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, CASE broken WHEN 'appointment_code' THEN 'code-taken' ELSE 'already-booked' END, NULL::timestamptz; RETURN;
  END;
  PERFORM app.take_seat(of_segment, n, made, deadline, now_at);
  -- While the seat is held its owner may still choose another time.
  IF guard.place IS NOT NULL THEN
    UPDATE release_place o SET used_at = now_at, admitted_until = greatest(o.admitted_until, deadline) WHERE o.id = guard.place;
  END IF;
  -- Somebody whom only a phone knows is kept by the first place where he books.
  IF app.kind() = 'patient' THEN
    UPDATE patient SET managing_institution_id = s.institution_id WHERE id = of_patient AND managing_institution_id <> s.institution_id
      AND NOT EXISTS (SELECT 1 FROM patient_institution i WHERE i.patient_id = of_patient);
  END IF;
  RETURN QUERY SELECT made, deadline, NULL::text, NULL::timestamptz;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.move_seat(of_appointment uuid, to_segment uuid, now_at timestamptz, rest_seconds integer) RETURNS TABLE (done boolean, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE a appointment; s segment; n smallint; last_moment timestamptz; guard record;
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
  SELECT * INTO guard FROM app.release_guard(s, a.patient_id, now_at);
  n := app.free_seat(to_segment, app.seat_channel(a.channel, a.patient_id, now_at::date), now_at, guard.guarded AND guard.place IS NULL);
  IF n IS NULL AND guard.guarded AND guard.place IS NULL THEN RETURN QUERY SELECT false, 'waiting-room'; RETURN; END IF;
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
CREATE OR REPLACE FUNCTION app.walk_in(of_schedule uuid, of_patient uuid, on_day date, with_code text, now_at timestamptz) RETURNS TABLE (appointment_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE c clinic_schedule; s segment; made uuid; taken integer; broken text;
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
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    RETURN QUERY SELECT NULL::uuid, CASE broken WHEN 'appointment_code' THEN 'code-taken' ELSE 'already-booked' END; RETURN;
  END;
  RETURN QUERY SELECT made, NULL::text;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA app FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.release_of(uuid), app.release_guard(segment, uuid, timestamptz), app.enter_room(uuid, uuid, double precision, timestamptz),
  app.act_as_sender(jsonb, timestamptz), app.enter_rooms(jsonb, timestamptz), app.tick_rooms(integer, interval, timestamptz) TO yilian_app;
