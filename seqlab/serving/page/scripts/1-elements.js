// What all parts share: elements, colours, texts.
const byId = (id) => document.getElementById(id);
// Control and invisible characters are spelled out, so that no text hides or turns around.
const visible = (text) => text.replace(/[\p{C}\p{Z}]/gu, (c) => (c === " " ? c : `\\u{${c.codePointAt(0).toString(16)}}`));
const made = (name, { text, hue, ...properties } = {}, children = []) => {
  const element = Object.assign(document.createElement(name), properties);
  if (text !== undefined) element.textContent = text;
  if (hue !== undefined) element.style.setProperty("--hue", hue);
  element.append(...children);
  return element;
};
const countText = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
const scoreText = (score) => (score === null ? "?" : score.toFixed(2));
// The hues of neighbours stay far apart, however many classes there are.
const hueOf = (number) => (250 + 137.508 * number) % 360;
let silence;
const announce = (text, wait = 0) => {
  clearTimeout(silence);
  silence = setTimeout(() => { byId("said").textContent = text; }, wait);
};
