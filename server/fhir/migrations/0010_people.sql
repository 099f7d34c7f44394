-- The people whom a caller's view ends at, all limits together; null when one of them ends at nobody. A
-- search asks it before fhir.visible: comparing two lists costs a fraction of calling a function per row, and
-- what it lets through is judged all the same. Nothing that fhir.within shows lies outside of it.
CREATE FUNCTION fhir.people() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN bool_and(l->'people' <> 'null')
    THEN ARRAY(SELECT DISTINCT p FROM jsonb_array_elements(fhir.limits()) l2, jsonb_array_elements_text(l2->'people') p) END
  FROM jsonb_array_elements(fhir.limits()) l
$$;
REVOKE EXECUTE ON FUNCTION fhir.people() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fhir.people() TO yilian_app;
