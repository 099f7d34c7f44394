-- What was sent before there were states: as its stamps say.
UPDATE sms_message SET state = (CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_reason = 'too-late' THEN 'expired' WHEN failed_reason IS NOT NULL THEN 'failed' ELSE 'queued' END)::sms_state;
--> statement-breakpoint
CREATE TABLE sms_transition (from_state sms_state NOT NULL, to_state sms_state NOT NULL, PRIMARY KEY (from_state, to_state));
--> statement-breakpoint
INSERT INTO sms_transition (from_state, to_state) VALUES ('held', 'queued'), ('held', 'expired'), ('queued', 'sent'), ('queued', 'delivered'), ('queued', 'failed'),
  ('queued', 'expired'), ('sent', 'delivered'), ('sent', 'failed'), ('sent', 'expired');
--> statement-breakpoint
CREATE FUNCTION app.guard_sms_message() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM sms_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
    RAISE EXCEPTION 'a message cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'YL001', CONSTRAINT = 'sms_state_order';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER sms_message_guard BEFORE UPDATE ON sms_message FOR EACH ROW EXECUTE FUNCTION app.guard_sms_message();
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['staff_quiet', 'notice_policy', 'sms_transition'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT, UPDATE ON staff_quiet TO yilian_app;
--> statement-breakpoint
GRANT INSERT ON notice_policy TO yilian_app;
--> statement-breakpoint
CREATE POLICY everyone_reads ON sms_transition FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
CREATE POLICY own ON staff_quiet TO yilian_app USING ((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person()))
  WITH CHECK ((SELECT app.kind()) = 'staff' AND person_id = (SELECT app.person()));
--> statement-breakpoint
CREATE POLICY own_house ON notice_policy FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution()));
--> statement-breakpoint
CREATE POLICY enter ON notice_policy FOR INSERT TO yilian_app WITH CHECK ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND entered_by = (SELECT app.person()) AND (SELECT app.holds('directory.manage')));
--> statement-breakpoint
-- Which things of the house somebody works with; what is told about them, he sees.
CREATE FUNCTION app.house_notice_types() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT CASE WHEN app.kind() <> 'staff' THEN '{}'::text[] ELSE coalesce((SELECT array_agg(DISTINCT t.type) FROM (VALUES
      ('referral', 'referral.desk'), ('referral', 'referral.request'), ('referral', 'referral.ward'), ('referral', 'booking.manage'), ('referral', 'alliance.view'),
      ('follow-up', 'referral.follow-up'), ('consult', 'consult.desk'), ('critical-value', 'critical-value.receive'),
      ('infectious-report', 'infectious-report.receive'), ('infectious-report', 'infectious-report.file'), ('bed-hold', 'capacity.manage'), ('bed-hold', 'referral.desk'),
      ('fever-visit', 'fever.triage'), ('fever-visit', 'fever.see'), ('recall', 'sampling.lead'), ('sampling-site', 'sampling.lead'),
      ('triage-assessment', 'booking.assist'), ('triage-assessment', 'booking.clinic'), ('sms-message', 'booking.assist'), ('sms-message', 'referral.desk')) AS t (type, what)
    JOIN role_permission p ON p.permission = t.what JOIN role_assignment a ON a.role_code = p.role_code
    WHERE a.person_id = app.person() AND a.institution_id = app.institution() AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp())), '{}') END $$;
--> statement-breakpoint
CREATE POLICY house ON notice FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND institution_id = (SELECT app.institution())
  AND entity_type = ANY ((SELECT app.house_notice_types())::text[]));
--> statement-breakpoint
-- Reading it is the reader's own; whose it is and what it says stays as it was told.
REVOKE UPDATE ON notice FROM yilian_app;
--> statement-breakpoint
GRANT UPDATE (read_at, released_at, digest_id) ON notice TO yilian_app;
--> statement-breakpoint
-- Somebody has it in hand: on every copy of his house, of that thing and kind, up to now. Nobody takes it from him by pressing later.
CREATE FUNCTION app.acknowledge_notice(of_notice uuid, now_at timestamptz) RETURNS SETOF notice LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE n notice;
BEGIN
  SELECT * INTO n FROM notice x WHERE x.id = of_notice AND app.kind() = 'staff' AND (x.person_id = app.person()
    OR (x.institution_id = app.institution() AND x.entity_type = ANY (app.house_notice_types())));
  IF n.id IS NULL THEN RETURN; END IF;
  UPDATE notice x SET ack_at = now_at, ack_by = app.person() WHERE x.entity_id = n.entity_id AND x.kind = n.kind AND x.at <= n.at
    AND x.institution_id IS NOT DISTINCT FROM n.institution_id AND x.ack_at IS NULL AND (n.institution_id IS NOT NULL OR x.person_id = n.person_id);
  UPDATE notice x SET read_at = now_at WHERE x.entity_id = n.entity_id AND x.kind = n.kind AND x.person_id = app.person() AND x.read_at IS NULL;
  RETURN QUERY SELECT * FROM notice x WHERE x.id = of_notice;
