-- Tables of an evening that samplers choose, hand over and close; phones that see tonight's sites and come with
-- their group; calls and coordinates; policies of cards; a late tube that somebody answers for.

ALTER TABLE locality ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE locality FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY owner_all ON locality TO yilian_owner USING (true) WITH CHECK (true);
--> statement-breakpoint
CREATE POLICY internal_all ON locality TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()));
--> statement-breakpoint
CREATE POLICY everyone_reads ON locality FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
GRANT SELECT ON locality TO yilian_app;
--> statement-breakpoint
-- The middle of each, to about a kilometre; recalled, not read from a register.
INSERT INTO locality (code, area_zh, area_en, area_bo, name_zh, name_en, name_bo, latitude, longitude, source, recalled) VALUES
  ('310106-jiangning', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '江宁路街道', 'Jiangning Road', NULL, 31.2390, 121.4480, '各街道镇中心，约数', true),
  ('310106-shimen2', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '石门二路街道', 'Shimen 2nd Road', NULL, 31.2370, 121.4580, '各街道镇中心，约数', true),
  ('310106-nanjingxi', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '南京西路街道', 'Nanjing West Road', NULL, 31.2280, 121.4600, '各街道镇中心，约数', true),
  ('310106-jingansi', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '静安寺街道', 'Jing''an Temple', NULL, 31.2230, 121.4450, '各街道镇中心，约数', true),
  ('310106-caojiadu', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '曹家渡街道', 'Caojiadu', NULL, 31.2350, 121.4370, '各街道镇中心，约数', true),
  ('310106-tianmuxi', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '天目西路街道', 'Tianmu West Road', NULL, 31.2490, 121.4520, '各街道镇中心，约数', true),
  ('310106-beizhan', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '北站街道', 'Beizhan', NULL, 31.2480, 121.4720, '各街道镇中心，约数', true),
  ('310106-baoshan', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '宝山路街道', 'Baoshan Road', NULL, 31.2570, 121.4740, '各街道镇中心，约数', true),
  ('310106-zhijiangxi', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '芷江西路街道', 'Zhijiang West Road', NULL, 31.2600, 121.4610, '各街道镇中心，约数', true),
  ('310106-gonghexin', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '共和新路街道', 'Gonghe New Road', NULL, 31.2690, 121.4520, '各街道镇中心，约数', true),
  ('310106-daning', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '大宁路街道', 'Daning Road', NULL, 31.2790, 121.4560, '各街道镇中心，约数', true),
  ('310106-pengpuxincun', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '彭浦新村街道', 'Pengpu New Village', NULL, 31.3040, 121.4500, '各街道镇中心，约数', true),
  ('310106-linfen', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '临汾路街道', 'Linfen Road', NULL, 31.3120, 121.4560, '各街道镇中心，约数', true),
  ('310106-pengpu', '静安区', 'Jing''an', 'ཅིང་ཨན་ཆུས།', '彭浦镇', 'Pengpu Town', NULL, 31.2920, 121.4420, '各街道镇中心，约数', true),
  ('310104-xujiahui', '徐汇区', 'Xuhui', 'ཤུའུ་ཧུའེ་ཆུས།', '徐家汇街道', 'Xujiahui', NULL, 31.1950, 121.4370, '各街道镇中心，约数', true),
  ('310104-tianping', '徐汇区', 'Xuhui', 'ཤུའུ་ཧུའེ་ཆུས།', '天平路街道', 'Tianping Road', NULL, 31.2040, 121.4430, '各街道镇中心，约数', true),
  ('310104-hunan', '徐汇区', 'Xuhui', 'ཤུའུ་ཧུའེ་ཆུས།', '湖南路街道', 'Hunan Road', NULL, 31.2120, 121.4480, '各街道镇中心，约数', true),
  ('540224-sakya', '萨迦县', 'Sakya', 'ས་སྐྱ་རྫོང་།', '萨迦镇', 'Sakya Town', 'ས་སྐྱ་གྲོང་རྡལ།', 28.9050, 88.0220, '各乡镇中心，约数', true),
  ('540224-jiding', '萨迦县', 'Sakya', 'ས་སྐྱ་རྫོང་།', '吉定镇', 'Jiding Town', 'སྐྱིད་སྡིངས་གྲོང་རྡལ།', 29.0900, 88.0500, '各乡镇中心，约数', true),
  ('540224-mabujia', '萨迦县', 'Sakya', 'ས་སྐྱ་རྫོང་།', '麻布加乡', 'Mabujia Township', 'མ་བུ་བྱ་ཤང་།', 28.8200, 87.8200, '各乡镇中心，约数', true);
