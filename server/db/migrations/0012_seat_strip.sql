-- A week strip counts tens of thousands of seats: it reads a department's days from this index alone.
CREATE INDEX seat_strip ON seat (department_id, day) INCLUDE (segment_id, public_from, appointment_id, held_until, free_from);
