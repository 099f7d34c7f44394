ALTER TABLE "referral_outside" ADD COLUMN "results" jsonb DEFAULT '[]'::jsonb NOT NULL;
--> statement-breakpoint
-- The desk's queue in its order, and how long it is, without reading its rows: the repository asks in these very words. The columns beside
-- are those that the row policies ask for.
CREATE INDEX referral_queue ON referral (to_institution_id, array_position(ARRAY['emergency', 'urgent', 'routine']::referral_urgency[], urgency),
  (CASE WHEN state = 'submitted' THEN respond_by ELSE held_until END), submitted_at) INCLUDE (id, state, from_institution_id, patient_id, patient_asked_at)
  WHERE submitted_at IS NOT NULL AND state IN ('submitted', 'more-info-asked', 'accepted', 'booked', 'on-the-way', 'no-show', 'cancel-asked');
