// What the panels of the camera and of the microphone share; it stands before each of them.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const percent = (share) => `${(100 * share).toFixed(0)} %`;

// One bar an emotion: label, bar, number; the highest is bold and marked, so colour is never needed.
class Bars {
  // never: what stands beside an emotion that the network knows nothing of
  constructor(emotions, colors, never = "") {
    this.never = never;
    this.heading = make("p", { class: "ew-heading" }, "Probability of each emotion");
    this.rows = new Map(
      emotions.map((emotion) => {
        const fill = make("div", { class: "ew-fill", style: `background:${colors[emotion]}` });
        const track = make("div", { class: "ew-track" }, fill);
        const number = make("span", { class: "ew-number", "aria-hidden": "true" }, "\u2013");
        const word = make("span", { "aria-hidden": "true" }, emotion);
        const meter = { role: "meter", "aria-label": emotion, "aria-valuemin": 0, "aria-valuemax": 100 };
        const node = make("div", { class: "ew-bar", "data-emotion": emotion, ...meter }, word, track, number);
        return [emotion, { node, fill, number }];
      }),
    );
    this.node = make("div", { class: "ew-bars" }, this.heading, ...[...this.rows.values()].map((row) => row.node));
    this.show(null, "", "");
  }

  // shares: emotion -> 0 to 1, null for an emotion that was never learnt; or null where there is no answer.
  show(shares, first, which) {
    this.heading.textContent = "Probability of each emotion" + (which ? `: ${which}` : "");
    for (const [emotion, { node, fill, number }] of this.rows) {
      const share = shares?.[emotion] ?? null;
      const marked = share !== null && emotion === first;
      const words = share !== null ? percent(share) : shares ? this.never : "\u2013";
      fill.style.width = `${100 * (share ?? 0)}%`; // without the space that text has
      number.textContent = (marked ? "\u25C0 " : "") + words;
      node.classList.toggle("ew-first", marked);
      node.classList.toggle("ew-never", shares !== null && share === null);
      node.setAttribute("aria-valuenow", (100 * (share ?? 0)).toFixed(0));
      node.setAttribute("aria-valuetext", shares ? words : which || "no answer yet");
    }
  }
}
