import type { TriageContent } from "../grammar.ts";
import { starterComplaints } from "./complaints.ts";
import { starterRedFlags } from "./red-flags.ts";
import { starterQuestions, starterRules } from "./rules.ts";

/** The rules that every database starts with: for the whole alliance, from 2026 on. */
export const starterContent: TriageContent = {
  complaints: starterComplaints,
  redFlags: starterRedFlags,
  questions: starterQuestions,
  rules: starterRules,
  dropped: [],
};
