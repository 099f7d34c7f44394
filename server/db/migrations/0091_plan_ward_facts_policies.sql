-- A version of an alliance's ways also says which diagnoses a way takes and what a ward looks up of its criteria.
CREATE OR REPLACE FUNCTION app.open_ways() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, app, pg_temp AS $$
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
        wanted_results, return_triggers, valid_from, source, recalled, diagnosis_prefixes)
      VALUES (NEW.alliance_id, NEW.id, (way ->> 'direction')::referral_direction, way ->> 'code', way #>> '{names,zh}', way #>> '{names,en}', way #>> '{names,bo}',
        ARRAY(SELECT jsonb_array_elements_text(way -> 'specialtyCodes')), (way #>> '{followUpDays,0}')::smallint,
        ARRAY(SELECT value::smallint FROM jsonb_array_elements_text(way -> 'followUpDays')), way -> 'receivers', way -> 'wantedResults', way -> 'returnTriggers',
        NEW.valid_from, way ->> 'source', (way ->> 'recalled')::boolean,
        ARRAY(SELECT jsonb_array_elements_text(coalesce(way -> 'diagnosisPrefixes', '[]'))))
      RETURNING id INTO made;
    INSERT INTO pathway_criterion (pathway_id, code, position, text_zh, text_en, text_bo, evidence, ward_fact)
      SELECT made, c.value ->> 'code', c.ordinality, c.value #>> '{names,zh}', c.value #>> '{names,en}', c.value #>> '{names,bo}', nullif(c.value -> 'evidence', 'null'),
        nullif(c.value -> 'wardFact', 'null')
      FROM jsonb_array_elements(way -> 'criteria') WITH ORDINALITY AS c;
  END LOOP;
  RETURN NULL;
END $$;
