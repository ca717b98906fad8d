// What all parts share: elements, colours, texts.
const byId = (id) => document.getElementById(id);
// Control and invisible characters are spelled out, so that no text hides or turns around.
const visible = (text) => text.replace(/[\p{C}\p{Z}]/gu, (c) => (c === " " ? c : `\\u{${c.codePointAt(0).toString(16)}}`));
const made = (name, { text, colour, ...properties } = {}, children = []) => {
  const element = Object.assign(document.createElement(name), properties);
  if (text !== undefined) element.textContent = text;
  if (colour !== undefined) {
    element.style.setProperty("--hue", colour.hue);
    element.dataset.tone = colour.tone;
  }
  element.append(...children);
  return element;
};
const countText = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
// Cut off after two decimals: a score that is shown as 0.99 reaches the threshold 0.99, and not 1.00.
const scoreText = (score) => (score === null ? "?" : (Math.floor(Math.round(score * 1e4) / 100) / 100).toFixed(2));
// At most eight hues, far from one another; further classes have a darker tone of the hues between them, then a lighter tone.
const HUES = 8, TONES = 3;
const colourOf = (number, count) => {
  const hues = Math.min(count, HUES), tone = Math.floor(number / HUES) % TONES;
  return { hue: (250 + (360 / hues) * ((number % hues) + (tone % 2) / 2)) % 360, tone };
};
let silence;
const announce = (text, wait = 0) => {
  clearTimeout(silence);
  silence = setTimeout(() => { byId("said").textContent = text; }, wait);
};
