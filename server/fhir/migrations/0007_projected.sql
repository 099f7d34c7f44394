-- What is projected from the alliance's own tables changes by the projection alone: whoever else writes it is
-- refused, however the write came. The projection says so in its transaction (server/records/projection).
-- SQLSTATE YF409, DETAIL is the type.
CREATE FUNCTION fhir.guard_projected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('fhir.projecting', true), '') <> 'on' THEN
    RAISE EXCEPTION 'a projected resource changes where it is made' USING ERRCODE = 'YF409', DETAIL = OLD.type;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER resource_guard_projected BEFORE UPDATE ON resource
  FOR EACH ROW WHEN (OLD.source = 'projected') EXECUTE FUNCTION fhir.guard_projected();
REVOKE EXECUTE ON FUNCTION fhir.guard_projected() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fhir.guard_projected() TO yilian_app;
