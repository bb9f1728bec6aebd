// What script adds to reading: copying a link or a citation, saying "useful" without leaving the page, and
// remembering in this browser, only where the reader asks, an area and what was read. Nothing of it is sent anywhere.

const AREA = "kb-area";
const READ = "kb-read"; // { section: { day, revision } }

const kept = {
  get: (name) => {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null; // storage is forbidden, or holds what is not ours
    }
  },
  set: (name, value) => {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch { /* without storage nothing is remembered, and the page is whole */ }
  },
  forget: (name) => {
    try {
      localStorage.removeItem(name);
    } catch { /* as above */ }
  },
};

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const button = (text, act) => {
  const made = element("button", { type: "button", className: "app-link-button", textContent: text });
  made.addEventListener("click", act);
  return made;
};

const status = () => {
  const made = element("span");
  made.setAttribute("role", "status");
  return made;
};

const longDay = (iso) => new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso));

// --- copying: for the one paragraph that was gone to, and on the page of its citation

const copier = (label, text, say) => button(label, async () => {
  try {
    await navigator.clipboard.writeText(text);
    say.textContent = "Copied";
  } catch { // forbidden by the browser's owner
    say.textContent = `This browser does not let a page copy. Select this instead: ${text}`;
  }
});

const article = document.querySelector("article[data-citation]");

const equip = () => {
  const paragraph = document.getElementById(location.hash.slice(1)); // `:target` is not set yet when a page opens
  const tools = article && paragraph?.querySelector(":scope > .app-tools");
  if (!tools || tools.querySelector("button") || !navigator.clipboard) return; // none but on a secure page
  const number = paragraph.querySelector(".app-paragraph__number").textContent;
  const link = new URL(article.dataset.link.replace("{pid}", paragraph.id), location.href);
  const address = link.host + link.pathname + link.hash;
  const citation = article.dataset.citation.replace("{number}", () => number).replace("{address}", () => address);
  const say = status();
  tools.querySelector("a").replaceWith(copier("Copy link", link.href, say), copier("Copy citation", citation, say));
  tools.append(say);
};

equip();
addEventListener("hashchange", equip);
// Following its number leaves the keyboard there, so that the next stop is what can be done with the paragraph.
article?.addEventListener("click", (event) => {
  const number = event.target.closest(".app-paragraph__number");
  if (number) setTimeout(() => number.focus({ preventScroll: true }));
});

for (const text of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const say = status();
  text.after(element("p", { className: "govuk-body-s" }, copier("Copy", text.textContent, say), " ", say));
}

// --- is this page useful?

for (const form of document.querySelectorAll("[data-useful]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const say = form.parentElement.querySelector("[data-useful-status]");
    try {
      const body = new URLSearchParams(new FormData(form, event.submitter));
      const answer = await fetch(form.action, { method: "POST", body });
      if (!answer.ok) throw new Error();
      form.hidden = true;
      say.textContent = "Thank you. The editors will see that this page is useful.";
      say.focus();
    } catch {
      say.textContent = "That could not be sent. Try again in a minute.";
    }
  });
}

// --- what was read

const section = document.querySelector("article[data-section]")?.dataset;

const markRead = () => {
  const read = kept.get(READ);
  if (read) kept.set(READ, { ...read, [section.section]: { day: section.today, revision: section.revision } });
};

const offerToRemember = () => {
  const place = document.querySelector("[data-remember]");
  if (!place) return;
  const remembers = kept.get(READ) !== null;
  const words = remembers
    ? "This browser remembers which sections you have read, and tells you when they change. "
    : "This browser can remember which sections you have read, and tell you when they change. Not for a shared computer. ";
  const change = remembers
    ? button("Forget what I have read", () => { kept.forget(READ); offerToRemember(); })
    : button("Remember in this browser what I have read", () => { kept.set(READ, {}); markRead(); offerToRemember(); });
  const asked = place.contains(document.activeElement);
  place.replaceChildren(element("p", { className: "govuk-body-s" }, words, change));
  place.hidden = false;
  if (asked) change.focus();
};

// The line is there before the page is seen, so that it pushes nothing down; how much has changed is added to it.
const tellOfChanges = async ({ day }) => {
  const place = document.querySelector("[data-changed-since]");
  const since = `since you read this on ${longDay(day)}. `;
  const words = element("strong", { textContent: `Paragraphs changed ${since}` });
  const address = `/sections/${encodeURIComponent(section.section)}/since?day=${encodeURIComponent(day)}`;
  const link = element("a", { className: "govuk-link", href: address, textContent: "See what changed" });
  const done = button("I have read the changes", () => { markRead(); place.replaceChildren(); });
  place.replaceChildren(element("p", {}, words, link, " ", done));
  const answer = await fetch(address);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const changed = Number(page.querySelector("[data-changed]")?.dataset.changed ?? 0);
  const paragraphs = changed === 1 ? "paragraph" : "paragraphs";
  words.textContent = `${changed || "No"} ${paragraphs} changed ${since}`;
  if (!changed) markRead();
};

if (section) {
  const before = kept.get(READ)?.[section.section];
  if (before && before.revision !== section.revision) tellOfChanges(before).catch(() => {});
  else markRead();
  offerToRemember();
}

// --- my area first

const putFirst = (area) => {
  let moved = false;
  for (const own of document.querySelectorAll(`[data-area="${CSS.escape(area)}"]`)) {
    let first = own;
    for (let before = own.previousElementSibling; before?.dataset.area && before.dataset.area !== area;) {
      first = before;
      before = before.previousElementSibling;
    }
    if (first === own) continue;
    first.before(own);
    moved = true;
  }
  if (moved) document.querySelector(":target")?.scrollIntoView();
};

const offerArea = () => {
  const asked = new URLSearchParams(location.search).get("area");
  const own = kept.get(AREA);
  for (const place of document.querySelectorAll("[data-areas]")) {
    place.querySelectorAll("button, br").forEach((each) => each.remove());
    const choice = place.querySelector(`[data-area-choice="${CSS.escape(asked ?? own ?? "")}"]`);
    choice?.setAttribute("aria-current", "true");
    const offerAgain = () => {
      choice?.toggleAttribute("aria-current", false);
      offerArea();
      (place.querySelector("button") ?? place.querySelector("a")).focus();
    };
    if (own) {
      place.append(element("br"), button("Forget my area", () => { kept.forget(AREA); offerAgain(); }));
    } else if (choice) {
      const words = `Remember ${choice.dataset.areaName} in this browser`;
      place.append(element("br"), button(words, () => { kept.set(AREA, asked); offerAgain(); }));
    }
  }
  return asked ?? own;
};

const area = offerArea();
if (typeof area === "string") putFirst(area);

// --- on paper

addEventListener("beforeprint", () => {
  const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/London" });
  document.documentElement.dataset.paperMade = `Printed ${time.format(new Date())}`;
});
