-- The missed follow-ups that app.referral_board counted, one row each, under the same scope and the same conditions: the
-- referral that they belong to, the house that had to do them, the day; nobody's name.
CREATE FUNCTION app.referral_board_missed(since timestamptz, now_at timestamptz, of_house uuid, take integer, skip integer) RETURNS jsonb
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
WITH scope AS MATERIALIZED (
  SELECT i.id FROM institution i WHERE app.kind() = 'staff' AND app.holds('referral.board') AND (app.holds('referral.board-all')
    OR i.id = app.institution() OR EXISTS (SELECT 1 FROM alliance_member a JOIN alliance_member b ON b.alliance_id = a.alliance_id
      WHERE a.institution_id = app.institution() AND b.institution_id = i.id))
    AND (of_house IS NULL OR i.id = of_house)),
picked AS MATERIALIZED (
  SELECT f.id, f.referral_id, f.institution_id, f.due_on, f.purpose, row_number() OVER (ORDER BY f.due_on, f.id) AS place
    FROM follow_up f JOIN scope s ON s.id = f.institution_id
    WHERE f.due_on BETWEEN (since AT TIME ZONE 'Asia/Shanghai')::date AND (now_at AT TIME ZONE 'Asia/Shanghai')::date
      AND (f.state = 'missed' OR (f.state = 'planned' AND f.due_on < (now_at AT TIME ZONE 'Asia/Shanghai')::date)))
SELECT CASE WHEN EXISTS (SELECT 1 FROM scope) THEN jsonb_build_object('total', (SELECT count(*) FROM picked),
  'rows', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', CASE WHEN own.side THEN r.id END, 'number', r.number, 'direction', r.direction,
      'urgency', r.urgency, 'state', r.state, 'clock', NULL, 'from', r.from_institution_id, 'to', k.institution_id,
      'submittedAt', coalesce(r.submitted_at, r.created_at), 'dueAt', NULL, 'code', NULL, 'codeAt', NULL,
      'reason', CASE WHEN own.side THEN k.purpose END, 'missedOn', k.due_on) ORDER BY k.place), '[]')
    FROM picked k JOIN referral r ON r.id = k.referral_id
      CROSS JOIN LATERAL (SELECT app.institution() IN (r.from_institution_id, r.to_institution_id, k.institution_id) AS side) own
    WHERE k.place > skip AND k.place <= skip + least(take, 200))) END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.referral_board_missed(timestamptz, timestamptz, uuid, integer, integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.referral_board_missed(timestamptz, timestamptz, uuid, integer, integer) TO yilian_app, yilian_owner;
