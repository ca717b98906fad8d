// Scores of the network -> tags and probabilities: the CRF, the rules of the tag scheme, bias, temperature and doubt.

const largest = (numbers) => numbers.indexOf(Math.max(...numbers));
const sum = (...rows) => rows[0].map((_, index) => rows.reduce((total, row) => total + row[index], 0));
const logSoftmax = (scores, total = logSum(scores)) => scores.map((score) => score - total);

function logSum(numbers) {
  const most = Math.max(...numbers);
  return most + Math.log(numbers.reduce((total, number) => total + Math.exp(number - most), 0));
}

/** A function from the emissions of a sentence, [token][tag], to its tags. about: tagger.json. */
export function makeDecoder({ tags, crf, legal, bias, temperature, doubt = 0 }) {
  return (emissions) => {
    if (!emissions.length) return [];
    const logits = crf ? marginals(emissions, crf) : emissions;
    const scores = logits.map((row) => sum(logSoftmax(row), bias));
    const path = (legal && bestPath(scores, legal)) ?? scores.map(largest);
    return path.map((id, time) => {
      const calibrated = logSoftmax(logits[time].map((score) => score / temperature));
      return { tag: tags[id], score: (1 - doubt) * Math.exp(calibrated[id]) + doubt / tags.length };
    });
  };
}

/** Log-probabilities of each tag over all paths of the sentence, up to a constant per token (forward-backward). */
function marginals(emissions, { transitions, start, end }) {
  const before = [start], after = [end], tokens = emissions.length;
  for (let time = 1; time < tokens; time++) {
    const left = sum(emissions[time - 1], before.at(-1)), right = sum(emissions[tokens - time], after[0]);
    before.push(left.map((_, next) => logSum(left.map((score, tag) => score + transitions[tag][next]))));
    after.unshift(transitions.map((scores) => logSum(sum(right, scores))));
  }
  return emissions.map((row, time) => sum(row, before[time], after[time]));
}

/** The best path that the scheme allows (Viterbi); null if it allows none. */
function bestPath(scores, { pairs, start, end }) {
  const allowed = (totals, mask) => totals.map((total, tag) => (mask(tag) ? total : -Infinity));
  let totals = allowed(scores[0], (tag) => start[tag]);
  const back = scores.slice(1).map((row) => {
    const reached = row.map((_, next) => allowed(totals, (tag) => pairs[tag][next]));
    totals = row.map((score, next) => score + Math.max(...reached[next]));
    return reached.map(largest);
  });
  totals = allowed(totals, (tag) => end[tag]);
  const path = [largest(totals)];
  if (totals[path[0]] === -Infinity) return null;
  for (const from of back.reverse()) path.unshift(from[path[0]]);
  return path;
}
