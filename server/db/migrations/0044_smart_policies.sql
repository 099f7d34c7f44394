-- Systems of an institution are registered and ended by who is responsible for its records; a token is given
-- by the server itself. A client is never deleted and never changes its institution, its keys or its scopes.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['smart_client', 'smart_assertion'] LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY owner_all ON public.%I TO yilian_owner USING (true) WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY internal_all ON public.%I TO yilian_app USING ((SELECT app.internal())) WITH CHECK ((SELECT app.internal()))', name);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE POLICY manage ON smart_client TO yilian_app
  USING (institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage')))
  WITH CHECK (institution_id = (SELECT app.institution()) AND (SELECT app.holds('record.manage')));
--> statement-breakpoint
GRANT SELECT, INSERT ON smart_client TO yilian_app;
--> statement-breakpoint
GRANT UPDATE (disabled_at) ON smart_client TO yilian_app;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON smart_assertion TO yilian_app;
