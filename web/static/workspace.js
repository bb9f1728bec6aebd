// What script adds to the form of a draft, which is whole without it: saving while somebody types, advice beside the
// words, dividing a paragraph where the cursor is, and putting in a link. All by the same addresses the buttons use.

const PAUSE = 3000; // milliseconds after the last key
const LONGEST = 12000; // milliseconds somebody can type on before a save comes between
const TYPING = 300;

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const json = { Accept: "application/json" };

// --- saving by itself

const saver = (form) => {
  const said = form.querySelector("[data-said]");
  const version = form.querySelector("[data-version]");
  let unsaved = false;
  let since = 0;
  let timer;
  let running = null;
  let over = false; // somebody else saved first, or this cannot be saved: a person decides

  const say = (...words) => said.replaceChildren(...words);

  const sent = async () => {
    unsaved = false;
    since = 0;
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "save");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: json, keepalive: body.toString().length < 60000 });
      const told = await answer.json().catch(() => ({})); // a page, where the site itself has a fault
      if (answer.ok && told.version) {
        version.value = told.version;
        const wrong = Object.values(told.wrong);
        if (!unsaved) say(wrong.length ? `${told.said} But: ${wrong.join(" ")}` : told.said);
        advise(form, told.advice);
        return;
      }
      unsaved = true;
      if (told.signed_out) {
        const link = element("a", { href: "/workspace/sign-in", target: "_blank", rel: "noopener", className: "govuk-link", textContent: "Sign in again in a new tab" });
        say(`Not saved. ${told.signed_out} Your words are still here. `, link, ", then go on typing here.");
        return;
      }
      over = answer.status === 409;
      say(`Not saved. ${told.overtaken ?? told.problem ?? "Press “Save”, and you are told why."}`);
    } catch {
      unsaved = true;
      since = Date.now(); // tried again after a pause
      say("Not saved: the site cannot be reached. Your words are still here; saving is tried again.");
    }
  };

  const save = () => {
    clearTimeout(timer);
    running ??= sent().finally(() => {
      running = null;
      if (unsaved && since) wait();
    });
    return running;
  };

  const wait = () => {
    clearTimeout(timer);
    if (over) return;
    const left = Math.max(0, LONGEST - (Date.now() - since));
    timer = setTimeout(save, Math.min(PAUSE, left));
  };

  form.addEventListener("input", (event) => {
    if (event.target.name?.endsWith(".add")) return; // a choice for a button, not a word of the text
    unsaved = true;
    since ||= Date.now();
    if (!over) {
      say("Not saved yet.");
      wait();
    }
  });

  let leaving = false;
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (running) { // the version it brings back is the one to save from
      event.preventDefault();
      running.then(() => form.requestSubmit(event.submitter));
      return;
    }
    leaving = true;
  });
  // Whoever goes on to the preview sees what they have just typed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]:not([target])");
    if (!link || link.getAttribute("href").startsWith("#") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (over || !(unsaved || running)) return;
    event.preventDefault();
    save().then(() => location.assign(link.href));
  });
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && unsaved && !over && !leaving) save();
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved && !leaving) event.preventDefault();
  });
};

// --- advice beside the words

const line = ({ what, cure }) =>
  element("p", { className: "app-advice" }, element("strong", { textContent: what }), ` ${cure}`);

const advise = (form, advice) => {
  for (const holder of form.querySelectorAll("[data-advice]")) {
    const place = Number(holder.dataset.advice);
    holder.replaceChildren(...advice.filter((each) => each.place === place).map(line));
  }
  const count = form.querySelector("[data-advice-count]");
  count.textContent = `${advice.length || "No"} ${advice.length === 1 ? "point" : "points"} of advice on this text`;
  const places = [...new Set(advice.map((each) => each.place))].filter((place) => place !== null);
  const links = places.map((place) => element("a", {
    className: "govuk-link",
    href: `#b${place}`,
    textContent: document.getElementById(`b${place}`)?.querySelector("legend").textContent ?? "",
  }));
  form.querySelector("[data-advice-places]").replaceChildren(...links.flatMap((link, at) => (at ? [", ", link] : [link])));
  form.querySelectorAll("[data-advice-list] > .app-advice").forEach((each) => each.remove());
  form.querySelector("[data-advice-list]").append(...advice.filter((each) => each.place === null).map(line));
};

