/** What the field's rules allow on one prescription: how many, for how long, which classes, by which way. */
import type { CheckWork, Item } from "./checks.ts";
import { nameOf } from "./checks.ts";
import {
  internetExcluded,
  isChronicInfection,
  limitSources,
  longExcluded,
  specialForm,
} from "./limits.ts";
import { unitsNeeded } from "./line.ts";
import { classWords } from "./warning.ts";

export function checkRules(work: CheckWork): void {
  const { items, lines, patient, setting, limits, add } = work;
  if (lines.length > limits.medicinesMost)
    add("count", "block", {
      source: limitSources.count,
      params: { most: limits.medicinesMost, count: lines.length },
    });
  if (
    setting.channel === "internet" &&
    patient.ageMonths !== null &&
    patient.ageMonths < limits.internetChildYears * 12 &&
    !(setting.guardianPresent && setting.specialistPresent)
  )
    add("internet-child", "block", {
      source: limitSources.internet,
      params: { years: limits.internetChildYears },
    });
  for (const item of items) {
    checkClasses(work, item);
    checkDays(work, item);
    checkQuantity(work, item);
  }
}

function checkClasses({ setting, add }: CheckWork, item: Item): void {
  for (const one of item.medicine.classes) {
    const params = { medicine: nameOf(item.medicine), class: classWords[one] ?? one };
    if (setting.channel === "internet" && internetExcluded.includes(one))
      add("internet-class", "block", { items: [item], source: limitSources.internet, params });
    else if (specialForm.includes(one))
      add("special-form", "block", { items: [item], source: limitSources.count, params });
    const allowed = one === "antimicrobial" && setting.diagnoses.some(isChronicInfection);
    if (setting.kind === "long" && longExcluded.includes(one) && !allowed)
      add("long-class", "block", { items: [item], source: limitSources.long, params });
  }
}

function checkDays({ setting, limits, add }: CheckWork, item: Item): void {
  const most = {
    ordinary: limits.ordinaryDays,
    emergency: limits.emergencyDays,
    long: limits.longDaysMost,
  }[setting.kind];
  const { days } = item.line;
  const medicine = nameOf(item.medicine);
  // Doses are not counted by the day where nothing is measured: a tube is a tube.
  if (days > most)
    add("days", "block", {
      items: [item],
      source: setting.kind === "long" ? limitSources.long : limitSources.count,
      params: { medicine, days, most },
    });
  else if (days > limits.longDays && !(setting.assessed && setting.noted && setting.patientSigned))
    add("long-assessment", "block", {
      items: [item],
      source: limitSources.long,
      params: { medicine, days: limits.longDays },
    });
}

function checkQuantity({ add }: CheckWork, item: Item): void {
  const { line, medicine } = item;
  if (medicine.amount === null) return;
  const needed = unitsNeeded(line);
  const params = {
    medicine: nameOf(medicine),
    quantity: line.quantity,
    unit: medicine.unit,
    days: line.days,
    needed,
  };
  if (line.quantity < needed)
    add("quantity-short", "note", { items: [item], source: limitSources.house, params });
  // A pack that is begun is handed out whole.
  else if (line.frequency !== "once" && line.quantity >= needed + medicine.pack)
    add("quantity-long", "reason", {
      items: [item],
      source: limitSources.count,
      params: { ...params, lasts: Math.round((line.quantity / needed) * line.days) },
    });
}
