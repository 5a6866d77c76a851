"use strict";
// Every table sorts by a click on a column's name; the form, where there is one, filters the rows that have marks.
// Without this script the page is whole: all rows, in the order of the learners' names.

const said = document.getElementById("said");
const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function tell(text) {
  if (said) said.textContent = text;
}

function sortBy(table, place, button) {
  const head = button.parentElement;
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.children) {
    other.removeAttribute("aria-sort");
    other.querySelector(".arrow").textContent = "";
  }
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  head.querySelector(".arrow").textContent = down ? " ▼" : " ▲";
  const body = table.tBodies[0];
  const rows = Array.from(body.rows, (row) => [row.cells[place].textContent, row]);
  rows.sort((one, other) => (down ? -1 : 1) * order.compare(one[0], other[0]));
  body.append(...rows.map(([, row]) => row));
  tell(`Sorted by ${button.dataset.name}, ${down ? "descending" : "ascending"}.`);
}

for (const table of document.querySelectorAll("table")) {
  Array.from(table.tHead.rows[0].cells).forEach((head, place) => {
    const button = document.createElement("button");
    const arrow = document.createElement("span");
    button.type = "button";
    button.dataset.name = head.textContent;
    button.textContent = head.textContent;
    arrow.className = "arrow";
    arrow.setAttribute("aria-hidden", "true");
    button.append(arrow);
    button.addEventListener("click", () => sortBy(table, place, button));
    head.replaceChildren(button);
  });
}

const form = document.getElementById("filters");
if (form) {
  const rows = Array.from(document.querySelectorAll("tr[data-state]"));
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const has = (row, name, wanted) => !wanted || (row.dataset[name] || "").split(" ").includes(wanted);

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    const words = wanted.words.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = has(row, "state", wanted.state) && has(row, "open", wanted.question)
        && has(row, "wrong", wanted.misconception) && texts.get(row).includes(words);
      row.hidden = !fits;
      shown += fits;
    }
    tell(`${shown} of ${rows.length} rows are shown.`);
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
}

// a printed page cannot be opened up
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) {
    part.open = true;
    part.dataset.forPrint = "yes";
  }
});
addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details[data-for-print]")) part.open = false;
});