--> statement-breakpoint
-- Whoever takes swabs for the institution sees its tables of tonight and who is free: what a lead would say aloud.
CREATE FUNCTION app.surge_tables(now_at timestamptz) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF app.institution() IS NULL OR NOT app.holds('sampling.collect') THEN RETURN NULL; END IF;
  RETURN jsonb_build_object(
    'tables', coalesce((SELECT jsonb_agg(jsonb_build_object('id', s.station_id, 'surgeId', u.id, 'title', u.title, 'site', t.name_zh, 'place', t.place, 'number', s.number,
        'priority', s.priority, 'state', g.state, 'sampler', o.name, 'mine', coalesce(g.sampler_id = app.person(), false), 'queue', s.queue) ORDER BY u.starts_at, t.name_zh, s.number)
      FROM surge u JOIN surge_station s ON s.surge_id = u.id JOIN sampling_station g ON g.id = s.station_id JOIN sampling_site t ON t.id = s.site_id LEFT JOIN person o ON o.id = g.sampler_id
      WHERE u.institution_id = app.institution() AND u.state IN ('open', 'closing')), '[]'),
    'colleagues', coalesce((SELECT jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) ORDER BY c.name) FROM (
        SELECT DISTINCT o.id, o.name FROM role_assignment a JOIN role_permission p ON p.role_code = a.role_code JOIN person o ON o.id = a.person_id
        WHERE a.institution_id = app.institution() AND p.permission = 'sampling.collect' AND (a.valid_until IS NULL OR a.valid_until > now_at) AND o.id <> app.person()
          AND NOT EXISTS (SELECT 1 FROM sampling_station g WHERE g.sampler_id = o.id AND g.state <> 'closed')) c), '[]'));
END $$;
--> statement-breakpoint
-- What a sampler has begun is ended before the table is left: a tube that still fills belongs to whoever opened it.
CREATE FUNCTION app.unsealed_at(station uuid, of_person uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM tube t WHERE t.station_id = station AND t.opened_by = of_person AND t.state IN ('open', 'collecting')) $$;
--> statement-breakpoint
-- A sampler sits down at a table of his choice. Null: done, or there already.
CREATE FUNCTION app.take_table(at_station uuid, now_at timestamptz) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
DECLARE s surge_station; g sampling_station; me uuid := app.person();
BEGIN
  SELECT x.* INTO s FROM surge_station x JOIN surge u ON u.id = x.surge_id WHERE x.station_id = at_station AND u.state IN ('open', 'closing') AND u.institution_id = app.institution();
  IF NOT FOUND OR me IS NULL OR NOT app.holds('sampling.collect') THEN RETURN 'unknown'; END IF;
  SELECT x.* INTO g FROM sampling_station x WHERE x.id = at_station FOR UPDATE;
  IF g.sampler_id = me THEN RETURN NULL; END IF;
  IF g.sampler_id IS NOT NULL THEN RETURN 'taken'; END IF;
  IF EXISTS (SELECT 1 FROM sampling_station x WHERE x.sampler_id = me AND app.unsealed_at(x.id, me)) THEN RETURN 'unsealed'; END IF;
  IF EXISTS (SELECT 1 FROM sampling_duty d JOIN sampling_site t ON t.id = d.site_id WHERE d.person_id = me AND d.ended_at IS NULL AND t.institution_id <> app.institution()) THEN RETURN 'elsewhere'; END IF;
  UPDATE sampling_station x SET sampler_id = NULL, state = 'closed', changed_at = now_at WHERE x.sampler_id = me;
  UPDATE sampling_duty d SET ended_at = now_at WHERE d.person_id = me AND d.ended_at IS NULL;
  INSERT INTO sampling_duty (person_id, site_id, station_id, day, started_at, assigned_by)
    VALUES (me, s.site_id, at_station, (now_at AT TIME ZONE 'Asia/Shanghai')::date, now_at, me);
  UPDATE sampling_station x SET sampler_id = me, state = 'open', changed_at = now_at WHERE x.id = at_station;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- And leaves it: to a colleague who goes on at once, or closed, whereupon the next turn sends its people to the others.
