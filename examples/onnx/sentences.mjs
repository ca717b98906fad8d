// Lines of JSON -> sentences with the columns that a tagger reads.

/** A mistake of the user's; its message is one line that says what to do. */
export class Mistake extends Error {}

/** The sentence of a line. number: of the line. about: tagger.json. Throws Mistake for a sentence without its columns. */
export function sentenceOf(line, number, about) {
  const refuse = (fact) => { throw new Mistake(`line ${number}: ${fact}`); };
  let sentence = null;
  try { sentence = JSON.parse(line); } catch { refuse('not JSON; expected {"tokens": ["…"]}'); }
  const { tokens, features, numbers } = sentence ?? {};
  if (tokens === undefined && sentence?.text !== undefined)
    refuse('has "text", but the tagger takes tokens; cut the text and give {"tokens": ["…"]}');
  if (!Array.isArray(tokens) || !tokens.every(isText)) refuse('expected {"tokens": ["…"]}');
  const check = (values, name, key, fits, what) => {
    if (!Array.isArray(values?.[name]) || values[name].length !== tokens.length || !values[name].every(fits))
      refuse(`expected ${what} per token in "${key}": {${JSON.stringify(name)}: […]}`);
  };
  for (const name in about.feature_columns) check(features, name, "features", isText, "one string");
  for (const name in about.numeric_columns) check(numbers, name, "numbers", isNumber, "one number or null");
  return sentence;
}

const isText = (value) => typeof value === "string";
const isNumber = (value) => value === null || typeof value === "number";
