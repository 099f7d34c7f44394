-- A write that nobody is to be told of looks once whether there is a subscription, not twice.
CREATE OR REPLACE FUNCTION fhir.note_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A write is an INSERT and an UPDATE, of which one has nothing.
  IF NOT EXISTS (SELECT 1 FROM new_rows) THEN RETURN NULL; END IF;
  -- Whoever has no subscription pays this one look.
  IF NOT EXISTS (SELECT 1 FROM public.subscription_run s WHERE s.tenant = fhir.tenant() AND s.recording) THEN
    RETURN NULL;
  END IF;
  INSERT INTO public.subscription_event (tenant, subscription, at, resource, type, resource_id, version, method, patients, labels)
  SELECT n.tenant, s.id, n.last_updated, n.key, n.type, n.id, n.version, n.method, n.patients, n.labels
  FROM new_rows n JOIN public.subscription_run s ON s.tenant = n.tenant AND s.recording
  WHERE n.type <> 'Subscription' AND (s.types IS NULL OR n.type = ANY (s.types))
    AND NOT EXISTS (
      SELECT 1 FROM jsonb_to_recordset(s.filters) f(type text, patients text[], ids text[], statuses text[])
      WHERE (f.type IS NULL OR f.type = n.type)
        AND NOT coalesce((f.patients IS NULL OR n.patients && f.patients) AND (f.ids IS NULL OR n.id = ANY (f.ids))
          AND (f.statuses IS NULL OR n.content->>'status' = ANY (f.statuses)), false))
  ORDER BY n.key, s.id;
  RETURN NULL;
END $$;
