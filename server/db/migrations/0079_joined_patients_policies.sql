-- Two registrations of one person: nothing is re-written. A row of patient_link says which registration goes on, and
-- everything that asks "of this patient" asks "of this person" (docs/decisions/0023-joined-patients.md).
ALTER TABLE patient_link ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE patient_link FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE down_postponement ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE down_postponement FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE patient_link ADD CONSTRAINT patient_link_episode FOREIGN KEY (episode_id) REFERENCES episode (id);
--> statement-breakpoint
-- The registration under which a person goes on; of who was never joined, his own.
CREATE FUNCTION app.person_of(patient uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT coalesce((SELECT l.survivor_id FROM patient_link l WHERE l.duplicate_id = patient AND l.separated_at IS NULL), patient) $$;
--> statement-breakpoint
-- All registrations of the person, the one that goes on first.
CREATE FUNCTION app.same_person(patient uuid) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT array_prepend(x.root, ARRAY(SELECT l.duplicate_id FROM patient_link l WHERE l.survivor_id = x.root AND l.separated_at IS NULL))
        FROM (SELECT app.person_of(patient) AS root) x $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.booking_block(patient uuid, institution uuid, now_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT CASE WHEN count(*) >= min(p.no_show_limit) AND max(a.starts_at) + make_interval(days => min(p.no_show_block_days)::int) > now_at
               THEN max(a.starts_at) + make_interval(days => min(p.no_show_block_days)::int) END
        FROM app.booking_policy_of(institution, now_at::date) p, appointment a
        WHERE a.patient_id = ANY (app.same_person(patient)) AND a.institution_id = institution AND a.state = 'no-show'
          AND a.starts_at > now_at - make_interval(days => p.no_show_window_days + p.no_show_block_days) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.seat_channel(by_channel booking_channel, of_patient uuid, on_day date)
 RETURNS booking_channel
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT CASE WHEN by_channel = 'community-doctor' AND NOT EXISTS (SELECT 1 FROM signed_resident r WHERE r.patient_id = ANY (app.same_person(of_patient))
          AND r.institution_id = app.institution() AND r.signed_on <= on_day AND (r.ended_on IS NULL OR r.ended_on > on_day)) THEN 'kiosk' ELSE by_channel END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.fever_block_until(patient uuid, at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT max(b.until) FROM fever_block b WHERE b.patient_id = ANY (app.same_person(patient)) AND b.since <= at AND b.until > at AND b.lifted_at IS NULL $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.has_fever_visit(patient uuid, at timestamp with time zone)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT EXISTS (SELECT 1 FROM fever_visit v WHERE v.patient_id = ANY (app.same_person(patient)) AND v.arrived_at <= at AND v.arrived_at > at - interval '14 days'
          AND v.state <> 'ordinary' AND (v.ended_at IS NULL OR v.ended_at > at)) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.expects_patient(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT app.kind() = 'staff' AND EXISTS (SELECT 1 FROM appointment a WHERE a.patient_id = ANY (app.same_person(patient)) AND a.institution_id = app.institution()
          AND a.state NOT IN ('held', 'lapsed')) AND (app.holds('booking.clinic') OR app.holds('booking.assist')) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.sees_bed_patient(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT app.kind() = 'staff' AND app.bed_staff() AND (
          EXISTS (SELECT 1 FROM bed_stay s WHERE s.patient_id = ANY (app.same_person(patient)) AND s.institution_id = app.institution() AND s.until IS NULL)
          OR EXISTS (SELECT 1 FROM bed_hold h WHERE h.patient_id = ANY (app.same_person(patient)) AND h.institution_id = app.institution() AND h.outcome IS NULL)) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.sees_fever_patient(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT app.kind() = 'staff' AND app.fever_staff() AND (
          EXISTS (SELECT 1 FROM fever_visit v WHERE v.patient_id = ANY (app.same_person(patient)) AND v.institution_id = app.institution())
          OR EXISTS (SELECT 1 FROM fever_visit v JOIN fever_transfer t ON t.visit_id = v.id WHERE v.patient_id = ANY (app.same_person(patient))
               AND t.to_institution_id = app.institution() AND t.departed_at IS NOT NULL)
          OR EXISTS (SELECT 1 FROM fever_announcement n WHERE n.patient_id = ANY (app.same_person(patient)) AND n.institution_id = app.institution() AND n.ended_at IS NULL)
          OR EXISTS (SELECT 1 FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id WHERE a.patient_id = ANY (app.same_person(patient))
               AND a.institution_id = app.institution() AND c.kind = 'fever-clinic' AND a.state NOT IN ('held', 'lapsed', 'cancelled'))) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.told_of_patient(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT app.kind() = 'staff' AND EXISTS (SELECT 1 FROM critical_value v WHERE v.patient_id = ANY (app.same_person(patient)) AND v.state <> 'cancelled'
          AND v.receiver_institution_id = app.institution() AND (v.receiver_id = app.person() OR app.holds('critical-value.receive'))) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.case_of_house(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT EXISTS (SELECT 1 FROM infectious_report r WHERE r.patient_id = ANY (app.same_person(patient)) AND r.institution_id = app.institution()) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.case_of_cdc(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT app.kind() = 'staff' AND EXISTS (SELECT 1 FROM infectious_report r WHERE r.patient_id = ANY (app.same_person(patient)) AND r.state <> 'withdrawn'
          AND r.cdc_institution_id = app.institution() AND app.holds('infectious-report.file')) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.called_patients()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT CASE WHEN app.kind() = 'staff' THEN coalesce((SELECT array_agg(DISTINCT o) FROM hotline_call c CROSS JOIN LATERAL unnest(app.same_person(c.patient_id)) o
          WHERE c.holder_id = app.person() AND c.institution_id = app.institution() AND c.state = 'open' AND c.patient_id IS NOT NULL
            AND c.consent_at IS NOT NULL), '{}') ELSE '{}' END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.helped_patients()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT CASE WHEN app.holds('booking.help') THEN coalesce((SELECT array_agg(DISTINCT o) FROM registered_helper r JOIN helper_consent c ON c.helper_id = r.id CROSS JOIN LATERAL unnest(app.same_person(c.patient_id)) o
          WHERE r.person_id = app.person() AND r.institution_id = app.institution() AND r.ended_at IS NULL AND c.revoked_at IS NULL), '{}') ELSE '{}' END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.hotline_cleared(of_patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT EXISTS (SELECT 1 FROM hotline_call c WHERE c.holder_id = app.person() AND c.institution_id = app.institution()
          AND c.state = 'open' AND c.patient_id = ANY (app.same_person(of_patient)) AND c.consent_at IS NOT NULL AND c.screened_at IS NOT NULL
          AND (NOT c.flagged OR (c.taken_over_by = app.person() AND app.holds('hotline.triage')))) $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.guard_assisted_booking()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
BEGIN
  IF app.kind() <> 'staff' THEN RETURN NEW; END IF;
  IF NEW.channel = 'helper' AND NOT NEW.patient_id = ANY (app.helped_patients()) THEN
    RAISE EXCEPTION 'the elder has not agreed' USING ERRCODE = 'YL001', CONSTRAINT = 'helper_consent';
  END IF;
  IF NEW.channel = 'hotline' AND NOT EXISTS (SELECT 1 FROM hotline_call c WHERE c.holder_id = app.person() AND c.institution_id = app.institution()
      AND c.state = 'open' AND c.patient_id = ANY (app.same_person(NEW.patient_id)) AND c.consent_at IS NOT NULL AND c.screened_at IS NOT NULL
      AND (NOT c.flagged OR (c.taken_over_by = app.person() AND app.holds('hotline.triage')))) THEN
    RAISE EXCEPTION 'the questions come first' USING ERRCODE = 'YL001', CONSTRAINT = 'hotline_screened';
  END IF;
  IF NEW.channel NOT IN ('helper', 'hotline') AND NOT (app.holds('booking.assist') OR app.holds('booking.clinic')) THEN
    RAISE EXCEPTION 'a helper books as a helper' USING ERRCODE = '42501', CONSTRAINT = 'helper_consent';
  END IF;
  RETURN NEW;
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.fever_alternative(of_patient uuid, now_at timestamp with time zone)
 RETURNS TABLE(institution_id uuid, state text, starts_at timestamp with time zone, held_until timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT a.institution_id, a.state::text, a.starts_at, a.held_until FROM appointment a JOIN clinic_schedule c ON c.id = a.schedule_id
        WHERE a.patient_id = ANY (app.same_person(of_patient)) AND c.kind = 'fever-clinic' AND a.ends_at > now_at
          AND (a.state = 'booked' OR (a.state = 'held' AND a.held_until > now_at))
          AND app.kind() = 'staff' AND (app.sees_fever_patient(of_patient)
            OR (app.may_see_patient(of_patient) AND (app.holds('booking.assist') OR app.holds('booking.clinic') OR app.fever_staff())))
        ORDER BY a.starts_at LIMIT 1 $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.release_guard(s segment, of_patient uuid, now_at timestamp with time zone, OUT guarded boolean, OUT place uuid)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET enable_seqscan TO 'off'
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
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
      SELECT p.id INTO place FROM release_place p WHERE p.room_id = r.id AND p.patient_id = ANY (app.same_person(of_patient)) AND p.admitted_until > now_at LIMIT 1;
    END IF;
    RETURN;
  END IF;
  SELECT waiting_room_minutes INTO minutes FROM app.booking_policy_of(s.institution_id, s.day);
  guarded := release + make_interval(mins => minutes) > now_at;
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.enter_room(of_segment uuid, of_patient uuid, by_lot double precision, now_at timestamp with time zone)
 RETURNS TABLE(place_id uuid, room_id uuid, release_at timestamp with time zone, problem text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET enable_seqscan TO 'off'
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE s segment; p booking_policy; r release_room; release timestamptz; made uuid; wide interval;
BEGIN
  IF NOT app.may_act_for(of_patient) THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'not-allowed'; RETURN; END IF;
  of_patient := app.person_of(of_patient);
  SELECT * INTO s FROM segment WHERE id = of_segment;
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'gone'; RETURN; END IF;
  IF s.stopped_at IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'stopped'; RETURN; END IF;
  IF s.starts_at <= now_at THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'over'; RETURN; END IF;
  IF app.booking_block(of_patient, s.institution_id, now_at) IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::timestamptz, 'blocked'; RETURN; END IF;
  IF EXISTS (SELECT 1 FROM appointment a WHERE a.patient_id = ANY (app.same_person(of_patient)) AND a.department_id = s.department_id AND a.day = s.day
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
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.hold_seat(of_segment uuid, of_patient uuid, by_channel booking_channel, by_relation contact_relation, with_code text, now_at timestamp with time zone, hold_until timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS TABLE(appointment_id uuid, held_until timestamp with time zone, problem text, until timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE s segment; p booking_policy; n smallint; made uuid; known uuid; deadline timestamptz; blocked timestamptz; guard record; broken text; alike uuid[];
BEGIN
  IF NOT app.may_act_for(of_patient) OR (app.kind() = 'patient') <> (by_channel = 'phone-web' AND NOT app.internal())
     OR (by_channel = 'window' AND NOT app.holds('booking.clinic')) OR (by_channel = 'community-doctor' AND NOT app.holds('booking.priority')) THEN
    IF NOT app.internal() THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'not-allowed', NULL::timestamptz; RETURN; END IF;
  END IF;
  -- One person, whichever of her registrations the page had open.
  of_patient := app.person_of(of_patient);
  alike := app.same_person(of_patient);
  SELECT * INTO s FROM segment WHERE id = of_segment;
  IF NOT FOUND THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'gone', NULL::timestamptz; RETURN; END IF;
  IF s.stopped_at IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'stopped', NULL::timestamptz; RETURN; END IF;
  IF (CASE by_channel WHEN 'window' THEN s.ends_at ELSE s.starts_at END) <= now_at THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'over', NULL::timestamptz; RETURN; END IF;
  p := app.booking_policy_of(s.institution_id, s.day);
  blocked := CASE WHEN by_channel = 'window' THEN NULL ELSE app.booking_block(of_patient, s.institution_id, now_at) END;
  IF blocked IS NOT NULL THEN RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'blocked', blocked; RETURN; END IF;
  IF app.kind() = 'patient' AND (SELECT count(DISTINCT a.patient_id) FROM appointment a WHERE a.booked_by_phone_index = app.phone_index()
      AND a.state IN ('held', 'booked') AND a.starts_at > now_at AND a.patient_id <> ALL (alike)) >= p.patients_per_phone THEN
    RETURN QUERY SELECT NULL::uuid, NULL::timestamptz, 'too-many-patients', NULL::timestamptz; RETURN;
  END IF;
  -- Who chooses again lets go of what he held; a hold that lapsed does not stand in anybody's way. Appointment before
  -- seat, as confirming does it: an operator and the patient at once wait for each other, and neither dies of it.
  PERFORM 1 FROM appointment a WHERE a.patient_id = ANY (alike) AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held' FOR UPDATE;
  UPDATE seat t SET appointment_id = NULL, held_until = NULL FROM appointment a WHERE t.appointment_id = a.id
    AND a.patient_id = ANY (alike) AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held';
  UPDATE appointment a SET state = 'lapsed', ended_at = now_at, version = a.version + 1
    WHERE a.patient_id = ANY (alike) AND a.department_id = s.department_id AND a.day = s.day AND a.state = 'held';
  SELECT a.id INTO known FROM appointment a WHERE a.patient_id = ANY (alike) AND a.department_id = s.department_id AND a.day = s.day
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
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.hold_seats(items jsonb, now_at timestamp with time zone)
 RETURNS TABLE(place integer, problem text, answer jsonb, detail jsonb)
 LANGUAGE plpgsql
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0; h record; failed text; held uuid; used text; code text;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    held := NULL; detail := NULL;
    failed := app.act_as_sender(item, now_at);
    IF failed IS NULL THEN
      used := app.first_time(item, now_at);
      IF used = 'repeated' THEN
        SELECT a.id INTO held FROM appointment a WHERE a.patient_id = ANY (app.same_person((item ->> 'patient')::uuid)) AND a.segment_id = (item ->> 'segment')::uuid
          AND ((a.state = 'held' AND a.held_until > now_at) OR a.state = 'booked');
      ELSE failed := used;
      END IF;
      IF failed IS NULL AND held IS NULL THEN
        FOR code IN SELECT jsonb_array_elements_text(item -> 'codes') LOOP
          SELECT * INTO h FROM app.hold_seat((item ->> 'segment')::uuid, (item ->> 'patient')::uuid, 'phone-web',
            (item ->> 'relation')::contact_relation, code, now_at);
          EXIT WHEN h.problem IS DISTINCT FROM 'code-taken';
        END LOOP;
        failed := h.problem;
        IF failed IS NULL THEN
          held := h.appointment_id;
          INSERT INTO audit_event (actor_kind, action, entity_type, entity_id, patient_id, correlation_id, address, detail)
            VALUES ('patient', 'appointment.hold', 'appointment', held::text, (item ->> 'patient')::uuid, item ->> 'correlation',
              (item ->> 'address')::inet, jsonb_build_object('channel', 'phone-web', 'relation', item ->> 'relation'));
        ELSE
          IF h.until IS NOT NULL THEN detail := jsonb_build_object('until', to_char(h.until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')); END IF;
          PERFORM app.not_done(item);
        END IF;
      END IF;
    END IF;
    place := i; problem := failed;
    answer := CASE WHEN held IS NULL THEN NULL ELSE jsonb_build_object('id', held) END;
    RETURN NEXT;
    i := i + 1;
  END LOOP;
  PERFORM app.act_as_system();
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.keep_held_seat(of_appointment uuid, for_referral uuid, until timestamp with time zone, now_at timestamp with time zone)
 RETURNS TABLE(done boolean, problem text, kept_until timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
DECLARE a appointment; r referral; ends timestamptz;
BEGIN
  SELECT * INTO a FROM appointment WHERE id = of_appointment FOR UPDATE;
  IF NOT FOUND OR NOT app.may_act_for(a.patient_id) THEN RETURN QUERY SELECT false, 'gone', NULL::timestamptz; RETURN; END IF;
  IF a.state <> 'held' OR a.held_until <= now_at THEN RETURN QUERY SELECT false, 'lapsed', NULL::timestamptz; RETURN; END IF;
  SELECT * INTO r FROM referral WHERE id = for_referral AND patient_id = ANY (app.same_person(a.patient_id)) AND to_institution_id = a.institution_id AND direction = 'up'
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
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.hold_bed(of_institution uuid, of_department uuid, of_kind text, of_patient uuid, for_purpose text, for_reference uuid, for_hours integer, now_at timestamp with time zone)
 RETURNS TABLE(outcome text, hold_id uuid, holder uuid, holder_until timestamp with time zone, held_until timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
DECLARE p capacity_policy; open_hold bed_hold; units uuid[]; taking uuid[]; found_bed uuid; found_unit uuid; made uuid; ends timestamptz;
  why bed_hold_purpose := for_purpose::bed_hold_purpose;
BEGIN
  IF NOT app.internal() AND NOT (app.kind() = 'staff' AND app.allied(of_institution) AND (app.may_see_patient(of_patient) OR app.sees_bed_patient(of_patient))
       AND (why <> 'ward' OR (of_institution = app.institution() AND app.holds('capacity.manage')))) THEN
    RETURN QUERY SELECT 'denied', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(for_reference::text, 61));
  PERFORM pg_advisory_xact_lock(hashtextextended(app.person_of(of_patient)::text, 62));
  -- What is over holds nothing; closing it here makes room under the indexes.
  UPDATE bed_hold h SET outcome = 'lapsed', ended_at = h.until, version = h.version + 1
    WHERE h.outcome IS NULL AND h.until <= now_at AND (h.reference_id = for_reference OR h.patient_id = ANY (app.same_person(of_patient)));
  SELECT * INTO open_hold FROM bed_hold h WHERE h.reference_id = for_reference AND h.outcome IS NULL;
  IF FOUND THEN
    RETURN QUERY SELECT CASE WHEN open_hold.patient_id <> ALL (app.same_person(of_patient)) THEN 'denied' WHEN open_hold.department_id = of_department THEN 'again' ELSE 'elsewhere' END,
      CASE WHEN open_hold.patient_id = ANY (app.same_person(of_patient)) THEN open_hold.id END, open_hold.institution_id, open_hold.until, open_hold.until; RETURN;
  END IF;
  SELECT * INTO open_hold FROM bed_hold h WHERE h.patient_id = ANY (app.same_person(of_patient)) AND h.outcome IS NULL;
  IF FOUND THEN
    RETURN QUERY SELECT 'patient-held', NULL::uuid, open_hold.institution_id, open_hold.until, NULL::timestamptz; RETURN;
  END IF;
  p := app.capacity_policy_of(of_institution, now_at);
  SELECT array_agg(l.id) INTO units FROM (SELECT u.id FROM bed_unit u WHERE u.institution_id = of_institution AND u.department_id = of_department AND u.active
    AND (u.kind::text = of_kind OR (of_kind IS NULL AND CASE WHEN why = 'infectious' THEN u.kind = 'isolation' OR u.mode <> 'peace'
      ELSE u.kind IN ('ordinary', 'rehabilitation', 'long-term') END)) ORDER BY u.id FOR NO KEY UPDATE) l;
  IF units IS NULL THEN
    RETURN QUERY SELECT 'closed', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
  END IF;
  SELECT array_agg(u) INTO taking FROM unnest(units) u WHERE app.unit_takes(u, why, now_at);
  IF taking IS NULL THEN
    RETURN QUERY SELECT 'emergency', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
  END IF;
  SELECT b.id, b.unit_id INTO found_bed, found_unit FROM bed b JOIN bed_unit u ON u.id = b.unit_id
    WHERE b.unit_id = ANY (taking) AND app.bed_is_free(b.id, now_at)
      AND (why <> 'ward' OR app.free_beds(b.unit_id, now_at) > app.priority_left(b.unit_id, now_at))
    ORDER BY u.kind, u.name_zh, u.id, length(b.label), b.label LIMIT 1;
  IF found_bed IS NULL THEN
    IF why = 'ward' AND EXISTS (SELECT 1 FROM unnest(taking) u WHERE app.free_beds(u, now_at) > 0) THEN
      RETURN QUERY SELECT 'priority', NULL::uuid, NULL::uuid, NULL::timestamptz, NULL::timestamptz; RETURN;
    END IF;
    RETURN QUERY SELECT 'full', NULL::uuid, x.house, x.ends, NULL::timestamptz FROM (
      SELECT h.held_by_institution_id AS house, h.until AS ends, 1 AS rank FROM bed_hold h WHERE h.unit_id = ANY (taking) AND h.outcome IS NULL AND h.until > now_at
      UNION ALL SELECT of_institution, NULL, 2 ORDER BY rank, ends LIMIT 1) x; RETURN;
  END IF;
  ends := now_at + make_interval(hours => least(coalesce(for_hours, p.hold_hours), p.max_hold_hours));
  INSERT INTO bed_hold (bed_id, unit_id, department_id, institution_id, patient_id, purpose, reference_id, held_by_institution_id, held_by_person_id, since, until)
    VALUES (found_bed, found_unit, of_department, of_institution, of_patient, why, for_reference, coalesce(app.institution(), of_institution), app.person(), now_at, ends)
    RETURNING id INTO made;
  RETURN QUERY SELECT 'held', made, coalesce(app.institution(), of_institution), ends, ends;
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.admit_to_bed(of_bed uuid, of_patient uuid, of_hold uuid, expected_on date, over_quota text, now_at timestamp with time zone)
 RETURNS TABLE(outcome text, stay_id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$
DECLARE h bed_hold; b bed; made uuid; who uuid := of_patient;
BEGIN
  IF of_hold IS NOT NULL THEN
    SELECT * INTO h FROM bed_hold x WHERE x.id = of_hold;
    IF NOT FOUND OR NOT (app.internal() OR (app.kind() = 'staff' AND app.institution() = h.institution_id)) THEN RETURN QUERY SELECT 'denied', NULL::uuid; RETURN; END IF;
    who := h.patient_id;
  END IF;
  SELECT * INTO b FROM bed x WHERE x.id = coalesce(of_bed, h.bed_id);
  IF NOT FOUND OR who IS NULL OR NOT (app.internal() OR (app.kind() = 'staff' AND app.institution() = b.institution_id
       AND (of_hold IS NOT NULL OR (app.holds('capacity.manage') AND (app.may_see_patient(who) OR app.sees_bed_patient(who))))))
     OR (of_hold IS NOT NULL AND b.institution_id <> h.institution_id) THEN
    RETURN QUERY SELECT 'denied', NULL::uuid; RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(app.person_of(who)::text, 62));
  PERFORM 1 FROM bed_unit u WHERE u.id IN (b.unit_id, h.unit_id) ORDER BY u.id FOR NO KEY UPDATE;
  IF of_hold IS NOT NULL THEN
    SELECT s.id INTO made FROM bed_stay s WHERE s.hold_id = of_hold;
    IF FOUND THEN RETURN QUERY SELECT 'again', made; RETURN; END IF;
    SELECT * INTO h FROM bed_hold x WHERE x.id = of_hold FOR NO KEY UPDATE;
    IF h.outcome IS NOT NULL THEN RETURN QUERY SELECT 'ended', NULL::uuid; RETURN; END IF;
  ELSE
    SELECT s.id INTO made FROM bed_stay s WHERE s.patient_id = ANY (app.same_person(who)) AND s.bed_id = b.id AND s.until IS NULL;
    IF FOUND THEN RETURN QUERY SELECT 'again', made; RETURN; END IF;
  END IF;
  IF EXISTS (SELECT 1 FROM bed_stay s WHERE s.patient_id = ANY (app.same_person(who)) AND s.until IS NULL) THEN RETURN QUERY SELECT 'patient-in-bed', NULL::uuid; RETURN; END IF;
  IF NOT app.unit_takes(b.unit_id, h.purpose, now_at) THEN RETURN QUERY SELECT 'emergency', NULL::uuid; RETURN; END IF;
  IF NOT (app.bed_is_free(b.id, now_at) OR (h.bed_id IS NOT DISTINCT FROM b.id AND NOT EXISTS (SELECT 1 FROM bed_stay s WHERE s.bed_id = b.id AND s.until IS NULL)
       AND b.out_of_use_since IS NULL AND b.cleaning_since IS NULL)) THEN
    RETURN QUERY SELECT 'not-free', NULL::uuid; RETURN;
  END IF;
  IF of_hold IS NULL AND over_quota IS NULL AND app.free_beds(b.unit_id, now_at) <= app.priority_left(b.unit_id, now_at) THEN
    RETURN QUERY SELECT 'priority', NULL::uuid; RETURN;
  END IF;
  IF of_hold IS NOT NULL THEN
    UPDATE bed_hold x SET outcome = 'taken', ended_at = greatest(now_at, x.since), ended_by_person_id = app.person(), version = x.version + 1 WHERE x.id = of_hold;
  END IF;
  INSERT INTO bed_stay (bed_id, unit_id, institution_id, patient_id, source, hold_id, since, expected_discharge_on, over_quota_reason, admitted_by)
    VALUES (b.id, b.unit_id, b.institution_id, who, CASE WHEN of_hold IS NULL THEN 'direct' WHEN h.purpose = 'referral' THEN 'referral' ELSE 'hold' END::bed_stay_source,
      of_hold, now_at, expected_on, over_quota, app.person()) RETURNING id INTO made;
  RETURN QUERY SELECT 'admitted', made;
END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.link_patient(id_index bytea)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ DECLARE found uuid;
  BEGIN
    IF app.kind() <> 'staff' OR app.institution() IS NULL THEN RETURN NULL; END IF;
    SELECT app.person_of(id) INTO found FROM patient WHERE resident_id_index = id_index;
    IF found IS NOT NULL THEN
      INSERT INTO patient_institution (patient_id, institution_id, source) VALUES (found, app.institution(), 'identity-card')
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN found;
  END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.hotline_find(by_phone bytea, by_id bytea)
 RETURNS TABLE(id uuid, full_name text, full_name_bo text, sex patient_sex, birth_date date)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT q.id, q.full_name, q.full_name_bo, q.sex, q.birth_date FROM patient q WHERE q.id IN (SELECT app.person_of(p.id) FROM patient p WHERE app.holds('booking.assist')
          AND ((by_id IS NOT NULL AND p.resident_id_index = by_id)
            OR (by_phone IS NOT NULL AND EXISTS (SELECT 1 FROM patient_contact c WHERE c.patient_id = p.id AND c.phone_index = by_phone))))
        ORDER BY q.updated_at DESC LIMIT 10 $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.referral_subjects(of_referrals uuid[])
 RETURNS TABLE(id uuid, full_name text, full_name_bo text, sex text, birth_date date)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT DISTINCT r.patient_id, p.full_name, p.full_name_bo, p.sex::text, p.birth_date FROM referral r
          LEFT JOIN patient_link l ON l.duplicate_id = r.patient_id AND l.separated_at IS NULL JOIN patient p ON p.id = coalesce(l.survivor_id, r.patient_id)
        WHERE r.id = ANY (of_referrals) AND CASE (SELECT app.kind())
          WHEN 'staff' THEN r.from_institution_id = (SELECT app.institution()) OR (r.to_institution_id = (SELECT app.institution()) AND r.submitted_at IS NOT NULL
            AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'expired', 'cancelled'))
          WHEN 'patient' THEN r.patient_id = ANY ((SELECT app.patient_ids())::uuid[])
          ELSE (SELECT app.internal()) END $function$;
--> statement-breakpoint
CREATE FUNCTION app.may_see_registration(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT app.internal() OR CASE app.kind()
          WHEN 'patient' THEN patient = ANY (app.patient_ids())
          WHEN 'staff' THEN EXISTS (SELECT 1 FROM patient_institution i WHERE i.patient_id = patient AND i.institution_id = app.institution())
            OR EXISTS (SELECT 1 FROM consult c WHERE c.patient_id = patient AND c.submitted_at IS NOT NULL
                       AND c.state NOT IN ('declined', 'cancelled')
                       AND (c.invited_institution_id = app.institution() OR app.participates(c.id)))
            OR EXISTS (SELECT 1 FROM referral r WHERE r.patient_id = patient AND r.to_institution_id = app.institution() AND r.submitted_at IS NOT NULL
                       AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'expired', 'cancelled'))
          ELSE false END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.may_see_patient(patient uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT app.internal() OR CASE app.kind()
          WHEN 'patient' THEN patient = ANY (app.patient_ids())
          WHEN 'staff' THEN EXISTS (SELECT 1 FROM patient_institution i WHERE i.patient_id = patient AND i.institution_id = app.institution())
            OR EXISTS (SELECT 1 FROM consult c WHERE c.patient_id = patient AND c.submitted_at IS NOT NULL
                       AND c.state NOT IN ('declined', 'cancelled')
                       AND (c.invited_institution_id = app.institution() OR app.participates(c.id)))
            OR EXISTS (SELECT 1 FROM referral r WHERE r.patient_id = patient AND r.to_institution_id = app.institution() AND r.submitted_at IS NOT NULL
                       AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'expired', 'cancelled'))
            OR (EXISTS (SELECT 1 FROM patient_link l WHERE l.separated_at IS NULL AND (l.duplicate_id = patient OR l.survivor_id = patient))
              AND EXISTS (SELECT 1 FROM unnest(app.same_person(patient)) o WHERE o <> patient AND app.may_see_registration(o)))
          ELSE false END $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION app.patient_ids()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'app', 'pg_temp'
AS $function$ SELECT coalesce(array_agg(DISTINCT o), '{}') FROM patient_contact c CROSS JOIN LATERAL unnest(app.same_person(c.patient_id)) o
        WHERE phone_index = app.phone_index() AND may_sign_in AND app.kind() = 'patient' $function$;
--> statement-breakpoint
-- What two registrations have in common. A single name without an ID card is never more than possible.
CREATE FUNCTION app.alike(one uuid, other uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE
          WHEN contradict THEN 'none'
          WHEN NOT (name AND (born OR phone)) THEN CASE WHEN unknown THEN 'unknown' ELSE 'none' END
          WHEN born AND phone AND NOT single THEN 'likely' ELSE 'possible' END
        FROM (SELECT coalesce(a.full_name = b.full_name, false) OR coalesce(a.full_name_bo = b.full_name_bo, false) AS name,
            coalesce(a.birth_date = b.birth_date, false) AND NOT a.birth_date_estimated AND NOT b.birth_date_estimated AS born,
            EXISTS (SELECT 1 FROM patient_contact c JOIN patient_contact d ON d.phone_index = c.phone_index WHERE c.patient_id = a.id AND d.patient_id = b.id) AS phone,
            -- A family name and a given name have at least two characters; a Tibetan name transcribed as one word may have four, so its own script decides.
            a.full_name_bo IS NOT NULL OR b.full_name_bo IS NOT NULL OR length(coalesce(a.full_name, b.full_name, '')) < 2
              OR coalesce(a.ethnic_group, '') LIKE '%藏%' OR coalesce(b.ethnic_group, '') LIKE '%藏%' AS single,
            a.unknown_person OR b.unknown_person AS unknown,
            coalesce(a.resident_id_index <> b.resident_id_index, false) AS contradict
          FROM patient a, patient b WHERE a.id = one AND b.id = other) x $$;
--> statement-breakpoint
-- Who might be the same person as this one, in any house: the asker's own registration of him is where the asking begins.
CREATE FUNCTION app.possible_duplicates(of_patient uuid) RETURNS TABLE (id uuid, alike text, full_name text, full_name_bo text, sex text, birth_date text,
    unknown_person boolean, institution_id uuid, registered_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT f.id, f.alike, f.full_name, f.full_name_bo, f.sex, f.birth_date, f.unknown_person, f.managing_institution_id, f.created_at FROM (
          SELECT q.id, app.alike(p.id, q.id) AS alike, q.full_name, q.full_name_bo, q.sex::text AS sex, q.birth_date::text AS birth_date, q.unknown_person,
            q.managing_institution_id, q.created_at
          FROM patient p JOIN patient q ON q.id <> p.id AND (q.full_name = p.full_name OR q.full_name_bo = p.full_name_bo)
          WHERE p.id = of_patient AND app.person_of(q.id) <> app.person_of(p.id) AND app.person_of(q.id) = q.id) f
        WHERE app.kind() = 'staff' AND app.holds('patient.read') AND app.may_see_patient(of_patient)
          AND (f.alike = 'likely' OR (f.alike = 'possible' AND app.may_see_patient(f.id))) ORDER BY f.alike, f.id LIMIT 10 $$;
--> statement-breakpoint
-- The administrator's list: pairs of which the own house keeps or sees at least one.
CREATE FUNCTION app.duplicate_pairs(at_most integer) RETURNS TABLE (one uuid, other uuid, alike text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT f.one, f.other, f.alike FROM (
          SELECT DISTINCT least(p.id, q.id) AS one, greatest(p.id, q.id) AS other, app.alike(p.id, q.id) AS alike
          FROM patient_institution i JOIN patient p ON p.id = i.patient_id
            JOIN patient q ON q.id <> p.id AND (q.full_name = p.full_name OR q.full_name_bo = p.full_name_bo)
          WHERE app.holds('patient.join') AND i.institution_id = app.institution() AND app.person_of(p.id) = p.id AND app.person_of(q.id) = q.id) f
        WHERE f.alike = 'likely' OR (f.alike = 'possible' AND app.may_see_patient(f.one) AND app.may_see_patient(f.other))
        ORDER BY f.alike, f.one, f.other LIMIT at_most $$;
--> statement-breakpoint
-- Whom the administrator may lay side by side: both at home here, or one of them and the other likely the same.
CREATE FUNCTION app.may_join(one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.holds('patient.join') AND one <> other
          AND ((app.may_see_patient(one) AND app.may_see_patient(other))
            OR ((app.may_see_patient(one) OR app.may_see_patient(other)) AND app.alike(one, other) = 'likely')) $$;
--> statement-breakpoint
-- Both as they are laid side by side; what is sealed stays sealed here.
CREATE FUNCTION app.join_card(one uuid, other uuid) RETURNS TABLE (id uuid, full_name text, full_name_bo text, sex text, birth_date text, birth_date_estimated boolean,
    ethnic_group text, address text, resident_id_cipher text, unknown_person boolean, unknown_note text, institution_id uuid, registered_at timestamptz, alike text, contacts jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT p.id, p.full_name, p.full_name_bo, p.sex::text, p.birth_date::text, p.birth_date_estimated, p.ethnic_group, p.address, p.resident_id_cipher,
          p.unknown_person, p.unknown_note, p.managing_institution_id, p.created_at, app.alike(one, other),
          coalesce((SELECT jsonb_agg(jsonb_build_object('relation', c.relation, 'phone', c.phone_cipher) ORDER BY c.created_at) FROM patient_contact c WHERE c.patient_id = p.id), '[]')
        FROM patient p WHERE p.id IN (one, other) AND app.may_join(one, other) $$;
--> statement-breakpoint
-- What hangs on a registration, as numbers: another house's work is counted, not shown.
CREATE FUNCTION app.hangs_on(of_patient uuid, since timestamptz) RETURNS TABLE (kind text, open integer, total integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT * FROM (
          SELECT 'episodes', count(*) FILTER (WHERE e.state = 'active')::integer, count(*)::integer FROM episode e WHERE e.patient_id = of_patient AND e.created_at >= since
          UNION ALL SELECT 'referrals', count(*) FILTER (WHERE r.state NOT IN ('returned', 'redirected', 'converted', 'advised', 'closed', 'expired', 'cancelled'))::integer,
            count(*)::integer FROM referral r WHERE r.patient_id = of_patient AND r.created_at >= since
          UNION ALL SELECT 'appointments', count(*) FILTER (WHERE a.state IN ('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'passed'))::integer,
            count(*)::integer FROM appointment a WHERE a.patient_id = of_patient AND a.created_at >= since
          UNION ALL SELECT 'beds', count(*) FILTER (WHERE b.until IS NULL)::integer, count(*)::integer FROM bed_stay b WHERE b.patient_id = of_patient AND b.created_at >= hangs_on.since
          UNION ALL SELECT 'follow-ups', count(*) FILTER (WHERE f.state IN ('planned', 'missed'))::integer, count(*)::integer FROM follow_up f WHERE f.patient_id = of_patient AND f.created_at >= since
          UNION ALL SELECT 'consults', count(*) FILTER (WHERE c.state NOT IN ('archived', 'declined', 'cancelled'))::integer, count(*)::integer FROM consult c WHERE c.patient_id = of_patient AND c.created_at >= since
          UNION ALL SELECT 'consents', count(*) FILTER (WHERE g.withdrawn_at IS NULL)::integer, count(*)::integer FROM referral_consent g JOIN episode e ON e.id = g.episode_id
            WHERE e.patient_id = of_patient AND g.recorded_at >= since
          UNION ALL SELECT 'fever-visits', count(*) FILTER (WHERE v.ended_at IS NULL)::integer, count(*)::integer FROM fever_visit v WHERE v.patient_id = of_patient AND v.created_at >= since
          UNION ALL SELECT 'triage', 0, count(*)::integer FROM triage_assessment t WHERE t.patient_id = of_patient AND t.created_at >= since) x (kind, open, total)
        WHERE total > 0 AND (app.internal() OR app.holds('patient.join')) $$;
--> statement-breakpoint
-- Open episodes of both that are led for the same thing, or of the same house: one is named that goes on.
CREATE FUNCTION app.join_episodes(one uuid, other uuid) RETURNS TABLE (id uuid, number text, reason text, patient_id uuid, opened_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT e.id, e.number, (SELECT r.reason FROM referral r WHERE r.episode_id = e.id ORDER BY r.created_at LIMIT 1), e.patient_id, e.opened_at FROM episode e
        WHERE app.may_join(one, other) AND e.state = 'active' AND e.patient_id = ANY (app.same_person(one) || app.same_person(other)) ORDER BY e.opened_at $$;
--> statement-breakpoint
-- Every link points at the end of its chain, so that a read is one look-up: A to B, B to C, and A is read as C.
CREATE FUNCTION app.guard_patient_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE a uuid[]; b uuid[];
BEGIN
  -- Two at once, the one A to B, the other B to A: one after the other, and the second finds the first.
  PERFORM pg_advisory_xact_lock(hashtextextended('patient-link', 63));
  IF TG_OP = 'INSERT' THEN
    IF NEW.separated_at IS NOT NULL OR num_nonnulls(NEW.separated_by, NEW.separation_reason) > 0 THEN
      RAISE EXCEPTION 'a link begins by joining' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_stands';
    END IF;
    IF app.person_of(NEW.duplicate_id) <> NEW.duplicate_id THEN
      RAISE EXCEPTION 'this registration goes on under another' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_joined';
    END IF;
    NEW.survivor_id := app.person_of(NEW.named_id);
    IF NEW.survivor_id = NEW.duplicate_id THEN
      RAISE EXCEPTION 'they are one person already' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_joined';
    END IF;
    a := app.same_person(NEW.duplicate_id); b := app.same_person(NEW.survivor_id);
    IF (SELECT count(DISTINCT p.resident_id_index) FROM patient p WHERE p.id = ANY (a || b)) > 1 THEN
      RAISE EXCEPTION 'two ID numbers are two people' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_identity';
    END IF;
    IF EXISTS (SELECT 1 FROM patient p, patient q WHERE p.id = NEW.duplicate_id AND q.id = NEW.survivor_id
         AND ((p.resident_id_index IS NOT NULL AND q.resident_id_index IS NULL) OR (q.unknown_person AND NOT p.unknown_person))) THEN
      RAISE EXCEPTION 'the one whose identity is known goes on' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_survivor';
    END IF;
    IF (SELECT count(*) FROM bed_stay s WHERE s.patient_id = ANY (a || b) AND s.until IS NULL) > 1 THEN
      RAISE EXCEPTION 'nobody lies in two beds' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_two_beds';
    END IF;
    IF NEW.episode_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM episode e WHERE e.id = NEW.episode_id AND e.patient_id = ANY (a || b) AND e.state = 'active') THEN
      RAISE EXCEPTION 'no open episode of these two' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_episode';
    END IF;
    RETURN NEW;
  END IF;
  -- The end of the chain is set below, by the trigger after this one.
  IF pg_trigger_depth() > 1 AND app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['survivor_id'] THEN RETURN NEW; END IF;
  IF OLD.separated_at IS NOT NULL OR NEW.separated_at IS NULL
     OR NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['separated_at', 'separated_by', 'separated_by_name', 'separated_at_institution_id', 'separation_reason'] THEN
    RAISE EXCEPTION 'who joined whom stands; it may be taken back once' USING ERRCODE = 'YL001', CONSTRAINT = 'patient_link_stands';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER guard_patient_link BEFORE INSERT OR UPDATE ON patient_link FOR EACH ROW EXECUTE FUNCTION app.guard_patient_link();
--> statement-breakpoint
CREATE FUNCTION app.follow_patient_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE touched uuid[]; one uuid;
BEGIN
  IF pg_trigger_depth() > 1 THEN RETURN NULL; END IF;
  touched := CASE WHEN TG_OP = 'INSERT' THEN app.same_person(NEW.duplicate_id) || NEW.duplicate_id
    ELSE app.same_person(OLD.survivor_id) || OLD.duplicate_id END;
  WITH RECURSIVE chain AS (
      SELECT l.duplicate_id AS start, l.named_id AS now_at FROM patient_link l WHERE l.separated_at IS NULL
    UNION ALL
      SELECT c.start, l.named_id FROM chain c JOIN patient_link l ON l.duplicate_id = c.now_at AND l.separated_at IS NULL)
  UPDATE patient_link l SET survivor_id = c.now_at FROM chain c
    WHERE c.start = l.duplicate_id AND l.separated_at IS NULL AND l.survivor_id <> c.now_at
      AND NOT EXISTS (SELECT 1 FROM patient_link n WHERE n.duplicate_id = c.now_at AND n.separated_at IS NULL);
  touched := touched || app.same_person(NEW.named_id) || app.same_person(NEW.duplicate_id);
  -- Both are told anew to the record stores of all houses that know either.
  FOR one IN SELECT DISTINCT t FROM unnest(touched) t LOOP
    PERFORM app.note_change('patient', one::text, ARRAY(SELECT i.institution_id FROM patient_institution i WHERE i.patient_id = ANY (touched)
      UNION SELECT p.managing_institution_id FROM patient p WHERE p.id = ANY (touched)));
    DELETE FROM record_copy c WHERE c.patient_id = one;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER follow_patient_link AFTER INSERT OR UPDATE ON patient_link FOR EACH ROW EXECUTE FUNCTION app.follow_patient_link();
--> statement-breakpoint
-- What is newly written for the old registration lands on the one that goes on.
CREATE FUNCTION app.land_on_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  NEW.patient_id := app.person_of(NEW.patient_id);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER a_land_on_person BEFORE INSERT ON episode FOR EACH ROW EXECUTE FUNCTION app.land_on_person();
--> statement-breakpoint
CREATE TRIGGER a_land_on_person BEFORE INSERT ON consult FOR EACH ROW EXECUTE FUNCTION app.land_on_person();
--> statement-breakpoint
CREATE TRIGGER a_land_on_person BEFORE INSERT ON triage_assessment FOR EACH ROW EXECUTE FUNCTION app.land_on_person();
--> statement-breakpoint
CREATE TRIGGER a_land_on_person BEFORE INSERT ON signed_resident FOR EACH ROW EXECUTE FUNCTION app.land_on_person();
--> statement-breakpoint
CREATE TRIGGER a_land_on_person BEFORE INSERT ON helper_consent FOR EACH ROW EXECUTE FUNCTION app.land_on_person();
--> statement-breakpoint
CREATE TRIGGER a_land_on_person BEFORE INSERT ON paper_code FOR EACH ROW EXECUTE FUNCTION app.land_on_person();
--> statement-breakpoint
-- A referral belongs to its episode, whichever registration that was opened for.
CREATE FUNCTION app.land_in_episode() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE whose uuid;
BEGIN
  SELECT e.patient_id INTO whose FROM episode e WHERE e.id = NEW.episode_id;
  IF whose <> NEW.patient_id AND app.person_of(whose) = app.person_of(NEW.patient_id) THEN NEW.patient_id := whose; END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER a_land_in_episode BEFORE INSERT ON referral FOR EACH ROW EXECUTE FUNCTION app.land_in_episode();
--> statement-breakpoint
-- The indexes know one registration; what is one per person is looked for among the others of the person, too.
CREATE FUNCTION app.once_per_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE alike uuid[] := app.same_person(NEW.patient_id);
BEGIN
  IF cardinality(alike) = 1 THEN RETURN NEW; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(alike[1]::text, 64));
  IF TG_OP = 'INSERT' AND TG_TABLE_NAME <> 'bed_stay' THEN NEW.patient_id := alike[1]; END IF;
  IF TG_TABLE_NAME = 'appointment' THEN
    IF NEW.state IN ('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed') AND EXISTS (
        SELECT 1 FROM appointment a WHERE a.patient_id = ANY (alike) AND a.patient_id <> NEW.patient_id AND a.department_id = NEW.department_id
          AND a.day = NEW.day AND a.id <> NEW.id AND a.state IN ('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'passed', 'completed')) THEN
      RAISE EXCEPTION 'one a day' USING ERRCODE = 'unique_violation', CONSTRAINT = 'appointment_one_a_day';
    END IF;
  ELSIF TG_TABLE_NAME = 'waitlist_entry' THEN
    IF EXISTS (SELECT 1 FROM waitlist_entry a WHERE a.patient_id = ANY (alike) AND a.patient_id <> NEW.patient_id AND a.department_id = NEW.department_id
          AND a.day = NEW.day AND a.id <> NEW.id AND a.state IN ('waitlisted', 'offered')) THEN
      RAISE EXCEPTION 'one a day' USING ERRCODE = 'unique_violation', CONSTRAINT = 'waitlist_once';
    END IF;
  ELSIF TG_TABLE_NAME = 'bed_stay' THEN
    IF NEW.until IS NULL AND EXISTS (SELECT 1 FROM bed_stay b WHERE b.patient_id = ANY (alike) AND b.id <> NEW.id AND b.until IS NULL) THEN
      RAISE EXCEPTION 'nobody lies in two beds' USING ERRCODE = 'unique_violation', CONSTRAINT = 'bed_stay_one_bed';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER a_once_per_person BEFORE INSERT OR UPDATE OF day ON appointment FOR EACH ROW EXECUTE FUNCTION app.once_per_person();
--> statement-breakpoint
CREATE TRIGGER a_once_per_person BEFORE INSERT ON waitlist_entry FOR EACH ROW EXECUTE FUNCTION app.once_per_person();
--> statement-breakpoint
CREATE TRIGGER a_once_per_person BEFORE INSERT ON bed_stay FOR EACH ROW EXECUTE FUNCTION app.once_per_person();
--> statement-breakpoint
CREATE FUNCTION app.referral_once_per_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE alike uuid[] := app.same_person(NEW.patient_id);
BEGIN
  IF cardinality(alike) = 1 OR NEW.state <> 'submitted' OR OLD.state NOT IN ('draft', 'patient-consented') THEN RETURN NEW; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(alike[1]::text, 64));
  IF EXISTS (SELECT 1 FROM referral r WHERE r.patient_id = ANY (alike) AND r.patient_id <> NEW.patient_id AND r.direction = NEW.direction
       AND r.to_institution_id = NEW.to_institution_id AND r.to_department_id IS NOT DISTINCT FROM NEW.to_department_id
       AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'converted', 'advised', 'sent-down', 'continued-in-community', 'closed', 'expired', 'cancelled')) THEN
    RAISE EXCEPTION 'open already' USING ERRCODE = 'unique_violation', CONSTRAINT = 'referral_once';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER z_once_per_person BEFORE UPDATE OF state ON referral FOR EACH ROW EXECUTE FUNCTION app.referral_once_per_person();
--> statement-breakpoint
GRANT SELECT, INSERT ON patient_link TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (separated_at, separated_by, separated_by_name, separated_at_institution_id, separation_reason) ON patient_link TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT ON down_postponement TO yilian_app;
--> statement-breakpoint
CREATE POLICY owner_all ON patient_link TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON patient_link TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY see ON patient_link FOR SELECT TO yilian_app USING (CASE (SELECT app.kind())
  WHEN 'staff' THEN app.may_see_patient(duplicate_id)
  WHEN 'patient' THEN duplicate_id = ANY ((SELECT app.patient_ids())::uuid[]) ELSE false END);
--> statement-breakpoint
CREATE POLICY join_two ON patient_link FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('patient.join'))
  AND joined_by = (SELECT app.person()) AND joined_at_institution_id = (SELECT app.institution()) AND joined_by_name = (SELECT app.own_name())
  AND app.may_join(duplicate_id, named_id));
--> statement-breakpoint
CREATE POLICY separate ON patient_link FOR UPDATE TO yilian_app USING ((SELECT app.holds('patient.join')) AND separated_at IS NULL AND app.may_see_patient(duplicate_id))
  WITH CHECK (separated_by = (SELECT app.person()) AND separated_at_institution_id = (SELECT app.institution()) AND separated_by_name = (SELECT app.own_name()));
--> statement-breakpoint
CREATE POLICY owner_all ON down_postponement TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON down_postponement TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY ward_see ON down_postponement FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY ward_say ON down_postponement FOR INSERT TO yilian_app WITH CHECK ((SELECT app.holds('referral.ward')) AND institution_id = (SELECT app.institution())
  AND by_person_id = (SELECT app.person()) AND by_name = (SELECT app.own_name())
  AND EXISTS (SELECT 1 FROM bed_stay s WHERE s.id = stay_id AND s.institution_id = down_postponement.institution_id AND s.until IS NULL));
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.person_of(uuid), app.same_person(uuid), app.may_see_registration(uuid), app.alike(uuid, uuid), app.possible_duplicates(uuid),
  app.duplicate_pairs(integer), app.may_join(uuid, uuid), app.join_card(uuid, uuid), app.hangs_on(uuid, timestamptz), app.join_episodes(uuid, uuid), app.guard_patient_link(),
  app.follow_patient_link(), app.land_on_person(), app.land_in_episode(), app.once_per_person(), app.referral_once_per_person() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.person_of(uuid), app.same_person(uuid), app.possible_duplicates(uuid), app.duplicate_pairs(integer), app.may_join(uuid, uuid),
  app.join_card(uuid, uuid), app.hangs_on(uuid, timestamptz), app.join_episodes(uuid, uuid) TO yilian_app, yilian_owner;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.may_see_registration(uuid), app.alike(uuid, uuid) TO yilian_owner;
--> statement-breakpoint
-- Databases that are there already get the permission; an empty one is filled by the set-up.
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('record-administrator', 'patient.join'), ('record-administrator', 'patient.read')) AS p(code, permission) ON p.code = r.code ON CONFLICT DO NOTHING;