// --- dividing where the cursor is: the mark is put in before the button is sent

const divide = (form) => {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[value^='split:']");
    const words = button?.closest("[data-block]").querySelectorAll("textarea");
    if (!words?.length || [...words].some((each) => /^---\s*$/m.test(each.value))) return;
    const at = [...words].find((each) => each.selectionStart > 0 && each.selectionStart < each.value.length);
    at?.setRangeText("\n---\n", at.selectionStart, at.selectionStart, "end");
  });
};

// --- a link by search

const picker = (form, words) => {
  const box = element("input", { className: "govuk-input", type: "search", id: `find-${words.id}`, autocomplete: "off" });
  const found = element("ul", { className: "govuk-list" });
  const status = element("p", { className: "govuk-body-s" });
  status.setAttribute("role", "status");
  let asked = 0;
  let timer;

  const choose = (notation) => {
    const chosen = words.value.slice(words.selectionStart, words.selectionEnd);
    const text = chosen && notation.startsWith("[") ? notation.replace(/^\[[^\]]*\]\(/, () => `[${chosen}](`) : notation;
    words.setRangeText(text, words.selectionStart, words.selectionEnd, "end");
    words.dispatchEvent(new Event("input", { bubbles: true }));
    words.focus();
    status.textContent = "The link is in the text.";
  };

  const search = async () => {
    const question = ++asked;
    try {
      const answer = await fetch(`${form.dataset.links}?q=${encodeURIComponent(box.value)}`, { headers: json });
      const targets = answer.ok ? await answer.json() : [];
      if (question !== asked) return;
      status.textContent = targets.length ? `${targets.length} found.` : "Nothing in force answers to that.";
      found.replaceChildren(...targets.map((target) => {
        const button = element("button", { type: "button", className: "app-link-button", textContent: target.name });
        button.addEventListener("click", () => choose(target.notation));
        return element("li", {}, button, target.words ? ` ${target.words.slice(0, 120)}` : "");
      }));
    } catch {
      status.textContent = "The site cannot be reached.";
    }
  };

  box.addEventListener("input", (event) => {
    event.stopPropagation(); // no word of the text
    clearTimeout(timer);
    if (box.value.trim().length > 1) timer = setTimeout(search, TYPING);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // Enter would save the form
  });
  const label = element("label", { className: "govuk-label", htmlFor: box.id, textContent: "A number, a title, or words of the paragraph to link to" });
  return element("div", {}, label, box, status, found);
};

const offerLinks = (form) => {
  for (const words of form.querySelectorAll(".app-edit__words")) {
    const name = words.labels[0].textContent.replace("Words of ", "");
    const summary = element("summary", { className: "app-tools-of__summary", textContent: "Put in a link" },
      element("span", { className: "govuk-visually-hidden", textContent: ` in ${name}` }));
    const holder = element("details", { className: "app-tools-of" }, summary);
    holder.addEventListener("toggle", () => {
      if (holder.open && holder.childElementCount === 1) holder.append(picker(form, words));
      if (holder.open) holder.querySelector("input").focus();
    });
    words.after(holder);
  }
};

// --- pasting: what the clipboard has as a page comes along, as long as the words beside it stay as they came

const keepMarkup = (form) => {
  const words = form.querySelector("textarea");
  const markup = element("input", { type: "hidden", name: "markup" });
  let plain = "";
  form.append(markup);
  words.addEventListener("paste", (event) => {
    const html = event.clipboardData.getData("text/html");
    if (!html || words.value.trim()) return; // pasted into words there are: only words
    markup.value = html;
    setTimeout(() => { plain = words.value; });
  });
  form.addEventListener("submit", () => {
    if (words.value !== plain) markup.value = "";
  });
};

for (const form of document.querySelectorAll("form[data-draft]")) {
  saver(form);
  divide(form);
  offerLinks(form);
}
document.querySelectorAll("form[data-paste]").forEach(keepMarkup);
