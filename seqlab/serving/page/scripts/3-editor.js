// The text area, and the mirror behind it that holds the highlights. `parts` are { start, end, label, colour, score, faded }.
const area = byId("text"), mirror = byId("mirror"), sheet = byId("sheet"), labelLayer = byId("labels");
const ROOM_FOR_SCORE = 40; // pixels, for a score after the first letters of a label
let drawn = [];

const drawHighlights = (text, parts) => {
  const pieces = [];
  let position = 0;
  drawn = parts.map((part) => ({ part, mark: made("mark", { className: part.faded ? "faded" : "", text: text.slice(part.start, part.end), colour: part.colour }) }));
  for (const { part, mark } of drawn) {
    pieces.push(text.slice(position, part.start), mark);
    position = part.end;
  }
  // A last line that is empty has a height only with something on it.
  mirror.replaceChildren(...pieces, `${text.slice(position)}\u200b`);
  placeLabels();
};

// A label stands under the first line of its span, and ends where the next label on that line begins. Its name is cut off, not its score.
const placeLabels = () => {
  if (!sheet.classList.contains("spans")) return labelLayer.replaceChildren();
  const box = labelLayer.getBoundingClientRect();
  const places = drawn.flatMap(({ part, mark }) => {
    const rects = [...mark.getClientRects()].filter((rect) => rect.width > 0);
    return rects.length ? [{ part, left: rects[0].left - box.left, top: rects[0].bottom - box.top }] : [];
  });
  const inOrder = [...places].sort((a, b) => a.top - b.top || a.left - b.left);
  const elements = inOrder.map(({ part, left, top }, index) => {
    const next = inOrder[index + 1];
    const end = next && Math.abs(next.top - top) < 4 ? next.left - 4 : box.width - 4;
    const width = Math.max(0, end - left), name = made("span", { text: visible(part.label) });
    const score = width < ROOM_FOR_SCORE ? [] : [" ", made("i", { text: scoreText(part.score) })];
    const label = made("b", { colour: part.colour }, [name, ...score]);
    Object.assign(label.style, { left: `${left}px`, top: `${top + 1}px`, maxWidth: `${width}px` });
    return label;
  });
  labelLayer.replaceChildren(...elements);
};

// Until the server answers, highlights move with the text that is typed before them; those that it touches vanish.
const moved = (parts, before, after) => {
  const shorter = Math.min(before.length, after.length);
  let head = 0, tail = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const shift = after.length - before.length, stop = before.length - tail;
  return parts.flatMap((part) => {
    if (part.end <= head) return [part];
    if (part.start >= stop) return [{ ...part, start: part.start + shift, end: part.end + shift }];
    return [];
  });
};

const select = ({ start, end }) => {
  area.focus();
  area.setSelectionRange(start, end);
};
let sheetWidth = 0;
new ResizeObserver(() => {
  if (sheet.clientWidth !== sheetWidth) placeLabels();
  sheetWidth = sheet.clientWidth;
}).observe(sheet);
document.fonts?.ready.then(placeLabels);
