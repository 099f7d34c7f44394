-- What is behind a number of the loop board: the referrals that app.referral_board counted, one row each, under the same
-- scope and the same conditions (a test holds every number against the length of its list). Number, houses, state, clock
-- and the step that decided; nobody's name. The key of the referral and free words go to a house that is a side alone.
CREATE FUNCTION app.referral_board_list(since timestamptz, now_at timestamptz, wanted text, of_house uuid, take integer, skip integer) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
WITH scope AS MATERIALIZED (
  SELECT i.id FROM institution i WHERE app.kind() = 'staff' AND app.holds('referral.board') AND (app.holds('referral.board-all')
    OR i.id = app.institution() OR EXISTS (SELECT 1 FROM alliance_member a JOIN alliance_member b ON b.alliance_id = a.alliance_id
      WHERE a.institution_id = app.institution() AND b.institution_id = i.id))
    AND (of_house IS NULL OR i.id = of_house)),
marked AS (
  SELECT r.id, CASE
      WHEN r.state IN ('draft', 'patient-consented', 'returned', 'redirected', 'converted', 'advised', 'closed', 'expired', 'cancelled')
        OR r.direction = 'up' AND r.state IN ('sent-down', 'continued-in-community')
          AND EXISTS (SELECT 1 FROM referral d WHERE d.previous_id = r.id AND d.direction = 'down') THEN NULL
      WHEN r.state = 'submitted' AND r.respond_by < now_at THEN CASE WHEN r.escalation_level >= 3 THEN 'administrator' WHEN r.escalation_level = 2 THEN 'head' ELSE 'desk' END
      WHEN r.state = 'submitted' AND r.respond_by < now_at + interval '1 hour' THEN 'soon'
      WHEN r.state = 'submitted' THEN 'due'
      WHEN r.state = 'more-info-asked' THEN 'asked'
      WHEN r.state = 'on-the-way' THEN 'way'
      WHEN r.state IN ('arrived', 'admitted', 'ready-for-down') THEN 'inHouse'
      WHEN r.state IN ('sent-down', 'continued-in-community') THEN 'home'
      ELSE 'kept' END AS clock
    FROM referral r JOIN scope s ON s.id = r.to_institution_id WHERE r.submitted_at IS NOT NULL),
asked AS (
  SELECT r.id, r.state = 'submitted' AND r.respond_by < now_at OR EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.action = 'escalate') AS late,
      EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.action = 'markNoShow') AS no_show, CASE
      WHEN EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.to_state = 'returned' AND p.at >= r.submitted_at) THEN 'returned'
      WHEN r.state = 'redirected' THEN 'redirected'
      WHEN r.state IN ('converted', 'advised') OR EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.to_state = 'advised') THEN 'advised'
      WHEN r.accepted_at IS NOT NULL THEN 'accepted'
      WHEN r.state IN ('submitted', 'more-info-asked', 'on-the-way') THEN 'waiting'
      ELSE 'ended' END AS answer
    FROM referral r JOIN scope s ON s.id = r.to_institution_id WHERE r.submitted_at >= since AND r.submitted_at <= now_at
      AND wanted IN ('received', 'accepted', 'returned', 'redirected', 'advised', 'waiting', 'ended', 'late', 'noShows')),
picked AS MATERIALIZED (
  SELECT id FROM marked WHERE clock IS NOT NULL AND (wanted = 'open' OR clock = wanted OR wanted = 'overdue' AND clock IN ('administrator', 'head', 'desk'))
  UNION ALL SELECT id FROM asked WHERE wanted = 'received' OR answer = wanted OR wanted = 'late' AND late OR wanted = 'noShows' AND no_show),
shown AS (
  SELECT r.*, row_number() OVER (ORDER BY (r.state = 'submitted') DESC, CASE WHEN r.state = 'submitted' THEN r.respond_by END, r.submitted_at DESC, r.number) AS place
    FROM picked k JOIN referral r ON r.id = k.id ORDER BY place LIMIT least(take, 200) OFFSET skip)
