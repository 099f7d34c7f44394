/** Answers held against their Questionnaire, when that comes with them: contained or in the Bundle. */
import { isObject, type Json, objectsOf, type Run } from "./run.ts";

/** Types that an answer may have, by the type of the question. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  boolean: ["Boolean"],
  decimal: ["Decimal"],
  integer: ["Integer"],
  date: ["Date"],
  dateTime: ["DateTime"],
  time: ["Time"],
  string: ["String"],
  text: ["String"],
  url: ["Uri"],
  choice: ["Coding", "String", "Integer", "Date", "Time", "Reference"],
  "open-choice": ["Coding", "String", "Integer", "Date", "Time", "Reference"],
  attachment: ["Attachment"],
  reference: ["Reference"],
  quantity: ["Quantity"],
};
const FINISHED = new Set(["completed", "amended"]);

/** Checks a QuestionnaireResponse beyond its structure. */
export function checkAnswers(response: Json, run: Run): void {
  const questionnaire = questionnaireOf(response, run);
  if (!questionnaire) return;
  const isFinished = FINISHED.has(String(response.status));
  checkItems(objectsOf(response.item), objectsOf(questionnaire.item), isFinished, run);
}

function questionnaireOf({ questionnaire }: Json, run: Run): Json | undefined {
  if (typeof questionnaire !== "string") return undefined;
  if (questionnaire.startsWith("#")) {
    const found = run.scope?.contained.get(questionnaire.slice(1));
    if (!found) run.error("not-found", "nothing contained has this id", "questionnaire");
    return found?.resourceType === "Questionnaire" ? found : undefined;
  }
  const [url] = questionnaire.split("|");
  for (const resource of run.bundle?.byFullUrl.values() ?? []) {
    if (resource.resourceType === "Questionnaire" && resource.url === url) return resource;
  }
  return undefined;
}

function checkItems(
  given: readonly Json[],
  asked: readonly Json[],
  isFinished: boolean,
  run: Run,
): void {
  const questions = new Map(asked.map((item) => [item.linkId, item]));
  run.path.push("item", 0);
  given.forEach((item, index) => {
    run.path[run.path.length - 1] = index;
    const question = questions.get(item.linkId);
    if (question) checkItem(item, question, isFinished, run);
    else run.error("not-found", "the Questionnaire asks nothing of this linkId here", "linkId");
  });
  run.path.length -= 2;
  if (!isFinished) return;
  for (const [linkId, question] of questions) {
    if (question.required !== true || question.enableWhen !== undefined) continue;
    const answer = given.find((item) => item.linkId === linkId);
    const isAnswered = answer && (objectsOf(answer.answer).length > 0 || question.type === "group");
    if (!isAnswered) run.error("required", "a required question is not answered", "item");
  }
}

function checkItem(item: Json, question: Json, isFinished: boolean, run: Run): void {
  const answers = objectsOf(item.answer);
  const type = String(question.type);
  if ((type === "group" || type === "display") && answers.length > 0) {
    run.error("structure", `a ${type} has no answer`, "answer");
  }
  if (question.repeats !== true && answers.length > 1) {
    run.error("structure", "may be answered once only", "answer");
  }
  const inner = objectsOf(question.item);
  answers.forEach((answer, index) => {
    run.path.push("answer", index);
    checkAnswer(answer, type, question, run);
    checkItems(objectsOf(answer.item), inner, isFinished, run);
    run.path.length -= 2;
  });
  if (type === "group") checkItems(objectsOf(item.item), inner, isFinished, run);
}

function checkAnswer(answer: Json, type: string, question: Json, run: Run): void {
  const key = Object.keys(answer).find((name) => name.startsWith("value"));
  const allowed = ANSWERS[type];
  if (!key || !allowed) return;
  if (!allowed.some((name) => key === `value${name}`)) {
    run.error("structure", `the question is of type ${type}`, "value");
    return;
  }
  const options = objectsOf(question.answerOption);
  if (type !== "choice" || options.length === 0) return;
  if (!options.some((option) => isSame(option[key], answer[key]))) {
    run.error("code-invalid", "is not among the answers that the question offers", "value");
  }
}

/** Codings are the same by system and code, whatever they are called. */
function isSame(first: unknown, second: unknown): boolean {
  if (isObject(first) && isObject(second)) {
    return first.reference === undefined
      ? first.system === second.system && first.code === second.code
      : first.reference === second.reference;
  }
  return first === second;
}
