/** The first whole sentence: a warning cut in the middle would say something else. */
export function firstSentence(text: string): string {
  return /^[^。！？!?།]*[。！？!?།]?/.exec(text)?.[0] ?? text;
}
