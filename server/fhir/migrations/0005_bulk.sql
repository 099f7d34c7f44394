-- Exports and imports of many resources: what was asked, how far it is, and what could not be taken.
-- An import's progress is written in the transaction of its resources, so that after a crash it goes on
-- where it was and nothing is taken twice.
CREATE TABLE bulk_job (
  id uuid PRIMARY KEY,
  tenant uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('export', 'import')),
  -- receiving: the file is being sent; only imports.
  state text NOT NULL CHECK (state IN ('receiving', 'waiting', 'running', 'done', 'failed', 'cancelled')),
  -- Who asked, as the store is asked in his name, and his id for "is it his".
  caller jsonb NOT NULL,
  actor text NOT NULL,
  -- Export: the address as asked. Import: the file's name.
  request text NOT NULL,
  plan jsonb NOT NULL,
  cursor jsonb NOT NULL DEFAULT '{}',
  -- Whoever writes progress names the step that he found: of two workers one goes on.
  step int NOT NULL DEFAULT 0,
  done bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  -- Why it failed as a whole, a code.
  fault text,
  created_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3),
  expires_at timestamptz(3) NOT NULL
);
CREATE INDEX bulk_job_of_tenant ON bulk_job (tenant, kind, created_at DESC);

-- What an import could not take, by line and entry.
CREATE TABLE bulk_fault (
  job uuid NOT NULL REFERENCES bulk_job ON DELETE CASCADE,
  tenant uuid NOT NULL,
  n int NOT NULL,
  line int NOT NULL,
  entry int,
  type text,
  resource_id text,
  reason text NOT NULL,
  -- Elements and rules of FHIR that it breaks; no content of the record.
  detail text,
  PRIMARY KEY (job, n)
);

-- An export visits each resource of a type once, whatever is written meanwhile.
CREATE INDEX resource_of_type_by_key ON resource (tenant, type, key);

ALTER TABLE bulk_job ENABLE ROW LEVEL SECURITY;
ALTER TABLE bulk_job FORCE ROW LEVEL SECURITY;
ALTER TABLE bulk_fault ENABLE ROW LEVEL SECURITY;
ALTER TABLE bulk_fault FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON bulk_job USING (tenant = (SELECT fhir.tenant()));
CREATE POLICY tenant ON bulk_fault USING (tenant = (SELECT fhir.tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON bulk_job TO yilian_app;
GRANT SELECT, INSERT, DELETE ON bulk_fault TO yilian_app;
