// Keyboard letters for the desk. Every page works without this file: it only presses what is on the page.
"use strict";

(() => {
  const STORED = "sportello.keys";
  const root = document.documentElement;
  const toggle = document.querySelector("[data-keys-switch]");
  let enabled = true;
  try { enabled = localStorage.getItem(STORED) !== "off"; } catch { /* Without storage the keys are on. */ }

  function show() {
    root.classList.toggle("keys", enabled);
    if (toggle) {
      toggle.hidden = false;
      toggle.textContent = enabled ? toggle.dataset.on : toggle.dataset.off;
      toggle.setAttribute("aria-pressed", String(enabled));
    }
  }

  const isField = (element) => element.matches("input, textarea, select");

  function move(step) {
    const rows = [...document.querySelectorAll("a.row")];
    const focused = rows.indexOf(document.activeElement);
    const from = focused >= 0 ? focused : rows.findIndex((row) => row.hasAttribute("aria-current"));
    const row = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
    if (row) { row.focus(); }
  }

  function press(target) {
    const needed = target.dataset.needs && document.getElementById(target.dataset.needs);
    if (needed && needed.value.trim() === "") { needed.focus(); return; }
    if (isField(target)) { target.focus(); target.select(); return; }
    target.click();
    const details = target.closest("details");
    if (details && details.open) { details.querySelector("select").focus(); }
  }

  document.addEventListener("keydown", (event) => {
    if (!enabled || event.altKey || event.metaKey) { return; }
    const field = isField(event.target);
    if (event.key === "Escape" && field) { event.target.blur(); return; }
    if (event.key === "Enter" && event.ctrlKey && event.target.id === "words") {
      const answer = document.querySelector('[data-key="r"]');
      if (answer) { event.preventDefault(); press(answer); }
      return;
    }
    if (field || event.ctrlKey) { return; }
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") { event.preventDefault(); move(key === "j" ? 1 : -1); return; }
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (target) { event.preventDefault(); press(target); }
  });

  // A ready answer goes into the field at once, below what is there already.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-text]");
    const words = document.getElementById("words");
    if (!link || !words) { return; }
    event.preventDefault();
    words.value = words.value.trim() === "" ? link.dataset.text : `${words.value.trimEnd()}\n\n${link.dataset.text}`;
    words.focus();
  });

  if (toggle) {
    toggle.addEventListener("click", () => {
      enabled = !enabled;
      try { localStorage.setItem(STORED, enabled ? "on" : "off"); } catch { /* It holds for this page. */ }
      show();
    });
  }
  show();
})();
