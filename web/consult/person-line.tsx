import { useText } from "../i18n/i18n.ts";
import { nameOf, sexAndAge } from "./words.ts";

type Person = Parameters<typeof sexAndAge>[0] & { ethnicGroup?: string | null };

/** Name in both scripts, sex and age. A name is never split. */
export function PersonLine({ person, level = 1 }: { person: Person; level?: 1 | 2 }) {
  const t = useText();
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="person-line">
      <Heading>{nameOf(person, t)}</Heading>
      <span className="muted">
        {sexAndAge(person, t)}
        {person.ethnicGroup ? ` · ${person.ethnicGroup}` : ""}
      </span>
      {person.fullName && person.fullNameBo ? (
        <span lang="bo" className="muted">
          {person.fullNameBo}
        </span>
      ) : null}
    </div>
  );
}
