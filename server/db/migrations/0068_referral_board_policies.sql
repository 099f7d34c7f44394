-- The loop board: numbers of houses, nobody's name. A loop is counted once, at the house that has to act next or that
-- was asked; of a way up that went home only the way down is counted. Who holds `referral.board-all` sees every house,
-- others those of the alliances that their own house is in.
CREATE FUNCTION app.referral_board(since timestamptz, now_at timestamptz, since_day date, today date) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
WITH scope AS MATERIALIZED (
  SELECT i.id, i.level FROM institution i WHERE app.kind() = 'staff' AND app.holds('referral.board') AND (app.holds('referral.board-all')
    OR i.id = app.institution() OR EXISTS (SELECT 1 FROM alliance_member a JOIN alliance_member b ON b.alliance_id = a.alliance_id
      WHERE a.institution_id = app.institution() AND b.institution_id = i.id))),
loops AS (
  SELECT r.to_institution_id AS house, r.respond_by, CASE
      WHEN r.state = 'submitted' AND r.respond_by < now_at THEN CASE WHEN r.escalation_level >= 3 THEN 'administrator' WHEN r.escalation_level = 2 THEN 'head' ELSE 'desk' END
      WHEN r.state = 'submitted' AND r.respond_by < now_at + interval '1 hour' THEN 'soon'
      WHEN r.state = 'submitted' THEN 'due'
      WHEN r.state = 'more-info-asked' THEN 'asked'
      WHEN r.state = 'on-the-way' THEN 'way'
      WHEN r.state IN ('arrived', 'admitted', 'ready-for-down') THEN 'inHouse'
      WHEN r.state IN ('sent-down', 'continued-in-community') THEN 'home'
      ELSE 'kept' END AS clock
    FROM referral r JOIN scope s ON s.id = r.to_institution_id
    WHERE r.submitted_at IS NOT NULL AND r.state NOT IN ('draft', 'patient-consented', 'returned', 'redirected', 'converted', 'advised', 'closed', 'expired', 'cancelled')
      AND NOT (r.direction = 'up' AND r.state IN ('sent-down', 'continued-in-community')
        AND EXISTS (SELECT 1 FROM referral d WHERE d.previous_id = r.id AND d.direction = 'down'))),
open AS (SELECT house, jsonb_object_agg(clock, n) AS open, min(next) AS next_due FROM
    (SELECT house, clock, count(*) AS n, min(respond_by) FILTER (WHERE clock IN ('soon', 'due')) AS next FROM loops GROUP BY 1, 2) c GROUP BY 1),
asked AS (
  SELECT r.to_institution_id AS house, r.direction, r.submitted_at, r.accepted_at, r.arrived_at,
      r.state = 'submitted' AND r.respond_by < now_at OR EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.action = 'escalate') AS late,
      EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.action = 'markNoShow') AS no_show, CASE
      WHEN EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.to_state = 'returned' AND p.at >= r.submitted_at) THEN 'returned'
      WHEN r.state = 'redirected' THEN 'redirected'
      WHEN r.state IN ('converted', 'advised') OR EXISTS (SELECT 1 FROM referral_step p WHERE p.referral_id = r.id AND p.to_state = 'advised') THEN 'advised'
      WHEN r.accepted_at IS NOT NULL THEN 'accepted'
      WHEN r.state IN ('submitted', 'more-info-asked', 'on-the-way') THEN 'waiting'
      ELSE 'ended' END AS answer
    FROM referral r JOIN scope s ON s.id = r.to_institution_id WHERE r.submitted_at >= since AND r.submitted_at <= now_at),
