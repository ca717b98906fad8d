"use strict";
// What all parts of the page share: data, small elements, the status line, the navigation, copying.
const island = (name) => {
  const element = document.getElementById(`data-${name}`);
  return element ? JSON.parse(element.textContent) : null;
};
// Control and invisible characters are spelled out, so that no text hides or turns around.
const visible = (text) => text.replace(/[\p{C}\p{Z}]/gu, (c) => (c === " " ? c : `\\u{${c.codePointAt(0).toString(16)}}`));
const made = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const every = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const figureText = (value) => (value === null || value === undefined ? "–" : Number.isInteger(value) && value > 1 ? String(value) : value.toFixed(3));
const announce = (text) => { document.getElementById("said").textContent = text; };

const copyText = async (text, what) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = made("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  announce(`${what} copied`);
};

for (const button of every("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copyText(button.previousElementSibling.textContent, "Command");
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}
for (const part of every("[data-needs-script]")) part.hidden = false;

// One of several views, such as splits.
for (const group of every("[data-choices]")) {
  const name = group.dataset.choices;
  const choose = (chosen) => {
    for (const button of every("button", group)) button.setAttribute("aria-pressed", String(button.dataset.choice === chosen));
    for (const view of every(`[data-choice-of="${name}"]`)) view.hidden = view.dataset.choiceName !== chosen;
  };
  group.addEventListener("click", (event) => { if (event.target.dataset.choice) choose(event.target.dataset.choice); });
  choose(group.querySelector('[aria-pressed="true"]').dataset.choice);
}

// The navigation marks the section that is being read.
const links = new Map(every("nav a").map((link) => [link.hash.slice(1), link]));
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links.values()) link.removeAttribute("aria-current");
    const link = links.get(entry.target.id);
    link.setAttribute("aria-current", "true");
    const bar = link.closest("ul");
    const left = link.offsetLeft - bar.offsetLeft;
    if (left < bar.scrollLeft || left + link.offsetWidth > bar.scrollLeft + bar.clientWidth) bar.scrollLeft = left - 24;
  }
}, { rootMargin: "-20% 0px -70% 0px" });
for (const section of every("main > section")) watcher.observe(section);
