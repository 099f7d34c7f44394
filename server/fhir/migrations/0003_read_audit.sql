-- The audit row of a read is part of its statement, but the answer does not wait for the disk: waiting
-- costs ten times what the read itself costs. Only when the database's machine itself fails can the rows
-- of the last half second of reads be missing; they are never missing for what was written, for an
-- emergency access or for a refusal, which wait as every change does.
CREATE OR REPLACE FUNCTION fhir.audit(
  p_caller jsonb, p_interaction text, p_type text, p_id text, p_outcome text,
  p_patients text[], p_entities text[], p_query text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_interaction IN ('read', 'vread', 'search', 'history', 'everything') THEN
    -- A transaction that has written something already keeps its promise.
    IF p_outcome = 'ok' AND p_caller->>'purpose' <> 'emergency' AND pg_current_xact_id_if_assigned() IS NULL THEN
      PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
  ELSIF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  INSERT INTO public.audit_event (tenant, at, actor_kind, actor, actor_name, institution, purpose, reason,
    interaction, type, resource_id, entities, patients, query, outcome, correlation_id, address)
  VALUES ((p_caller->>'tenant')::uuid, (p_caller->>'at')::timestamptz, p_caller->>'kind', p_caller->>'actor',
    p_caller->>'name', (p_caller->>'institution')::uuid, p_caller->>'purpose', p_caller->>'reason',
    p_interaction, p_type, p_id, coalesce(p_entities, '{}'), coalesce(p_patients, '{}'), p_query, p_outcome,
    p_caller->>'correlation', p_caller->>'address');
END $$;
