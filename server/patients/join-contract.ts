/** Two registrations of one person: what is laid side by side, joined, and taken apart again. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { joinBases, patientSexes } from "./domain.ts";

/** How alike: certain has the same ID card; a single name without one is never more than possible. */
export const likenesses = ["certain", "likely", "possible", "unknown", "none"] as const;
export type Likeness = (typeof likenesses)[number];

const house = z.object({ id: uuid, name: z.string() });
/** What may be said of a registration that another house keeps. */
export const likeCard = z.object({
  id: uuid,
  fullName: z.string().nullable(),
  fullNameBo: z.string().nullable(),
  sex: z.enum(patientSexes),
  birthDate: day.nullable(),
  unknownPerson: z.boolean(),
  house,
  registeredAt: instant,
});
export const possibleDuplicate = likeCard.extend({ alike: z.enum(likenesses) });
export type PossibleDuplicate = z.infer<typeof possibleDuplicate>;
export const possibleDuplicates = z.object({ possible: z.array(possibleDuplicate) });

/** Kinds of things that hang on a registration. */
export const hangingKinds = [
  "episodes",
  "referrals",
  "appointments",
  "beds",
  "follow-ups",
  "consults",
  "consents",
  "fever-visits",
  "triage",
] as const;
export const hanging = z.object({
  kind: z.enum(hangingKinds),
  open: z.number().int(),
  total: z.number().int(),
});
export const side = likeCard.extend({
  birthDateEstimated: z.boolean(),
  ethnicGroup: z.string().nullable(),
  address: z.string().nullable(),
  residentIdMasked: z.string().nullable(),
  unknownNote: z.string().nullable(),
  contacts: z.array(z.object({ relation: z.string(), phoneMasked: z.string() })),
  hanging: z.array(hanging),
});
export type JoinSide = z.infer<typeof side>;

/** Why two may not be joined as asked; a sentence for each is in the catalogue. */
export const joinObstacles = ["identity", "two-beds", "survivor", "joined"] as const;
export type JoinObstacle = (typeof joinObstacles)[number];

export const compareQuery = z.object({ one: uuid, other: uuid });
export const comparison = z.object({
  one: side,
  other: side,
  alike: z.enum(likenesses),
  /** Names of the facts that are not the same. */
  differs: z.array(z.string()),
  /** The one that has to go on; null: either may. */
  goesOn: uuid.nullable(),
  obstacle: z.enum(joinObstacles).nullable(),
  /** Open episodes of both: where there are two, one is named that goes on. */
  episodes: z.array(
    z.object({
      id: uuid,
      number: z.string(),
      reason: z.string().nullable(),
      patientId: uuid,
      openedAt: instant,
    }),
  ),
});
export const joinBody = z
  .object({
    duplicateId: uuid,
    survivorId: uuid,
    basis: z.enum(joinBases),
    reason: line(500).min(4),
    episodeId: uuid.nullish(),
  })
  .strict();
export const joinLink = z.object({
  id: uuid,
  duplicateId: uuid,
  duplicateName: z.string(),
  survivorId: uuid,
  survivorName: z.string(),
  basis: z.enum(joinBases),
  reason: z.string(),
  joinedBy: z.string(),
  joinedAt: instant,
  separatedAt: instant.nullable(),
  separatedBy: z.string().nullable(),
  separationReason: z.string().nullable(),
});
/** Two that were found alike and are two people. */
export const apartView = z.object({
  id: uuid,
  one: likeCard,
  other: likeCard,
  reason: z.string(),
  saidBy: z.string(),
  saidAt: instant,
  /** The facts that it was said of have changed: the pair is proposed again. */
  outdated: z.boolean(),
});
export type ApartView = z.infer<typeof apartView>;
export const apartBody = z.object({ one: uuid, other: uuid, reason: line(500).min(4) }).strict();
export const apartBackBody = z.object({ reason: line(500).min(4) }).strict();
export const apartAnswer = z.object({ id: uuid });
export const joinAnswer = z.object({ link: joinLink });
export const joinList = z.object({
  pairs: z.array(z.object({ one: likeCard, other: likeCard, alike: z.enum(likenesses) })),
  joined: z.array(joinLink),
  apart: z.array(apartView),
});
export const separateBody = z.object({ reason: line(500).min(4) }).strict();
/** Both as they were; what was written since the joining stays where it was written, and is listed for a person. */
export const separateAnswer = z.object({ link: joinLink, writtenSince: z.array(hanging) });