CREATE FUNCTION app.leave_table(to_person uuid, now_at timestamptz) RETURNS TABLE (station_id uuid, problem text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE g sampling_station; me uuid := app.person();
BEGIN
  SELECT x.* INTO g FROM sampling_station x JOIN surge_station s ON s.station_id = x.id WHERE x.sampler_id = me AND x.state <> 'closed' FOR UPDATE OF x;
  IF NOT FOUND OR NOT app.holds('sampling.collect') THEN RETURN QUERY SELECT NULL::uuid, 'none'; RETURN; END IF;
  IF app.unsealed_at(g.id, me) THEN RETURN QUERY SELECT g.id, 'unsealed'; RETURN; END IF;
  IF to_person IS NOT NULL AND (to_person = me OR NOT EXISTS (SELECT 1 FROM role_assignment a JOIN role_permission p ON p.role_code = a.role_code WHERE a.person_id = to_person
         AND a.institution_id = app.institution() AND p.permission = 'sampling.collect' AND (a.valid_until IS NULL OR a.valid_until > now_at))
       OR EXISTS (SELECT 1 FROM sampling_station x WHERE x.sampler_id = to_person AND x.state <> 'closed')
       OR EXISTS (SELECT 1 FROM sampling_duty d JOIN sampling_site t ON t.id = d.site_id WHERE d.person_id = to_person AND d.ended_at IS NULL AND t.institution_id <> app.institution())) THEN
    RETURN QUERY SELECT g.id, 'busy'; RETURN;
  END IF;
  UPDATE sampling_duty d SET ended_at = now_at WHERE d.person_id IN (me, to_person) AND d.ended_at IS NULL;
  IF to_person IS NOT NULL THEN
    INSERT INTO sampling_duty (person_id, site_id, station_id, day, started_at, assigned_by)
      VALUES (to_person, g.site_id, g.id, (now_at AT TIME ZONE 'Asia/Shanghai')::date, now_at, me);
  END IF;
  UPDATE sampling_station x SET sampler_id = to_person, state = (CASE WHEN to_person IS NULL THEN 'closed' ELSE 'open' END)::sampling_station_state, changed_at = now_at WHERE x.id = g.id;
  RETURN QUERY SELECT g.id, NULL::text;
END $$;
--> statement-breakpoint
-- Tonight's sites for phones: where, how many wait, how long: numbers, never who.
CREATE FUNCTION app.open_surges() RETURNS TABLE (site_id uuid, institution_id uuid, title text, name_zh text, name_en text, name_bo text, place text, fever_place text, ends_at timestamptz,
    tables integer, waiting integer, per_hour real, latitude double precision, longitude double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, app, pg_temp
  AS $$ SELECT t.id, u.institution_id, u.title, t.name_zh, t.name_en, t.name_bo, t.place, t.fever_place, u.ends_at, g.n::integer, w.n::integer, g.pace::real,
          coalesce(t.latitude, i.latitude), coalesce(t.longitude, i.longitude)
        FROM surge u JOIN surge_site x ON x.surge_id = u.id JOIN sampling_site t ON t.id = x.site_id JOIN institution i ON i.id = u.institution_id
          CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(s.per_hour), 0) AS pace FROM surge_station s WHERE s.site_id = t.id AND s.open) g
          CROSS JOIN LATERAL (SELECT count(*) AS n FROM surge_place p WHERE p.site_id = t.id AND p.state = 'waiting') w
        WHERE u.state = 'open' AND app.kind() <> 'none' ORDER BY t.name_zh $$;
