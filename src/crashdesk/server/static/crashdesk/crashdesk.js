/* Keys, selection, copying, and bars that go away. Every page works without this file; it saves hands and time. */
"use strict";

(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const rows = () => all("tr[data-issue]");
  const current = () => document.querySelector("tr.current");
  const boxes = () => all('tr[data-issue] input[type="checkbox"]:not(:disabled)');

  function showSelection() {
    const bar = document.querySelector("[data-pick-bar]");
    if (!bar) return;
    const number = boxes().filter((box) => box.checked).length;
    const count = bar.querySelector("[data-pick-count]");
    count.textContent = number === 1 ? count.dataset.one : count.dataset.many.replace("#", String(number));
    bar.hidden = number === 0;
    const undo = document.querySelector("[data-vanish]");
    if (undo && number) undo.hidden = true;
  }

  function move(step) {
    const list = rows();
    if (!list.length) return;
    const now = current();
    const position = now ? list.indexOf(now) + step : 0;
    const next = list[Math.max(0, Math.min(list.length - 1, position))];
    markRow(next);
  }

  function markRow(row) {
    current()?.classList.remove("current");
    row.classList.add("current");
    row.querySelector(".what a").focus();
    row.scrollIntoView({ block: "nearest" });
  }

  const PLACE = "crashdesk-row";

  // A change by key loads the list again: the next key goes on where the hand was, not at the top.
  function keepPlace() {
    const first = boxes().find((box) => box.checked)?.closest("tr");
    const row = current() || first;
    if (row) sessionStorage.setItem(PLACE, JSON.stringify([location.search, rows().indexOf(row)]));
  }

  function takePlace() {
    const [search, position] = JSON.parse(sessionStorage.getItem(PLACE) || "[]");
    sessionStorage.removeItem(PLACE);
    const list = rows();
    if (search === location.search && list.length) markRow(list[Math.min(position, list.length - 1)]);
  }

  function toggle() {
    const box = current()?.querySelector('input[type="checkbox"]:not(:disabled)');
    if (!box) return;
    box.checked = !box.checked;
    showSelection();
  }

  function press(key) {
    if (current() && !boxes().some((box) => box.checked)) toggle();
    const button = all(`[data-key="${key}"]`).find((found) => !found.closest("[hidden]"));
    if (!button) return;
    keepPlace();
    button.click();
  }

  function openKeys() {
    const dialog = document.getElementById("keys");
    if (dialog && !dialog.open) dialog.showModal();
  }

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    x: toggle,
    e: () => press("e"),
    a: () => press("a"),
    "/": () => { const field = document.getElementById("query"); field?.focus(); field?.select(); },
    "?": openKeys,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest('textarea, select, dialog, input:not([type="checkbox"])');
    if (typing) return;
    const action = KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches('input[type="checkbox"]')) showSelection();
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-pick-none]")) {
      all("#issue-table input[type='checkbox']").forEach((box) => { box.checked = false; });
      showSelection();
    }
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.lastChild.textContent = button.dataset.copied || "Copied";
  });

  function vanishLater() {
    all("[data-vanish]").forEach((bar) => setTimeout(() => bar.remove(), Number(bar.dataset.vanish) * 1000));
  }

  document.addEventListener("DOMContentLoaded", () => { showSelection(); vanishLater(); takePlace(); });
  document.addEventListener("htmx:afterSettle", () => { showSelection(); vanishLater(); });

  function showTrouble() {
    const notice = document.getElementById("trouble");
    notice.hidden = false;
    notice.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:responseError", showTrouble);
  document.addEventListener("htmx:sendError", showTrouble);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (new URL(event.detail.xhr.responseURL).pathname !== "/login/") return;
    event.detail.shouldSwap = false;  // the session ended: the whole page leads to signing in and back
    location.reload();
  });
})();
