-- Reads of several callers may share a transaction (server/fhir/store/read-batch.ts). One of them that
-- waits for the disk, a refusal or an emergency access, makes all of them wait, whatever its place.
CREATE OR REPLACE FUNCTION fhir.audit(
  p_caller jsonb, p_interaction text, p_type text, p_id text, p_outcome text,
  p_patients text[], p_entities text[], p_query text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_interaction IN ('read', 'vread', 'search', 'history', 'everything')
    AND p_outcome = 'ok' AND p_caller->>'purpose' <> 'emergency' THEN
    -- A transaction that has written something already keeps its promise.
    IF pg_current_xact_id_if_assigned() IS NULL THEN
      PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
  ELSIF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  INSERT INTO public.audit_event (tenant, at, actor_kind, actor, actor_name, institution, purpose, reason,
    interaction, type, resource_id, entities, patients, query, outcome, correlation_id, address, client, client_name)
  VALUES ((p_caller->>'tenant')::uuid, (p_caller->>'at')::timestamptz, p_caller->>'kind', p_caller->>'actor',
    p_caller->>'name', (p_caller->>'institution')::uuid, p_caller->>'purpose', p_caller->>'reason',
    p_interaction, p_type, p_id, coalesce(p_entities, '{}'), coalesce(p_patients, '{}'), p_query, p_outcome,
    p_caller->>'correlation', p_caller->>'address', p_caller->>'client', p_caller->>'clientName');
END $$;
