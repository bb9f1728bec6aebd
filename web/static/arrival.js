// What script adds to the way from a result to its paragraph: the keyboard is put where the reader landed, and the words
// that matched are marked there, once. They travel in this tab's own storage, never in an address, which gets copied,
// logged and printed.

const KEPT = "kb-found"; // { to: address, words: [] }
const results = document.querySelector("[data-found]");

const remember = (to) => {
  const words = [...new Set([...results.querySelectorAll("mark")].map((mark) => mark.textContent.toLowerCase()))];
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ to, words }));
  } catch { /* without storage nothing is marked, and the paragraph still stands out */ }
};

const takeWords = () => {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (kept?.to !== location.href) return [];
    sessionStorage.removeItem(KEPT);
    return kept.words;
  } catch {
    return [];
  }
};

const wholeWords = (words) => {
  const literal = (word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+");
  const either = words.toSorted((one, other) => other.length - one.length).map(literal).join("|");
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${either})(?![\\p{L}\\p{N}])`, "giu");
};

const rangesOf = (words, text) => {
  const ours = (node) => (node.parentElement.closest("details") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT, ours);
  const ranges = [];
  while (walker.nextNode()) {
    for (const match of walker.currentNode.data.matchAll(words)) {
      const range = new Range();
      range.setStart(walker.currentNode, match.index);
      range.setEnd(walker.currentNode, match.index + match[0].length);
      ranges.push(range);
    }
  }
  return ranges;
};

const arrive = () => {
  const paragraph = document.getElementById(location.hash.slice(1));
  if (!paragraph?.matches(".app-paragraph")) return;
  paragraph.tabIndex = -1;
  paragraph.addEventListener("blur", () => paragraph.removeAttribute("tabindex"), { once: true });
  paragraph.focus({ preventScroll: true }); // the browser has scrolled already
  const words = takeWords();
  if (!words.length || !globalThis.Highlight) return;
  const text = paragraph.querySelector(".app-paragraph__text");
  CSS.highlights.set("found", new Highlight(...rangesOf(wholeWords(words), text)));
};

results?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='#']");
  if (link) remember(link.href);
});
arrive();
