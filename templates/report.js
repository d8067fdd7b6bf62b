"use strict";
for (const section of document.querySelectorAll("section")) {
  const tools = section.querySelector(".tools");
  if (!tools) continue;
  const rows = [...section.querySelectorAll("tbody tr")].map((row) => [row, row.textContent.toLowerCase()]);
  const filter = tools.querySelector(".filter"), only = tools.querySelector(".only"), count = tools.querySelector(".count");
  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      const attention = row.classList.contains("bad") || row.classList.contains("care");
      row.hidden = !words.every((word) => text.includes(word)) || (only.checked && !attention);
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${rows.length}`;
  };
  tools.hidden = false;
  filter.addEventListener("input", show);
  only.addEventListener("change", show);
  show();
}
