-- Ways of a specialty alliance as dated versions: written in one house, published by a second clinician of a
-- member house, and then the ways that referrals are written by. The services ask the same first.

-- Whoever writes the ways of an alliance that the own house is in.
CREATE FUNCTION app.writes_ways(of uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT app.kind() = 'staff' AND app.holds('pathway.manage')
          AND EXISTS (SELECT 1 FROM alliance_member m WHERE m.alliance_id = of AND m.institution_id = app.institution()) $$;
--> statement-breakpoint
CREATE FUNCTION app.guard_alliance_plan() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE changed text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'alliance_plan_stands';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF app.kind() = 'staff' AND (NEW.state <> 'draft' OR NEW.starter OR NEW.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a version begins as a draft of its author' USING ERRCODE = '42501', CONSTRAINT = 'alliance_plan_author';
    END IF;
    RETURN NEW;
  END IF;
  changed := app.changed_columns(to_jsonb(OLD), to_jsonb(NEW));
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'a version stands; write a further one' USING ERRCODE = 'YL001', CONSTRAINT = 'alliance_plan_stands';
  END IF;
  IF NEW.state = 'draft' THEN
    IF NOT changed <@ ARRAY['content', 'note', 'valid_from'] OR (app.kind() = 'staff' AND OLD.authored_by IS DISTINCT FROM app.person()) THEN
      RAISE EXCEPTION 'a draft is its author''s' USING ERRCODE = '42501', CONSTRAINT = 'alliance_plan_author';
    END IF;
  ELSE
    -- A draft that waited past its day begins on the day of its publication.
    IF NOT changed <@ ARRAY['state', 'published_by', 'published_at', 'valid_from'] OR NEW.valid_from < OLD.valid_from THEN
      RAISE EXCEPTION 'what is published is what was tried' USING ERRCODE = 'YL001', CONSTRAINT = 'alliance_plan_stands';
    END IF;
    IF app.kind() = 'staff' AND NEW.published_by IS DISTINCT FROM app.person() THEN
      RAISE EXCEPTION 'not in the own name' USING ERRCODE = '42501', CONSTRAINT = 'alliance_plan_publisher';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER alliance_plan_guard BEFORE INSERT OR UPDATE OR DELETE ON alliance_plan FOR EACH ROW EXECUTE FUNCTION app.guard_alliance_plan();
--> statement-breakpoint
-- Published: the ways before end on its day, its own begin. Referrals keep the way that they were written by.
CREATE FUNCTION app.open_ways() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE way jsonb; made uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(7105222, hashtext(NEW.alliance_id::text));
  IF EXISTS (SELECT 1 FROM alliance_plan p WHERE p.alliance_id = NEW.alliance_id AND p.id <> NEW.id AND p.state = 'published' AND p.valid_from > NEW.valid_from) THEN
    RAISE EXCEPTION 'a later version is published already' USING ERRCODE = 'YL001', CONSTRAINT = 'alliance_plan_order';
  END IF;
  UPDATE pathway SET valid_until = greatest(NEW.valid_from, valid_from)
    WHERE alliance_id = NEW.alliance_id AND (valid_until IS NULL OR valid_until > NEW.valid_from);
  FOR way IN SELECT value FROM jsonb_array_elements(NEW.content -> 'ways') LOOP
    INSERT INTO pathway (alliance_id, plan_id, direction, code, name_zh, name_en, name_bo, specialty_codes, review_days, follow_up_days, receivers,
        wanted_results, return_triggers, valid_from, source, recalled)
      VALUES (NEW.alliance_id, NEW.id, (way ->> 'direction')::referral_direction, way ->> 'code', way #>> '{names,zh}', way #>> '{names,en}', way #>> '{names,bo}',
        ARRAY(SELECT jsonb_array_elements_text(way -> 'specialtyCodes')), (way #>> '{followUpDays,0}')::smallint,
        ARRAY(SELECT value::smallint FROM jsonb_array_elements_text(way -> 'followUpDays')), way -> 'receivers', way -> 'wantedResults', way -> 'returnTriggers',
        NEW.valid_from, way ->> 'source', (way ->> 'recalled')::boolean)
      RETURNING id INTO made;
    INSERT INTO pathway_criterion (pathway_id, code, position, text_zh, text_en, text_bo, evidence)
      SELECT made, c.value ->> 'code', c.ordinality, c.value #>> '{names,zh}', c.value #>> '{names,en}', c.value #>> '{names,bo}', nullif(c.value -> 'evidence', 'null')
      FROM jsonb_array_elements(way -> 'criteria') WITH ORDINALITY AS c;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER alliance_plan_open_new AFTER INSERT ON alliance_plan FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION app.open_ways();
--> statement-breakpoint
CREATE TRIGGER alliance_plan_open AFTER UPDATE OF state ON alliance_plan FOR EACH ROW WHEN (NEW.state = 'published' AND OLD.state = 'draft') EXECUTE FUNCTION app.open_ways();
--> statement-breakpoint
-- Past referrals of an alliance to try a draft on: what was measured and ticked, and which house was asked. No person, no day, no words.
CREATE FUNCTION app.alliance_cases(of uuid, most integer) RETURNS TABLE (code text, direction referral_direction, urgency referral_urgency, state referral_state,
    vitals jsonb, criteria jsonb, "toInstitutionId" uuid, "toDepartmentId" uuid, specialty text, measured jsonb)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT p.code, r.direction, r.urgency, r.state, r.vitals - 'measuredAt', r.criteria, r.to_institution_id, r.to_department_id, d.specialty_code,
          (SELECT coalesce(jsonb_agg(f.vitals - 'measuredAt'), '[]') FROM follow_up f WHERE f.referral_id = r.id AND f.state = 'done')
        FROM referral r LEFT JOIN pathway p ON p.id = r.pathway_id AND p.alliance_id = of LEFT JOIN department d ON d.id = r.to_department_id
        WHERE app.writes_ways(of) AND r.submitted_at IS NOT NULL AND (p.id IS NOT NULL OR (
          EXISTS (SELECT 1 FROM alliance_member m WHERE m.alliance_id = of AND m.institution_id = r.from_institution_id)
          AND EXISTS (SELECT 1 FROM alliance_member m WHERE m.alliance_id = of AND m.institution_id = r.to_institution_id)))
        ORDER BY r.submitted_at DESC, r.id LIMIT least(most, 1000) $$;
--> statement-breakpoint
ALTER TABLE alliance_plan ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE alliance_plan FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY owner_all ON alliance_plan TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON alliance_plan TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY see ON alliance_plan FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (state = 'published' OR app.writes_ways(alliance_id)));
--> statement-breakpoint
CREATE POLICY write_ways ON alliance_plan FOR INSERT TO yilian_app WITH CHECK (app.writes_ways(alliance_id) AND state = 'draft');
--> statement-breakpoint
CREATE POLICY change_ways ON alliance_plan FOR UPDATE TO yilian_app USING (app.writes_ways(alliance_id));
--> statement-breakpoint
GRANT SELECT, INSERT ON alliance_plan TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (content, note, valid_from, state, published_by, published_at) ON alliance_plan TO yilian_app;
--> statement-breakpoint
-- The ways that are there become the first version of their alliance.
INSERT INTO alliance_plan (alliance_id, version, valid_from, state, starter, note, content)
SELECT p.alliance_id, 1, max(p.valid_from), 'draft', true, '随系统带来的起始版本',
  jsonb_build_object('ways', jsonb_agg(jsonb_build_object('code', p.code, 'direction', p.direction,
    'names', jsonb_build_object('zh', p.name_zh, 'en', p.name_en, 'bo', p.name_bo), 'specialtyCodes', to_jsonb(p.specialty_codes),
    'receivers', '[]'::jsonb, 'wantedResults', '[]'::jsonb, 'followUpDays', CASE WHEN p.review_days IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(p.review_days) END,
    'returnTriggers', '[]'::jsonb, 'source', p.source, 'recalled', p.recalled, 'criteria', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code,
      'names', jsonb_build_object('zh', c.text_zh, 'en', c.text_en, 'bo', c.text_bo), 'evidence', c.evidence) ORDER BY c.position), '[]')
      FROM pathway_criterion c WHERE c.pathway_id = p.id)) ORDER BY p.code))