period AS (
  SELECT house, count(*) AS received, count(*) FILTER (WHERE direction = 'up') AS up, count(*) FILTER (WHERE direction = 'down') AS down,
      count(*) FILTER (WHERE answer = 'accepted') AS accepted, count(*) FILTER (WHERE answer = 'returned') AS returned,
      count(*) FILTER (WHERE answer = 'redirected') AS redirected, count(*) FILTER (WHERE answer = 'advised') AS advised,
      count(*) FILTER (WHERE answer = 'waiting') AS waiting, count(*) FILTER (WHERE answer = 'ended') AS ended,
      count(*) FILTER (WHERE late) AS late, count(*) FILTER (WHERE no_show) AS no_shows,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - submitted_at) / 60) AS to_accepted,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM arrived_at - submitted_at) / 60) AS to_seen
    FROM asked GROUP BY 1),
visited AS (SELECT a.institution_id AS house, count(*) AS visits FROM appointment a JOIN scope s ON s.id = a.institution_id
    WHERE a.state = 'completed' AND a.day BETWEEN since_day AND today GROUP BY 1),
followed AS (SELECT f.institution_id AS house, count(*) AS follow_ups, count(*) FILTER (WHERE f.state = 'missed' OR (f.state = 'planned' AND f.due_on < today)) AS missed
    FROM follow_up f JOIN scope s ON s.id = f.institution_id WHERE f.due_on BETWEEN since_day AND today AND f.state <> 'cancelled' GROUP BY 1),
rules AS (SELECT flag AS rule, count(*) AS fired, count(o.assessment_id) AS overruled FROM triage_assessment a JOIN scope s ON s.id = a.institution_id
    CROSS JOIN LATERAL unnest(a.red_flags) AS flag LEFT JOIN triage_overrule o ON o.assessment_id = a.id AND o.outcome < a.outcome
    WHERE a.assessed_at >= since AND a.assessed_at <= now_at GROUP BY 1)
SELECT CASE WHEN EXISTS (SELECT 1 FROM scope) THEN jsonb_build_object(
  'houses', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'level', s.level, 'open', coalesce(o.open, '{}'), 'nextDueAt', o.next_due,
      'received', coalesce(p.received, 0), 'up', coalesce(p.up, 0), 'down', coalesce(p.down, 0), 'accepted', coalesce(p.accepted, 0),
      'returned', coalesce(p.returned, 0), 'redirected', coalesce(p.redirected, 0), 'advised', coalesce(p.advised, 0), 'waiting', coalesce(p.waiting, 0),
      'ended', coalesce(p.ended, 0), 'late', coalesce(p.late, 0), 'noShows', coalesce(p.no_shows, 0), 'minutesToAccepted', round(p.to_accepted::numeric),
      'minutesToSeen', round(p.to_seen::numeric), 'visits', coalesce(v.visits, 0), 'followUps', coalesce(f.follow_ups, 0), 'missedFollowUps', coalesce(f.missed, 0))), '[]')
    FROM scope s LEFT JOIN open o ON o.house = s.id LEFT JOIN period p ON p.house = s.id LEFT JOIN visited v ON v.house = s.id LEFT JOIN followed f ON f.house = s.id),
  'minutesToAccepted', (SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - submitted_at) / 60))::numeric) FROM asked),
  'minutesToSeen', (SELECT round((percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM arrived_at - submitted_at) / 60))::numeric) FROM asked),
  'rules', (SELECT coalesce(jsonb_agg(jsonb_build_object('rule', rule, 'fired', fired, 'overruled', overruled) ORDER BY overruled DESC, rule), '[]') FROM rules WHERE overruled > 0)) END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referral_board(timestamptz, timestamptz, date, date) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referral_board(timestamptz, timestamptz, date, date) TO yilian_app, yilian_owner;
--> statement-breakpoint
-- Databases that are there already get the permission; an empty one is filled by the set-up.
INSERT INTO role_permission (role_code, permission) SELECT r.code, 'referral.board-all' FROM role r WHERE r.code = 'health-commission' ON CONFLICT DO NOTHING;
--> statement-breakpoint
-- Ways of a specialty alliance are entered by the set-up alone so far: no policy lets a person in.
GRANT INSERT ON pathway, pathway_criterion TO yilian_app;