--> statement-breakpoint
-- As before, and also with the code of a family, company or class that was made for this site.
DROP FUNCTION app.surge_join(uuid, uuid[], text[], text, date, timestamptz);
--> statement-breakpoint
CREATE FUNCTION app.surge_join(at_site uuid, people uuid[], codes text[], family text, on_day date, now_at timestamptz, with_group text DEFAULT NULL)
  RETURNS TABLE (patient_id uuid, registration_id uuid, problem text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
#variable_conflict use_column
DECLARE s sampling_site; g sampling_group; together uuid; one uuid; made uuid; i integer := 0;
BEGIN
  SELECT t.* INTO s FROM sampling_site t JOIN surge_site x ON x.site_id = t.id JOIN surge u ON u.id = x.surge_id AND u.state = 'open' WHERE t.id = at_site;
  IF NOT FOUND THEN RETURN QUERY SELECT p, NULL::uuid, 'closed' FROM unnest(people) p; RETURN; END IF;
  IF EXISTS (SELECT 1 FROM unnest(people) p WHERE NOT app.may_act_for(p)) THEN RETURN QUERY SELECT p, NULL::uuid, 'not-allowed' FROM unnest(people) p; RETURN; END IF;
  IF with_group IS NOT NULL THEN
    SELECT x.* INTO g FROM sampling_group x WHERE x.code = upper(with_group) AND x.site_id = s.id AND x.day = on_day;
    IF NOT FOUND THEN RETURN QUERY SELECT p, NULL::uuid, 'group-unknown' FROM unnest(people) p; RETURN; END IF;
    IF g.closed_at IS NOT NULL THEN RETURN QUERY SELECT p, NULL::uuid, 'group-closed' FROM unnest(people) p; RETURN; END IF;
    together := g.id;
  ELSIF cardinality(people) > 1 THEN
    INSERT INTO sampling_group (code, kind, name, site_id, day, owner_phone_index, owner_person_id)
      VALUES (family, 'family', '-', s.id, on_day, app.phone_index(), CASE WHEN app.phone_index() IS NULL THEN (SELECT u.prepared_by FROM surge u JOIN surge_site x ON x.surge_id = u.id WHERE x.site_id = s.id) END)
      RETURNING id INTO together;
  END IF;
  IF together IS NOT NULL THEN
    INSERT INTO sampling_group_member (group_id, patient_id, joined_at, joined_by_phone_index) SELECT together, p, now_at, app.phone_index() FROM unnest(people) p ON CONFLICT DO NOTHING;
  END IF;
  FOREACH one IN ARRAY people LOOP
    i := i + 1;
    made := NULL;
    INSERT INTO test_registration (patient_id, site_id, institution_id, code, source, group_id, purpose, priority, day, expected_at, state, arrived_at)
      SELECT p.id, s.id, s.institution_id, codes[i], (CASE WHEN together IS NULL THEN 'walk-in' ELSE 'group' END)::test_registration_source, together, 'surge', app.priority_of(p.birth_date, on_day), on_day, now_at, 'waiting', now_at
      FROM patient p WHERE p.id = one AND NOT EXISTS (SELECT 1 FROM test_registration o JOIN surge_site x ON x.site_id = o.site_id
          WHERE o.patient_id = one AND o.day = on_day AND o.state = 'sampled' AND x.surge_id = (SELECT y.surge_id FROM surge_site y WHERE y.site_id = s.id))
      ON CONFLICT (patient_id, day) WHERE state IN ('registered', 'waiting') DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
      RETURN QUERY SELECT one, (SELECT r.id FROM test_registration r WHERE r.patient_id = one AND r.day = on_day AND r.state IN ('registered', 'waiting', 'sampled') ORDER BY r.created_at DESC LIMIT 1), 'already';
    ELSE
      RETURN QUERY SELECT one, made, NULL::text;
    END IF;
  END LOOP;
END $$;
--> statement-breakpoint
-- Policies of cards are dated rows that nobody changes afterwards; who sets them is named by the row, and what was
-- only recalled says so until a clinician has looked.
CREATE POLICY keep ON card_policy FOR INSERT TO yilian_app WITH CHECK ((SELECT app.holds('card.policy')) AND entered_by = (SELECT app.person()));
--> statement-breakpoint
CREATE FUNCTION app.guard_card_policy() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NOT app.changed_columns(to_jsonb(OLD), to_jsonb(NEW)) <@ ARRAY['checked_by', 'checked_at'] OR OLD.checked_at IS NOT NULL OR NEW.checked_by IS NOT DISTINCT FROM OLD.entered_by THEN
      RAISE EXCEPTION 'what counted from a day on stands' USING ERRCODE = '42501', CONSTRAINT = 'card_policy_fixed';
    END IF;
    RETURN NEW;
  END IF;
  IF app.kind() = 'staff' AND (NEW.checked_at IS NOT NULL OR NEW.valid_from < (NEW.entered_at AT TIME ZONE 'Asia/Shanghai')::date) THEN
    RAISE EXCEPTION 'a policy begins today or later, and somebody else checks it' USING ERRCODE = '42501', CONSTRAINT = 'card_policy_begins';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER card_policy_guard BEFORE INSERT OR UPDATE ON card_policy FOR EACH ROW EXECUTE FUNCTION app.guard_card_policy();
--> statement-breakpoint
CREATE POLICY look ON card_policy FOR UPDATE TO yilian_app USING ((SELECT app.holds('infectious-report.receive'))) WITH CHECK (checked_by = (SELECT app.person()));
--> statement-breakpoint
GRANT UPDATE (checked_by, checked_at) ON card_policy TO yilian_app;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.surge_tables(timestamptz), app.unsealed_at(uuid, uuid), app.take_table(uuid, timestamptz), app.leave_table(uuid, timestamptz), app.open_surges(),
  app.surge_join(uuid, uuid[], text[], text, date, timestamptz, text), app.guard_card_policy() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.surge_tables(timestamptz), app.take_table(uuid, timestamptz), app.leave_table(uuid, timestamptz), app.open_surges(),
  app.surge_join(uuid, uuid[], text[], text, date, timestamptz, text) TO yilian_app, yilian_owner;
--> statement-breakpoint
INSERT INTO role_permission (role_code, permission) SELECT code, 'card.policy' FROM role WHERE code IN ('alliance-administrator', 'health-commission') ON CONFLICT DO NOTHING;