FROM pathway p WHERE p.alliance_id IS NOT NULL AND p.valid_until IS NULL GROUP BY p.alliance_id;
--> statement-breakpoint
UPDATE pathway p SET plan_id = a.id FROM alliance_plan a WHERE a.alliance_id = p.alliance_id AND p.valid_until IS NULL;
--> statement-breakpoint
ALTER TABLE alliance_plan DISABLE TRIGGER alliance_plan_open;
--> statement-breakpoint
UPDATE alliance_plan SET state = 'published' WHERE starter;
--> statement-breakpoint
ALTER TABLE alliance_plan ENABLE TRIGGER alliance_plan_open;
--> statement-breakpoint
-- What a receiving team has ready is written by the head of its desk.
DROP POLICY manage ON transfer_ready_list;
--> statement-breakpoint
CREATE POLICY manage ON transfer_ready_list TO yilian_app USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('transfer.ready-list')))
  WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('transfer.ready-list')));
--> statement-breakpoint
-- Databases that are there already get the role and its permissions; an empty one is filled by the set-up.
INSERT INTO role (code, name_zh, name_en, name_bo) SELECT 'clinical-administrator', '临床管理员', 'Clinical administrator', 'སྨན་བཅོས་དོ་དམ་པ།'
  WHERE EXISTS (SELECT 1 FROM role) ON CONFLICT DO NOTHING;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT r.code, p.permission FROM role r JOIN (VALUES
  ('clinical-administrator', 'pathway.manage'), ('clinical-administrator', 'triage.rules'), ('clinical-administrator', 'transfer.ready-list'),
  ('clinical-administrator', 'referral.board'), ('referral-desk', 'transfer.ready-list'), ('consult-desk', 'transfer.ready-list'),
  ('alliance-administrator', 'transfer.ready-list')) AS p (code, permission) ON p.code = r.code ON CONFLICT DO NOTHING;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.writes_ways(uuid), app.guard_alliance_plan(), app.open_ways(), app.alliance_cases(uuid, integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.writes_ways(uuid), app.guard_alliance_plan(), app.open_ways(), app.alliance_cases(uuid, integer) TO yilian_app, yilian_owner;