SELECT CASE WHEN EXISTS (SELECT 1 FROM scope) THEN jsonb_build_object('total', (SELECT count(*) FROM picked),
  'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', CASE WHEN own.side THEN r.id END, 'number', r.number, 'direction', r.direction,
      'urgency', r.urgency, 'state', r.state, 'clock', m.clock, 'from', r.from_institution_id, 'to', r.to_institution_id,
      'submittedAt', r.submitted_at, 'dueAt', CASE WHEN r.state = 'submitted' THEN r.respond_by END,
      'code', p.action, 'codeAt', p.at, 'reason', CASE WHEN own.side THEN p.reason END) ORDER BY r.place), '[]')
    FROM shown r JOIN marked m ON m.id = r.id
      CROSS JOIN LATERAL (SELECT app.institution() IN (r.from_institution_id, r.to_institution_id) AS side) own
      LEFT JOIN LATERAL (SELECT p.action, p.at, p.reason FROM referral_step p WHERE p.referral_id = r.id
        AND p.action IN ('return', 'handBack', 'redirect', 'convert', 'advise', 'askMore', 'escalate', 'markNoShow', 'expire', 'cancel', 'confirmCancel', 'decline')
        ORDER BY p.at DESC, p.id DESC LIMIT 1) p ON true)) END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referral_board_list(timestamptz, timestamptz, text, uuid, integer, integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referral_board_list(timestamptz, timestamptz, text, uuid, integer, integer) TO yilian_app, yilian_owner;
--> statement-breakpoint
-- Which house does not answer: what it was asked in the period, what of it was answered before its clock rang, how long the
-- first answer took (accepting, returning, asking more: whatever its own people did with what was sent), and since when
-- the oldest one waits, whenever that was sent.
CREATE FUNCTION app.referral_board_answers(since timestamptz, now_at timestamptz) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
WITH scope AS MATERIALIZED (
  SELECT i.id FROM institution i WHERE app.kind() = 'staff' AND app.holds('referral.board') AND (app.holds('referral.board-all')
    OR i.id = app.institution() OR EXISTS (SELECT 1 FROM alliance_member a JOIN alliance_member b ON b.alliance_id = a.alliance_id
      WHERE a.institution_id = app.institution() AND b.institution_id = i.id))),
asked AS (
  SELECT r.to_institution_id AS house, EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.action = 'escalate') AS rang,
      (SELECT extract(epoch FROM min(p.at) - r.submitted_at) / 60 FROM referral_step p WHERE p.referral_id = r.id AND p.from_state = 'submitted'
        AND p.to_state <> 'submitted' AND p.by_institution_id = r.to_institution_id AND p.at >= r.submitted_at) AS minutes
    FROM referral r JOIN scope s ON s.id = r.to_institution_id WHERE r.submitted_at >= since AND r.submitted_at <= now_at),
period AS (SELECT house, count(*) AS asked, count(minutes) AS answered, count(minutes) FILTER (WHERE NOT rang) AS in_time,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes))::numeric) AS median FROM asked GROUP BY 1),
waits AS (SELECT r.to_institution_id AS house, min(r.submitted_at) AS oldest, count(*) FILTER (WHERE r.respond_by < now_at) AS overdue
    FROM referral r JOIN scope s ON s.id = r.to_institution_id WHERE r.state = 'submitted' GROUP BY 1)
SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'asked', coalesce(p.asked, 0), 'answered', coalesce(p.answered, 0), 'inTime', coalesce(p.in_time, 0),
    'medianMinutes', p.median, 'oldestOpenAt', w.oldest, 'overdue', coalesce(w.overdue, 0))), '[]')
  FROM scope s LEFT JOIN period p ON p.house = s.id LEFT JOIN waits w ON w.house = s.id WHERE p.asked > 0 OR w.oldest IS NOT NULL $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referral_board_answers(timestamptz, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referral_board_answers(timestamptz, timestamptz) TO yilian_app, yilian_owner;
