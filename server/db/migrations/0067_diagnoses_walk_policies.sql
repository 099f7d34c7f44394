-- Diagnoses, vital signs and files of consults are in the records: stores that were walked through are walked
-- again from the consults on. What is the same writes nothing.
UPDATE record_projection SET walk_kind = 'consult', walk_after = '' WHERE walk_kind IS NULL;
