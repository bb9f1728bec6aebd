// What script adds to pages that are whole without it: suggestions in the search box, a key that leads
// to it, and the time of printing on paper. Everything it shows comes from this site's own /suggest.

const SHORTEST = 2;
const PAUSE = 120; // milliseconds; long enough not to ask at every key of a fast typist

const escaped = (text) => {
  const holder = document.createElement("span");
  holder.textContent = text ?? "";
  return holder.innerHTML;
};

// Answers may come back out of order: only the one to the last question is shown.
const suggestions = () => {
  let asked = 0;
  let waiting;
  return (words, show) => {
    const question = ++asked;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const answer = await fetch(`/suggest?q=${encodeURIComponent(words)}`);
        const found = answer.ok ? await answer.json() : [];
        if (question === asked) show(found);
      } catch {
        if (question === asked) show([]); // without a network the box is still a box
      }
    }, PAUSE);
  };
};

const enhance = (holder) => {
  const plain = holder.querySelector("input");
  const form = plain.form;
  const typed = plain.value;
  holder.replaceChildren();
  window.accessibleAutocomplete({
    element: holder,
    id: plain.id,
    name: plain.name,
    defaultValue: typed,
    minLength: SHORTEST,
    confirmOnBlur: false,
    showNoOptionsFound: false,
    displayMenu: "overlay",
    inputClasses: plain.className,
    source: suggestions(),
    templates: { inputValue: (words) => words ?? "", suggestion: escaped },
    onConfirm: (words) => {
      if (!words) return;
      holder.querySelector("input[name]").value = words;
      form.requestSubmit();
    },
  });
  const input = holder.querySelector("input");
  // The component keeps Enter to itself while suggestions are open. Here Enter in the box searches.
  holder.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== input) return;
    event.preventDefault();
    event.stopPropagation();
    form.requestSubmit();
  }, { capture: true });
  for (const name of ["aria-describedby", "autocapitalize", "enterkeyhint", "maxlength", "spellcheck"]) {
    const own = input.getAttribute(name);
    const value = plain.getAttribute(name);
    if (value) input.setAttribute(name, name === "aria-describedby" && own ? `${value} ${own}` : value);
  }
};

if (window.accessibleAutocomplete) document.querySelectorAll("[data-suggest]").forEach(enhance);

// Ctrl K, or Cmd K where there is one, leads to the search box; a page without one leaves the key alone.
const box = document.getElementById("q");
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

if (box) {
  // A Mac's own Ctrl K cuts to the end of the line being written.
  const leadsHere = ({ key, ctrlKey, metaKey, altKey, shiftKey }) =>
    key.toLowerCase() === "k" && (metaKey || (ctrlKey && !isMac)) && !altKey && !shiftKey;
  addEventListener("keydown", (event) => {
    if (!leadsHere(event)) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  box.setAttribute("aria-keyshortcuts", isMac ? "Meta+K" : "Control+K");
  // Said only where a keyboard is likely and the line has room.
  if (matchMedia("(hover: hover) and (pointer: fine) and (min-width: 40.0625em)").matches) {
    document.getElementById("q-hint")?.append(` ${isMac ? "Cmd" : "Ctrl"} K leads here from any page.`);
  }
}

// The filters stand open beside the results; styles alone can do it where the browser lets them.
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 48.0625em)").matches) {
  document.querySelector(".app-filter")?.setAttribute("open", "");
}

addEventListener("beforeprint", () => {
  const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
  document.querySelectorAll("[data-printed]").forEach((line) => {
    line.textContent = `Printed ${time.format(new Date())}. Check that it is still in force.`;
  });
});
