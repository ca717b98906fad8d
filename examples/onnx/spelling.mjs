// How the spelling of a word becomes its vocabulary entry and the symbols of its word features.

const SLICES = { prefix_2: [0, 2], prefix_3: [0, 3], suffix_2: [-2], suffix_3: [-3] };
const isLower = (word) => /\p{Lowercase}/u.test(word) && !/[\p{Uppercase}\p{Lt}]/u.test(word);
const isUpper = (word) => /\p{Uppercase}/u.test(word) && !/[\p{Lowercase}\p{Lt}]/u.test(word);

/** The vocabulary entry of a word: lower case, every digit a 0. */
export const normalise = (word) => word.toLowerCase().replace(/\p{Nd}/gu, "0");

/** The symbol of a word feature. name: its input of the network. digits: the set of all digits. */
export function symbolOf(name, word, digits) {
  if (name === "case") return casePattern(word, digits);
  if (name === "shape") return shape(word, digits);
  return [...normalise(word)].slice(...SLICES[name]).join("");
}

function casePattern(word, digits) {
  const [first, ...rest] = word; // letters, not UTF-16 units
  if ([...word].some((letter) => digits.has(letter)))
    return /^[\p{Nd}.,:/%+-]+$/u.test(word) ? "number" : "with digits";
  if (isLower(word)) return "lower";
  if (rest.length && isUpper(word)) return "upper";
  if (first && isUpper(first) && (!rest.length || isLower(rest.join("")))) return "capitalised";
  return /\p{L}/u.test(word) ? "mixed" : "other";
}

function shape(word, digits) {
  const shapeOf = (letter) => {
    if (/\p{L}/u.test(letter)) return /\p{Uppercase}/u.test(letter) ? "X" : "x";
    return digits.has(letter) ? "0" : letter;
  };
  return [...word].map(shapeOf).join("").replace(/(.)\1{2,}/gsu, "$1$1");
}
