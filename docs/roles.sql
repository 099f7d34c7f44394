-- Roles for an outside PostgreSQL (15 or newer). Run once as its administrator, with passwords of your own.
-- The application's role is neither superuser nor owner nor BYPASSRLS: row policies bind it.
CREATE ROLE yilian_owner LOGIN PASSWORD 'change-me' NOSUPERUSER NOBYPASSRLS;
CREATE ROLE yilian_app   LOGIN PASSWORD 'change-me' NOSUPERUSER NOBYPASSRLS;
CREATE ROLE yilian_jobs  LOGIN PASSWORD 'change-me' NOSUPERUSER NOBYPASSRLS;
CREATE DATABASE yilian OWNER yilian_owner;
REVOKE ALL ON DATABASE yilian FROM PUBLIC;
GRANT CONNECT ON DATABASE yilian TO yilian_app, yilian_jobs;
-- For DEMO=1, or for institutions that keep their records here: one database each (docs/operations.md).
CREATE DATABASE yilian_records_sakya_chc OWNER yilian_owner;
CREATE DATABASE yilian_records_xuhui_central OWNER yilian_owner;
REVOKE ALL ON DATABASE yilian_records_sakya_chc, yilian_records_xuhui_central FROM PUBLIC;
GRANT CONNECT ON DATABASE yilian_records_sakya_chc, yilian_records_xuhui_central TO yilian_app;
-- Then start with
--   DATABASE_URL=postgres://yilian_app:…@host/yilian
--   MIGRATION_DATABASE_URL=postgres://yilian_owner:…@host/yilian
--   JOBS_DATABASE_URL=postgres://yilian_jobs:…@host/yilian
