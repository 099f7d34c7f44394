-- Holding a seat by phone as entering a release and confirming: many in one statement, each judged by itself.
-- Whether an item's key was used: null the first time (or without a key), 'repeated', or a refusal.
CREATE FUNCTION app.first_time(item jsonb, now_at timestamptz) RETURNS text
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
DECLARE kept bytea;
BEGIN
  IF item ->> 'key' IS NULL THEN RETURN NULL; END IF;
  INSERT INTO idempotency_key (actor_key, key, request_hash, status, created_at)
    VALUES (app.actor_key(), item ->> 'key', decode(item ->> 'hash', 'hex'), 200, now_at) ON CONFLICT DO NOTHING;
  IF FOUND THEN RETURN NULL; END IF;
  SELECT request_hash INTO kept FROM idempotency_key WHERE actor_key = app.actor_key() AND key = item ->> 'key';
  RETURN CASE WHEN kept IS DISTINCT FROM decode(item ->> 'hash', 'hex') THEN 'idempotency.key-reused' ELSE 'repeated' END;
END $$;
--> statement-breakpoint
-- What failed may be tried again under the same key.
CREATE FUNCTION app.not_done(item jsonb) RETURNS void LANGUAGE sql SET search_path = public, app, pg_temp
  AS $$ DELETE FROM idempotency_key WHERE actor_key = app.actor_key() AND key = item ->> 'key' $$;
--> statement-breakpoint
-- After the last sender nobody's rights are left behind.
CREATE FUNCTION app.act_as_system() RETURNS void LANGUAGE sql SET search_path = public, app, pg_temp
  AS $$ SELECT set_config('yilian.kind', 'system', true), set_config('yilian.phone_index', '', true), set_config('yilian.actor_key', 'system:batch', true) $$;
--> statement-breakpoint
-- Items: {token, csrf, key, hash, segment, patient, relation, codes, correlation, address}. A repetition finds the seat that is held.
CREATE FUNCTION app.hold_seats(items jsonb, now_at timestamptz) RETURNS TABLE (place integer, problem text, answer jsonb, detail jsonb)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0; h record; failed text; held uuid; used text; code text;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    held := NULL; detail := NULL;
    failed := app.act_as_sender(item, now_at);
    IF failed IS NULL THEN
      used := app.first_time(item, now_at);
      IF used = 'repeated' THEN
        SELECT a.id INTO held FROM appointment a WHERE a.patient_id = (item ->> 'patient')::uuid AND a.segment_id = (item ->> 'segment')::uuid
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
END $$;
--> statement-breakpoint
-- As before, with the session judged in the one place where it is judged for every batch.
CREATE OR REPLACE FUNCTION app.confirm_seats(items jsonb, now_at timestamptz) RETURNS TABLE (place integer, problem text, answer jsonb)
  LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE item jsonb; i integer := 0; a appointment; failed text; made boolean;
BEGIN
  FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
    made := false; a := NULL;
    failed := app.act_as_sender(item, now_at);
    IF failed IS NULL THEN
      failed := nullif(app.first_time(item, now_at), 'repeated');
      IF failed IS NULL THEN
        SELECT c.done, c.problem INTO made, failed FROM app.confirm_seat((item ->> 'appointment')::uuid, now_at) c;
        IF failed IS NULL THEN SELECT * INTO a FROM appointment WHERE id = (item ->> 'appointment')::uuid;
        ELSE PERFORM app.not_done(item);
        END IF;
      END IF;
      IF made THEN
        INSERT INTO outbox_event (topic, entity_id, version, institution_ids, patient_ids)
          VALUES ('appointment', a.id::text, a.version, ARRAY[a.institution_id], ARRAY[a.patient_id]);
        INSERT INTO audit_event (actor_kind, action, entity_type, entity_id, patient_id, correlation_id, address)
          VALUES ('patient', 'appointment.confirm', 'appointment', a.id::text, a.patient_id, item ->> 'correlation', (item ->> 'address')::inet);
      END IF;
    END IF;
    place := i; problem := failed;
    answer := CASE WHEN a.id IS NULL THEN NULL ELSE jsonb_build_object('id', a.id, 'code', a.code, 'ticket', a.ticket, 'state', a.state,
      'startsAt', a.starts_at, 'version', a.version) END;
    RETURN NEXT;
    i := i + 1;
  END LOOP;
  PERFORM app.act_as_system();
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.first_time(jsonb, timestamptz), app.not_done(jsonb), app.act_as_system(), app.hold_seats(jsonb, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.first_time(jsonb, timestamptz), app.not_done(jsonb), app.act_as_system(), app.hold_seats(jsonb, timestamptz) TO yilian_app;
