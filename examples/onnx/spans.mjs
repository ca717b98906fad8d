// Tags of a sentence -> spans of its tokens, as `seqlab tag` reads them. Plain tags (scheme "plain") have no spans.

/**
 * Spans {start, end, label}, in order: tokens from `start` to before `end`. tags: the answer of a tagger for one
 * sentence, a list of {tag, score}, or a list of tags. Works for every scheme: iob1, iob2, iobes (BILOU too), bmes.
 */
export function spansOf(tags) {
  const spans = [];
  let open = null, complete = false; // the span that the next token may continue; whether an E- or S- has ended it
  tags.map((one) => one.tag ?? one).forEach((tag, token) => {
    const letter = tag[0], label = tag.slice(2) || "_"; // tags that are letters alone have one type without a name
    if (tag === "O" || /^[BIESLUM]-O$/.test(tag)) open = null;
    else if (!open || label !== open.label || "BSU".includes(letter) || complete)
      spans.push((open = { start: token, end: token + 1, label }));
    else open.end = token + 1;
    complete = "ESLU".includes(letter);
  });
  return spans;
}
