-- The media board: what nodes tell is written by the system alone, and read by whoever holds media.manage; which region's nodes
-- serve a house is read by everybody who places a room.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['media_line', 'media_region'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
    EXECUTE format('GRANT SELECT ON public.%I TO yilian_app', name);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT INSERT, UPDATE, DELETE ON media_line TO yilian_app;
--> statement-breakpoint
CREATE POLICY board_read ON media_line FOR SELECT TO yilian_app USING ((SELECT app.kind()) = 'staff' AND (SELECT app.holds('media.manage')));
--> statement-breakpoint
CREATE POLICY place_read ON media_region FOR SELECT TO yilian_app USING ((SELECT app.kind()) <> 'none');
--> statement-breakpoint
-- A node is emptied by order of whoever holds media.manage; the order stands until the node starts anew.
CREATE FUNCTION app.drain_media_node(of_node text, at timestamptz) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT app.holds('media.manage') THEN RETURN false; END IF;
  UPDATE media_node SET drain_asked_at = coalesce(drain_asked_at, at) WHERE id = of_node;
  RETURN FOUND;
END $$;
--> statement-breakpoint
CREATE FUNCTION app.set_media_region(of_institution uuid, its_region text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, app, pg_temp AS $$
BEGIN
  IF NOT app.holds('media.manage') THEN RETURN; END IF;
  IF its_region IS NULL THEN
    DELETE FROM media_region WHERE institution_id = of_institution;
  ELSE
    INSERT INTO media_region (institution_id, region) VALUES (of_institution, its_region)
      ON CONFLICT (institution_id) DO UPDATE SET region = excluded.region;
  END IF;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION app.drain_media_node(text, timestamptz), app.set_media_region(uuid, text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app.drain_media_node(text, timestamptz), app.set_media_region(uuid, text) TO yilian_app;