END $$;
--> statement-breakpoint
-- Where each is told, and when he is not to be rung: times of the house, nothing of the person besides.
CREATE FUNCTION app.notice_addressees(of_type text, of_entity text, people uuid[], now_at timestamptz) RETURNS TABLE (person_id uuid, institution_id uuid, time_zone text,
    quiet_from integer, quiet_to integer, digest_minutes integer[], urgency text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  WITH thing AS MATERIALIZED (SELECT CASE WHEN of_entity ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN of_entity::uuid END AS id),
  hint AS MATERIALIZED (
    SELECT ARRAY[r.to_institution_id, r.from_institution_id] AS houses, r.urgency::text AS urgency FROM referral r, thing WHERE of_type = 'referral' AND r.id = thing.id
    UNION ALL SELECT ARRAY[f.institution_id], NULL FROM follow_up f, thing WHERE of_type = 'follow-up' AND f.id = thing.id
    UNION ALL SELECT ARRAY[c.invited_institution_id, c.inviting_institution_id], c.urgency::text FROM consult c, thing WHERE of_type = 'consult' AND c.id = thing.id)
  SELECT p.id, h.id, h.time_zone, coalesce(q.from_minute, n.quiet_from_minute, 1320)::integer, coalesce(q.to_minute, n.quiet_to_minute, 420)::integer,
    coalesce(n.digest_minutes, '{510,810,990}')::integer[], (SELECT hint.urgency FROM hint LIMIT 1)
  FROM unnest(people) AS p (id)
  LEFT JOIN LATERAL (SELECT a.institution_id AS house FROM role_assignment a WHERE a.person_id = p.id AND (a.valid_until IS NULL OR a.valid_until > now_at)
    ORDER BY array_position((SELECT hint.houses FROM hint LIMIT 1), a.institution_id) NULLS LAST, (a.institution_id = app.institution()) DESC NULLS LAST, a.institution_id LIMIT 1) own ON true
  LEFT JOIN institution h ON h.id = own.house
  LEFT JOIN staff_quiet q ON q.person_id = p.id
  LEFT JOIN LATERAL (SELECT x.* FROM notice_policy x WHERE x.institution_id = h.id AND x.valid_from <= (now_at AT TIME ZONE h.time_zone)::date ORDER BY x.valid_from DESC LIMIT 1) n ON true
  WHERE app.kind() <> 'none' $$;
--> statement-breakpoint
-- When a patient's telephone is to be left alone, at the place that looks after him.
CREATE FUNCTION app.patient_quiet(of_patient uuid, now_at timestamptz) RETURNS TABLE (time_zone text, quiet_from integer, quiet_to integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT h.time_zone, coalesce(q.quiet_from_minute, n.quiet_from_minute, 1320)::integer, coalesce(q.quiet_to_minute, n.quiet_to_minute, 420)::integer
  FROM patient p JOIN institution h ON h.id = p.managing_institution_id LEFT JOIN notice_preference q ON q.patient_id = p.id
  LEFT JOIN LATERAL (SELECT x.* FROM notice_policy x WHERE x.institution_id = h.id AND x.valid_from <= (now_at AT TIME ZONE h.time_zone)::date ORDER BY x.valid_from DESC LIMIT 1) n ON true
  WHERE p.id = of_patient AND app.kind() <> 'none' $$;
--> statement-breakpoint
-- Who of a department is away, and who stands in: days and names for who refers there, no reason.
CREATE FUNCTION app.absences_of(departments uuid[], now_at timestamptz) RETURNS TABLE (department_id uuid, person_id uuid, person_name text, from_day date, to_day date,
    covered_by_id uuid, covered_by_name text, here integer, away integer) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  WITH unit AS MATERIALIZED (SELECT d.id, d.institution_id, (now_at AT TIME ZONE i.time_zone)::date AS today FROM department d JOIN institution i ON i.id = d.institution_id
      WHERE d.id = ANY (departments) AND (app.internal() OR (app.kind() = 'staff' AND app.allied(d.institution_id)))),
  staff AS (SELECT u.id, count(DISTINCT a.person_id) AS n FROM unit u JOIN role_assignment a ON a.department_id = u.id AND (a.valid_until IS NULL OR a.valid_until > now_at) GROUP BY u.id),
  gone AS (SELECT u.id, x.person_id, x.from_day, x.to_day, x.covered_by FROM unit u JOIN staff_absence x ON x.department_id = u.id AND x.institution_id = u.institution_id
      WHERE x.cancelled_at IS NULL AND u.today BETWEEN x.from_day AND x.to_day)
  SELECT g.id, g.person_id, p.name, g.from_day, g.to_day, g.covered_by, c.name, coalesce(s.n, 0)::integer, (count(*) OVER (PARTITION BY g.id))::integer
  FROM gone g JOIN person p ON p.id = g.person_id LEFT JOIN person c ON c.id = g.covered_by LEFT JOIN staff s ON s.id = g.id ORDER BY g.id, g.to_day, p.name $$;
--> statement-breakpoint
-- What became of the house's messages and of those the reader sent: for whoever makes calls or sits at the desk. What was said is not shown.
CREATE FUNCTION app.house_messages(most integer) RETURNS TABLE (id uuid, kind text, state sms_state, at timestamptz, state_at timestamptz, held_until timestamptz,
    patient_id uuid, phone_cipher text, sender_id uuid, news_key text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
  SELECT m.id, m.kind, m.state, m.at, m.state_at, m.held_until, m.patient_id, m.phone_cipher, m.sender_id, m.news_key FROM sms_message m
  WHERE app.kind() = 'staff' AND (m.sender_id = app.person() OR (m.institution_id = app.institution() AND (app.holds('booking.assist') OR app.holds('referral.desk'))))
  ORDER BY m.state NOT IN ('failed', 'expired'), m.at DESC, m.id LIMIT most $$;
--> statement-breakpoint
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['guard_sms_message()', 'house_notice_types()', 'acknowledge_notice(uuid, timestamptz)', 'notice_addressees(text, text, uuid[], timestamptz)',
      'house_messages(integer)', 'patient_quiet(uuid, timestamptz)', 'absences_of(uuid[], timestamptz)'] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION app.%s FROM PUBLIC', name);
    EXECUTE format('GRANT EXECUTE ON FUNCTION app.%s TO yilian_app, yilian_owner', name);
  END LOOP;
END $$;
