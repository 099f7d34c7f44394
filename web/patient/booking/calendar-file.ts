/** A visit as a calendar file (RFC 5545), so that the phone's own calendar reminds of it. Pure. */

const instant = (at: string | number) =>
  new Date(at)
    .toISOString()
    .replace(/[-:]/g, "")
    .replace(/\.\d{3}/, "");
const text = (words: string) => words.replace(/([\\;,])/g, "\\$1").replace(/\r?\n/g, "\\n");

/** Lines longer than 75 octets go on in the next, never within a letter (RFC 5545, 3.1). */
function fold(line: string): string {
  const encoder = new TextEncoder();
  const parts: string[] = [""];
  let octets = 0;
  for (const letter of line) {
    const size = encoder.encode(letter).length;
    if (octets + size > 74) {
      parts.push("");
      octets = 0;
    }
    parts[parts.length - 1] += letter;
    octets += size;
  }
  return parts.join("\r\n ");
}

/**
 * @param event instants are ISO with offset; `remindMinutes` before the start an alarm is given
 * @returns the file's text; lines end in CRLF
 */
export function calendarFile(
  event: {
    id: string;
    version: number;
    startsAt: string;
    endsAt: string;
    title: string;
    place: string;
    notes: string;
    remindMinutes: number;
  },
  now: number,
): string {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Yilian//Booking//EN",
    "METHOD:PUBLISH",
    "BEGIN:VEVENT",
    `UID:${event.id}@yilian`,
    `SEQUENCE:${event.version}`,
    `DTSTAMP:${instant(now)}`,
    `DTSTART:${instant(event.startsAt)}`,
    `DTEND:${instant(event.endsAt)}`,
    `SUMMARY:${text(event.title)}`,
    `LOCATION:${text(event.place)}`,
    `DESCRIPTION:${text(event.notes)}`,
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${text(event.title)}`,
    `TRIGGER:-PT${event.remindMinutes}M`,
    "END:VALARM",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ]
    .map(fold)
    .join("\r\n");
}
